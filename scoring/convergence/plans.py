"""Convergence: what became of the steps that a campaign planned, seen from the next one.

Every step of either campaign has one fate, so that nothing vanishes from a count: a delay measured on the steps that
are still there would forget those that were given up.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from lake.catalog.convergence import rang_expr, trimestre_acheve
from scoring.convergence.detail import CACHE, NON_APPLICABLE

NOUVELLE = "nouvelle"
MAINTENUE = "maintenue"
REPOUSSEE = "repoussée"
AVANCEE = "avancée"
ATTEINTE = "atteinte"
ABANDONNEE = "abandonnée"
SANS_OBJET = "sans objet"
DEVENIRS = (NOUVELLE, MAINTENUE, REPOUSSEE, AVANCEE, ATTEINTE, ABANDONNEE, SANS_OBJET)
"""What a step can have become, from one campaign to the next."""

_STEP = ["service", "critere", "niveau"]


def fates(
    plans: pl.LazyFrame,
    answers: pl.LazyFrame,
    services: pl.LazyFrame,
    *,
    before: pl.LazyFrame | None = None,
    au: date,
) -> pl.LazyFrame:
    """The steps of a campaign and of the one before, each with what became of it.

    Args:
        plans: the campaign's plans: ``service, critere, niveau, trimestre, non_planifiable``.
        answers: its answers, hidden ones included: ``service, critere, niveau`` (today's, carried levels included),
            ``motif_exclusion``.
        services: its services: ``service, converge``; the steps of others are left out.
        before: the plans of the campaign before; every step is new without it.
        au: day of the campaign.

    Returns:
        ``service, critere, niveau`` (Int64, aimed at), ``trimestre`` (planned now; null for a step that is gone),
        ``avant`` (planned then; null for a new one), ``retard`` (quarters, negative when advanced; null unless
        both), ``actuel`` (today's level), ``devenir`` (one of :data:`DEVENIRS`) and ``en_retard``: due by ``au``,
        planned then, not reached; sorted by step. A step is *sans objet*, and never late, when its criterion became
        not applicable or hidden, or when its service is to be decommissioned.
    """
    now = _steps(plans).rename({"rang": "rang_apres"})
    if before is None:
        both = now.with_columns(avant=pl.lit(None, pl.String), rang=pl.lit(None, pl.Int32))
    else:
        then = _steps(before).rename({"trimestre": "avant"})
        both = now.join(then, on=_STEP, how="full", coalesce=True)
    known = answers.select(
        "service",
        "critere",
        actuel="niveau",
        sans_objet=pl.col("motif_exclusion").is_in([NON_APPLICABLE, CACHE]),
    )
    both = both.join(services.select("service", "converge"), on="service").join(
        known, on=["service", "critere"], how="left"
    )
    moved = pl.col("rang_apres").cast(pl.Int64) - pl.col("rang").cast(pl.Int64)
    reached = (pl.col("actuel") >= pl.col("niveau")).fill_null(False)
    void = pl.col("sans_objet").fill_null(False) | ~pl.col("converge")
    fate = (
        pl.when(void)
        .then(pl.lit(SANS_OBJET))
        .when(pl.col("rang").is_null())
        .then(pl.lit(NOUVELLE))
        .when(pl.col("rang_apres").is_null() & reached)
        .then(pl.lit(ATTEINTE))
        .when(pl.col("rang_apres").is_null())
        .then(pl.lit(ABANDONNEE))
        .when(moved > 0)
        .then(pl.lit(REPOUSSEE))
        .when(moved < 0)
        .then(pl.lit(AVANCEE))
        .otherwise(pl.lit(MAINTENUE))
    )
    late = (pl.col("rang") <= trimestre_acheve(au)).fill_null(False) & ~reached & ~void
    return (
        both.with_columns(retard=moved, devenir=fate, en_retard=late)
        .select(*_STEP, "trimestre", "avant", "retard", "actuel", "devenir", "en_retard")
        .sort(_STEP)
    )


def _steps(plans: pl.LazyFrame) -> pl.LazyFrame:
    return plans.filter(~pl.col("non_planifiable")).select(*_STEP, "trimestre", rang=rang_expr())
