"""Every page of the directory, as each profile: title, sentence and figures are the engine's answer for that person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.annuaire.declaration import PAGES
from apps.kit.access import access
from apps.kit.access.session import Reader
from apps.kit.data.data import Data, open_lake
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.export.report import view_of
from lake.droits import UNIVERS, Droits
from lake.store.accounts.accounts import Compte
from scoring.droits import restricted, restriction, rule
from scoring.universes.accessibilite import ACCESSIBILITE, AFTER, VALUE
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.diagnostic import DIAGNOSTIC
from scoring.universes.engine import query
from scoring.universes.evolution import EVOLUTION
from scoring.universes.localisation import LOCALISATION
from scoring.universes.model import Universe
from scoring.universes.repertoire import PERSON, REPERTOIRE
from scoring.universes.selection import Selection

EVERYTHING = frozenset(UNIVERS)
RIGHTS: dict[str, tuple[str, Droits]] = {
    "national": ("expert_national", Droits(EVERYTHING)),
    "lorraine": ("pilote_regional", Droits(EVERYTHING, regions=frozenset({"44"}))),
    "ailleurs": ("pilote_regional", Droits(EVERYTHING, regions=frozenset({"11"}))),
    "strict": ("pilote_regional", Droits(EVERYTHING, regions=frozenset({"11"}), agreges=False)),
    "bas_rhin": ("pilote_regional", Droits(EVERYTHING, departements=frozenset({"67"}))),
}
CHOSEN = Selection({"profession": ["60"], "departement": ["67"]})


@pytest.fixture(autouse=True)
def _reserved(petit_lake: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OBS_ACCES", "comptes")
    monkeypatch.setenv("OBS_ANNUAIRE", "reserve")
    monkeypatch.setenv("OBS_LAKE", str(petit_lake))
    open_lake.clear()
    yield
    open_lake.clear()


def seen(name: str, page: str, **options: str) -> View:
    """What a page reads for a person with these rights."""
    profil, droits = RIGHTS[name]
    compte = Compte(
        1, f"{name}@ex.fr", "", "", "", "", "", profil, "", False, None, "actif", False, False, {}, None, None
    )  # type: ignore[arg-type]
    allowed = access.access_of(Reader(compte, 1, droits), page, "annuaire")
    declared = next(one for one in PAGES if one.name == page)
    return view_of(declared, Data(open_lake(), allowed), State(CHOSEN, options))


def answer(
    name: str,
    view: View,
    universe: Universe,
    measures: list[str],
    chosen: Selection = CHOSEN,
    **said: str,
) -> dict[str, Any]:
    """The engine's own answer for that person, without any page."""
    droits = RIGHTS[name][1]
    asked = chosen if universe is not DIAGNOSTIC else chosen.only(["profession"])
    scan = restricted(open_lake().scan, rule(droits, open_lake().scan, question=asked.filters))
    if universe in (EVOLUTION, DIAGNOSTIC):
        assert view.before is not None
        said["depuis"] = view.before.isoformat()
    asked = Selection(dict(asked.filters), view.date, parameters=said)
    frame = query(universe, scan, asked, measures, restrict=restriction(droits, "annuaire")).collect()
    return dict(frame.row(0, named=True))


def number(value: float | None, decimals: int = 0) -> str:
    return "—" if value is None else f"{value:,.{decimals}f}".replace(",", "\u202f").replace(".", ",")


def figures(view: View) -> dict[str, str]:
    page = next(one for one in PAGES if one.ident == view.scope.page)
    assert page.figures is not None
    return {one.label: one.value for one in page.figures(view).items}


def said(view: View) -> tuple[str, str]:
    page = next(one for one in PAGES if one.ident == view.scope.page)
    return page.ask(view), page.reading(view)


@pytest.mark.parametrize("name", RIGHTS)
def test_the_map_says_what_the_engine_answers_that_person(name: str) -> None:
    view = seen(name, "carte")
    expected = answer(name, view, ANNUAIRE, ["professionnels", "densite_pour_10000"])
    title, reading = said(view)
    assert title.startswith("Bas-Rhin")
    people = number(expected["professionnels"])
    assert figures(view)["Professionnels"] == people
    assert reading.startswith(f"Bas-Rhin : {people} personne")


@pytest.mark.parametrize("name", RIGHTS)
def test_the_evolution_closes_and_is_the_engine_s(name: str) -> None:
    view = seen(name, "evolution")
    expected = answer(name, view, EVOLUTION, ["debut", "arrivees", "entrees", "departs", "sorties", "fin"])
    shown = figures(view)
    assert shown["Professionnels"] == number(expected["fin"])
    assert shown["Arrivées"] == number(expected["arrivees"])
    assert shown["Départs"] == number(expected["departs"])
    gain = expected["arrivees"] + expected["entrees"] - expected["departs"] - expected["sorties"]
    assert expected["debut"] + gain == expected["fin"]
    title, reading = said(view)
    assert title.startswith("Bas-Rhin")
    came = expected["arrivees"] + expected["entrees"]
    assert "personne n'est arrivé ni parti" in reading or f": {number(came)} personne" in reading


@pytest.mark.parametrize("name", RIGHTS)
def test_the_accessibility_is_the_engine_s(name: str) -> None:
    view = seen(name, "accessibilite")
    expected = answer(name, view, ACCESSIBILITE, [VALUE, "population_sous_seuil"])
    shown = figures(view)
    assert shown["Accessibilité potentielle"] == number(expected[VALUE], 1)
    assert shown["Habitants sous le seuil"] == number(expected["population_sous_seuil"])
    assert said(view)[1].startswith(f"Bas-Rhin : {number(expected[VALUE], 1)} à portée")


@pytest.mark.parametrize("name", RIGHTS)
def test_the_ledger_is_the_engine_s(name: str) -> None:
    view = seen(name, "qualite")
    expected = answer(
        name, view, LOCALISATION, ["total", "adresse_absente", "introuvable", "commune_inconnue"]
    )
    shown = figures(view)
    assert shown["Adresse introuvable"] == number(expected["introuvable"])
    assert said(view)[1].startswith("Bas-Rhin : ")
    if expected["total"]:
        assert number(expected["total"]) in said(view)[1]


@pytest.mark.parametrize("name", RIGHTS)
def test_the_diagnosis_is_the_engine_s(name: str) -> None:
    view = seen(name, "diagnostic")
    if name == "strict":  # nothing of the region may be counted: the page says so, and counts nothing
        assert figures(view) == {} or figures(view)["Professionnels"] == "0"
        return
    expected = answer(
        name, view, DIAGNOSTIC, ["professionnels", "communes_sans"], territoire="departement=67"
    )
    assert figures(view)["Professionnels"] == number(expected["professionnels"])
    assert figures(view)["Communes sans personne"] == number(expected["communes_sans"])
    title, reading = said(view)
    assert title.startswith("Bas-Rhin")
    assert reading.startswith(f"{number(expected['professionnels'])} personne")


@pytest.mark.parametrize("name", RIGHTS)
def test_persons_are_listed_within_what_each_may_see_one_by_one(name: str) -> None:
    view = seen(name, "repertoire")
    droits = RIGHTS[name][1]
    mine = restricted(open_lake().scan, rule(droits, open_lake().scan))(ANNUAIRE.table)
    allowed = mine.filter(
        pl.col("date_extraction") == view.date,
        pl.col("code_departement") == "67",
        pl.col("code_profession") == "60",
    )
    expected = set(allowed.select(PERSON).unique().collect().to_series())
    assert set(view.asking(REPERTOIRE).detail()[PERSON]) == expected
    listed = re.search(r"Bas-Rhin : ([\d\u202f]+) personne", said(view)[1])
    assert listed is not None
    assert listed.group(1) == number(len(expected))
    if name == "ailleurs":
        assert not expected


@pytest.mark.parametrize("name", RIGHTS)
def test_the_scenario_is_the_engine_s(name: str) -> None:
    asked = "67482*20"
    view = seen(name, "scenario", actions=asked)
    measures = [AFTER, "population_sous_seuil", "population_sous_seuil_apres", "communes_changees"]
    expected = answer(name, view, ACCESSIBILITE, measures, actions=asked)
    shown = figures(view)
    assert shown["Accessibilité potentielle"] == number(expected[AFTER], 2)
    assert shown["Habitants sous le seuil"] == number(expected["population_sous_seuil_apres"])
    assert shown["Communes dont l'accès change"] == number(expected["communes_changees"])
    title, reading = said(view)
    assert title.startswith("Bas-Rhin")
    gained = round((expected["population_sous_seuil"] or 0) - (expected["population_sous_seuil_apres"] or 0))
    assert (f"{number(gained)} habitant" if gained else "autant d'habitants sous le seuil") in reading


@pytest.mark.parametrize("name", RIGHTS)
@pytest.mark.parametrize("page", ["donnees", "notice"])
def test_what_the_data_hold_is_the_engine_s(name: str, page: str) -> None:
    view = seen(name, page)
    measures = ["activites", "professionnels", "sites", "part_localises"]
    # These pages filter by territory only.
    expected = answer(name, view, ANNUAIRE, measures, CHOSEN.only(["departement"]))
    title, reading = said(view)
    assert title.startswith("Bas-Rhin")
    assert reading.startswith("Extraction du 14 janvier 2025")
    if page == "notice":
        assert f": {number(expected['professionnels'])} personne" in reading
        assert f", {number(expected['activites'])} activité" in reading
        assert f", {number(expected['sites'])} site" in reading
        return
    shown = figures(view)
    assert shown["Lignes d'activité"] == number(expected["activites"])
    assert shown["Professionnels"] == number(expected["professionnels"])
    share = expected["part_localises"]
    assert shown["Localisés"] == ("—" if share is None else f"{number(100 * share, 1)}\u202f%")
