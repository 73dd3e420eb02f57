"""The tables of a campaign as they were declared: what an archive holds, under a selection and the reader's rights.

Each is a universe that is only listed (:func:`scoring.universes.engine.detail`): its rows are the contract's own.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

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
)
from lake.catalog.convergence_usages import USAGES
from lake.contract import Table
from scoring.universes.convergence_axes import AXES, CAMPAGNE, OF_SERVICE, OF_SOLUTION
from scoring.universes.convergence_campaign import Campagne, chosen, dates
from scoring.universes.convergence_rows import values
from scoring.universes.model import Axis, Derived, Rhythm, Scan, Universe
from scoring.universes.selection import Selection


def _rows(table: Table, campagne: Campagne) -> pl.LazyFrame:
    """The rows of a table: of the services selected, or of the referential in force."""
    if table is SERVICES:
        return campagne.services().select(table.columns)
    if "campagne" not in table.columns:
        here = (pl.col("volet") == campagne.volet) & (pl.col("version") == campagne.version)
        rows = campagne.scan(table).filter(here)
        return rows.sort("ordre") if "ordre" in table.columns else rows
    rows = campagne.read(table).select(table.columns)
    if "service" not in table.columns:
        return rows
    kept = campagne.services().select("service")
    if table is JALONS:  # a milestone of a whole axis names no service
        kept = pl.concat([kept, pl.LazyFrame({"service": [""]})])
    return rows.join(kept, on="service", how="semi", maintain_order="left")


def _universe(table: Table) -> Universe:
    def rows(
        scan: Scan, selection: Selection, by: Sequence[Axis], restrict: pl.Expr | None = None
    ) -> pl.LazyFrame:
        parts = [_rows(table, one) for one in chosen(scan, selection, by, restrict)]
        return pl.concat(parts) if parts else table.empty().lazy()

    return Universe(
        name=table.name.replace("__", "_table_"),
        title=table.title,
        table=table,
        time=CAMPAGNE,
        rhythm=Rhythm.SNAPSHOT,
        axes=tuple(one for one in AXES if one.name in (*OF_SERVICE, *OF_SOLUTION, "campagne", "volet")),
        measures=(),
        source="Convergence, déclarations des régions et des éditeurs",
        opened_by="convergence",
        derived=Derived(
            rows=rows, values=values, dates=dates, tables=(CAMPAGNES, SERVICES, SOLUTIONS, table)
        ),
    )


TABLES = {
    table.name.partition("__")[2]: _universe(table)
    for table in (
        SERVICES, REPONSES, USAGES, PLANS, PRELIMINAIRES, SOLUTIONS, JALONS, AMELIORATIONS, REFERENTIEL, NIVEAUX,
    )
}  # fmt: skip
"""File of the archive -> the universe of its rows."""
