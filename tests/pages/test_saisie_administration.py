"""The administrator's screen: a version of the questions, tried, refused, then published from its files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from apps.kit.data.data import open_lake
from apps.kit.forms import Attached, Submission
from apps.saisie import administration, referentiels
from apps.saisie.entree import Entree
from lake.errors import LakeError
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.saisie import acteurs
from tests.pages.test_saisie_ecrans import claire, entry_lake, opened, person, read_by, region, said, store
from tests.unit.test_saisie_commandes import NEW

__all__ = ["claire", "entry_lake", "read_by", "region", "store"]  # fixtures


def test_a_version_is_tried_then_published_and_says_whom_it_touches(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None], entry_lake: Path,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("OBS_LAKE", str(shutil.copytree(entry_lake, tmp_path / "lac")))
    anne = person(store, "anne", profil="administrateur", droits=None)
    read_by(anne)
    drawn = said(opened("administration", "REFERENTIEL")).html
    assert "2020-12-15</th>" in drawn
    assert "aucune en cours" in drawn
    jour = date(2026, 11, 29)
    here = Entree(
        store, acteurs.acteur(store, anne.email), anne.email,
        referentiels.en_vigueur(open_lake().snapshot().scan, jour), jour,
    )  # fmt: skip

    def given(action: str, **files: str) -> str:
        values = {name: Attached(f"{name}.csv", text.encode()) for name, text in files.items()}
        more = {"volet": "regions", "nom": "2026-securite", "depuis": None}
        return administration.nouvelle(here, Submission({**values, **more}, {}, action, None, None, "clé"))

    # A05.1 is answered by the portal and by the service that leans on it; Claire answers for their system.
    expected = "questionnaire,sujet,axe,critere,libelle_critere,niveau_attendu\n"
    row = "QU,service,A05,A05.1,{},{}\n"
    known = here.referentiel.criteres.filter(critere="A05.1")
    label, now = known["libelle_critere"][0], known["niveau_attendu"][0]
    tried = given("essayer", referentiel=expected + row.format(label, 3 if now != 3 else 1))
    assert tried == "Essai : 1 différence, 2 services et 1 personne concernés."
    with pytest.raises(LakeError, match="le code changerait de sens"):
        given("publier", referentiel=expected + row.format("Tout autre chose", now))
    with pytest.raises(LakeError, match="Aucun fichier"):
        given("essayer")
    assert given("publier", **NEW).startswith("Version 2026-securite publiée : ")
    assert "2026-securite</th>" in said(opened("administration", "REFERENTIEL")).html
    read_by(claire)
    assert "2026-securite" not in said(opened("administration", "REFERENTIEL")).html
