"""Values of usage, as who answers types them and as readers see them."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from apps.saisie import publication, referentiels
from ingest.sources.convergence.referentiel import packaged
from lake.catalog.convergence_fiches import TABLES
from lake.settings import Settings
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.saisie import feuilles
from lake.tables import Lake
from scoring.saisie.referentiel import Referentiel, composer
from tests.pages.drawing import draw_page
from tests.pages.test_saisie_ecrans import claire, opened, read_by, region, said, told, validate
from tests.spoken import plain
from tests.unit.test_saisie_usages import QUS

__all__ = ["claire", "read_by", "region"]


@pytest.fixture(scope="module")
def entry_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake whose referential has a questionnaire of usage."""
    folder = tmp_path_factory.mktemp("usages") / "lac"
    found = packaged("regions")
    old = Referentiel(found.version, found.criteres, found.niveaux, *(one.empty() for one in TABLES))
    files = {"referentiel": pl.read_csv(io.StringIO(QUS["referentiel"]), infer_schema=False)}
    new = composer(old, files, volet="regions", version="2026-11-01", jour=date(2026, 11, 1))
    referentiels.publier(Lake(Settings(lake=str(folder))), new, None)
    return folder


def test_a_value_is_typed_as_people_write_it_and_read_with_its_unit_wherever_it_is_shown(
    store: Store, region: dict[str, int], claire: Compte, read_by: Callable[[Compte], None], entry_lake: Path
) -> None:
    read_by(claire)
    at = opened("questionnaire", "QUESTIONNAIRE", s="44-0002", q="QUS", axe="U01")
    assert "Réponse : nombre, en personnes par mois · Attendu à date : **moyenne (2)**" in plain(
        said(at).html
    )
    at.text_input(key="crit_U01_1_valeur").set_value("≈1000").run()
    assert "U01.1 : « ≈1000 » n’est pas un nombre. Écrivez 1 234,5." in plain(told(at))
    assert feuilles.reponses(store, region["sso"], "QUS") == {}
    at.text_input(key="crit_U01_1_valeur").set_value("134,5").run()
    assert feuilles.reponses(store, region["sso"], "QUS")["U01.1"]["valeur"] == "134.5"
    drawn = plain(said(at).html)
    assert "134,5 personnes par mois, soit **1 faible** (au moins 100 personnes par mois)" in drawn
    assert "Pour atteindre 2 : " in drawn
    at.text_input(key="crit_U01_1_valeur").set_value("1234.5").run()
    assert at.text_input(key="crit_U01_1_valeur").value == "1\u202f234,5"
    at.text_input(key="crit_U01_2_valeur").set_value("31/01/2027").run()
    assert not at.exception

    card = plain(said(opened("commencer", "COMMENCER", s="44-0002")).html)
    assert (
        "U01.1 Utilisateurs actifs : aucune valeur validée (brouillon : 1 234,5 personnes par mois)" in card
    )
    recap = plain(said(opened("validation", "VALIDATION", s="44-0002", q="QUS")).html)
    assert "U01.1 Utilisateurs actifs : sans réponse → 1 234,5 personnes par mois" in recap
    validate(store, region["sso"], "QUS")
    card = plain(said(opened("commencer", "COMMENCER", s="44-0002")).html)
    assert "U01.1 Utilisateurs actifs : 1 234,5 personnes par mois<" in card
    assert "U01.2 Première mise en service : 31/01/2027<" in card

    # A number that thresholds turn into a level is planned by its threshold; a day or a text has nothing to reach.
    plan = opened("plan", "PLAN", s="44-0002", q="QUS")
    drawn = plain(said(plan).html)
    assert "✓ 1 faible" not in drawn
    assert "✓ 2 moyenne (au moins 1 000 personnes par mois), atteint" in drawn
    assert "Sans plan : U01.2 Première mise en service, U02.1 Ce que disent les usagers" in drawn
    step = plan.selectbox(key="plan_U01_1_3")
    assert plain(step.label) == "3 élevée : au moins 10 000 personnes par mois"
    quarter = plain(step.options[3])
    step.set_value(f"{quarter[3:]}-{quarter[:2]}").run()
    recap = plain(said(opened("validation", "VALIDATION", s="44-0002", q="PLAN-QUS")).html)
    assert f"U01.1 Utilisateurs actifs : 3 élevée (au moins 10 000 personnes par mois) en {quarter}" in recap

    done = publication.publier(Lake(Settings(lake=str(entry_lake))), store)
    page = draw_page(
        "convergence", "maturite", entry_lake, service=["44-0002"], date=[done.campagne.isoformat()]
    )
    usages = (
        "Usages : U01.1 · Utilisateurs actifs, 1 234,5 personnes par mois ; "
        "U01.2 · Première mise en service, 31/01/2027."
    )
    assert usages in plain(page.html)
