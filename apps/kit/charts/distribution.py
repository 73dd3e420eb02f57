"""How values spread: columns over round classes."""

from __future__ import annotations

from functools import cache
from typing import Any

import altair as alt
import polars as pl

from apps.kit.charts.scales import Scale, class_step
from apps.kit.charts.template import Template, hole
from apps.kit.style import french
from apps.kit.style.theme import BAR, INK


def distribution(
    frame: pl.DataFrame,
    value: str,
    scale: Scale,
    *,
    noun: str,
    mark: float | None = None,
    mark_label: str = "",
    classes: int = 14,
    height: int = 200,
) -> dict[str, Any]:
    """How values spread: columns over round classes, with an optional marked value.

    Args:
        frame: one row per observation.
        value: column of the values; nulls are left out.
        scale: how values are written.
        noun: what is counted, plural ("EPCI").
        mark: a value to point at (a region's, a chosen territory's).
        mark_label: its name.
        classes: about how many classes.
        height: pixels.
    """
    values = frame[value].drop_nulls().cast(pl.Float64)
    step, start = class_step(values, classes)
    counts = (
        pl.DataFrame({"rang": ((values - start) / step).floor().cast(pl.Int64)})
        .group_by("rang")
        .len("effectif")
        .sort("rang")
        .with_columns(de=start + pl.col("rang") * step, a=start + (pl.col("rang") + 1) * step)
    )
    spans = zip(scale.texts(counts["de"]), scale.texts(counts["a"]), strict=True)
    rows = counts.with_columns(
        classe=pl.Series([f"de {low} à {high}" for low, high in spans], dtype=pl.String),
        texte=pl.Series([french.number(one) for one in counts["effectif"].to_list()], dtype=pl.String),
    )
    template = _distribution(mark is not None)
    holes = {"titre": scale.title or None, "format": scale.vega(), "nom": noun}
    if mark is None:
        return template.filled(holes, {"classes": rows}, height=height)
    said = f"{mark_label} : {scale.write(mark)}".replace(" :", "\u202f:")
    return template.filled(
        holes, {"classes": rows, "repere": [{"valeur": mark, "texte": said}]}, height=height
    )


@cache
def _distribution(marked: bool) -> Template:
    chart: alt.Chart | alt.LayerChart = (
        alt.Chart(alt.NamedData("classes"))
        .mark_bar(color=BAR, binSpacing=1)
        .encode(
            x=alt.X("de:Q", bin="binned", title=hole("titre"), axis=alt.Axis(format=hole("format"))),
            x2="a:Q",
            y=alt.Y(
                "effectif:Q", title=hole("nom"), axis=alt.Axis(tickMinStep=1, tickCount=4, format=",.0f")
            ),
            tooltip=[alt.Tooltip("classe:N", title=" "), alt.Tooltip("texte:N", title=hole("nom"))],
        )
    )
    if marked:
        at = alt.Chart(alt.NamedData("repere"))
        rule = at.mark_rule(color=INK, strokeDash=[4, 3]).encode(x="valeur:Q")
        words = at.mark_text(align="left", dx=5, baseline="top", color=INK)
        chart = chart + rule + words.encode(x="valeur:Q", y=alt.value(0), text="texte:N")
    return Template(chart.properties(height=200, width="container"))
