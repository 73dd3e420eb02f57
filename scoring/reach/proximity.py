"""Distances between communes: from centres to kilometres, and from kilometres to minutes.

No road network is needed: a journey is the great-circle distance between two centres, lengthened by a detour
factor and driven at one mean speed. Everything that is assumed is a named, adjustable parameter
(:class:`Trajet`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from lake.errors import LakeError
from lake.geo import EARTH_KM, Floats, distance_km

Ints = npt.NDArray[np.int64]

_BLOCK = 256
"""Communes compared at once: bounds the memory to a block × the communes of its latitudes."""

_FEW = 64
"""Communes whose nearest is looked for at once: their products stay in the processor's memory."""
_NEARLY = 1e-14
"""Two cosines closer than that are compared by the distances: a metre where points meet, less than one farther."""


@dataclass(frozen=True)
class Trajet:
    """How a distance becomes a time.

    Attributes:
        vitesse_km_h: mean speed by road.
        detour: length by road over great-circle length (at least 1).
        part_rayon_intra: mean distance travelled inside a commune, as a share of the radius of the disc that
            has its area. A uniformly spread population is on average at two thirds of the radius from the
            centre; 0 makes journeys inside a commune immediate.
    """

    vitesse_km_h: float = 50.0
    detour: float = 1.3
    part_rayon_intra: float = 2 / 3

    def __post_init__(self) -> None:
        checks = (
            (5 <= self.vitesse_km_h <= 130, "La vitesse moyenne va de 5 à 130 km/h"),
            (1 <= self.detour <= 3, "Le facteur de détour va de 1 à 3"),
            (0 <= self.part_rayon_intra <= 2, "La part du rayon d'une commune va de 0 à 2"),
        )
        for kept, sentence in checks:
            if not kept:
                raise LakeError(f"{sentence}.", conseil="Revenez à la valeur par défaut, ou corrigez-la.")

    def minutes(self, km: Floats) -> Floats:
        """Driving time (minutes) of great-circle distances (km)."""
        return np.asarray(km * (self.detour / self.vitesse_km_h * 60.0))

    def km(self, minutes: float) -> float:
        """The great-circle distance (km) that is driven in a time (minutes)."""
        return minutes / 60.0 * self.vitesse_km_h / self.detour


def _unit_vectors(longitude: Floats, latitude: Floats) -> Floats:
    """The points on the unit sphere (their number × 3): of two, the product is the cosine of their angle."""
    theta, phi = np.radians(longitude), np.radians(latitude)
    return np.column_stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])


def pairs_within(longitude: Floats, latitude: Floats, km: float) -> tuple[Ints, Ints, Floats]:
    """Every ordered pair of distinct points closer than a distance.

    Points are sorted by latitude, so that each block is compared only with the points that its latitudes can
    reach: for the region, one pair in fifty.

    Returns:
        Row numbers of the first point, of the second, and the distance (km); sorted by first then second.
    """
    order = np.argsort(latitude, kind="stable")
    lon, lat = longitude[order], latitude[order]
    angle = min(km / EARTH_KM, math.pi)
    reach = math.degrees(angle) * (1 + 1e-9)
    # A product of unit vectors tells who may be near enough, a metre more at most; the formula then decides.
    vectors = _unit_vectors(lon, lat)
    near = math.cos(min(angle + 2e-7, math.pi)) - 1e-15
    first: list[Ints] = []
    second: list[Ints] = []
    lengths: list[Floats] = []
    for start in range(0, lat.size, _BLOCK):
        stop = min(start + _BLOCK, lat.size)
        low = int(np.searchsorted(lat, lat[start] - reach, side="left"))
        high = int(np.searchsorted(lat, lat[stop - 1] + reach, side="right"))
        rows, columns = np.nonzero(vectors[start:stop] @ vectors[low:high].T > near)
        rows, columns = rows + start, columns + low
        found = distance_km(lon[rows], lat[rows], lon[columns], lat[columns])
        kept = (rows != columns) & (found < km)
        first.append(order[rows[kept]])
        second.append(order[columns[kept]])
        lengths.append(found[kept])
    if not first:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    i, j, d = np.concatenate(first), np.concatenate(second), np.concatenate(lengths)
    sorted_ = np.lexsort((j, i))
    return i[sorted_], j[sorted_], d[sorted_]


def nearest(places: pl.DataFrame, targets: pl.DataFrame, trajet: Trajet | None = None) -> pl.DataFrame:
    """For each place, the nearest target, itself included when it is one.

    Args:
        places: ``code_commune`` (String), ``longitude``, ``latitude`` (Float64, degrees; a place without
            centre has no nearest).
        targets: the same columns.
        trajet: how a distance becomes a time; the defaults when None.

    Returns:
        DataFrame, one row per place in order: ``code_commune``, ``code_commune_proche`` (String),
        ``distance_km`` and ``temps_min`` (Float64); null where no target can be reached.
    """
    how = trajet or Trajet()
    known = targets.drop_nulls(["longitude", "latitude"]).sort("code_commune")
    lon, lat = known["longitude"].to_numpy(), known["latitude"].to_numpy()
    placed = places.drop_nulls(["longitude", "latitude"])
    found = np.zeros(placed.height, np.int64)
    length = np.full(placed.height, np.nan)
    if known.height:
        here = placed["longitude"].to_numpy(), placed["latitude"].to_numpy()
        vectors, those = _unit_vectors(*here), np.ascontiguousarray(_unit_vectors(lon, lat).T)
        for start in range(0, placed.height, _FEW):
            stop = min(start + _FEW, placed.height)
            part = vectors[start:stop]
            # Axis by axis: a matrix product starts threads, which cost more than they spare on a busy machine.
            near = part[:, 0:1] * those[0]
            near += part[:, 1:2] * those[1]
            near += part[:, 2:3] * those[2]
            # The products tell those that may be the nearest, one nearly always; the formula then decides, and of
            # equals the first code.
            rows, columns = np.nonzero(near >= near.max(axis=1, keepdims=True) - _NEARLY)
            d = distance_km(here[0][start + rows], here[1][start + rows], lon[columns], lat[columns])
            order = np.lexsort((columns, d, rows))
            _, first = np.unique(rows[order], return_index=True)
            best = order[first]
            found[start:stop], length[start:stop] = columns[best], d[best]
    answer = pl.DataFrame(
        {
            "code_commune": placed["code_commune"],
            "code_commune_proche": known["code_commune"].gather(found)
            if known.height
            else pl.Series([None] * placed.height, dtype=pl.String),
            "distance_km": pl.Series(length, nan_to_null=True),
            "temps_min": pl.Series(how.minutes(length), nan_to_null=True),
        }
    )
    return places.select("code_commune").join(answer, on="code_commune", how="left", maintain_order="left")


def areas(outlines: pl.DataFrame) -> pl.DataFrame:
    """Area of territories from their outlines (rings of WGS84 degrees on a sphere).

    Source of the formula: R. G. Chamberlain and W. H. Duquette, "Some Algorithms for Polygons on a Sphere",
    JPL Publication 07-03, 2007.

    Args:
        outlines: ``code`` and ``geojson`` (String: Polygon or MultiPolygon, first ring outer, others holes).

    Returns:
        DataFrame: ``code_commune`` (String) and ``superficie_km2`` (Float64).
    """
    shapes = shapely.from_geojson(outlines["geojson"].to_numpy())
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, polygon = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    # Rings are closed: each side goes from a point to the next one of the same ring.
    side = ring[1:] == ring[:-1]
    lon, sine = np.radians(points[:, 0]), np.sin(np.radians(points[:, 1]))
    terms = np.where(side, (lon[1:] - lon[:-1]) * (2 + sine[1:] + sine[:-1]), 0.0)
    ring_area = np.abs(np.bincount(ring[1:], terms, minlength=len(rings))) * EARTH_KM**2 / 2
    outer = np.concatenate([[True], polygon[1:] != polygon[:-1]])[: len(rings)]
    total = np.bincount(owner[polygon], np.where(outer, ring_area, -ring_area), minlength=len(shapes))
    return pl.DataFrame(
        {"code_commune": outlines["code"], "superficie_km2": pl.Series(total, dtype=pl.Float64)}
    )
