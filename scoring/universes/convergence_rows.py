"""The rows that the ``convergence`` universe averages, made for each question; and what a reader may choose there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce

import polars as pl

from lake.catalog.convergence import (
    CAMPAGNES,
    PLANS,
    PRELIMINAIRES,
    REFERENTIEL,
    REPONSES,
    SERVICES,
    SOLUTIONS,
    domaine_expr,
    rang_expr,
    trimestre_nom,
)
from lake.catalog.convergence_pos import ZONES
from lake.catalog.territoires import REGIONS
from lake.errors import MissingTable
from scoring.convergence.scores import service_values
from scoring.universes.convergence_axes import (
    AXES,
    HORIZON,
    KIND_WORDS,
    LABELS,
    LAST_PLANNED,
    OF_SERVICE,
    OF_SOLUTION,
    PERIMETRE,
    UNITS,
    VOLET,
    VOLET_WORDS,
)
from scoring.universes.model import Axis, Scan
from scoring.universes.rows import predicate
from scoring.universes.selection import Selection


def campaigns(scan: Scan, selection: Selection) -> pl.DataFrame:
    """The published campaigns of the sides selected: ``volet, campagne, version_referentiel``, oldest first."""
    volets = selection.values("volet") or (VOLET,)
    columns = ("volet", "campagne", "version_referentiel")
    return (
        scan(CAMPAGNES)
        .filter(pl.col("volet").is_in(volets))
        .select(columns)
        .sort("campagne", "volet")
        .collect()
    )


def dates(scan: Scan, selection: Selection) -> list[date]:
    """The dates of the campaigns of the sides selected, oldest first."""
    return sorted(set(campaigns(scan, selection)["campagne"].to_list()))


def rows(
    scan: Scan, selection: Selection, axes: Sequence[Axis], restrict: pl.Expr | None = None
) -> pl.LazyFrame:
    """The values to average under a selection: one row per service, unit asked and label asked.

    Args:
        scan: reads tables lazily.
        selection: campaign and filters. A filter on questionnaires, axes or criteria keeps their answers; one on
            editors or solutions keeps the services that use one of them.
        axes: the axes of the groups; they say the unit.
        restrict: predicate on the columns of the services' table.

    Returns:
        A column per axis, ``service``, ``taux`` (0–1), ``niveau``, ``attendu`` and ``un`` (1), at the horizon and in
        the scope that the selection's parameters say.
    """
    asked = {axis.name for axis in axes}
    found = campaigns(scan, _both_sides(selection) if "volet" in asked else selection)
    if selection.date is not None:
        found = found.filter(pl.col("campagne") == selection.date)
    parts = [
        _campaign(scan, volet, campagne, version, selection, asked, restrict)
        for volet, campagne, version in found.iter_rows()
    ]
    if not parts:
        return _empty(axes)
    return pl.concat(parts)


def _both_sides(selection: Selection) -> Selection:
    return selection if selection.values("volet") else selection.with_filter("volet", tuple(VOLET_WORDS))


def _empty(axes: Sequence[Axis]) -> pl.LazyFrame:
    keys = dict.fromkeys(
        (*(root for axis in axes for root in axis.key.meta.root_names()), "service"), pl.String
    )
    texts = {"libelle_region": pl.String}
    numbers = {"taux": pl.Float64, "niveau": pl.Float64, "attendu": pl.Float64, "un": pl.Int64}
    return pl.LazyFrame(
        schema={**keys, **texts, **numbers} | ({"campagne": pl.Date} if "campagne" in keys else {})
    )


def _campaign(
    scan: Scan,
    volet: str,
    campagne: date,
    version: str,
    selection: Selection,
    asked: set[str],
    restrict: pl.Expr | None,
) -> pl.LazyFrame:
    """The values of one campaign."""
    where = (pl.col("volet") == volet) & (pl.col("campagne") == campagne)
    referentiel = scan(REFERENTIEL).filter(pl.col("volet") == volet, pl.col("version") == version)
    services = scan(SERVICES).filter(where)
    if restrict is not None:
        services = services.filter(restrict)
    solutions = scan(SOLUTIONS).filter(where).select("service", *OF_SOLUTION).unique()
    units = [name for name in UNITS if name in asked or f"libelle_{name}" in asked]
    horizon, plans = _projected(scan, where, selection.parameter(HORIZON.name))
    values = service_values(
        selected(services, solutions, selection),
        scan(REPONSES).filter(where),
        referentiel,
        units=units,
        preliminaires=scan(PRELIMINAIRES).filter(where),
        plans=plans,
        horizon=horizon,
        perimetre=selection.parameter(PERIMETRE.name) or PERIMETRE.default,
        au=campagne,
        keep=_kept(selection, (*UNITS, *LABELS)),
    )
    values = values.rename({"nom": "nom_service"}).join(_regions(scan), on="region", how="left")
    values = values.with_columns(
        un=pl.lit(1, pl.Int64),
        volet=pl.lit(volet),
        campagne=pl.lit(campagne, pl.Date),
        libelle_domaine=pl.col("domaine").replace_strict(ZONES, default=None, return_dtype=pl.String),
    )
    wanted = [name for name in OF_SOLUTION if name in asked]
    if wanted:
        used = _kept(selection, OF_SOLUTION)
        listed = solutions if used is None else solutions.filter(used)
        values = values.join(listed.select("service", *wanted).unique(), on="service")
    for label, code in LABELS.items():
        if label in asked:
            keys = (
                [code]
                if code == "questionnaire"
                else [name for name in ("questionnaire", code) if name in units]
            )
            names = referentiel.select(*keys, label).unique(keys)
            values = values.join(names, on=keys)
    columns = {column for name in asked for column in _columns_of(name)} - {"service", "libelle_region"}
    return values.select(*sorted(columns), "service", "libelle_region", "taux", "niveau", "attendu", "un")


def _projected(scan: Scan, where: pl.Expr, horizon: str) -> tuple[str | None, pl.LazyFrame | None]:
    """The quarter of a projection and the plans that lead there; nothing of either at date.

    A campaign without any plan projects nothing: it is then seen at its own date.
    """
    if not horizon:
        return None, None
    try:
        plans = scan(PLANS).filter(where)
        if horizon == LAST_PLANNED:
            last = plans.select(rang_expr().max()).collect().item()
            horizon = "" if last is None else trimestre_nom(last)
    except MissingTable:  # a lake older than the plans
        return None, None
    return (horizon, plans) if horizon else (None, None)


def selected(services: pl.LazyFrame, solutions: pl.LazyFrame, selection: Selection) -> pl.LazyFrame:
    """The services that a selection keeps, whatever is then computed on them.

    A service that uses two of the editors (or solutions) chosen is one service.

    Args:
        services: columns of the services' table.
        solutions: ``service, editeur, solution``.
        selection: filters on the services' axes; those on questionnaires, axes and criteria are not for services.
    """
    named = services.with_columns(
        domaine=domaine_expr(),
        nom_service=pl.col("nom"),
        libelle_domaine=domaine_expr().replace_strict(ZONES, default=None, return_dtype=pl.String),
    )
    own = _kept(selection, OF_SERVICE)
    if own is not None:
        named = named.filter(own)
    used = _kept(selection, OF_SOLUTION)
    if used is not None:
        named = named.join(solutions.filter(used), on="service", how="semi")
    return named.drop("domaine", "nom_service", "libelle_domaine")


def _columns_of(name: str) -> list[str]:
    axis = next(axis for axis in AXES if axis.name == name)
    return axis.key.meta.root_names()


def _kept(selection: Selection, names: Sequence[str]) -> pl.Expr | None:
    """The filters of these axes as one predicate; None without any."""
    found = [
        predicate(axis, selection.values(axis.name))
        for axis in AXES
        if axis.name in names and selection.values(axis.name)
    ]
    return reduce(lambda one, other: one & other, found) if found else None


def _regions(scan: Scan) -> pl.LazyFrame:
    """Region code -> its name; no name where the territories are not published."""
    try:
        return scan(REGIONS).select(region="code_region", libelle_region="region")
    except MissingTable:
        return pl.LazyFrame(schema={"region": pl.String, "libelle_region": pl.String})


def values(scan: Scan, axis: Axis, day: date | None) -> pl.LazyFrame:
    """The values of an axis in the campaigns: ``code, texte``."""
    if axis.name in ("volet", "kind"):
        texts = VOLET_WORDS if axis.name == "volet" else KIND_WORDS
        return pl.LazyFrame({"code": list(texts), "texte": list(texts.values())})
    if axis.name in (*UNITS, *LABELS):
        name = axis.name
        named = pl.format("{} · {}", name, f"libelle_{name}") if name in UNITS else pl.col(name)
        pairs = scan(REFERENTIEL).select(code=pl.col(name), texte=named)
        return pairs.unique("code", keep="first", maintain_order=True)
    table = SOLUTIONS if axis.name in OF_SOLUTION else SERVICES
    frame = scan(table)
    if day is not None:
        frame = frame.filter(pl.col("campagne") == day)
    if axis.name == "campagne":
        return frame.select(
            code=pl.col("campagne").cast(pl.String), texte=pl.col("campagne").cast(pl.String)
        ).unique()
    if axis.name == "region":
        return (
            frame.select("region")
            .drop_nulls()
            .unique()
            .join(_regions(scan), on="region", how="left")
            .select(code="region", texte="libelle_region")
        )
    if axis.name in ("domaine", "libelle_domaine", "zone_pos"):
        code = pl.col("zone_pos") if axis.name == "zone_pos" else domaine_expr()
        codes = frame.select(code=code).drop_nulls().unique()
        label = pl.col("code").replace_strict(ZONES, default=pl.col("code"), return_dtype=pl.String)
        if axis.name == "libelle_domaine":
            return codes.select(code=label, texte=label)
        return codes.select("code", texte=pl.format("{} · {}", "code", label))
    column = "nom" if axis.name == "nom_service" else axis.name
    text = "nom" if axis.name == "service" else column
    return (
        frame.select(code=pl.col(column), texte=pl.col(text))
        .drop_nulls("code")
        .unique("code", keep="first", maintain_order=True)
    )
