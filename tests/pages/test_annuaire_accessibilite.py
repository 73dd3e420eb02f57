"""The « Accessibilité » page says what the command says, under its own parameters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.demo_lake import called as called
from tests.pages.drawing import Drawn, draw_page

VALUE = "accessibilite_potentielle_pour_10000"


def french(value: float, decimals: int = 0) -> str:
    return f"{value:,.{decimals}f}".replace(",", "\u202f").replace(".", ",")


def commanded(lake: Path, *arguments: str) -> list[dict[str, float]]:
    text = called("annuaire", "accessibilite", *arguments, "--format", "json", lake=lake).stdout
    rows: list[dict[str, float]] = json.loads(text)
    return rows


def drawn(lake: Path, **params: str) -> Drawn:
    return draw_page("annuaire", "accessibilite", lake, **{name: [value] for name, value in params.items()})


@pytest.mark.parametrize(
    ("params", "options"),
    [
        ({"profession": "10"}, ["--filtre", "profession=10"]),
        (
            {"profession": "60", "departement": "67", "vitesse": "70", "detour": "1.5", "seuil": "20"},
            "--filtre profession=60 --filtre departement=67 --vitesse 70 --detour 1.5 --seuil 20".split(),
        ),
        (
            {"profession": "60", "paliers": "10;20", "poids": "1;0,5"},
            ["--filtre", "profession=60", "--paliers", "10;20", "--poids", "1;0,5"],
        ),
    ],
)
def test_the_figures_are_those_of_the_command(
    petit_lake: Path, params: dict[str, str], options: list[str]
) -> None:
    [expected] = commanded(petit_lake, *options)
    page = drawn(petit_lake, **params)
    assert page.figures["Accessibilité potentielle"] == french(expected[VALUE], 1)
    assert page.figures["Habitants sous le seuil"] == french(expected["population_sous_seuil"])
    assert f"{french(expected['seuil'], 1)} pour 10\u202f000" in page.html


def test_the_worst_served_communes_come_first(petit_lake: Path) -> None:
    rows = [row for row in commanded(petit_lake, "--par", "commune") if row["population"] > 0]
    rows.sort(key=lambda row: (row[VALUE], -row["population"], row["code_commune"]))
    table = drawn(petit_lake).at.dataframe[0].value
    assert list(table["commune"]) == [row["commune"] for row in rows[:50]]


def test_population_times_accessibility_closes_to_the_heads_within_reach(petit_lake: Path) -> None:
    rows = commanded(petit_lake, "--par", "commune", "--filtre", "profession=60")
    reached = sum(row["demande"] * row[VALUE] for row in rows) / 10_000
    page = drawn(petit_lake, profession="60")
    assert page.figures["Têtes à portée"] == french(round(reached))


def test_it_is_named_as_what_it_is(petit_lake: Path) -> None:
    page = drawn(petit_lake)
    assert "Accessibilité potentielle (têtes, distance)" in page.html
    assert any("pas l’indicateur officiel" in text.value for text in page.at.markdown)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"vitesse": "vite"}, "n’est pas un nombre"),
        ({"vitesse": "900"}, "n’est pas un nombre de 5 à 130"),
        ({"paliers": "15;10"}, "Il faut un poids par palier"),
        ({"poids": "0,1;0,3;1"}, "ne croissent pas"),
        ({"paliers": "cinq"}, "n’est pas une liste"),
    ],
)
def test_a_parameter_without_meaning_is_told(petit_lake: Path, params: dict[str, str], said: str) -> None:
    page = drawn(petit_lake, **params)
    assert any(said in warning.value for warning in page.at.warning)
