"""The whole of France on one map: metropolitan France in a conic projection, overseas in insets.

Overseas départements are drawn each at its own scale beside metropolitan France; collectivities without published
outline are squares; on maps of départements, Paris and its neighbours are drawn a second time, larger. A shape
drawn twice bears the same code: either filters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, log, pi, radians, sin, tan
from typing import Any

import polars as pl

from apps.kit.data.data import Data
from apps.kit.data.view import View
from apps.kit.maps.outlines import Feature, Outlines, Plane, outlines, projected
from lake.catalog.territoires import CONTOURS, DEPARTEMENTS, REGIONS

PREFIX = "france-"
"""A mesh of the whole country is ``france-region`` or ``france-departement``."""
MESHES = (f"{PREFIX}region", f"{PREFIX}departement")
KM = 4
"""Units of the plane in a kilometre."""
_EARTH_KM = 6371.0
_TABLES = {
    "region": (REGIONS, "code_region", "region"),
    "departement": (DEPARTEMENTS, "code_departement", "departement"),
}
CITIES = (
    ("Paris", 2.35, 48.86), ("Lyon", 4.84, 45.76), ("Marseille", 5.37, 43.30), ("Toulouse", 1.44, 43.60),
    ("Lille", 3.06, 50.63), ("Strasbourg", 7.75, 48.58), ("Nantes", -1.55, 47.22), ("Bordeaux", -0.58, 44.84),
    ("Dijon", 5.04, 47.32), ("Ajaccio", 8.74, 41.93),
)  # fmt: skip
_LEFT, _TOP, _BOX, _STEP = -900.0, 430.0, 150.0, 205.0
"""Column of the overseas départements, in km from the centre: left edge, top, size of a box, distance."""
_OVERSEAS = (
    ("01", "971", "Guadeloupe"), ("02", "972", "Martinique"), ("03", "973", "Guyane"),
    ("04", "974", "La Réunion"), ("06", "976", "Mayotte"),
)  # fmt: skip
_COLLECTIVITIES = (
    ("975", "St-Pierre-et-M."), ("977", "St-Barthélemy"), ("978", "St-Martin"),
    ("986", "Wallis-et-F."), ("987", "Polynésie fr."), ("988", "Nlle-Calédonie"),
)  # fmt: skip
_SQUARE, _ROW, _FIRST, _APART = 52.0, -640.0, -640.0, 178.0
"""Squares of the collectivities, in km: size, ordinate, first abscissa, distance."""
_PARIS = ("75", "92", "93", "94")
_PARIS_BOX = (330.0, 470.0, 165.0)
"""Where Paris and its neighbours are drawn larger, in km: left, top, size."""


@dataclass(frozen=True)
class Conic:
    """Lambert's conformal conic projection with two standard parallels (Snyder, *Map Projections*, 1987, ch. 15).

    Attributes:
        longitude: meridian that points north (degrees).
        latitude: latitude of the origin (degrees).
        south: first standard parallel (degrees).
        north: second standard parallel (degrees).
    """

    longitude: float = 3.0
    latitude: float = 46.5
    south: float = 44.0
    north: float = 49.0

    def point(self, longitude: float, latitude: float) -> tuple[int, int]:
        """Plane coordinates of a place, in units (see :data:`KM`)."""
        first, second = radians(self.south), radians(self.north)
        n = log(cos(first) / cos(second)) / log(_half(second) / _half(first))
        scale = cos(first) * _half(first) ** n / n
        radius = scale / _half(radians(latitude)) ** n
        origin = scale / _half(radians(self.latitude)) ** n
        turn = n * radians(longitude - self.longitude)
        return (
            round(radius * sin(turn) * _EARTH_KM * KM),
            round((origin - radius * cos(turn)) * _EARTH_KM * KM),
        )


def _half(latitude: float) -> float:
    return tan(pi / 4 + latitude / 2)


@dataclass(frozen=True)
class Ground:
    """What a choropleth is drawn on.

    Attributes:
        outlines: name of the outlines (a mesh, or a mesh of the whole country).
        codes: territories drawn.
        borders: outlines of larger territories, drawn in white over them.
        places: cities named (``commune``, ``x``, ``y``).
        insets: names written beside the insets (``nom``, ``x``, ``y``).
    """

    outlines: str
    codes: list[str]
    borders: list[Feature]
    places: list[dict[str, Any]]
    insets: list[dict[str, Any]]


def outlines_of(data: Data, name: str) -> Outlines:
    """The outlines of a mesh, of the published communes or of the whole country.

    Args:
        data: cached reads.
        name: ``commune``, ``epci``, ``departement``, ``region``, or one of :data:`MESHES`.

    Raises:
        MissingTable: the reference of territories was never published.
    """
    if name not in MESHES:
        return outlines(data, name)
    mesh = name.removeprefix(PREFIX)
    found: Outlines = data.cached(("france", mesh), [CONTOURS, _TABLES[mesh][0]], lambda: _france(data, mesh))
    return found


def ground(view: View, mesh: str) -> Ground:
    """The whole country under the selection: chosen regions fill a map of départements.

    Args:
        view: what the page shows.
        mesh: ``region`` or ``departement``.
    """
    name = PREFIX + mesh
    features = outlines_of(view.data, name).features
    chosen = view.selection.values("region") if mesh == "departement" else ()
    places = view.data.frame(DEPARTEMENTS)
    kept = {f["properties"]["code"] for f in features}
    if chosen:
        kept &= set(places.filter(pl.col("code_region").is_in(chosen))["code_departement"])
    borders = outlines_of(view.data, MESHES[0]).of(chosen or None) if mesh == "departement" else []
    conic = Conic()
    cities = [] if chosen else [_placed("commune", conic, *city) for city in CITIES]
    return Ground(name, sorted(kept), borders, cities, [] if chosen else _inset_names(kept, mesh))


def _placed(column: str, conic: Conic, name: str, longitude: float, latitude: float) -> dict[str, Any]:
    x, y = conic.point(longitude, latitude)
    return {column: name, "x": x, "y": y}


def _france(data: Data, mesh: str) -> Outlines:
    table, code, name = _TABLES[mesh]
    known = dict(data.frame(table).select(code, name).iter_rows())
    rows = (
        data.scan(CONTOURS).filter(pl.col("maille") == mesh).sort("code").select("code", "geojson").collect()
    )
    shapes = {key: json.loads(text) for key, text in rows.iter_rows() if key in known}
    overseas = {one[0 if mesh == "region" else 1]: rank for rank, one in enumerate(_OVERSEAS)}
    features = [
        _feature(key, known[key], projected(shape, _box(shape, overseas[key])))
        if key in overseas
        else _feature(key, known[key], projected(shape, Conic()))
        for key, shape in shapes.items()
    ]
    if mesh == "departement" and set(_PARIS) <= set(shapes):
        near = [{"type": "MultiPolygon", "coordinates": _polygons(shapes[key])} for key in _PARIS]
        left, top, size = _PARIS_BOX
        larger = Inset.fitting([point for shape in near for point in _points(shape)], left, top, size)
        features += [
            _feature(key, known[key], projected(shape, larger))
            for key, shape in zip(_PARIS, near, strict=True)
        ]
    features += [
        _feature(key, known[key], _square(rank))
        for rank, (key, _) in enumerate(_COLLECTIVITIES)
        if key in known and key not in shapes
    ]
    return Outlines(PREFIX + mesh, Plane(0.0, 0.0), tuple(features))


def _feature(code: str, name: str, geometry: dict[str, Any]) -> Feature:
    return {"type": "Feature", "properties": {"code": code, "nom": name}, "geometry": geometry}


@dataclass(frozen=True)
class Inset:
    """A territory drawn at its own scale in a box.

    Attributes:
        west: longitude put at the left edge (degrees).
        north: latitude put at the top (degrees).
        stretch: km of the drawing in a degree of latitude.
        shrink: a degree of longitude over a degree of latitude there.
        left: abscissa of the left edge (km).
        top: ordinate of the top (km).
    """

    west: float
    north: float
    stretch: float
    shrink: float
    left: float
    top: float

    @classmethod
    def fitting(cls, points: Sequence[Sequence[float]], left: float, top: float, size: float) -> Inset:
        """The inset whose territory fills a square box, centred across it."""
        longitudes, latitudes = [p[0] for p in points], [p[1] for p in points]
        shrink = cos(radians((min(latitudes) + max(latitudes)) / 2))
        wide = (max(longitudes) - min(longitudes)) * shrink
        tall = max(latitudes) - min(latitudes)
        stretch = size / max(wide, tall)
        return cls(min(longitudes), max(latitudes), stretch, shrink, left + (size - wide * stretch) / 2, top)

    def point(self, longitude: float, latitude: float) -> tuple[int, int]:
        """Plane coordinates of a place, in units."""
        x = self.left + (longitude - self.west) * self.shrink * self.stretch
        y = self.top + (latitude - self.north) * self.stretch
        return round(x * KM), round(y * KM)


def _box(shape: dict[str, Any], rank: int) -> Inset:
    return Inset.fitting(list(_points(shape)), _LEFT, _TOP - rank * _STEP, _BOX)


def _polygons(shape: dict[str, Any]) -> list[Any]:
    polygons: list[Any] = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    return polygons


def _points(shape: dict[str, Any]) -> Iterable[Sequence[float]]:
    return (point for polygon in _polygons(shape) for ring in polygon for point in ring)


def _square(rank: int) -> dict[str, Any]:
    left, top = (_FIRST + rank * _APART) * KM, _ROW * KM
    right, low = left + _SQUARE * KM, top - _SQUARE * KM
    corners = [[left, top], [right, top], [right, low], [left, low], [left, top]]
    return {"type": "MultiPolygon", "coordinates": [[[[round(x), round(y)] for x, y in corners]]]}


def _inset_names(kept: set[str], mesh: str) -> list[dict[str, Any]]:
    """Names under the insets drawn, centred."""
    rank_of_code = 0 if mesh == "region" else 1
    names = [
        {"nom": one[2], "x": (_LEFT + _BOX / 2) * KM, "y": (_TOP - rank * _STEP - _BOX - 24) * KM}
        for rank, one in enumerate(_OVERSEAS)
        if one[rank_of_code] in kept
    ]
    names += [
        {
            "nom": name,
            "x": (_FIRST + rank * _APART + _SQUARE / 2) * KM,
            "y": (_ROW - _SQUARE - 24 - 42 * (rank % 2)) * KM,
        }
        for rank, (code, name) in enumerate(_COLLECTIVITIES)
        if code in kept
    ]
    if mesh == "departement" and set(_PARIS) <= kept:
        left, top, size = _PARIS_BOX
        names.append({"nom": "Paris et petite couronne", "x": (left + size / 2) * KM, "y": (top + 24) * KM})
    return names
