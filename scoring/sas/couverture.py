"""Who can be seen, hour by hour and commune by commune: seats as they are left, people where they live."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from itertools import groupby

import numpy as np
import polars as pl

from lake.catalog.sas import COUVERTURE
from lake.geo import distance_km
from lake.horaires.creneaux import free
from lake.horaires.heures import moment
from scoring.reach.proximity import Trajet
from scoring.sas.mesures.couverture import (
    HORIZONS_MIN,
    Offertes,
    Portee,
    atteignables,
    heures,
    minutes_depuis,
)
from scoring.sas.rayons import territoires

_BLOCK = 128
"""Places whose journeys to every commune are worked out at once."""
_NOBODY = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def heures_couvertes(
    left: pl.DataFrame, places: pl.DataFrame, communes: pl.DataFrame, du: date, au: date
) -> pl.DataFrame:
    """Seats in reach of every commune of the regions served, at each hour: rows of ``sas__couverture``.

    Args:
        left: slots net of absences and of bookings.
        places: the places of professionals, with their territories.
        communes: rows of ``territoires__communes``.
        du, au: first and last day.
    """
    sas = {one.code_departement: one for one in territoires().values()}
    here = (
        communes.filter(pl.col("longitude").is_not_null(), pl.col("population") > 0)
        .filter(pl.col("code_departement").is_in(list(sas)))
        .sort("code_commune")
    )
    served = places.get_column("code_departement").unique()
    regions = (
        communes.filter(pl.col("code_departement").is_in(served.implode())).get_column("code_region").unique()
    )
    here = here.filter(pl.col("code_region").is_in(regions.implode()))
    if here.is_empty():
        return COUVERTURE.empty()
    road = Trajet()
    radius = np.array([sas[code].rayon_km for code in here.get_column("code_departement")])
    limits = road.minutes(radius)
    people = here.get_column("population").to_numpy()
    seats = _by_family(free(left), places)
    families = {
        family: _reached(seats.filter(pl.col("famille") == family), family, here, limits, road)
        for family in seats.get_column("famille").unique().sort().to_list() or ["presentiel"]
    }
    base = here.select("code_commune", "code_departement", "siren_epci", "population").with_columns(
        sas=pl.lit("SAS-") + pl.col("code_departement")
    )
    jobs = []
    for day, hours in groupby(heures(du, au), key=lambda one: one[0]):
        grid = pl.DataFrame({"heure": [hour for _, hour in hours]}, schema={"heure": pl.Int64})
        cells = base.join(grid.with_columns(jour=pl.lit(day)), how="cross", maintain_order="left_right")
        opened = [moment(datetime.combine(day, time(hour))) for hour in grid.get_column("heure")]
        jobs += [(cells, family, opened, *reached, people) for family, reached in families.items()]
    # Days do not depend on one another, and sums of arrays let other threads work.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        parts = list(pool.map(lambda job: _covered_day(*job), jobs))
    return pl.concat(parts) if parts else COUVERTURE.empty()


def _by_family(left: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Free seats with their family: the patient comes, the doctor comes, nobody moves."""
    where = places.select(
        "identifiant", "lieu", "longitude", "latitude", "perimetre_min", "perimetre_communes"
    )
    seats = left.join(where, on=["identifiant", "lieu"])
    families = {"presentiel": 1, "domicile": 2, "teleconsultation": 4}
    return pl.concat(
        [
            seats.filter((pl.col("modalites") & bit) > 0).with_columns(famille=pl.lit(name))
            for name, bit in families.items()
        ]
    )


def _reached(
    seats: pl.DataFrame, family: str, here: pl.DataFrame, limits: np.ndarray, road: Trajet
) -> tuple[Portee, pl.DataFrame]:
    """Which commune reaches which place of a family, for the whole period; and the seats with their place's number.

    Nobody travels to a consultation at a distance: all its places are one.
    """
    people = here.get_column("population").to_numpy()
    if family == "teleconsultation":
        everyone = np.arange(here.height)
        nowhere = np.zeros(here.height, np.int64)
        return Portee.of(everyone, nowhere, nowhere, people), seats.with_columns(_lieu=pl.lit(0))
    key = ["longitude", "latitude", "perimetre_min", "perimetre_communes"]
    sites = (
        seats.select(key)
        .unique(maintain_order=True)
        .with_columns(pl.int_range(pl.len()).alias("_lieu"), _reach=pl.col("perimetre_min").fill_null(0.0))
    )
    codes = here.get_column("code_commune").to_numpy()
    lon, lat = here.get_column("longitude").to_numpy(), here.get_column("latitude").to_numpy()
    pairs = []
    for first in range(0, sites.height, _BLOCK):
        some = sites.slice(first, _BLOCK)
        x, y = (some.get_column(one).to_numpy()[:, None] for one in ("longitude", "latitude"))
        journey = road.minutes(distance_km(x, y, lon[None, :], lat[None, :]))
        at_home = family == "domicile"
        allowed = some.get_column("_reach").to_numpy()[:, None] if at_home else limits[None, :]
        near = journey <= allowed
        if at_home:  # who lists communes goes there alone, however far they are
            for rank, listed in enumerate(some.get_column("perimetre_communes")):
                if listed:
                    near[rank] = np.isin(codes, listed.split("|"))
        place, commune = np.nonzero(near)
        taken = np.zeros(len(place)) if at_home else journey[place, commune]
        pairs.append((commune, place + first, taken))
    commune, place, taken = (np.concatenate(one) for one in zip(*pairs, strict=True)) if pairs else _NOBODY
    return Portee.of(commune, place, taken, people), seats.join(
        sites.drop("_reach"), on=key, nulls_equal=True, maintain_order="left"
    )


def _covered_day(
    cells: pl.DataFrame,
    family: str,
    hours: list[datetime],
    portee: Portee,
    seats: pl.DataFrame,
    people: np.ndarray,
) -> pl.DataFrame:
    """The rows of a day and a family."""
    origin = hours[0]
    instants = np.array([minutes_depuis(one, origin) for one in hours])
    last = hours[-1] + timedelta(minutes=max(HORIZONS_MIN.values()))
    start = (pl.col("debut") - origin).dt.total_minutes()
    near = seats.filter(pl.col("debut") <= last, pl.col("fin") > origin).select(
        "_lieu",
        "restantes",
        _debut=start,
        _dernier=pl.when(pl.col("genre") == "plage")
        .then((pl.col("fin") - origin).dt.total_minutes() - pl.col("duree_min"))
        .otherwise(start),
    )
    offered = Offertes(
        *(near.get_column(one).to_numpy() for one in ("_lieu", "_debut", "_dernier", "restantes"))
    )
    counts, shares = atteignables(portee, offered, people, instants)
    flat = counts.reshape(-1, counts.shape[2]), shares.reshape(-1, counts.shape[2])
    return cells.with_columns(
        pl.lit(family).alias("famille"),
        *(pl.Series(f"places_{code}", flat[0][:, rank]) for rank, code in enumerate(HORIZONS_MIN)),
        *(pl.Series(f"parts_{code}", flat[1][:, rank]) for rank, code in enumerate(HORIZONS_MIN)),
    )
