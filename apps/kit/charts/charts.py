"""Charts: bars, columns over time, lines, distributions; each with the table that says the same.

A chart piece holds its Vega-Lite specification and its table twin. Charts that filter report clicks only: the
truth is the page's selection, and a chart whose filter changed elsewhere is drawn anew under another key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import altair as alt
import polars as pl

from apps.kit.charts.scales import Scale, class_step, with_gaps
from apps.kit.charts.tables import Table
from apps.kit.data.method import Methods
from apps.kit.style import french
from apps.kit.style.theme import BAR, INK, SERIES
from apps.kit.style.worded import worded

PICK = "choix"
"""Name of the selection parameter of charts that filter."""
HELD = "\u2063"
"""A code that no territory bears (see :func:`with_selected`)."""
MOST_SERIES = len(SERIES)
_BAR_STEP = 26


@dataclass(frozen=True)
class Chart:
    """A chart piece.

    Attributes:
        spec: Vega-Lite specification with its data.
        table: the same figures as a table.
        title: subtitle of the view, as a question where it can be one.
        reading: one sentence that reads it aloud.
        alt: text alternative; the reading by default.
        picks: axis that a click filters; empty when clicks do nothing.
        counted: what the caption counts.
        measures: names of the measures shown, or methods, for the method.
    """

    spec: dict[str, Any]
    table: Table
    title: str = ""
    reading: str = ""
    alt: str = ""
    picks: str = ""
    counted: str = ""
    measures: Methods = ()


def pick_parameter() -> alt.Parameter:
    """The point selection of a filtering chart: a click adds a code, a second click takes it away."""
    return alt.selection_point(name=PICK, fields=["code"], toggle="true")


def with_selected(spec: dict[str, Any], selected: Sequence[str]) -> dict[str, Any]:
    """The same specification whose selection starts with these codes.

    The front end takes an initial selection for none, and does not tell when clicks empty it. A code that nothing
    bears starts with the others: what is left is never empty, so the last one taken away is told too.
    """
    if not selected:
        return dict(spec)  # Streamlit takes the data out of what it is given
    params = [
        {**param, "value": [{"code": code} for code in (HELD, *selected)]}
        if param.get("name") == PICK
        else param
        for param in spec.get("params", [])
    ]
    return {**spec, "params": params}


def bars(
    frame: pl.DataFrame,
    label: str,
    value: str,
    scale: Scale,
    *,
    code: str = "",
    most: int = 20,
) -> dict[str, Any]:
    """Horizontal bars, longest first, each with its value at its end.

    Args:
        frame: one row per bar.
        label: column of the bars' names.
        value: column of the values.
        scale: how values are written.
        code: column that a click reports; empty when clicks do nothing.
        most: number of bars shown.
    """
    shown = frame.sort(value, descending=True, nulls_last=True).head(most)
    rows = shown.select(
        nom=pl.col(label).fill_null("Non renseigné"),
        valeur=pl.col(value),
        code=pl.col(code).fill_null("") if code else pl.lit(""),
    ).pipe(worded, scale.write, "valeur", "texte", nulls=True)
    return _filled(_bars(scale.title, bool(code)), barres=rows)


@lru_cache(maxsize=64)
def _bars(title: str, picks: bool) -> dict[str, Any]:
    base = alt.Chart(alt.NamedData("barres")).encode(
        y=alt.Y("nom:N", sort=None, title=None, axis=alt.Axis(labelColor=INK, labelLimit=230)),
        x=alt.X("valeur:Q", title=None, axis=None, scale=alt.Scale(nice=False)),
        tooltip=[alt.Tooltip("nom:N", title=" "), alt.Tooltip("texte:N", title=title or " ")],
    )
    pointer = {"cursor": "pointer"} if picks else {}
    marks = base.mark_bar(color=BAR, cornerRadiusEnd=2, height={"band": 0.66}, **pointer)
    if picks:
        pick = pick_parameter()
        marks = marks.encode(opacity=alt.condition(pick, alt.value(1), alt.value(0.35))).add_params(pick)
    words = base.mark_text(align="left", dx=5, color=INK).encode(text="texte:N")
    # Room for the longest written value beside the longest bar.
    chart = (marks + words).properties(height={"step": _BAR_STEP}, width="container", padding={"right": 70})
    return _finished(chart)


def columns(
    frame: pl.DataFrame,
    time: str,
    value: str,
    scale: Scale,
    *,
    picks: bool = False,
    months: bool = False,
    height: int = 220,
) -> dict[str, Any]:
    """Columns over months or dates; a missing one leaves its place empty.

    Args:
        frame: one row per date.
        time: Date column.
        value: column of the values.
        scale: how values are written.
        picks: whether clicks report the date (ISO).
        months: whether dates are months: "septembre 2022", not its first day.
        height: pixels.
    """
    rows = (
        with_gaps(frame, time, value)
        .select(pl.col(time).alias("jour"), code=pl.col(time).dt.to_string("%Y-%m-%d"), valeur=pl.col(value))
        .pipe(worded, _day(months), "jour", "nom")
        .pipe(worded, lambda day: french.month(day, short=True), "jour", "mois")
        .pipe(worded, scale.write, "valeur", "texte", nulls=True)
        .select("code", "nom", "mois", "valeur", "texte")
    )
    return _filled(_columns(scale, tuple(rows["mois"]), picks, height), colonnes=rows)


@lru_cache(maxsize=64)
def _columns(scale: Scale, months: tuple[str, ...], picks: bool, height: int) -> dict[str, Any]:
    labels = list(months[:: max(1, -(-len(months) // 12))])
    chart = (
        alt.Chart(alt.NamedData("colonnes"))
        .mark_bar(
            color=BAR, cornerRadiusEnd=2, width={"band": 0.72}, cursor="pointer" if picks else "default"
        )
        .encode(
            x=alt.X(
                "mois:O",
                sort=None,
                title=None,
                scale=alt.Scale(domain=list(months)),  # a missing month keeps its place
                axis=alt.Axis(values=labels, labelAngle=0, labelOverlap=True),
            ),
            y=alt.Y("valeur:Q", title=scale.title or None, axis=alt.Axis(format=scale.vega(), tickCount=4)),
            tooltip=[alt.Tooltip("nom:N", title=" "), alt.Tooltip("texte:N", title=scale.title or " ")],
        )
        .properties(height=height, width="container")
    )
    if picks:
        pick = pick_parameter()
        chart = chart.encode(opacity=alt.condition(pick, alt.value(1), alt.value(0.35))).add_params(pick)
    return _finished(chart)


def lines(
    frame: pl.DataFrame,
    time: str,
    value: str,
    scale: Scale,
    *,
    series: str = "",
    height: int = 260,
    zero: bool = False,
    legend: bool = False,
    months: bool = False,
) -> dict[str, Any]:
    """Lines over time, labelled at their end; a missing month breaks the line.

    Args:
        frame: one row per date and series.
        time: Date column.
        value: column of the values.
        scale: how values are written.
        series: column that tells the lines apart; empty for one line.
        height: pixels.
        zero: whether the axis starts at zero.
        legend: name the lines above instead of at their end, for lines that end together.
        months: whether dates are months: "septembre 2022", not its first day.

    Raises:
        ValueError: more than six series: use small multiples.
    """
    full = with_gaps(frame, time, value, series)
    names = full[series].unique(maintain_order=True).to_list() if series else [""]
    if len(names) > MOST_SERIES:
        raise ValueError(f"At most {MOST_SERIES} lines can be told apart, not {len(names)}.")
    rows = (
        full.pipe(worded, _day(months), time, "__nom")
        .select(
            jour=pl.col(time).dt.to_string("%Y-%m-%dT00:00:00"),  # local time: the day does not slip
            nom="__nom",
            serie=pl.col(series) if series else pl.lit(""),
            valeur=pl.col(value),
        )
        .pipe(worded, scale.write, "valeur", "texte", nulls=True)
    )
    ends = rows.filter(pl.col("valeur").is_not_null()).group_by("serie", maintain_order=True).last()
    room = 8 + 7 * max((len(str(name)) for name in (names if series else ends["texte"].to_list())), default=0)
    spec = _lines(scale, tuple(names), bool(series), height, zero, 0 if legend else min(room, 180), legend)
    return _filled(spec, suite=rows, points=rows.drop_nulls("valeur"), bouts=ends)


@lru_cache(maxsize=64)
def _lines(
    scale: Scale,
    names: tuple[str, ...],
    several: bool,
    height: int,
    zero: bool,
    room: int,
    legend: bool = False,
) -> dict[str, Any]:
    colour = alt.Color(
        "serie:N",
        scale=alt.Scale(domain=list(names), range=list(SERIES[: len(names)])),
        legend=alt.Legend(title=None, orient="bottom") if legend else None,
    )
    x = alt.X("jour:T", title=None, axis=alt.Axis(format="%b %Y", tickCount=6, labelOverlap=True, grid=False))
    y = alt.Y(
        "valeur:Q",
        title=scale.title or None,
        scale=alt.Scale(zero=zero),
        axis=alt.Axis(format=scale.vega(), tickCount=5),
    )
    tooltip = [alt.Tooltip("nom:N", title=" "), alt.Tooltip("texte:N", title=scale.title or " ")]
    if several:
        tooltip.insert(0, alt.Tooltip("serie:N", title=" "))
    data = {name: alt.Chart(alt.NamedData(name)) for name in ("suite", "points", "bouts")}
    stroke = data["suite"].mark_line(invalid="break-paths-show-domains").encode(x=x, y=y, color=colour)
    # Points: a month alone between two gaps draws no line, and tooltips need a target.
    points = data["points"].mark_point(filled=True, size=34, opacity=1)
    points = points.encode(x=x, y=y, color=colour, tooltip=tooltip)
    words = data["bouts"].mark_text(align="left", dx=8, fontWeight=600)
    words = words.encode(x=x, y=y, color=colour, text="serie:N" if several else "texte:N")
    layers = stroke + points if legend else stroke + points + words
    chart = layers.properties(height=height, width="container", padding={"right": room})
    return _finished(chart)


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
    rows = counts.pipe(
        worded, lambda low, high: f"de {scale.write(low)} à {scale.write(high)}", ("de", "a"), "classe"
    ).pipe(worded, french.number, "effectif", "texte")
    spec = _distribution(scale, noun, mark is not None, height)
    if mark is None:
        return _filled(spec, classes=rows)
    said = f"{mark_label} : {scale.write(mark)}".replace(" :", "\u202f:")
    return _filled(spec, classes=rows, repere=pl.DataFrame({"valeur": [mark], "texte": [said]}))


@lru_cache(maxsize=64)
def _distribution(scale: Scale, noun: str, marked: bool, height: int) -> dict[str, Any]:
    chart: alt.Chart | alt.LayerChart = (
        alt.Chart(alt.NamedData("classes"))
        .mark_bar(color=BAR, binSpacing=1)
        .encode(
            x=alt.X("de:Q", bin="binned", title=scale.title or None, axis=alt.Axis(format=scale.vega())),
            x2="a:Q",
            y=alt.Y("effectif:Q", title=noun, axis=alt.Axis(tickMinStep=1, tickCount=4, format=",.0f")),
            tooltip=[alt.Tooltip("classe:N", title=" "), alt.Tooltip("texte:N", title=noun)],
        )
    )
    if marked:
        at = alt.Chart(alt.NamedData("repere"))
        rule = at.mark_rule(color=INK, strokeDash=[4, 3]).encode(x="valeur:Q")
        words = at.mark_text(align="left", dx=5, baseline="top", color=INK)
        chart = chart + rule + words.encode(x="valeur:Q", y=alt.value(0), text="texte:N")
    return _finished(chart.properties(height=height, width="container"))


def _day(months: bool) -> Callable[[date], str]:
    return french.month if months else french.long_date


def _filled(template: dict[str, Any], **frames: pl.DataFrame) -> dict[str, Any]:
    """A chart from its template: Altair checks a chart once, not at every rerun (25 ms each)."""
    return {**template, "datasets": {name: frame.to_dicts() for name, frame in frames.items()}}


def _finished(chart: alt.Chart | alt.LayerChart) -> dict[str, Any]:
    spec: dict[str, Any] = chart.to_dict()
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec


@dataclass
class Generation:
    """What a filtering chart was last told: Streamlit cannot set a chart's selection, only draw it anew."""

    number: int = 0
    reported: tuple[str, ...] = ()
    initial: tuple[str, ...] = field(default_factory=tuple)

    def follow(self, selected: Sequence[str]) -> Generation:
        """The generation that shows ``selected``: the same one when the chart itself reported it."""
        if set(selected) == set(self.reported):
            return self
        return Generation(self.number + 1, tuple(selected), tuple(selected))

    def told(self, codes: Sequence[str]) -> Generation:
        """The generation after a click: drawn anew when nothing is left of what it started with."""
        if self.initial and not codes:
            return Generation(self.number + 1)
        return Generation(self.number, tuple(codes), self.initial)


def picked(state: Any, known: Callable[[str], bool] = bool) -> tuple[str, ...]:
    """The codes that a chart's selection holds, in the order clicked.

    Args:
        state: the widget's state (``st.session_state[key]``).
        known: says whether a code may be filtered.
    """
    points = (state or {}).get("selection", {}).get(PICK, [])
    rows = points if isinstance(points, list) else []
    codes = [str(point["code"]) for point in rows if isinstance(point, dict) and point.get("code")]
    codes = [code for code in codes if code != HELD]
    return tuple(dict.fromkeys(code for code in codes if known(code)))
