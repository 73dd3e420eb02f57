"""Which point a pair of numbers means: the register mixes systems and orders, and sometimes swaps them.

Met in the official files: Lambert-93 as easting then northing; the same swapped (the daily file calls the
northing ``coordonneeX``); degrees as longitude then latitude, or the other way round; UTM metres overseas; nothing,
or words. Each reading that is possible is tried from the surest; the first that falls near the establishment's own
commune is believed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from lake.geo import LAMBERT_93, OVERSEAS, Floats, distance_km, to_degrees

LIMIT_KM = 30.0
"""Farther than this from its commune's centre, a point is not believed: no commune of the country is that wide,
Guyane apart."""
LIMIT_GUYANE_KM = 200.0
# Extent of metropolitan France in Lambert-93 (metres), with some margin: eastings and northings never overlap.
_EAST, _NORTH = (50_000.0, 1_300_000.0), (6_000_000.0, 7_200_000.0)


def place(rows: pl.DataFrame) -> pl.DataFrame:
    """Find the point of each establishment.

    Args:
        rows: ``x1``, ``y1``, ``x2``, ``y2``, ``cle_ban`` (String, as delivered), ``code_departement``
            (String) and the centre of its commune, ``_lon`` and ``_lat`` (Float64, degrees, null if unknown).

    Returns:
        DataFrame, one row per row in order: ``longitude``, ``latitude`` (Float64), ``geo_source``,
        ``geo_motif`` (String; see :mod:`lake.catalog.finess`).
    """
    size = rows.height
    written = {name: rows[name].str.replace(",", ".", literal=True) for name in ("x1", "y1", "x2", "y2")}
    numbers = {name: column.cast(pl.Float64, strict=False).to_numpy() for name, column in written.items()}
    home = rows["_lon"].to_numpy(), rows["_lat"].to_numpy()
    departement = rows["code_departement"].fill_null("").to_numpy()
    limit = np.where(departement == "973", LIMIT_GUYANE_KM, LIMIT_KM)

    lon, lat = np.full(size, np.nan), np.full(size, np.nan)
    swapped = np.zeros(size, bool)
    possible, far = np.zeros(size, bool), np.zeros(size, bool)
    for first, second in (("x2", "y2"), ("x1", "y1")):
        a, b = numbers[first], numbers[second]
        for inverse in (False, True):
            x, y = (b, a) if inverse else (a, b)
            for found_lon, found_lat in _readings(x, y, departement):
                ok = np.isfinite(found_lon) & np.isfinite(found_lat)
                away = distance_km(found_lon, found_lat, *home)
                near = ok & ~(away > limit)  # unknown centre: nothing contradicts the point
                take = near & np.isnan(lon)
                lon[take], lat[take], swapped[take] = found_lon[take], found_lat[take], inverse
                possible |= ok
                far |= ok & ~near
    given = np.zeros(size, bool)
    readable = np.zeros(size, bool)
    for first, second in (("x1", "y1"), ("x2", "y2")):
        given |= (rows[first].is_not_null() | rows[second].is_not_null()).to_numpy()
        readable |= np.isfinite(numbers[first]) & np.isfinite(numbers[second])
    # A key of the national address base without street is that of a commune: the point is its centre.
    centre = (rows["cle_ban"].is_not_null() & ~rows["cle_ban"].fill_null("_").str.contains("_")).to_numpy()
    placed = np.isfinite(lon) & ~centre
    reason = np.select(
        [placed, np.isfinite(lon) & centre, ~given, ~readable, ~possible],
        ["", "centre_commune", "absentes", "illisibles", "hors_bornes"],
        "hors_commune",
    )
    home_known = np.isfinite(home[0].astype(float)) & np.isfinite(home[1].astype(float))
    source = np.select([placed & swapped, placed, home_known], ["finess_inverse", "finess", "commune"], "")
    return pl.DataFrame(
        {
            "longitude": pl.Series(np.where(placed, lon, home[0].astype(float)), nan_to_null=True),
            "latitude": pl.Series(np.where(placed, lat, home[1].astype(float)), nan_to_null=True),
            "geo_source": pl.Series(source, dtype=pl.String).replace("", None),
            "geo_motif": pl.Series(reason, dtype=pl.String).replace("", None),
        }
    )


def _readings(x: Floats, y: Floats, departement: npt.NDArray[np.object_]) -> list[tuple[Floats, Floats]]:
    """The points that (x, y) may mean, NaN where it cannot: degrees, Lambert-93, UTM overseas."""
    nothing = np.full(x.shape, np.nan)
    degrees = (np.abs(x) <= 180) & (np.abs(y) <= 90) & ~((x == 0) & (y == 0))
    # Overseas numbers may lie within the metropolitan extent: there, metres are always UTM.
    abroad = np.isin(departement, list(OVERSEAS))
    lambert = (x > _EAST[0]) & (x < _EAST[1]) & (y > _NORTH[0]) & (y < _NORTH[1]) & ~abroad
    found = [(np.where(degrees, x, nothing), np.where(degrees, y, nothing))]
    lon, lat = nothing.copy(), nothing.copy()
    if lambert.any():
        lon[lambert], lat[lambert] = to_degrees(x[lambert], y[lambert], LAMBERT_93)
    found.append((lon, lat))
    lon, lat = nothing.copy(), nothing.copy()
    for code, epsg in OVERSEAS.items():
        here = (departement == code) & (x > 100_000) & (x < 900_000) & (y > 0) & (y < 10_000_000)
        if here.any():
            lon[here], lat[here] = to_degrees(x[here], y[here], epsg)
    found.append((lon, lat))
    return found
