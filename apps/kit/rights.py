"""From what a person may see to what a scan returns: the one function that every reading passes through.

No rule means no rows: a table of a universe that is not opened, or one whose rows cannot be told apart as the rights
demand, gives nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import polars as pl

from lake.catalog.convergence import SERVICES, SOLUTIONS
from lake.contract import Table
from lake.store.rights import UNIVERS, Droits

Scan = Callable[[Table], pl.LazyFrame]
NOTHING = pl.lit(False)
# Rows that say nothing of anyone: catalogues, calendars, referentials.
_COMMON = {
    "segur__indicateurs",
    "segur__professions",
    "segur__objectifs",
    "segur__couverture",
    "convergence__referentiel",
    "convergence__niveaux",
    "convergence__campagnes",
}
# Sums by territory: regional readers see every region's.
_SUMS = {"segur__cumuls_territoires", "segur__cumuls_editeurs"}


def universe_of(table: Table) -> str | None:
    """The universe that a table feeds; None for reference tables (territories, addresses…)."""
    domain = table.name.partition("__")[0]
    return domain if domain in UNIVERS else None


def restriction(droits: Droits, universe: str) -> pl.Expr | None:
    """Predicate on a universe's rows: it also decides which summary may answer (one with its columns)."""
    if universe == "convergence":
        return None  # its rows are derived: their tables are restricted one by one
    parts = []
    if droits.departements is not None:
        parts.append(pl.col("code_departement").is_in(sorted(droits.departements)))
    if droits.editeurs is not None and universe == "segur":
        parts.append(pl.col("editeur").is_in(sorted(droits.editeurs)))
    return pl.all_horizontal(parts) if parts else None


def rows(droits: Droits, scan: Scan, *, opened: Collection[str] = ()) -> Callable[[Table], pl.Expr | None]:
    """What of each table may be seen.

    Args:
        droits: what the person may see.
        scan: reads tables without restriction (to know which services belong to whom).
        opened: universes that the installation shows to everyone.

    Returns:
        For a table, the predicate on its rows; None for all of them.
    """
    services: list[pl.Series] = []

    def known_services() -> pl.Series:
        if not services:
            services.append(_services(droits, scan))
        return services[0]

    def of(table: Table) -> pl.Expr | None:
        universe = universe_of(table)
        if universe is None or (table.name in _COMMON and universe in droits.univers):
            return None
        if universe not in droits.univers:
            return None if universe in opened else NOTHING
        if universe == "convergence":
            if droits.regions is None and droits.editeurs is None and droits.departements is None:
                return None
            return (
                pl.col("service").is_in(known_services().implode()) if "service" in table.columns else NOTHING
            )
        return _by_columns(droits, table, universe)

    return of


def _by_columns(droits: Droits, table: Table, universe: str) -> pl.Expr | None:
    parts = []
    columns = table.columns
    asked = [("code_departement", droits.departements)]
    if universe == "segur":
        asked.append(("editeur", droits.editeurs))
        if table.name not in _SUMS and "code_region" in columns:
            asked.append(("code_region", droits.regions))
    for column, values in asked:
        if values is None:
            continue
        if column not in columns:
            return NOTHING
        parts.append(pl.col(column).is_in(sorted(values)))
    return pl.all_horizontal(parts) if parts else None


def _services(droits: Droits, scan: Scan) -> pl.Series:
    if droits.departements is not None:
        return pl.Series("service", [], pl.String)  # services are regional: none belongs to a département
    found = scan(SERVICES).select("service", "region")
    if droits.regions is not None:
        found = found.filter(pl.col("region").is_in(sorted(droits.regions)))
    if droits.editeurs is not None:
        owned = scan(SOLUTIONS).filter(pl.col("editeur").is_in(sorted(droits.editeurs)))
        found = found.join(owned, on="service", how="semi")
    return found.select("service").unique().collect().to_series()
