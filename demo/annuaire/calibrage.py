"""The published figures that the demo is calibrated on, and how they are shared out between territories."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from demo.annuaire.carnet import Carnet
from demo.ban.write import apportion

PERSONNES = 123_048
NON_LOCALISEES = 1_129
NON_LOCALISEES_PAR_EPCI: Mapping[str, int] = {
    "200039865": 253,  # Metz Métropole
    "200066009": 105,  # Mulhouse Alsace Agglomération
    "246700488": 79,  # Eurométropole de Strasbourg
    "200067213": 54,  # Grand Reims
    "245400676": 46,  # Métropole du Grand Nancy
    "200069250": 43,  # Troyes Champagne Métropole
    "200066876": 29,  # Châlons-en-Champagne
    "200067874": 28,  # Haguenau
    "200013050": 27,  # Sauer-Pechelbronn
    "200066041": 23,  # Sundgau
}
"""Persons that could not be located, published for 14 January 2025, by SIREN of the EPCI."""

PETIT = 40
"""The small demo has one person in this many."""

COMMUNE_INCONNUE = 18
"""Persons whose commune cannot be told, in the full demo."""


def targets(carnet: Carnet, total: int, published: Mapping[str, int], unknown: int) -> dict[str | None, int]:
    """Persons that cannot be located, by EPCI; None is for those whose commune is unknown.

    EPCI of the publication keep their number (those that the communes given do not touch are left to the
    others); the others share the rest by population, each under the smallest published number as far as
    possible.
    """
    epci = (
        carnet.communes.filter(pl.col("siren_epci").is_not_null())
        .group_by("siren_epci")
        .agg(pl.col("population").sum())
        .sort("siren_epci")
    )
    present = set(epci["siren_epci"].to_list())
    result: dict[str | None, int] = {code: number for code, number in published.items() if code in present}
    if unknown:
        result[None] = unknown
    rest = total - sum(result.values())
    others = epci.filter(~pl.col("siren_epci").is_in(list(published)))
    if others.is_empty():
        others = epci
    shares = apportion(others["population"].to_numpy().astype(np.float64) + 1.0, rest)
    cap = min(published.values()) - 1
    if cap > 0 and shares.size * cap >= rest:
        # Reverse what exceeds the cap onto the EPCI that are farthest below it.
        while (excess := int(np.maximum(shares - cap, 0).sum())) > 0:
            shares = np.minimum(shares, cap)
            room = np.argsort(shares, kind="stable")[:excess]
            shares[room] += 1
    for code, share in zip(others["siren_epci"], shares, strict=True):
        if share:
            result[code] = result.get(code, 0) + int(share)
    return result


def small_targets() -> tuple[int, dict[str, int], int]:
    """The published figures at the scale of the small demo: total, by EPCI, commune unknown."""
    by_epci = {code: max(1, round(number / PETIT)) for code, number in NON_LOCALISEES_PAR_EPCI.items()}
    return round(NON_LOCALISEES / PETIT), by_epci, 1
