"""What the lake knows of territories, as this source needs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from ingest.source import Context
from lake.catalog.territoires import CODES_POSTAUX, COMMUNES, DEPARTEMENTS, FUSIONS
from lake.contract import Table
from lake.errors import MissingTable, UnknownName

FRANCE = "france"
CITIES = {"751": "75056", "132": "13055", "6938": "69123"}
"""Municipal arrondissements, by how their code starts: the commune that they make up."""
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

    def in_force(self, codes: Iterable[str]) -> pl.DataFrame:
        """The commune in force that each code leads to: merged communes and arrondissements to what they are part of.

        Args:
            codes: codes as another source publishes them, each once.

        Returns:
            DataFrame: ``code`` and ``code_commune`` (String, null where the reference knows no such commune).
        """
        known = set(self.communes["code_commune"])
        merged = dict(self.fusions.select("ancien_code_commune", "code_commune").iter_rows())

        def current(code: str) -> str | None:
            city = next((to for start, to in CITIES.items() if code.startswith(start)), None)
            found = code if code in known else merged.get(code, city)
            return found if found in known else None

        rows = [(code, current(code)) for code in codes]
        return pl.DataFrame(rows, schema={"code": pl.String, "code_commune": pl.String}, orient="row")
