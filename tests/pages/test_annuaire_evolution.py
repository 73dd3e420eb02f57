"""The « Évolution » page says what the command says, and what two sets of persons say."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from lake.catalog.annuaire import ACTIVITES
from lake.settings import Settings
from lake.tables import Lake
from tests.demo_lake import called as called
from tests.pages.drawing import draw_page

START, END = "2024-12-03", "2025-01-14"


def french(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")


def commanded(lake: Path, *arguments: str) -> list[dict[str, object]]:
    text = called("annuaire", "evolution", *arguments, "--format", "json", lake=lake).stdout
    rows: list[dict[str, object]] = json.loads(text)
    return rows


def persons(lake: Path, day: str, **codes: str) -> set[str]:
    """Those who practise there, counted without the project's engine."""
    rows = Lake(Settings(lake=str(lake))).scan(ACTIVITES)
    rows = rows.filter(pl.col("date_extraction") == pl.lit(day).str.to_date())
    for name, value in codes.items():
        rows = rows.filter(pl.col(name) == value)
    return set(rows.select("identification_nationale_pp").collect().to_series())


def test_the_page_counts_sets_of_persons(petit_lake: Path) -> None:
    page = draw_page(
        "annuaire", "evolution", petit_lake, departement=["67"], profession=["60"], depuis=[START]
    )
    nurses = {"code_profession": "60"}
    before, after = (persons(petit_lake, day, code_departement="67", **nurses) for day in (START, END))
    everyone_before, everyone_after = (persons(petit_lake, day, **nurses) for day in (START, END))
    arrived, left = after - everyone_before, before - everyone_after
    assert arrived
    assert left
    assert page.title == "Bas-Rhin\u202f: qui est arrivé, qui est parti parmi les infirmiers\u202f?"
    assert page.figures["Professionnels"] == french(len(after))
    assert page.figures["Arrivées"] == french(len(arrived))
    assert page.figures["Départs"] == french(len(left))
    [command] = commanded(
        petit_lake, "--du", START, "--filtre", "departement=67", "--filtre", "profession=60"
    )
    assert command["debut"] == len(before)
    assert command["fin"] == len(after)
    assert command["arrivees"] == len(arrived)
    assert command["departs"] == len(left)
    assert command["entrees"] == len((after & everyone_before) - before)
    assert command["sorties"] == len((before & everyone_after) - after)


@pytest.mark.parametrize("mesh", ["epci", "departement", "commune"])
def test_every_territory_of_the_page_is_that_of_the_command_and_closes(petit_lake: Path, mesh: str) -> None:
    options = {} if mesh == "epci" else {"maille": [mesh]}
    page = draw_page("annuaire", "evolution", petit_lake, depuis=[START], **options)
    table = page.at.dataframe[0].value
    total = table[table[mesh] == "Ensemble"].iloc[0]
    rows = table[table[mesh] != "Ensemble"]
    expected = commanded(petit_lake, "--du", START, "--par", mesh)
    counts = ["debut", "arrivees", "entrees", "departs", "sorties", "fin", "deplacements", "changements_mode"]
    assert sorted(rows[counts].itertuples(index=False, name=None)) == sorted(
        tuple(row[name] for name in counts) for row in expected
    )
    closing = rows["debut"] + rows["arrivees"] + rows["entrees"] - rows["departs"] - rows["sorties"]
    assert (closing == rows["fin"]).all()
    assert total["debut"] + total["arrivees"] - total["departs"] == total["fin"]
    said = f"{french(total['debut'])} + {french(total['arrivees'])} arrivées"
    assert said in page.html


@pytest.mark.parametrize("count", ["arrivees", "departs", "deplacements", "changements_mode"])
def test_the_list_behind_a_figure_is_that_figure(petit_lake: Path, count: str) -> None:
    options = {} if count == "arrivees" else {"liste": [count]}
    page = draw_page("annuaire", "evolution", petit_lake, depuis=[START], **options)
    shown = page.at.dataframe[1].value
    [total] = commanded(petit_lake, "--du", START)
    listed = commanded(petit_lake, "--du", START, "--liste", count)
    assert len(shown) == total[count] == len(listed)
    assert list(shown["nom"]) == [row["nom"] for row in listed]


def test_the_previous_extraction_is_compared_by_default(petit_lake: Path) -> None:
    page = draw_page("annuaire", "evolution", petit_lake)
    assert "du 31 décembre 2024 au 14 janvier 2025" in page.reading


def test_an_extraction_that_is_not_earlier_is_told(petit_lake: Path) -> None:
    page = draw_page("annuaire", "evolution", petit_lake, date=[START])
    assert any("rien à comparer" in warning.value for warning in page.at.warning)
    page = draw_page("annuaire", "evolution", petit_lake, depuis=["2024-12-04"])
    said = page.at.warning[0].value
    assert "n’est pas une extraction antérieure" in said
    assert "31 décembre 2024" in said


def test_the_command_refuses_what_cannot_be_compared(petit_lake: Path) -> None:
    done = called("annuaire", "evolution", "--du", END, "--au", START, lake=petit_lake, check=False)
    assert done.returncode == 1
    assert "n'est pas plus ancienne" in done.stderr
    done = called("annuaire", "evolution", "--du", "2020-01-01", lake=petit_lake, check=False)
    assert done.returncode == 1
    assert "2024-12-03" in done.stderr
