"""What the invented population is made of."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

EXTRACTIONS = 4
"""Number of extractions over which the population is followed."""

MODES = ("", "L", "S", "B")
"""Modes of practice; activities carry the index."""


@dataclass(frozen=True)
class Monde:
    """The population.

    Attributes:
        personnes: one row per person: ``metier`` (index in METIERS), identifiers, names, ``savoir_faire`` and
            ``competence`` (codes or empty).
        activites: one row per person × activity: ``p`` (row in ``personnes``), ``s0``…``s3`` (site at each
            extraction, -1 when absent), ``m0``…``m3`` (index in :data:`MODES`), ``genre`` (code),
            ``tirage`` (uniform draw).
        sites: the sites, in the order of their numbers.
        nulle_part: number of the site without any location.
        inconnus: as ``personnes``, a few persons without activity, for broken lines.
        decalage: where the identifiers of this population begin.
    """

    personnes: pl.DataFrame
    activites: pl.DataFrame
    sites: pl.DataFrame
    nulle_part: int
    inconnus: pl.DataFrame
    decalage: int
