"""Convergence: from raw answers to the level of each service on each criterion, today or at a quarter.

Everything is lazy Polars. What an answer means is settled here (not applicable, hidden, carried, planned);
:mod:`scoring.convergence.scores` averages the outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from lake.catalog.convergence import rang_expr, trimestre_acheve, trimestre_fin
from lake.catalog.convergence_links import Chains, chains, cycle_text
from lake.errors import ContractError

PERIMETRES = ("publication", "tous")

REGIONAL = "si_regional"
"""The ``sujet`` of a region's information system."""
_LONG_AGO = 1_000_000  # days: earlier than any date of effect

_SERVICES: Mapping[str, pl.Expr] = {
    "nom": pl.col("service"),
    "region": pl.lit(None, pl.String),
    "kind": pl.lit("metier"),
    "zone_pos": pl.lit(None, pl.String),
    "type_service": pl.lit(None, pl.String),
    "tronc_commun": pl.lit(True),
    "publiable": pl.lit(True),
    "converge": pl.lit(True),
}
REPONSES_DEFAULTS: Mapping[str, pl.Expr] = {
    "niveau": pl.lit(None, pl.Int64),
    "non_applicable": pl.lit(False),
    "porte_par": pl.lit(None, pl.String),
    "transmis": pl.lit(True),
}
_PLANS: Mapping[str, pl.Expr] = {
    "niveau": pl.lit(None, pl.Int64),
    "trimestre": pl.lit(None, pl.String),
    "non_planifiable": pl.lit(False),
}
_REFERENTIEL: Mapping[str, pl.Expr] = {
    "poids": pl.lit(1.0),
    "a_partir_du": pl.lit(None, pl.Date),
    "question": pl.lit(None, pl.String),
    "sujet": pl.lit("service"),
}


def with_defaults(frame: pl.LazyFrame, defaults: Mapping[str, pl.Expr]) -> pl.LazyFrame:
    """Add the optional columns that a frame lacks, and fill their nulls with the default."""
    present = frame.collect_schema().names()
    return frame.with_columns(
        pl.col(name).fill_null(default).alias(name) if name in present else default.alias(name)
        for name, default in defaults.items()
    )


def services_with_defaults(services: pl.LazyFrame) -> pl.LazyFrame:
    """Services with every optional column present."""
    return with_defaults(services, _SERVICES)


def horizon_date(horizon: date | str | None) -> date | None:
    """A horizon as a date: a quarter (``2022-T4``) stands for its last day; an ISO date is read as it is.

    Raises:
        ContractError: neither a date nor a quarter.
    """
    if not isinstance(horizon, str):
        return horizon
    try:
        return date.fromisoformat(horizon)
    except ValueError:
        return trimestre_fin(horizon)


def subject() -> pl.Expr:
    """Whom a criterion is asked of, from the ``kind`` of who answers: ``service``, ``si_regional``, ``produit``."""
    return (
        pl.when(pl.col("kind").is_in(["metier", "infrastructure"]))
        .then(pl.lit("service"))
        .otherwise(pl.col("kind"))
    )


def in_scope(services: pl.LazyFrame, perimetre: str, *, convergents: bool) -> pl.LazyFrame:
    """The services of a scope, with their ``sujet``.

    ``publication`` keeps every regional information system, and the publishable services (or products) of
    the tronc commun, only those that converge when ``convergents``; ``tous`` keeps everything.
    """
    known = services_with_defaults(services).with_columns(sujet=subject())
    if perimetre == "tous":
        return known
    kept = pl.col("publiable") & pl.col("tronc_commun")
    if convergents:
        kept = kept & pl.col("converge")
    return known.filter((pl.col("sujet") == REGIONAL) | kept)


def referentiel_at(referentiel: pl.LazyFrame, jour: date | None) -> pl.LazyFrame:
    """One row per criterion with the expected level in force on a day (the first one when no day is given).

    Before the first date of effect, the first expected level holds.
    """
    known = with_defaults(referentiel, _REFERENTIEL)
    since = pl.col("a_partir_du").to_physical().cast(pl.Int64).fill_null(-_LONG_AGO)
    if jour is None:
        order = -since
    else:
        # Later is better among the levels in force; any of them beats those to come, where sooner is better.
        to_come = (pl.col("a_partir_du") > jour).fill_null(False)
        order = pl.when(to_come).then(-2 * _LONG_AGO - since).otherwise(since)
    return known.sort(order).unique("critere", keep="last", maintain_order=True)


def steps_due(plans: pl.LazyFrame, au: date | None = None) -> pl.LazyFrame:
    """The steps of the plans that can be reached: ``service, critere, prevu, rang`` (rank of the quarter).

    *Non planifiable* lines and steps without a readable quarter are left out. So is a step whose quarter was over
    on the day of the answers, ``au``: the answers say what is reached by then, and an overdue step is not.
    """
    steps = (
        with_defaults(plans, _PLANS)
        .filter(~pl.col("non_planifiable"))
        .select("service", "critere", prevu=pl.col("niveau").cast(pl.Int64), rang=rang_expr())
        .drop_nulls()
    )
    return steps if au is None else steps.filter(pl.col("rang") > trimestre_acheve(au))


def closure(reponses: pl.LazyFrame) -> pl.LazyFrame | None:
    """The chains of the carried answers (columns of ``CHAINS_SCHEMA``); None when none can be.

    Raises:
        ContractError: the links go round in a cycle; the message names the cycles.
    """
    if "porte_par" not in reponses.collect_schema().names():
        return None
    answers = with_defaults(reponses, REPONSES_DEFAULTS).select("service", "critere", *REPONSES_DEFAULTS)
    links = answers.filter(pl.col("porte_par").is_not_null())
    carriers = answers.join(
        links.select(service="porte_par", critere="critere"), on=["service", "critere"], how="semi"
    )
    needed = pl.concat([links, carriers.filter(pl.col("porte_par").is_null())])
    # Read here, not inside a lazy frame: a Python function in Polars' threads can freeze the server for good.
    return _closure(needed.collect()).lazy()


def _closure(reponses: pl.DataFrame) -> pl.DataFrame:
    outcome: Chains = chains(reponses.with_columns(pl.col("niveau").cast(pl.Int64)))
    if outcome.cycles:
        named = " ; ".join(cycle_text(*cycle) for cycle in outcome.cycles[:10])
        more = len(outcome.cycles) - 10
        raise ContractError(
            f"Réponses portées en cycle : {named}{f' ; et {more} autres' if more > 0 else ''}.",
            conseil="L'un des services de chaque cycle doit répondre par un niveau.",
        )
    return outcome.closure


def levels(
    reponses: pl.LazyFrame,
    *,
    plans: pl.LazyFrame | None = None,
    horizon: date | None = None,
    horizons: pl.LazyFrame | None = None,
    au: date | None = None,
) -> pl.LazyFrame:
    """The level of each service on each criterion it answered, at one date or at several.

    A level at a date is the highest of today's level and of the planned levels due by then; a carried
    answer takes its carrier's level at that date (and its own planned levels, if it has any).

    Args:
        reponses: the answers.
        plans: the planned steps; none are due without them.
        horizon: the date; None for today's levels.
        horizons: instead of ``horizon``, a frame ``horizon`` (Date), ``echu`` (Int32: rank of the last
            quarter over by then); the outcome then has a ``horizon`` column.
        au: day of the answers: a step due by then is overdue, and reached only when the answers say so.

    Returns:
        ``[horizon,] service, critere, niveau`` (Int64); answers without a level are absent.
    """
    answers = with_defaults(reponses, REPONSES_DEFAULTS).filter(
        ~pl.col("non_applicable") & (pl.col("niveau").is_not_null() | pl.col("porte_par").is_not_null())
    )
    key = ["service", "critere"]
    own = answers.select(*key, "porte_par", niveau=pl.col("niveau").cast(pl.Int64))
    if horizons is not None:
        own = own.join(horizons.select("horizon"), how="cross", maintain_order="left_right")
        key = ["horizon", *key]
    due = _due(plans, horizon, horizons, au)
    if due is not None:
        own = own.join(due, on=key, how="left", maintain_order="left").with_columns(
            niveau=pl.max_horizontal("niveau", "prevu").alias("niveau")
        )
    direct = own.filter(pl.col("porte_par").is_null()).select(*key, "niveau").drop_nulls("niveau")
    carried = closure(reponses)
    if carried is None:
        return direct
    # The services above in the chain are read before they are scoped: a carrier need not be publishable.
    above = own.select(*key, "niveau").rename({"service": "ancetre"})
    inherited = (
        carried.drop_nulls("ancetre")
        .join(above, on=["ancetre", "critere"])
        .group_by(key)
        .agg(pl.col("niveau").max())
        .select(*key, "niveau")
        .sort(key)
    )
    return pl.concat([direct, inherited])


def _due(
    plans: pl.LazyFrame | None,
    horizon: date | None,
    horizons: pl.LazyFrame | None,
    au: date | None,
) -> pl.LazyFrame | None:
    """The highest planned level due at the date(s): ``[horizon,] service, critere, prevu``."""
    if plans is None:
        return None
    steps = steps_due(plans, au)
    if horizons is not None:
        # One row per step and horizon at which it is reached.
        return (
            steps.join_where(horizons, pl.col("rang") <= pl.col("echu"))
            .group_by("horizon", "service", "critere")
            .agg(pl.col("prevu").max())
        )
    if horizon is None:
        return None
    return (
        steps.filter(pl.col("rang") <= trimestre_acheve(horizon))
        .group_by("service", "critere")
        .agg(pl.col("prevu").max())
    )


def shown(
    reponses: pl.LazyFrame, referentiel: pl.LazyFrame, preliminaires: pl.LazyFrame | None
) -> pl.LazyFrame:
    """The answers without those to a criterion that a known preliminary answer hides."""
    if preliminaires is None:
        return reponses
    return reponses.join(
        hidden(referentiel, preliminaires), on=["service", "critere"], how="anti", maintain_order="left"
    )


def hidden(referentiel: pl.LazyFrame, preliminaires: pl.LazyFrame) -> pl.LazyFrame:
    """The criteria that a *known* preliminary answer hides: ``service, critere``."""
    asked = referentiel.select("critere", "question").drop_nulls("question")
    return (
        preliminaires.filter(~pl.col("valeur"))
        .select("service", "question")
        .join(asked, on="question")
        .select("service", "critere")
    )
