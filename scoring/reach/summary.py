"""Summaries of potential accessibility: under a threshold, means, quantiles, classes, the worst served.

Shares and quantiles are of inhabitants, not of communes; means are weighted by demand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from lake.errors import LakeError
from scoring.reach.floating import VALUE
from scoring.sums import close, exact_sum


@dataclass(frozen=True)
class Seuil:
    """Who lives under a threshold.

    Attributes:
        seuil: the threshold (professionals within reach for 10,000).
        communes: communes strictly under it.
        population: their inhabitants.
        part_taux: share of all inhabitants (0–1); None when nobody lives anywhere.
    """

    seuil: float
    communes: int
    population: int
    part_taux: float | None


def under(result: pl.DataFrame, threshold: float) -> Seuil:
    """The communes and inhabitants strictly under a threshold.

    Args:
        result: ``Accessibilite.communes``, whole or narrowed to a territory.
        threshold: professionals within reach for 10,000.
    """
    below = result.filter(pl.col(VALUE) < threshold)
    everyone, people = int(result["population"].sum()), int(below["population"].sum())
    return Seuil(threshold, below.height, people, people / everyone if everyone else None)


def mean(result: pl.DataFrame) -> float | None:
    """Mean accessibility of the inhabitants (weighted by demand); None when nobody lives there."""
    weight = float(result["demande"].sum())
    if weight <= 0:
        return None
    return float((result["demande"] * result[VALUE]).sum()) / weight


def by_territory(rows: pl.DataFrame, code: str, threshold: float) -> pl.DataFrame:
    """Accessibility of larger territories.

    Args:
        rows: ``Accessibilite.communes`` with the code of each commune's territory; communes without are left out.
        code: column of that code (``siren_epci``, ``code_departement``).
        threshold: professionals within reach for 10,000.

    Returns:
        DataFrame, the least served first: ``code``, ``communes``, ``population`` (Int64), ``offre`` (Float64),
        :data:`VALUE` (Float64: mean weighted by demand; null without any), ``communes_sous_seuil``,
        ``population_sous_seuil`` (Int64), ``part_sous_seuil`` (Float64, 0–1; null without inhabitants).
    """
    below = pl.col(VALUE) < threshold
    weight, population = exact_sum(pl.col("demande")), pl.col("population").sum()
    people = pl.col("population").filter(below).sum()
    return (
        rows.drop_nulls(code)
        .group_by(code)
        .agg(
            pl.len().cast(pl.Int64).alias("communes"),
            population,
            exact_sum(pl.col("offre")),
            pl.when(weight > 0).then(exact_sum(pl.col("demande") * pl.col(VALUE)) / weight).alias(VALUE),
            below.sum().cast(pl.Int64).alias("communes_sous_seuil"),
            people.alias("population_sous_seuil"),
            pl.when(population > 0).then(people / population).alias("part_sous_seuil"),
        )
        .sort(VALUE, code, nulls_last=True)
    )


def quantiles(result: pl.DataFrame, shares: Sequence[float] = (0.1, 0.25, 0.5, 0.75, 0.9)) -> pl.DataFrame:
    """The accessibility under which each share of the inhabitants lives.

    Returns:
        DataFrame: ``part_taux`` (Float64) and :data:`VALUE` (Float64: the smallest value reached by at least
        that share of inhabitants; null when nobody lives anywhere).
    """
    ordered = result.filter(pl.col("population") > 0).sort(VALUE)
    values: list[float | None] = [None] * len(shares)
    if ordered.height:
        cumulated = ordered["population"].cum_sum().to_numpy()
        # A share of a whole number of people: rounding errors must not push it to the next commune.
        wanted = np.asarray(shares) * cumulated[-1] - 1e-6
        found = np.minimum(np.searchsorted(cumulated, wanted, side="left"), ordered.height - 1)
        values = ordered[VALUE].gather(found).to_list()
    return pl.DataFrame({"part_taux": list(shares), VALUE: pl.Series(values, dtype=pl.Float64)})


def distribution(result: pl.DataFrame, bounds: Sequence[float]) -> pl.DataFrame:
    """Communes and inhabitants by class of accessibility.

    Args:
        result: ``Accessibilite.communes``.
        bounds: increasing lower bounds of the classes; the first class starts at 0.

    Returns:
        DataFrame, one row per class: ``de``, ``a`` (Float64; the last ``a`` is null), ``communes``,
        ``population`` (Int64). Lower bounds belong to their class.
    """
    starts = [0.0, *[bound for bound in bounds if bound > 0]]
    if any(b <= a for a, b in pairwise(starts)):
        raise LakeError("Les bornes des classes doivent croître.")
    rank = np.searchsorted(np.asarray(starts), result[VALUE].to_numpy(), side="right") - 1
    counted = (
        result.with_columns(pl.Series("_classe", rank, dtype=pl.Int64))
        .group_by("_classe")
        .agg(communes=pl.len().cast(pl.Int64), population=pl.col("population").sum())
    )
    classes = pl.DataFrame(
        {
            "_classe": pl.Series(range(len(starts)), dtype=pl.Int64),
            "de": starts,
            "a": pl.Series([*starts[1:], None], dtype=pl.Float64),
        }
    )
    return (
        classes.join(counted, on="_classe", how="left", maintain_order="left")
        .with_columns(pl.col("communes", "population").fill_null(0))
        .drop("_classe")
    )


def worst_served(result: pl.DataFrame, count: int, *, population_min: int = 0) -> pl.DataFrame:
    """The least served communes; at equal value, the most populated first.

    Returns:
        DataFrame: the rows of ``result`` with at least ``population_min`` inhabitants, at most ``count``.
    """
    return (
        result.filter(pl.col("population") >= population_min)
        .sort(close(pl.col(VALUE)), "population", "code_commune", descending=[False, True, False])
        .head(count)
    )
