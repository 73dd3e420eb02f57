"""Distances on the sphere, and the projections of the State's files (by pyproj, whose database comes with it).

RGF93, its overseas counterparts and WGS84 differ by less than the coordinates' own precision: no datum is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyproj

Floats = npt.NDArray[np.float64]

EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG)."""
LAMBERT_93 = 2154
OVERSEAS: Mapping[str, int] = {
    "971": 5490,
    "972": 5490,
    "973": 2972,
    "974": 2975,
    "975": 4467,
    "976": 4471,
    "977": 5490,
    "978": 5490,
    "986": 8903,
    "987": 3297,
    "988": 3163,
}
"""Department or collectivity overseas -> EPSG code of its legal projection (decree 2000-1276, annex, as amended).

French Polynesia spreads over four zones: that of the Society Islands, where nearly all live, is taken."""


def distance_km(lon_1: Any, lat_1: Any, lon_2: Any, lat_2: Any) -> Floats:
    """Great-circle distance by the haversine formula, which keeps its precision at short range.

    Args:
        lon_1: degrees, number or array; arrays are broadcast.
        lat_1: degrees.
        lon_2: degrees.
        lat_2: degrees.

    Returns:
        Kilometres, Float64; NaN where a point is unknown.
    """
    phi_1, phi_2 = np.radians(lat_1), np.radians(lat_2)
    turn = np.sin(np.radians(np.subtract(lon_2, lon_1)) / 2) ** 2
    half = np.sin((phi_2 - phi_1) / 2) ** 2 + np.cos(phi_1) * np.cos(phi_2) * turn
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))), dtype=np.float64)


def distance(lon_1: pl.Expr, lat_1: pl.Expr, lon_2: pl.Expr, lat_2: pl.Expr) -> pl.Expr:
    """:func:`distance_km` as an expression (degrees, Float64 -> km, Float64; null where a point is unknown)."""
    phi_1, phi_2 = lat_1.radians(), lat_2.radians()
    turn = ((lon_2 - lon_1).radians() / 2).sin().pow(2)
    half = ((phi_2 - phi_1) / 2).sin().pow(2) + phi_1.cos() * phi_2.cos() * turn
    return 2 * EARTH_KM * half.clip(0, 1).sqrt().arcsin()


@cache
def _projection(epsg: int) -> pyproj.Proj:
    return pyproj.Proj(f"EPSG:{epsg}")


def to_degrees(x: Floats, y: Floats, epsg: int) -> tuple[Floats, Floats]:
    """Longitude and latitude (degrees) of projected metres; infinite where the projection has no such point."""
    longitude, latitude = _projection(epsg)(x, y, inverse=True)
    return np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)


def to_metres(longitude: Floats, latitude: Floats, epsg: int) -> tuple[Floats, Floats]:
    """Projected metres, easting then northing, of longitudes and latitudes (degrees)."""
    x, y = _projection(epsg)(longitude, latitude)
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
