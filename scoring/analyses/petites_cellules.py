"""Small cells of the crossings that readers compose: a cell of another region where few structures count is folded.

The tables of monthly sums bear no threshold: a crossing of two axes may show one structure. Such a cell is left empty,
and a second one of its line with it, so that a total does not give it back (the line is every set of cells that differ
by one axis only). A reader's own regions are never folded: hiding from readers what they know would protect nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import polars as pl

from scoring.universes.model import Kind, Measure, Term, Universe

STRUCTURE = "structure"
"""The axis whose values must not be guessed."""
_COUNT = "__structures_"
FOLDED = "__petite_"
"""Begins the name of the column that says, beside a measure, which of its cells were folded and why."""
SMALL, HELD_BACK = "petite", "retenue"
"""Why a cell is folded: too few structures, or it would give back one that has too few."""
_ROUNDS = 20


def guarded(universe: Universe, measures: Sequence[str], by: Sequence[str], filters: Collection[str]) -> bool:
    """Whether the answer to a question may show one structure of another region: two axes, and its region told.

    Args:
        universe: what is asked.
        measures: names of the measures.
        by: dimensions asked.
        filters: axes filtered.
    """
    if all(axis.name != STRUCTURE for axis in universe.axes):
        return False
    shown = {universe.axis(name).name for name in by} - {universe.time.name}
    told = {"region", "departement"} & (shown | set(filters))
    crossed = len(shown | (set(filters) - {"service"})) >= 2
    return bool(told and crossed and shown and counting(universe, measures).measures)


def counting(universe: Universe, measures: Sequence[str]) -> Universe:
    """The universe of the rows as delivered, counting the structures behind each measure: ``__structures_<name>``."""
    counts = []
    for name in measures:
        measure = universe.measure(name)
        terms = [
            one for one in (measure.value, measure.numerator, measure.denominator) if isinstance(one, Term)
        ]
        wheres = [one.where for one in terms if one.where is not None]
        if (measure.axes is not None and STRUCTURE not in measure.axes) or not wheres:
            continue
        present = pl.when(pl.col("valeur") != 0).then(pl.col(STRUCTURE))
        stock = measure.kind is not Kind.FLOW
        term = Term(present, distinct=True, where=pl.any_horizontal(wheres), stock=stock)
        counts.append(
            Measure(
                f"{_COUNT}{name}",
                "Structures",
                "structures",
                Kind.DISTINCT,
                "Structures de la cellule.",
                value=term,
            )
        )
    return replace(universe, measures=tuple(counts), summaries=(), from_lake=None, catalogue=None)


def folded(
    frame: pl.DataFrame,
    counts: pl.DataFrame,
    axes: Mapping[str, Sequence[str]],
    fixed: Sequence[str],
    measures: Sequence[str],
    own: Collection[str],
    least: int,
) -> tuple[pl.DataFrame, int, pl.DataFrame]:
    """The same figures, small cells of other regions left empty, and those that would give them back.

    Args:
        frame: figures by the columns of ``axes`` and ``fixed``.
        counts: by the same columns and ``code_region``: the columns of :func:`counting`.
        axes: axis -> its columns of the frame; time apart.
        fixed: other columns of the frame's keys (time): never summed over by a reader of totals.
        measures: columns to fold.
        own: the reader's own regions.
        least: structures under which a cell is small.

    Returns:
        The frame, how many cells were folded, and which: the keys, and ``__petite_<measure>`` (:data:`SMALL`,
        :data:`HELD_BACK` or null) of the measures that have any, row by row of the frame.
    """
    keys = [*fixed, *(column for columns in axes.values() for column in columns)]
    names = [f"{_COUNT}{name}" for name in measures if f"{_COUNT}{name}" in counts.columns]
    foreign = ~pl.col("code_region").is_in(list(own)).fill_null(False)
    known = counts.group_by(keys).agg(pl.col(names).sum(), ailleurs=foreign.any())
    rows = frame.with_row_index("__rang").join(known, on=keys, how="left", nulls_equal=True).sort("__rang")
    total = 0
    marks: list[str] = []
    for name in names:
        measure = name.removeprefix(_COUNT)
        small, hidden = _hidden(rows, name, measure, axes, fixed, least)
        total += len(hidden)
        if not hidden:
            continue
        here = pl.col("__rang").is_in(sorted(hidden))
        why = pl.when(pl.col("__rang").is_in(sorted(small))).then(pl.lit(SMALL)).otherwise(pl.lit(HELD_BACK))
        rows = rows.with_columns(
            pl.when(~here).then(measure).alias(measure), pl.when(here).then(why).alias(f"{FOLDED}{measure}")
        )
        marks.append(f"{FOLDED}{measure}")
    return rows.select(frame.columns), total, rows.select(*keys, *marks)


def _hidden(
    rows: pl.DataFrame,
    count: str,
    measure: str,
    axes: Mapping[str, Sequence[str]],
    fixed: Sequence[str],
    least: int,
) -> tuple[set[int], set[int]]:
    """Ranks of the small rows, and of all that fold: they, then the smallest of each line with one folded alone."""
    seen = rows.drop_nulls(measure).with_columns(
        pl.col(count).fill_null(0), pl.col("ailleurs").fill_null(False)
    )
    small = pl.col("ailleurs") & pl.col(count).is_between(1, least - 1)
    few: set[int] = set(seen.filter(small)["__rang"].to_list())
    hidden = set(few)
    for _ in range(_ROUNDS if hidden else 0):
        more: set[int] = set()
        for axis in axes:
            line = [*fixed, *(column for name, columns in axes.items() if name != axis for column in columns)]
            # The fewest structures first: what is lost is least.
            order = seen.filter("ailleurs").sort(count, measure, "__rang")
            groups = order.group_by(line, maintain_order=True) if line else [((), order)]
            for _, group in groups:
                ranks = group["__rang"].to_list()
                if sum(rank in hidden or rank in more for rank in ranks) == 1 and len(ranks) > 1:
                    more.add(next(rank for rank in ranks if rank not in hidden and rank not in more))
        if not more:
            break
        hidden |= more
    return few, hidden
