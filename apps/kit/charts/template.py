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
        self._pieces = _HOLE.split(json.dumps(spec, ensure_ascii=False))

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
        said = {name: json.dumps(value, ensure_ascii=False) for name, value in holes.items()}
        text = "".join(said[one] if rank % 2 else one for rank, one in enumerate(self._pieces))
        spec: dict[str, Any] = json.loads(text)
        rows = {
            name: data.to_dicts() if isinstance(data, pl.DataFrame) else data
            for name, data in datasets.items()
        }
        return {**spec, **members, "datasets": rows}
