"""No count under five for a commune, nor for an EPCI: small ones go up, and what is left gives none away."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

K = 5
_MAILLES = (("siren_epci", ("sas",)), ("code_commune", ("sas", "siren_epci")))


def regrouper(
    rows: pl.LazyFrame, by: Sequence[pl.Expr] = (), *, compte: str = "demandes", k: int = K
) -> pl.LazyFrame:
    """Send small territories up: commune → EPCI → SAS. Rows are renamed, never dropped: totals close.

    In each EPCI the communes under ``k`` lose their name. When what they make together is under ``k``, the next
    smallest loses it too: the EPCI's total less the communes shown would give them away. EPCI in a SAS likewise.

    Args:
        rows: ``sas``, ``siren_epci``, ``code_commune`` (null where regrouped already) and the count.
        by: what the figures are split by besides territories (a day, an outcome): each split is guarded.
        compte: the column that is counted.
        k: the least count that is told of a territory.

    Returns:
        LazyFrame: the same rows, ``siren_epci`` and ``code_commune`` null where they may not be told.
    """
    keys = [f"__by{rank}" for rank, _ in enumerate(by)]
    rows = rows.with_columns(one.alias(name) for one, name in zip(by, keys, strict=True))
    for level, above in _MAILLES:
        whole = [*keys, *above]
        cells = (
            rows.filter(pl.col(level).is_not_null())
            .group_by([*whole, level])
            .agg(__n=pl.col(compte).sum())
            .sort("__n", level)
        )
        running = pl.col("__n").cum_sum()
        before = (running.over(whole) if whole else running) - pl.col("__n")
        small = cells.with_columns(__before=before).filter(
            (pl.col("__n") < k) | ((pl.col("__before") > 0) & (pl.col("__before") < k))
        )
        marked = small.select(*whole, level, __hidden=pl.lit(True))
        rows = rows.join(marked, on=[*whole, level], how="left", nulls_equal=True, maintain_order="left")
        hidden = pl.col("__hidden").fill_null(False)
        lost = ("siren_epci", "code_commune") if level == "siren_epci" else ("code_commune",)
        rows = rows.with_columns(pl.when(~hidden).then(name).alias(name) for name in lost).drop("__hidden")
    return rows.drop(keys)
