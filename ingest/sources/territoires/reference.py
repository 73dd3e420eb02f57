"""The packaged reference: one compact Parquet file per table, read and written as one value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import polars as pl

from lake.catalog import territoires as catalog
from lake.contract import Table
from lake.errors import ContractError

FOLDER = Path(__file__).parent / "reference"
VINTAGE = date(2026, 1, 1)
"""Date of the packaged list of communes (COG of 1 January 2026)."""

# Territories outside the 18 INSEE régions, accepted as départements and régions under their own code.
COLLECTIVITES = {
    "975": "Saint-Pierre-et-Miquelon",
    "977": "Saint-Barthélemy",
    "978": "Saint-Martin",
    "986": "Wallis-et-Futuna",
    "987": "Polynésie française",
    "988": "Nouvelle-Calédonie",
}


@dataclass(frozen=True)
class Territoires:
    """The eight tables of the source, each in its contract's columns."""

    regions: pl.DataFrame
    departements: pl.DataFrame
    epci: pl.DataFrame
    codes_postaux: pl.DataFrame
    fusions: pl.DataFrame
    partenaires: pl.DataFrame
    contours: pl.DataFrame
    communes: pl.DataFrame

    def items(self) -> Iterator[tuple[Table, pl.DataFrame]]:
        """The tables with their contract, in the order of publication (communes last)."""
        by_name = {table.name.removeprefix("territoires__"): table for table in catalog.TABLES}
        for field in fields(self):
            yield by_name[field.name], getattr(self, field.name)

    def save(self, folder: Path) -> None:
        """Write the tables to a folder, one compressed Parquet file each."""
        folder.mkdir(parents=True, exist_ok=True)
        for table, frame in self.items():
            path = folder / f"{table.name.removeprefix('territoires__')}.parquet"
            frame.select(table.columns).write_parquet(path, compression="zstd", compression_level=19)


def empty() -> Territoires:
    """What a compilation starts from: nothing but the collectivities outside the régions."""
    codes, names = list(COLLECTIVITES), list(COLLECTIVITES.values())
    frames = {table.name.removeprefix("territoires__"): table.empty() for table in catalog.TABLES}
    frames["regions"] = pl.DataFrame({"code_region": codes, "region": names})
    frames["departements"] = pl.DataFrame(
        {"code_departement": codes, "departement": names, "code_region": codes}
    ).with_columns(longitude=pl.lit(None, pl.Float64), latitude=pl.lit(None, pl.Float64))
    return Territoires(**frames)


def load(folder: Path = FOLDER) -> Territoires:
    """Read the packaged reference.

    Raises:
        ContractError: a file of the package is missing (a damaged installation).
    """
    frames: dict[str, pl.DataFrame] = {}
    for field in fields(Territoires):
        path = folder / f"{field.name}.parquet"
        if not path.is_file():
            raise ContractError(
                f"Référence embarquée incomplète : « {path.name} » est absent.",
                conseil="Réinstallez l'application.",
            )
        frames[field.name] = pl.read_parquet(path)
    return Territoires(**frames)
