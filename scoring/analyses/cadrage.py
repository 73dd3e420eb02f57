"""The frame of one chart: every question it asks stands within what the author shows, preselects and imposes.

Enforced where questions are asked, not in the state of a page: figures, lists of choices, dates, rows behind a figure,
files. A value forged in an address is refused in words; nothing empty is ever taken for no filter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from lake.errors import RefusedCombination
from scoring.analyses.arbre import Arbre
from scoring.analyses.spec import Graphique, Periode
from scoring.universes.model import Rhythm, Universe
from scoring.universes.selection import Selection

Known = Callable[[str], Collection[str]]
"""Axis -> every value it has."""


def months_before(month: date, count: int) -> date:
    """The first day of the month that stands this many months before."""
    rank = month.year * 12 + month.month - 1 - count
    return date(rank // 12, rank % 12 + 1, 1)


def span(periode: Periode, universe: Universe, dates: Sequence[date]) -> tuple[date | None, date | None]:
    """The first and the last date of a period, once the dates published are known; None where it has no bound.

    Args:
        periode: the period.
        universe: what is counted: a snapshot universe has one date, the last one.
        dates: the dates published, newest first.
    """
    if periode.genre == "derniers_mois" and dates and universe.rhythm is Rhythm.MONTHLY:
        return months_before(dates[0], periode.nombre - 1), dates[0]
    if periode.genre == "fixe":
        return periode.du, periode.au
    return None, None


@dataclass(frozen=True)
class Cadrage:
    """What bounds the questions of one chart.

    Attributes:
        arbres: axis -> levels of its values.
        affiches: those of these axes that the chart draws: their rows follow what is chosen.
        periode: when.
        parametres: parameters of the universe that the author set.
    """

    arbres: Mapping[str, Arbre] = field(default_factory=dict)
    affiches: frozenset[str] = frozenset()
    periode: Periode = field(default_factory=Periode)
    parametres: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, chart: Graphique) -> Cadrage:
        """The frame of a chart."""
        return cls(
            chart.cadres, frozenset(chart.axes) & frozenset(chart.cadres), chart.periode, chart.parametres
        )

    def start(self, universe: Universe, dates: Sequence[date]) -> Selection:
        """What is shown before the reader chooses anything."""
        return self.settle(Selection(), universe, dates)

    def settle(self, selection: Selection, universe: Universe, dates: Sequence[date]) -> Selection:
        """What a reader's selection becomes: always within what is proposed, never without what is imposed.

        Raises:
            RefusedCombination: it asks a value or a date that is not proposed.
        """
        for axis, tree in self.arbres.items():
            selection = tree.settle(axis, selection)
        for name, value in self.parametres.items():
            if not selection.parameter(name):
                selection = selection.with_parameter(name, value)
        return self._timed(selection, universe, dates)

    def _timed(self, selection: Selection, universe: Universe, dates: Sequence[date]) -> Selection:
        first, last = span(self.periode, universe, dates)
        if last is None:
            return selection
        if universe.rhythm is Rhythm.SNAPSHOT:
            self._within(selection.date, first or last, last)
            return selection if selection.date else selection.at(last)
        for day in (selection.du, selection.au, selection.date):
            self._within(day, first, last)
        if selection.date is not None or (not self.periode.imposee and (selection.du or selection.au)):
            return selection
        return selection.during(selection.du or first, selection.au or last)

    def _within(self, day: date | None, first: date | None, last: date) -> None:
        if day is None or not self.periode.imposee:
            return
        if day > last or (first is not None and day < first):
            raise RefusedCombination(
                f"Le {day:%d/%m/%Y} n’est pas dans la période imposée ici.",
                conseil=f"Jusqu’au {last:%d/%m/%Y}"
                + (f", à partir du {first:%d/%m/%Y}." if first is not None else "."),
            )

    def held(
        self, selection: Selection, known: Known, universe: Universe, by: Iterable[str] = ()
    ) -> Selection:
        """A question's selection once more within the frame: whoever asks it, and whatever they left out.

        Args:
            selection: what is asked.
            known: every value of an axis.
            universe: what is asked.
            by: dimensions of the question: an axis shown without filter shows what is proposed of it.

        Raises:
            RefusedCombination: a value asked is not proposed.
        """
        shown = {universe.axis(name).name for name in by}
        for axis, tree in self.arbres.items():
            values = selection.values(axis)
            tree.refuse_others(axis, values)
            if values or tree.imposes:
                if lacking := [code for code in tree.imposes if code not in values]:
                    selection = selection.with_filter(axis, (*lacking, *values))
            elif axis in shown and (bounds := tree.bounds(known(axis))):
                selection = selection.with_filter(axis, bounds)
        return selection

    def apart(
        self, asked: Selection, axes: Collection[str], known: Known, universe: Universe, dates: Sequence[date]
    ) -> Selection:
        """A selection without the filters of some axes: what is proposed of them takes their place, never everything.

        An axis that the chart draws keeps what is chosen of it: these are its rows.
        """
        selection = asked
        for name in axes:
            axis = universe.axis(name)
            if axis is universe.time:
                selection = self._over(asked, selection, universe, dates)
                continue
            selection = selection.without(axis.name)
            tree = self.arbres.get(axis.name)
            if tree is None:
                continue
            chosen = asked.values(axis.name) if axis.name in self.affiches else ()
            selection = selection.with_filter(axis.name, chosen or tree.bounds(known(axis.name)))
        return selection

    def _over(
        self, asked: Selection, selection: Selection, universe: Universe, dates: Sequence[date]
    ) -> Selection:
        """Time set apart: every date, or those of the author's period."""
        bare = selection.at(None).during(None, None)
        first, last = span(self.periode, universe, dates)
        if last is None:
            return bare
        if universe.rhythm is Rhythm.SNAPSHOT:
            return bare
        return bare.during(asked.du or first, asked.au or last)

    def choices(self, axis: str, codes: Iterable[str]) -> list[str]:
        """Of an axis' values, those that are proposed."""
        tree = self.arbres.get(axis)
        return [code for code in codes if tree is None or tree.level(code)]

    def others(self, axis: str) -> Selection:
        """What is imposed on the other axes: the values of this one are looked for within it."""
        imposed = {name: tree.imposes for name, tree in self.arbres.items() if name != axis and tree.imposes}
        return Selection(imposed)

    def dates(self, universe: Universe, dates: Sequence[date]) -> list[date]:
        """Of the dates published, those that an imposed period holds."""
        first, last = span(self.periode, universe, dates)
        if not self.periode.imposee or last is None:
            return list(dates)
        if universe.rhythm is Rhythm.SNAPSHOT and first is None:
            first = last
        return [day for day in dates if day <= last and (first is None or day >= first)]

    def only(self, axes: Collection[str]) -> Cadrage:
        """The same frame, for these axes."""
        return replace(self, arbres={name: tree for name, tree in self.arbres.items() if name in axes})
