"""The administrator's screens: a version of the questions, tried, refused, then published; a campaign, closed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from apps.kit.data.data import open_lake
from apps.kit.forms import Attached, Submission
from apps.kit.style.french import long_date
from apps.saisie import administration, campagnes, publication, referentiels
from apps.saisie.entree import Entree
from apps.saisie.publication import aujourdhui
from lake.errors import AccessDenied, LakeError, Refused
from lake.store.accounts import accounts
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.saisie import acteurs, feuilles
from lake.store.saisie.feuilles import Reponse
from lake.store.saisie.tables import SERVICES
from tests.pages.test_saisie_ecrans import (
    claire,
    entry_lake,
    opened,
    person,
    read_by,
    region,
    said,
    validate,
)
from tests.unit.test_saisie_commandes import NEW

__all__ = ["claire", "entry_lake", "read_by", "region"]  # fixtures


def spaced(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


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


def test_a_campaign_is_tried_closed_and_taken_up_again_on_a_screen(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None], entry_lake: Path,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("OBS_LAKE", str(shutil.copytree(entry_lake, tmp_path / "lac")))
    monkeypatch.setenv("OBS_STORE", f"sqlite:///{tmp_path}/store.db")
    for name in ("sso", "telec"):
        validate(store, region[name])
    feuilles.repondre(store, region["telec"], "QU", "A11.1", Reponse("niveau", niveau=1), rev=1, par=None)
    anne = person(store, "anne", profil="administrateur", droits=None)
    read_by(anne)
    at = opened("campagnes", "CAMPAGNE")
    page = said(at).html
    assert (
        "Services des régions : aucune en cours ; aucune close ; à valider encore : 1 brouillon."
        in spaced(page)
    )
    assert "Aucune campagne n’est close" in page
    jour = aujourdhui()
    here = Entree(
        store, acteurs.acteur(store, anne.email), anne.email,
        referentiels.en_vigueur(open_lake().snapshot().scan, jour), jour,
    )  # fmt: skip

    def sent(action: str, day: date = jour, **more: object) -> Submission:
        return Submission({"volet": "regions", "jour": day, **more}, {}, action, None, None, "clé")

    with pytest.raises(Refused, match="au plus tard aujourd’hui"):
        campagnes.arreter(here, sent("arreter", jour + timedelta(days=1)))
    with pytest.raises(LakeError, match="serait vide"):
        campagnes.arreter(here, sent("essayer", date(2020, 1, 1)))
    tried = campagnes.arreter(here, sent("essayer"))
    assert spaced(tried).endswith(" : 2 services, 5 réponses, 0 étape de plan. Rien n’est arrêté.")
    assert publication.closes(open_lake().snapshot().scan) == []
    done = campagnes.arreter(here, sent("arreter"))
    assert done == f"Campagne arrêtée au {jour:%d/%m/%Y} : 2 services, 5 réponses, 0 étapes."
    assert publication.closes(open_lake().snapshot().scan) == [jour]
    validate(store, region["telec"])
    with pytest.raises(LakeError, match="avec d'autres réponses"):
        campagnes.arreter(here, sent("arreter"))
    # What a closed campaign holds fills the sheets that are empty, and nothing else.
    again = Submission({"campagne": f"regions:{jour}"}, {}, "reprendre", None, None, "clé")
    assert "rien à reprendre, tout est déjà saisi" in campagnes.reprendre(here, again)
    with store.writing() as connection:
        connection.execute(sa.update(SERVICES).where(SERVICES.c.code == "44-0003").values(code="44-0099"))
        connection.execute(
            sa.update(SERVICES).where(SERVICES.c.code == "44-0099").values(nom="Autre téléconsultation")
        )
    assert "1 service, 3 réponses, 0 étape, 1 feuille, à confirmer" in spaced(
        campagnes.reprendre(here, again)
    )
    page = spaced(said(opened("campagnes", "CAMPAGNE")).html)
    assert f"arrêtée le {long_date(jour)} par A Anne" in page
    assert f"reprise le {long_date(jour)} par A Anne" in page
    # Nobody else may, even by a form that was already open.
    person(store, "autre", profil="administrateur", droits=None)
    accounts.change(store, anne.id, "test", etat="desactive")
    with pytest.raises(AccessDenied):
        campagnes.arreter(here, sent("essayer"))
    read_by(claire)
    assert "Arrêter la campagne" not in said(opened("campagnes", "CAMPAGNE")).html
