"""Parts of a whole: a ring of a few slices, each named with its share."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import polars as pl

from apps.kit.charts.charts import MOST_SERIES, pick_parameter
from apps.kit.charts.scales import Scale
from apps.kit.style import french
from apps.kit.style.theme import SERIES, WHITE
from apps.kit.style.worded import worded

OTHERS = "Autres"


def ring(
    frame: pl.DataFrame, label: str, value: str, scale: Scale, *, code: str = "", height: int = 240
) -> dict[str, Any]:
    """A ring of at most six slices, largest first; beyond, the smallest are put together.

    Args:
        frame: one row per part; parts without a positive value are left out.
        label: column of the parts' names.
        value: column of the values.
        scale: how values are written.
        code: column that a click reports; empty when clicks do nothing. Parts put together report nothing.
        height: pixels.
    """
    parts = (
        frame.filter(pl.col(value) > 0)
        .sort(value, label, descending=[True, False])
        .select(
            nom=pl.col(label).fill_null("Non renseigné"),
            valeur=pl.col(value).cast(pl.Float64),
            code=pl.col(code).fill_null("") if code else pl.lit(""),
        )
    )
    if parts.height > MOST_SERIES:
        rest = parts[MOST_SERIES - 1 :]
        others = pl.DataFrame({"nom": [OTHERS], "valeur": [rest["valeur"].sum()], "code": [""]})
        parts = pl.concat([parts[: MOST_SERIES - 1], others])
    total = parts["valeur"].sum() or 1.0
    rows = (
        parts.with_columns(rang=pl.int_range(pl.len()))
        .pipe(worded, scale.write, "valeur", "texte")
        .pipe(worded, lambda name, one: f"{name} ({french.share(one / total, 0)})", ("nom", "valeur"), "mots")
    )
    template = _ring(scale.title, tuple(rows["mots"]), bool(code), height)
    return {**template, "datasets": {"parts": rows.to_dicts()}}


@lru_cache(maxsize=64)
def _ring(title: str, words: tuple[str, ...], picks: bool, height: int) -> dict[str, Any]:
    # The legend holds names and shares: written around a ring, those of thin slices would overlap. Under the ring,
    # it leaves it all the width of a small screen.
    colour = alt.Color(
        "mots:N",
        sort=None,
        scale=alt.Scale(domain=list(words), range=list(SERIES[: len(words)])),
        legend=alt.Legend(
            orient="bottom",
            title=None,
            columns={"expr": "width > 480 ? 2 : 1"},
            labelLimit=300,
            symbolType="circle",
            rowPadding=6,
        ),
    )
    pointer = {"cursor": "pointer"} if picks else {}
    chart = (
        alt.Chart(alt.NamedData("parts"))
        .mark_arc(innerRadius=height * 0.25, stroke=WHITE, strokeWidth=2, **pointer)
        .encode(
            theta=alt.Theta("valeur:Q", stack=True),
            order=alt.Order("rang:Q"),
            color=colour,
            tooltip=[alt.Tooltip("mots:N", title=" "), alt.Tooltip("texte:N", title=title or " ")],
        )
        .properties(height=height, width="container")
    )
    if picks:
        pick = pick_parameter()
        chart = chart.encode(opacity=alt.condition(pick, alt.value(1), alt.value(0.35))).add_params(pick)
    spec: dict[str, Any] = chart.to_dict()
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec
