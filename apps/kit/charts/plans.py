"""The drawings of Convergence about places and times: regions as tiles, matrices, plans, who uses what."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

import altair as alt
import polars as pl

from apps.kit.charts import heat as matrix
from apps.kit.charts.levels import SIGLES, level_word
from apps.kit.charts.scales import Scale
from apps.kit.charts.template import Template, hole
from apps.kit.maps.maps import Classes
from apps.kit.style import theme
from apps.kit.style.theme import INK, MATURITY

# Column and row of each region's tile: about where it is, overseas apart on the right.
TILES = {
    "32": (2, 0), "28": (1, 1), "11": (2, 1), "44": (3, 1), "53": (0, 2), "52": (1, 2), "24": (2, 2), "27": (3, 2),
    "75": (1, 3), "84": (2, 3), "76": (1, 4), "93": (2, 4), "94": (3, 4),
    "01": (5, 0), "02": (5, 1), "03": (5, 2), "04": (5, 3), "06": (5, 4),
}  # fmt: skip


def tiles(
    values: dict[str, float | None], scale: Scale, classes: Classes, names: dict[str, str]
) -> dict[str, Any]:
    """The regions as tiles in seven round classes: complete without a base map, overseas included.

    Args:
        values: region code -> value; a region without value is grey.
        scale: how values are written.
        classes: classes of the values, shared by maps that are compared.
        names: region code -> name.
    """
    rows = []
    for code, (column, row) in TILES.items():
        if code not in values and code == "06":
            continue  # Mayotte appears only once it declares
        value = values.get(code)
        dark = value is not None and classes.colour(value) in theme.QUANTITY[5:]
        rows.append(
            {
                "sigle": SIGLES[code], "nom": names.get(code, code), "x": column, "y": row, "code": code,
                "couleur": theme.NO_DATA if value is None else classes.colour(value),
                "encre": theme.WHITE if dark else INK,
                "texte": "pas de donnée" if value is None else scale.write(value),
                "bref": "—" if value is None else scale.write(value),
            }
        )  # fmt: skip
    return _tiles().filled({"titre": scale.title or " "}, {"regions": rows})


@cache
def _tiles() -> Template:
    base = alt.Chart(alt.NamedData("regions")).encode(
        x=alt.X("x:O", axis=None, scale=alt.Scale(domain=list(range(6)), paddingInner=0.06)),
        y=alt.Y("y:O", axis=None, scale=alt.Scale(paddingInner=0.08)),
        tooltip=[alt.Tooltip("nom:N", title=" "), alt.Tooltip("texte:N", title=hole("titre"))],
    )
    square = base.mark_rect(cornerRadius=4).encode(fill=alt.Fill("couleur:N", scale=None, legend=None))
    ink = alt.Color("encre:N", scale=None, legend=None)
    name = base.mark_text(dy=-9, fontSize=12.5, fontWeight=600).encode(text="sigle:N", color=ink)
    figure = base.mark_text(dy=9, fontSize=12.5).encode(text="bref:N", color=ink)
    return Template(alt.layer(square, name, figure).properties(height=300, width="container"))


def heat(frame: pl.DataFrame, row: str, column: str, value: str, words: str) -> dict[str, Any]:
    """A matrix of counts: darker for more, the count in each cell.

    Args:
        frame: ``row``, ``column``, ``value`` (positive), in the order shown.
        row: column of the rows' names.
        column: column of the columns' names.
        value: column of the counts.
        words: what is counted, plural.
    """
    rows = frame[row].unique(maintain_order=True).to_list()
    columns = frame[column].unique().sort().to_list()
    return matrix.heat(frame, row, column, value, Scale(title=words), rows, columns)


def steps(frame: pl.DataFrame, row: str, quarters: Sequence[str]) -> dict[str, Any]:
    """A Gantt: one row a criterion, one bar from a level's quarter to the next level's.

    Args:
        frame: ``row``, ``debut`` and ``fin`` (quarters), ``niveau`` (0–3), in the order shown.
        row: column of the rows' names.
        quarters: every quarter shown, in order.
    """
    rank = {name: index for index, name in enumerate(quarters)}
    rows = [
        {
            "nom": one[row], "debut": rank[one["debut"]], "fin": rank[one["fin"]], "mot": level_word(one["niveau"]),
            "encre": MATURITY[one["niveau"]][2], "milieu": (rank[one["debut"]] + rank[one["fin"]]) / 2,
            "depuis": one["debut"], "chiffre": str(one["niveau"]),
        }
        for one in frame.iter_rows(named=True)
    ]  # fmt: skip
    years = [index for index, name in enumerate(quarters) if name.endswith("T1")]
    labels = {index: quarters[index][:4] for index in years}
    expression = " : ".join([*(f"datum.value == {index} ? '{year}'" for index, year in labels.items()), "''"])
    holes = {
        "noms": frame[row].unique(maintain_order=True).to_list(), "domaine": [0, len(quarters)], "annees": years,
        "mots": expression,
    }  # fmt: skip
    return _steps().filled(holes, {"etapes": rows})


@cache
def _steps() -> Template:
    y = alt.Y("nom:N", sort=[hole("noms")], title=None, axis=alt.Axis(labelLimit=190, labelColor=INK))
    x = alt.X("debut:Q", title=None, scale=alt.Scale(domain=[hole("domaine")], nice=False),
              axis=alt.Axis(values=[hole("annees")], labelExpr=hole("mots"), orient="top"))  # fmt: skip
    words = [level_word(level) for level in range(4)]
    base = alt.Chart(alt.NamedData("etapes"))
    bars = base.mark_bar(height={"band": 0.7}).encode(
        x=x, x2="fin:Q", y=y,
        color=alt.Color("mot:N", scale=alt.Scale(domain=words, range=[MATURITY[n][0] for n in range(4)]),
                        legend=alt.Legend(title=None, orient="bottom", columns=alt.ExprRef("width < 260 ? 1 : 4"))),
        tooltip=[alt.Tooltip("nom:N", title=" "), alt.Tooltip("mot:N", title=" "),
                 alt.Tooltip("depuis:N", title="Depuis")],
    )  # fmt: skip
    text = (
        base.transform_filter("datum.fin - datum.debut >= 1")
        .mark_text(fontWeight=600)
        .encode(x="milieu:Q", y=y, text="chiffre:N", color=alt.Color("encre:N", scale=None, legend=None))
    )
    chart = alt.layer(bars, text).resolve_scale(color="independent")
    return Template(chart.properties(height={"step": 24}, width="container"))


def graph(services: pl.DataFrame, edges: pl.DataFrame) -> dict[str, Any]:
    """Who uses what: infrastructure on the left (green squares), business services on the right (blue circles).

    Args:
        services: ``service, nom, kind``.
        edges: ``service, utilise``, both among the services.
    """
    linked = set(edges["service"]) | set(edges["utilise"])
    known = services.filter(pl.col("service").is_in(list(linked)))
    left = known.filter(pl.col("kind") == "infrastructure")["service"].to_list()
    right = [code for code in known["service"].to_list() if code not in left]
    place = {code: rank for rank, code in enumerate(left)}
    # Each business service stands at the height of what it uses: fewer lines cross.
    around = {
        code: [place[other] for one, other in edges.iter_rows() if one == code and other in place]
        for code in right
    }
    right.sort(key=lambda code: sum(around[code]) / len(around[code]) if around[code] else len(left))
    tall = max(len(left), len(right), 1)
    spot = {code: (0.0, (rank + 0.5) * tall / len(left)) for rank, code in enumerate(left)}
    spot |= {code: (1.0, (rank + 0.5) * tall / len(right)) for rank, code in enumerate(right)}
    nodes = [
        {
            "nom": nom, "x": spot[code][0], "y": spot[code][1],
            "nature": "Service d'infrastructure" if kind == "infrastructure" else "Service métier",
        }
        for code, nom, kind in known.select("service", "nom", "kind").iter_rows()
    ]  # fmt: skip
    lines = [
        {"x": spot[one][0], "y": spot[one][1], "x2": spot[other][0], "y2": spot[other][1]}
        for one, other in edges.select("service", "utilise").iter_rows()
    ]
    return _graph().filled(
        {"haut": [tall, 0]}, {"liens": lines, "services": nodes}, height=max(160, 24 * tall)
    )


@cache
def _graph() -> Template:
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.75, 1.75], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[hole("haut")], nice=False))
    natures = ["Service d'infrastructure", "Service métier"]
    rule = (
        alt.Chart(alt.NamedData("liens"))
        .mark_rule(color="#9aa8b8", strokeWidth=1.2)
        .encode(x=x, y=y, x2="x2:Q", y2="y2:Q")
    )
    base = alt.Chart(alt.NamedData("services"))
    points = base.mark_point(filled=True, size=120, opacity=1).encode(
        x=x,
        y=y,
        color=alt.Color(
            "nature:N",
            scale=alt.Scale(domain=natures, range=["#1f7a4d", "#1f5f99"]),
            legend=alt.Legend(title=None, orient="top", columns=alt.ExprRef("width < 260 ? 1 : 3")),
        ),
        shape=alt.Shape(
            "nature:N",
            scale=alt.Scale(domain=natures, range=["square", "circle"]),
            legend=alt.Legend(title=None, orient="top", columns=alt.ExprRef("width < 260 ? 1 : 3")),
        ),
        tooltip=[alt.Tooltip("nom:N", title=" "), alt.Tooltip("nature:N", title=" ")],
    )
    sides: tuple[tuple[str, Literal["left", "right"], int], ...] = (
        ("datum.x < 0.5", "right", -10),
        ("datum.x >= 0.5", "left", 10),
    )
    names = [
        base.transform_filter(test)
        .mark_text(align=align, dx=dx, limit=alt.ExprRef("0.27 * width"), color=INK)
        .encode(x=x, y=y, text="nom:N")
        for test, align, dx in sides
    ]
    return Template(alt.layer(rule, points, *names).properties(height=160, width="container"))
