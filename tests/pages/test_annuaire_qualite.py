"""« Qualité », « Notice » and the counting base: the pages say what the commands say."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from apps.annuaire.carte import CARTE
from apps.annuaire.qualite import QUALITE, sites, to_correct
from apps.cli import obs
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.export.report import tables_of_page, view_of
from apps.kit.pages.export import table_csv
from apps.kit.pages.pieces import Drawn
from ingest.sources.corrections.reading import read
from lake.catalog.corrections import LAYOUT
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.selection import Selection
from tests.pages.drawing import draw_page

MEASURES = {
    "personnes": ("professionnels", "densite_pour_10000", "part_localises"),
    "personnes_principal": (
        "professionnels_principal",
        "densite_principal_pour_10000",
        "part_localises_principal",
    ),
    "activites": ("activites", "activites_pour_10000", "part_activites_localisees"),
    "sites": ("sites", "sites_pour_10000", "part_sites_localises"),
}


def french(value: float, decimals: int = 0) -> str:
    return f"{value:,.{decimals}f}".replace(",", "\u202f").replace(".", ",")


def commanded(lake: Path, *arguments: str) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = json.loads(told(lake, *arguments, "--format", "json"))
    return rows


def told(lake: Path, *arguments: str) -> str:
    """What the command prints, run in this process: starting one costs more than the answer."""
    done = CliRunner().invoke(obs, list(arguments), env={"OBS_LAKE": str(lake)})
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("base", list(MEASURES))
def test_the_ledger_of_the_page_is_that_of_the_command(petit_lake: Path, base: str) -> None:
    options = {} if base == "personnes" else {"base": [base]}
    page = draw_page("annuaire", "qualite", petit_lake, departement=["67"], maille=["epci"], **options)
    asked = ("annuaire", "qualite", "--base", base, "--filtre", "departement=67")
    expected = commanded(petit_lake, *asked, "--par", "epci")
    [whole] = commanded(petit_lake, *asked)
    table = page.at.dataframe[0].value
    names = ["total", "numero", "rue", "lieu_dit", "adresse_absente", "introuvable", "commune_inconnue"]
    names += ["places_commune", "difference"]
    rows, total = table.iloc[:-1], table.iloc[-1]
    assert sorted(rows[names].itertuples(index=False, name=None)) == sorted(
        tuple(row[name] for name in names) for row in expected
    )
    assert [int(total[name]) for name in names] == [whole[name] for name in names]
    assert (rows["total"] == rows[names[1:7]].sum(axis=1)).all()
    assert not rows["difference"].any()
    if base in ("personnes_principal", "activites"):
        assert rows["total"].sum() == total["total"]
    assert "différence 0" in page.html
    assert page.figures["Adresse absente"] == french(whole["adresse_absente"])
    lost = page.at.dataframe[1].value
    assert [int(count) for count in lost["non_localises"]][:-1] == sorted(
        (row["non_localises"] for row in expected if row["non_localises"]), reverse=True
    )
    assert int(lost["non_localises"].iloc[-1]) == whole["non_localises"]


@pytest.mark.parametrize("base", list(MEASURES))
def test_carte_counts_what_is_chosen_as_the_command_does(petit_lake: Path, base: str) -> None:
    options = {} if base == "personnes" else {"base": [base]}
    page = draw_page("annuaire", "carte", petit_lake, departement=["67"], profession=["10"], **options)
    count, density, share = MEASURES[base]
    filters = ("--filtre", "departement=67", "--filtre", "profession=10")
    [row] = commanded(petit_lake, "query", "annuaire", "--mesure", ",".join(MEASURES[base]), *filters)
    label = {"activites": "Activités", "sites": "Sites"}.get(base, "Professionnels")
    located = "Localisées" if base == "activites" else "Localisés"
    assert page.figures[label] == french(row[count])
    assert page.figures["Densité pour 10\u202f000 hab."] == french(row[density], 1)
    assert page.figures[f"{located} sur la carte"] == french(100 * row[share], 1) + "\u202f%"
    assert ("s’additionnent" in page.reading) == (base in ("personnes_principal", "activites"))


def test_the_base_is_said_in_exports(petit_lake: Path) -> None:
    view = view_of(CARTE, Data(Lake(Settings(lake=str(petit_lake)))), State(Selection(), {"base": "sites"}))
    for _name, table in tables_of_page(CARTE, view):
        text = table_csv(table, view, "essai").decode("utf-8-sig")
        assert "# Base de comptage : Sites" in text
    view = view_of(CARTE, view.data, State(Selection()))
    assert view.options_in_words() == [("Base de comptage", "Personnes, chaque territoire")]


@pytest.mark.parametrize("page", ["carte", "qualite", "evolution"])
def test_an_unknown_base_is_told_and_persons_are_counted(petit_lake: Path, page: str) -> None:
    drawn = draw_page("annuaire", page, petit_lake, base=["têtes"])
    assert any("base=têtes" in info.value for info in drawn.at.info)
    people = commanded(petit_lake, "query", "annuaire", "--mesure", "professionnels")[0]["professionnels"]
    assert french(people) in drawn.html


def test_evolution_adds_up_at_the_principal_territory(petit_lake: Path) -> None:
    since = "2024-12-03"
    page = draw_page(
        "annuaire",
        "evolution",
        petit_lake,
        depuis=[since],
        maille=["departement"],
        base=["personnes_principal"],
    )
    table = page.at.dataframe[0].value
    rows, total = table.iloc[:-1], table.iloc[-1]
    for name in ("debut", "fin"):
        assert rows[name].sum() == total[name]
    command = (
        "annuaire",
        "evolution",
        "--du",
        since,
        "--par",
        "departement",
        "--base",
        "personnes_principal",
    )
    expected = commanded(petit_lake, *command)
    counts = ["debut", "arrivees", "entrees", "departs", "sorties", "fin", "deplacements", "changements_mode"]
    assert sorted(rows[counts].itertuples(index=False, name=None)) == sorted(
        tuple(row[name] for name in counts) for row in expected
    )
    by_measure = commanded(
        petit_lake, "query", "annuaire", "--mesure", "professionnels_principal", "--par", "code_departement"
    )
    assert {row["territoire"]: row["fin"] for row in expected} == {
        row["code_departement"]: row["professionnels_principal"] for row in by_measure
    }


def test_the_file_of_the_page_is_the_layout_that_ingestion_reads(petit_lake: Path, tmp_path: Path) -> None:
    data = Data(Lake(Settings(lake=str(petit_lake))))
    view = view_of(QUALITE, data, State(Selection({"profession": ["10"]})))
    piece = to_correct(view)
    assert isinstance(piece, Drawn)
    assert piece.table is not None
    content = table_csv(piece.table, view, "essai")
    lines = content.decode("utf-8-sig").splitlines()
    assert [line[0] for line in lines[:5]] == ["#"] * 5
    header = next(line for line in lines if not line.startswith("#"))
    assert header.split(";") == list(LAYOUT)
    path = tmp_path / "a-corriger.csv"
    path.write_bytes(content)
    read_back = read(path, path.name)
    assert (read_back.lues, read_back.ignored) == (0, ())  # nothing is completed yet, every column is known
    assert read_back.untouched == sites(view).height > 0
    asked = ("annuaire", "qualite", "--a-corriger", "--filtre", "profession=10", "--format", "csv")
    command = told(petit_lake, *asked)
    mine = list(csv.DictReader(io.StringIO("\n".join(lines[lines.index(header) :])), delimiter=";"))
    assert mine == list(csv.DictReader(io.StringIO(command)))


def test_the_questions_are_answered_where_they_arise(petit_lake: Path) -> None:
    page = draw_page("annuaire", "carte", petit_lake, departement=["67"])
    answers = " ".join(one.value for one in page.at.markdown)
    people = commanded(
        petit_lake, "query", "annuaire", "--mesure", "professionnels", "--filtre", "departement=67"
    )
    assert f"sur {french(people[0]['professionnels'])}" in answers
    assert ANNUAIRE.measure("professionnels").definition in answers.replace("\u202f", " ")
    for anchor in ("carte-et-chiffre", "absents", "base"):
        assert re.search(rf'href="(annuaire-)?notice\?departement=67#{anchor}"', page.html)


def test_the_notice_reads_the_universe_and_names_the_registers(petit_lake: Path) -> None:
    page = draw_page("annuaire", "notice", petit_lake)
    registers, bases, _words, measures = (one.value for one in page.at.dataframe)
    assert set(registers["rythme"]) == {"chaque jour", "chaque semaine"}
    assert list(registers[registers["rythme"] == "chaque semaine"]["registre"]) == [
        "Agences régionales de santé"
    ]
    assert len(bases) == 4
    assert list(measures["mesure"]) == [one.name for one in ANNUAIRE.measures]
    assert list(measures["definition"]) == [one.definition for one in ANNUAIRE.measures]
    assert page.at.dataframe[3].proto.row_height == 74  # three lines: a definition is read in its cell
    said = " ".join(one.value for one in page.at.markdown)
    for words in (
        "sans activité",
        "remplaçante exclusive",
        "ADELI",
        "adresse introuvable",
        "temps de présence",
    ):
        assert words in said
