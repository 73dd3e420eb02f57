"""The entry: ``python -m bench.saisie [postgresql://…]``; what it promises, measured on a made-up region.

- twenty people saving at once while a hundred and fifty sessions are open: p95 under 300 ms, and nothing lost;
- another axis of a questionnaire, drawn whole, under 1 s; the dashboard of forty services, drawn whole, under 1.5 s;
- the effect of an answer before it is given under 100 ms;
- a publication of what was validated under 1 s of work; the figures of a closed campaign, already computed, outlive it.

A ratio says more than a second on a busy machine: each figure is given beside one save alone.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import polars as pl
from streamlit.testing.v1 import AppTest

from apps.kit.access import session
from apps.kit.data.data import Data
from apps.saisie.calcul import simuler, tableau
from apps.saisie.publication import aujourdhui, publier
from apps.saisie.referentiels import en_vigueur
from apps.saisie.referentiels import publier as poser
from ingest.sources.convergence.referentiel import packaged
from lake.catalog.convergence import CAMPAGNES
from lake.catalog.convergence_fiches import TABLES
from lake.droits import Droits
from lake.settings import Settings
from lake.store.accounts import accounts, sessions
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.saisie import acteurs, feuilles, services
from lake.store.saisie.acteurs import acteur
from lake.store.saisie.feuilles import Reponse
from lake.store.saisie.validation import valider_tout
from lake.tables import Lake
from scoring.saisie.referentiel import Referentiel
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.selection import Selection

SERVICES, AT_ONCE, SAVES, SESSIONS = 40, 20, 25, 150
SCREEN = """
from apps.kit.shell.screen import draw
from apps.saisie.{module} import {name}
draw({name})
"""


def fill(store: Store, known: Referentiel) -> list[int]:
    """A region of forty services that answered all that is asked; their numbers."""
    services.creer(store, region="44", kind="si_regional", nom="SI", par=None)
    asked = [
        row["critere"]
        for row in known.criteres.unique("critere", maintain_order=True).iter_rows(named=True)
        if row["questionnaire"] == "QU"
    ]
    levels = dict(known.niveaux.group_by("critere").agg("niveau").iter_rows())
    made = []
    for rank in range(SERVICES):
        kind = "infrastructure" if rank % 3 == 0 else "metier"
        number = services.creer(store, region="44", kind=kind, nom=f"Service {rank:02d}", par=None)
        for place, critere in enumerate(asked):
            level = sorted(levels[critere])[(rank + place) % len(levels[critere])]
            feuilles.repondre(store, number, "QU", critere, Reponse("niveau", niveau=level), rev=0, par=None)
        made.append(number)
    return made


def timed(act: Callable[[], object]) -> float:
    """Milliseconds of one act."""
    start = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - start)


def p95(values: list[float]) -> float:
    """The 95th percentile of some durations."""
    return sorted(values)[int(0.95 * (len(values) - 1))]


def savers(store: Store, numbers: list[int], critere: str) -> list[float]:
    """Twenty people, each on a service of its own, one save after the other: the durations, in ms.

    Raises:
        AssertionError: a save was lost.
    """

    def one(rank: int) -> list[float]:
        said, rev = [], 1
        for turn in range(SAVES):
            answer = Reponse("niveau", niveau=1 + turn % 2)

            def save(answer: Reponse = answer) -> None:
                nonlocal rev
                rev = feuilles.repondre(store, numbers[rank], "QU", critere, answer, rev=rev, par=None)

            said.append(timed(save))
        return said

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = [each for said in pool.map(one, range(AT_ONCE)) for each in said]
    for rank in range(AT_ONCE):
        kept = feuilles.reponses(store, numbers[rank], "QU")[critere]
        assert kept["rev_n"] == SAVES + 1, "une saisie est perdue"
    return found


def people(store: Store, system: int) -> str:
    """Everyone who has a session open; the secret of the last one, who answers for the region."""
    secret = ""
    for rank in range(SESSIONS):
        made = accounts.create(
            store, email=f"p{rank}@ex.fr", nom=f"P{rank}", prenom="A", organisation="GRADeS", profil="grades_ars",
            droits=Droits(frozenset({"convergence"}), regions=frozenset({"44"})),
        )  # fmt: skip
        active = accounts.change(store, made.id, "bench", etat="actif")
        acteurs.donner(store, active.id, system, "responsable_si", par=None)
        secret = sessions.open_session(store, active)
    return secret


def screens(store: Store, lake: str, secret: str) -> tuple[list[float], list[float]]:
    """How long a screen takes to be drawn whole (ms): axes of a questionnaire one after the other, the dashboard."""
    os.environ |= {"OBS_LAKE": lake, "OBS_ACCES": "comptes"}
    session.store = lambda: store
    session.cookie = lambda: secret

    def screen(module: str, name: str) -> AppTest:
        return AppTest.from_string(SCREEN.format(module=module, name=name), default_timeout=60)

    sheet = screen("questionnaire", "QUESTIONNAIRE")
    sheet.query_params["s"], sheet.query_params["q"] = "44-0002", "QU"
    sheet.run()
    axes = []
    for axe in ("A05", "A06", "A11", "A05", "A06"):
        sheet.query_params["axe"] = axe
        axes.append(timed(sheet.run))
        assert not sheet.exception, sheet.exception
    board = screen("tableau", "TABLEAU")
    board.run()
    drawn = " ".join(one.proto.body for one in board.get("html"))
    assert f"{SERVICES + 1} services" in drawn, drawn[:300]
    return axes, [timed(board.run) for _ in range(3)]


def closed_figures(lake: Lake, day: date) -> float:
    """How long six tables of a closed campaign take (ms), as a page reads them."""
    selection, reads = Selection().at(day), Data(lake)

    def ask() -> None:
        for by in ("axe", "critere", "region", "domaine", "kind", "service"):
            reads.query(CONVERGENCE, selection, ["taux_maturite_pct"], ["questionnaire", by])

    return timed(ask)


def main() -> None:
    """Measure, and say the figures."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(
            Settings(store=sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/store.db")
        )
        lake = Lake(Settings(lake=f"{folder}/lac"))
        found = packaged("regions")
        fiches, questions, links = (table.empty() for table in TABLES)
        poser(lake, Referentiel(found.version, found.criteres, found.niveaux, fiches, questions, links), None)
        day = aujourdhui()
        known = en_vigueur(lake.snapshot().scan, day)
        numbers = fill(store, known)
        system = next(one["id"] for one in services.tous(store) if one["kind"] == "si_regional")
        secret = people(store, system)
        critere = "A05.1"
        alone = timed(
            lambda: feuilles.repondre(
                store, numbers[-1], "QU", critere, Reponse("niveau", niveau=2), rev=1, par=None
            )
        )
        many = p95(savers(store, numbers, critere))
        valider_tout(store, par=None, version_referentiel=known.version)
        publish = timed(lambda: publier(lake, store))
        with lake.delivery(
            "convergence", (CAMPAGNES,), execution="bench"
        ) as delivery:  # close it: what pages read
            rows = lake.scan(CAMPAGNES).collect().with_columns(etat=pl.lit(None, pl.String))
            delivery.write(CAMPAGNES, rows, replace={"volet": ["regions"]})
            delivery.publish(genre="ecriture")
        closed = lake.scan(CAMPAGNES).collect()["campagne"][0]
        first = closed_figures(lake, closed)
        feuilles.repondre(
            store, numbers[0], "QU", critere, Reponse("niveau", niveau=3), rev=SAVES + 1, par=None
        )
        valider_tout(store, par=None, version_referentiel=known.version)
        again = timed(lambda: publier(lake, store, toujours=True))
        kept = closed_figures(lake, closed)
        service = next(one for one in services.tous(store) if one["id"] == numbers[0])
        seen = acteur(store, None)
        boards = [timed(lambda: tableau(store, known, seen)) for _ in range(5)]
        previews = [timed(lambda: simuler(store, known, service, "QU", critere, 3, day)) for _ in range(9)]
        axes, whole = screens(store, f"{folder}/lac", secret)
        store.close()
    print(f"une saisie seule : {alone:.1f} ms")
    print(
        f"{AT_ONCE} personnes × {SAVES} saisies, {SESSIONS} sessions ouvertes : p95 {many:.0f} ms (seuil 300), "
        f"{many / alone:.0f} fois une saisie seule, rien de perdu"
    )
    print(f"un autre axe, dessiné en entier : {sorted(axes)[2]:.0f} ms (seuil 1000)")
    print(
        f"tableau de bord de {SERVICES} services : {sorted(boards)[2]:.0f} ms de calcul, {sorted(whole)[1]:.0f} ms "
        "dessiné en entier (seuil 1500)"
    )
    print(f"effet d'une réponse avant de la donner : {sorted(previews)[4]:.0f} ms (seuil 100)")
    print(f"publication : {publish:.0f} ms, puis {again:.0f} ms (seuil 1000)")
    print(
        f"chiffres d'une campagne close : {first:.0f} ms, puis {kept:.1f} ms après une publication de celle en cours "
        f"({first / kept:.0f} fois moins : ils sont gardés)"
    )


if __name__ == "__main__":
    main()
