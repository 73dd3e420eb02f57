"""The packaged referentials, and what the checks read from a referential.

Source of the regions' referential: Agence du Numérique en Santé, Convergence v1.2, questionnaires in force on
15 December 2020 (codes, axes, scale, expected levels; the wording of each level is a summary). That of
``industriels`` is the demo's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

from lake.catalog.convergence import NIVEAUX, REFERENTIEL, VOLETS
from lake.errors import UnknownName

VERSION = "2020-12-15"


@dataclass(frozen=True)
class Referentiel:
    """A version of a referential.

    Attributes:
        volet: ``regions`` or ``industriels``.
        version: its name.
        criteres: the columns of the table ``convergence__referentiel``.
        niveaux: the columns of the table ``convergence__niveaux``.
    """

    volet: str
    version: str
    criteres: pl.DataFrame
    niveaux: pl.DataFrame


def packaged_text(name: str) -> bytes:
    """The bytes of a packaged data file."""
    return files("ingest.sources.convergence.data").joinpath(name).read_bytes()


@cache
def packaged(volet: str = "regions") -> Referentiel:
    """The packaged referential of a side.

    Raises:
        UnknownName: no such side.
    """
    if volet not in VOLETS:
        raise UnknownName("volet", volet, VOLETS)
    key = {"volet": pl.lit(volet), "version": pl.lit(VERSION)}
    criteres = pl.read_csv(packaged_text(f"referentiel_{volet}.csv"), infer_schema=False)
    niveaux = pl.read_csv(packaged_text(f"niveaux_{volet}.csv"), infer_schema=False)
    return Referentiel(
        volet,
        VERSION,
        criteres.with_columns(**key)
        .with_columns(
            pl.col("a_partir_du").str.to_date(),
            pl.col("ordre", "niveau_attendu").cast(pl.Int64),
            pl.col("poids").cast(pl.Float64),
            non_applicable=pl.col("non_applicable") == "true",
        )
        .select(REFERENTIEL.columns),
        niveaux.with_columns(**key).with_columns(pl.col("niveau").cast(pl.Int64)).select(NIVEAUX.columns),
    )
