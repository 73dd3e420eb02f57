"""Which lever was missing: for each demand that ended with nothing, what alone refused the nearest seat."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from lake.geo import distance_km
from lake.horaires.plages import BITS
from scoring.sas.horizons import HORIZONS, LONGEST, limit
from scoring.sas.mesures.demandes import levier
from scoring.sas.rayons import of_code

REGARDE = timedelta(hours=48)
"""How far ahead a seat is looked for; one that begins more than a day later is another time, not a longer horizon."""
UN_JOUR = timedelta(hours=24)


def leviers(demandes: pl.DataFrame, slots: pl.DataFrame, communes: pl.DataFrame) -> list[str]:
    """The missing lever of each demand; empty for those that were not unmet, or whose commune is unknown.

    Args:
        demandes: ``moment``, ``sas``, ``code_commune``, ``horizon``, ``modalites`` (``AMB|VR``; empty: all), ``issue``.
        slots: free seats, ``debut``, ``modalites`` (bits), ``longitude``, ``latitude``.
        communes: ``code_commune``, ``longitude``, ``latitude``.
    """
    centres = {
        code: (x, y)
        for code, x, y in communes.select("code_commune", "longitude", "latitude").drop_nulls().iter_rows()
    }
    found = []
    for row in demandes.iter_rows(named=True):
        centre = centres.get(row["code_commune"])
        if row["issue"] != "non_pourvue" or centre is None:
            found.append("")
            continue
        now = row["moment"]
        last = limit(row["horizon"] if row["horizon"] in HORIZONS else LONGEST, now).fin
        wanted = sum(BITS[code] for code in row["modalites"].split("|") if code in BITS) or sum(BITS.values())
        near = slots.filter(pl.col("debut") > now, pl.col("debut") <= now + REGARDE)
        km = distance_km(near["longitude"].to_numpy(), near["latitude"].to_numpy(), *centre)
        begins = pl.col("debut")
        seats = near.with_columns(distance_km=pl.Series(km, dtype=pl.Float64)).select(
            "distance_km",
            rayon=pl.col("distance_km") > of_code(row["sas"]).rayon_km,
            horizon=(begins > last) & (begins <= now + UN_JOUR),
            modalite=(pl.col("modalites") & wanted) == 0,
            heure=(begins > last) & (begins > now + UN_JOUR),
        )
        found.append(levier(seats))
    return found
