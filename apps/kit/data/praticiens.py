"""Professionals of the directory by their RPPS, as who they say to be is looked for before an agenda opens."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import polars as pl

from lake.catalog.annuaire import ACTIVITES
from lake.catalog.finess import ETABLISSEMENTS
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


def sortis_de_finess(
    lake: Lake, numbers: Collection[str], today: date
) -> tuple[set[str], dict[str, date], str]:
    """Structures by the register of health establishments.

    Args:
        lake: where it is; a lake without it says nothing of anybody.
        numbers: FINESS numbers.
        today: the day of a closing without date.

    Returns:
        tuple: those that are open (1 + FINESS), those that closed and since when, the name of the register.
    """
    try:
        rows = (
            lake.scan(ETABLISSEMENTS)
            .filter(pl.col("finess").is_in(list(numbers)))
            .select("finess", "ouvert", "date_fermeture", "date_donnees")
            .collect()
        )
    except MissingTable:
        return set(), {}, "FINESS"
    known = {"1" + number for number in rows.filter("ouvert")["finess"]}
    closed = {
        "1" + number: closing or data or today
        for number, open_, closing, data in rows.iter_rows()
        if not open_ and "1" + number not in known
    }
    return known, closed, "FINESS"


def sortis_de_l_annuaire(lake: Lake, identifiants: Collection[str]) -> tuple[set[str], dict[str, date], str]:
    """Practitioners by the extractions of the directory.

    Args:
        lake: where it is; a lake without it says nothing of anybody.
        identifiants: 8 + RPPS.

    Returns:
        tuple: those of the latest extraction, those that an earlier one alone had and the first one without them, the
        name of the register. Who was in none is in neither.
    """
    name = "L’annuaire"
    try:
        days = lake.values(ACTIVITES, "date_extraction")
    except MissingTable:
        return set(), {}, name
    if not days or not identifiants:
        return set(), {}, name
    rows = (
        lake.scan(ACTIVITES)
        .filter(pl.col("identification_nationale_pp").is_in(list(identifiants)))
        .group_by("identification_nationale_pp")
        .agg(pl.col("date_extraction").max())
        .collect()
    )
    dates = sorted(date.fromisoformat(str(one)) for one in days)
    after = dict(pairwise(dates))
    known = {who for who, seen in rows.iter_rows() if seen == dates[-1]}
    return known, {who: after[seen] for who, seen in rows.iter_rows() if who not in known}, name
