"""Radar: one or two rates of the same bounds over the values of a referential."""

from __future__ import annotations

import polars as pl

from apps.kit.charts.charts import Chart
from apps.kit.charts.levels import radar
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.pieces import Piece
from apps.kit.style import french
from apps.kit.views.base import (
    AXIS,
    MEASURE,
    Drawing,
    Refusal,
    by_axis,
    known,
    measure_column,
    named,
    scale,
    view_type,
)
from apps.kit.views.rules import BARS
from apps.kit.views.tables import Values, explained
from apps.kit.views.words import label_of, moment, where, write
from scoring.universes.model import Format, Kind, Universe
from scoring.universes.rows import NON_RENSEIGNE

FEWEST, MOST = 3, 12
"""Spokes of a radar that can be read."""
MOST_OUTLINES = 3


def bound(universe: Universe, measure: str) -> float | None:
    """The natural upper bound of a measure: 1 for a share, 100 for a percentage, what its unit says (« sur 3 »)."""
    found = universe.measure(measure)
    if found.bounds is not None:
        return float(found.bounds[1])
    if found.format is Format.SHARE:
        return 1.0
    if found.format is Format.PERCENT:
        return 100.0
    head, _, top = found.unit.partition("sur ")
    return float(top) if not head and top.isdigit() else None


@view_type("radar")
class Radar(Drawing):
    """One outline a measure over the values of an axis, from zero at the centre to the natural bound at the rim.

    Attributes:
        measures: one to three rates of the same bounds.
        axis: the spokes, three to twelve, in the axis' own order.
        title: title of the view.
    """

    measures: tuple[str, ...] = named("mesures", MEASURE)
    axis: str = named("axe", AXIS)
    title: str = named("titre", default="")

    def refused(self, universe: Universe) -> Refusal | None:
        """Counts, measures without bounds or of several bounds, time and territories."""
        if len(self.measures) > MOST_OUTLINES:
            return Refusal("Plus de trois contours ne se distinguent pas.", (BARS,))
        bounds = {bound(universe, name) for name in self.measures}
        if any(universe.measure(name).kind is not Kind.RATIO for name in self.measures) or None in bounds:
            return Refusal("Un radar montre des taux ou des niveaux, dont le bord est connu.", (BARS,))
        if len(bounds) > 1:
            return Refusal("Ces mesures n’ont pas le même bord.", (BARS,))
        axis = universe.axis(self.axis)
        if axis is universe.time or axis.territory:
            return Refusal("Le temps et les territoires ne tournent pas en rond.", ("classement", "courbe"))
        return None

    def __call__(self, view: View) -> Piece:
        """The radar; the table that says why not beyond twelve spokes or under three."""
        values = Values(self.measures, self.axis, self.title)
        measures = known(view, self.measures)
        if refusal := self.refused(view.universe):
            return explained(values, refusal, view)
        frame, code, name = by_axis(view, measures, self.axis)
        frame = frame.filter(pl.col(code) != NON_RENSEIGNE).sort(
            code
        )  # the spokes turn as the referential counts
        if not FEWEST <= frame.height <= MOST:
            reason = f"{french.counted(frame.height, 'valeur')} : un radar se lit de {FEWEST} à {MOST}."
            return explained(values, Refusal(reason, (BARS,)), view)
        labels = {m: view.universe.measure(m).label for m in measures}
        long = frame.unpivot(measures, index=[code, name], variable_name="serie", value_name="valeur")
        long = long.with_columns(pl.col("serie").replace(labels)).rename({code: "cle"})
        top = bound(view.universe, measures[0])
        assert top is not None
        first = frame.drop_nulls(measures[0]).sort(measures[0], name)
        said = ""
        if first.height > 1:
            low, high = first.row(0, named=True), first.row(-1, named=True)
            said = (
                f"Le plus bas : {low[name]} ({write(view, measures[0], low[measures[0]])}) ; "
                f"le plus haut : {high[name]} ({write(view, measures[0], high[measures[0]])})."
            )
        one, many = label_of(view, self.axis)
        spokes = [(key, wrapped(text)) for key, text in frame.select(code, name).iter_rows()]
        return Chart(
            radar(long, spokes, "valeur", top, scale(view, measures[0])),
            Table(
                frame,
                (
                    Column(name, view.universe.axis(self.axis).label),
                    *(measure_column(view, m) for m in measures),
                ),
                key=code,
            ),
            title=self.title or french.listing(labels.values()),
            reading=said,
            counted=f"{where(view)}, {french.counted(frame.height, one, many)}, {moment(view, measures[0])}",
            measures=tuple(measures),
        )


def wrapped(text: str, width: int = 18) -> str:
    """A label on two lines at most, cut between words."""
    if len(text) <= width:
        return text
    words = text.split(" ")
    first = words[0]
    for rank, word in enumerate(words[1:], start=1):
        if len(first) + 1 + len(word) > width:
            rest = " ".join(words[rank:])
            return f"{first}\n{rest if len(rest) <= width + 6 else rest[: width + 5] + '…'}"
        first = f"{first} {word}"
    return first
