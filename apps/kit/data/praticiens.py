"""Professionals of the directory by their RPPS, as who they say to be is looked for before an agenda opens."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import polars as pl

from lake.catalog.annuaire import ACTIVITES
from lake.errors import MissingTable
from lake.tables import Lake

_COLUMNS = (
    "identification_nationale_pp", "nom_exercice", "prenom_exercice", "code_specialite", "code_commune", "longitude",
    "latitude",
)  # fmt: skip
_DOCTOR = "10"


@dataclass(frozen=True)
class Trouve:
    """A professional at a place that is located.

    Attributes:
        identifiant: 8 + RPPS.
        nom, prenom: as the directory writes them, capitals apart.
        medecin: whether it is a doctor.
        specialite: ``SM54``…; empty without.
        code_commune, longitude, latitude: where.
    """

    identifiant: str
    nom: str
    prenom: str
    medecin: bool
    specialite: str
    code_commune: str
    longitude: float
    latitude: float


def of_rpps(lake: Lake, identifiant: str) -> Trouve | None:
    """The professional of a national identifier in the latest extraction; None when it is not there, or not located.

    Args:
        lake: where the directory is.
        identifiant: 8 + RPPS.
    """
    return of_many(lake, [identifiant]).get(identifiant)


def of_many(lake: Lake, identifiants: Collection[str]) -> dict[str, Trouve]:
    """The professionals of national identifiers, those of the latest extraction that are located: one place each.

    Args:
        lake: where the directory is.
        identifiants: 8 + RPPS.
    """
    try:
        days = lake.values(ACTIVITES, "date_extraction")
        rows = (
            lake.scan(ACTIVITES)
            .filter(
                pl.col("date_extraction") == date.fromisoformat(str(days[-1])),
                pl.col("identification_nationale_pp").is_in(list(identifiants)),
                pl.col("longitude").is_not_null(),
                pl.col("code_commune").is_not_null(),
            )
            .select(*_COLUMNS, "code_profession")
            .collect()
        )
    except MissingTable:
        return {}
    found: dict[str, Trouve] = {}
    for row in rows.iter_rows(named=True):
        who = row["identification_nationale_pp"]
        found.setdefault(
            who,
            Trouve(
                who, row["nom_exercice"].title(), row["prenom_exercice"].title(), row["code_profession"] == _DOCTOR,
                row["code_specialite"] or "", row["code_commune"], row["longitude"], row["latitude"],
            ),
        )  # fmt: skip
    return found
