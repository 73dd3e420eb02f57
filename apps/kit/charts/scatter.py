"""A point a subject: two measures side by side, with where the whole stands on each."""

from __future__ import annotations

from functools import cache
from typing import Any

import altair as alt
import polars as pl

from apps.kit.charts.charts import pick_parameter
from apps.kit.charts.scales import Scale
from apps.kit.charts.template import Template, hole
from apps.kit.style.theme import BAR, INK, SECONDARY

MOST_NAMED = 12
"""Points whose name is written beside them; beyond, names would overlap and a pointer tells them."""


def scatter(
    frame: pl.DataFrame,
    label: str,
    across: tuple[str, Scale],
    up: tuple[str, Scale],
    *,
    code: str = "",
    wholes: tuple[float | None, float | None] = (None, None),
    height: int = 320,
) -> dict[str, Any]:
    """Points of two measures; a dashed line where the whole, asked on its own, stands on each.

    Args:
        frame: one row a subject; those that lack one of the two values are left out.
        label: column of the names.
        across: column of the horizontal values, and how they are written.
        up: column of the vertical values, and how they are written.
        code: column that a click reports; empty when clicks do nothing.
        wholes: the two wholes; None for a measure that has none to compare with.
        height: pixels.
    """
    (x, x_scale), (y, y_scale) = across, up
    known = frame.drop_nulls([x, y])
    rows = known.select(
        nom=pl.col(label).cast(pl.String),
        code=pl.col(code).fill_null("") if code else pl.lit(""),
        abscisse=pl.col(x).cast(pl.Float64),
        ordonnee=pl.col(y).cast(pl.Float64),
        texte_x=x_scale.texts(known[x]),
        texte_y=y_scale.texts(known[y]),
    )
    across_whole, up_whole = wholes
    data: dict[str, pl.DataFrame | list[dict[str, Any]]] = {
        "points": rows,
        "noms": rows if rows.height <= MOST_NAMED else rows.clear(),
        "repere_x": [] if across_whole is None else [{"abscisse": float(across_whole)}],
        "repere_y": [] if up_whole is None else [{"ordonnee": float(up_whole)}],
    }
    holes = {
        "titre_x": x_scale.title or " ", "titre_y": y_scale.title or " ",
        "format_x": x_scale.vega(), "format_y": y_scale.vega(),
    }  # fmt: skip
    return _scatter(bool(code)).filled(holes, data, height=height)


@cache
def _scatter(picks: bool) -> Template:
    x = alt.X(
        "abscisse:Q",
        title=hole("titre_x"),
        scale=alt.Scale(zero=False, nice=True),
        axis=alt.Axis(format=hole("format_x"), tickCount=6),
    )
    y = alt.Y(
        "ordonnee:Q",
        title=hole("titre_y"),
        scale=alt.Scale(zero=False, nice=True),
        axis=alt.Axis(format=hole("format_y"), tickCount=5),
    )
    tooltip = [
        alt.Tooltip("nom:N", title=" "),
        alt.Tooltip("texte_x:N", title=hole("titre_x")),
        alt.Tooltip("texte_y:N", title=hole("titre_y")),
    ]
    rules = [
        alt.Chart(alt.NamedData(f"repere_{side}"))
        .mark_rule(color=SECONDARY, strokeDash=[4, 3])
        .encode(**{side: position})
        for side, position in (("x", x), ("y", y))
    ]
    points = alt.Chart(alt.NamedData("points")).mark_point(
        filled=True, size=60, opacity=0.75, color=BAR, cursor="pointer" if picks else "default"
    )
    points = points.encode(x=x, y=y, tooltip=tooltip)
    if picks:
        pick = pick_parameter()
        points = points.encode(opacity=alt.condition(pick, alt.value(0.75), alt.value(0.2))).add_params(pick)
    words = alt.Chart(alt.NamedData("noms")).mark_text(align="left", dx=7, dy=-6, color=INK, fontSize=11.5)
    layers = alt.layer(*rules, points, words.encode(x=x, y=y, text="nom:N"))
    return Template(layers.properties(height=320, width="container"))
