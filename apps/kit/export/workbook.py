"""Excel of what a page shows, beside its CSV: the same rows, numbers as numbers, dates as dates, codes as text."""

from __future__ import annotations

import io
from datetime import date, datetime
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.format import Format as Style
from xlsxwriter.worksheet import Worksheet

from apps.kit.charts.tables import TOTAL, Column, Table, exported, folded_cells
from apps.kit.data.view import View
from apps.kit.pages.export import comment_lines, heading
from scoring.universes.model import Format

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NUMBERS = {Format.INTEGER: "#,##0", Format.DECIMAL: "#,##0.00", Format.SHARE: "0.00", Format.PERCENT: "0.00"}
_WIDEST = 60


def table_xlsx(table: Table, view: View, title: str, *, now: datetime | None = None) -> bytes:
    """The workbook of a table piece: what it is and where it comes from, heading, rows, total row.

    Figures are those of the CSV: shares in %, at full precision; the sheet only writes them shorter. The same content
    at the same moment gives the same bytes.

    Args:
        table: the piece.
        view: the page it comes from.
        title: what the file is.
        now: moment of the export, the present by default.
    """
    moment = now or datetime.now(ZoneInfo("Europe/Paris"))
    out = io.BytesIO()
    # Nothing of the data is ever run: a text that looks like a formula or an address stays a text.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": title, "created": moment.replace(tzinfo=None)})
        sheet = book.add_worksheet("Chiffres")
        grey, bold = book.add_format({"font_color": "#475569"}), book.add_format({"bold": True})
        comments = [line.removeprefix("# ") for line in comment_lines(view, title, now=now)]
        for row, line in enumerate(comments):
            sheet.write_string(row, 0, line, grey)
        top = len(comments) + 1
        columns = exported(table)
        styles = [_style(book, column) for column in columns]
        for rank, column in enumerate(columns):
            sheet.write_string(top, rank, heading(column, neutralised=False), bold)
        rows = list(table.frame.select(column.name for column in columns).iter_rows())
        if table.total is not None:
            rows.append((TOTAL, *(table.total.get(column.name) for column in columns[1:])))
        marks = folded_cells(table)
        for number, values in enumerate(rows):
            for rank, value in enumerate(values):
                folded = marks.get(columns[rank].name, [])
                said = folded[number] if number < len(folded) else None
                _write(sheet, top + 1 + number, rank, said or value, columns[rank], styles[rank])
        sheet.freeze_panes(top + 1, 1)
        if rows:
            sheet.autofilter(top, 0, top + table.frame.height, len(columns) - 1)
        for rank, column in enumerate(columns):
            longest = max((len(column.write(row[rank])) for row in rows[:200]), default=0)
            sheet.set_column(rank, rank, min(_WIDEST, max(len(column.label), longest) + 2))
    return out.getvalue()


def _style(book: xlsxwriter.Workbook, column: Column) -> Style | None:
    if column.format is not None:
        return book.add_format({"num_format": _NUMBERS[column.format]})
    return book.add_format({"num_format": "mmmm yyyy" if column.month else "d mmmm yyyy"})


def _write(sheet: Worksheet, row: int, rank: int, value: object, column: Column, style: Style | None) -> None:
    if value is None or value != value:
        return
    if isinstance(value, bool):
        sheet.write_string(row, rank, "oui" if value else "non")
    elif isinstance(value, int | float):
        sheet.write_number(row, rank, value * 100 if column.format is Format.SHARE else value, style)
    elif isinstance(value, date):
        day = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        sheet.write_datetime(row, rank, day, style)
    else:
        sheet.write_string(row, rank, str(value))
