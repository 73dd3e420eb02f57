"""The query engine: one selection, measures, axes -> one lazy frame, pushed down to the scan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from lake.errors import RefusedCombination, UnknownName
from scoring.universes.model import (
    Axis,
    Kind,
    Lookup,
    Measure,
    Recast,
    Reference,
    Rhythm,
    Scan,
    Term,
    Universe,
)
from scoring.universes.months import counted_rows, every_month, in_months, opening_once
from scoring.universes.rows import joined, kept, period, predicate
from scoring.universes.selection import Selection
from scoring.universes.values import choices, resolve

__all__ = ["add_up", "choices", "detail", "latest", "notes", "query", "resolve"]

_KEY = "__key_"


def latest(universe: Universe, scan: Scan, selection: Selection | None = None) -> date | None:
    """The newest date of a universe, None when its table is empty."""
    if universe.derived is not None:
        return max(universe.derived.dates(scan, selection or Selection()), default=None)
    found = scan(universe.calendar or universe.table).select(universe.time.key.max()).collect().item()
    return found if isinstance(found, date) else None


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

    Args:
        universe: what can be asked.
        scan: reads tables lazily.
        selection: filters and period. A snapshot universe without date and without its time axis in ``by``
            takes the latest date.
        measures: names of measures.
        by: names of dimensions (label or code); one row per combination that occurs, sorted by them.
        complete: with exactly one territorial dimension, also the territories where nothing occurs.
        total: one more row, computed on its own (never a sum of the others), its dimensions null.
        restrict: predicate on the table's columns that the reader's rights impose, applied inside the scan.

    Returns:
        LazyFrame: the dimensions asked (String, or Date for time), in order, then the measures (Int64 for
        counts, Float64 for ratios; null where the denominator is zero or nothing was observed).

    Raises:
        UnknownName: a measure, a dimension, a filtered axis or a parameter does not exist.
        RefusedCombination: several snapshots would be added together.
    """
    for name in measures:
        universe.measure(name)  # an unknown name is told with every name known
    for name in (*by, *selection.filters):
        universe.axis(name)
    selection = universe.settled(selection)
    columns = () if restrict is None else restrict.meta.root_names()
    universe = universe.answering(measures, (*by, *selection.filters), columns)
    wanted = [universe.measure(name) for name in measures]
    if not wanted:
        raise UnknownName("mesure", "", [m.name for m in universe.measures])
    axes = _distinct_axes(universe, by)
    if total and universe.rhythm is Rhythm.SNAPSHOT and universe.time in axes and selection.date is None:
        raise _refused_over_time(universe, wanted[0])
    scan = opening_once(scan)
    selection = _dated(universe, scan, selection, axes)
    result = _measured(universe, scan, selection, axes, wanted, restrict)
    if complete:
        result = _completed(universe, scan, selection, result, axes, wanted, restrict)
    shaped = _named(universe, scan, result, axes, by, wanted)
    if total and axes:
        whole = _measured(universe, scan, selection, [], wanted, restrict)
        empty = [
            pl.lit(None, dtype=dtype).alias(name)
            for name, dtype in shaped.collect_schema().items()
            if name in by
        ]
        order = [*by, *(m.name for m in wanted)]
        shaped = pl.concat([shaped, whole.with_columns(empty).select(order)], how="vertical_relaxed")
    return shaped


def detail(
    universe: Universe, scan: Scan, selection: Selection, *, restrict: pl.Expr | None = None
) -> pl.LazyFrame:
    """The table's own rows under a selection: what a figure is made of.

    Returns:
        LazyFrame: the columns of the universe's table (those of its derived rows when they are derived).
    """
    selection = universe.saying(_dated(universe, scan, universe.settled(selection), []))
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


def add_up(universe: Universe, frame: pl.DataFrame, measure: str, over: Sequence[str]) -> float | int:
    """Add a measure's values over rows, when that sum has a meaning.

    Args:
        universe: where the measure is declared.
        frame: a result of :func:`query`.
        measure: the column to add.
        over: the dimensions that the sum runs over.

    Raises:
        RefusedCombination: the sum has no meaning; the message says what to ask instead.
    """
    asked = universe.measure(measure)
    over_time = universe.time in [universe.axis(name) for name in over]
    if over_time and universe.rhythm is Rhythm.SNAPSHOT:
        raise _refused_over_time(universe, asked)
    if not asked.additive(over_time=over_time):
        raise RefusedCombination(
            f"« {asked.label} » ne s'additionne pas ({', '.join(over)}).",
            conseil=asked.alternative or f"Demandez {asked.name} sans --par, ou avec --total.",
        )
    total = frame.get_column(measure).sum()
    return total if isinstance(total, int) else float(total)


# -- inside ------------------------------------------------------------------------------------------


def _distinct_axes(universe: Universe, by: Sequence[str]) -> list[Axis]:
    axes: list[Axis] = []
    for name in by:
        axis = universe.axis(name)
        if axis not in axes:
            axes.append(axis)
    return axes


def _refused_over_time(universe: Universe, measure: Measure) -> RefusedCombination:
    return RefusedCombination(
        f"« {measure.label} » ne s'additionne pas d'une {universe.time.label.lower()} à l'autre.",
        conseil=f"Choisissez une date (--date), ou demandez une ligne par date (--par {universe.time.name}).",
    )


def _dated(universe: Universe, scan: Scan, selection: Selection, axes: Sequence[Axis]) -> Selection:
    """A snapshot universe reads one date, unless the reader asks for one row a date.

    A monthly universe reads whole months (any day names its month), and no later than the last one published:
    its period then always says its last month.
    """
    if universe.rhythm is Rhythm.MONTHLY:
        return in_months(selection, latest(universe, scan))
    if selection.date is not None or universe.time in axes:
        return selection
    if selection.du is not None or selection.au is not None:
        raise _refused_over_time(universe, universe.measures[0])
    return selection.at(latest(universe, scan, selection))


def _measured(
    universe: Universe,
    scan: Scan,
    selection: Selection,
    axes: Sequence[Axis],
    measures: Sequence[Measure],
    restrict: pl.Expr | None,
) -> pl.LazyFrame:
    """One row per combination of keys: key columns ``__key_<axis>``, row texts, measures."""
    alike: dict[tuple[Recast | None, Selection], list[Measure]] = {}
    for measure in measures:
        said = universe.saying(selection, measure.given)
        alike.setdefault((measure.recast, said), []).append(measure)
    parts = []
    for (cast, said), same in alike.items():
        rows = kept(universe, scan, said, axes, restrict, cast)
        parts.append(_grouped(universe, selection, rows, axes, same))
    result = parts[0] if len(parts) == 1 else _side_by_side(universe, parts, axes, measures)
    if universe.calendar is not None and list(axes) == [universe.time]:
        key = f"{_KEY}{universe.time.name}"
        result = every_month(universe, scan, period(universe, selection), result, key)
    for measure in measures:
        if isinstance(measure.denominator, Reference):
            result = _with_reference(universe, scan, selection, result, axes, measure, restrict)
    return result.with_columns(_finished(measure) for measure in measures)


def _side_by_side(
    universe: Universe, parts: Sequence[pl.LazyFrame], axes: Sequence[Axis], measures: Sequence[Measure]
) -> pl.LazyFrame:
    """Measures counted over rows made over differently, joined: a group that one of them lacks counts 0 there."""
    if not axes:
        return pl.concat(parts, how="horizontal")
    keys = [f"{_KEY}{axis.name}" for axis in axes]
    texts = [f"__text_{axis.name}" for axis in axes if isinstance(axis.text, pl.Expr)]
    result = parts[0]
    for part in parts[1:]:
        result = (
            result.join(part, on=keys, how="full", coalesce=True, nulls_equal=True, suffix="__other")
            .with_columns(pl.coalesce(text, f"{text}__other").alias(text) for text in texts)
            .drop(f"{text}__other" for text in texts)
        )
    counted = [measure.name for measure in measures if measure.value is not None]
    counted += [f"__num_{measure.name}" for measure in measures if measure.numerator is not None]
    counted += [f"__den_{measure.name}" for measure in measures if isinstance(measure.denominator, Term)]
    gap = universe.rhythm is Rhythm.MONTHLY
    return result if gap else result.with_columns(pl.col(counted).fill_null(0))


def _grouped(
    universe: Universe,
    selection: Selection,
    rows: pl.LazyFrame,
    axes: Sequence[Axis],
    measures: Sequence[Measure],
) -> pl.LazyFrame:
    """The terms of measures that count the same rows, one row per combination of keys."""
    last = None
    if universe.rhythm is Rhythm.MONTHLY and universe.time not in axes:
        last = universe.time.key == (selection.date or selection.au)  # said by _dated unless all is empty
    gap = universe.rhythm is Rhythm.MONTHLY
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
    keys = [axis.key.alias(f"{_KEY}{axis.name}") for axis in axes]
    return rows.group_by(keys).agg(*terms, *texts) if axes else rows.select(terms)


def _finished(measure: Measure) -> pl.Expr:
    if measure.kind is Kind.RATIO:
        numerator, denominator = pl.col(f"__num_{measure.name}"), pl.col(f"__den_{measure.name}")
        value = numerator.cast(pl.Float64) * measure.scale / denominator
        return pl.when(denominator > 0).then(value).alias(measure.name)
    return pl.col(measure.name)


def _reference_rows(
    universe: Universe, scan: Scan, selection: Selection, reference: Reference, restrict: pl.Expr | None
) -> pl.LazyFrame:
    """The reference's rows under the territorial filters, within what the reader may see."""
    rows = joined(scan, scan(reference.table), reference.requires)
    if restrict is not None and set(restrict.meta.root_names()) <= set(rows.collect_schema().names()):
        rows = rows.filter(restrict)
    if reference.within is not None:
        occurring = scan(universe.table)
        if restrict is not None:
            occurring = occurring.filter(restrict)
        for bound in period(universe, selection):
            occurring = occurring.filter(bound)
        for name, values in selection.filters.items():
            axis = universe.axis(name)
            if axis.key.meta.eq(pl.col(reference.within)):  # the same answer, from fewer partitions
                occurring = occurring.filter(predicate(axis, values))
        rows = rows.join(occurring.select(reference.within).unique(), on=reference.within, how="semi")
    for name, values in selection.filters.items():
        axis = universe.axis(name)
        if axis.name in reference.keys:
            rows = rows.filter(predicate(axis, values, pl.col(reference.keys[axis.name])))
    return rows


def _with_reference(
    universe: Universe,
    scan: Scan,
    selection: Selection,
    result: pl.LazyFrame,
    axes: Sequence[Axis],
    measure: Measure,
    restrict: pl.Expr | None,
) -> pl.LazyFrame:
    reference = measure.denominator
    assert isinstance(reference, Reference)
    name = f"__den_{measure.name}"
    rows = _reference_rows(universe, scan, selection, reference, restrict)
    shared = [axis for axis in axes if axis.name in reference.keys]
    if not shared:
        return result.join(rows.select(pl.col(reference.value).sum().alias(name)), how="cross")
    keys = [pl.col(reference.keys[axis.name]).alias(f"{_KEY}{axis.name}") for axis in shared]
    return result.join(
        rows.group_by(keys).agg(pl.col(reference.value).sum().alias(name)),
        on=[f"{_KEY}{axis.name}" for axis in shared],
        how="left",
    )


def _completed(
    universe: Universe,
    scan: Scan,
    selection: Selection,
    result: pl.LazyFrame,
    axes: Sequence[Axis],
    measures: Sequence[Measure],
    restrict: pl.Expr | None,
) -> pl.LazyFrame:
    """Add the territories where nothing occurs.

    In a snapshot counts are 0, and a ratio is 0 where its denominator is known. In a monthly universe nothing
    published is a gap, not a zero: they stay null.
    """
    geography = universe.geography
    if geography is None or len(axes) != 1 or axes[0].name not in geography.keys:
        raise RefusedCombination(
            "Seule une répartition par un territoire peut être complétée des territoires vides.",
            conseil=f"Demandez une seule dimension parmi : {', '.join(a.name for a in universe.meshes())}.",
        )
    key = f"{_KEY}{axes[0].name}"
    rows = _reference_rows(universe, scan, selection, geography, restrict)
    everywhere = (
        rows.select(pl.col(geography.keys[axes[0].name]).alias(key))
        .unique()
        .filter(pl.col(key).is_not_null())
    )
    full = result.join(everywhere, on=key, how="full", coalesce=True)
    for measure in measures:
        if isinstance(measure.denominator, Reference):
            full = _with_reference(
                universe, scan, selection, full.drop(f"__den_{measure.name}"), axes, measure, restrict
            )
            if universe.rhythm is Rhythm.SNAPSHOT:
                full = full.with_columns(pl.col(f"__num_{measure.name}").fill_null(0))
            full = full.with_columns(_finished(measure))
        elif measure.kind is not Kind.RATIO and universe.rhythm is Rhythm.SNAPSHOT:
            full = full.with_columns(pl.col(measure.name).fill_null(0))
    return full


def _named(
    universe: Universe,
    scan: Scan,
    result: pl.LazyFrame,
    axes: Sequence[Axis],
    by: Sequence[str],
    measures: Sequence[Measure],
) -> pl.LazyFrame:
    """Give keys their dimension names and labels; sort."""
    for axis in axes:
        key = f"{_KEY}{axis.name}"
        if isinstance(axis.text, Lookup) and axis.name in by:
            labels = scan(axis.text.table).select(
                pl.col(axis.text.key).alias(key), pl.col(axis.text.text).alias(f"__text_{axis.name}")
            )
            result = result.join(labels, on=key, how="left", validate="m:1")
    columns = []
    for name in by:
        axis = universe.axis(name)
        shown = pl.col(f"{_KEY}{axis.name}")
        if name == axis.name and axis.text is not None:
            # A code without label shows its code: two of them must not look like one empty row.
            shown = pl.coalesce(f"__text_{axis.name}", shown)
        columns.append(shown.alias(name))
    order = [pl.col(f"{_KEY}{axis.name}") for axis in axes]
    if order:
        result = result.sort(order, nulls_last=True)
    return result.select(*columns, *(pl.col(measure.name) for measure in measures))
