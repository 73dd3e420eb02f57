"""How subjects spread: over the values of one measure, or over two measures at once."""

from __future__ import annotations

import polars as pl

from apps.kit.charts.charts import Chart
from apps.kit.charts.distribution import distribution
from apps.kit.charts.scatter import scatter
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.pieces import Piece
from apps.kit.style import french
from apps.kit.views.base import (
    AXIS,
    MEASURE,
    Drawing,
    Refusal,
    ask,
    by_axis,
    measure_column,
    named,
    own,
    scale,
    view_type,
)
from apps.kit.views.rules import RANKING, needs_time
from apps.kit.views.tables import Values, explained
from apps.kit.views.words import label_of, moment, moments, where, write
from scoring.universes.model import Kind, Universe
from scoring.universes.rows import NON_RENSEIGNE

FEWEST, MOST = 10, 2_000
"""Subjects below which each is better read by its name, and beyond which points hide one another."""


def _subjects(view: View, measures: list[str], axis: str) -> tuple[pl.DataFrame, str, str]:
    """The subjects that every one of these measures is known of; what stands under no name is none of them."""
    frame, code, name = by_axis(view, measures, axis)
    return frame.filter(pl.col(code) != NON_RENSEIGNE).drop_nulls(measures), code, name


def _counted(view: View, axis: str, count: int, when: str) -> str:
    one, many = label_of(view, axis)
    return f"{where(view, own(view, axis))}, {french.counted(count, one, many)}, {when}"


@view_type("distribution")
class Spread(Drawing):
    """How the subjects of an axis spread over the values of one rate: columns over round classes, the whole marked.

    Attributes:
        measure: a rate, or a level.
        axis: the subjects: structures, services, territories.
        title: title of the view.
    """

    measure: str = named("mesure", MEASURE)
    axis: str = named("axe", AXIS)
    title: str = named("titre", default="")

    def refused(self, universe: Universe) -> Refusal | None:
        """A count: what spreads is how large the subjects are."""
        found = universe.measure(self.measure)
        if found.kind is not Kind.RATIO:
            said = f"« {found.label} » est un compte : sa distribution ne dirait que la taille de chacun."
            return Refusal(said, (RANKING,))
        return needs_time(universe, self.axis)

    def __call__(self, view: View) -> Piece:
        """The columns; the table where the subjects are too few to spread."""
        measure, values = self.measure, Values((self.measure,), self.axis, self.title)
        if refusal := self.refused(view.universe):
            return explained(values, refusal, view)
        frame, code, name = _subjects(view, [measure], self.axis)
        one, many = label_of(view, self.axis)
        if frame.height < FEWEST:
            few = f"{french.counted(frame.height, one, many)} : moins de dix ne font pas une distribution."
            return explained(values, Refusal(few, ("liste",)), view)
        low, middle, high = (
            write(view, measure, frame[measure].quantile(at, "nearest")) for at in (0.25, 0.5, 0.75)
        )
        rows = frame.sort(measure, name, descending=[True, False])
        whole = ask(view, [measure], apart=own(view, self.axis)).item(0, measure)
        label = view.universe.measure(measure).label
        return Chart(
            distribution(
                rows, measure, scale(view, measure, label), noun=many, mark=whole, mark_label="Ensemble"
            ),
            Table(
                rows,
                (Column(name, view.universe.axis(self.axis).label), measure_column(view, measure)),
                key=code,
            ),
            title=self.title or f"{label} : comment se répartissent les {many} ?",
            reading=f"Médiane : {middle} ; la moitié des {many} entre {low} et {high}.",
            counted=_counted(view, self.axis, frame.height, moment(view, measure)),
            measures=(measure,),
        )


@view_type("nuage")
class Scatter(Drawing):
    """Two measures, a point a subject; dashed lines where the whole stands, asked on its own.

    Attributes:
        across: the measure read from left to right.
        up: the measure read from bottom to top.
        axis: the subjects: structures, services, territories.
        title: title of the view.
    """

    across: str = named("abscisse", MEASURE)
    up: str = named("ordonnee", MEASURE)
    axis: str = named("axe", AXIS)
    title: str = named("titre", default="")

    def refused(self, universe: Universe) -> Refusal | None:
        """One measure beside itself, or time."""
        if self.across == self.up:
            return Refusal("Un nuage compare deux mesures : celle-ci est la même deux fois.", (RANKING,))
        return needs_time(universe, self.axis)

    def __call__(self, view: View) -> Piece:
        """The points; the table where they are too few to make a shape, or too many to be told apart."""
        both = (self.across, self.up)
        values = Values(both, self.axis, self.title)
        if refusal := self.refused(view.universe):
            return explained(values, refusal, view)
        frame, code, name = _subjects(view, list(both), self.axis)
        one, many = label_of(view, self.axis)
        if not FEWEST <= frame.height <= MOST:
            few = frame.height < FEWEST
            count = french.counted(frame.height, one, many)
            said = (
                "moins de dix points ne font pas un nuage" if few else f"{french.number(MOST)} points au plus"
            )
            return explained(values, Refusal(f"{count} : {said}.", ("liste",) if few else (RANKING,)), view)
        x, y = (view.universe.measure(measure) for measure in both)
        whole = ask(view, both, apart=own(view, self.axis)).row(0, named=True)
        # Of a count the whole is no place among its parts: only a rate's whole can be compared with theirs.
        wholes = tuple(whole[m.name] if m.kind is Kind.RATIO else None for m in (x, y))
        lines = [
            f"{m.label} : {write(view, m.name, v)}"
            for m, v in zip((x, y), wholes, strict=True)
            if v is not None
        ]
        said = f"En pointillé, l’ensemble ({' ; '.join(lines)})." if lines else ""
        return Chart(
            scatter(
                frame,
                name,
                (x.name, scale(view, x.name, x.label)),
                (y.name, scale(view, y.name, y.label)),
                code=code,
                wholes=(wholes[0], wholes[1]),
            ),
            Table(
                frame.sort(x.name, name, descending=[True, False]),
                (
                    Column(name, view.universe.axis(self.axis).label),
                    *(measure_column(view, measure) for measure in both),
                ),
                key=code,
            ),
            title=self.title or f"{x.label} et {y.label} par {one}",
            reading=f"{said} Deux mesures qui vont ensemble n’en font pas l’une la cause de l’autre.".strip(),
            picks=self.axis,
            counted=_counted(view, self.axis, frame.height, moments(view, both)),
            measures=both,
        )
