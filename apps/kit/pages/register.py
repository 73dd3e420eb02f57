"""An administration table: rows as their readers name them, a row that opens something, its CSV behind the access."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl
import streamlit as st

from apps.kit.access import access
from apps.kit.access.access import Admitted
from apps.kit.charts import tables
from apps.kit.charts.tables import Column, Table
from apps.kit.plain_csv import plain_csv
from scoring.universes.model import Format


def draw(
    frame: pl.DataFrame,
    key: str,
    *,
    file: str,
    audience: Admitted,
    label: str = "CSV",
    numbers: Sequence[int] = (),
    opens: Callable[[int], None] | None = None,
) -> None:
    """Draw a table and the button that takes it away.

    Args:
        frame: its rows; columns bear the names that the reader sees, the screen's and the CSV's alike.
        key: key of the table; where rows open something it also tells one set of rows from another.
        file: name of the CSV.
        audience: who may take it; asked again then.
        label: what the button says.
        numbers: what each row is, for ``opens``.
        opens: called with the number of the row that the reader chooses.
    """
    columns = tuple(
        Column(name, name, Format.INTEGER if dtype.is_integer() else None)
        for name, dtype in frame.schema.items()
    )
    table = Table(frame, columns, title=file.partition(".")[0])
    if opens is None:
        tables.draw(table, key)
    else:
        # The key tells the rows apart: a selection never points at another row after a filter.
        key = f"{key}_{hash(tuple(numbers)) & 0xFFFFFFFF}"
        tables.draw(table, key, on_select=lambda: _picked(key, numbers, opens), single=True)
    made = access.export(file, lambda: plain_csv(frame), audience)
    st.download_button(label, made, file, "text/csv", key=f"{file}_csv", on_click="ignore")


def _picked(key: str, numbers: Sequence[int], opens: Callable[[int], None]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows and rows[0] < len(numbers):
        opens(numbers[rows[0]])
