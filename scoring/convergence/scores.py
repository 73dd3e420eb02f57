"""Convergence: maturity rates and levels by any dimension, and their projection by quarter.

Formulas (Convergence, methods annex; worked example in ``docs/methodes/convergence.md``), for a service *s*,
an axis *a* and the criteria *i* of *a* that *s* answered, with weights :math:`w_i`:

- attainment of a criterion: ``min(1, niveau / niveau_attendu)``; an expected level 0 gives 1;
- axis, one service: ``Σ attainment·w / Σ w``; axis: the mean over the P services that answered at least one
  of its criteria. The level of maturity: the same with the level itself;
- questionnaire, one service: the mean over the axes it answered; questionnaire: the mean over the services;
- *non applicable*, a criterion hidden by a known preliminary answer, and a level that its carrier does not
  transmit leave every sum and every count.

Rates are in % (``_pct``, 0–100), levels out of 3, both in full precision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import polars as pl

from lake.catalog.convergence import domaine_expr, trimestre_acheve
from lake.errors import ContractError, UnknownName
from scoring.convergence.answers import (
    PERIMETRES,
    horizon_date,
    in_scope,
    levels,
    referentiel_at,
    shown,
)
from scoring.sums import STEPS, exact, exact_sum

PAR_SERVICE = ("region", "domaine", "zone_pos", "type_service", "kind", "service")
PAR_SOLUTION = ("editeur", "solution")
PAR_REFERENTIEL = ("axe", "critere")
DIMENSIONS = ("questionnaire", *PAR_REFERENTIEL, *PAR_SERVICE, *PAR_SOLUTION)
MESURES = ("services_concernes", "taux_maturite_pct", "niveau_maturite")

ATTEINTE = (
    pl.when(pl.col("niveau_attendu") <= 0)
    .then(pl.lit(1.0))
    .otherwise(pl.min_horizontal(pl.lit(1.0), pl.col("niveau") / pl.col("niveau_attendu")))
)

_LEFT: dict[bool, Literal["left", "none"]] = {True: "left", False: "none"}
_LEVELS = {"_taux": "_atteinte", "_niveau": "niveau"}
"""What each service has of its own on a unit, and the column of the answers it is averaged from."""


def score(
    services: pl.LazyFrame,
    reponses: pl.LazyFrame,
    referentiel: pl.LazyFrame,
    *,
    plans: pl.LazyFrame | None = None,
    preliminaires: pl.LazyFrame | None = None,
    solutions: pl.LazyFrame | None = None,
    horizon: date | str | None = None,
    perimetre: str = "publication",
    par: str | Sequence[str] = "axe",
    au: date | None = None,
) -> pl.LazyFrame:
    """Rates and levels of maturity, by questionnaire and the dimensions asked.

    Without ``axe`` or ``critere`` among the dimensions a figure is a questionnaire's: the mean, over the
    services of the group, of their own mean over axes. With ``axe`` (or ``critere``) it is the mean, over the
    services of the group that answered it, of their value on the axis (or criterion). A service that uses
    several solutions counts once in each.

    Args:
        services: columns of the ``services`` file or table; optional columns may be absent.
        reponses: columns of the ``reponses`` file or table; one row per (service, critere).
        referentiel: ``questionnaire, axe, critere, niveau_attendu`` and optionally ``sujet, poids,
            a_partir_du, question``.
        plans: planned steps, for a projection.
        preliminaires: ``service, question, valeur`` (Boolean; null: unknown, the criterion is then shown).
        solutions: ``service, editeur, solution``; needed by those dimensions.
        horizon: date (or quarter, ``2022-T4``: its last day) of the projection; None for the answers' date.
        perimetre: ``publication`` (every regional information system; publishable services of the tronc
            commun, and in a projection those of them that converge) or ``tous``.
        par: one of :data:`DIMENSIONS`, or several.
        au: date of the answers: the expected levels in force that day apply (a projection takes those of
            its horizon); None: the first ones. A step whose quarter was over by then is overdue: never reached.

    Returns:
        ``questionnaire, <par…>, services_concernes`` (Int64), ``taux_maturite_pct, niveau_maturite``
        (Float64), sorted by the first columns.

    Raises:
        UnknownName: an unknown dimension or scope.
        ContractError: ``solutions`` missing where they are needed; at collection, answers carried in a cycle.
    """
    jour = horizon_date(horizon)
    scope = in_scope(services, check_perimetre(perimetre), convergents=jour is not None)
    criteres = referentiel_at(referentiel, jour or au)
    answered = levels(shown(reponses, criteres, preliminaires), plans=plans, horizon=jour, au=au)
    return _aggregate(scope, answered, criteres, solutions, _par(par))


def projections(
    services: pl.LazyFrame,
    reponses: pl.LazyFrame,
    referentiel: pl.LazyFrame,
    plans: pl.LazyFrame,
    horizons: Sequence[date | str],
    *,
    preliminaires: pl.LazyFrame | None = None,
    solutions: pl.LazyFrame | None = None,
    perimetre: str = "publication",
    par: str | Sequence[str] = "axe",
    au: date | None = None,
) -> pl.LazyFrame:
    """:func:`score` at several horizons in one query: a curve by quarter.

    Returns:
        The columns of :func:`score` after a first column ``horizon`` (Date), sorted.

    Raises:
        UnknownName: an unknown dimension or scope.
        ContractError: as :func:`score`; no horizon.
    """
    dates = sorted({day for day in map(horizon_date, horizons) if day is not None})
    if not dates:
        raise ContractError(
            "Aucun horizon de projection.", conseil="Donnez au moins une date ou un trimestre."
        )
    scope, answered, criteres, on_date = _at_each(
        services, reponses, referentiel, plans, preliminaires, dates, perimetre, au
    )
    return _aggregate(scope, answered, criteres, solutions, _par(par), ["horizon"], on_date)


def _at_each(
    services: pl.LazyFrame,
    reponses: pl.LazyFrame,
    referentiel: pl.LazyFrame,
    plans: pl.LazyFrame | None,
    preliminaires: pl.LazyFrame | None,
    dates: Sequence[date],
    perimetre: str,
    au: date | None,
) -> tuple[pl.LazyFrame, pl.LazyFrame, pl.LazyFrame, list[str]]:
    """What is averaged at several horizons at once: services, answers by ``horizon``, criteria, and the columns
    of the criteria that change with it."""
    frame = pl.LazyFrame(
        {"horizon": dates, "echu": [trimestre_acheve(day) for day in dates]},
        schema={"horizon": pl.Date, "echu": pl.Int32},
    )
    scope = in_scope(services, check_perimetre(perimetre), convergents=True)
    criteres = referentiel_at(referentiel, None)
    answered = levels(shown(reponses, criteres, preliminaires), plans=plans, horizons=frame, au=au)
    on_date: list[str] = []
    if len(_expected_changes(referentiel)) > 1:
        on_date = ["horizon"]
        criteres = pl.concat(
            [referentiel_at(referentiel, day).with_columns(horizon=pl.lit(day, pl.Date)) for day in dates]
        )
    return scope, answered, criteres, on_date


def _expected_changes(referentiel: pl.LazyFrame) -> list[date | None]:
    """The dates from which expected levels hold (a referential is small: it is read at once)."""
    if "a_partir_du" not in referentiel.collect_schema().names():
        return [None]
    return referentiel.select("a_partir_du").unique().collect()["a_partir_du"].to_list()


def check_perimetre(perimetre: str) -> str:
    """The scope, once known to exist.

    Raises:
        UnknownName: it does not.
    """
    if perimetre not in PERIMETRES:
        raise UnknownName("périmètre", perimetre, PERIMETRES)
    return perimetre


def _par(par: str | Sequence[str]) -> list[str]:
    asked = [par] if isinstance(par, str) else list(par)
    for name in asked:
        if name not in DIMENSIONS:
            raise UnknownName("dimension", name, DIMENSIONS)
    return [name for name in dict.fromkeys(asked) if name != "questionnaire"]


def _aggregate(
    scope: pl.LazyFrame,
    answered: pl.LazyFrame,
    criteres: pl.LazyFrame,
    solutions: pl.LazyFrame | None,
    par: Sequence[str],
    time: Sequence[str] = (),
    on_date: Sequence[str] = (),
) -> pl.LazyFrame:
    """The averages over the answers that count, in the order of the formulas.

    Sums are exact and the outcome is sorted, so that the order of the rows on the way is nobody's: keeping it costs a
    third of the time.
    """
    keyed, members, axes = _keyed(scope, answered, criteres, on_date, ordered=False)
    labelled = _of_each_service(keyed, axes, ("questionnaire", *par), time, ordered=False)
    by_service = [name for name in par if name in PAR_SERVICE]
    by_solution = [name for name in par if name in PAR_SOLUTION]
    if by_service or by_solution:
        labelled = labelled.join(_labels(members, solutions, by_service, by_solution), on="_service")
    keys = [*time, "questionnaire", *par]
    return (
        labelled.group_by(keys)
        .agg(
            services_concernes=pl.len().cast(pl.Int64),
            taux_maturite_pct=_mean("_taux", 100.0),
            niveau_maturite=_mean("_niveau"),
        )
        .sort(keys, nulls_last=True)
        .select(*keys, *MESURES)
    )


def _mean(column: str, scale: float = 1.0) -> pl.Expr:
    """The mean of the rows, times a scale: to the digit what the ``convergence`` universe answers."""
    return exact(pl.col(column)).sum().cast(pl.Float64) * (scale / STEPS) / pl.len()


def _of_each_service(
    keyed: pl.LazyFrame,
    axes: pl.LazyFrame,
    units: Sequence[str],
    time: Sequence[str] = (),
    values: Mapping[str, str] = _LEVELS,
    *,
    ordered: bool = True,
) -> pl.LazyFrame:
    """Each service's own rate (0–1) and level on each unit: criterion, axis, questionnaire or everything.

    Args:
        keyed: answers with integer keys.
        axes: axes by key.
        units: the unit, among questionnaire, axe and critere.
        time: columns of the horizon.
        values: what is averaged: name -> column of the answers.
        ordered: whether services come in the order of the answers.

    Returns:
        ``<time…>, _service, <the units among questionnaire, axe, critere…>, <values…>``; a criterion
        comes with its axis, and an axis or a criterion with its questionnaire when it is asked.
    """
    if "critere" in units:
        own = (pl.col(column).cast(pl.Float64).alias(name) for name, column in values.items())
        one = keyed.select(*time, "_service", "_axe", "critere", *own)
        return one.join(axes, on="_axe", maintain_order=_LEFT[ordered])
    # Numbers as keys: a group by two small integers costs a third of one by two texts.
    one = keyed.group_by(*time, "_service", "_axe", maintain_order=ordered).agg(
        (exact_sum(pl.col(column) * pl.col("poids")) / exact_sum(pl.col("poids"))).alias(name)
        for name, column in values.items()
    )
    labelled = one.join(axes, on="_axe", maintain_order=_LEFT[ordered])
    kept = [name for name in ("questionnaire", "axe") if name in units]
    if len(kept) == 2:
        return labelled
    return labelled.group_by(*time, "_service", *kept, maintain_order=ordered).agg(
        _mean(name) for name in values
    )


def service_values(
    services: pl.LazyFrame,
    reponses: pl.LazyFrame,
    referentiel: pl.LazyFrame,
    *,
    units: Sequence[str] = ("questionnaire",),
    plans: pl.LazyFrame | None = None,
    preliminaires: pl.LazyFrame | None = None,
    horizon: date | str | None = None,
    horizons: Sequence[date | str] | None = None,
    perimetre: str = "publication",
    au: date | None = None,
    keep: pl.Expr | None = None,
) -> pl.LazyFrame:
    """What :func:`score` averages: each service's own rate and level. Arguments as in ``score``.

    Args:
        services, reponses, referentiel: as in ``score``.
        units: on what, among ``questionnaire, axe, critere``; without any, the mean over all the axes that
            the service answered, whatever their questionnaire.
        plans, preliminaires, horizon: as in ``score``.
        horizons: instead of ``horizon``, several: one row each, with a ``horizon`` column (Date).
        perimetre: as in ``score``.
        au: as in ``score``.
        keep: predicate on the criteria (``questionnaire, axe, critere``): only their answers are read.

    Returns:
        ``horizon`` when there are several; the service's ``service, nom, region, domaine, zone_pos,
        type_service, kind``, the units asked, then
        ``taux`` (0–1), ``niveau`` and ``attendu`` (Float64: the expected level, weighted as the level).

    Raises:
        UnknownName: an unknown scope.
        ContractError: at collection, answers carried in a cycle.
    """
    time: list[str] = []
    on_date: list[str] = []
    if horizons is not None:
        time = ["horizon"]
        dates = sorted({day for day in map(horizon_date, horizons) if day is not None})
        scope, answered, criteres, on_date = _at_each(
            services, reponses, referentiel, plans, preliminaires, dates, perimetre, au
        )
    else:
        jour = horizon_date(horizon)
        scope = in_scope(services, check_perimetre(perimetre), convergents=jour is not None)
        criteres = referentiel_at(referentiel, jour or au)
        answered = levels(shown(reponses, criteres, preliminaires), plans=plans, horizon=jour, au=au)
    if keep is not None:
        criteres = criteres.filter(keep)
    keyed, members, axes = _keyed(scope, answered, criteres, on_date)
    found = _of_each_service(keyed, axes, units, time, values=_LEVELS | {"_attendu": "niveau_attendu"})
    who = members.with_columns(domaine=domaine_expr()).select("_service", "nom", *PAR_SERVICE)
    return found.join(who, on="_service", maintain_order="left").select(
        *time,
        "service",
        "nom",
        *PAR_SERVICE[:-1],
        *(name for name in ("questionnaire", "axe", "critere") if name in units),
        taux="_taux",
        niveau="_niveau",
        attendu="_attendu",
    )


def _keyed(
    scope: pl.LazyFrame,
    answered: pl.LazyFrame,
    criteres: pl.LazyFrame,
    on_date: Sequence[str] = (),
    *,
    ordered: bool = True,
) -> tuple[pl.LazyFrame, pl.LazyFrame, pl.LazyFrame]:
    """The answers in scope with integer keys, the services by key, the axes by key."""
    members = scope.with_row_index("_service")
    axes = (
        criteres.select("questionnaire", "axe", "sujet")
        .unique()
        .sort("questionnaire", "axe")
        .with_row_index("_axe")
    )
    grid = criteres.join(axes, on=["questionnaire", "axe", "sujet"]).select(
        *on_date, "critere", "_axe", "sujet", "poids", "niveau_attendu"
    )
    keyed = (
        answered.join(grid, on=["critere", *on_date], maintain_order=_LEFT[ordered])
        .join(
            members.select("_service", "service", "sujet"),
            on=["service", "sujet"],
            maintain_order=_LEFT[ordered],
        )
        .with_columns(_atteinte=ATTEINTE)
    )
    return keyed, members, axes.drop("sujet")


def _labels(
    members: pl.LazyFrame,
    solutions: pl.LazyFrame | None,
    by_service: Sequence[str],
    by_solution: Sequence[str],
) -> pl.LazyFrame:
    """The labels of each service: one row per service and distinct set of labels."""
    plain = members.with_columns(domaine=domaine_expr()).select("_service", "service", *PAR_SERVICE[:-1])
    if by_solution:
        if solutions is None:
            raise ContractError(
                f"La dimension « {by_solution[0]} » demande les solutions des services.",
                conseil="Donnez le fichier des solutions (service, editeur, solution).",
            )
        plain = plain.join(
            solutions.select("service", *by_solution).unique(maintain_order=True),
            on="service",
            maintain_order="left",
        )
    return plain.select("_service", *by_service, *by_solution)
