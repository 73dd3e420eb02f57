"""What may be asked together, and what may be added: the rest is refused, with the reason and what to ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from lake.errors import RefusedCombination
from scoring.universes.model import Axis, Kind, Measure, Rhythm, Universe


def applies(universe: Universe, measure: Measure, axis: Axis) -> bool:
    """Whether the source tells the values of an axis for a measure."""
    return measure.axes is None or axis is universe.time or axis.name in measure.axes


def adds(universe: Universe, measure: Measure, axis: Axis) -> bool:
    """Whether the values of a measure along an axis add up to its value without that axis.

    A flow adds over everything; a stock over everything but time; a distinct count over an axis of which each of its
    subjects stands in exactly one value, never over time; a ratio never. Two pictures of a snapshot universe never add.
    """
    if not applies(universe, measure, axis) or measure.kind is Kind.RATIO:
        return False
    if axis.name in measure.never_over:
        return False
    if axis is universe.time or universe.made_of_time(axis):
        return measure.kind is Kind.FLOW and universe.rhythm is not Rhythm.SNAPSHOT
    return measure.kind is not Kind.DISTINCT or (bool(measure.subject) and measure.subject in axis.partitions)


def refuse_inapplicable(
    universe: Universe, measures: Iterable[Measure], by: Iterable[str], filters: Iterable[str]
) -> None:
    """Refuse a measure asked by an axis, or filtered on one, that its source does not tell.

    Raises:
        RefusedCombination: the message names both, and the axes that the measure has.
    """
    asked = [(name, "se répartit") for name in by] + [(name, "se filtre") for name in filters]
    for measure in measures:
        for name, verb in asked:
            axis = universe.axis(name)
            if not applies(universe, measure, axis):
                known = [one.name for one in universe.axes if applies(universe, measure, one)]
                raise RefusedCombination(
                    f"« {measure.label} » ne {verb} pas par {axis.label.lower()} : sa source ne le dit pas.",
                    conseil=f"Dimensions de {measure.name} : {', '.join(known)}.",
                )


def add_up(universe: Universe, frame: pl.DataFrame, measure: str, over: Sequence[str]) -> float | int:
    """Add a measure's values over rows, when that sum has a meaning (see :func:`adds`).

    Args:
        universe: where the measure is declared.
        frame: a result of :func:`scoring.universes.engine.query`.
        measure: the column to add.
        over: the dimensions that the sum runs over.

    Raises:
        RefusedCombination: the sum has no meaning; the message says what to ask instead.
    """
    asked = universe.measure(measure)
    axes = [universe.axis(name) for name in over]
    if universe.time in axes and universe.rhythm is Rhythm.SNAPSHOT:
        raise refused_over_time(universe, asked)
    if not all(adds(universe, asked, axis) for axis in axes):
        raise RefusedCombination(
            f"« {asked.label} » ne s'additionne pas ({', '.join(over)}).",
            conseil=asked.alternative or f"Demandez {asked.name} sans --par, ou avec --total.",
        )
    total = frame.get_column(measure).sum()
    return total if isinstance(total, int) else float(total)


def refused_over_time(universe: Universe, measure: Measure) -> RefusedCombination:
    """The refusal of a sum of pictures."""
    return RefusedCombination(
        f"« {measure.label} » ne s'additionne pas d'une {universe.time.label.lower()} à l'autre.",
        conseil=f"Choisissez une date (--date), ou demandez une ligne par date (--par {universe.time.name}).",
    )
