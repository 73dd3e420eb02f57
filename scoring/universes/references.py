"""Denominators that rest in another table (populations), and the territories where nothing occurs."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lake.errors import RefusedCombination
from scoring.universes.model import Axis, Kind, Measure, Reference, Rhythm, Scan, Universe
from scoring.universes.rows import KEY, joined, period, predicate
from scoring.universes.selection import Selection


def finished(measure: Measure) -> pl.Expr:
    """The value of a measure from its terms: a ratio of sums, null where nothing is below."""
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


def with_reference(
    universe: Universe,
    scan: Scan,
    selection: Selection,
    result: pl.LazyFrame,
    axes: Sequence[Axis],
    measure: Measure,
    restrict: pl.Expr | None,
) -> pl.LazyFrame:
    """Bring a ratio's denominator from its reference table, at the territories asked."""
    reference = measure.denominator
    assert isinstance(reference, Reference)
    name = f"__den_{measure.name}"
    rows = _reference_rows(universe, scan, selection, reference, restrict)
    shared = [axis for axis in axes if axis.name in reference.keys]
    if not shared:
        return result.join(rows.select(pl.col(reference.value).sum().alias(name)), how="cross")
    keys = [pl.col(reference.keys[axis.name]).alias(f"{KEY}{axis.name}") for axis in shared]
    return result.join(
        rows.group_by(keys).agg(pl.col(reference.value).sum().alias(name)),
        on=[f"{KEY}{axis.name}" for axis in shared],
        how="left",
    )


def completed(
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
    key = f"{KEY}{axes[0].name}"
    rows = _reference_rows(universe, scan, selection, geography, restrict)
    everywhere = (
        rows.select(pl.col(geography.keys[axes[0].name]).alias(key))
        .unique()
        .filter(pl.col(key).is_not_null())
    )
    full = result.join(everywhere, on=key, how="full", coalesce=True)
    for measure in measures:
        if isinstance(measure.denominator, Reference):
            full = with_reference(
                universe, scan, selection, full.drop(f"__den_{measure.name}"), axes, measure, restrict
            )
            if universe.rhythm is Rhythm.SNAPSHOT:
                full = full.with_columns(pl.col(f"__num_{measure.name}").fill_null(0))
            full = full.with_columns(finished(measure))
        elif measure.kind is not Kind.RATIO and universe.rhythm is Rhythm.SNAPSHOT:
            full = full.with_columns(pl.col(measure.name).fill_null(0))
    return full
