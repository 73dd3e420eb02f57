"""Population by age: INSEE's table POP1B, what is refused and counted, and the demo's file."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from demo.ages.write import write_ages
from ingest.run import Request, run
from ingest.source import Context, Parsed, Snapshot, SourceFile
from ingest.sources import source
from ingest.sources.ages.source import SOURCE
from lake.catalog.ages import POPULATION
from lake.catalog.territoires import CODES_POSTAUX, COMMUNES, DEPARTEMENTS, FUSIONS
from lake.errors import BudgetExceeded, ContractError
from lake.tables import Lake

HEADER = "NIVGEO;CODGEO;LIBGEO;SEXE;AGED100;NB"
TABLES = {
    DEPARTEMENTS: {"code_departement": ["67", "75"], "departement": ["a", "b"], "code_region": ["44", "11"]},
    COMMUNES: {
        "code_commune": ["67482", "67418", "75056"],
        "commune": ["Strasbourg", "Saverne", "Paris"],
        "code_departement": ["67", "67", "75"],
        "population": [291_313, 11_000, 2_100_000],
    },
    CODES_POSTAUX: {"code_postal": ["67000"], "code_commune": ["67482"]},
    FUSIONS: {"ancien_code_commune": ["67014"], "ancienne_commune": ["Ancienne"], "code_commune": ["67418"]},
}
LINES = [
    "COM;67482;Strasbourg;1;000;1500.25",
    "COM;67482;Strasbourg;2;000;1400,5",
    "COM;67418;Saverne;1;100;2",
    "COM;67014;Ancienne;1;100;1.5",
    "COM;75056;Paris;1;000;9000",
]


def parse(path: Path, region: str = "44", day: date | None = None) -> Parsed:
    """Parse a file as the run does, and check that the counts close and the rows keep the contract."""
    file = SourceFile(path, path.name, hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
    found = day or SOURCE.date_of([path])

    def scan(table: Any) -> pl.LazyFrame:
        return pl.LazyFrame(TABLES[table])

    context = Context(scan=scan, region=region, geocodeur="ban", budget=0.01)
    (parsed,) = SOURCE.parse(Snapshot("ages", (file,), "x", found), context)
    assert parsed.lues == parsed.frame.height + parsed.doublons + parsed.hors_region + parsed.rejects.height
    assert not POPULATION.conform(parsed.frame).rejects.height
    return parsed


def written(folder: Path, *lines: str, header: str = HEADER, name: str = "TD_POP1B_2021.csv") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join([header, *lines, ""]).encode("utf-8"))
    return path


def test_each_line_is_an_age_of_a_commune_in_force(tmp_path: Path) -> None:
    parsed = parse(written(tmp_path, *LINES))
    assert (parsed.lues, parsed.hors_region) == (5, 1)
    rows = parsed.frame.select(
        "code_commune_source", "code_commune", "sexe", "age", "population", "annee"
    ).rows()
    assert rows == [
        ("67482", "67482", "1", 0, 1500.25, 2021),
        ("67482", "67482", "2", 0, 1400.5, 2021),
        ("67418", "67418", "1", 100, 2.0, 2021),
        ("67014", "67418", "1", 100, 1.5, 2021),
    ]
    assert parsed.figures == {"communes": 2, "habitants": 2904}
    assert not parsed.warnings


def test_quotes_latin_1_and_the_zip_read_the_same(tmp_path: Path) -> None:
    plain = parse(written(tmp_path, *LINES)).frame
    quoted = [";".join(f'"{cell}"' for cell in line.split(";")) for line in LINES]
    quoted[0] = quoted[0].replace("Strasbourg", "Évreux")
    text = "\n".join([HEADER, *quoted]).encode("latin-1")
    (tmp_path / "BTT_TD_POP1B_2021.txt").write_bytes(text)
    assert parse(tmp_path / "BTT_TD_POP1B_2021.txt").frame.equals(plain)
    with zipfile.ZipFile(tmp_path / "TD_POP1B_2021_csv.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("meta_TD_POP1B_2021.csv", "COD_VAR;LIB_VAR\nSEXE;Sexe\n")
        archive.writestr("TD_POP1B_2021.csv", text)
    assert parse(tmp_path / "TD_POP1B_2021_csv.zip").frame.equals(plain)


def test_wrong_lines_are_refused_with_their_number_and_reason(tmp_path: Path) -> None:
    wrong = [
        "COM;67482;Strasbourg;1;000",
        "COM;6748;Strasbourg;1;001;3",
        "EPCI;67482;Strasbourg;1;001;3",
        "COM;67482;Strasbourg;3;001;3",
        "COM;67482;Strasbourg;1;abc;3",
        "COM;67482;Strasbourg;1;001;n.d.",
        "",
        "COM;67482;Strasbourg;1;001;-1",
        "COM;67999;Nulle part;1;001;3",
        "COM;67482;Strasbourg;1;000;1500.25",
        "COM;67482;Strasbourg;1;000;99",
    ]
    parsed = parse(written(tmp_path, *LINES, *wrong))
    assert parsed.doublons == 1
    assert list(parsed.rejects.select("ligne", "motif").iter_rows()) == [
        (7, "5 champs au lieu de 6"),
        (8, "code de commune de forme inattendue"),
        (9, "niveau géographique autre que COM ou ARM"),
        (10, "sexe autre que 1 ou 2"),
        (11, "âge illisible"),
        (12, "effectif illisible"),
        (14, "effectif négatif"),
        (15, "commune inconnue du référentiel"),
        (17, "commune, sexe et âge déjà donnés ligne 2, avec un autre effectif"),
    ]


def test_arrondissements_make_up_their_city_and_are_not_added_to_it(tmp_path: Path) -> None:
    alone = parse(written(tmp_path, "ARM;75101;Paris 1er;1;000;10", "ARM;75120;Paris 20e;1;000;20"), "11")
    assert alone.frame["code_commune"].to_list() == ["75056", "75056"]
    both = parse(written(tmp_path, LINES[4], "ARM;75101;Paris 1er;1;000;10"), "11")
    assert (both.frame["population"].to_list(), both.doublons) == ([9000.0], 1)


def test_communes_without_ages_are_told(tmp_path: Path) -> None:
    parsed = parse(written(tmp_path, LINES[0]))
    assert parsed.warnings == [
        "1 commune habitée sans population par âge : leur population totale en tient lieu."
    ]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("CODGEO;REG;DEP;LIBGEO;P21_POP;P21_POP0014", "colonnes absentes : SEXE, AGED100, NB"),
        ("NIVGEO,CODGEO,LIBGEO,SEXE,NB", "colonne absente : AGED100"),
    ],
)
def test_another_table_is_refused_with_what_it_lacks(tmp_path: Path, header: str, said: str) -> None:
    with pytest.raises(ContractError, match=said) as refusal:
        parse(written(tmp_path, "x", header=header))
    assert "POP1B" in refusal.value.conseil


def test_a_delivery_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "POP1B_2021.zip", "w") as archive:
        archive.writestr("lisez-moi.csv", "rien")
    with pytest.raises(ContractError, match=r"ne contient pas la table POP1B \(lisez-moi.csv\)"):
        parse(tmp_path / "POP1B_2021.zip")
    with pytest.raises(ContractError, match="L'année du recensement"):
        parse(written(tmp_path, *LINES, name="population.csv"))
    assert (
        parse(written(tmp_path, *LINES, name="population.csv"), day=date(2020, 1, 1)).frame["annee"][0]
        == 2020
    )


def test_the_demo_file_goes_through_the_real_run(lake: Lake, tmp_path: Path) -> None:
    run(source("territoires"), Request(), lake.settings)
    communes = lake.scan(COMMUNES).filter(pl.col("code_departement") == "68").collect()
    path = write_ages(tmp_path, communes)
    assert write_ages(tmp_path / "bis", communes).read_bytes() == path.read_bytes()
    report = run(source("ages"), Request(files=(path,)), lake.settings)
    assert (report.date, report.total("rejetees"), report.total("doublons")) == (date(2021, 1, 1), 0, 0)
    rows = lake.scan(POPULATION).collect()
    people = communes.filter(pl.col("population") > 0)
    assert rows.height == report.total("lues") == people.height * 2 * 101
    sums = rows.group_by("code_commune").agg(pl.col("population").sum()).sort("code_commune")
    assert sums["population"].to_list() == pytest.approx(
        people.sort("code_commune")["population"].to_list(), abs=0.01
    )
    with path.open("a", encoding="utf-8") as out:
        out.write("COM;68224;Mulhouse;1;abc;1\n" * 2_000)
    with pytest.raises(BudgetExceeded, match="âge illisible"):
        run(source("ages"), Request(files=(path,)), lake.settings)
    assert lake.scan(POPULATION).collect().height == rows.height
