"""The query engine: one selection, measures, axes -> one lazy frame, pushed down to the scan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import polars as pl

from lake.errors import UnknownName
from scoring.universes.combining import add_up, refuse_inapplicable, refused_over_time
from scoring.universes.memory import remembered
from scoring.universes.model import (
    Axis,
    Lookup,
    Measure,
    Recast,
    Reference,
    Rhythm,
    Scan,
    Term,
    Universe,
)
from scoring.universes.months import (
    counted_rows,
    every_month,
    held_rows,
    holds,
    in_days,
    in_months,
    last_ones,
    opening_once,
)
from scoring.universes.references import completed, finished, with_reference
from scoring.universes.rows import KEY, kept, period
from scoring.universes.selection import Selection
from scoring.universes.values import choices, resolve

__all__ = ["add_up", "choices", "detail", "latest", "notes", "query", "resolve"]


def latest(universe: Universe, scan: Scan, selection: Selection | None = None) -> date | None:
    """The newest date of a universe, None when its table is empty."""
    if universe.derived is not None:
        return max(universe.derived.dates(scan, selection or Selection()), default=None)
    table = universe.calendar or universe.table

    def read() -> date | None:
        found = scan(table).select(universe.time.key.max()).collect().item()
        return found if isinstance(found, date) else None

    # Every question of a monthly universe asks it, whatever its filters.
    return remembered(scan, ("newest", universe.name), [table], read)


def query(
    universe: Universe,
    scan: Scan,
    selection: Selection,
    measures: Sequence[str],
    by: Sequence[str] = (),
    *,
    complete: bool = False,
    total: bool = False,
    restrict: pl.Expr | None = None,
) -> pl.LazyFrame:
    """Compute measures by dimensions under a selection.

    Each measure is answered by its own smallest form (summary), whatever is asked beside it, then joined to the others
    on the dimensions: a figure never depends on its company.

    Args:
        universe: what can be asked.
        scan: reads tables lazily.
        selection: filters and period. A snapshot universe without date and without its time axis in ``by``
            takes the latest date.
        measures: names of measures.
        by: names of dimensions (label or code); one row per combination where one of the measures occurs, sorted by
            them.
        complete: with exactly one territorial dimension, also the territories where nothing occurs.
        total: one more row, computed on its own (never a sum of the others), its dimensions null.
        restrict: predicate on the table's columns that the reader's rights impose, applied inside the scan.

    Returns:
        LazyFrame: the dimensions asked (String, or Date for time), in order, then the measures (Int64 for
        counts, Float64 for ratios; null where the denominator is zero or nothing was observed). A dimension whose
        values are only told apart by their parent's has it before it, unless one value of the parent is selected.

    Raises:
        UnknownName: a measure, a dimension, a filtered axis or a parameter does not exist.
        RefusedCombination: several snapshots would be added together; a measure does not have an axis; the question has
            no meaning in this universe.
    """
    for name in measures:
        universe.measure(name)  # an unknown name is told with every name known
    for name in (*by, *selection.filters):
        universe.axis(name)
    selection = universe.settled(selection)
    if not measures:
        raise UnknownName("mesure", "", [m.name for m in universe.measures])
    asked = [universe.measure(name) for name in measures]
    refuse_inapplicable(universe, asked, by, selection.filters)
    by = _with_parents(universe, by, selection)
    columns = () if restrict is None else restrict.meta.root_names()
    wanted = _answered_by(universe, measures, (*by, *selection.filters), columns)
    axes = _distinct_axes(universe, by)
    if total and universe.rhythm is Rhythm.SNAPSHOT and universe.time in axes and selection.date is None:
        raise refused_over_time(universe, wanted[0].measure)
    scan = opening_once(scan)
    selection = _dated(universe, scan, selection, axes)
    if universe.derived is not None:
        universe.derived.check(scan, selection, by, asked, total)
    result = _measured(universe, scan, selection, axes, wanted, restrict)
    if complete:
        result = completed(universe, scan, selection, result, axes, [one.measure for one in wanted], restrict)
    shaped = _named(universe, scan, result, axes, by, measures)
    placed = [name for name in by if universe.axis(name).territory is not None]
    if placed and universe.derived is not None and universe.derived.apart:
        nowhere = pl.any_horizontal(pl.col(placed).is_null()) & pl.all_horizontal(pl.col(measures).is_null())
        shaped = shaped.filter(~nowhere)
    if total and axes:
        whole = _measured(universe, scan, selection, [], wanted, restrict)
        empty = [
            pl.lit(None, dtype=dtype).alias(name)
            for name, dtype in shaped.collect_schema().items()
            if name in by
        ]
        shaped = pl.concat(
            [shaped, whole.with_columns(empty).select([*by, *dict.fromkeys(measures)])],
            how="vertical_relaxed",
        )
    return shaped


def detail(
    universe: Universe, scan: Scan, selection: Selection, *, restrict: pl.Expr | None = None
) -> pl.LazyFrame:
    """The table's own rows under a selection: what a figure is made of.

    Returns:
        LazyFrame: the columns of the universe's table (those of its derived rows when they are derived).
    """
    selection = universe.saying(_dated(universe, scan, universe.settled(selection), []))
    restrict = None if universe.open_data else restrict
    if universe.derived is not None:
        return kept(universe, scan, selection, [], restrict)
    return kept(universe, scan, selection, [], restrict).select(universe.table.columns)


def notes(universe: Universe, scan: Scan, selection: Selection) -> dict[str, str]:
    """What must be said beside the figures of a question, name -> French sentence; often nothing.

    Raises:
        LakeError: the question has no answer (its territory does not exist…).
    """
    if universe.derived is None or universe.derived.notes is None:
        return {}
    return dict(
        universe.derived.notes(scan, universe.saying(_dated(universe, scan, universe.settled(selection), [])))
    )


# -- inside ------------------------------------------------------------------------------------------


def _with_parents(universe: Universe, by: Sequence[str], selection: Selection) -> list[str]:
    """The dimensions asked, each that needs its parent's to be read with it."""
    shown = {universe.axis(name).name for name in by}
    found: list[str] = []
    for name in by:
        axis = universe.axis(name)
        alone = axis.with_parent and name == axis.name and axis.parent not in shown
        alone = alone and any(other.name == axis.parent for other in universe.axes)
        if alone and len(selection.values(axis.parent)) != 1:
            found.append(axis.parent)
            shown.add(axis.parent)
        found.append(name)
    return found


def _distinct_axes(universe: Universe, by: Sequence[str]) -> list[Axis]:
    axes: list[Axis] = []
    for name in by:
        axis = universe.axis(name)
        if axis not in axes:
            axes.append(axis)
    return axes


def _dated(universe: Universe, scan: Scan, selection: Selection, axes: Sequence[Axis]) -> Selection:
    """A snapshot universe reads one date, unless the reader asks for one row a date.

    A monthly universe reads whole months (any day names its month), and no later than the last one published:
    its period then always says its last month. A daily one reads days, alike.
    """
    if universe.rhythm is Rhythm.MONTHLY:
        return in_months(selection, latest(universe, scan))
    if universe.rhythm is Rhythm.DAILY:
        return in_days(selection, latest(universe, scan))
    if selection.date is not None or universe.time in axes:
        return selection
    if selection.du is not None or selection.au is not None:
        raise refused_over_time(universe, universe.measures[0])
    return selection.at(latest(universe, scan, selection))


class _Asked(NamedTuple):
    """A measure, and the form of the universe that answers it."""

    form: Universe
    measure: Measure


def _answered_by(
    universe: Universe, measures: Sequence[str], dimensions: Sequence[str], columns: Sequence[str]
) -> list[_Asked]:
    """Each measure once, with the smallest form that can answer it, whatever the others need."""
    forms = ((name, universe.answering((name,), dimensions, columns)) for name in dict.fromkeys(measures))
    return [_Asked(form, form.measure(name)) for name, form in forms]


def _measured(
    universe: Universe,
    scan: Scan,
    selection: Selection,
    axes: Sequence[Axis],
    wanted: Sequence[_Asked],
    restrict: pl.Expr | None,
) -> pl.LazyFrame:
    """One row per combination of keys: key columns ``__key_<axis>``, row texts, measures."""
    alike: dict[tuple[Universe, Recast | None, Selection, str], list[Measure]] = {}
    for form, measure in wanted:
        said = universe.saying(selection, measure.given)
        # Held in memory, each indicator has rows of its own: counted apart, it does not look at those of the others.
        alone = measure.name if holds(form, scan) else ""
        alike.setdefault((form, measure.recast, said, alone), []).append(measure)
    parts = []
    for (form, cast, said, _), same in alike.items():
        rows = kept(form, held_rows(form, scan, same), said, axes, restrict, cast)
        last = last_ones(form, scan, selection, axes, period(form, selection))
        parts.append(_grouped(form, rows, axes, same, last))
    result = _side_by_side(parts, axes)
    if universe.calendar is not None and list(axes) == [universe.time]:
        key = f"{KEY}{universe.time.name}"
        result = every_month(universe, scan, period(universe, selection), result, key)
    for _, measure in wanted:
        if isinstance(measure.denominator, Reference):
            result = with_reference(universe, scan, selection, result, axes, measure, restrict)
    return result.with_columns(finished(measure) for _, measure in wanted)


def _side_by_side(parts: Sequence[pl.LazyFrame], axes: Sequence[Axis]) -> pl.LazyFrame:
    """Measures counted over rows of their own, joined: empty in a group where a measure has no row.

    Not zero: whether a group without any row counts zero is asked by ``complete``, alike for every measure.
    """
    if not axes:
        return pl.concat(parts, how="horizontal")
    keys = [f"{KEY}{axis.name}" for axis in axes]
    texts = [f"__text_{axis.name}" for axis in axes if isinstance(axis.text, pl.Expr)]
    result = parts[0]
    for part in parts[1:]:
        result = (
            result.join(part, on=keys, how="full", coalesce=True, nulls_equal=True, suffix="__other")
            .with_columns(pl.coalesce(text, f"{text}__other").alias(text) for text in texts)
            .drop(f"{text}__other" for text in texts)
        )
    return result


def _grouped(
    universe: Universe,
    rows: pl.LazyFrame,
    axes: Sequence[Axis],
    measures: Sequence[Measure],
    last: pl.Expr | None,
) -> pl.LazyFrame:
    """The terms of measures that count the same rows, one row per combination of keys."""
    gap = universe.rhythm is not Rhythm.SNAPSHOT
    if gap:
        rows = counted_rows(rows, last, measures)
    terms: list[pl.Expr] = []
    for measure in measures:
        if measure.value is not None:
            terms.append(measure.value.aggregate(last, gap=gap).alias(measure.name))
        if measure.numerator is not None:
            terms.append(measure.numerator.aggregate(last, gap=gap).alias(f"__num_{measure.name}"))
        if isinstance(measure.denominator, Term):
            terms.append(measure.denominator.aggregate(last, gap=gap).alias(f"__den_{measure.name}"))
    texts = [
        axis.text.drop_nulls().max().alias(f"__text_{axis.name}")
        for axis in axes
        if isinstance(axis.text, pl.Expr)
    ]
    keys = [axis.key.alias(f"{KEY}{axis.name}") for axis in axes]
    return rows.group_by(keys).agg(*terms, *texts) if axes else rows.select(terms)


def _named(
    universe: Universe,
    scan: Scan,
    result: pl.LazyFrame,
    axes: Sequence[Axis],
    by: Sequence[str],
    measures: Sequence[str],
) -> pl.LazyFrame:
    """Give keys their dimension names and labels; sort."""
    for axis in axes:
        key = f"{KEY}{axis.name}"
        if isinstance(axis.text, Lookup) and axis.name in by:
            labels = scan(axis.text.table).select(
                pl.col(axis.text.key).alias(key), pl.col(axis.text.text).alias(f"__text_{axis.name}")
            )
            result = result.join(labels, on=key, how="left", validate="m:1")
    columns = []
    for name in by:
        axis = universe.axis(name)
        shown = pl.col(f"{KEY}{axis.name}")
        if name == axis.name and axis.text is not None:
            # A code without label shows its code: two of them must not look like one empty row.
            shown = pl.coalesce(f"__text_{axis.name}", shown)
        columns.append(shown.alias(name))
    order = [pl.col(f"{KEY}{axis.name}") for axis in axes]
    if order:
        result = result.sort(order, nulls_last=True)
    return result.select(*columns, *dict.fromkeys(measures))
