"""The campaign that a page shows: its tables under the reader's selection, and what scoring makes of them.

Everything is cached by table version: campaigns are small (a few thousand answers), their scores smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from apps.kit.data.view import View
from lake.catalog.convergence import (
    AMELIORATIONS,
    CAMPAGNES,
    JALONS,
    NIVEAUX,
    PLANS,
    PRELIMINAIRES,
    REFERENTIEL,
    REPONSES,
    SERVICES,
    SOLUTIONS,
    rang_expr,
    trimestre_acheve,
    trimestre_nom,
)
from lake.contract import Table
from scoring.convergence import detail as convergence_detail
from scoring.convergence import scores as scoring
from scoring.convergence.answers import in_scope
from scoring.universes.convergence import VOLET, selected
from scoring.universes.selection import Selection

TABLES = (
    CAMPAGNES,
    REFERENTIEL,
    NIVEAUX,
    SERVICES,
    SOLUTIONS,
    PRELIMINAIRES,
    JALONS,
    AMELIORATIONS,
    PLANS,
    REPONSES,
)
YEARS = 5
"""Projections run at least so many years ahead: plans are made that far."""


@dataclass(frozen=True)
class Campagne:
    """The tables of one campaign, in memory; columns of the contracts.

    Attributes:
        volet: ``regions`` or ``industriels``.
        jour: its date, None when nothing is published.
        services: the services under the selection (the others stay in ``tous`` : they may carry answers).
        tous: every service.
        reponses, referentiel, niveaux, plans, preliminaires, solutions, jalons, ameliorations: the others.
    """

    volet: str
    jour: date | None
    services: pl.DataFrame
    tous: pl.DataFrame
    reponses: pl.DataFrame
    referentiel: pl.DataFrame
    niveaux: pl.DataFrame
    plans: pl.DataFrame
    preliminaires: pl.DataFrame
    solutions: pl.DataFrame
    jalons: pl.DataFrame
    ameliorations: pl.DataFrame

    def arguments(self) -> dict[str, pl.LazyFrame]:
        """The tables as scoring takes them."""
        names = ("services", "reponses", "referentiel", "preliminaires")
        return {name: getattr(self, name).lazy() for name in names}


def volet(selection: Selection) -> str:
    """The side selected."""
    return next(iter(selection.values("volet")), VOLET)


def _tables(view: View, side: str, day: date | None) -> dict[str, pl.DataFrame]:
    """The tables of a campaign, whole."""

    def load() -> dict[str, pl.DataFrame]:
        scan = view.data.scan
        here = (pl.col("volet") == side) & (pl.col("campagne") == pl.lit(day, pl.Date))
        versions = scan(CAMPAGNES).filter(here).select("version_referentiel").collect().to_series()
        version = (pl.col("volet") == side) & pl.col("version").is_in(versions.implode())
        read: dict[str, tuple[Table, pl.Expr]] = {
            "referentiel": (REFERENTIEL, version),
            "niveaux": (NIVEAUX, version),
            "services": (SERVICES, here),
            "solutions": (SOLUTIONS, here),
            "preliminaires": (PRELIMINAIRES, here),
            "jalons": (JALONS, here),
            "ameliorations": (AMELIORATIONS, here),
            "plans": (PLANS, here),
            "reponses": (REPONSES, here),
        }
        found = {
            name: AMELIORATIONS.empty()
            if table is AMELIORATIONS and view.data.version(table) is None  # a lake older than this table
            else scan(table).filter(kept).collect()
            for name, (table, kept) in read.items()
        }
        return {**found, "referentiel": found["referentiel"].sort("ordre")}

    loaded: dict[str, pl.DataFrame] = view.data.cached(("convergence", side, day), TABLES, load)
    return loaded


def campagne(view: View, *, selection: Selection | None = None, at: date | None = None) -> Campagne:
    """The campaign shown, under the page's selection or another one, at its date or another one."""
    chosen = view.selection if selection is None else selection
    side, day = volet(chosen), at or view.date
    tables = _tables(view, side, day)

    def keep() -> pl.DataFrame:
        found = selected(tables["services"].lazy(), tables["solutions"].lazy(), chosen)
        return found.collect()

    services = view.data.cached(("convergence.services", side, day, chosen), TABLES, keep)
    return Campagne(volet=side, jour=day, **{**tables, "tous": tables["services"], "services": services})


def _cached(view: View, what: str, key: Sequence[object], compute: Callable[[], Any]) -> Any:
    return view.data.cached((f"convergence.{what}", *key), TABLES, compute)


def scored(
    view: View,
    par: str | Sequence[str],
    horizon: str = "",
    *,
    selection: Selection | None = None,
    at: date | None = None,
    perimetre: str = "publication",
) -> pl.DataFrame:
    """:func:`scoring.convergence.scores.score` on the campaign shown; ``horizon`` is a quarter, empty at date."""
    chosen = view.selection if selection is None else selection
    here = campagne(view, selection=chosen, at=at)

    def compute() -> pl.DataFrame:
        return scoring.score(
            **here.arguments(),
            plans=here.plans.lazy(),
            solutions=here.solutions.lazy(),
            horizon=horizon or None,
            perimetre=perimetre,
            par=par,
            au=here.jour,
        ).collect()

    key = (here.volet, here.jour, chosen, tuple([par] if isinstance(par, str) else par), horizon, perimetre)
    found: pl.DataFrame = _cached(view, "score", key, compute)
    return found


def curve(
    view: View,
    par: str | Sequence[str],
    *,
    selection: Selection | None = None,
    plans: pl.DataFrame | None = None,
    key: str = "",
    horizons: Sequence[str] = (),
) -> pl.DataFrame:
    """:func:`scoring.convergence.scores.projections` at every quarter (or at ``horizons``).

    Args:
        view: what the page shows.
        par: dimensions.
        selection: another selection than the page's.
        plans: other plans than the campaign's; ``key`` then names them for the cache.
        key: name of those plans.
        horizons: quarters; all those of :func:`quarters` by default.
    """
    chosen = view.selection if selection is None else selection
    here = campagne(view, selection=chosen)
    when = list(horizons) or quarters(view)

    def compute() -> pl.DataFrame:
        return scoring.projections(
            **here.arguments(),
            plans=(here.plans if plans is None else plans).lazy(),
            solutions=here.solutions.lazy(),
            horizons=when,
            par=par,
        ).collect()

    dimensions = tuple([par] if isinstance(par, str) else par)
    found: pl.DataFrame = _cached(
        view, "courbe", (here.volet, here.jour, chosen, dimensions, key, tuple(when)), compute
    )
    return found


def details(
    view: View, horizon: str = "", *, at: date | None = None, perimetre: str = "publication"
) -> pl.DataFrame:
    """:func:`scoring.convergence.detail.detail` on the campaign shown: every answer and what it contributes."""
    here = campagne(view, at=at)

    def compute() -> pl.DataFrame:
        return convergence_detail.detail(
            **here.arguments(),
            plans=here.plans.lazy(),
            horizon=horizon or None,
            perimetre=perimetre,
            au=here.jour,
        ).collect()

    key = (here.volet, here.jour, view.selection, horizon, perimetre)
    found: pl.DataFrame = _cached(view, "detail", key, compute)
    return found


def in_publication(view: View, horizon: str = "", *, selection: Selection | None = None) -> pl.DataFrame:
    """The services of the publication's scope under the selection (those that converge, in a projection)."""
    here = campagne(view, selection=selection)
    return in_scope(here.services.lazy(), "publication", convergents=bool(horizon)).collect()


def quarters(view: View) -> list[str]:
    """The quarters of the projections: from the campaign's own to the last planned, five years at least."""
    here = campagne(view)
    if here.jour is None:
        return []
    first = trimestre_acheve(here.jour) + 1
    last = here.plans.select(rang_expr().max()).item()
    end = max(first + 4 * YEARS, last or 0)
    return [trimestre_nom(rank) for rank in range(first, end + 1)]


def questionnaires(view: View) -> dict[str, str]:
    """Code -> name of each questionnaire, in the referential's order."""
    rows = campagne(view).referentiel.select("questionnaire", "libelle_questionnaire")
    return dict(rows.unique(maintain_order=True).iter_rows())


def axes(view: View, questionnaire: str = "") -> dict[str, str]:
    """``QU-A05`` -> « A05 · Moyens d'authentification », in the referential's order.

    An axis' code may stand in two questionnaires: the key names both.
    """
    rows = campagne(view).referentiel
    if questionnaire:
        rows = rows.filter(pl.col("questionnaire") == questionnaire)
    named = rows.select(
        pl.format("{}-{}", "questionnaire", "axe"), texte=pl.format("{} · {}", "axe", "libelle_axe")
    )
    return dict(named.unique(maintain_order=True).iter_rows())


def axis_key() -> pl.Expr:
    """The key of an axis (``QU-A05``) from its columns."""
    return pl.format("{}-{}", "questionnaire", "axe").alias("cle")


def criteria(view: View, axis: str = "") -> dict[str, str]:
    """Code -> « A05.1 · … » of each criterion (of one axis, by its key), in the referential's order."""
    rows = campagne(view).referentiel
    if axis:
        rows = rows.filter(axis_key() == axis)
    named = rows.select("critere", texte=pl.format("{} · {}", "critere", "libelle_critere"))
    return dict(named.unique("critere", keep="first", maintain_order=True).iter_rows())


def elsewhere(view: View) -> Selection:
    """The selection without its region: what a region is compared with."""
    return view.selection.without("region")


def cohort(view: View) -> Selection:
    """Services like those selected, in every region: of the same types."""
    types = in_publication(view)["type_service"].drop_nulls().unique().sort().to_list()
    return elsewhere(view).with_filter("type_service", types)


def on(view: View, selection: Selection) -> View:
    """The same page under another selection."""
    return replace(view, state=replace(view.state, selection=selection))
