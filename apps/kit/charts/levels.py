"""The drawings of Convergence about levels: radar, distribution, one service's answers, dots."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal

import altair as alt
import polars as pl

from apps.kit.charts.scales import Scale
from apps.kit.charts.template import Template, hole
from apps.kit.style.theme import INK, LINE, MATURITY, SECONDARY, SERIES
from apps.kit.style.worded import worded

RADAR_HEIGHT = 330
ROOM = "(width < 430 ? 1.75 : 1.3)"
"""How far the plane of a radar reaches, in radii: on a narrow screen the labels at the sides need more of it."""
SIGLES = {
    "01": "GUA", "02": "MTQ", "03": "GUF", "04": "REU", "06": "MAY", "11": "IDF", "24": "CVL", "27": "BFC",
    "28": "NOR", "32": "HDF", "44": "GES", "52": "PDL", "53": "BRE", "75": "NAQ", "76": "OCC", "84": "ARA",
    "93": "PAC", "94": "COR",
}  # fmt: skip
"""Three letters a region, for drawings where names do not fit."""


def level_word(level: int | None) -> str:
    """« Niveau 2 », « Non applicable »."""
    return MATURITY[level][1]


def radar(
    frame: pl.DataFrame,
    spokes: Sequence[tuple[str, str]],
    value: str,
    top: float,
    scale: Scale,
    *,
    room: str = ROOM,
    legend: bool = True,
    colours: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A radar: one closed line a series over the spokes.

    Args:
        frame: ``cle`` (spoke), ``serie``, and the value; a spoke without a row breaks the line.
        spokes: key and short label of each spoke, clockwise from the top.
        value: column of the values.
        top: value at the rim.
        scale: how values are written.
        room: how far the plane reaches, in radii (an expression of Vega): what the labels around need.
        legend: whether series are named under the radar.
        colours: colour of each series; by order by default.
    """
    count = max(1, len(spokes))
    circles = 3 if top == 3 else 4
    angle = {key: 2 * math.pi * rank / count for rank, (key, _) in enumerate(spokes)}
    series = frame["serie"].unique(maintain_order=True).to_list()
    rows: list[dict[str, Any]] = []
    for name in series:
        known = dict(frame.filter(pl.col("serie") == name).select("cle", value).drop_nulls().iter_rows())
        points = [(rank, key, label, known[key]) for rank, (key, label) in enumerate(spokes) if key in known]
        for rank, key, label, found in [*points, *points[:1]]:
            far = found / top
            rows.append(
                {
                    "serie": name, "axe": label, "texte": scale.write(found), "ordre": len(rows),
                    "x": far * math.sin(angle[key]), "y": far * math.cos(angle[key]), "rang": rank,
                }
            )  # fmt: skip
    rings = [
        {
            "cercle": ring,
            "ordre": step,
            "x": ring / circles * math.sin(turn),
            "y": ring / circles * math.cos(turn),
        }
        for ring in range(1, circles + 1)
        for step, turn in enumerate([2 * math.pi * index / count for index in range(count + 1)])
    ]
    arms = [
        {
            "axe": label, "x": math.sin(angle[key]), "y": math.cos(angle[key]), "x0": 0, "y0": 0,
            "xt": 1.1 * math.sin(angle[key]), "yt": 1.1 * math.cos(angle[key]),
        }
        for key, label in spokes
    ]  # fmt: skip
    marks = [
        {"x": 0.02, "y": ring / circles - 0.05, "texte": scale.write(top * ring / circles)}
        for ring in range(1, circles + 1)
    ]
    shades = [(colours or {}).get(name, SERIES[rank % len(SERIES)]) for rank, name in enumerate(series)]
    holes = {"titre": scale.title or " ", "series": series, "couleurs": shades}
    data: dict[str, Any] = {"cercles": rings, "rayons": arms, "series": rows, "reperes": marks}
    broken = any("\n" in label for _, label in spokes)
    return _radar(room, legend and len(series) > 1, broken).filled(holes, data)


@cache
def _radar(room: str, legend: bool, broken: bool) -> Template:
    # A renderer measures a text that may be broken twice over: codes, printed by the hundred, never are.
    line_break = "\n" if broken else alt.Undefined
    # The plane stays square whatever the width: the horizontal domain follows the shape of the drawing.
    # On a narrow screen the labels at the sides need more of it.
    wide = alt.Scale(
        domain=[alt.ExprRef(f"-{room} * width / height"), alt.ExprRef(f"{room} * width / height")], nice=False
    )
    side = alt.ExprRef("width < 430 ? 88 : 220")
    tall = alt.Scale(domain=[alt.ExprRef(f"-{room}"), alt.ExprRef(room)], nice=False)
    x = alt.X("x:Q", axis=None, scale=wide)
    y = alt.Y("y:Q", axis=None, scale=tall)
    colour = alt.Color(
        "serie:N",
        scale=alt.Scale(domain=[hole("series")], range=[hole("couleurs")]),
        legend=alt.Legend(title=None, orient="bottom", labelLimit=320) if legend else None,
    )
    layers = [
        alt.Chart(alt.NamedData("cercles")).mark_line(color=LINE, strokeWidth=1).encode(
            x=x, y=y, detail="cercle:N", order="ordre:Q"
        ),
        alt.Chart(alt.NamedData("rayons")).mark_rule(color=LINE).encode(
            x=alt.X("x0:Q", axis=None, scale=wide), y=alt.Y("y0:Q", axis=None, scale=tall), x2="x:Q", y2="y:Q"
        ),
        alt.Chart(alt.NamedData("series")).mark_line(strokeWidth=2.2).encode(
            x=x, y=y, color=colour, order="ordre:Q", detail="serie:N"
        ),
        alt.Chart(alt.NamedData("series")).mark_point(filled=True, size=46, opacity=1).encode(
            x=x,
            y=y,
            color=colour,
            tooltip=[
                alt.Tooltip("serie:N", title=" "),
                alt.Tooltip("axe:N", title=" "),
                alt.Tooltip("texte:N", title=hole("titre")),
            ],
        ),
        alt.Chart(alt.NamedData("reperes")).mark_text(align="left", fontSize=11, color=SECONDARY).encode(
            x=x, y=y, text="texte:N"
        ),
    ]  # fmt: skip
    # Two lines of text hang under their anchor: those of the top start higher, clear of the rings' figures.
    corners: tuple[tuple[Literal["left", "right", "center"], int, str], ...] = (
        ("left", -6, "datum.x > 0.15"),
        ("right", -6, "datum.x < -0.15"),
        ("center", -20, "abs(datum.x) <= 0.15 && datum.y > 0"),
        ("center", 4, "abs(datum.x) <= 0.15 && datum.y <= 0"),
    )
    for align, rise, test in corners:
        layers.append(
            alt.Chart(alt.NamedData("rayons"))
            .transform_filter(test)
            .mark_text(
                align=align,
                baseline="middle",
                dy=rise,
                fontSize=12.5,
                color=INK,
                limit=side,
                lineBreak=line_break,
            )
            .encode(
                x=alt.X("xt:Q", axis=None, scale=wide), y=alt.Y("yt:Q", axis=None, scale=tall), text="axe:N"
            )
        )
    return Template(alt.layer(*layers).properties(height=RADAR_HEIGHT, width="container"), fit=False)


def levels(frame: pl.DataFrame, label: str) -> dict[str, Any]:
    """How levels spread: one bar a row, cut by level, with the number of services in each piece.

    Args:
        frame: the label, ``niveau`` (0–3, null for what does not count), ``services`` (count), in the order shown.
        label: column of the bars' names.
    """
    order = [None, 0, 1, 2, 3]
    rows = [
        {
            "nom": row[label], "mot": level_word(row["niveau"]), "rang": order.index(row["niveau"]),
            "services": row["services"], "encre": MATURITY[row["niveau"]][2], "sens": row.get("sens") or "",
        }
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip
    names = frame[label].unique(maintain_order=True).to_list()
    return _levels().filled({"noms": names}, {"niveaux": rows})


@cache
def _levels() -> Template:
    order = [None, 0, 1, 2, 3]
    base = (
        alt.Chart(alt.NamedData("niveaux"))
        .transform_joinaggregate(total="sum(services)", groupby=["nom"])
        .transform_calculate(part="datum.services / datum.total")
        .transform_stack(stack="part", as_=["debut", "fin"], groupby=["nom"], sort=[alt.SortField("rang")])
        .transform_calculate(milieu="(datum.debut + datum.fin) / 2")
    )
    y = alt.Y("nom:N", sort=[hole("noms")], title=None, axis=alt.Axis(labelLimit=170, labelColor=INK))
    bars = base.mark_bar(height={"band": 0.72}).encode(
        y=y,
        x=alt.X("debut:Q", title="Part des services", axis=alt.Axis(format=".0%", tickCount=5)),
        x2="fin:Q",
        color=alt.Color(
            "mot:N",
            scale=alt.Scale(
                domain=[MATURITY[level][1] for level in order], range=[MATURITY[level][0] for level in order]
            ),
            legend=alt.Legend(title=None, orient="top", columns=alt.ExprRef("width < 520 ? 2 : 5")),
        ),
        tooltip=[
            alt.Tooltip("nom:N", title=" "),
            alt.Tooltip("mot:N", title=" "),
            alt.Tooltip("sens:N", title="Sens"),
            alt.Tooltip("services:Q", title="Services", format=",.0f"),
            alt.Tooltip("part:Q", title="Part", format=".1%"),
        ],
    )
    words = (
        base.transform_filter("datum.part > 0.055")
        .mark_text(fontWeight=600)
        .encode(
            y=y,
            x="milieu:Q",
            text=alt.Text("services:Q", format=",.0f"),
            color=alt.Color("encre:N", scale=None, legend=None),
        )
    )
    chart = (
        alt.layer(bars, words)
        .resolve_scale(color="independent")
        .properties(height={"step": 34}, width="container")
    )
    return Template(chart)


def answered(frame: pl.DataFrame, label: str) -> dict[str, Any]:
    """The levels of one service: one bar a criterion, as long as its level, and a mark where the doctrine waits.

    Args:
        frame: the label, ``niveau`` (0–3, null for what does not count), ``niveau_attendu``, ``sens``.
        label: column of the bars' names.
    """
    rows = [
        {
            "nom": row[label], "mot": level_word(row["niveau"]), "niveau": row["niveau"] or 0,
            "attendu": row["niveau_attendu"], "compte": row["niveau"] is not None,
            "sens": row.get("sens") or row.get("motif_exclusion") or "",
            "texte": f"{level_word(row['niveau'])}{' · ' + row['sens'] if row.get('sens') else ''}",
        }
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip
    return _answered().filled({"noms": frame[label].to_list()}, {"reponses": rows})


@cache
def _answered() -> Template:
    order = [None, 0, 1, 2, 3]
    y = alt.Y("nom:N", sort=[hole("noms")], title=None, axis=alt.Axis(labelLimit=190, labelColor=INK))
    x = alt.X(
        "niveau:Q",
        title="Niveau (trait : niveau attendu)",
        scale=alt.Scale(domain=[0, 3], nice=False),
        axis=alt.Axis(values=[0, 1, 2, 3], format=".0f"),
    )
    colour = alt.Color(
        "mot:N",
        scale=alt.Scale(
            domain=[MATURITY[level][1] for level in order], range=[MATURITY[level][0] for level in order]
        ),
        legend=None,
    )
    tooltip = [
        alt.Tooltip("nom:N", title=" "),
        alt.Tooltip("mot:N", title=" "),
        alt.Tooltip("sens:N", title="Sens"),
        alt.Tooltip("attendu:Q", title="Attendu", format=".0f"),
    ]
    base = alt.Chart(alt.NamedData("reponses"))
    bars = base.mark_bar(height={"band": 0.62}, cornerRadiusEnd=2).encode(
        y=y, x=x, color=colour, tooltip=tooltip
    )
    # A level 0 has no length: a dot of its colour says that there is an answer.
    start = base.transform_filter("datum.niveau == 0").mark_point(filled=True, size=70, opacity=1, clip=False)
    start = start.encode(y=y, x=alt.value(4), color=colour, tooltip=tooltip)
    wait = (
        base.transform_filter("datum.compte")
        .mark_tick(color=INK, thickness=2.5, size=22)
        .encode(y=y, x="attendu:Q", tooltip=tooltip)
    )
    # Clipped, so that a long sentence never takes the room of the bars, and left out where most of it would be cut:
    # the table has it whole.
    words = base.transform_calculate(ecrit="width < 300 ? datum.mot : datum.texte").mark_text(
        align="left", dx=12, clip=True, color=INK
    )
    words = words.encode(y=y, x=alt.value(0), text="ecrit:N")
    return Template(alt.layer(bars, start, wait, words).properties(height={"step": 28}, width="container"))


def dots(
    frame: pl.DataFrame, label: str, value: str, series: str, scale: Scale, *, top: float | None = None
) -> dict[str, Any]:
    """One row a label, one dot a series on it, joined by a line: where each goes.

    Args:
        frame: the label, the series and the value, in the order shown.
        label: column of the rows' names.
        value: column of the values.
        series: column of the series, first to last in time.
        scale: how values are written.
        top: end of the horizontal axis.
    """
    rows = frame.drop_nulls(value).select(nom=label, serie=series, valeur=value)
    rows = rows.pipe(worded, scale.write, "valeur", "texte")
    order = frame[series].unique(maintain_order=True).to_list()
    shades = [SERIES[rank % len(SERIES)] for rank in range(len(order))]
    holes = {
        "noms": frame[label].unique(maintain_order=True).to_list(), "series": order, "couleurs": shades,
        "formes": SHAPES[: len(order)], "titre": scale.title or None, "bulle": scale.title or " ",
        "format": scale.vega(),
    }  # fmt: skip
    return _dots(top).filled(holes, {"points": rows})


SHAPES = ("circle", "diamond", "triangle-up", "square", "cross", "triangle-down")


@cache
def _dots(top: float | None) -> Template:
    y = alt.Y(
        "nom:N", sort=[hole("noms")], title=None, axis=alt.Axis(labelLimit=190, labelColor=INK, grid=True)
    )
    ends = alt.Scale(zero=False, nice=True) if top is None else alt.Scale(domainMax=top, zero=False)
    x = alt.X("valeur:Q", title=hole("titre"), scale=ends, axis=alt.Axis(format=hole("format"), tickCount=5))
    base = alt.Chart(alt.NamedData("points"))
    line = base.mark_line(color="#b6c0cb", strokeWidth=2).encode(x=x, y=y, detail="nom:N")
    point = base.mark_point(filled=True, size=95, opacity=1).encode(
        x=x,
        y=y,
        color=alt.Color(
            "serie:N",
            scale=alt.Scale(domain=[hole("series")], range=[hole("couleurs")]),
            legend=alt.Legend(title=None, orient="top", columns=alt.ExprRef("width < 320 ? 1 : 3")),
        ),
        shape=alt.Shape(
            "serie:N", scale=alt.Scale(domain=[hole("series")], range=[hole("formes")]), legend=None
        ),
        tooltip=[
            alt.Tooltip("nom:N", title=" "),
            alt.Tooltip("serie:N", title=" "),
            alt.Tooltip("texte:N", title=hole("bulle")),
        ],
    )
    return Template((line + point).properties(height={"step": 26}, width="container"))
