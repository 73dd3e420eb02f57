"""Two hundred subscriptions composed: ``python -m bench.abonnements LAC``; the promise is under two minutes.

Four analyses of the shipped models, followed by two hundred accounts of different rights (a région each, then
everything), with and without a filter of their own.
"""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial

from apps.analyses.modeles import MODELES, load
from apps.commands.analyse_abonnements import composed
from lake.droits import UNIVERS, Droits
from lake.settings import Settings
from lake.store.accounts import accounts
from lake.store.analyses import models, subscriptions
from lake.store.analyses.reading import listed
from lake.store.migrate import open_store
from lake.tables import Lake

READERS = 200
REGIONS = ("11", "24", "27", "28", "32", "44", "52", "53", "75", "76", "84", "93", "94")


def main(root: str) -> None:
    """Compose them once, and say how long it took."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(lake=root, store=f"sqlite:///{folder}/store.db")
        store = open_store(settings)

        for _title, _done in load(partial(models.ship, store)):
            pass
        for rank in range(READERS):
            regional = rank % 4 != 0
            compte = accounts.create(
                store,
                email=f"lecteur{rank}@exemple.fr",
                nom="Lecteur",
                prenom="Essai",
                organisation="Essai",
                profil="pilote_regional" if regional else "expert_national",
                droits=Droits(frozenset(UNIVERS), regions=frozenset({REGIONS[rank % len(REGIONS)]}))
                if regional
                else None,
            )
            compte = accounts.change(store, compte.id, "bench", etat="actif")
            lines = [one for one in listed(store, compte) if one.genre == "modele"]
            subscriptions.subscribe(store, compte, lines[rank % len(MODELES)].id)
        for what in ("première fois", "rien de nouveau"):
            began = time.perf_counter()
            found = list(composed(store, Lake(settings), settings, keep=True))
            took = time.perf_counter() - began
            sent = sum(one.courrier is not None for one in found)
            print(f"{what} : {len(found)} abonnements, {sent} messages, {took:.1f} s")
        store.close()


if __name__ == "__main__":
    main(sys.argv[1])
