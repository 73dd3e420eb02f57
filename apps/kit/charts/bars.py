"""Bars in groups, bars of parts, and two plots of bars side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal

import altair as alt
import polars as pl

from apps.kit.charts.charts import pick_parameter
from apps.kit.charts.scales import Scale
from apps.kit.charts.template import Template, hole
from apps.kit.style.theme import BAR, INK, SERIES


def grouped(
    frame: pl.DataFrame,
    label: str,
    measures: Sequence[str],
    scale: Scale,
    labels: Mapping[str, str],
    *,
    code: str = "",
    targets: str = "",
) -> dict[str, Any]:
    """Bars by value of an axis, one a measure, in the order of the frame; a tick where a target stands.

    Args:
        frame: one row per value of the axis.
        label: column of the values' names.
        measures: columns of the bars, of one unit.
        scale: how values are written.
        labels: column -> name of the measure.
        code: column that a click reports.
        targets: column of the ticks; empty for none.
    """
    codes = frame[code].fill_null("").to_list() if code else [""] * frame.height
    rows, ticks = [], []
    for rank, one in enumerate(frame.iter_rows(named=True)):
        for name in measures:
            if one[name] is not None:
                rows.append(_mark(one[label], codes[rank], labels[name], one[name], scale))
        if targets and one[targets] is not None:
            ticks.append(_mark(one[label], codes[rank], labels[targets], one[targets], scale))
    holes = {
        "titre": scale.title or " ", "noms": frame[label].to_list(), "mesures": [labels[m] for m in measures],
        "couleurs": list(SERIES[: len(measures)]) if len(measures) > 1 else [BAR], "format": scale.vega(),
    }  # fmt: skip
    template = _grouped(len(measures) > 1, bool(targets), bool(code))
    data = {"groupes": rows, **({"attendus": ticks} if targets else {})}
    spec = template.filled(holes, data)
    spec["height"] = {"step": 24 if len(measures) == 1 else 15 * len(measures) + 8, "for": "position"}
    return spec


def _mark(name: str, code: str, series: str, value: float, scale: Scale) -> dict[str, Any]:
    return {"nom": name, "code": code, "mesure": series, "valeur": value, "texte": scale.write(value)}


@cache
def _grouped(several: bool, targets: bool, picks: bool) -> Template:
    y = alt.Y(
        "nom:N",
        title=None,
        sort=[hole("noms")],
        scale=alt.Scale(domain=[hole("noms")]),
        axis=alt.Axis(labelColor=INK, labelLimit=230),
    )
    x = alt.X(
        "valeur:Q",
        title=None,
        stack=None,
        scale=alt.Scale(zero=True, nice=True),
        axis=alt.Axis(format=hole("format"), tickCount=5),
    )
    tooltip = [
        alt.Tooltip("nom:N", title=" "),
        alt.Tooltip("mesure:N", title=" "),
        alt.Tooltip("texte:N", title=hole("titre")),
    ]
    legend = alt.Legend(title=None, orient="top", labelLimit=320) if several else None
    colour = alt.Color(
        "mesure:N", scale=alt.Scale(domain=[hole("mesures")], range=[hole("couleurs")]), legend=legend
    )
    base = alt.Chart(alt.NamedData("groupes")).encode(y=y, x=x)
    if several:
        base = base.encode(yOffset=alt.YOffset("mesure:N", sort=[hole("mesures")]))
    pointer: Literal["pointer", "default"] = "pointer" if picks else "default"
    marks = base.mark_bar(cornerRadiusEnd=2, cursor=pointer).encode(color=colour, tooltip=tooltip)
    if picks:
        pick = pick_parameter()
        marks = marks.encode(opacity=alt.condition(pick, alt.value(1), alt.value(0.35))).add_params(pick)
    words = base.mark_text(align="left", dx=4, color=INK, fontSize=11.5).encode(text="texte:N")
    layers: list[alt.Chart] = [marks, words]
    if targets:
        ticks = alt.Chart(alt.NamedData("attendus")).mark_tick(color=INK, thickness=2.5, size=18)
        layers.append(ticks.encode(y=y, x=x, tooltip=tooltip))
    return Template(alt.layer(*layers).properties(width="container", padding={"right": 60}))


def stacked(
    rows: pl.DataFrame, scale: Scale, colours: Mapping[str, str], *, whole: bool = False
) -> dict[str, Any]:
    """Bars cut in pieces, in the order of the rows.

    Args:
        rows: ``nom, code, partie, rang, valeur``: a piece each; ``rang`` orders the pieces of a bar; ``encre`` is the
            colour of the values written in bars of 100 %.
        scale: how values are written.
        colours: colour of each piece, in the order of the legend.
        whole: bars of 100 %, each piece a share of its own bar.
    """
    data = rows.with_columns(texte=scale.texts(rows["valeur"]))
    holes = {
        "titre": scale.title or " ", "noms": rows["nom"].unique(maintain_order=True).to_list(),
        "parties": list(colours), "couleurs": list(colours.values()), "format": ".0%" if whole else scale.vega(),
    }  # fmt: skip
    return _stacked(whole).filled(holes, {"pieces": data})


@cache
def _stacked(whole: bool) -> Template:
    ends = ["part"] if whole else ["valeur"]
    base = (
        alt.Chart(alt.NamedData("pieces"))
        .transform_joinaggregate(total="sum(valeur)", groupby=["nom"])
        .transform_calculate(part="datum.total ? datum.valeur / datum.total : 0")
        .transform_stack(stack=ends[0], as_=["debut", "fin"], groupby=["nom"], sort=[alt.SortField("rang")])
        .transform_calculate(milieu="(datum.debut + datum.fin) / 2")
    )
    y = alt.Y(
        "nom:N",
        sort=[hole("noms")],
        title=None,
        axis=alt.Axis(labelLimit=200, labelColor=INK),
    )
    pick = pick_parameter()
    marks = (
        base.mark_bar(height={"band": 0.72}, cursor="pointer")
        .encode(
            y=y,
            x=alt.X("debut:Q", title=None, axis=alt.Axis(format=hole("format"), tickCount=5)),
            x2="fin:Q",
            color=alt.Color(
                "partie:N",
                scale=alt.Scale(domain=[hole("parties")], range=[hole("couleurs")]),
                legend=alt.Legend(
                    title=None, orient="top", labelLimit=260, columns=alt.ExprRef("width < 520 ? 2 : 4")
                ),
            ),
            tooltip=[
                alt.Tooltip("nom:N", title=" "),
                alt.Tooltip("partie:N", title=" "),
                alt.Tooltip("texte:N", title=hole("titre")),
                alt.Tooltip("part:Q", title="Part", format=".1%"),
            ],
            opacity=alt.condition(pick, alt.value(1), alt.value(0.35)),
        )
        .add_params(pick)
    )
    if not whole:
        return Template(marks.properties(height={"step": 30}, width="container"))
    ink = alt.Color("encre:N", scale=None, legend=None)
    words = (
        base.transform_filter("datum.part > 0.055")
        .mark_text(fontWeight=600)
        .encode(y=y, x="milieu:Q", text="texte:N", color=ink)
    )
    layers = alt.layer(marks, words).resolve_scale(color="independent")
    return Template(layers.properties(height={"step": 34}, width="container"))


def paired_bars(
    frame: pl.DataFrame,
    label: str,
    measures: Sequence[str],
    scales: Sequence[Scale],
    labels: Mapping[str, str],
    texts: Mapping[str, Sequence[str]],
    *,
    code: str,
) -> dict[str, Any]:
    """One or two measures of their own units by the same values, each on its own scale: never a double axis.

    Args:
        frame: one row per value.
        label: column of the values' names.
        measures: one or two columns.
        scales: how each is written.
        labels: column -> name of the measure.
        texts: column -> its values as written.
        code: column that a click reports.
    """
    rows = []
    for rank, one in enumerate(frame.iter_rows(named=True)):
        for place, name in enumerate(measures):
            if one[name] is None:
                continue
            # Each measure runs from zero to its own largest: lengths compare within a plot only.
            rows.append(
                {
                    "nom": one[label], "code": str(one[code]), "mesure": labels[name], "valeur": one[name],
                    "texte": texts[name][rank], "titre": scales[place].title,
                }
            )  # fmt: skip
    holes = {"noms": frame[label].to_list(), "mesures": [labels[name] for name in measures]}
    spec = _paired().filled(holes, {"barres_paires": rows})
    spec["spec"]["height"] = {"step": 26}
    spec["columns"] = len(measures)
    return spec


@cache
def _paired() -> Template:
    base = alt.Chart().encode(
        y=alt.Y("nom:N", sort=[hole("noms")], title=None, axis=alt.Axis(labelColor=INK, labelLimit=200)),
        x=alt.X("valeur:Q", title=None, axis=None, scale=alt.Scale(zero=True)),
        tooltip=[alt.Tooltip("nom:N", title=" "), alt.Tooltip("texte:N", title=" ")],
    )
    pick = pick_parameter()
    marks = base.mark_bar(color=BAR, cornerRadiusEnd=2, height={"band": 0.66}, cursor="pointer")
    marks = marks.encode(opacity=alt.condition(pick, alt.value(1), alt.value(0.35))).add_params(pick)
    words = base.mark_text(align="left", dx=5, color=INK).encode(text="texte:N")
    layered = alt.layer(marks, words, data=alt.NamedData("barres_paires")).properties(width=230)
    faceted = layered.facet(
        alt.Facet("mesure:N", title=None, sort=[hole("mesures")], header=alt.Header(labelLimit=230)),
        columns=2,
    ).resolve_scale(x="independent")
    return Template(faceted, fit=False)
