"""The data of a chart as the browser receives it: columns, made at once.

Streamlit makes a pandas frame of a list of rows, then columns of the frame: two to five milliseconds a chart. The
columns are made from the rows directly, of the same types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa

_PLAIN = (str, int, float)


def sent(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The specification to draw, the rows of its datasets in columns; outlines and the like stay as they are."""
    found = dict(spec)
    if "datasets" in found:
        found["datasets"] = {name: _columns(rows) for name, rows in found["datasets"].items()}
    return found


def _columns(rows: Any) -> Any:
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        return rows
    names = dict.fromkeys(chain.from_iterable(rows))
    arrays: dict[str, pa.Array] = {}
    for name in names:
        values = [row.get(name) for row in rows]
        made = _column(values)
        if made is None:
            return rows
        arrays[name] = made
    return pa.table(arrays)


def _column(values: Sequence[Any]) -> pa.Array | None:
    """Values of one kind, missing ones null; None where they are of several kinds, or no column's."""
    kinds = {*map(type, values)} - {type(None)}
    if not all(issubclass(one, _PLAIN) for one in kinds):
        return None
    if kinds == {int, float} or (kinds == {int} and None in values):
        return pa.array(
            [None if one is None else float(one) for one in values], pa.float64(), from_pandas=True
        )
    if len(kinds) > 1:
        return None
    return pa.array(values, from_pandas=True)
