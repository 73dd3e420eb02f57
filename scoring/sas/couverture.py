"""Who can be seen, hour by hour and commune by commune: seats as they are left, people where they live."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl

from lake.catalog.sas import COUVERTURE
from lake.geo import distance_km
from lake.horaires.creneaux import free
from lake.horaires.heures import midnight, moment
from scoring.reach.proximity import Trajet
from scoring.sas.mesures.couverture import HORIZONS_MIN, Lieu, atteignables, heures
from scoring.sas.rayons import territoires

_CHUNK = 7


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
    moments = list(heures(du, au))
    parts = []
    for first in range(0, (au - du).days + 1, _CHUNK):
        week = [one for one in moments if first <= (one[0] - du).days < first + _CHUNK]
        if week:
            parts.append(_covered_week(week, seats, here, people, limits, road))
    return pl.concat(parts) if parts else COUVERTURE.empty()


def _by_family(left: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Free seats with their family: the patient comes, the doctor comes, nobody moves."""
    where = places.select("identifiant", "lieu", "longitude", "latitude", "perimetre_min")
    seats = left.join(where, on=["identifiant", "lieu"])
    families = {"presentiel": 1, "domicile": 2, "teleconsultation": 4}
    return pl.concat(
        [
            seats.filter((pl.col("modalites") & bit) > 0).with_columns(famille=pl.lit(name))
            for name, bit in families.items()
        ]
    )


def _covered_week(
    week: list[tuple[date, int]],
    seats: pl.DataFrame,
    here: pl.DataFrame,
    people: np.ndarray,
    limits: np.ndarray,
    road: Trajet,
) -> pl.DataFrame:
    origin = midnight(week[0][0])
    instants = np.array(
        [(moment(datetime.combine(day, time(hour))) - origin).total_seconds() / 60 for day, hour in week]
    )
    last = origin + timedelta(minutes=float(instants[-1]) + max(HORIZONS_MIN.values()))
    near = seats.filter(pl.col("debut") <= last, pl.col("fin") > origin).with_columns(
        _debut=(pl.col("debut") - origin).dt.total_minutes(),
        _dernier=pl.when(pl.col("genre") == "plage")
        .then((pl.col("fin") - origin).dt.total_minutes() - pl.col("duree_min"))
        .otherwise((pl.col("debut") - origin).dt.total_minutes()),
    )
    lon, lat = here.get_column("longitude").to_numpy(), here.get_column("latitude").to_numpy()
    frames = []
    base = here.select("code_commune", "code_departement", "siren_epci", "population").with_columns(
        sas=pl.lit("SAS-") + pl.col("code_departement")
    )
    grid = pl.DataFrame(
        {"jour": [d for d, _ in week], "heure": [h for _, h in week]},
        schema={"jour": pl.Date, "heure": pl.Int64},
    )
    cells = base.join(grid, how="cross", maintain_order="left_right")
    for family in near.get_column("famille").unique().sort().to_list() or ["presentiel"]:
        places = []
        for (x, y, reach), part in near.filter(pl.col("famille") == family).group_by(
            "longitude", "latitude", "perimetre_min", maintain_order=True
        ):
            journey = road.minutes(distance_km(np.array([x]), np.array([y]), lon, lat))
            if family == "teleconsultation":
                journey = np.zeros(len(lon))
            elif family == "domicile":
                journey = np.where(journey <= float(reach or 0), 0.0, np.inf)
            first, last_one = (
                part.get_column(one).to_numpy().astype(float) for one in ("_debut", "_dernier")
            )
            places.append(Lieu(journey, first, last_one, part.get_column("restantes").to_numpy()))
        counts, shares = atteignables(places, limits, people, instants)
        flat = counts.reshape(-1, counts.shape[2]), shares.reshape(-1, counts.shape[2])
        frames.append(
            cells.with_columns(
                pl.lit(family).alias("famille"),
                *(pl.Series(f"places_{code}", flat[0][:, rank]) for rank, code in enumerate(HORIZONS_MIN)),
                *(pl.Series(f"parts_{code}", flat[1][:, rank]) for rank, code in enumerate(HORIZONS_MIN)),
            )
        )
    return pl.concat(frames)
