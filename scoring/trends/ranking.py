"""Ranking of territories by a rate, with confidence on small numbers.

The interval of a share is Wilson's (E. B. Wilson, "Probable inference, the law of succession, and statistical
inference", Journal of the American Statistical Association 22, 1927), which stays between 0 and 1 and has a
sound coverage for small counts (Brown, Cai & DasGupta, *Statistical Science* 16, 2001). The range of ranks says
which places a territory may hold: it stands surely behind those whose interval lies wholly above its own, and
surely before those whose interval lies wholly below (Goldstein & Spiegelhalter, *Journal of the Royal
Statistical Society* A 159, 1996, on the limits of league tables).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from scoring.trends.quantiles import normal_quantile

LEVEL = 0.95


def wilson(success: pl.Expr, total: pl.Expr, level: float = LEVEL) -> tuple[pl.Expr, pl.Expr]:
    """Wilson's interval of a share, as Polars expressions.

    Args:
        success: count of successes, from 0 to the total.
        total: count of trials; null or 0 gives null.
        level: confidence (0–1).

    Returns:
        The lower and upper bounds (Float64, 0–1).
    """
    z = normal_quantile((1 + level) / 2)
    n = pl.when(total > 0).then(total.cast(pl.Float64))
    share = success.cast(pl.Float64) / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * (share * (1 - share) / n + z**2 / (4 * n**2)).clip(lower_bound=0.0).sqrt()
    # Rounding must not push a bound beyond the share itself: exact at 0 and at 1.
    low = pl.when(success <= 0).then(pl.lit(0.0)).otherwise(middle - half)
    high = pl.when(success >= total).then(pl.lit(1.0)).otherwise(middle + half)
    return (
        pl.when(n.is_not_null() & success.is_not_null()).then(low.clip(0.0, 1.0)),
        pl.when(n.is_not_null() & success.is_not_null()).then(high.clip(0.0, 1.0)),
    )


def ranking(
    frame: pl.DataFrame | pl.LazyFrame,
    by: Sequence[str],
    numerateur: str,
    denominateur: str,
    *,
    level: float = LEVEL,
    minimum: int = 30,
) -> pl.LazyFrame:
    """Rank territories by a rate.

    Args:
        frame: one row a territory: ``by`` columns, numerator and denominator (counts).
        by: columns that name a territory.
        numerateur: column of the successes.
        denominateur: column of the trials.
        level: confidence of the intervals (0–1).
        minimum: below this denominator the place is said to be fragile.

    Returns:
        LazyFrame, one row a territory with a rate, best first: ``by`` columns, the two counts, ``taux``,
        ``borne_basse``, ``borne_haute`` (Float64, 0–1), ``rang`` (Int64, 1 is best, equal rates share a place),
        ``rang_min``, ``rang_max`` (Int64: best and worst places that the intervals allow), ``fragile``
        (Boolean). Territories without denominator have no row; a numerator above its denominator has a rate
        but no interval (null bounds), and may hold any place.
    """
    above, below = pl.col(numerateur), pl.col(denominateur)
    a_share = above.is_between(0, below)
    low, high = wilson(pl.when(a_share).then(above), below, level)
    rated = (
        frame.lazy()
        .filter((below > 0) & above.is_not_null())
        .select(*by, numerateur, denominateur)
        .with_columns(
            taux=above.cast(pl.Float64) / below, borne_basse=low, borne_haute=high, fragile=below < minimum
        )
    )
    lows = pl.col("borne_basse").fill_null(0.0)
    highs = pl.col("borne_haute").fill_null(float("inf"))
    count = pl.len().cast(pl.Int64)
    # Searching sorted bounds counts the intervals that lie wholly on one side.
    surely_better = count - lows.sort().search_sorted(highs, side="right").cast(pl.Int64)
    surely_worse = highs.sort().search_sorted(lows, side="left").cast(pl.Int64)
    return (
        rated.with_columns(
            rang=pl.col("taux").rank("min", descending=True).cast(pl.Int64),
            rang_min=1 + surely_better,
            rang_max=count - surely_worse,
        )
        .select(
            *by,
            numerateur,
            denominateur,
            "taux",
            "borne_basse",
            "borne_haute",
            "rang",
            "rang_min",
            "rang_max",
            "fragile",
        )
        .sort("rang", *by)
    )
