"""CSV of what a page shows: opens as it is in a French spreadsheet.

UTF-8 with BOM, ``;``, decimal comma, the rows and figures of the screen, preceded by comment lines that say
what, from where, when, and under which filters.
"""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from apps.kit.charts.tables import TOTAL, Column, Table, exported, folded_cells
from apps.kit.data.view import View
from apps.kit.style.french import NBSP, NNBSP, long_date
from lake.cellules import inerte
from lake.text import words
from scoring.universes.model import Format

BOM = "\ufeff"


def table_csv(table: Table, view: View, title: str, *, now: datetime | None = None) -> bytes:
    """The CSV of a table piece: comment lines, heading, rows, total row when the screen shows one.

    Args:
        table: the piece.
        view: the page it comes from.
        title: what the file is.
        now: moment of the export, the present by default.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for line in comment_lines(view, title, now=now):
        writer.writerow([line])
    columns = exported(table)
    writer.writerow([heading(column) for column in columns])
    names = [column.name for column in columns]
    marks = folded_cells(table)
    for rank, row in enumerate(table.frame.select(names).iter_rows()):
        writer.writerow(
            [
                (marks[column.name][rank] if column.name in marks else None) or cell(value, column)
                for value, column in zip(row, columns, strict=True)
            ]
        )
    if table.total is not None:
        values = [table.total.get(name) for name in names]
        cells = [cell(value, column) for value, column in zip(values, columns, strict=True)]
        writer.writerow([TOTAL, *cells[1:]])
    return (BOM + out.getvalue()).encode("utf-8")


def comment_lines(view: View, title: str, *, now: datetime | None = None) -> list[str]:
    """The ``#`` lines at the head of an export: title, source and date, filters, licence, moment."""
    moment = now or datetime.now(ZoneInfo("Europe/Paris"))
    filters = "; ".join(f"{label} = {values}" for label, values in view.filters_in_words())
    lines = [
        f"# {view.title} - {title}",
        f"# Source : {view.source()}",
        f"# Filtres : {filters or 'aucun'}",
        *(f"# {label} : {words}" for label, words in view.options_in_words()),
        *(f"# Portée : {sentence}" for sentence in view.told()),
        f"# Licence : {view.universe.table.licence}",
        f"# Export du {long_date(moment.date())} à {moment:%H:%M}",
    ]
    return [line.replace(NNBSP, " ").replace(NBSP, " ").replace("\n", " ") for line in lines]


def cell(value: object, column: Column) -> str:
    """A value in a French spreadsheet's form: decimal comma, no thousands separator, ISO dates.

    Text that a spreadsheet would run as a formula is neutralised by an apostrophe; numbers are never touched.
    Shares are written as on screen, in %, at full precision.
    """
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | float):
        number = value * 100 if column.format is Format.SHARE else value
        if isinstance(number, float):
            return f"{number:.10g}".replace(".", ",")
        return str(number)
    if isinstance(value, date):
        return value.isoformat()
    return inerte(str(value))


def heading(column: Column, *, neutralised: bool = True) -> str:
    """The heading of a column in a file: rates say that they are in %."""
    percent = column.format in (Format.SHARE, Format.PERCENT) and "%" not in column.label
    label = f"{column.label} (%)" if percent else column.label
    return inerte(label) if neutralised else label


def file_name(view: View, what: str, suffix: str, *, page: str | None = None) -> str:
    """``segur_psc-carte_territoires_2022-11-01.csv``: universe, page, view, date shown.

    Args:
        view: what the page shows.
        what: name of the view; the page's own name for the whole page.
        suffix: ending, without dot.
        page: name of the page; the view's by default, empty for a file of several pages.
    """
    day = view.date.isoformat() if view.date else "sans-date"
    name = view.scope.name if page is None else page
    words = [slug(word) for word in (name, what) if word]
    return f"{view.universe.name}_{'_'.join(dict.fromkeys(words))}_{day}.{suffix}"


def slug(text: str) -> str:
    """Lower-case ASCII words joined by hyphens."""
    return words(text).replace(" ", "-") or "export"


def read_back(content: bytes) -> pl.DataFrame:
    """Read an export of this module again, as text columns (for checks that files equal screens)."""
    text = content.decode("utf-8-sig")
    body = "\n".join(line for line in text.splitlines() if not line.lstrip('"').startswith("#"))
    return pl.read_csv(io.StringIO(body), separator=";", infer_schema=False)
