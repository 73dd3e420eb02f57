"""Reads within the frame of one chart: figures, lists, choices and dates, whoever asks them.

The rights of the reader are applied under it, as everywhere; a frame is editorial and never widens them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from apps.kit.access.access import PUBLIC
from apps.kit.data.data import Data
from apps.kit.data.reads import Answered
from lake.errors import RefusedCombination
from lake.settings import Settings
from scoring.analyses.cadrage import Cadrage, Known
from scoring.analyses.petites_cellules import counting, folded, guarded
from scoring.analyses.spec import MOST_CELLS
from scoring.universes.model import Universe
from scoring.universes.selection import Selection


@dataclass(frozen=True)
class Bounded(Data):
    """The reads of a reader, within a frame.

    Attributes:
        cadrage: the frame.
        measures: the measures of the chart: the values that an axis proposes are those where one of them occurs.
    """

    cadrage: Cadrage = field(default_factory=Cadrage)
    measures: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: Data, cadrage: Cadrage, measures: tuple[str, ...]) -> Bounded:
        """The same reads of the same run, within a frame."""
        state = data._state or [data.state]
        return cls(data.lake, data.access, state, data.told, cadrage, measures)

    def _known(self, universe: Universe) -> Known:
        return lambda axis: self.every_choice(universe, axis)["code"].to_list()

    def apart(self, universe: Universe, selection: Selection, axes: Sequence[str]) -> Selection:
        """A selection without the filters of some axes: what the frame proposes of them takes their place."""
        dates = super().dates(universe)
        return self.cadrage.apart(selection, axes, self._known(universe), universe, dates)

    def answer(
        self,
        universe: Universe,
        selection: Selection,
        measures: Sequence[str],
        by: Sequence[str] = (),
        *,
        complete: bool = False,
        total: bool = False,
        parameters: Mapping[str, str] | None = None,
    ) -> Answered:
        """Figures, asked within the frame.

        Raises:
            RefusedCombination: a value asked is not proposed, or the answer has too many cells.
        """
        held = self.cadrage.held(selection, self._known(universe), universe, by)
        found = super().answer(
            universe, held, measures, by, complete=complete, total=total, parameters=parameters
        )
        cells = found.frame.height * len(measures)
        if cells > MOST_CELLS:
            raise RefusedCombination(
                f"{cells} cellules : {MOST_CELLS} au plus par graphique.", conseil="Ajoutez un filtre."
            )
        return self._without_small_cells(universe, held, found, measures, by)

    def _without_small_cells(
        self,
        universe: Universe,
        selection: Selection,
        found: Answered,
        measures: Sequence[str],
        by: Sequence[str],
    ) -> Answered:
        """The same figures, small cells of the regions that are not the reader's own left empty."""
        droits = self.access.lecture.droits
        if droits is None or droits.regions is None or universe.derived is not None:
            return found
        if not guarded(universe, measures, by, tuple(selection.filters)):
            return found
        variant = counting(universe, measures)
        # Counted over every row: the reader's own rights would show no structure of another region at all.
        whole = Data(self.lake, PUBLIC, self._state)
        names = [one.name for one in variant.measures]
        keys = list(dict.fromkeys((*by, "code_region")))
        counts = whole.query(variant, selection, names, keys)
        axes: dict[str, list[str]] = {}
        fixed = []
        for name in found.frame.columns:
            if name in measures:
                continue
            axis = universe.axis(name)
            if axis is universe.time:
                fixed.append(name)
            else:
                axes.setdefault(axis.name, []).append(name)
        least = Settings.from_env().petites_cellules
        frame, count, marks = folded(found.frame, counts, axes, fixed, measures, droits.regions, least)
        return replace(found, frame=frame, small=count, folded=marks) if count else found

    def detail(
        self,
        universe: Universe,
        selection: Selection,
        *,
        columns: Sequence[str] = (),
        parameters: Mapping[str, str] | None = None,
    ) -> pl.DataFrame:
        """The rows behind figures, within the frame."""
        held = self.cadrage.held(selection, self._known(universe), universe)
        return super().detail(universe, held, columns=columns, parameters=parameters)

    def notes(self, universe: Universe, selection: Selection) -> dict[str, str]:
        """What must be said beside figures, within the frame."""
        return super().notes(universe, self.cadrage.held(selection, self._known(universe), universe))

    def dates(self, universe: Universe, selection: Selection | None = None) -> list[date]:
        """The dates that the frame leaves."""
        return self.cadrage.dates(universe, super().dates(universe, selection))

    def choices(self, universe: Universe, axis_name: str, day: date | None = None) -> pl.DataFrame:
        """The values of an axis that the frame proposes, under what it imposes on the other axes."""
        axis = universe.axis(axis_name)
        found = super().choices(universe, axis.name, day)
        kept = self.cadrage.choices(axis.name, found["code"].to_list())
        others = self.cadrage.others(axis.name)
        if others.filters and self.measures and axis is not universe.time:
            by = axis.code or axis.name
            seen = super().answer(universe, others.at(day), self.measures, [by]).frame[by]
            occurring = set(seen.cast(pl.String).to_list())
            kept = [code for code in kept if code in occurring]
        return found.filter(pl.col("code").is_in(kept))
