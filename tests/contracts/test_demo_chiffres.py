"""The full demonstration lake closes on the figures published for 14 January 2025."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.demo_lake import called as called

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


def rows(lake: Path, *arguments: str) -> list[dict[str, str]]:
    text = called("query", "annuaire", *arguments, "--format", "csv", lake=lake).stdout
    return list(csv.DictReader(io.StringIO(text)))


def test_professionals_and_those_who_cannot_be_located(demo_lake: Path) -> None:
    [whole] = rows(demo_lake, "--mesure", "professionnels,part_localises")
    assert whole["professionnels"] == "123048"
    assert float(whole["part_localises"]) == pytest.approx(1 - 1129 / 123048, abs=1e-12)
    [missing] = rows(demo_lake, "--mesure", "professionnels", "--filtre", "geo_precision=commune,aucune")
    assert missing["professionnels"] == "1129"


def test_not_located_by_epci_as_published(demo_lake: Path) -> None:
    by_epci = {
        row["siren_epci"]: int(row["professionnels"])
        for row in rows(
            demo_lake,
            *("--mesure", "professionnels", "--par", "siren_epci"),
            *("--filtre", "geo_precision=commune,aucune"),
        )
    }
    assert {siren: by_epci.get(siren) for siren in NON_LOCALISES} == NON_LOCALISES
    others = {siren: count for siren, count in by_epci.items() if siren not in NON_LOCALISES}
    assert sum(others.values()) == 1129 - 687
    assert max(others.values()) < 23


def test_four_fortnightly_extractions_live_side_by_side(demo_lake: Path) -> None:
    found = rows(demo_lake, "--mesure", "professionnels", "--par", "date_extraction")
    assert [row["date_extraction"] for row in found] == [
        "2024-12-03",
        "2024-12-17",
        "2024-12-31",
        "2025-01-14",
    ]
    counts = [int(row["professionnels"]) for row in found]
    assert counts == sorted(counts)
    assert counts[0] != counts[-1]


def test_every_report_closes_to_the_unit(demo_lake: Path) -> None:
    runs = json.loads(called("lake", "executions", "--format", "json", lake=demo_lake).stdout)
    assert {run["source"] for run in runs} >= {"territoires", "ban", "annuaire"}
    for run in runs:
        assert run["statut"] == "publiee"
        assert run["lues"] == sum(run[n] for n in ("publiees", "doublons", "hors_region", "rejetees")), run
    directory = [run for run in runs if run["source"] == "annuaire"]
    assert len(directory) == 4
    assert all(run["doublons"] > 0 and run["hors_region"] > 0 and run["rejetees"] > 0 for run in directory)


def test_rejected_lines_can_be_read_back(demo_lake: Path) -> None:
    lines = json.loads(
        called("lake", "rejets", "--source", "annuaire", "--format", "json", lake=demo_lake).stdout
    )
    runs = json.loads(
        called("lake", "executions", "--source", "annuaire", "--format", "json", lake=demo_lake).stdout
    )
    assert len(lines) == runs[0]["rejetees"]
    assert all(line["ligne"] >= 2 and line["motif"] and line["contenu"] for line in lines)


def test_every_published_table_keeps_its_contract(demo_lake: Path) -> None:
    said = called("lake", "check", lake=demo_lake).stdout
    assert "KO" not in said
    counts = rows(demo_lake, "--mesure", "activites", "--par", "date_extraction")
    published = sum(int(row["activites"]) for row in counts)
    assert f"ok annuaire__activites : {published} lignes conformes" in said.replace("\u202f", "")
