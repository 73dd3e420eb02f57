"""Outlines of territories, ready to draw: planar, light, without any outside map service.

Outlines are projected on the server (equirectangular, true at the middle of what is drawn), so charts use an
identity projection: no winding rule to respect, nothing to compute in the browser, small integers on the wire.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any, Protocol

import polars as pl

from apps.kit.data.data import Data
from apps.kit.style.french import typographic
from lake.catalog.territoires import COMMUNES, CONTOURS, DEPARTEMENTS, EPCI, REGIONS

Feature = dict[str, Any]
Box = tuple[int, int, int, int]
UNITS = 2_000
"""Units of the plane in a degree of latitude: one is about 55 m."""
NAMES = {
    "region": (REGIONS, "code_region", "region"),
    "departement": (DEPARTEMENTS, "code_departement", "departement"),
    "epci": (EPCI, "siren_epci", "epci"),
    "commune": (COMMUNES, "code_commune", "commune"),
}


@dataclass(frozen=True)
class Plane:
    """The projection of a drawing.

    Attributes:
        longitude: reference longitude (degrees).
        latitude: reference latitude (degrees), where lengths are true.
    """

    longitude: float
    latitude: float

    def x(self, longitude: float) -> int:
        """Plane abscissa of a longitude."""
        return round((longitude - self.longitude) * cos(radians(self.latitude)) * UNITS)

    def y(self, latitude: float) -> int:
        """Plane ordinate of a latitude (upwards)."""
        return round((latitude - self.latitude) * UNITS)

    def point(self, longitude: float, latitude: float) -> tuple[int, int]:
        """Plane coordinates of a place."""
        return self.x(longitude), self.y(latitude)


class Projection(Protocol):
    """What turns a place into plane coordinates."""

    def point(self, longitude: float, latitude: float) -> tuple[int, int]:
        """Plane coordinates of a place."""


@dataclass(frozen=True)
class Outlines:
    """The outlines of one mesh.

    Attributes:
        mesh: ``commune``, ``epci``, ``departement`` or ``region``.
        plane: their projection, the same for every mesh of a lake.
        features: GeoJSON features; ``properties`` holds ``code`` and ``nom``. Shared: never changed.
    """

    mesh: str
    plane: Plane
    features: tuple[Feature, ...]

    def of(self, codes: Iterable[str] | None = None) -> list[Feature]:
        """The features of all territories, or of these."""
        if codes is None:
            return list(self.features)
        wanted = set(codes)
        return [feature for feature in self.features if feature["properties"]["code"] in wanted]


def outlines(data: Data, mesh: str) -> Outlines:
    """The outlines of a mesh, projected once per version of the reference.

    Raises:
        MissingTable: the reference of territories was never published.
    """
    table, code, name = NAMES[mesh]

    def compute() -> Outlines:
        frame = (
            data.scan(CONTOURS)
            .filter(pl.col("maille") == mesh)
            .join(data.scan(table).select(code=code, nom=name), on="code", how="left")
            .sort("code")
            .select("code", "nom", "geojson")
            .collect()
        )
        plane = plane_of(data)
        features = tuple(
            {
                "type": "Feature",
                "properties": {"code": row["code"], "nom": typographic(row["nom"] or row["code"])},
                "geometry": projected(json.loads(row["geojson"]), plane),
            }
            for row in frame.iter_rows(named=True)
        )
        return Outlines(mesh, plane, features)

    found: Outlines = data.cached(("outlines", mesh), [CONTOURS, table, COMMUNES], compute)
    return found


def around(data: Data, mesh: str, codes: Iterable[str]) -> list[str]:
    """The territories of a mesh in the window of some of them: themselves and those around, sorted.

    The window is the box of these territories, wider by a quarter of its sides on each side (by 8 km at least): a
    map of one EPCI shows it large, among its neighbours.

    Args:
        data: cached reads.
        mesh: ``region``, ``departement``, ``epci`` or ``commune``.
        codes: the territories that the map frames.
    """
    boxes: dict[str, Box] = data.cached(
        ("boxes", mesh),
        [CONTOURS, NAMES[mesh][0], COMMUNES],
        lambda: {one["properties"]["code"]: box_of([one]) for one in outlines(data, mesh).features},
    )
    mine = [boxes[code] for code in codes if code in boxes]
    if not mine:
        return sorted(boxes)
    left, bottom, right, top = (
        min(b[0] for b in mine), min(b[1] for b in mine), max(b[2] for b in mine), max(b[3] for b in mine)
    )  # fmt: skip
    margin = max((right - left) / 4, (top - bottom) / 4, 8 / 111.2 * UNITS)
    return sorted(
        code
        for code, (west, south, east, north) in boxes.items()
        if west <= right + margin
        and east >= left - margin
        and south <= top + margin
        and north >= bottom - margin
    )


def box_of(features: Iterable[Feature]) -> Box:
    """The box of features in the plane: left, bottom, right, top."""
    points = [
        point
        for feature in features
        for polygon in feature["geometry"]["coordinates"]
        for ring in polygon
        for point in ring
    ]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def geometries(data: Data, mesh: str, codes: Iterable[str]) -> tuple[dict[str, Any], ...]:
    """The outlines of territories as published, in degrees (GeoJSON geometries; cached)."""
    wanted = tuple(codes)

    def compute() -> tuple[dict[str, Any], ...]:
        rows = data.scan(CONTOURS).filter(pl.col("maille") == mesh, pl.col("code").is_in(list(wanted)))
        return tuple(json.loads(text) for text in rows.sort("code").select("geojson").collect()["geojson"])

    found: tuple[dict[str, Any], ...] = data.cached(("geometries", mesh, wanted), [CONTOURS], compute)
    return found


def bounds_in_degrees(shapes: Sequence[Mapping[str, Any]]) -> tuple[float, float, float, float]:
    """West, south, east, north of geometries."""
    points = [
        point
        for shape in shapes
        for polygon in ([shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"])
        for ring in polygon
        for point in ring
    ]
    longitudes, latitudes = [point[0] for point in points], [point[1] for point in points]
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def plane_of(data: Data) -> Plane:
    """The plane of a lake's territories: centred on its communes."""

    def compute() -> Plane:
        middle = data.scan(COMMUNES).select(pl.col("longitude", "latitude").mean()).collect()
        longitude, latitude = middle.row(0)
        return Plane(longitude or 0.0, latitude or 47.0)

    found: Plane = data.cached("plane", [COMMUNES], compute)
    return found


def projected(geometry: dict[str, Any], plane: Projection) -> dict[str, Any]:
    """A Polygon or MultiPolygon in plane units, repeated points dropped.

    Rings that shrink to less than a triangle are dropped, unless it is the only ring of its polygon.
    """
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    drawn = []
    for polygon in polygons:
        rings = [_ring(ring, plane) for ring in polygon]
        kept = [ring for index, ring in enumerate(rings) if index == 0 or len(ring) >= 4]
        drawn.append(kept)
    return {"type": "MultiPolygon", "coordinates": drawn}


def _ring(ring: Sequence[Sequence[float]], plane: Projection) -> list[list[int]]:
    points: list[list[int]] = []
    for longitude, latitude, *_ in ring:
        point = list(plane.point(longitude, latitude))
        if not points or points[-1] != point:
            points.append(point)
    if len(points) < 4:
        points += [points[-1]] * (4 - len(points))
    if points[0] != points[-1]:
        points.append(points[0])
    return points


def cities(
    data: Data, most: int = 9, apart_km: float = 28.0, within: Sequence[str] | None = None
) -> pl.DataFrame:
    """The cities named on a map: the most populated, far enough from one another to be read.

    Args:
        data: cached reads.
        most: how many.
        apart_km: least distance between two of them on a map of the whole; shorter on a part of it.
        within: codes of the communes drawn; all by default.

    Returns:
        DataFrame: ``commune`` (String), ``x`` and ``y`` (Int64, plane units).
    """

    def compute() -> pl.DataFrame:
        plane = plane_of(data)
        chosen = pl.lit(True) if within is None else pl.col("code_commune").is_in(list(within))
        rows = (
            data.scan(COMMUNES)
            .filter(chosen)
            .drop_nulls(["longitude", "latitude", "population"])
            .sort("population", descending=True)
            .select("commune", "longitude", "latitude")
            .head(400)
            .collect()
        )
        part = 1.0 if within is None else _extent(rows) / _extent(data.frame(COMMUNES))
        least = apart_km * max(part, 0.05) / 111.2 * UNITS
        pixel = _extent(rows if within is not None else data.frame(COMMUNES)) * UNITS / _TALL
        kept: list[tuple[str, int, int]] = []
        for name, longitude, latitude in rows.iter_rows():
            x, y = plane.x(longitude), plane.y(latitude)
            apart = all((x - a) ** 2 + (y - b) ** 2 >= least**2 for _, a, b in kept)
            if apart and not any(overlap((name, x, y), other, pixel) for other in kept):
                kept.append((typographic(name), x, y))
            if len(kept) == most:
                break
        return pl.DataFrame(kept, schema={"commune": pl.String, "x": pl.Int64, "y": pl.Int64}, orient="row")

    frame: pl.DataFrame = data.cached(
        ("cities", most, apart_km, None if within is None else tuple(within)), [COMMUNES], compute
    )
    return frame


_TALL = 520
"""Height that a map is drawn on, about (px)."""
_LINE, _LETTER, _POINT = 18, 7.0, 12
"""Height of a label, width of one of its letters, room of the point before it (px)."""


def overlap(one: tuple[str, int, int], other: tuple[str, int, int], pixel: float) -> bool:
    """Whether the labels of two places would be written over one another.

    Args:
        one: name, and plane coordinates of the point that the label starts from.
        other: another one.
        pixel: plane units in a pixel.
    """
    (name, x, y), (beside, a, b) = one, other
    far = abs(y - b) >= _LINE * pixel
    after = (
        x >= a + (_POINT + _LETTER * len(beside)) * pixel or a >= x + (_POINT + _LETTER * len(name)) * pixel
    )
    return not (far or after)


def _extent(rows: pl.DataFrame) -> float:
    """Height in degrees of what these communes cover; never zero."""
    if rows["latitude"].null_count() == rows.height:
        return 1.0
    low, high = rows["latitude"].min(), rows["latitude"].max()
    assert isinstance(low, float) and isinstance(high, float)
    return max(high - low, 0.05)
