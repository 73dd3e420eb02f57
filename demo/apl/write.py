"""Demo workbooks in the layout of the DREES. Their figures are fictional, and their titles say so.

A value is made of the demo's professionals and inhabitants around the commune, in squares of about 9 km, and of
chance: it goes with the potential accessibility that the suite computes, without being it. Same seed and arguments,
same figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import xlsxwriter

from ingest.sources.apl.columns import HEADER_ROW

Floats = npt.NDArray[np.float64]
FICTION = "données fictives de démonstration"
_SQUARE = (0.12, 0.08)  # degrees of longitude and latitude
_STANDARD = "En nombre d'habitants standardisés"
_CONSULTATIONS = "En nombre de consultations/visites accessibles par an par habitant standardisé"
_ETP = "En ETP pour 100 000 habitants standardisés"


@dataclass(frozen=True)
class _Book:
    """One workbook: the profession's words, its usual level, its unit, its years, and who is left out by age."""

    file: str
    title: str
    column: str
    population: str
    level: float
    unit: str
    years: tuple[int, ...]
    narrowed: Mapping[str, float]


_BOOKS = {
    "10": _Book(
        "apl_medecins_generalistes.xlsx",
        "aux médecins généralistes",
        "APL aux médecins généralistes",
        "la médecine générale",
        3.3,
        _CONSULTATIONS,
        (2022, 2023),
        {"65": 0.86, "62": 0.74, "60": 0.66},
    ),
    "60": _Book(
        "apl_infirmieres.xlsx",
        "aux infirmières",
        "APL aux infirmières",
        "les infirmiers",
        150.0,
        _ETP,
        (2023,),
        {},
    ),
}


def write_apl(
    folder: Path, communes: pl.DataFrame, offre: pl.DataFrame, *, seed: int = 20250114
) -> list[Path]:
    """Write one workbook per profession.

    Args:
        folder: where to write; created if absent.
        communes: ``territoires__communes``.
        offre: ``code_profession`` (``10``: general practitioners, ``60``: nurses), ``code_commune``, ``offre``.
        seed: same seed and arguments, same figures.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = communes.drop_nulls(["longitude", "latitude"]).sort("code_commune")
    rng = np.random.default_rng([seed, 8])
    paths = []
    for code, book in _BOOKS.items():
        heads = rows.join(
            offre.filter(pl.col("code_profession") == code),
            on="code_commune",
            how="left",
            maintain_order="left",
        )["offre"]
        paths.append(_write(folder / book.file, book, rows, _around(rows, heads), rng))
    return paths


def _around(rows: pl.DataFrame, heads: pl.Series) -> Floats:
    """Heads per inhabitant in the nine squares around each commune, relative to the whole."""
    x = (rows["longitude"].to_numpy() / _SQUARE[0]).astype(int)
    y = (rows["latitude"].to_numpy() / _SQUARE[1]).astype(int)
    x, y = x - x.min() + 1, y - y.min() + 1
    shape = (int(x.max()) + 2, int(y.max()) + 2)

    def near(values: Floats) -> Floats:
        grid = np.zeros(shape)
        np.add.at(grid, (x, y), values)
        sums = sum(np.roll(grid, (dx, dy), (0, 1)) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
        found: Floats = np.asarray(sums)[x, y]
        return found

    people = rows["population"].fill_null(0).to_numpy().astype(float)
    there = heads.fill_null(0).to_numpy().astype(float)
    whole = max(there.sum(), 1.0) / max(people.sum(), 1.0)
    ratio: Floats = near(there) / np.maximum(near(people), 1.0) / whole
    return ratio


def _write(path: Path, book: _Book, rows: pl.DataFrame, ratio: Floats, rng: np.random.Generator) -> Path:
    noise = np.exp(0.18 * rng.standard_normal(rows.height))
    people = rows["population"].fill_null(0).to_numpy().astype(float)
    standard = people * (1 + 0.05 * rng.standard_normal(rows.height)).clip(0.8, 1.2)
    names = list(zip(rows["code_commune"], rows["commune"], strict=True))
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as workbook:
        reading = workbook.add_worksheet("Lisez-moi")
        reading.write_string(0, 0, f"Classeur de démonstration : {FICTION}, dans la disposition de la DREES.")
        for rank, year in enumerate(book.years):
            value = (
                book.level
                * ratio
                * noise
                * (1 - 0.02 * rank)
                * np.exp(0.03 * rng.standard_normal(rows.height))
            )
            sheet = workbook.add_worksheet(f"APL {year}")
            _head(sheet, book, year)
            columns = [value, *(value * share for share in book.narrowed.values()), standard, people]
            figures = np.column_stack(columns).round(6).tolist()
            _body(sheet, names, figures)
    return path


def _head(sheet: xlsxwriter.worksheet.Worksheet, book: _Book, year: int) -> None:
    title = f"Indicateur d'accessibilité potentielle localisée (APL) {year} {book.title} — {FICTION}"
    for row, words in enumerate((title, "", f"Millésime : {year}", "Source : fiction", "Champ : Grand Est")):
        sheet.write_string(row, 0, words)
    before = year - 2
    narrowed = [f"{book.column} de {age} ans et moins" for age in book.narrowed]
    sheet.write_row(
        HEADER_ROW - 1,
        0,
        [
            "Code commune INSEE",
            "Commune",
            book.column,
            *narrowed,
            f"Population standardisée {before} pour {book.population}",
            f"Population totale {before}",
        ],
    )
    units = ["", "", *[book.unit] * (1 + len(narrowed)), _STANDARD, "En nombre d'habitants"]
    sheet.write_row(HEADER_ROW, 0, units)


def _body(
    sheet: xlsxwriter.worksheet.Worksheet,
    names: Sequence[tuple[str, str]],
    figures: Sequence[Sequence[float]],
) -> None:
    for row, ((code, name), values) in enumerate(zip(names, figures, strict=True), start=HEADER_ROW + 1):
        sheet.write_string(row, 0, code)
        sheet.write_string(row, 1, name)
        for column, value in enumerate(values, start=2):
            sheet.write_number(row, column, value)
