"""What a geocoder is: the protocol that :mod:`ingest.geocode.locate` drives, and the frames that pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import polars as pl

# What a geocoder is asked: one row per distinct normalised address.
ADDRESS_SCHEMA = pl.Schema(
    {
        "cle_adresse": pl.String,  # fingerprint of the normalised address
        "adresse": pl.String,  # the address on one line, as remembered
        "numero": pl.Int32,  # number in the street
        "numero_fin": pl.Int32,  # last number of a range "12-14"
        "repetition": pl.String,  # repetition index: B (bis), T (ter), Q (quater), A, C…
        "voie": pl.String,  # street: plain upper-case words, kind of way included
        "voie_bis": pl.String,  # another way to read the street, when the register is ambiguous
        "marquee": pl.String,  # the street's text with bars where the writer parted it, if it says more than voie
        "ailleurs": pl.String,  # what the other columns say, a bar between parts
        "contexte": pl.String,  # the same as plain words, and what the commune's label has in brackets
        "code_postal": pl.String,  # clean postal code
        "libelle_commune": pl.String,  # key of the commune's label, as the register gives it
        "code_commune_source": pl.String,  # the register's commune code, before mergers
        "code_commune": pl.String,  # commune in force
        "code_departement": pl.String,
    }
)

# What it answers: at most one row per address; an address left out was not found.
ANSWER_SCHEMA = pl.Schema(
    {
        "cle_adresse": pl.String,
        "longitude": pl.Float64,
        "latitude": pl.Float64,
        "geo_precision": pl.String,  # numero, rue or lieu_dit
        "geo_score": pl.Float64,  # 0–1
        "code_commune_trouve": pl.String,
        "libelle_trouve": pl.String,
    }
)

# What a geocoder that can explain itself adds: how the address was read, the components of the score (see
# :mod:`scoring.geocode.scores`), and the next best place, where there was another.
EXPLANATION_SCHEMA = pl.Schema(
    {
        "lecture": pl.String,
        "s_precision": pl.Float64,
        "s_voie": pl.Float64,
        "s_numero": pl.Float64,
        "s_commune": pl.Float64,
        "s_lecture": pl.Float64,
        "s_ambiguite": pl.Float64,
        "second_libelle": pl.String,
        "second_score": pl.Float64,
    }
)


class Geocoder(Protocol):
    """Finds the coordinates of addresses.

    Attributes:
        name: the name under which its answers are remembered (``geocodeur``).
    """

    name: str

    def millesimes(self, departements: Sequence[str]) -> dict[str, str]:
        """Vintage of the geocoder's data in each department; departments it does not cover are left out."""
        ...

    def search(self, addresses: pl.DataFrame) -> pl.DataFrame:
        """Search addresses of covered departments.

        Args:
            addresses: columns of :data:`ADDRESS_SCHEMA`.

        Returns:
            Columns of :data:`ANSWER_SCHEMA`, one row per address found; those of :data:`EXPLANATION_SCHEMA` too
            from a geocoder that can explain itself.

        Raises:
            SourceUnavailable: the geocoder cannot be reached.
        """
        ...
