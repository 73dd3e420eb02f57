"""Convergence: a rate opened down to its answers, so that a reader can redo the sum.

:func:`detail` gives one row per answer, counted or excluded with the reason; :func:`formule` the sums of each
service; :func:`scoring.convergence.scores.score` the averages over the services.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from lake.catalog.convergence import trimestre_acheve
from lake.catalog.convergence_links import SANS_REPONSE
from scoring.convergence.answers import (
    REPONSES_DEFAULTS,
    closure,
    hidden,
    horizon_date,
    in_scope,
    levels,
    referentiel_at,
    shown,
    steps_due,
    with_defaults,
)
from scoring.convergence.scores import ATTEINTE, check_perimetre

NON_APPLICABLE = "non applicable"
CACHE = "critère caché par la question préliminaire"
VIDE = "sans réponse"
_KEY = ["service", "critere"]


def detail(
    services: pl.LazyFrame,
    reponses: pl.LazyFrame,
    referentiel: pl.LazyFrame,
    *,
    plans: pl.LazyFrame | None = None,
    preliminaires: pl.LazyFrame | None = None,
    horizon: date | str | None = None,
    perimetre: str = "publication",
    au: date | None = None,
) -> pl.LazyFrame:
    """Every answer in scope with what it contributes, or why it does not. Arguments as in ``score``.

    Returns:
        One row per answer of a service in scope, sorted by questionnaire, axe, service, critere:

        - ``questionnaire, axe, critere, service, region``;
        - ``niveau_repondu`` (Int64, today's own level), ``niveau_planifie`` (highest own level planned by the
          horizon), ``porteur`` (the service at the end of the chain that carries the criterion);
        - ``niveau`` (the level that counts; null when excluded), ``niveau_attendu``, ``poids``,
          ``atteinte`` (0–1, capped);
        - ``motif_exclusion`` (French; null when the answer counts);
        - ``n_criteres`` (N: criteria of the axis that the service answered), ``somme_poids``,
          ``taux_axe_pct``, ``niveau_axe`` (the service's values on the axis), ``p_services`` (P: services
          that answered the axis); null or 0 where the service answered none;
        - ``n_axes`` (axes of the questionnaire that the service answered), ``p_questionnaire`` (services that
          answered the questionnaire).

    Raises:
        UnknownName: an unknown scope.
        ContractError: at collection, answers carried in a cycle.
    """
    jour = horizon_date(horizon)
    scope = in_scope(services, check_perimetre(perimetre), convergents=jour is not None)
    criteres = referentiel_at(referentiel, jour or au).select(
        "questionnaire", "axe", "critere", "sujet", "question", "niveau_attendu", "poids"
    )
    visible = shown(reponses, criteres, preliminaires)
    rows = (
        with_defaults(reponses, REPONSES_DEFAULTS)
        .select(*_KEY, "non_applicable", "porte_par", niveau_repondu=pl.col("niveau").cast(pl.Int64))
        .join(criteres, on="critere")
        .join(scope.select("service", "sujet", "region"), on=["service", "sujet"])
        .join(levels(visible, plans=plans, horizon=jour, au=au), on=_KEY, how="left")
    )
    rows = _planned(rows, plans, jour, au)
    rows = _carried(rows, closure(visible))
    masked = pl.lit(False)
    if preliminaires is not None:
        flags = hidden(criteres, preliminaires).unique().with_columns(cache=pl.lit(True))
        rows = rows.join(flags, on=_KEY, how="left")
        masked = pl.col("cache").fill_null(False)
    reason = (
        pl.when(masked)
        .then(pl.lit(CACHE))
        .when("non_applicable")
        .then(pl.lit(NON_APPLICABLE))
        .when(pl.col("niveau").is_null() & pl.col("porte_par").is_not_null())
        .then(pl.col("motif").fill_null(SANS_REPONSE))
        .when(pl.col("niveau").is_null())
        .then(pl.lit(VIDE))
    )
    counts = pl.col("niveau").is_not_null()
    axis = ["service", "questionnaire", "axe"]
    weight = pl.col("poids").filter(counts)
    rows = rows.with_columns(motif_exclusion=reason, atteinte=pl.when(counts).then(ATTEINTE)).with_columns(
        n_criteres=counts.sum().over(axis).cast(pl.Int64),
        somme_poids=weight.sum().over(axis),
        taux_axe_pct=100 * _mean("atteinte").over(axis),
        niveau_axe=_mean("niveau").over(axis),
        n_axes=pl.col("axe").filter(counts).n_unique().over("service", "questionnaire").cast(pl.Int64),
    )
    return _counted(rows).select(COLUMNS).sort("questionnaire", "axe", "service", "critere")


def among(answers: pl.LazyFrame, services: pl.LazyFrame) -> pl.LazyFrame:
    """The answers of some services, as :func:`detail` gives them when it is asked about these alone.

    Args:
        answers: those of every service of the campaign, from :func:`detail`.
        services: ``service``.
    """
    kept = answers.join(services.select("service").unique(), on="service", how="semi", maintain_order="left")
    return _counted(kept)


def _counted(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Add how many services answered: all that a service's own answers do not say."""
    answering = pl.col("service").filter(pl.col("niveau").is_not_null()).n_unique()
    return rows.with_columns(
        p_services=answering.over("questionnaire", "axe").cast(pl.Int64),
        p_questionnaire=answering.over("questionnaire").cast(pl.Int64),
    )


COLUMNS = (
    "questionnaire",
    "axe",
    "critere",
    "service",
    "region",
    "niveau_repondu",
    "niveau_planifie",
    "porteur",
    "niveau",
    "niveau_attendu",
    "poids",
    "atteinte",
    "motif_exclusion",
    "n_criteres",
    "somme_poids",
    "taux_axe_pct",
    "niveau_axe",
    "p_services",
    "n_axes",
    "p_questionnaire",
)


def formule(answers: pl.LazyFrame) -> pl.LazyFrame:
    """The sums of each service on each axis, from :func:`detail`.

    Returns:
        ``questionnaire, axe, service, region, n_criteres`` (N), ``somme_poids`` (Σ w), ``somme_atteinte``
        (Σ attainment·w), ``somme_niveau`` (Σ level·w), ``taux_axe_pct``, ``niveau_axe``, ``exclusions``
        (answers left out), sorted; a service that answered nothing on the axis has N = 0 and null values.
    """
    keys = ["questionnaire", "axe", "service"]
    counts = pl.col("motif_exclusion").is_null()
    return (
        answers.group_by(keys)
        .agg(
            pl.col("region").first(),
            pl.col("n_criteres").first(),
            pl.col("somme_poids").first(),
            somme_atteinte=(pl.col("atteinte") * pl.col("poids")).sum(),
            somme_niveau=(pl.col("niveau") * pl.col("poids")).sum(),
            taux_axe_pct=pl.col("taux_axe_pct").first(),
            niveau_axe=pl.col("niveau_axe").first(),
            exclusions=(~counts).sum().cast(pl.Int64),
        )
        .sort(keys)
    )


def _mean(column: str) -> pl.Expr:
    """The weighted mean of a column over the answers that count; null when there are none."""
    counts = pl.col("niveau").is_not_null()
    total = pl.col("poids").filter(counts).sum()
    return pl.when(total > 0).then((pl.col(column) * pl.col("poids")).sum() / total)


def _planned(
    rows: pl.LazyFrame, plans: pl.LazyFrame | None, jour: date | None, au: date | None
) -> pl.LazyFrame:
    """Add ``niveau_planifie``: the highest own level planned by the horizon."""
    if plans is None or jour is None:
        return rows.with_columns(niveau_planifie=pl.lit(None, pl.Int64))
    due = (
        steps_due(plans, au)
        .filter(pl.col("rang") <= trimestre_acheve(jour))
        .group_by(_KEY)
        .agg(niveau_planifie=pl.col("prevu").max())
    )
    return rows.join(due, on=_KEY, how="left")


def _carried(rows: pl.LazyFrame, chain: pl.LazyFrame | None) -> pl.LazyFrame:
    """Add ``porteur`` and ``motif`` from the chains."""
    if chain is None:
        return rows.with_columns(porteur=pl.lit(None, pl.String), motif=pl.lit(None, pl.String))
    ends = chain.select(*_KEY, "porteur", "motif").unique()
    return rows.join(ends, on=_KEY, how="left")
