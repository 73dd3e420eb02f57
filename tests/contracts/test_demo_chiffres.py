"""The full demonstration directory closes on the figures published for 14 January 2025.

The last extraction alone: a full demonstration is every source and twelve extractions, whose figures the small one
shows as well, and which ``obs demo`` builds.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest

from demo.annuaire.calibrage import NON_LOCALISEES_PAR_EPCI
from demo.annuaire.write import DATES, AnnuaireDemo
from lake.catalog.annuaire import ACTIVITES
from lake.tables import Lake
from tests.demo_lake import called
from tests.unit.test_demo_calibration import check, ingest

# Published for 14 January 2025: persons who cannot be located, by EPCI (SIREN).
NON_LOCALISES = {
    "200039865": 253,  # Metz Métropole
    "200066009": 105,  # Mulhouse Alsace Agglomération
    "246700488": 79,  # Eurométropole de Strasbourg
    "200067213": 54,  # Grand Reims
    "245400676": 46,  # Métropole du Grand Nancy
    "200069250": 43,  # Troyes Champagne Métropole
    "200066876": 29,  # Châlons-en-Champagne
    "200067874": 28,  # Haguenau
    "200013050": 27,  # Sauer-Pechelbronn
    "200066041": 23,  # Sundgau
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lake, AnnuaireDemo]:
    """The full directory of 14 January 2025, generated and ingested."""
    folder = tmp_path_factory.mktemp("annuaire")
    return folder / "lac", *ingest(folder, petit=False, days=DATES[-1:])


@pytest.fixture(scope="module")
def whole_lake(made: tuple[Path, Lake, AnnuaireDemo]) -> Path:
    return made[0]


def rows(lake: Path, *arguments: str) -> list[dict[str, str]]:
    text = called("query", "annuaire", *arguments, "--format", "csv", lake=lake).stdout
    return list(csv.DictReader(io.StringIO(text)))


def test_the_figures_published_for_14_january_2025_come_out_of_the_generator(
    made: tuple[Path, Lake, AnnuaireDemo],
) -> None:
    _, lake, demo = made
    (last,) = demo.extractions.values()
    check(lake, last, demo.sites)
    assert last.date == DATES[-1]
    assert last.personnes == 123_048
    assert last.non_localisees == 1_129
    by_epci = dict(last.non_localisees_par_epci)
    assert {code: by_epci.pop(code) for code in NON_LOCALISEES_PAR_EPCI} == {
        "200039865": 253,
        "200066009": 105,
        "246700488": 79,
        "200067213": 54,
        "245400676": 46,
        "200069250": 43,
        "200066876": 29,
        "200067874": 28,
        "200013050": 27,
        "200066041": 23,
    }
    assert sum(by_epci.values()) == 442
    assert max(by_epci.values()) < 23
    located = (
        lake.scan(ACTIVITES).select(pl.col("geo_precision").value_counts()).unnest("geo_precision").collect()
    )
    counts = dict(located.iter_rows())
    assert counts["numero"] / sum(counts.values()) > 0.85
    assert counts["rue"] > counts["lieu_dit"] > 1_000


def test_professionals_and_those_who_cannot_be_located(whole_lake: Path) -> None:
    [whole] = rows(whole_lake, "--mesure", "professionnels,part_localises")
    assert whole["professionnels"] == "123048"
    assert float(whole["part_localises"]) == pytest.approx(1 - 1129 / 123048, abs=1e-12)
    [missing] = rows(whole_lake, "--mesure", "professionnels", "--filtre", "geo_precision=commune,aucune")
    assert missing["professionnels"] == "1129"


def test_not_located_by_epci_as_published(whole_lake: Path) -> None:
    by_epci = {
        row["siren_epci"]: int(row["professionnels"])
        for row in rows(
            whole_lake,
            *("--mesure", "professionnels", "--par", "siren_epci"),
            *("--filtre", "geo_precision=commune,aucune"),
        )
    }
    assert {siren: by_epci.get(siren) for siren in NON_LOCALISES} == NON_LOCALISES
    others = {siren: count for siren, count in by_epci.items() if siren not in NON_LOCALISES}
    assert sum(others.values()) == 1129 - 687
    assert max(others.values()) < 23


def test_four_fortnightly_extractions_live_side_by_side(petit_lake: Path) -> None:
    found = rows(petit_lake, "--mesure", "professionnels", "--par", "date_extraction")
    assert [row["date_extraction"] for row in found] == [
        "2024-12-03",
        "2024-12-17",
        "2024-12-31",
        "2025-01-14",
    ]
    counts = [int(row["professionnels"]) for row in found]
    assert counts == sorted(counts)
    assert counts[0] != counts[-1]


def test_every_report_closes_to_the_unit(petit_lake: Path) -> None:
    runs = json.loads(called("lake", "executions", "--format", "json", lake=petit_lake).stdout)
    assert {run["source"] for run in runs} >= {"territoires", "ban", "annuaire"}
    for run in runs:
        assert run["statut"] == "publiee"
        assert run["lues"] == sum(run[n] for n in ("publiees", "doublons", "hors_region", "rejetees")), run
    directory = [run for run in runs if run["source"] == "annuaire"]
    assert len(directory) == 4
    assert all(run["doublons"] > 0 and run["hors_region"] > 0 and run["rejetees"] > 0 for run in directory)


def test_rejected_lines_can_be_read_back(whole_lake: Path) -> None:
    lines = json.loads(
        called("lake", "rejets", "--source", "annuaire", "--format", "json", lake=whole_lake).stdout
    )
    runs = json.loads(
        called("lake", "executions", "--source", "annuaire", "--format", "json", lake=whole_lake).stdout
    )
    assert len(lines) == runs[0]["rejetees"]
    assert all(line["ligne"] >= 2 and line["motif"] and line["contenu"] for line in lines)


def test_every_published_table_keeps_its_contract(whole_lake: Path) -> None:
    said = called("lake", "check", lake=whole_lake).stdout
    assert "KO" not in said
    counts = rows(whole_lake, "--mesure", "activites", "--par", "date_extraction")
    published = sum(int(row["activites"]) for row in counts)
    assert f"ok annuaire__activites : {published} lignes conformes" in said.replace("\u202f", "")
