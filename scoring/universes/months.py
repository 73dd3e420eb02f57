"""Time in a monthly or daily universe: the period, its last month or day, gaps; rows that count, read once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

import polars as pl

from lake.contract import Table
from scoring.universes.memory import keeps, kept_by, remembered
from scoring.universes.model import Axis, Measure, Rhythm, Scan, Term, Universe
from scoring.universes.selection import Selection


def opening_once(scan: Scan) -> Scan:
    """The same scan, opening each table once: a question reads one version of it, and pays for it once."""
    opened: dict[str, pl.LazyFrame] = {}

    def read(table: Table) -> pl.LazyFrame:
        if table.name not in opened:
            opened[table.name] = scan(table)
        return opened[table.name]

    return kept_by(scan, read)


def in_days(selection: Selection, newest: date | None) -> Selection:
    """The same period, ending no later than the newest day published."""
    if newest is None or (selection.du is not None and selection.du > newest):
        return selection
    return selection.during(selection.du, newest if selection.au is None else min(selection.au, newest))


def last_ones(
    universe: Universe, scan: Scan, selection: Selection, axes: Sequence[Axis], bounds: Sequence[pl.Expr]
) -> pl.Expr | None:
    """The predicate of the last month, or day, that a stock counts; None where time itself is asked.

    In a daily universe asked by week or month it is the last day published of each: a week that ends tomorrow counts
    today, as the period does.
    """
    if universe.rhythm is Rhythm.SNAPSHOT or universe.time in axes:
        return None
    last = selection.date or selection.au  # said unless nothing was ever published
    if last is None:
        return pl.lit(False)
    coarse = [axis.key.alias(f"__{axis.name}") for axis in axes if universe.made_of_time(axis)]
    if not coarse:
        return universe.time.key == last
    days = (
        scan(universe.calendar or universe.table)
        .filter(*bounds)
        .select(universe.time.key.alias("__day"))
        .unique()
    )
    name = universe.time.key.meta.root_names()[0]
    lasts = days.rename({"__day": name}).group_by(coarse).agg(pl.col(name).max()).collect().get_column(name)
    return universe.time.key.is_in(lasts.to_list())


def in_months(selection: Selection, newest: date | None) -> Selection:
    """The same period in whole months (any day names its month), ending no later than the newest published."""
    day, du, au = (
        None if one is None else one.replace(day=1) for one in (selection.date, selection.du, selection.au)
    )
    if newest is not None and (du is None or du <= newest):
        au = newest if au is None else min(au, newest)
    return selection.at(day).during(du, au)


def counted_rows(rows: pl.LazyFrame, last: pl.Expr | None, measures: Sequence[Measure]) -> pl.LazyFrame:
    """Only the rows that some term counts, so that the scan reads nothing else.

    A group where no asked measure has a row is absent, as a group without any row is.
    """
    conditions: list[pl.Expr] = []
    for measure in measures:
        for term in (measure.value, measure.numerator, measure.denominator):
            if isinstance(term, Term):
                condition = term.condition(last)
                if condition is None:
                    return rows
                conditions.append(condition)
    return rows.filter(pl.any_horizontal(conditions)) if conditions else rows


HELD = 500_000
"""Rows of one indicator that are held in memory at most; more are read from the table each time."""


def holds(universe: Universe, scan: Scan) -> bool:
    """Whether the rows of each indicator are held by this scan."""
    return universe.tall and keeps(scan)


def held_rows(universe: Universe, scan: Scan, measures: Sequence[Measure]) -> Scan:
    """The same scan, whose rows of a tall table are those that these measures count, from memory where the scan keeps.

    A page asks the same indicator by month, by region, for each filter: opening every file of the table again costs
    ten times what counting its rows does.
    """
    terms = [term for one in measures for term in (one.value, one.numerator, one.denominator)]
    wheres = [term.where for term in terms if isinstance(term, Term)]
    if not holds(universe, scan) or any(where is None for where in wheres):
        return scan
    counted = {where.meta.serialize(): where for where in wheres if where is not None}

    def read(table: Table) -> pl.LazyFrame:
        if table is not universe.table:
            return scan(table)

        def held(where: pl.Expr) -> pl.DataFrame | None:
            found = scan(table).filter(where).head(HELD + 1).collect()
            return found if found.height <= HELD else None

        slices = [
            remembered(scan, ("rows", text), [table], partial(held, where), size="rows")
            for text, where in counted.items()
        ]
        known = [one.lazy() for one in slices if one is not None]
        return pl.concat(known) if len(known) == len(slices) else scan(table)

    return read


def every_month(
    universe: Universe, scan: Scan, bounds: Sequence[pl.Expr], result: pl.LazyFrame, key: str
) -> pl.LazyFrame:
    """One row a month from the first to the last of the period: a month without data is a gap (null).

    Args:
        universe: a universe with a calendar.
        scan: reads tables lazily.
        bounds: predicates of the period.
        result: one row a month that has data.
        key: column of its months.
    """
    assert universe.calendar is not None
    known = scan(universe.calendar)
    for bound in bounds:
        known = known.filter(bound)
    first, last = universe.time.key.min(), universe.time.key.max()
    months = known.select(pl.date_ranges(first, last, "1mo").alias(key)).explode(key).drop_nulls()
    return months.join(result, on=key, how="left")
