"""Tables: sortable, in French formats, with a total computed on its own, a selection, and their CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd
import polars as pl
import streamlit as st

from apps.kit.charts import cells
from apps.kit.charts.cells import Declarations
from apps.kit.charts.narrow import CHANGE_PX, FIGURE_PX, NAME_PX, narrow, short_headings
from apps.kit.data.method import Methods
from apps.kit.style import french
from apps.kit.style.theme import DOWN_COLOUR, SECONDARY, UP_COLOUR
from lake.text import fold, folded
from scoring.analyses.petites_cellules import FOLDED
from scoring.universes.model import Format, Universe

ROWS = 1_000
"""Rows sent to the browser; beyond, the caption says so and the CSV has them all."""
WHOLE, TALL = 14, 520
"""Up to so many rows a table shows them all; beyond, it is so many pixels tall and scrolls."""
TOTAL = "Ensemble"


@dataclass(frozen=True)
class Column:
    """A column as the reader sees it.

    Attributes:
        name: column of the frame.
        label: its French heading.
        format: how a number is written; None for text, dates and months.
        change: the values are differences: written with their sign, ▲ ▼ = and colour.
        decimals: digits after the comma, integers apart.
        help: how it is counted, shown on the heading.
        good: for a change, 1 when a rise is good news, −1 when a fall is, 0 when neither.
        relative: for a change, the values are shares of the value before (0.032 is +3,2 %).
        worded: for a change, the word « hausse » or « baisse » stands beside the sign.
        month: dates are months, by their first day: written ``novembre 2022``.
        width: pixels, or ``small``, ``medium``, ``large``; from the content by default.
    """

    name: str
    label: str
    format: Format | None = None
    change: bool = False
    decimals: int = 1
    help: str = ""
    good: int = 1
    relative: bool = False
    worded: bool = False
    month: bool = False
    width: int | Literal["small", "medium", "large"] | None = None

    def write(self, value: object) -> str:
        """A cell in French."""
        if isinstance(value, np.generic):
            value = value.item()  # columns with missing integers give numpy's own numbers
        if value is None or value is pd.NA or value != value:
            return french.ABSENT if self.format else ""
        if isinstance(value, bool):
            return "oui" if value else "non"
        if isinstance(value, date):
            return french.month(value) if self.month else french.long_date(value)
        if self.change and self.relative and isinstance(value, int | float):
            return french.movement(value, self.decimals)
        if self.change and isinstance(value, int | float):
            amount = french.signed(value, self.format or Format.INTEGER, self.decimals)
            sign = (
                french.SAME
                if not any(c in "123456789" for c in amount)
                else (french.UP if value > 0 else french.DOWN)
            )
            word = {french.UP: " hausse", french.DOWN: " baisse"}.get(sign, " stable") if self.worded else ""
            return f"{sign}{word} {amount}"
        if self.format is not None and isinstance(value, int | float):
            return french.write(value, self.format, self.decimals)
        return french.set_in_type(str(value))


LINE = 20
"""Height of a line of text in a cell that wraps (px)."""


@dataclass(frozen=True)
class Table:
    """A table piece.

    Attributes:
        frame: the rows, in the order shown; values unformatted.
        columns: what is shown of it, in order.
        total: values of the total row (column -> value), computed by the engine and never by adding; None
            without total.
        key: column that identifies a row (may be absent from ``columns``), for selections and links.
        title: subtitle of the view.
        reading: one sentence that reads it aloud.
        picks: axis that a selection of rows filters; empty when rows are not selected.
        counted: what the caption counts ("4 871 personnes").
        measures: names of the measures shown, or methods, for the method.
        lines: lines of text that a row is high, one or at least three (Streamlit wraps no lower row); longer
            cells are cut, and read whole when they are opened.
    """

    frame: pl.DataFrame
    columns: tuple[Column, ...]
    total: Mapping[str, object] | None = None
    key: str = ""
    title: str = ""
    reading: str = ""
    picks: str = ""
    counted: str = ""
    measures: Methods = ()
    lines: int = 1


CODES = {
    "code_commune": "Code INSEE",
    "siren_epci": "SIREN de l’EPCI",
    "code_departement": "Code du département",
    "code_region": "Code de la région",
    "code_sas": "Code du SAS",
    "code_recherche": "Code de la recherche",
    "lundi": "Lundi",
    "premier_jour": "Premier jour",
    "code_profession": "Code de la profession",
    "code_specialite": "Code de la spécialité",
    "code_structure": "Numéro FINESS",
    "identification_nationale_pp": "Identifiant national",
    "finess": "Numéro FINESS",
}
"""Columns of codes that stand beside their labels in every export: two communes of one name are two communes."""
_OF_LABELS = {
    "region": "code_region", "departement": "code_departement", "epci": "siren_epci", "commune": "code_commune",
    "sas": "code_sas", "semaine": "lundi", "preset": "code_recherche", "mois": "premier_jour",
    "profession": "code_profession", "specialite": "code_specialite", "structure": "code_structure",
}  # fmt: skip


def folded_cells(table: Table) -> dict[str, list[str | None]]:
    """What is read in place of cells that are not shown: column -> row by row, null where the cell is as it is."""
    frame = table.frame
    return {
        column.name: frame[f"{FOLDED}{column.name}"].to_list()
        for column in table.columns
        if f"{FOLDED}{column.name}" in frame.columns
    }


def exported(table: Table) -> tuple[Column, ...]:
    """The columns of a table in its exports: the official code stands beside each label, for those who join files.

    The code that identifies the rows stands beside the first column where its label has another name.
    """
    shown = {column.name for column in table.columns}
    made: list[Column] = []
    for column in table.columns:
        made.append(column)
        code = _OF_LABELS.get(column.name, "")
        if code in table.frame.columns and code not in shown:
            made.append(Column(code, CODES[code]))
    named = {column.name for column in made}
    if table.key in CODES and table.key not in named and table.key in table.frame.columns:
        made.insert(1, Column(table.key, CODES[table.key]))
    return tuple(made)


def measure_columns(universe: Universe, names: Sequence[str]) -> tuple[Column, ...]:
    """The columns of these dimensions and measures of a universe."""
    columns = []
    for name in names:
        measure = next((m for m in universe.measures if m.name == name), None)
        if measure is not None:
            columns.append(Column(name, measure.label, measure.format, help=measure.definition))
        else:
            columns.append(Column(name, universe.axis(name).label))
    return tuple(columns)


def split_total(frame: pl.DataFrame, by: Sequence[str]) -> tuple[pl.DataFrame, dict[str, object] | None]:
    """Separate the total row that ``query(total=True)`` puts last from the rows proper."""
    if not frame.height or any(value is not None for value in frame.select(by).row(-1)):
        return frame, None
    return frame.head(-1), dict(frame.row(-1, named=True))


def found(table: Table, words: str) -> pl.DataFrame:
    """The rows of which a text column holds these words, whatever their accents and case."""
    texts = [c.name for c in table.columns if table.frame.schema[c.name] == pl.String]
    wanted = fold(words).split()
    if not wanted or not texts:
        return table.frame
    text = folded(pl.concat_str([pl.col(name).fill_null("") for name in texts], separator=" "))
    return table.frame.filter(pl.all_horizontal(text.str.contains(word, literal=True) for word in wanted))


def styled(table: Table) -> Any:
    """The table as a pandas Styler: numbers stay numbers (they sort), cells read in French."""
    frame = table.frame.head(ROWS)
    shown = frame.select(column.name for column in table.columns)
    pandas = pd.DataFrame({column.name: _pandas_series(shown[column.name]) for column in table.columns})
    marks = folded_cells(table)
    written = {column.name: column for column in table.columns if column.name in marks}
    for name, column in written.items():  # a cell without value would be drawn as one that is not known
        words = [mark or column.write(value) for mark, value in zip(marks[name], shown[name], strict=False)]
        pandas[name] = pd.Series(words, dtype="object")
    if table.total is not None:
        first = table.columns[0].name
        row = {c.name: table.total.get(c.name) for c in table.columns}
        row |= {name: column.write(row[name]) for name, column in written.items()}
        pandas.loc[len(pandas)] = {**row, first: TOTAL}
    for name in written:
        pandas[name] = _in_line(pandas[name].to_list())
    texts: dict[str, list[str]] = {}
    styles: dict[tuple[int, int], Declarations] = {}
    for rank, column in enumerate(table.columns):
        values = pandas[column.name].tolist()
        texts[column.name] = [str(one) if column.name in written else column.write(one) for one in values]
        if column.change:
            styles |= {(row, rank): (_tone(column, one),) for row, one in enumerate(values)}
    if table.total is not None:
        last = len(pandas) - 1
        for rank in range(len(table.columns)):
            styles[last, rank] = (*styles.get((last, rank), ()), ("font-weight", "600"))
    return cells.written(pandas, texts, styles)


FIGURE_SPACE = "\u2007"
"""A blank as wide as a figure; browsers sort it before every figure."""


def _in_line(texts: Sequence[str]) -> pd.Series:
    """Texts of numbers under one another by their last figure: sorted as texts, they then follow one another.

    Without it « 1 234 » would stand between « < 5 » and « 12 ».
    """
    width = max(map(len, texts), default=0)
    return pd.Series([text.rjust(width, FIGURE_SPACE) for text in texts], dtype="object")


def _pandas_series(series: pl.Series) -> pd.Series:
    if series.dtype.is_integer() and series.null_count():
        return pd.Series(series.to_list(), dtype="Int64")
    if series.dtype.is_numeric():
        return pd.Series(series.to_numpy())
    return pd.Series(series.to_list(), dtype="object")


def _tone(column: Column, value: object) -> tuple[str, str]:
    """The colour of a change: good news, bad news, or neither."""
    if not isinstance(value, int | float) or value != value or not value or not column.good:
        return "color", SECONDARY
    return "color", UP_COLOUR if value * column.good > 0 else DOWN_COLOUR


def draw(
    table: Table,
    key: str,
    *,
    on_select: Callable[[], None] | None = None,
    height: int | None = None,
    single: bool = False,
) -> None:
    """Draw the table.

    Args:
        table: what to show.
        key: key of the widget; it must change with the rows, since Streamlit remembers row *numbers*.
        on_select: called when the reader selects rows; :func:`picked` then says which.
        height: pixels; by default all the rows when they are few.
        single: the reader selects one row at a time.
    """
    config = {
        column.name: st.column_config.Column(
            label=french.typographic(column.label),
            help=french.typographic(column.help) or None,
            width=column.width,
        )
        for column in (_narrowed(table) if narrow() else table.columns)
    }
    rows = min(table.frame.height, ROWS) + (table.total is not None)
    options: dict[str, Any] = {}
    if on_select is not None:
        options = {"on_select": on_select, "selection_mode": "single-row" if single else "multi-row"}
    st.dataframe(
        styled(table),
        hide_index=True,
        column_config=config,
        height=height or ("content" if rows <= WHOLE else TALL),
        key=key,
        placeholder=french.ABSENT,
        row_height=None if table.lines == 1 else LINE * table.lines + 14,
        alt=french.typographic(table.title) or None,
        **options,
    )
    if table.frame.height > ROWS:
        st.html(
            f'<p class="obs-source">{french.number(ROWS)} premières lignes sur '
            f"{french.number(table.frame.height)} : affinez les filtres, ou prenez le CSV.</p>".replace(
                " :", french.NNBSP + ":"
            )
        )


def _narrowed(table: Table) -> tuple[Column, ...]:
    """The columns of a table whose names are followed by figures, in the width of a telephone."""
    figures = [column for column in table.columns if column.format is not None]
    if table.columns[0] in figures or table.columns[1:2] != tuple(figures[:1]):
        return table.columns
    labels = short_headings([column.label for column in figures])
    short = {column.name: label for column, label in zip(figures, labels, strict=True)}
    made = [replace(table.columns[0], width=NAME_PX)]
    for column in table.columns[1:]:
        if column.name in short:
            whole = f"**{column.label}.** {column.help}".strip()
            width = CHANGE_PX if column.worded else FIGURE_PX
            column = replace(column, label=short[column.name], help=whole, width=width)
        made.append(column)
    return tuple(made)


def identifiers(table: Table) -> list[str]:
    """What identifies each row of a table whose rows are selected."""
    return [str(value) for value in table.frame.get_column(table.key or table.columns[0].name)]


def mark(rows: Sequence[str], key: str, selected: Sequence[str]) -> None:
    """Show as selected the rows of these identifiers, before the table is drawn."""
    wanted = [rank for rank, row in enumerate(rows[:ROWS]) if row in set(selected)]
    shown = st.session_state.get(key)
    if sorted(shown["selection"]["rows"] if shown else []) != wanted:
        st.session_state[key] = {"selection": {"rows": wanted, "columns": [], "cells": []}}


def picked(table: Table, key: str) -> list[str]:
    """The identifiers of the rows selected in the widget ``key``."""
    state = st.session_state.get(key)
    rows = state["selection"]["rows"] if state else []
    known = identifiers(table)
    return [known[row] for row in rows if row < len(known)]
