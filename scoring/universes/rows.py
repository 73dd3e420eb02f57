"""The rows of a universe that a selection keeps, with the columns that axes bring; read lazily."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from scoring.universes.model import Axis, Join, Recast, Scan, Universe
from scoring.universes.selection import Selection

KEY = "__key_"
"""Before its axis' name: the column that groups are made by."""
NON_RENSEIGNE = "non_renseigne"
"""The filter value that keeps the rows where an axis says nothing."""


def joined(scan: Scan, rows: pl.LazyFrame, joins: Iterable[Join]) -> pl.LazyFrame:
    """Bring reference columns to the rows, each join once. A join never multiplies rows: it would fail."""
    for join in dict.fromkeys(joins):
        reference = scan(join.table).select(join.on, *join.columns)
        rows = rows.join(reference, on=join.on, how="left", validate="m:1", maintain_order="left")
    return rows


def period(universe: Universe, selection: Selection) -> list[pl.Expr]:
    """The predicates of the selection's date or period."""
    time = universe.time.key
    bounds = []
    if selection.date is not None:
        bounds.append(time == selection.date)
    if selection.du is not None:
        bounds.append(time >= selection.du)
    if selection.au is not None:
        bounds.append(time <= selection.au)
    return bounds


def predicate(axis: Axis, values: Sequence[str], key: pl.Expr | None = None) -> pl.Expr:
    """Rows whose key is one of these values; :data:`NON_RENSEIGNE` among them keeps null keys too.

    Args:
        axis: the axis.
        values: codes (or aliases of codes).
        key: where the key is; the axis' own key by default.
    """
    column = axis.key if key is None else key
    wanted = [axis.aliases.get(value, value) for value in values if value != NON_RENSEIGNE]
    found = column.is_in(wanted)
    if axis.bare is not None and key is None:
        found = found | axis.bare.is_in(wanted)
    if NON_RENSEIGNE not in values:
        return found
    return column.is_null() | found if wanted else column.is_null()


def kept(
    universe: Universe,
    scan: Scan,
    selection: Selection,
    axes: Sequence[Axis],
    restrict: pl.Expr | None,
    recast: Recast | None = None,
) -> pl.LazyFrame:
    """The table's rows that the selection keeps, with the columns that the axes need.

    A filter on a column that a reference brings (the region of a département) is turned into a filter on the
    row's own column, so that the scan skips the partitions of the others. Under a recast, the filters of its
    axes apply to the rows made over.
    """
    if universe.derived is not None:
        return universe.derived.rows(scan, selection, axes, restrict)
    rows = scan(universe.table)
    if restrict is not None:
        rows = rows.filter(restrict)
    for bound in period(universe, selection):
        rows = rows.filter(bound)
    if recast is not None:
        for name, values in selection.filters.items():
            if name not in recast.axes:
                rows = rows.filter(predicate(universe.axis(name), values))
        rows = recast.rows(rows)
        selection = selection.only(recast.axes)
    late: list[tuple[Axis, tuple[str, ...]]] = []
    for name, values in selection.filters.items():
        axis = universe.axis(name)
        if not axis.requires:
            rows = rows.filter(predicate(axis, values))
        elif len(axis.requires) == 1 and NON_RENSEIGNE not in values:
            rows = rows.filter(_through(scan, axis, values))
        else:
            late.append((axis, values))
    needed = (*(axis for axis, _ in late), *axes)
    rows = joined(scan, rows, (join for axis in needed for join in axis.requires))
    for axis, values in late:
        rows = rows.filter(predicate(axis, values))
    return rows


def _through(scan: Scan, axis: Axis, values: Sequence[str]) -> pl.Expr:
    """The filter of an axis as a filter on the column its reference is joined on."""
    (join,) = axis.requires
    found = scan(join.table).filter(predicate(axis, values)).select(join.on).collect().to_series()
    return pl.col(join.on).is_in(found.unique().sort().to_list())
