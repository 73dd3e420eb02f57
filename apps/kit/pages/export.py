"""CSV of what a page shows: opens as it is in a French spreadsheet.

UTF-8 with BOM, ``;``, decimal comma, the rows and figures of the screen, preceded by comment lines that say
what, from where, when, and under which filters.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from apps.kit.charts.tables import TOTAL, Column, Table
from apps.kit.data.view import View
from apps.kit.style.french import NBSP, NNBSP, long_date
from scoring.universes.model import Format

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


CODES = {
    "code_commune": "Code INSEE",
    "siren_epci": "SIREN de l'EPCI",
    "code_departement": "Code du département",
    "code_region": "Code de la région",
    "code_profession": "Code de la profession",
    "code_specialite": "Code de la spécialité",
    "identification_nationale_pp": "Identifiant national",
    "finess": "Numéro FINESS",
}
"""Columns of codes that stand beside their labels in every export: two communes of one name are two communes."""


def coded(table: Table) -> Table:
    """The table as files hold it: the code that identifies each row stands beside its label."""
    shown = {column.name for column in table.columns}
    if table.key not in CODES or table.key in shown or table.key not in table.frame.columns:
        return table
    first, *rest = table.columns
    return replace(table, columns=(first, Column(table.key, CODES[table.key]), *rest))


def table_csv(table: Table, view: View, title: str, *, now: datetime | None = None) -> bytes:
    """The CSV of a table piece: comment lines, heading, rows, total row when the screen shows one.

    Args:
        table: the piece.
        view: the page it comes from.
        title: what the file is.
        now: moment of the export, the present by default.
    """
    table = coded(table)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for line in comment_lines(view, title, now=now):
        writer.writerow([line])
    writer.writerow([_heading(column) for column in table.columns])
    names = [column.name for column in table.columns]
    for row in table.frame.select(names).iter_rows():
        writer.writerow([cell(value, column) for value, column in zip(row, table.columns, strict=True)])
    if table.total is not None:
        values = [table.total.get(name) for name in names]
        cells = [cell(value, column) for value, column in zip(values, table.columns, strict=True)]
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
    return neutral(str(value))


def neutral(text: str) -> str:
    """Text that a spreadsheet would run as a formula, with the apostrophe that makes it text again."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _heading(column: Column) -> str:
    percent = column.format in (Format.SHARE, Format.PERCENT) and "%" not in column.label
    return neutral(f"{column.label} (%)" if percent else column.label)


def file_name(view: View, what: str, suffix: str) -> str:
    """``annuaire_les-epci-les-moins-dotes_2025-01-14.csv``: universe, what, date shown."""
    day = view.date.isoformat() if view.date else "sans-date"
    return f"{view.universe.name}_{slug(what)}_{day}.{suffix}"


def slug(text: str) -> str:
    """Lower-case ASCII words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "export"


def read_back(content: bytes) -> pl.DataFrame:
    """Read an export of this module again, as text columns (for checks that files equal screens)."""
    text = content.decode("utf-8-sig")
    body = "\n".join(line for line in text.splitlines() if not line.lstrip('"').startswith("#"))
    return pl.read_csv(io.StringIO(body), separator=";", infer_schema=False)
