"""One campaign as the universes of Convergence read it: its tables under a selection, its quarters, its plans.

Every universe of Convergence makes its rows from a campaign: this is the one place that finds its tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce

import polars as pl

from lake.catalog.convergence import (
    CAMPAGNES,
    JALONS,
    NIVEAUX,
    PLANS,
    PRELIMINAIRES,
    REFERENTIEL,
    REPONSES,
    SERVICES,
    SOLUTIONS,
    domaine_expr,
    rang_expr,
    trimestre_acheve,
    trimestre_nom,
)
from lake.catalog.convergence_pos import ZONES
from lake.catalog.territoires import REGIONS
from lake.contract import Table
from lake.errors import MissingTable
from scoring.convergence.answers import horizon_date, in_scope, referentiel_at
from scoring.convergence.dependencies import delayed
from scoring.convergence.detail import among, detail
from scoring.universes.convergence_axes import (
    AXES,
    HORIZON,
    LABELS,
    LAST_PLANNED,
    OF_SERVICE,
    OF_SOLUTION,
    PERIMETRE,
    RETARD,
    UNITS,
    VOLET,
    VOLET_WORDS,
    delay_of,
)
from scoring.universes.memory import keeps, remembered
from scoring.universes.model import Axis, Scan
from scoring.universes.months import HELD
from scoring.universes.rows import predicate
from scoring.universes.selection import Selection

MADE_FROM = (SERVICES, REPONSES, REFERENTIEL, PRELIMINAIRES, PLANS, JALONS)
"""What the answers of services, and their values, are made from."""
YEARS = 5
"""Projections run at least so many years ahead: plans are made that far."""


def campaigns(scan: Scan, selection: Selection) -> pl.DataFrame:
    """The published campaigns of the sides selected: ``volet, campagne, version_referentiel``, oldest first.

    The one that is being entered is there only when its very date is asked: it is nobody's default.
    """
    volets, jour = selection.values("volet") or (VOLET,), selection.date

    def read() -> pl.DataFrame:
        known = scan(CAMPAGNES)
        if "etat" in known.collect_schema():
            closed = pl.col("etat").is_null()
            known = known.filter(closed if jour is None else closed | (pl.col("campagne") == jour))
        rows = known.filter(pl.col("volet").is_in(volets))
        return rows.select("volet", "campagne", "version_referentiel").sort("campagne", "volet").collect()

    return remembered(scan, ("campagnes", volets, jour), [CAMPAGNES], read)


EN_COURS = "en-cours"
"""How the campaign that is being entered is asked for: its date moves."""


def live_date(scan: Scan, volet: str = VOLET) -> date | None:
    """The date of the campaign that is being entered; None where none is."""
    known = scan(CAMPAGNES)
    if "etat" not in known.collect_schema():
        return None
    rows = known.filter((pl.col("volet") == volet) & (pl.col("etat") == "en_cours")).collect()
    found = rows["campagne"].max()
    return found if isinstance(found, date) else None


def dates(scan: Scan, selection: Selection) -> list[date]:
    """The dates of the campaigns of the sides selected, oldest first."""
    return sorted(set(campaigns(scan, selection)["campagne"].to_list()))


def sides_of(selection: Selection, *, both: bool) -> Selection:
    """The selection with both sides said, when a question by side names none."""
    return (
        selection.with_filter("volet", tuple(VOLET_WORDS))
        if both and not selection.values("volet")
        else selection
    )


def chosen(
    scan: Scan, selection: Selection, axes: Sequence[Axis], restrict: pl.Expr | None = None
) -> list[Campagne]:
    """The campaigns that a question reads: those of its date, of both sides when it asks by side."""
    found = campaigns(scan, sides_of(selection, both=any(axis.name == "volet" for axis in axes)))
    if selection.date is not None:
        found = found.filter(pl.col("campagne") == selection.date)
    return [
        Campagne(scan, volet, jour, version, selection, restrict)
        for volet, jour, version in found.iter_rows()
    ]


@dataclass(frozen=True)
class Campagne:
    """The tables of one campaign, lazily, under a selection.

    Attributes:
        scan: reads tables.
        volet: ``regions`` or ``industriels``.
        jour: its date.
        version: its referential's.
        selection: filters and parameters of the question.
        restrict: predicate on the services' rows.
    """

    scan: Scan
    volet: str
    jour: date
    version: str
    selection: Selection
    restrict: pl.Expr | None = None

    def read(self, table: Table) -> pl.LazyFrame:
        """A table's rows of this campaign; none where the lake is older than the table."""
        here = (pl.col("volet") == self.volet) & (pl.col("campagne") == self.jour)
        try:
            return self.scan(table).filter(here)
        except MissingTable:
            return table.empty().lazy()

    def referentiel(self) -> pl.LazyFrame:
        """The referential in force: one row per criterion and date from which its expected level holds."""
        here = (pl.col("volet") == self.volet) & (pl.col("version") == self.version)
        return self.scan(REFERENTIEL).filter(here)

    def criteres(self) -> pl.LazyFrame:
        """The criteria that the selection keeps, in their order, with the level expected at the horizon."""
        day = horizon_date(self.horizon()) or self.jour
        found = referentiel_at(self.referentiel(), day).sort("ordre")
        kept = filters(self.selection, (*UNITS, *LABELS))
        return found if kept is None else found.filter(kept)

    def services(self) -> pl.LazyFrame:
        """The services that the selection keeps; columns of their table."""
        services = self.read(SERVICES)
        if self.restrict is not None:
            services = services.filter(self.restrict)
        return selected(services, self.solutions(), self.selection)

    def scope(self, *, convergents: bool = False) -> pl.LazyFrame:
        """The services that the selection keeps, in the scope of its parameter, with their ``sujet``."""
        return in_scope(self.services(), self.perimetre, convergents=convergents)

    @property
    def perimetre(self) -> str:
        """The scope asked."""
        return self.selection.parameter(PERIMETRE.name) or PERIMETRE.default

    def solutions(self) -> pl.LazyFrame:
        """``service, editeur, solution`` of every service."""
        return self.read(SOLUTIONS).select("service", *OF_SOLUTION).unique(maintain_order=True)

    def plans(self) -> pl.LazyFrame:
        """The plans, those that hang on a late milestone moved by the delay that the selection says."""
        plans = self.read(PLANS)
        jalon, quarters = delay_of(self.selection.parameter(RETARD.name))
        if not quarters:
            return plans
        return delayed(plans, self.read(JALONS), self.referentiel(), {jalon: quarters})

    def quarters(self) -> list[str]:
        """The quarters of the projections: from the campaign's own to the last planned, five years at least."""
        first = trimestre_acheve(self.jour) + 1
        last = self.read(PLANS).select(rang_expr().max()).collect().item()
        end = max(first + 4 * YEARS, last or 0)
        return [trimestre_nom(rank) for rank in range(first, end + 1)]

    def horizon(self) -> str | None:
        """The quarter projected; None at date. A campaign without any plan is seen at its own date."""
        asked = self.selection.parameter(HORIZON.name)
        if asked != LAST_PLANNED:
            return asked or None
        last = self.read(PLANS).select(rang_expr().max()).collect().item()
        return None if last is None else trimestre_nom(last)

    def before(self) -> Campagne | None:
        """The campaign before, of the same side; None when this is the first."""
        side = self.selection.with_filter("volet", (self.volet,))
        earlier = campaigns(self.scan, side).filter(pl.col("campagne") < self.jour)
        return self._other(earlier)

    def at(self, jour: date) -> Campagne | None:
        """Another campaign of the same side; None when there is none at that date."""
        side = self.selection.with_filter("volet", (self.volet,))
        return self._other(campaigns(self.scan, side).filter(pl.col("campagne") == jour))

    def _other(self, found: pl.DataFrame) -> Campagne | None:
        if found.is_empty():
            return None
        volet, jour, version = found.row(-1)
        return Campagne(self.scan, volet, jour, version, self.selection, self.restrict)

    def answers(self, *, at_date: bool = False) -> pl.LazyFrame:
        """Every answer of the scope with what it contributes (:func:`scoring.convergence.detail.detail`).

        A scan that keeps has those of the whole campaign made once: a filter on services picks among them.
        """
        horizon = None if at_date else self.horizon()

        def made(services: pl.LazyFrame) -> pl.LazyFrame:
            return detail(
                services,
                self.read(REPONSES),
                self.referentiel(),
                plans=self.plans(),
                preliminaires=self.read(PRELIMINAIRES),
                horizon=horizon,
                perimetre=self.perimetre,
                au=self.jour,
            )

        def everyone() -> pl.DataFrame | None:
            found = made(self.read(SERVICES)).collect()
            return found if found.height <= HELD else None

        said = (self.volet, self.jour, self.version, self.perimetre, horizon)
        name = ("reponses", *said, self.selection.parameter(RETARD.name))
        held = remembered(self.scan, name, MADE_FROM, everyone, size="rows") if keeps(self.scan) else None
        return made(self.services()) if held is None else among(held.lazy(), self.services())

    def about_services(self) -> pl.LazyFrame:
        """What the axes of services read, one row per service: ``service, nom_service, region, kind…``."""
        return (
            self.read(SERVICES)
            .select(
                "service",
                "region",
                "kind",
                "zone_pos",
                "type_service",
                nom_service="nom",
                domaine=domaine_expr(),
                libelle_domaine=domain_names(),
            )
            .join(region_names(self.scan), on="region", how="left", maintain_order="left")
        )

    def about_criteres(self) -> pl.LazyFrame:
        """What the axes of criteria read, one row per criterion: its labels and its rank."""
        return self.criteres().select("critere", "ordre", *LABELS)

    def about_criteres_whole(self) -> pl.LazyFrame:
        """The same with their questionnaire and axis, whatever the selection keeps."""
        found = referentiel_at(self.referentiel(), self.jour)
        return found.select("questionnaire", "axe", "critere", "ordre", *LABELS)

    def niveaux(self) -> pl.LazyFrame:
        """What each level of each criterion means: ``critere, niveau, sens``."""
        here = (pl.col("volet") == self.volet) & (pl.col("version") == self.version)
        return self.scan(NIVEAUX).filter(here).select("critere", "niveau", sens="libelle_niveau")

    def told(self, rows: pl.LazyFrame, wanted: Sequence[str]) -> pl.LazyFrame:
        """Rows with the side, the campaign, the labels, and a row per editor or solution when those are asked.

        Args:
            rows: ``service`` and, where a criterion is meant, ``questionnaire, axe, critere``.
            wanted: names of the axes asked.
        """
        names = rows.collect_schema().names()
        if "critere" in names:
            rows = rows.join(self.about_criteres(), on="critere", maintain_order="left")
        if "service" in names:
            known = self.about_services()
            held = [name for name in known.collect_schema().names() if name in names and name != "service"]
            rows = rows.join(known.drop(held), on="service", how="left", maintain_order="left")
        used = [name for name in OF_SOLUTION if name in wanted]
        if used:
            kept = filters(self.selection, OF_SOLUTION)
            listed = self.solutions() if kept is None else self.solutions().filter(kept)
            rows = rows.join(listed.select("service", *used).unique(maintain_order=True), on="service")
        return rows.with_columns(volet=pl.lit(self.volet), campagne=pl.lit(self.jour, pl.Date))


def selected(services: pl.LazyFrame, solutions: pl.LazyFrame, selection: Selection) -> pl.LazyFrame:
    """The services that a selection keeps, whatever is then computed on them.

    A service that uses two of the editors (or solutions) chosen is one service.

    Args:
        services: columns of the services' table.
        solutions: ``service, editeur, solution``.
        selection: filters on the services' axes; those on questionnaires, axes and criteria are not for services.
    """
    named = services.with_columns(
        domaine=domaine_expr(), nom_service=pl.col("nom"), libelle_domaine=domain_names()
    )
    own = filters(selection, OF_SERVICE)
    if own is not None:
        named = named.filter(own)
    used = filters(selection, OF_SOLUTION)
    if used is not None:
        named = named.join(solutions.filter(used), on="service", how="semi")
    return named.drop("domaine", "nom_service", "libelle_domaine")


def filters(selection: Selection, names: Sequence[str], axes: Sequence[Axis] = AXES) -> pl.Expr | None:
    """The filters of these axes as one predicate; None without any."""
    found = [
        predicate(axis, selection.values(axis.name))
        for axis in axes
        if axis.name in names and selection.values(axis.name)
    ]
    return reduce(lambda one, other: one & other, found) if found else None


def domain_names() -> pl.Expr:
    """The name of a service's domain, from its zone."""
    return domaine_expr().replace_strict(ZONES, default=None, return_dtype=pl.String)


def region_names(scan: Scan) -> pl.LazyFrame:
    """Region code -> its name (``region, libelle_region``); no name where the territories are not published."""
    try:
        return scan(REGIONS).select(region="code_region", libelle_region="region")
    except MissingTable:
        return pl.LazyFrame(schema={"region": pl.String, "libelle_region": pl.String})
