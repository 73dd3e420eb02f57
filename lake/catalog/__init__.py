"""The contracts of the tables, one module a domain; :func:`all_tables` lists them all."""

from __future__ import annotations

from lake.catalog import (
    ages,
    annuaire,
    apl,
    ban,
    convergence,
    convergence_fiches,
    convergence_usages,
    corrections,
    finess,
    journal,
    referencement,
    sas,
    segur,
    territoires,
)
from lake.contract import Table
from lake.errors import UnknownName


def all_tables() -> dict[str, Table]:
    """Every table of the lake by name, in domain order."""
    tables = (
        *territoires.TABLES,
        *ages.TABLES,
        *apl.TABLES,
        *ban.TABLES,
        *finess.TABLES,
        *annuaire.TABLES,
        *corrections.TABLES,
        *segur.TABLES,
        *referencement.TABLES,
        *convergence.TABLES,
        *convergence_fiches.TABLES,
        *convergence_usages.TABLES,
        *journal.TABLES,
        *sas.TABLES,
    )
    return {table.name: table for table in tables}


def table(name: str) -> Table:
    """The contract of one table.

    Raises:
        UnknownName: no table has this name.
    """
    tables = all_tables()
    if name not in tables:
        raise UnknownName("table", name, tables)
    return tables[name]
