"""A workbook of the DREES, sheet by sheet: which profession, which years, which cell is refused and why."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook

from ingest.files import unpack
from ingest.source import SourceFile
from ingest.sources.apl.columns import (
    CODE,
    HEADER_ROW,
    HEADER_WITHIN,
    NAME,
    SHEET,
    UNITS_ROW,
    is_value,
    plain,
    profession,
    unit,
)
from lake.errors import ContractError

_COMMUNE = re.compile(r"^(2[AB]|[0-9]{2})[0-9]{3}$")
_ADVICE = (
    "Attendu : le classeur xlsx de la DREES pour une profession, tel que téléchargé : feuilles « APL AAAA », "
    f"en-tête ligne {HEADER_ROW}, unités ligne {UNITS_ROW}."
)
_FAR = re.compile(rb"""\sr=["']([A-Z]{0,3}[1-9][0-9]{5,}|(?:[A-Z]{3}|[B-Z][A-Z])[0-9]+)["']""", re.IGNORECASE)
"""The address of a cell or a row beyond row 99,999 or column AZ: the DREES's sheets have 35,000 rows, ten columns."""
SCHEMA = pl.Schema(
    {
        "ligne": pl.Int64,
        "annee": pl.String,
        "code_profession": pl.String,
        "code_commune_source": pl.String,
        "commune": pl.String,
        "apl": pl.Float64,
        "unite": pl.String,
        "population_standardisee": pl.Float64,
        "population": pl.Float64,
        "titre": pl.String,
        "contenu": pl.String,
    }
)


@dataclass
class Sheet:
    """What one sheet says.

    Attributes:
        annee: its year.
        profession: code of the profession.
        rows: its communes, in :data:`SCHEMA`.
        rejects: refused rows: row number, reason, content.
        notes: rows that are no data (« Lecture », « Champ », « Source »).
    """

    annee: str
    profession: str
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    rejects: list[tuple[int, str, str]] = field(default_factory=list)
    notes: int = 0

    def frame(self) -> pl.DataFrame:
        """Its communes."""
        return pl.DataFrame(self.rows, schema=SCHEMA, orient="row")


def read(file: SourceFile) -> list[Sheet]:
    """The sheets of figures of a workbook, oldest year first.

    Raises:
        ContractError: it is no workbook, has no sheet ``APL AAAA``, lacks a column (which is named), announces an
            unknown unit, or mixes professions.
    """
    _refuse_far_cells(file)
    try:
        book = CalamineWorkbook.from_path(str(file.path))
        names = book.sheet_names
        years = {found.group(1): name for name in names if (found := SHEET.match(name))}
        if not years:
            raise ContractError(
                f"{file.name} : aucune feuille « APL AAAA » (feuilles trouvées : {', '.join(names) or 'aucune'}).",
                conseil=_ADVICE,
            )
        grids = {
            year: book.get_sheet_by_name(years[year]).to_python(skip_empty_area=False)
            for year in sorted(years)
        }
    except (CalamineError, OSError) as error:
        raise ContractError(
            f"{file.name} n'est pas un classeur xlsx lisible.", conseil="Téléchargez-le de nouveau."
        ) from error
    sheets = [_sheet(f"{file.name}, feuille « {years[year]} »", year, grid) for year, grid in grids.items()]
    if len({sheet.profession for sheet in sheets}) > 1:
        raise ContractError(
            f"{file.name} : les feuilles ne portent pas toutes sur la même profession.", conseil=_ADVICE
        )
    return sheets


def _refuse_far_cells(file: SourceFile) -> None:
    """Refuse a workbook one of whose cells stands far from any table, before its sheets are opened.

    The reader lays a sheet out whole: one stray cell at the far corner would ask for more memory than any machine
    has, and end the process without a word. So the addresses of the cells are looked at first, as bytes.

    Raises:
        ContractError: such a cell (it is named), or a file that is no workbook of the format xlsx.
        SourceUnavailable: a damaged archive.
    """
    sheets: list[unpack.Member] = []
    if unpack.is_zip(file.path, file.name):
        found, _others = unpack.members(file.path, file.name, (".xml",))
        sheets = [one for one in found if one.inside.lower().startswith("xl/worksheets/")]
    if not sheets:
        raise ContractError(f"{file.name} n'est pas un classeur xlsx lisible.", conseil=_ADVICE)
    for sheet in sheets:
        with unpack.opened(file.path, file.name, sheet.inside, most=unpack.MOST_IN_MEMORY) as stream:
            tail = b""
            while block := stream.read(1 << 20):
                far = _FAR.search(tail + block)
                if far is not None:
                    raise ContractError(
                        f"{file.name} : une cellule est écrite en {far[1].decode()}, très loin du tableau.",
                        conseil="Donnez le classeur tel que la DREES le publie.",
                    )
                tail = block[-32:]


@dataclass(frozen=True)
class _Layout:
    """Where the columns of a sheet are."""

    code: int
    name: int | None
    value: int
    standard: int | None
    people: int | None
    label: str


def _sheet(where: str, year: str, grid: Sequence[Sequence[Any]]) -> Sheet:
    row = next((i for i, cells in enumerate(grid[:HEADER_WITHIN]) if CODE in map(plain, cells)), None)
    if row is None:
        raise ContractError(
            f"{where} : colonne absente : « Code commune INSEE » (attendue ligne {HEADER_ROW}).",
            conseil=_ADVICE,
        )
    layout, code = _layout(f"{where}, ligne {row + 1}", grid[row])
    units = grid[row + 1] if row + 1 < len(grid) else []
    said = str(units[layout.value]).strip() if layout.value < len(units) else ""
    unite = unit(said)
    if unite is None:
        raise ContractError(
            f"{where}, ligne {row + 2} : l'unité de « {layout.label} » n'est pas reconnue (« {said} »).",
            conseil="Unités connues : consultations par an et par habitant, ETP pour 100 000 habitants.",
        )
    title = next((str(cell).strip() for cells in grid[:row] for cell in cells if str(cell).strip()), None)
    sheet = Sheet(year, code)
    for number, cells in enumerate(grid[row + 2 :], start=row + 3):
        _line(sheet, layout, number, cells, unite, title)
    return sheet


def _layout(where: str, header: Sequence[Any]) -> tuple[_Layout, str]:
    cells = [plain(cell) for cell in header]
    value = next((i for i, cell in enumerate(cells) if is_value(cell)), None)
    if value is None:
        seen = " | ".join(str(cell).strip() for cell in header if str(cell).strip())
        raise ContractError(
            f"{where} : colonne absente : « APL aux … » (colonnes : {seen}).", conseil=_ADVICE
        )
    label = str(header[value]).strip()
    code = profession(cells[value])
    if code is None:
        raise ContractError(
            f"{where} : « {label} » ne nomme pas une profession connue.",
            conseil="Connues : médecins généralistes, chirurgiens-dentistes, sages-femmes, infirmières, "
            "kinésithérapeutes.",
        )

    def find(start: str, word: str = "") -> int | None:
        return next((i for i, cell in enumerate(cells) if cell.startswith(start) and word in cell), None)

    return (
        _Layout(
            cells.index(CODE),
            cells.index(NAME) if NAME in cells else None,
            value,
            find("population", "standardisee"),
            find("population totale"),
            label,
        ),
        code,
    )


def _line(
    sheet: Sheet, at: _Layout, number: int, cells: Sequence[Any], unite: str, title: str | None
) -> None:
    def cell(place: int | None) -> Any:
        return cells[place] if place is not None and place < len(cells) else None

    code = _code(cell(at.code))
    value, wrong = _number(cell(at.value))
    if not _COMMUNE.match(code) and value is None:
        # Blank rows, and the notes that close a sheet.
        sheet.notes += any(str(one).strip() for one in cells if one is not None)
        return
    content = " | ".join("" if one is None else str(one) for one in cells)[:500]

    def refuse(why: str) -> None:
        sheet.rejects.append((number, why, content))

    if not _COMMUNE.match(code):
        refuse(f"code de commune de forme inattendue (« {code} »)")
        return
    standard, wrong_standard = _number(cell(at.standard))
    people, wrong_people = _number(cell(at.people))
    for label, bad in (
        (at.label, wrong),
        ("population standardisée", wrong_standard),
        ("population totale", wrong_people),
    ):
        if bad:
            refuse(f"{label} : « {bad} » n'est pas un nombre")
            return
    for label, one in (
        (at.label, value),
        ("population standardisée", standard),
        ("population totale", people),
    ):
        if one is not None and one < 0:
            refuse(f"{label} : valeur négative")
            return
    name = str(cell(at.name) or "").strip() or None
    sheet.rows.append(
        (number, sheet.annee, sheet.profession, code, name, value, unite, standard, people, title, content)
    )


def _code(cell: Any) -> str:
    """A commune's code; a spreadsheet may have made a number of it, and lost its zero."""
    if isinstance(cell, float) and cell.is_integer():
        return f"{int(cell):05d}"
    return "" if cell is None else str(cell).strip().upper()


def _number(cell: Any) -> tuple[float | None, str]:
    """A cell's number, and what it holds when it is none (empty cells are no number, and no error)."""
    if isinstance(cell, bool):
        return None, str(cell)
    if isinstance(cell, int | float):
        return (float(cell), "") if math.isfinite(cell) else (None, str(cell))
    text = "" if cell is None else str(cell).strip()
    if not text:
        return None, ""
    try:
        value = float(text.replace("\u202f", "").replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except ValueError:
        return None, text[:40]
    return (value, "") if math.isfinite(value) else (None, text[:40])
