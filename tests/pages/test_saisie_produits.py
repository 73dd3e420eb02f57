"""The products of industry, as who answers for an editor's types them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from apps.saisie import publication, referentiels
from ingest.sources.convergence.referentiel import packaged
from lake.catalog.convergence import REPONSES, SOLUTIONS
from lake.catalog.convergence_fiches import TABLES
from lake.settings import Settings
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.saisie import feuilles, services
from lake.tables import Lake
from scoring.saisie.referentiel import Referentiel
from tests.pages.test_saisie_ecrans import opened, person, read_by, said, told
from tests.spoken import plain

__all__ = ["read_by"]


@pytest.fixture(scope="module")
def entry_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake that holds the referentials of both sides."""
    folder = tmp_path_factory.mktemp("produits") / "lac"
    for volet in ("regions", "industriels"):
        found = packaged(volet)
        known = Referentiel(found.version, found.criteres, found.niveaux, *(one.empty() for one in TABLES))
        referentiels.publier(Lake(Settings(lake=str(folder))), known, None)
    return folder


def test_an_editor_opens_its_entry_describes_a_product_answers_and_validates(
    store: Store, read_by: Callable[[Compte], None], entry_lake: Path
) -> None:
    anne = person(store, "anne", profil="industriel", droits=None, organisation="Éditeur A")
    read_by(anne)
    first = plain(said(opened("tableau", "TABLEAU")).html)
    assert "aucun produit n’est décrit" in first
    assert "Commencer par l’éditeur" in first
    at = opened("commencer", "COMMENCER")
    assert not any("système" in one.value for one in at.subheader)
    at.selectbox[0].set_value("Éditeur A")
    next(one for one in at.button if one.label == "Ouvrir la saisie de ses produits").click().run()
    assert "La saisie des produits de « Éditeur A » est ouverte" in plain(at.success[0].value)
    at = opened("commencer", "COMMENCER")
    at.selectbox[0].set_value("E01")
    at.text_input[0].set_value("DPI Un")
    next(one for one in at.button if one.label == "Créer le produit").click().run()
    assert not at.exception
    assert plain(said(opened("tableau", "TABLEAU")).reading).startswith("1 produit, 13 critères : 0 répondu")
    drawn = said(opened("tableau", "TABLEAU"))
    assert "0/13 · jamais ouvert" in drawn.html
    assert plain(said(opened("plan", "PLAN")).reading) == "De quel produit ?"
    assert "DPI Un" in drawn.html

    at = opened("questionnaire", "QUESTIONNAIRE", s="E01-0001", q="CI", axe="I01")
    assert "DPI Un · I01 Identité nationale de santé" in plain(at.title[0].value)
    assert "Porté par" not in said(at).html
    at.radio(key="crit_I01_1_niveau").set_value(1).run()
    assert "pt pour vos produits" in plain(said(at).html)
    dpi = services.de_code(store, "E01-0001")
    assert feuilles.reponses(store, dpi["id"], "CI")["I01.1"]["modifie_par"] == "anne@ex.fr"
    at = opened("validation", "VALIDATION", s="E01-0001", q="CI")
    next(one for one in at.button if one.label == "Valider").click().run()
    assert "Validée : version 1" in plain(at.success[0].value)
    card = said(opened("commencer", "COMMENCER", s="E01-0001"))
    assert "Produit, actif, créé le" in plain(card.html)
    assert "Convergence Industriels 1/13" in card.html
    assert "Confidentialité (1 à 4)" not in [one.label for one in card.at.selectbox]
    for module, name in (
        ("plan", "PLAN"),
        ("historique", "HISTORIQUE"),
        ("recommandations", "RECOMMANDATIONS"),
    ):
        assert "région" not in plain(said(opened(module, name, s="E01-0001", q="CI")).html), module

    lake = Lake(Settings(lake=str(entry_lake)))
    publication.publier(lake, store)
    assert lake.scan(REPONSES).collect().select("volet", "service", "critere", "niveau").rows() == [
        ("industriels", "E01-0001", "I01.1", 1)
    ]
    assert lake.scan(SOLUTIONS).collect().select("editeur", "solution").rows() == [("Éditeur A", "DPI Un")]

    # Another editor's people see nothing of it, and a region's neither.
    read_by(person(store, "paul", profil="industriel", droits=None, organisation="Éditeur B"))
    assert "DPI Un" not in said(opened("tableau", "TABLEAU")).html
    read_by(person(store, "claire"))
    assert "DPI Un" not in said(opened("tableau", "TABLEAU")).html
    stale = opened("questionnaire", "QUESTIONNAIRE", s="E01-0001", q="CI")
    assert "pas parmi ceux que vous suivez" in told(stale)
