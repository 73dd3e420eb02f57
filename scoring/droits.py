"""From what a person may see to the rows that a scan returns: every reading passes through here.

One function, :func:`rule`, turns (rights, table, question) into a Polars predicate; :func:`restricted` applies it
inside the scan, so that screens, files, maps and the command line cannot disagree. No rule means no rows: a table
that is named nowhere below gives nothing.

================  =============================  ==============================  =================================
profile           annuaire (open data)           segur                           convergence
================  =============================  ==============================  =================================
grand_public      every row                      nothing                         nothing
industriel        every row                      rows of its editor              its own products (industriels)
pilote_regional   its regions; others counted    its regions; others in sums     its regions; others in means
grades_ars        as pilote_regional             as pilote_regional              as pilote_regional
expert_national   every row                      every row                       every row
administrateur    every row                      every row                       every row
================  =============================  ==============================  =================================

*In aggregate*, for the regions that are not a regional reader's own, means exactly: in the directory, the figures of
a universe's question, never the persons' rows; in Ségur, the monthly sums by territory, actor, profession and editor
(the summary tables), never a row that names a structure; in Convergence, the means of a question that is asked and
filtered by nothing finer than :data:`AGREGES`, of regions where at least :data:`LEAST_SERVICES` publishable services
of the kind answer; where a question tells a region, a mean of fewer services is left empty (see
:mod:`scoring.universes.answer`).

A criterion of restricted diffusion (« restreinte » in the referential: security, for one) is for its region and the
experts: what an installation opens to everyone leaves its answers and its plans out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from functools import cache, partial
from typing import Any

import polars as pl

from lake.catalog.convergence import JALONS, PLANS, REFERENTIEL, REPONSES, SERVICES, SOLUTIONS
from lake.catalog.convergence_usages import USAGES
from lake.catalog.territoires import DEPARTEMENTS
from lake.contract import Table
from lake.droits import SAS, UNIVERS, Droits
from lake.errors import MissingTable
from scoring.universes.memory import Keeping, Size, keeps
from scoring.universes.model import Scan

NOTHING = pl.lit(False)
PUBLIC_DOMAINS = frozenset({"territoires", "ages", "apl", "ban", "finess", "referencement"})
"""Open reference data: everyone's, whatever the profile."""
COMMON = frozenset(
    {
        "segur__indicateurs",
        "segur__professions",
        "segur__structures",
        "segur__objectifs",
        "segur__couverture",
        "convergence__referentiel",
        "convergence__niveaux",
        "convergence__versions",
        "convergence__campagnes",
    }
)
"""Tables of a universe that describe it and say nothing of what anyone did: whole for who opens the universe."""
RUNS = frozenset({"journal__executions", "journal__rejets"})
"""How ingestions went, by source; a refused line is quoted whole."""
SUMS = frozenset({"segur__cumuls_territoires", "segur__cumuls_editeurs"})
AGREGES = frozenset(
    {
        "campagne",
        "volet",
        "region",
        "code_region",
        "questionnaire",
        "libelle_questionnaire",
        "axe",
        "cle_axe",
        "libelle_axe",
        "trimestre",
    }
)
"""Convergence's dimensions that show no service of another region."""
LEAST_SERVICES = 3
"""Fewer services of a kind in a region and campaign are not averaged for others: the mean would be theirs."""
REGIONAL_SYSTEM = "si_regional"

Rule = Callable[[Table], pl.Expr | None]


def universe_of(table: Table) -> str | None:
    """The universe that a table feeds; None for the others."""
    domain = table.name.partition("__")[0]
    return domain if domain in UNIVERS or domain == SAS else None


def restriction(droits: Droits, universe: str) -> pl.Expr | None:
    """Predicate on the rows of a universe's question, for :func:`scoring.universes.engine.query`.

    It also decides which summary may answer (one that has its columns); :func:`rule` restricts the tables.

    Args:
        droits: what the person may see.
        universe: name of the universe.

    Returns:
        The predicate; None where the tables' own rules say all.
    """
    if universe not in droits.univers:
        return NOTHING
    parts = []
    if universe in ("annuaire", "segur") and droits.departements is not None:
        parts.append(pl.col("code_departement").is_in(sorted(droits.departements)))
    if universe == "segur" and droits.editeurs is not None:
        parts.append(pl.col("editeur").is_in(sorted(droits.editeurs)))
    return pl.all_horizontal(parts) if parts else None


def aggregated(droits: Droits, table: Table, question: Iterable[str]) -> bool:
    """Whether the other regions' rows of a table count in the figures of a question, for a regional reader.

    Args:
        droits: what the person may see.
        table: the table that answers.
        question: dimensions asked or filtered.
    """
    if droits.regions is None:
        return True
    if not droits.agreges:
        return False
    universe = universe_of(table)
    if universe == "convergence":
        return set(question) <= AGREGES
    return table.name in SUMS if universe == "segur" else True


def rule(
    droits: Droits,
    scan: Scan,
    *,
    opened: Collection[str] = (),
    question: Iterable[str] | None = None,
    remember: Callable[[bool, Callable[[], pl.Series]], pl.Series] = lambda _averaged, compute: compute(),
) -> Rule:
    """What of each table a person may see.

    Args:
        droits: what the person may see.
        scan: reads tables without restriction (to know which services and départements are whose).
        opened: universes that the installation shows to everyone.
        question: dimensions asked or filtered, when the rows feed the figures of one question; None when rows
            themselves are shown: then other regions' are left out.
        remember: keeps the list of services whose rows may be read, from one rule to the next of the same rights
            (whether others' are averaged, how it is computed).

    Returns:
        For a table, the predicate on its rows; None for all of them.
    """
    figures = question is not None
    averaged = question is not None and aggregated(droits, SERVICES, question)

    @cache
    def services() -> pl.Series:
        return remember(averaged, lambda: _services(droits, scan, averaged=averaged))

    @cache
    def departements() -> list[str]:
        mine = pl.col("code_region").is_in(sorted(droits.regions or ()))
        return scan(DEPARTEMENTS).filter(mine).select("code_departement").collect().to_series().to_list()

    def of(table: Table) -> pl.Expr | None:
        if table.name.partition("__")[0] in PUBLIC_DOMAINS:
            return None
        if table.name in RUNS:
            return _of_sources(droits, table, opened)
        universe = universe_of(table)
        if universe is None:
            return NOTHING
        if universe not in droits.univers:
            return _unrestricted(scan, table) if universe in opened else NOTHING
        if universe in opened and droits.departements is None:
            anyone = _unrestricted(scan, table)  # what any visitor sees
            if anyone is None or (own := _of_services(droits, table, services)) is None:
                return None
            return anyone | own
        if table.name in COMMON:
            return None
        if universe == "convergence":
            return _of_services(droits, table, services)
        parts = [_of_regions(droits, table, universe, departements, figures=figures)]
        if droits.departements is not None:
            parts.append(_among(table, "code_departement", droits.departements))
        if universe == "segur" and droits.editeurs is not None:
            parts.append(_among(table, "editeur", droits.editeurs))
        kept = [part for part in parts if part is not None]
        return pl.all_horizontal(kept) if kept else None

    return of


def restricted(scan: Scan, of: Rule) -> Scan:
    """A scan that returns only the rows a rule allows; it keeps what is made of them where the scan keeps things."""
    return _Restricted(scan, of) if keeps(scan) else partial(_allowed, scan, of)


def _allowed(scan: Scan, of: Rule, table: Table) -> pl.LazyFrame:
    rows, allowed = scan(table), of(table)
    return rows if allowed is None else rows.filter(allowed)


class _Restricted:
    """A scan under a rule, that keeps: what is made is told apart by the rows of each table that count."""

    def __init__(self, scan: Keeping, of: Rule) -> None:
        self._scan, self._of = scan, of

    def __call__(self, table: Table, /) -> pl.LazyFrame:
        """Read the rows allowed of a table lazily."""
        return _allowed(self._scan, self._of, table)

    def keep(
        self, name: Hashable, tables: Sequence[Table], make: Callable[[], Any], *, size: Size = "small"
    ) -> Any:
        """What was made under this name from the rows allowed; made on the first call."""
        allowed = [self._of(table) for table in tables]
        rules = tuple(None if one is None else one.meta.serialize() for one in allowed)
        return self._scan.keep((name, rules), tables, make, size=size)


# -- inside ------------------------------------------------------------------------------------------


def _of_sources(droits: Droits, table: Table, opened: Collection[str]) -> pl.Expr:
    sources = PUBLIC_DOMAINS | droits.univers | set(opened)
    narrowed = any(one is not None for one in (droits.regions, droits.departements, droits.editeurs))
    if narrowed and table.name == "journal__rejets":
        sources = PUBLIC_DOMAINS | (sources & {"annuaire"})  # a line of another region could be quoted
    return pl.col("source").is_in(sorted(sources))


def _among(table: Table, column: str, values: Collection[str]) -> pl.Expr:
    return pl.col(column).is_in(sorted(values)) if column in table.columns else NOTHING


def _of_regions(
    droits: Droits, table: Table, universe: str, departements: Callable[[], list[str]], *, figures: bool
) -> pl.Expr | None:
    if droits.regions is None:
        return None
    if droits.agreges and (table.name in SUMS if universe == "segur" else figures):
        return None
    if "code_region" in table.columns:
        return _among(table, "code_region", droits.regions)
    return _among(table, "code_departement", departements())


def _of_services(droits: Droits, table: Table, services: Callable[[], pl.Series]) -> pl.Expr | None:
    if droits.regions is None and droits.editeurs is None and droits.departements is None:
        return None
    if not {"volet", "campagne", "service"} <= set(table.columns):
        return NOTHING
    mine = _SERVICE.is_in(services().implode())
    # A milestone of a whole axis is no service's: it is told to all as the doctrine is.
    return mine | (pl.col("service") == "") if table is JALONS else mine


def _unrestricted(scan: Scan, table: Table) -> pl.Expr | None:
    """What of a table of answers or plans is not of restricted diffusion; None for the whole table."""
    if table not in (REPONSES, PLANS, USAGES):
        return None
    try:
        known = scan(REFERENTIEL).filter(pl.col("diffusion") == "restreinte")
        secret = known.select(_CRITERE).unique().collect().to_series()
    except MissingTable:
        return None
    return ~_CRITERE.is_in(secret.implode()) if secret.len() else None


_CRITERE = pl.concat_str("volet", "critere", separator="\t")
"""A criterion, whatever the version: one that was ever restricted is so in every campaign."""
_SERVICE = pl.concat_str("volet", pl.col("campagne").cast(pl.String), "service", separator="\t")
"""A service of one campaign: the same identifier may be another region's in another campaign."""


def _services(droits: Droits, scan: Scan, *, averaged: bool) -> pl.Series:
    """The services whose rows may be read, as :data:`_SERVICE`."""
    if droits.departements is not None:
        return pl.Series("service", [], pl.String)  # services are regional: none belongs to a département
    found = scan(SERVICES).select(*_KEY, "region", "kind", "publiable", "tronc_commun")
    if droits.editeurs is not None:
        # Its own products: a regional service that uses one of them is the region's.
        owned = scan(SOLUTIONS).filter(
            pl.col("volet") == "industriels", pl.col("editeur").is_in(sorted(droits.editeurs))
        )
        found = found.join(owned.select(_KEY).unique(), on=_KEY, how="semi")
    if droits.regions is not None:
        mine = pl.col("region").is_in(sorted(droits.regions)).fill_null(False)
        if averaged:
            # Only those that a publication's mean counts: what is declared, and neither answers nor may be published,
            # hides nobody. A product has no region: all of a campaign's make one group.
            found = found.join(_answering(scan), on=_KEY, how="left")
            system = (pl.col("kind") == REGIONAL_SYSTEM).fill_null(False)
            counted = pl.col("repond").fill_null(False) & (
                system | (pl.col("publiable") & pl.col("tronc_commun"))
            )
            whole = pl.col("service").filter(counted).n_unique().over("volet", "campagne", "region")
            alike = pl.col("service").filter(counted).n_unique().over("volet", "campagne", "region", "kind")
            # Each kind has its questionnaire: two infrastructures among twenty services would be a mean of two. The
            # region's own information system is one by nature, and says the region itself.
            enough = (alike >= LEAST_SERVICES) | system
            mine = mine | ((whole >= LEAST_SERVICES) & enough)
        found = found.filter(mine)
    return found.select(_SERVICE).unique().collect().to_series()


_KEY = ["volet", "campagne", "service"]


def _answering(scan: Scan) -> pl.LazyFrame:
    """The services that answered something (« non applicable » is no answer): their key, and ``repond``."""
    answered = pl.col("niveau").is_not_null() | pl.col("porte_par").is_not_null()
    found = scan(REPONSES).filter(answered & ~pl.col("non_applicable")).select(_KEY).unique()
    return found.with_columns(repond=pl.lit(True))
