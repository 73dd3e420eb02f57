"""Bars: a ranking, longest first; a histogram of a few values in the axis' own order."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from apps.kit.charts.bars import grouped
from apps.kit.charts.charts import Chart, bars
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.pages.pieces import Piece
from apps.kit.style import french
from apps.kit.views.base import (
    AXIS,
    MEASURE,
    Drawing,
    Refusal,
    by_axis,
    chosen,
    in_order,
    known,
    measure_column,
    named,
    own,
    scale,
    view_type,
)
from apps.kit.views.rules import needs_time, one_unit
from apps.kit.views.tables import Values, explained
from apps.kit.views.words import counted, label_of, moment, values_counted, where
from scoring.universes.model import Universe
from scoring.universes.rows import NON_RENSEIGNE

MOST = 20
"""Bars drawn of a ranking; the others are in its table, and the view says how many."""


@view_type("classement")
class Ranked(Drawing):
    """A measure by an axis as bars, longest first; clicks on bars filter the axis.

    Attributes:
        measure: what the bars are as long as, or the option that says it.
        axis: what there is a bar of, or the option that says it.
        title: title of the view.
        most: bars drawn.
    """

    measure: str | Option = named("mesure", MEASURE)
    axis: str | Option = named("axe", AXIS)
    title: str = named("titre", default="")
    most: int = named("nombre", default=MOST)

    def refused(self, universe: Universe) -> Refusal | None:
        """Time does not rank."""
        return needs_time(universe, self.axis) if isinstance(self.axis, str) else None

    def __call__(self, view: View) -> Piece:
        """The bars, or the table that says why not."""
        measure, axis = chosen(view, self.measure), chosen(view, self.axis)
        if refusal := self.refused(view.universe):
            return explained(Values((measure,), axis, self.title), refusal, view)
        frame, code, name = by_axis(view, [measure], axis)
        spec = bars(frame, name, measure, scale(view, measure), code=code, most=self.most)
        return filtering(view, frame, measure, axis, self.title, spec, code)


def filtering(
    view: View, frame: pl.DataFrame, measure: str, axis: str, title: str, spec: dict[str, object], code: str
) -> Chart:
    """A chart of a measure by an axis whose clicks filter the axis; it says who comes first."""
    found = view.universe.axis(axis)
    rows = frame.sort(measure, axis, descending=[True, False], nulls_last=True)
    first = rows.filter(pl.col(code) != NON_RENSEIGNE).head(1)  # what is of no value leads none
    top = first.row(0, named=True) if first.height else None
    return Chart(
        spec,
        Table(rows, (Column(axis, found.label), measure_column(view, measure)), key=code),
        title=title or f"{view.universe.measure(measure).label} par {label_of(view, axis)[0]}",
        reading=f"En tête : {top[axis]}, {counted(view, measure, top[measure])}." if top else "",
        picks=axis,
        counted=f"{where(view, own(view, axis))}, {moment(view, measure)}",
        measures=(measure,),
    )


@view_type("histogramme")
class Histogram(Drawing):
    """One to four measures of one unit by an axis, side by side, in the axis' own order; bars start at zero.

    Attributes:
        measures: measures of one unit.
        axis: what there is a group of bars of; at most thirty values.
        title: title of the view.
        targets: a measure drawn as a tick on the bars (« niveau attendu »); none by default.
    """

    measures: tuple[str, ...] = named("mesures", MEASURE)
    axis: str = named("axe", AXIS)
    title: str = named("titre", default="")
    targets: str = named("attendu", MEASURE, default="")

    MOST_VALUES = 30

    def refused(self, universe: Universe) -> Refusal | None:
        """Measures of several units, or time."""
        asked = (*self.measures, *([self.targets] if self.targets else []))
        if len(self.measures) > 4:
            return Refusal("Plus de quatre mesures ne se comparent pas en barres.", ("tableau",))
        return one_unit(universe, asked) or needs_time(universe, self.axis)

    def __call__(self, view: View) -> Piece:
        """The bars; a ranking beyond thirty values; the table that says why when they would mislead."""
        measures = known(view, self.measures)
        if refusal := self.refused(view.universe):
            return explained(Values(tuple(measures), self.axis, self.title), refusal, view)
        targets = known(view, [self.targets] if self.targets else [])
        frame, code, name = by_axis(view, [*measures, *targets], self.axis)
        frame = in_order(view, frame, self.axis, measures[0])
        if frame.height > self.MOST_VALUES and len(measures) == 1:
            piece = Ranked(measures[0], self.axis, self.title)(view)
            assert isinstance(piece, Chart)
            many = values_counted(view, self.axis, frame[code])
            return replace(piece, reading=f"{many}, les plus hautes valeurs d’abord. {piece.reading}")
        found = view.universe.axis(self.axis)
        labels = {m: view.universe.measure(m).label for m in (*measures, *targets)}
        title = scale(view, measures[0], "" if len(measures) > 1 else None)
        return Chart(
            grouped(frame, name, measures, title, labels, code=code, targets=targets[0] if targets else ""),
            Table(
                frame,
                (Column(name, found.label), *(measure_column(view, m) for m in (*measures, *targets))),
                key=code,
            ),
            title=self.title or f"Par {label_of(view, self.axis)[0]}",
            reading=_extremes(view, frame.filter(pl.col(code) != NON_RENSEIGNE), measures[0], name),
            picks=self.axis,
            counted=f"{values_counted(view, self.axis, frame[code])}, {moment(view, measures[0])}",
            measures=(*measures, *targets),
        )


def _extremes(view: View, frame: pl.DataFrame, measure: str, name: str) -> str:
    rows = frame.drop_nulls(measure).sort(measure, name, descending=[True, False])
    if rows.height < 2:
        return ""
    high, low = rows.row(0, named=True), rows.row(-1, named=True)
    head = french.of(low[name])
    return (
        f"{head[:1].upper()}{head[1:]} ({counted(view, measure, low[measure])}) à "
        f"{high[name]} ({counted(view, measure, high[measure])})."
    )
