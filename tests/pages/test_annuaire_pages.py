"""The directory's pages say what the universe says."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from apps.annuaire import carte
from apps.kit.charts.tables import Table
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.pages.sheet import view_of
from lake.catalog.annuaire import ACTIVITES
from lake.freshness import freshness
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.engine import query
from scoring.universes.selection import Selection
from tests.pages.drawing import Drawn, draw_page
from tests.spoken import plain


def french(value: float, decimals: int = 0) -> str:
    return f"{value:,.{decimals}f}".replace(",", "\u202f").replace(".", ",")


def said(page: Drawn) -> str:
    """Everything written on the page."""
    written = [one.value for kind in (page.at.markdown, page.at.caption, page.at.text) for one in kind]
    return "\n".join([page.html, *written])


def asked(lake: Path, selection: Selection, *measures: str) -> tuple[float, ...]:
    return query(ANNUAIRE, Lake(Settings(lake=str(lake))).scan, selection, measures).collect().row(0)


@pytest.mark.parametrize(
    "filters",
    [{}, {"departement": ["67"]}, {"profession": ["60"], "mode_exercice": ["L"]}, {"epci": ["200039865"]}],
)
def test_carte_shows_the_figures_of_the_universe(petit_lake: Path, filters: dict[str, list[str]]) -> None:
    people, density, located = asked(
        petit_lake, Selection(filters), "professionnels", "densite_pour_10000", "part_localises"
    )
    page = draw_page("annuaire", "carte", petit_lake, **filters)
    assert page.figures["Professionnels"] == french(people)
    assert page.figures["Densité pour 10\u202f000 hab."] == french(density, 1)
    assert page.figures["Localisés sur la carte"] == french(100 * located, 1) + "\u202f%"
    missing = round(people * (1 - located))
    assert f"{french(missing)} non localisé" in page.html


def test_carte_compares_with_the_previous_extraction(petit_lake: Path) -> None:
    lake = Lake(Settings(lake=str(petit_lake)))
    days = sorted(lake.values(ACTIVITES, "date_extraction"))
    counts = {
        day: rows.item()
        for day, rows in (
            lake.scan(ACTIVITES).select("date_extraction", "identification_nationale_pp").unique().collect()
            .group_by("date_extraction").len().sort("date_extraction").with_columns(pl.col("date_extraction").cast(pl.String))
            .partition_by("date_extraction", as_dict=True, include_key=False).items()
        )
        for day in day
    }  # fmt: skip
    difference = counts[days[-1]] - counts[days[-2]]
    assert difference
    sign = "+" if difference > 0 else "−"
    page = draw_page("annuaire", "carte", petit_lake)
    assert f"{sign}{abs(difference)} (" in page.html
    assert "depuis le 31 décembre 2024" in page.html


def test_the_map_s_sentence_ranks_the_territory_chosen_and_not_those_around_it(petit_lake: Path) -> None:
    lake = Lake(Settings(lake=str(petit_lake)))
    densities = (
        query(ANNUAIRE, lake.scan, Selection(), ["densite_pour_10000"], ["siren_epci"], complete=True)
        .collect()
        .drop_nulls()
        .sort("densite_pour_10000", descending=True)
    )
    codes = densities["siren_epci"].to_list()
    whole = draw_page("annuaire", "carte", petit_lake, maille=["epci"])
    assert "La densité va de" in said(whole) or "densité la plus forte" in said(whole)
    first = draw_page("annuaire", "carte", petit_lake, maille=["epci"], epci=[codes[0]])
    assert f"a la 1ʳᵉ densité sur {len(codes)} EPCI" in said(first)
    fifth = draw_page("annuaire", "carte", petit_lake, maille=["epci"], epci=[codes[4]])
    assert f"a la 5ᵉ densité sur {len(codes)} EPCI" in said(fifth)
    two = draw_page("annuaire", "carte", petit_lake, maille=["epci"], epci=[codes[4], codes[0]])
    assert re.search(r"va de .* \(5ᵉ\) à .* \(1ʳᵉ\), rangs sur", said(two))


def test_repertoire_finds_a_person_and_opens_the_card(petit_lake: Path) -> None:
    rows = (
        Lake(Settings(lake=str(petit_lake))).scan(ACTIVITES)
        .filter(pl.col("date_extraction") == pl.date(2025, 1, 14), pl.col("email").is_not_null())
        .sort("ligne").head(1).collect()
    )  # fmt: skip
    person = rows.row(0, named=True)
    code = person["identification_nationale_pp"]
    page = draw_page(
        "annuaire", "repertoire", petit_lake, q=[person["nom_exercice"].lower()], personne=[code]
    )
    assert person["nom_exercice"] in page.html
    assert person["email"] in page.html
    assert person["libelle_profession"] in page.html
    assert person["identifiant_pp"] in page.html
    table = page.at.dataframe[0].value
    assert person["nom_exercice"] in set(table["nom"])


def test_repertoire_says_when_nobody_answers(petit_lake: Path) -> None:
    page = draw_page("annuaire", "repertoire", petit_lake, q=["zzzzzz"])
    assert "rien ne répond" in page.reading


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        ([-1, 0, 2], "1 EPCI perd des professionnels depuis le 31 décembre 2024."),
        ([-1, -3, 2], "2 EPCI perdent des professionnels depuis le 31 décembre 2024."),
        ([0, 0, 2], "Aucun ne perd de professionnels depuis le 31 décembre 2024."),
    ],
)
def test_carte_says_how_many_epci_lose_someone(
    petit_lake: Path, monkeypatch: pytest.MonkeyPatch, moved: list[int], said: str
) -> None:
    names = ["a", "b", "c"]
    counts = {"professionnels": [5, 6, 7], "densite_pour_10000": [3.0, 1.0, 2.0], "avant": [5, 5, 5]}
    frame = pl.DataFrame({"siren_epci": names, "epci": names, **counts, "ecart": moved})
    monkeypatch.setattr(carte, "compared", lambda _view, _mesh: frame)
    view = view_of(carte.CARTE, Data(Lake(Settings(lake=str(petit_lake)))), State())
    table = carte.LEAST(view)
    assert isinstance(table, Table)
    assert table.reading == said
    assert table.frame["epci"].to_list() == ["b", "c", "a"], "the least served first"


def test_donnees_closes_the_ledger(petit_lake: Path) -> None:
    page = draw_page("annuaire", "donnees", petit_lake)
    ledger = page.at.dataframe[0].value
    lines = ledger[ledger["sens"] != "Ensemble"]["activites"].sum()
    (activities,) = asked(petit_lake, Selection({}), "activites")
    assert lines == activities == ledger["activites"].iloc[-1]
    assert page.figures["Lignes d’activité"] == french(activities)
    missing = ledger[ledger["sens"] == "non localisées"]["activites"].sum()
    assert 0 < missing < activities
    said = f"{french(missing)} lignes sur {french(activities)} n’ont pas d’adresse utilisable"
    assert plain(said) in plain(page.html)


def test_donnees_says_one_thing_of_a_promise_above_and_in_its_table(petit_lake: Path) -> None:
    """The extraction is of January 2025: it is late, however lately it was published."""
    page = draw_page("annuaire", "donnees", petit_lake)
    assert "La promesse est de 21 jours" in plain(page.reading)
    assert plain(page.reading).endswith("elle est dépassée.")
    told = next(one.value for one in page.at.dataframe if "etat" in one.value.columns)
    states = dict(zip(told["table"], told["etat"], strict=True))
    fresh = freshness(ACTIVITES, Lake(Settings(lake=str(petit_lake))).snapshot())
    assert fresh.overdue > 0
    assert plain(states[ACTIVITES.title]) == fresh.words == f"en retard de {fresh.overdue} j"


def test_donnees_counts_epci_without_the_unknown_communes(petit_lake: Path) -> None:
    rows = (
        query(
            ANNUAIRE,
            Lake(Settings(lake=str(petit_lake))).scan,
            Selection(),
            ("professionnels", "part_localises"),
            ("siren_epci",),
        )
        .collect()
        .filter(pl.col("part_localises") < 1)
    )
    assert rows["siren_epci"].null_count() == 1
    page = draw_page("annuaire", "donnees", petit_lake)
    assert f"sans activité localisée, dans {rows.height - 1} EPCI." in page.html.replace(
        "\u202f", " "
    ).replace("\xa0", " ")


def test_a_stale_link_is_told_and_does_not_break(petit_lake: Path) -> None:
    page = draw_page("annuaire", "carte", petit_lake, departement=["99"], date=["2025-01-14"])
    whole = draw_page("annuaire", "carte", petit_lake, date=["2025-01-14"])
    assert page.figures == whole.figures  # a code that does not exist is said, and never counted
    assert ["99" in info.value for info in page.at.info] == [True]
