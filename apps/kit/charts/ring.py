"""Parts of a whole: a ring of a few slices, each named with its share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import altair as alt
import polars as pl

from apps.kit.charts.charts import pick_parameter
from apps.kit.charts.scales import Scale
from apps.kit.charts.template import Template, hole
from apps.kit.style import french
from apps.kit.style.theme import WHITE

OTHERS = "Autres"


def ring(
    rows: pl.DataFrame, scale: Scale, *, total: float, colours: Mapping[str, str], height: int = 240
) -> dict[str, Any]:
    """A ring; its slices are given whole, what is put together included (:func:`apps.kit.views.parts.folded`).

    Args:
        rows: ``code, nom, valeur``, in the order drawn; an empty code reports no click.
        scale: how values are written.
        total: what shares are shares of, asked on its own.
        colours: colour of each code.
        height: pixels.
    """
    shares = [french.share(value / total, 0) for value in rows["valeur"].to_list()]
    words = [f"{name} ({share})" for name, share in zip(rows["nom"].to_list(), shares, strict=True)]
    data = rows.with_columns(
        rang=pl.int_range(pl.len()),
        texte=scale.texts(rows["valeur"]),
        mots=pl.Series(words, dtype=pl.String),
    )
    holes = {
        "titre": scale.title or " ", "mots": words, "couleurs": [colours[code] for code in rows["code"].to_list()],
    }  # fmt: skip
    return _ring(height).filled(holes, {"parts": data})


@cache
def _ring(height: int) -> Template:
    # The legend holds names and shares: written around a ring, those of thin slices would overlap. Under the ring,
    # it leaves it all the width of a small screen.
    colour = alt.Color(
        "mots:N",
        sort=None,
        scale=alt.Scale(domain=[hole("mots")], range=[hole("couleurs")]),
        legend=alt.Legend(
            orient="bottom",
            title=None,
            columns={"expr": "width > 480 ? 2 : 1"},
            labelLimit=300,
            symbolType="circle",
            rowPadding=6,
        ),
    )
    pick = pick_parameter()
    chart = (
        alt.Chart(alt.NamedData("parts"))
        .mark_arc(innerRadius=height * 0.25, stroke=WHITE, strokeWidth=2, cursor="pointer")
        .encode(
            theta=alt.Theta("valeur:Q", stack=True),
            order=alt.Order("rang:Q"),
            color=colour,
            tooltip=[alt.Tooltip("mots:N", title=" "), alt.Tooltip("texte:N", title=hole("titre"))],
            opacity=alt.condition(pick, alt.value(1), alt.value(0.35)),
        )
        .properties(height=height, width="container")
        .add_params(pick)
    )
    return Template(chart)
