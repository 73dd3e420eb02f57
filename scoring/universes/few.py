"""Means that would be somebody's own: a mean of one or two services of another region is left empty.

The guard looks inside the measure: it counts the services that the very mean counts, in each group, at its horizon and
in its scope. A region's own information system is one by nature, and says the region itself: it is not guarded.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lake.droits import Droits
from scoring.droits import LEAST_SERVICES, REGIONAL_SYSTEM
from scoring.universes import engine
from scoring.universes.convergence_axes import KIND_WORDS
from scoring.universes.model import Kind, Scan, Universe
from scoring.universes.selection import Selection

COUNT = "services_concernes"
_SERVICES = tuple(kind for kind in KIND_WORDS if kind != REGIONAL_SYSTEM)


def without_means_of_few(
    frame: pl.LazyFrame,
    universe: Universe,
    scan: Scan,
    selection: Selection,
    measures: Sequence[str],
    by: Sequence[str],
    droits: Droits,
) -> tuple[pl.LazyFrame, pl.LazyFrame | None]:
    """The same figures, the means of fewer than three services of a region that is not the reader's left empty.

    Args:
        frame: the answer to the question.
        universe: the universe of Convergence.
        scan: reads what counts in the question for this reader.
        selection: filters, date and parameters.
        measures: names of measures.
        by: dimensions asked.
        droits: the reader's rights.

    Returns:
        The figures; and how many groups were left empty (one row ``tues``), None when none can be.
    """
    means = [name for name in dict.fromkeys(measures) if universe.measure(name).kind is Kind.RATIO]
    region = universe.axis("region")
    told = any(universe.axis(name) is region for name in by) or bool(selection.values("region"))
    if droits.regions is None or not means or not told:
        return frame, None
    columns = frame.collect_schema().names()
    keys = [name for name in columns if name not in measures]
    counted = selection.with_filter("kind", _SERVICES)
    others = ~pl.col("code_region").is_in(sorted(droits.regions)) & (pl.col(COUNT) < LEAST_SERVICES)
    counts = []
    split = [*by, *(["code_region"] if "code_region" not in by else [])]
    for given in {tuple(universe.measure(name).given.items()) for name in means}:
        under = counted
        for name, value in given:
            under = under if under.parameter(name) else under.with_parameter(name, value)
        few = engine.query(universe, scan, under, [COUNT], split).filter(others)
        hidden = few.select(keys).unique() if keys else few.select(_few=pl.len() > 0)
        mine = [name for name in means if tuple(universe.measure(name).given.items()) == given]
        frame = _emptied(frame, hidden, keys, mine)
        counts.append((few.select(keys).unique() if keys else few).select(tues=pl.len()))
    return frame.select(columns), pl.concat(counts).select(pl.col("tues").max())


def _emptied(
    frame: pl.LazyFrame, few: pl.LazyFrame, keys: Sequence[str], means: Sequence[str]
) -> pl.LazyFrame:
    """The measures left empty in the groups of ``few`` (all of them when there are no keys)."""
    if keys:
        flagged = few.with_columns(_few=pl.lit(True))
        marked = frame.join(flagged, on=keys, how="left", nulls_equal=True, maintain_order="left")
    else:
        marked = frame.join(few, how="cross")
    hide = pl.col("_few").fill_null(False)
    return marked.with_columns(pl.when(~hide).then(name).alias(name) for name in means).drop("_few")
