"""A matrix of values: darker for more, the value in each cell while there is room for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import altair as alt
import polars as pl

from apps.kit.charts.scales import Scale
from apps.kit.charts.template import Template, hole
from apps.kit.style import theme
from apps.kit.style.theme import INK

PALE = 0.66
"""Share of the scale up to which a cell is pale: white is read on the two darkest steps only."""
DARKEST = "#0b1220"
"""The ink that is still read on the middle step."""
_LETTER = 7
"""Width of a character of a cell's value, about (px)."""


def heat(
    frame: pl.DataFrame,
    row: str,
    column: str,
    value: str,
    scale: Scale,
    rows: Sequence[str],
    columns: Sequence[str],
) -> dict[str, Any]:
    """A heat map; a pair without row stays blank.

    Args:
        frame: one row per cell observed.
        row: column of the rows' names.
        column: column of the columns' names.
        value: column of the values.
        scale: how values are written.
        rows: names of the rows, in order.
        columns: names of the columns, in order.
    """
    values = frame[value].cast(pl.Float64)
    low, high = (values.min(), values.max()) if values.len() else (0.0, 1.0)
    assert isinstance(low, float) and isinstance(high, float)
    low = min(low, 0.0)
    cells = frame.select(
        ligne=pl.col(row),
        colonne=pl.col(column),
        valeur=values,
        texte=scale.texts(frame[value]),
        encre=pl.when(values > low + PALE * (high - low))
        .then(pl.lit(theme.WHITE))
        .otherwise(pl.lit(DARKEST)),
    )
    longest = max((len(text) for text in cells["texte"].to_list()), default=1)
    # Values that would not fit in their cell are left to tooltips and to the table.
    narrow = f"width / {max(1, len(columns))} < {_LETTER * longest} ? 0 : 1"
    holes = {
        "place": narrow,
        "titre": scale.title or " ", "lignes": list(rows), "colonnes": list(columns),
        "domaine": [low, high if high > low else low + 1],
    }  # fmt: skip
    return _heat().filled(holes, {"cases": cells})


@cache
def _heat() -> Template:
    base = alt.Chart(alt.NamedData("cases")).encode(
        y=alt.Y(
            "ligne:N",
            sort=[hole("lignes")],
            title=None,
            scale=alt.Scale(domain=[hole("lignes")]),
            axis=alt.Axis(labelLimit=220, labelColor=INK),
        ),
        x=alt.X(
            "colonne:N",
            sort=[hole("colonnes")],
            title=None,
            scale=alt.Scale(domain=[hole("colonnes")]),
            axis=alt.Axis(orient="top", labelAngle=-45, labelOverlap="greedy"),
        ),
        tooltip=[
            alt.Tooltip("ligne:N", title=" "),
            alt.Tooltip("colonne:N", title=" "),
            alt.Tooltip("texte:N", title=hole("titre")),
        ],
    )
    cell = base.mark_rect(cornerRadius=2, stroke=theme.WHITE).encode(
        fill=alt.Fill(
            "valeur:Q",
            scale=alt.Scale(range=list(theme.QUANTITY[1:]), domain=[hole("domaine")]),
            legend=None,
        )
    )
    text = base.mark_text(fontSize=12, opacity=alt.ExprRef(hole("place"))).encode(
        text="texte:N", color=alt.Color("encre:N", scale=None, legend=None)
    )
    return Template((cell + text).properties(height={"step": 26}, width="container"))
