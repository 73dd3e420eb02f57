"""Time in a monthly universe: whole months, the last one of a period, gaps; rows that count, read once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from lake.contract import Table
from scoring.universes.memory import kept_by
from scoring.universes.model import Measure, Scan, Term, Universe
from scoring.universes.selection import Selection


def opening_once(scan: Scan) -> Scan:
    """The same scan, opening each table once: a question reads one version of it, and pays for it once."""
    opened: dict[str, pl.LazyFrame] = {}

    def read(table: Table) -> pl.LazyFrame:
        if table.name not in opened:
            opened[table.name] = scan(table)
        return opened[table.name]

    return kept_by(scan, read)


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
