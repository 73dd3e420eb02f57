"""Chart templates: a specification checked once by Altair, its data and words put in at each drawing.

Altair takes 25 to 90 ms to check a chart; a template takes a fraction of a millisecond to fill. What varies (titles,
names, colours, formats) are holes, so that a template depends on the *form* of a chart only and is never missed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from apps.kit.charts.spoken import spoken
from apps.kit.style.french import set_in_type

APART = 8
"""Pixels between two labels of an axis: less, and « août 2021 » runs into « déc. 2021 »."""
_MARK = "§"
_HOLE = re.compile(rf'\[?"{_MARK}(\w+)"\]?')
AnyChart = alt.Chart | alt.LayerChart | alt.FacetChart | alt.HConcatChart


def hole(name: str) -> str:
    """What stands in a template where a value will be put."""
    return f"{_MARK}{name}"


class Template:
    """A chart with holes.

    Args:
        chart: the chart, its data named, :func:`hole` where values will be put.
        fit: whether it takes the width it is given, its labels included.
    """

    def __init__(self, chart: AnyChart, *, fit: bool = True) -> None:
        spec: dict[str, Any] = chart.to_dict()
        if fit:
            spec["autosize"] = {"type": "fit-x", "contains": "padding"}
        # Cut at its holes, so that nothing which is put in is ever read as a hole. One that stands for a list is
        # declared as a list of one hole: Altair checks that it is one.
        self._pieces = _HOLE.split(json.dumps(_titled(spec), ensure_ascii=False))

    def filled(
        self,
        holes: Mapping[str, Any],
        datasets: Mapping[str, pl.DataFrame | list[dict[str, Any]]],
        **members: Any,
    ) -> dict[str, Any]:
        """The specification with its values; a value of its own at each call, that callers may change.

        Args:
            holes: name of a hole -> what JSON can say.
            datasets: name of a dataset -> its rows.
            members: other members of the specification (``height``, ``padding``).
        """
        said = {name: json.dumps(_set(value), ensure_ascii=False) for name, value in holes.items()}
        text = "".join(said[one] if rank % 2 else one for rank, one in enumerate(self._pieces))
        spec: dict[str, Any] = json.loads(text)
        rows = {name: _set_rows(data) for name, data in datasets.items()}
        return {**spoken(spec), **members, "datasets": rows}


CODE = "code"
"""Column that a click reports: never set in type, as a code is no text."""


def _set(value: Any) -> Any:
    """Words in French type; what is not text is left as it is."""
    if isinstance(value, str):
        # Most texts of a map of communes are a number or a colour: nothing to set.
        return set_in_type(value) if " " in value or "'" in value else value
    return [_set(one) for one in value] if isinstance(value, list) else value


def _set_rows(rows: pl.DataFrame | list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows whose words are in French type: names that a domain holds and those of its rows stay the same."""
    if isinstance(rows, pl.DataFrame):
        return [_set_row(row) for row in rows.iter_rows(named=True)]
    return [_set_row({**row}) for row in rows]


def _set_row(row: dict[str, Any]) -> dict[str, Any]:
    for name, value in row.items():
        if isinstance(value, str | list) and name != CODE:
            row[name] = _set(value)
    return row


_NAMING = ("domain", "sort")
"""Members that name values of the rows: set as the rows are, or a shape and a colour are those of nobody."""


def _titled(spec: Any) -> Any:
    """The specification whose own titles, and the values that it names, are set in French type."""
    if isinstance(spec, dict):
        return {name: _own(name, value) for name, value in spec.items()}
    return [_titled(one) for one in spec] if isinstance(spec, list) else spec


def _own(name: str, value: Any) -> Any:
    if name == "title" and isinstance(value, str):
        return set_in_type(value)
    return _set(value) if name in _NAMING and isinstance(value, list) else _titled(value)
