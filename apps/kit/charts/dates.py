"""Small multiples: one small curve each over the same dates, all on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import altair as alt
import polars as pl

from apps.kit.charts.scales import Scale, dates_in_words, with_gaps
from apps.kit.charts.template import APART, Template, hole
from apps.kit.style.theme import NO_DATA_LINE, SERIES

_ACROSS, _PANEL = 3, 86
"""Panels across, and the height of one (px)."""
_LOCAL = "%Y-%m-%dT00:00:00"
"""Local time: the day does not slip."""


def multiples(
    frame: pl.DataFrame,
    time: str,
    value: str,
    series: str,
    scale: Scale,
    whole: pl.DataFrame | None,
    order: Sequence[str],
    *,
    months: bool,
) -> dict[str, Any]:
    """A grid of small curves on one scale, each with the whole behind it.

    Args:
        frame: one row per date and series.
        time: Date column.
        value: column of the values.
        series: column that tells the curves apart.
        scale: how values are written.
        whole: ``time`` and ``value`` of the whole, drawn in grey in each panel; None for none.
        order: names of the series, in the order shown.
        months: whether time is months.
    """
    full = with_gaps(frame, time, value, series, months=months)
    rows = full.select(
        jour=pl.col(time).dt.to_string(_LOCAL),
        nom=dates_in_words(full[time], months=months),
        serie=pl.col(series),
        valeur=pl.col(value).cast(pl.Float64),
        texte=scale.texts(full[value]),
    )
    # One dataset: a faceted chart reads one. The whole stands beside each series' own value.
    if whole is None:
        data = rows.with_columns(repere=pl.lit(None, dtype=pl.Float64))
    else:
        data = rows.join(
            whole.select(jour=pl.col(time).dt.to_string(_LOCAL), repere=pl.col(value).cast(pl.Float64)),
            on="jour",
            how="left",
            maintain_order="left",
        )
    holes = {"titre": scale.title or " ", "format": scale.vega(), "ordre": list(order)}
    spec = _multiples().filled(holes, {"multiples": data})
    panels = -(-len(order) // _ACROSS)
    spec["spec"]["height"] = _PANEL if panels > 1 else 2 * _PANEL
    return spec


@cache
def _multiples() -> Template:
    x = alt.X(
        "jour:T",
        title=None,
        axis=alt.Axis(format="%Y", tickCount=3, labelOverlap=True, labelSeparation=APART, grid=False),
    )
    y = alt.Y(
        "valeur:Q", title=None, scale=alt.Scale(zero=True), axis=alt.Axis(format=hole("format"), tickCount=3)
    )
    base = alt.Chart()
    behind = base.mark_line(color=NO_DATA_LINE, strokeWidth=1.2).encode(x=x, y=alt.Y("repere:Q", title=None))
    stroke = base.mark_line(color=SERIES[0], invalid="break-paths-show-domains").encode(x=x, y=y)
    points = base.mark_point(filled=True, size=14, color=SERIES[0], opacity=1).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("serie:N", title=" "),
            alt.Tooltip("nom:N", title=" "),
            alt.Tooltip("texte:N", title=hole("titre")),
        ],
    )
    chart = alt.layer(behind, stroke, points, data=alt.NamedData("multiples")).properties(
        width=180, height=_PANEL
    )
    faceted = chart.facet(
        alt.Facet("serie:N", title=None, sort=[hole("ordre")], header=alt.Header(labelLimit=170)),
        columns=_ACROSS,
    )
    return Template(faceted, fit=False)
