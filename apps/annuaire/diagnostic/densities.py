"""The chart of densities: here, in the département, in the region, one line a profession."""

from __future__ import annotations

from functools import cache
from typing import Any

import altair as alt
import polars as pl

from apps.kit.charts.template import Template, hole
from apps.kit.style import french
from apps.kit.style.theme import INK, LINE, SECONDARY, SERIES
from apps.kit.style.worded import worded

MOST = 10
"""Professions drawn; the table has them all."""
AROUND = {"departement": "Département", "region": "Région"}
"""What a territory is compared with, nearest first; none is compared with itself."""
_WHERE = {"densite_pour_10000": "ici"} | {
    f"densite_{mesh}_pour_10000": word.lower() for mesh, word in AROUND.items()
}
_SHAPES = ("circle", "diamond", "triangle-up")
_COLOURS = (SERIES[0], SECONDARY, SERIES[1])


def densities(rows: pl.DataFrame, most: int = MOST) -> dict[str, Any]:
    """The Vega-Lite specification: three marks a line, told apart by shape as well as colour.

    Args:
        rows: result of :func:`scoring.annuaire.diagnosis.professions`, the most numerous first, without the densities
            of what the territory is not compared with.
        most: how many professions are drawn.
    """
    shown = rows.head(most)
    long = shown.unpivot(
        [name for name in _WHERE if name in shown.columns], index=["code_profession", "profession"]
    ).drop_nulls("value")
    points = long.select(
        nom=pl.col("profession").fill_null("Non renseignée"),
        ou=pl.col("variable").replace_strict(_WHERE),
        valeur="value",
    ).pipe(worded, lambda value: french.number(value, 1), "valeur", "texte")
    spans = points.group_by("nom", maintain_order=True).agg(
        de=pl.col("valeur").min(), a=pl.col("valeur").max()
    )
    drawn = [rank for rank, name in enumerate(_WHERE) if name in shown.columns]
    holes = {
        "mots": [list(_WHERE.values())[rank] for rank in drawn],
        "formes": [_SHAPES[rank] for rank in drawn],
        "couleurs": [_COLOURS[rank] for rank in drawn],
    }
    return _template().filled(holes, {"ecarts": spans, "points": points})


@cache
def _template() -> Template:
    y = alt.Y("nom:N", sort=None, title=None, axis=alt.Axis(labelColor=INK, labelLimit=230, ticks=False))
    scale = alt.Scale(zero=True)
    span = (
        alt.Chart(alt.NamedData("ecarts"))
        .mark_rule(color=LINE, strokeWidth=3, aria=False)
        .encode(
            y=y,
            x=alt.X("de:Q", scale=scale, title="pour 10 000 habitants".replace(" 000", "\u202f000")),
            x2="a:Q",
        )
    )
    marks = (
        alt.Chart(alt.NamedData("points"))
        .mark_point(filled=True, opacity=1, size=90)
        .encode(
            y=y,
            x=alt.X("valeur:Q", scale=scale, axis=alt.Axis(format=",~f", tickCount=5)),
            shape=alt.Shape(
                "ou:N",
                scale=alt.Scale(domain=[hole("mots")], range=[hole("formes")]),
                legend=alt.Legend(title=None, orient="top", columns=alt.ExprRef("width < 260 ? 1 : 3")),
            ),
            color=alt.Color(
                "ou:N",
                scale=alt.Scale(domain=[hole("mots")], range=[hole("couleurs")]),
                legend=alt.Legend(title=None, orient="top", columns=alt.ExprRef("width < 260 ? 1 : 3")),
            ),
            tooltip=[
                alt.Tooltip("nom:N", title=" "),
                alt.Tooltip("ou:N", title="Où"),
                alt.Tooltip("texte:N", title="Densité"),
            ],
        )
    )
    return Template((span + marks).properties(height={"step": 28}, width="container"))
