"""The directory's lists by the command line, and the figures behind them, worked by hand."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest

from lake.catalog.annuaire import ACTIVITES
from lake.catalog.finess import ETABLISSEMENTS
from lake.settings import Settings
from lake.tables import Lake
from scoring.annuaire import repertoire as annuaire_repertoire
from scoring.universes.rows import NON_RENSEIGNE
from scoring.universes.selection import Selection
from tests.demo_lake import called as called
from tests.sample_annuaire import NEW, frames, scanner

SITES = {"8A": "670000025", "8B": "670000025", "8C": "670000041", "8F": "880000019"}


def establishment(finess: str, commune: str | None, **values: object) -> dict[str, object]:
    return {
        "finess": finess, "code_commune": commune, "code_departement": finess[:2], "famille": "hopital",
        "raison_sociale": f"SITE {finess}", "ouvert": True,
    } | values  # fmt: skip


REGISTER = pl.DataFrame(
    [
        establishment("670000025", "67482", siren_epci="246700488"),
        establishment("670000041", "67071", siren_epci="200067783", famille="pharmacie"),
        establishment("670000058", "67482", siren_epci="246700488"),  # nobody practises there
        establishment("670000066", "67482", siren_epci="246700488", ouvert=False),
        establishment("880000019", None),
    ],
    schema=ETABLISSEMENTS.dtypes(),
)


@pytest.fixture
def scan() -> annuaire_repertoire.Scan:
    """The sample of eight activities, with the establishments where they are."""
    tables = frames()
    person = pl.col("identification_nationale_pp")
    tables[ACTIVITES.name] = tables[ACTIVITES.name].with_columns(
        finess_site=person.replace_strict(SITES, default=None), nom_exercice=pl.format("NOM{}", person)
    )
    return scanner({**tables, ETABLISSEMENTS.name: REGISTER})


def counted(scan: annuaire_repertoire.Scan, **filters: list[str]) -> dict[str, int]:
    found = annuaire_repertoire.places(scan, Selection(filters, NEW))
    return dict(found.select("finess", "professionnels").iter_rows())


def test_open_establishments_and_who_practises_there(scan: annuaire_repertoire.Scan) -> None:
    assert counted(scan) == {"670000025": 2, "670000041": 1, "670000058": 0, "880000019": 1}


def test_a_territory_is_that_of_the_establishment(scan: annuaire_repertoire.Scan) -> None:
    assert counted(scan, departement=["88"]) == {"880000019": 1}
    assert counted(scan, epci=["246700488"]) == {"670000025": 2, "670000058": 0}
    assert counted(scan, commune=["67071"]) == {"670000041": 1}
    assert counted(scan, commune=[NON_RENSEIGNE, "67071"]) == {"670000041": 1, "880000019": 1}


def test_another_filter_keeps_where_someone_answers_it(scan: annuaire_repertoire.Scan) -> None:
    assert counted(scan, profession=["10"]) == {"670000025": 2}
    assert counted(scan, profession=["10"], mode_exercice=["S"]) == {"670000025": 1}
    assert counted(scan, profession=["60"], departement=["88"]) == {}


def test_without_a_register_there_is_no_establishment(scan: annuaire_repertoire.Scan) -> None:
    assert annuaire_repertoire.places(scan, Selection({}, NEW), registered=False).height == 0


def test_answers_are_those_of_the_selection_and_every_commune(scan: annuaire_repertoire.Scan) -> None:
    everyone = annuaire_repertoire.people(scan, Selection({}, NEW))
    index = annuaire_repertoire.index(scan, everyone)
    doctors = annuaire_repertoire.people(scan, Selection({"profession": ["10"]}, NEW))
    places = annuaire_repertoire.places(scan, Selection({"profession": ["10"]}, NEW))
    found = annuaire_repertoire.answers(index, "strasbourg", doctors, places)
    assert found.select("genre", "code").rows() == [
        ("personne", "8A"),
        ("etablissement", "670000025"),
        ("commune", "67482"),
    ]
    assert annuaire_repertoire.answers(index, "nom8c", doctors, places).height == 0


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_command_lists_what_the_page_lists(petit_lake: Path) -> None:
    options = ("--filtre", "departement=67", "--filtre", "profession=60", "--format", "csv")
    rows = read(called("annuaire", "etablissements", *options, lake=petit_lake).stdout)
    scan = Lake(Settings(lake=str(petit_lake))).scan
    day = max(row for row in scan(ACTIVITES).select("date_extraction").unique().collect().to_series())
    expected = annuaire_repertoire.places(scan, Selection({"departement": ["67"], "profession": ["60"]}, day))
    assert rows
    assert {row["finess"]: int(row["professionnels"]) for row in rows} == dict(
        expected.select("finess", "professionnels").iter_rows()
    )


def test_the_command_forgives_slips(petit_lake: Path) -> None:
    options = ("--nombre", "100000", "--format", "csv")
    rows = read(called("annuaire", "recherche", "starsbourg", *options, lake=petit_lake).stdout)
    assert ("commune", "67482", "Strasbourg") in {(row["genre"], row["code"], row["nom"]) for row in rows}
    assert {row["proche"] for row in rows} == {"true"}
