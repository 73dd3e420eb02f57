"""What the lake knows of territories, as this source needs it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ingest.source import Context
from lake.catalog.territoires import CODES_POSTAUX, COMMUNES, DEPARTEMENTS, FUSIONS
from lake.contract import Table
from lake.errors import MissingTable, UnknownName

FRANCE = "france"
NEEDED: tuple[Table, ...] = (DEPARTEMENTS, COMMUNES, CODES_POSTAUX, FUSIONS)


@dataclass(frozen=True)
class Territories:
    """The territories, and the part of them that is kept.

    Attributes:
        departements: codes of all departments.
        wanted: codes of the departments to keep.
        communes: ``territoires__communes``.
        codes_postaux: ``territoires__codes_postaux``.
        fusions: ``territoires__fusions``.
    """

    departements: frozenset[str]
    wanted: frozenset[str]
    communes: pl.DataFrame
    codes_postaux: pl.DataFrame
    fusions: pl.DataFrame

    @classmethod
    def read(cls, context: Context) -> Territories:
        """Read them from the lake, for the context's region (an INSEE code, or ``france`` for everything).

        Raises:
            MissingTable: the territories were never ingested.
            UnknownName: no region has this code.
        """
        try:
            departements, communes, codes_postaux, fusions = (
                context.scan(table).collect() for table in NEEDED
            )
        except MissingTable as error:
            raise MissingTable(
                "Les territoires ne sont pas dans le lac : impossible de savoir quels départements garder.",
                conseil="Lancez d'abord : obs ingest territoires.",
            ) from error
        region = context.region.strip()
        everything = frozenset(departements["code_departement"])
        if region.lower() == FRANCE:
            wanted = everything
        else:
            mine = departements.filter(pl.col("code_region") == region)
            wanted = frozenset(mine["code_departement"])
            if not wanted:
                raise UnknownName("région", region, {*departements["code_region"], FRANCE})
        return cls(everything, wanted, communes, codes_postaux, fusions)
