"""The annuaire source through the real run: what is published, what is reported, what a refusal leaves."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ingest.run import Request, run
from ingest.sources import source
from ingest.sources.annuaire.layout import DIPLOMES_LAYOUT
from lake.catalog.annuaire import ACTIVITES, DIPLOMES
from lake.catalog.journal import REJETS
from lake.errors import BudgetExceeded, ContractError, SourceUnavailable
from lake.settings import Settings
from lake.tables import Lake
from tests.unit.annuaire_delivery import (
    activite,
    diplome,
    person,
    territories,
    write,
    write_activites,
    write_zip,
)

NAME = "PS_LibreAcces_Personne_activite_202501140830.txt"
ANNUAIRE = source("annuaire")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A lake that knows a few territories."""
    found = Settings(lake=str(tmp_path / "lac"), geocodeur="aucun")
    for table, frame in territories().items():
        Lake(found).publish(table, table.conform(frame).valid)
    return found


def published(settings: Settings) -> list[tuple[object, ...]]:
    columns = ["date_extraction", "ligne", "code_departement"]
    return Lake(settings).scan(ACTIVITES).select(columns).sort(columns).collect().rows()


def test_report_closes_and_rejects_can_be_read_back(tmp_path: Path, settings: Settings):
    lines = [
        activite(**person(1)),
        activite(**person(1)),
        activite(**person(2), code_commune_source="75056", code_postal="75001"),
        "a|b",
        activite(**person(3), code_profession=""),  # sound, but breaks the contract
        activite(**person(4), code_commune_source="68066", code_postal="68000"),
        activite(**person(5), code_profession="", code_commune_source="75056"),  # the same, outside
    ]
    path = write_activites(tmp_path / NAME, lines)
    report = run(ANNUAIRE, Request(files=(path,), budget=0.5), settings)
    assert report.statut == "publiee"
    counts = {
        name: report.total(name) for name in ("lues", "publiees", "doublons", "hors_region", "rejetees")
    }
    assert counts == {"lues": 7, "publiees": 2, "doublons": 1, "hors_region": 2, "rejetees": 2}
    day = date(2025, 1, 14)
    assert published(settings) == [(day, 2, "67"), (day, 7, "68")]
    rejects = Lake(settings).scan(REJETS).select("ligne", "motif", "contenu").sort("ligne").collect().rows()
    assert rejects == [(5, "2 champs au lieu de 56", "a|b"), (6, "profession absente", lines[4])]


def test_extractions_live_side_by_side_and_one_is_replaced_alone(tmp_path: Path, settings: Settings):
    first = write_activites(tmp_path / NAME, [activite(**person(1)), activite(**person(2))])
    second = write_activites(tmp_path / NAME.replace("20250114", "20250128"), [activite(**person(1))])
    for path in (first, second):
        run(ANNUAIRE, Request(files=(path,)), settings)
    write_activites(first, [activite(**person(3), code_commune_source="57463")])
    run(ANNUAIRE, Request(files=(first,)), settings)
    assert published(settings) == [(date(2025, 1, 14), 2, "57"), (date(2025, 1, 28), 2, "67")]


def test_the_same_file_twice_is_a_no_op(tmp_path: Path, settings: Settings):
    path = write_activites(tmp_path / NAME, [activite()])
    run(ANNUAIRE, Request(files=(path,)), settings)
    version = Lake(settings).version(ACTIVITES)
    assert run(ANNUAIRE, Request(files=(path,)), settings).statut == "deja_publiee"
    assert Lake(settings).version(ACTIVITES) == version


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        ("zip tronqué", SourceUnavailable),
        ("colonne", ContractError),
        ("budget", BudgetExceeded),
        ("date", ContractError),
        ("en-tête seul", ContractError),
    ],
)
def test_a_refused_delivery_leaves_the_last_good_version(
    tmp_path: Path, settings: Settings, damage: str, error: type[Exception]
):
    good = write_activites(tmp_path / NAME, [activite()])
    run(ANNUAIRE, Request(files=(good,)), settings)
    before = published(settings)
    bad = tmp_path / NAME.replace("0830", "0930")
    request = Request(files=(bad,))
    if damage == "zip tronqué":
        bad = write_zip(tmp_path / "PS_LibreAcces_202501140930.zip", {NAME: good.read_bytes() * 50})
        bad.write_bytes(bad.read_bytes()[:-40])
        request = Request(files=(bad,))
    elif damage == "colonne":
        bad.write_bytes(good.read_bytes().replace(b"Code profession", b"Code metier"))
    elif damage == "budget":
        write_activites(bad, [activite(), "x|y"])
    elif damage == "date":
        write_activites(bad, [activite()])
        request = Request(files=(bad,), day=date(2025, 1, 15))
    else:
        write_activites(bad, [])
    with pytest.raises(error):
        run(ANNUAIRE, request, settings)
    assert published(settings) == before


def test_diplomas_arrive_later_and_follow_the_published_persons(tmp_path: Path, settings: Settings):
    run(ANNUAIRE, Request(files=(write_activites(tmp_path / NAME, [activite(**person(1))]),)), settings)
    path = write(
        tmp_path / NAME.replace("Personne_activite", "Dipl_AutExerc"),
        DIPLOMES_LAYOUT,
        [diplome(1), diplome(2)],
    )
    report = run(ANNUAIRE, Request(files=(path,)), settings)
    assert (report.total("publiees"), report.total("hors_region")) == (1, 1)
    kept = Lake(settings).scan(DIPLOMES).select(pl.col("identification_nationale_pp")).collect()
    assert kept.to_series().to_list() == ["890000000001"]
