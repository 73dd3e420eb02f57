"""The rows that the ``convergence`` universe averages, made for each question; and what a reader may choose there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from lake.catalog.convergence import (
    PRELIMINAIRES,
    REFERENTIEL,
    REPONSES,
    SERVICES,
    SOLUTIONS,
    domaine_expr,
)
from lake.catalog.convergence_pos import ZONES
from lake.errors import RefusedCombination
from scoring.convergence.scores import service_values
from scoring.universes.convergence_axes import (
    AXES,
    KIND_WORDS,
    LABELS,
    LEVEL_WORDS,
    NIVEAU,
    OF_SOLUTION,
    RETARD,
    TRIMESTRE,
    UNITS,
    VOLET_WORDS,
)
from scoring.universes.convergence_campaign import (
    MADE_FROM,
    Campagne,
    campaigns,
    chosen,
    dates,
    filters,
    region_names,
    selected,
    sides_of,
)
from scoring.universes.memory import keeps, remembered
from scoring.universes.model import Axis, Kind, Measure, Scan
from scoring.universes.months import HELD
from scoring.universes.selection import Selection

_ROUNDING = 1e-9
"""A mean of levels that are all 2 may be 1,9999999999999998 once weighted."""
__all__ = ["campaigns", "check", "dates", "rows", "selected", "values"]


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
        the scope that the selection's parameters say; at every quarter when ``trimestre`` is asked or filtered.
    """
    asked = {axis.name for axis in axes}
    parts = [_campaign(one, asked) for one in chosen(scan, selection, axes, restrict)]
    return pl.concat(parts) if parts else _empty(axes)


def _empty(axes: Sequence[Axis]) -> pl.LazyFrame:
    keys = dict.fromkeys([*(column for axis in axes for column in _columns_of(axis)), "service"], pl.String)
    texts = {"libelle_region": pl.String}
    numbers = {"taux": pl.Float64, "niveau": pl.Float64, "attendu": pl.Float64, "un": pl.Int64}
    return pl.LazyFrame(
        schema={**keys, **texts, **numbers} | ({"campagne": pl.Date} if "campagne" in keys else {})
    )


def _campaign(campagne: Campagne, asked: set[str]) -> pl.LazyFrame:
    """The values of one campaign."""
    selection = campagne.selection
    units = [name for name in UNITS if name in asked or f"libelle_{name}" in asked]
    if units and "questionnaire" not in units:
        units = ["questionnaire", *units]  # the code of an axis may stand in two of them
    horizon = campagne.horizon()
    wanted = selection.values(TRIMESTRE.name)
    over: list[str] = []
    if TRIMESTRE.name in asked or wanted:
        over = [one for one in campagne.quarters() if not wanted or one in wanted]
    values = _of_services(campagne, units, horizon, over)
    values = values.rename({"nom": "nom_service"}).join(
        region_names(campagne.scan), on="region", how="left", maintain_order="left"
    )
    if over:
        quarter = pl.format("{}-T{}", pl.col("horizon").dt.year(), pl.col("horizon").dt.quarter())
        values = values.with_columns(trimestre=quarter)
    values = values.with_columns(
        un=pl.lit(1, pl.Int64),
        volet=pl.lit(campagne.volet),
        campagne=pl.lit(campagne.jour, pl.Date),
        libelle_domaine=pl.col("domaine").replace_strict(ZONES, default=None, return_dtype=pl.String),
        niveau_atteint=(pl.col("niveau") + _ROUNDING).floor().cast(pl.Int64).cast(pl.String),
    )
    if levels := selection.values(NIVEAU.name):
        values = values.filter(pl.col(NIVEAU.name).is_in(levels))
    used = [name for name in OF_SOLUTION if name in asked]
    if used:
        kept = filters(selection, OF_SOLUTION)
        listed = campagne.solutions() if kept is None else campagne.solutions().filter(kept)
        values = values.join(
            listed.select("service", *used).unique(maintain_order=True), on="service", maintain_order="left"
        )
    for label, code in LABELS.items():
        if label in asked:
            keys = list(dict.fromkeys(("questionnaire", code)))
            names = campagne.referentiel().select(*keys, label).unique(keys)
            values = values.join(names, on=keys, maintain_order="left")
    columns = {column for axis in AXES if axis.name in asked for column in _columns_of(axis)}
    columns -= {"service", "libelle_region"}
    return values.select(*sorted(columns), "service", "libelle_region", "taux", "niveau", "attendu", "un")


def _of_services(
    campagne: Campagne, units: Sequence[str], horizon: str | None, over: Sequence[str]
) -> pl.LazyFrame:
    """What each service that the selection keeps has on each unit.

    A service's own values depend on no other service that is selected: a scan that keeps has those of the whole
    campaign made once, and a filter on regions, domains or editors picks among them.
    """
    keep = filters(campagne.selection, (*UNITS, *LABELS))

    def made(services: pl.LazyFrame) -> pl.LazyFrame:
        return service_values(
            services,
            campagne.read(REPONSES),
            campagne.referentiel(),
            units=units,
            preliminaires=campagne.read(PRELIMINAIRES),
            plans=campagne.plans() if horizon or over else None,
            horizon=horizon,
            horizons=over or None,
            perimetre=campagne.perimetre,
            au=campagne.jour,
            keep=keep,
        )

    def everyone() -> pl.DataFrame | None:
        found = made(campagne.read(SERVICES)).collect()
        return found if found.height <= HELD else None

    if not keeps(campagne.scan) or (over and "critere" in units):
        return made(campagne.services())
    said = (campagne.volet, campagne.jour, campagne.version, campagne.perimetre, horizon, *over)
    name = ("valeurs", *said, *units, campagne.selection.parameter(RETARD.name))
    criteria = None if keep is None else keep.meta.serialize()
    held = remembered(campagne.scan, (*name, criteria), MADE_FROM, everyone, size="rows")
    if held is None:
        return made(campagne.services())
    return held.lazy().join(
        campagne.services().select("service"), on="service", how="semi", maintain_order="left"
    )


def _columns_of(axis: Axis) -> list[str]:
    texts = axis.text.meta.root_names() if isinstance(axis.text, pl.Expr) else []
    return list(dict.fromkeys([*axis.key.meta.root_names(), *texts]))


def check(
    scan: Scan, selection: Selection, by: Sequence[str], measures: Sequence[Measure], total: bool
) -> None:
    """Refuse a mean over several questionnaires: a service answers two or three of them, each with its own criteria.

    Raises:
        RefusedCombination: one of the measures is a mean, and neither a filter nor a dimension says the questionnaire.
    """
    means = [measure for measure in measures if measure.kind is Kind.RATIO]
    asked = {axis.name for axis in AXES if set(axis.names()) & set(by)}
    apart = bool(asked & {*UNITS, *LABELS})
    # The level of a service is a mean too, whatever is counted by it.
    named = means[0].label if means else NIVEAU.label if NIVEAU.name in asked | set(selection.filters) else ""
    if not named or (apart and not total):
        return
    known = _questionnaires(scan, sides_of(selection, both="volet" in asked))
    if len(known) > 1:
        other = "retirez --total" if apart else "demandez une ligne par questionnaire (--par questionnaire)"
        raise RefusedCombination(
            f"« {named} » mêlerait plusieurs questionnaires ({', '.join(known)}), qui ne se comparent pas.",
            conseil=f"Choisissez-en un (--filtre questionnaire={known[-1]}), ou {other}.",
        )


def _questionnaires(scan: Scan, selection: Selection) -> list[str]:
    """The questionnaires whose answers a selection keeps."""
    found = campaigns(scan, selection)
    if selection.date is not None:
        found = found.filter(pl.col("campagne") == selection.date)
    versions = found.select("volet", version="version_referentiel").unique().lazy()
    lines = scan(REFERENTIEL).join(versions, on=["volet", "version"], how="semi")
    kept = filters(selection, (*UNITS, *LABELS))
    if kept is not None:
        lines = lines.filter(kept)
    return lines.select(pl.col("questionnaire").unique().sort()).collect().to_series().to_list()


def values(scan: Scan, axis: Axis, day: date | None) -> pl.LazyFrame:
    """The values of an axis in the campaigns: ``code, texte``."""
    if axis.name in ("volet", "kind", NIVEAU.name):
        texts = {"volet": VOLET_WORDS, "kind": KIND_WORDS}.get(axis.name, LEVEL_WORDS)
        return pl.LazyFrame({"code": list(texts), "texte": list(texts.values())})
    if axis.name in (*UNITS, *LABELS):
        name = axis.name
        named = pl.format("{} · {}", name, f"libelle_{name}") if name in UNITS else pl.col(name)
        units = scan(REFERENTIEL).with_columns(code=axis.key)
        # The bare code is a name too: what an older address, or a reader of the doctrine, writes.
        names = [named] if axis.bare is None else [named, axis.bare]
        found = [units.select("code", texte=one).unique(maintain_order=True) for one in names]
        return pl.concat(found) if axis.bare is not None else found[0].unique("code", keep="first")
    if axis.name == TRIMESTRE.name:
        listed = [
            one
            for each in chosen(scan, Selection({"volet": VOLET_WORDS}, day), ())
            for one in each.quarters()
        ]
        known = sorted(set(listed))
        return pl.LazyFrame({"code": known, "texte": known}, schema={"code": pl.String, "texte": pl.String})
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
            .join(region_names(scan), on="region", how="left")
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
