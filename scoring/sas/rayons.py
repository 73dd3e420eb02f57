"""How far a search goes, by the SAS of the place: 101 territories, 2025.

Source: the radii that the national SAS search published for 2025, restated in ``rayons.csv`` (codes padded, Corsica as
``2A`` and ``2B``). Overseas it gives no barycentre, nor a widest radius; for Guyane and Mayotte nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from lake.errors import UnknownName
from lake.text import words

_WITHOUT = (50.0, 25.0)
"""Radius and step (km) where the source gives none: those of its least dense territories."""


@dataclass(frozen=True)
class Territoire:
    """A SAS.

    Attributes:
        code: ``SAS-54``.
        nom: the department's name.
        code_departement: its department (``2A`` in Corsica).
        rayon_km: how far a search goes first.
        elargissement_km: what one *Élargir* adds.
        rayon_max_km: as far as it ever goes; None where the source says nothing.
        longitude, latitude: barycentre (degrees); None overseas.
    """

    code: str
    nom: str
    code_departement: str
    rayon_km: float
    elargissement_km: float
    rayon_max_km: float | None
    longitude: float | None
    latitude: float | None

    def rayon(self, elargi: int = 0) -> float:
        """The radius (km) after so many enlargements."""
        wide = self.rayon_km + max(elargi, 0) * self.elargissement_km
        return wide if self.rayon_max_km is None else min(wide, max(self.rayon_max_km, self.rayon_km))


@cache
def territoires() -> dict[str, Territoire]:
    """Every SAS, by its department."""
    raw = pl.read_csv(Path(__file__).parent / "rayons.csv", schema_overrides={"code_departement": pl.String})
    found = {}
    for row in raw.iter_rows(named=True):
        known = row["rayon_km"] > 0
        placed = row["longitude"] != 0 or row["latitude"] != 0
        found[row["code_departement"]] = Territoire(
            code=row["sas"],
            nom=row["departement"],
            code_departement=row["code_departement"],
            rayon_km=float(row["rayon_km"]) if known else _WITHOUT[0],
            elargissement_km=float(row["elargissement_km"]) if known else _WITHOUT[1],
            rayon_max_km=float(row["rayon_max_km"]) or None,
            longitude=float(row["longitude"]) if placed else None,
            latitude=float(row["latitude"]) if placed else None,
        )
    return found


def departement_of(code_commune: str) -> str:
    """The department of a commune's code."""
    return code_commune[:3] if code_commune.startswith(("97", "98")) else code_commune[:2]


def of_departement(code: str) -> Territoire:
    """The SAS of a department, its code padded or not, Corsica either way.

    Raises:
        UnknownName: there is none.
    """
    plain = code.strip().upper().removeprefix("SAS-")
    plain = {"20A": "2A", "20B": "2B"}.get(plain, plain.zfill(2))
    if plain not in territoires():
        raise UnknownName("département", code, list(territoires()))
    return territoires()[plain]


def of_code(sas: str) -> Territoire:
    """A SAS by its code (``SAS-54``, ``54``) or by its name, as it is typed (``meurthe et moselle``).

    Raises:
        UnknownName: there is none; close codes and names are suggested.
    """
    named = {words(one.nom): one for one in territoires().values()}
    found = named.get(words(sas).removeprefix("sas "))
    if found is not None:
        return found
    try:
        return of_departement(sas)
    except UnknownName as error:
        known = [text for one in territoires().values() for text in (one.code, one.nom)]
        raise UnknownName("SAS", sas, known) from error
