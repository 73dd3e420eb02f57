"""The drawings of Convergence: radar, distribution of levels, regions as tiles, dots, steps of the plans."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from apps.convergence.words import SIGLES, level_word
from apps.kit import theme
from apps.kit.charts import Scale
from apps.kit.maps import Classes
from apps.kit.theme import INK, LINE, MATURITY, SECONDARY, SERIES

# Column and row of each region's tile: about where it is, overseas apart on the right.
TILES = {
    "32": (2, 0), "28": (1, 1), "11": (2, 1), "44": (3, 1), "53": (0, 2), "52": (1, 2), "24": (2, 2), "27": (3, 2),
    "75": (1, 3), "84": (2, 3), "76": (1, 4), "93": (2, 4), "94": (3, 4),
    "01": (5, 0), "02": (5, 1), "03": (5, 2), "04": (5, 3), "06": (5, 4),
}  # fmt: skip
RADAR_HEIGHT = 330


def radar(
    frame: pl.DataFrame, spokes: Sequence[tuple[str, str]], value: str, top: float, scale: Scale
) -> dict[str, Any]:
    """A radar: one closed line a series over the spokes.

    Args:
        frame: ``cle`` (spoke), ``serie``, and the value; a spoke without a row breaks the line.
        spokes: key and short label of each spoke, clockwise from the top.
        value: column of the values.
        top: value at the rim.
        scale: how values are written.
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
    # The plane stays square whatever the width: the horizontal domain follows the shape of the drawing.
    # On a narrow screen the labels at the sides need more of it.
    room = "(width < 430 ? 1.75 : 1.3)"
    wide = alt.Scale(
        domain=[alt.ExprRef(f"-{room} * width / height"), alt.ExprRef(f"{room} * width / height")], nice=False
    )
    side = alt.ExprRef("width < 430 ? 88 : 220")
    tall = alt.Scale(domain=[alt.ExprRef(f"-{room}"), alt.ExprRef(room)], nice=False)
    x = alt.X("x:Q", axis=None, scale=wide)
    y = alt.Y("y:Q", axis=None, scale=tall)
    colour = alt.Color(
        "serie:N",
        scale=alt.Scale(domain=series, range=list(SERIES[: len(series)])),
        legend=alt.Legend(title=None, orient="bottom", labelLimit=320) if len(series) > 1 else None,
    )
    layers = [
        alt.Chart(alt.Data(values=rings)).mark_line(color=LINE, strokeWidth=1).encode(
            x=x, y=y, detail="cercle:N", order="ordre:Q"
        ),
        alt.Chart(alt.Data(values=arms)).mark_rule(color=LINE).encode(
            x=alt.X("x0:Q", axis=None, scale=wide), y=alt.Y("y0:Q", axis=None, scale=tall), x2="x:Q", y2="y:Q"
        ),
        alt.Chart(alt.Data(values=rows)).mark_line(strokeWidth=2.2).encode(
            x=x, y=y, color=colour, order="ordre:Q", detail="serie:N"
        ),
        alt.Chart(alt.Data(values=rows)).mark_point(filled=True, size=46, opacity=1).encode(
            x=x,
            y=y,
            color=colour,
            tooltip=[
                alt.Tooltip("serie:N", title=" "),
                alt.Tooltip("axe:N", title=" "),
                alt.Tooltip("texte:N", title=scale.title or " "),
            ],
        ),
        alt.Chart(alt.Data(values=marks)).mark_text(align="left", fontSize=11, color=SECONDARY).encode(
            x=x, y=y, text="texte:N"
        ),
    ]  # fmt: skip
    # Two lines of text hang under their anchor: those of the top start higher, clear of the rings' figures.
    for align, rise, test in (
        ("left", -6, "datum.x > 0.15"),
        ("right", -6, "datum.x < -0.15"),
        ("center", -20, "abs(datum.x) <= 0.15 && datum.y > 0"),
        ("center", 4, "abs(datum.x) <= 0.15 && datum.y <= 0"),
    ):
        layers.append(
            alt.Chart(alt.Data(values=arms))
            .transform_filter(test)
            .mark_text(
                align=align, baseline="middle", dy=rise, fontSize=12.5, lineBreak="\n", color=INK, limit=side
            )
            .encode(
                x=alt.X("xt:Q", axis=None, scale=wide), y=alt.Y("yt:Q", axis=None, scale=tall), text="axe:N"
            )
        )
    chart = alt.layer(*layers).properties(height=RADAR_HEIGHT, width="container")
    spec: dict[str, Any] = chart.to_dict()
    return spec


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
    base = (
        alt.Chart(alt.Data(values=rows))
        .transform_joinaggregate(total="sum(services)", groupby=["nom"])
        .transform_calculate(part="datum.services / datum.total")
        .transform_stack(stack="part", as_=["debut", "fin"], groupby=["nom"], sort=[alt.SortField("rang")])
        .transform_calculate(milieu="(datum.debut + datum.fin) / 2")
    )
    y = alt.Y("nom:N", sort=names, title=None, axis=alt.Axis(labelLimit=170, labelColor=INK))
    bars = base.mark_bar(height={"band": 0.72}).encode(
        y=y,
        x=alt.X("debut:Q", title="Part des services", axis=alt.Axis(format=".0%", tickCount=5)),
        x2="fin:Q",
        color=alt.Color(
            "mot:N",
            scale=alt.Scale(
                domain=[MATURITY[level][1] for level in order], range=[MATURITY[level][0] for level in order]
            ),
            legend=alt.Legend(title=None, orient="top", columns=2),
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
    return _fitted(chart)


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
    order = [None, 0, 1, 2, 3]
    y = alt.Y("nom:N", sort=frame[label].to_list(), title=None, axis=alt.Axis(labelLimit=190, labelColor=INK))
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
    base = alt.Chart(alt.Data(values=rows))
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
    # Clipped, so that a long sentence never takes the room of the bars: the table has it whole.
    words = base.mark_text(align="left", dx=12, clip=True, color=INK).encode(
        y=y, x=alt.value(0), text="texte:N"
    )
    return _fitted(alt.layer(bars, start, wait, words).properties(height={"step": 28}, width="container"))


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
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("x:O", axis=None, scale=alt.Scale(domain=list(range(6)), paddingInner=0.06)),
        y=alt.Y("y:O", axis=None, scale=alt.Scale(paddingInner=0.08)),
        tooltip=[alt.Tooltip("nom:N", title=" "), alt.Tooltip("texte:N", title=scale.title or " ")],
    )
    square = base.mark_rect(cornerRadius=4).encode(fill=alt.Fill("couleur:N", scale=None, legend=None))
    ink = alt.Color("encre:N", scale=None, legend=None)
    name = base.mark_text(dy=-9, fontSize=12.5, fontWeight=600).encode(text="sigle:N", color=ink)
    figure = base.mark_text(dy=9, fontSize=12.5).encode(text="bref:N", color=ink)
    return _fitted(alt.layer(square, name, figure).properties(height=300, width="container"))


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
    rows = frame.drop_nulls(value).select(
        nom=label, serie=series, valeur=value,
        texte=pl.col(value).map_elements(scale.write, return_dtype=pl.String),
    )  # fmt: skip
    names = frame[label].unique(maintain_order=True).to_list()
    order = frame[series].unique(maintain_order=True).to_list()
    y = alt.Y("nom:N", sort=names, title=None, axis=alt.Axis(labelLimit=190, labelColor=INK, grid=True))
    ends = alt.Scale(zero=False, nice=True) if top is None else alt.Scale(domainMax=top, zero=False)
    x = alt.X(
        "valeur:Q", title=scale.title or None, scale=ends, axis=alt.Axis(format=scale.vega(), tickCount=5)
    )
    line = alt.Chart(rows).mark_line(color="#b6c0cb", strokeWidth=2).encode(x=x, y=y, detail="nom:N")
    shapes = ["circle", "diamond", "triangle-up", "square", "cross", "triangle-down"]
    point = (
        alt.Chart(rows)
        .mark_point(filled=True, size=95, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "serie:N",
                scale=alt.Scale(domain=order, range=list(SERIES[: len(order)])),
                legend=alt.Legend(title=None, orient="top", columns=2),
            ),
            shape=alt.Shape(
                "serie:N", scale=alt.Scale(domain=order, range=shapes[: len(order)]), legend=None
            ),
            tooltip=[
                alt.Tooltip("nom:N", title=" "),
                alt.Tooltip("serie:N", title=" "),
                alt.Tooltip("texte:N", title=scale.title or " "),
            ],
        )
    )
    return _fitted((line + point).properties(height={"step": 26}, width="container"))


def heat(frame: pl.DataFrame, row: str, column: str, value: str, words: str) -> dict[str, Any]:
    """A matrix of counts: darker for more, the count in each cell.

    Args:
        frame: ``row``, ``column``, ``value`` (positive), in the order shown.
        row: column of the rows' names.
        column: column of the columns' names.
        value: column of the counts.
        words: what is counted, plural.
    """
    rows = frame.select(ligne=row, colonne=column, nombre=value)
    highest = rows["nombre"].max()
    assert isinstance(highest, int)
    base = alt.Chart(rows).encode(
        y=alt.Y("ligne:N", sort=frame[row].unique(maintain_order=True).to_list(), title=None,
                axis=alt.Axis(labelLimit=220, labelColor=INK)),
        x=alt.X("colonne:O", sort=frame[column].unique().sort().to_list(), title=None,
                axis=alt.Axis(orient="top", labelAngle=-45, labelOverlap="greedy")),
        tooltip=[alt.Tooltip("ligne:N", title=" "), alt.Tooltip("colonne:N", title=" "),
                 alt.Tooltip("nombre:Q", title=words, format=",.0f")],
    )  # fmt: skip
    cell = base.mark_rect(cornerRadius=2, stroke=theme.WHITE).encode(
        fill=alt.Fill(
            "nombre:Q",
            scale=alt.Scale(range=list(theme.QUANTITY[1:]), domain=[1, max(2, highest)]),
            legend=None,
        )
    )
    across = frame[column].n_unique()
    # Figures that would not fit in their cell are left to the tooltip and the table.
    text = base.mark_text(fontSize=12, opacity=alt.ExprRef(f"width / {across} < 15 ? 0 : 1")).encode(
        text=alt.Text("nombre:Q", format=",.0f"),
        color=alt.condition(f"datum.nombre > {0.55 * highest}", alt.value(theme.WHITE), alt.value(INK)),
    )
    return _fitted((cell + text).properties(height={"step": 26}, width="container"))


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
    y = alt.Y("nom:N", sort=frame[row].unique(maintain_order=True).to_list(), title=None,
              axis=alt.Axis(labelLimit=260, labelColor=INK))  # fmt: skip
    domain = [0, len(quarters)]
    x = alt.X("debut:Q", title=None, scale=alt.Scale(domain=domain, nice=False),
              axis=alt.Axis(values=years, labelExpr=expression, orient="top"))  # fmt: skip
    words = [level_word(level) for level in range(4)]
    bars = alt.Chart(alt.Data(values=rows)).mark_bar(height={"band": 0.7}).encode(
        x=x, x2="fin:Q", y=y,
        color=alt.Color("mot:N", scale=alt.Scale(domain=words, range=[MATURITY[n][0] for n in range(4)]),
                        legend=alt.Legend(title=None, orient="bottom", columns=2)),
        tooltip=[alt.Tooltip("nom:N", title=" "), alt.Tooltip("mot:N", title=" "),
                 alt.Tooltip("depuis:N", title="Depuis")],
    )  # fmt: skip
    text = (
        alt.Chart(alt.Data(values=rows))
        .transform_filter("datum.fin - datum.debut >= 1")
        .mark_text(fontWeight=600)
        .encode(x="milieu:Q", y=y, text="chiffre:N", color=alt.Color("encre:N", scale=None, legend=None))
    )
    chart = alt.layer(bars, text).resolve_scale(color="independent")
    return _fitted(chart.properties(height={"step": 24}, width="container"))


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
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.75, 1.75], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[tall, 0], nice=False))
    natures = ["Service d'infrastructure", "Service métier"]
    rule = (
        alt.Chart(alt.Data(values=lines))
        .mark_rule(color="#9aa8b8", strokeWidth=1.2)
        .encode(x=x, y=y, x2="x2:Q", y2="y2:Q")
    )
    base = alt.Chart(alt.Data(values=nodes))
    points = base.mark_point(filled=True, size=120, opacity=1).encode(
        x=x,
        y=y,
        color=alt.Color(
            "nature:N",
            scale=alt.Scale(domain=natures, range=["#1f7a4d", "#1f5f99"]),
            legend=alt.Legend(title=None, orient="top"),
        ),
        shape=alt.Shape(
            "nature:N",
            scale=alt.Scale(domain=natures, range=["square", "circle"]),
            legend=alt.Legend(title=None, orient="top"),
        ),
        tooltip=[alt.Tooltip("nom:N", title=" "), alt.Tooltip("nature:N", title=" ")],
    )
    names = [
        base.transform_filter(test)
        .mark_text(align=align, dx=dx, limit=alt.ExprRef("0.27 * width"), color=INK)
        .encode(x=x, y=y, text="nom:N")
        for test, align, dx in (("datum.x < 0.5", "right", -10), ("datum.x >= 0.5", "left", 10))
    ]
    chart = alt.layer(rule, points, *names).properties(height=max(160, 24 * tall), width="container")
    return _fitted(chart)


def _fitted(chart: alt.Chart | alt.LayerChart) -> dict[str, Any]:
    spec: dict[str, Any] = chart.to_dict()
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec
