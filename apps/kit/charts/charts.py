"""Charts: bars, columns over time, lines, distributions; each with the table that says the same.

A chart piece holds its Vega-Lite specification and its table twin. Charts that filter report clicks only: the
truth is the page's selection, and a chart whose filter changed elsewhere is drawn anew under another key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import altair as alt
import polars as pl

from apps.kit.charts.dates import multiples
from apps.kit.charts.scales import Scale, dates_in_words, with_gaps
from apps.kit.charts.tables import Table
from apps.kit.charts.template import APART, Template, hole
from apps.kit.data.method import Methods
from apps.kit.style import french
from apps.kit.style.theme import BAR, INK, SERIES
from scoring.universes.model import Format

PICK = "choix"
"""Name of the selection parameter of charts that filter."""
HELD = "\u2063"
"""A code that no territory bears (see :func:`with_selected`)."""
MOST_SERIES = len(SERIES)
_BAR_STEP = 26
_MOST_ROOM = 110
"""Pixels that names may take at the end of lines: a third of a telephone."""


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
        most: number of bars shown; the view says how many there are (:func:`left_out`).
    """
    shown = frame.sort(value, label, descending=[True, False], nulls_last=True).head(most)
    rows = shown.select(
        nom=pl.col(label).fill_null("Non renseigné"),
        valeur=pl.col(value),
        code=pl.col(code).fill_null("") if code else pl.lit(""),
        texte=scale.texts(shown[value]),
    )
    return _bars(bool(code)).filled({"titre": scale.title or " "}, {BARS: rows})


BARS = "barres"
"""Name of the rows of charts that keep the first ones."""


def left_out(chart: Chart) -> str:
    """What a chart that keeps the first bars leaves to its table: ``20 sur 104``; empty when it shows them all."""
    rows = chart.spec.get("datasets", {}).get(BARS)
    if rows is None:
        return ""
    drawn = len({(row["code"], row["nom"]) for row in rows})
    if drawn >= chart.table.frame.height:
        return ""
    return f"{french.number(drawn)} sur {french.number(chart.table.frame.height)} : les autres sont dans le tableau"


@cache
def _bars(picks: bool) -> Template:
    base = alt.Chart(alt.NamedData(BARS)).encode(
        y=alt.Y("nom:N", sort=None, title=None, axis=alt.Axis(labelColor=INK, labelLimit=230)),
        # Lengths are compared: the scale starts at zero, whatever the values.
        x=alt.X("valeur:Q", title=None, axis=None, scale=alt.Scale(nice=False, zero=True)),
        tooltip=[alt.Tooltip("nom:N", title=" "), alt.Tooltip("texte:N", title=hole("titre"))],
    )
    pointer: Literal["pointer", "default"] = "pointer" if picks else "default"
    marks = base.mark_bar(color=BAR, cornerRadiusEnd=2, height={"band": 0.66}, cursor=pointer)
    if picks:
        pick = pick_parameter()
        marks = marks.encode(opacity=alt.condition(pick, alt.value(1), alt.value(0.35))).add_params(pick)
    words = base.mark_text(align="left", dx=5, color=INK).encode(text="texte:N")
    # Room for the longest written value beside the longest bar.
    chart = (marks + words).properties(height={"step": _BAR_STEP}, width="container", padding={"right": 70})
    return Template(chart)


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
        months: whether dates are months: "septembre 2022", not its first day; a missing one keeps its place.
        height: pixels.
    """
    full = with_gaps(frame, time, value, months=months)
    short = dates_in_words(full[time], months=months, short=True)
    rows = full.select(
        code=pl.col(time).dt.to_string("%Y-%m-%d"),
        nom=dates_in_words(full[time], months=months),
        mois=short,
        valeur=pl.col(value),
        texte=scale.texts(full[value]),
    )
    labels = short.gather_every(max(1, -(-len(short) // 12))).to_list()
    holes = {
        "titre": scale.title or None, "bulle": scale.title or " ", "format": scale.vega(), "domaine": short.to_list(),
        "reperes": labels,
    }  # fmt: skip
    return _columns(picks).filled(holes, {"colonnes": rows}, height=height)


@cache
def _columns(picks: bool) -> Template:
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
                scale=alt.Scale(domain=[hole("domaine")]),  # a missing month keeps its place
                axis=alt.Axis(
                    values=[hole("reperes")], labelAngle=0, labelOverlap=True, labelSeparation=APART
                ),
            ),
            y=alt.Y(
                "valeur:Q",
                title=hole("titre"),
                scale=alt.Scale(zero=True),
                axis=alt.Axis(format=hole("format"), tickCount=4),
            ),
            tooltip=[alt.Tooltip("nom:N", title=" "), alt.Tooltip("texte:N", title=hole("bulle"))],
        )
        .properties(height=220, width="container")
    )
    if picks:
        pick = pick_parameter()
        chart = chart.encode(opacity=alt.condition(pick, alt.value(1), alt.value(0.35))).add_params(pick)
    return Template(chart)


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
    colours: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Lines over time, labelled at their end; a missing month breaks the line.

    Beyond six series, lines cannot be told apart: they are drawn as small multiples on one scale.

    Args:
        frame: one row per date and series.
        time: Date column.
        value: column of the values.
        scale: how values are written.
        series: column that tells the lines apart; empty for one line.
        height: pixels.
        zero: whether the axis starts at zero.
        legend: name the lines below instead of at their end, for lines that end together. Long names always are: at
            the end of lines they would leave a telephone no room for the lines.
        months: whether dates are months: "septembre 2022", not its first day.
        colours: colour of each series; by order by default.
    """
    full = with_gaps(frame, time, value, series, months=months)
    names = full[series].unique(maintain_order=True).to_list() if series else [""]
    if len(names) > MOST_SERIES:
        return multiples(full, time, value, series, scale, None, names, months=months)
    rows = full.select(
        jour=pl.col(time).dt.to_string("%Y-%m-%dT00:00:00"),  # local time: the day does not slip
        nom=dates_in_words(full[time], months=months),
        serie=pl.col(series) if series else pl.lit(""),
        valeur=pl.col(value),
        texte=scale.texts(full[value]),
    )
    ends = rows.filter(pl.col("valeur").is_not_null()).group_by("serie", maintain_order=True).last()
    room = 8 + 7 * max((len(str(name)) for name in (names if series else ends["texte"].to_list())), default=0)
    shades = [(colours or {}).get(name, SERIES[rank]) for rank, name in enumerate(names)]
    holes = {
        "titre": scale.title or None, "bulle": scale.title or " ", "format": scale.vega(), "noms": names,
        "couleurs": shades,
    }  # fmt: skip
    data = {"suite": rows, "points": rows.drop_nulls("valeur"), "bouts": ends}
    legend = legend or (bool(series) and room > _MOST_ROOM)
    margin = {"right": 0 if legend else room}
    whole = scale.format is Format.INTEGER
    days = full[time].drop_nulls()
    # First days say months, last days say the months or the quarters that they end.
    daily = not months and days.dt.day().ne(1).any() and days.ne(days.dt.month_end()).any()
    return _lines(bool(series), legend, zero, whole, daily).filled(holes, data, height=height, padding=margin)


@cache
def _lines(several: bool, legend: bool, zero: bool, whole: bool, daily: bool) -> Template:
    colour = alt.Color(
        "serie:N",
        scale=alt.Scale(domain=[hole("noms")], range=[hole("couleurs")]),
        legend=alt.Legend(
            title=None, orient="bottom", columns=alt.ExprRef("width < 520 ? 1 : 6"), labelLimit=320
        )
        if legend
        else None,
    )
    # Ticks say different things: days when dates are not months, whole numbers when what is counted is.
    x = alt.X(
        "jour:T",
        title=None,
        axis=alt.Axis(
            format="%-d %b %Y" if daily else "%b %Y",
            tickCount=6,
            labelOverlap=True,
            labelSeparation=APART,
            grid=False,
        ),
    )
    y = alt.Y(
        "valeur:Q",
        title=hole("titre"),
        scale=alt.Scale(zero=zero),
        axis=alt.Axis(format=hole("format"), tickCount=5, tickMinStep=1 if whole else alt.Undefined),
    )
    tooltip = [alt.Tooltip("nom:N", title=" "), alt.Tooltip("texte:N", title=hole("bulle"))]
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
    return Template(layers.properties(height=260, width="container"))


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
