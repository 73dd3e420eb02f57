"""The DREES's workbooks: read by what they say, refused with the sheet and the row, kept year by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from demo.apl.write import FICTION, write_apl
from ingest.run import Request, run
from ingest.sources import source
from lake.catalog.apl import COMMUNES_APL
from lake.catalog.territoires import COMMUNES
from lake.errors import BudgetExceeded, ContractError
from lake.tables import Lake

HEADER = [
    "Code commune INSEE", "Commune",
    "APL aux médecins généralistes ", "APL aux médecins généralistes de 65 ans et moins",
    "Population standardisée 2021 pour la médecine générale", "Population totale 2021",
]  # fmt: skip
CONSULTATIONS = "En nombre de consultations/visites accessibles par an par habitant standardisé"
UNITS = [
    None,
    None,
    CONSULTATIONS,
    CONSULTATIONS,
    "En nombre d'habitants standardisés",
    "En nombre d'habitants",
]
NURSES = [
    "Code commune INSEE",
    "Commune",
    "APL aux infirmières",
    "Population standardisée 2021 pour les infirmiers",
]
NURSE_UNITS = [None, None, "En ETP pour 100 000 habitants standardisés", "En nombre d'habitants standardisés"]
STRASBOURG = ["67482", "Strasbourg", 3.5, 3.0, 280_000, 291_313]
SAVERNE = ["67437", "Saverne", "2,25", 2.0, 11_500.5, 11_000]
NOTES = [[], ["Lecture : à Saverne, 2,25 consultations."], ["Source : DREES."]]


def book(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    header: Sequence[str] = HEADER,
    units: Sequence[str | None] = UNITS,
    skipped: int = 8,
) -> Path:
    """A workbook in the DREES's layout: title, notes, header on row 9, units on row 10, communes, notes."""
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.add_worksheet("Lisez-moi").write(0, 0, "APL")
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            sheet.write(0, 0, f"Indicateur d'accessibilité potentielle localisée, {name}")
            for number, row in enumerate([header, units, *rows], start=skipped):
                sheet.write_row(number, 0, row)
    return path


@pytest.fixture
def ground(lake: Lake) -> Lake:
    run(source("territoires"), Request(), lake.settings)
    return lake


def ingest(lake: Lake, *paths: Path, budget: float | None = None) -> Any:
    return run(source("apl"), Request(files=paths, budget=budget), lake.settings)


def test_years_and_professions_stand_side_by_side(ground: Lake, tmp_path: Path) -> None:
    doctors = book(
        tmp_path / "mg.xlsx",
        {
            "APL 2022": [STRASBOURG, SAVERNE, *NOTES],
            "APL 2023": [
                STRASBOURG,
                ["01001", "Ailleurs", 1, 1, 1, 1],
                ["67437", "Saverne", None, None, 5, 6],
            ],
        },
    )
    nurses = book(
        tmp_path / "inf.xlsx", {"APL 2023": [["67482", "Strasbourg", 120.5, 9]]}, NURSES, NURSE_UNITS
    )
    report = ingest(ground, doctors, nurses)
    assert [(one.lues, one.publiees, one.hors_region) for one in report.tables] == [(5, 4, 1), (1, 1, 0)]
    assert report.chiffres["médecins généralistes : millésimes"] == "2022, 2023"
    assert report.chiffres["médecins généralistes : lignes de notes"] == 2
    assert report.chiffres["médecins généralistes : communes sans valeur"] == 1
    names = [
        "annee",
        "code_profession",
        "code_commune",
        "apl",
        "unite",
        "population_standardisee",
        "population",
    ]
    rows = ground.scan(COMMUNES_APL).select(names).sort(names[:3]).collect().rows()
    assert rows == [
        ("2022", "10", "67437", 2.25, "consultations", 11_500.5, 11_000.0),
        ("2022", "10", "67482", 3.5, "consultations", 280_000.0, 291_313.0),
        ("2023", "10", "67437", None, "consultations", 5.0, 6.0),
        ("2023", "10", "67482", 3.5, "consultations", 280_000.0, 291_313.0),
        ("2023", "60", "67482", 120.5, "etp", 9.0, None),
    ]
    # A new edition replaces its own years and profession only.
    ingest(ground, book(tmp_path / "mg2.xlsx", {"APL 2023": [["67482", "Strasbourg", 4, 4, 1, 1]]}))
    kept = ground.scan(COMMUNES_APL).select(names[:4]).sort(names[:3]).collect().rows()
    assert kept == [
        ("2022", "10", "67437", 2.25),
        ("2022", "10", "67482", 3.5),
        ("2023", "10", "67482", 4.0),
        ("2023", "60", "67482", 120.5),
    ]


def test_a_wrong_cell_is_refused_with_its_row(ground: Lake, tmp_path: Path) -> None:
    rows = [
        STRASBOURG,
        ["67437", "Saverne", "n.d.", 1, 1, 1],
        ["67437", "Saverne", 2, 1, "beaucoup", 1],
        ["67437", "Saverne", -1, 1, 1, 1],
        ["6743", "Saverne", 1, 1, 1, 1],
        ["67999", "Nulle part", 1, 1, 1, 1],
        ["67482", "Strasbourg", 9, 1, 1, 1],
        [67001, "Achenheim", 1.5, 1, 1, 1],
    ]
    report = ingest(ground, book(tmp_path / "mg.xlsx", {"APL 2022": rows}), budget=1.0)
    assert (report.total("lues"), report.total("publiees"), report.total("rejetees")) == (8, 2, 6)
    assert report.rejets == {
        "feuille APL 2022 : APL aux médecins généralistes : « n.d. » n'est pas un nombre": 1,
        "feuille APL 2022 : population standardisée : « beaucoup » n'est pas un nombre": 1,
        "feuille APL 2022 : APL aux médecins généralistes : valeur négative": 1,
        "feuille APL 2022 : code de commune de forme inattendue (« 6743 »)": 1,
        "feuille APL 2022 : commune inconnue du référentiel": 1,
        "feuille APL 2022 : commune déjà donnée dans la feuille": 1,
    }
    with pytest.raises(BudgetExceeded) as refused:
        ingest(ground, book(tmp_path / "mg3.xlsx", {"APL 2022": rows[:2]}))
    lines = refused.value.rejects  # type: ignore[attr-defined]
    assert lines.select("fichier", "ligne").rows() == [("mg3.xlsx", 12)]


def test_a_wrong_workbook_says_what_it_lacks(ground: Lake, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"

    def refusal(*arguments: Any, **options: Any) -> str:
        with pytest.raises(ContractError) as error:
            ingest(ground, book(path, *arguments, **options))
        return str(error.value)

    assert "aucune feuille « APL AAAA » (feuilles trouvées : Lisez-moi, Données)" in refusal(
        {"Données": [STRASBOURG]}
    )
    without_code = ["Insee", *HEADER[1:]]
    said = refusal({"APL 2022": [STRASBOURG]}, without_code)
    assert "feuille « APL 2022 » : colonne absente : « Code commune INSEE » (attendue ligne 9)" in said
    without_value = [*HEADER[:2], "Valeur", *HEADER[3:]]
    said = refusal({"APL 2022": [STRASBOURG]}, without_value)
    assert (
        "ligne 9 : colonne absente : « APL aux … » (colonnes : Code commune INSEE | Commune | Valeur |"
        in said
    )
    assert "ne nomme pas une profession connue" in refusal(
        {"APL 2022": [STRASBOURG]}, [*HEADER[:2], "APL aux pharmacies", *HEADER[3:]]
    )
    said = refusal({"APL 2022": [STRASBOURG]}, units=[None, None, "En euros"])
    assert "ligne 10 : l'unité de « APL aux médecins généralistes » n'est pas reconnue (« En euros »)" in said
    path.write_text("Code commune INSEE;Commune\n", encoding="utf-8")
    with pytest.raises(ContractError, match="n'est pas un classeur xlsx lisible"):
        ingest(ground, path)
    same = book(tmp_path / "y.xlsx", {"APL 2022": [STRASBOURG]})
    with pytest.raises(ContractError, match="portent sur la même profession"):
        ingest(ground, book(path, {"APL 2023": [STRASBOURG]}), same)
    with pytest.raises(ContractError, match="Aucun classeur de la DREES"):
        ingest(ground)


def test_the_header_is_found_by_what_it_says(ground: Lake, tmp_path: Path) -> None:
    report = ingest(ground, book(tmp_path / "mg.xlsx", {"apl 2024 ": [STRASBOURG]}, skipped=5))
    assert report.total("publiees") == 1
    assert ground.scan(COMMUNES_APL).collect()["annee"].to_list() == ["2024"]


def test_the_demo_s_workbooks_say_that_they_are_fictional(ground: Lake, tmp_path: Path) -> None:
    communes = ground.scan(COMMUNES).collect()
    heads = communes.filter(pl.col("population") > 2_000).select(
        "code_commune", code_profession=pl.lit("10"), offre=pl.col("population") / 1_000
    )
    report = ingest(ground, *write_apl(tmp_path, communes, heads))
    assert (report.total("rejetees"), report.total("publiees")) == (0, 3 * communes.height)
    rows = ground.scan(COMMUNES_APL).collect()
    assert all(FICTION in title for title in rows["titre"].unique())
    assert rows.select("code_profession", "annee").unique().sort("code_profession", "annee").rows() == [
        ("10", "2022"), ("10", "2023"), ("60", "2023"),
    ]  # fmt: skip
