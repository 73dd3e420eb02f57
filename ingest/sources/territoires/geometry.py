"""Outlines: repair, joint simplification, rounding, dissolving and GeoJSON text.

Everything here works on *coverages*: polygons that share their borders vertex by vertex. Simplifying a
coverage moves a shared border once for both neighbours, so neither gaps nor overlaps open; dissolving one
gives outlines whose vertices are those of the parts, so every mesh fits the others exactly.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

Geometries = npt.NDArray[np.object_]

COMMUNE_TOLERANCE = 0.0055
"""Degrees; a border's bend enclosing less than the square of this (about 0.25 km² here) is straightened."""
NATIONAL_TOLERANCE = 0.04
"""The same for départements known by their own outline only, which serve maps of the whole country."""
DECIMALS = 4
"""Decimals of published coordinates (about 10 m)."""
NATIONAL_DECIMALS = 3
"""Decimals of the coarse national outlines (about 100 m)."""
SLIVER_WIDTH = 0.002
"""Degrees (about 150 m): narrower gaps between neighbours are closed when outlines of two drawings meet."""
SMALLEST_PART = 0.002
"""Square degrees (about 17 km²): smaller detached parts (islets) of a national outline are left out."""


def polygonal(geometries: Geometries) -> tuple[Geometries, npt.NDArray[np.bool_]]:
    """Repair invalid geometries and keep only their surfaces.

    Returns:
        The geometries (None where no surface is left), and which ones had to be repaired.
    """
    repaired = ~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)
    fixed = np.where(repaired, shapely.make_valid(geometries, method="structure"), geometries)
    out = np.array([_surface(geometry) for geometry in fixed], dtype=object)
    return out, repaired


def _surface(geometry: shapely.Geometry | None) -> shapely.Geometry | None:
    if geometry is None or geometry.is_empty:
        return None
    if geometry.geom_type == "GeometryCollection":
        parts = [part for part in geometry.geoms if part.geom_type in ("Polygon", "MultiPolygon")]
        geometry = shapely.union_all(parts) if parts else None
    if geometry is None or geometry.geom_type not in ("Polygon", "MultiPolygon") or geometry.area == 0:
        return None
    return geometry


def simplify(geometries: Geometries, tolerance: float, decimals: int = DECIMALS) -> Geometries:
    """Simplify neighbouring polygons together and round them, so that shared borders stay shared.

    Input that overlaps or leaves slivers (boundaries of different vintages) is cleaned first.

    Args:
        geometries: non-empty polygons, one per territory.
        tolerance: degrees (see :data:`COMMUNE_TOLERANCE`).
        decimals: decimals of the coordinates.
    """
    if geometries.size == 0:
        return geometries
    if not shapely.coverage_is_valid(geometries):
        geometries = shapely.coverage_clean(geometries, gap_width=1e-4)
    # Rounding may leave a bend just under the tolerance: repeat until nothing moves, so that simplifying what
    # is simplified already changes nothing.
    for _pass in range(6):
        simpler = rounded(shapely.coverage_simplify(geometries, tolerance), decimals)
        if shapely.get_num_coordinates(simpler).sum() == shapely.get_num_coordinates(geometries).sum():
            return simpler
        geometries = simpler
    return geometries


def rounded(geometries: Geometries, decimals: int = DECIMALS) -> Geometries:
    """Round coordinates, keeping one to three decimals more where rounding would break a polygon or a fit."""
    fits = shapely.coverage_is_valid(geometries)
    for places in range(decimals, decimals + 4):
        candidate = _on_grid(geometries, places)
        if candidate is not None and (not fits or shapely.coverage_is_valid(candidate)):
            return candidate
    return geometries


def _on_grid(geometries: Geometries, places: int) -> Geometries | None:
    """Geometries rounded to some decimals, or None where that collapses or twists one of them."""
    try:
        candidate: Geometries = shapely.remove_repeated_points(
            shapely.transform(geometries, lambda xy: np.round(xy, places))
        )
    except shapely.errors.GEOSException:  # a ring smaller than the grid
        return None
    whole = shapely.is_valid(candidate).all() and not shapely.is_empty(candidate).any()
    return candidate if whole else None


def same(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    """Whether two outlines have the same rings, wherever these start and whichever way they turn."""
    return bool(shapely.equals_exact(shapely.normalize(one), shapely.normalize(other)))


def fits(geometries: Mapping[str, shapely.Geometry]) -> bool:
    """Whether neighbours share their borders vertex by vertex."""
    return bool(shapely.coverage_is_valid(np.array([*geometries.values(), None], dtype=object)[:-1]))


def closed(geometries: Mapping[str, shapely.Geometry]) -> dict[str, shapely.Geometry]:
    """Share every border vertex by vertex, removing overlaps and gaps narrower than :data:`SLIVER_WIDTH`."""
    array = np.array([*geometries.values(), None], dtype=object)[:-1]
    return dict(zip(geometries, shapely.coverage_clean(array, gap_width=SLIVER_WIDTH), strict=True))


def merge(geometries: Sequence[shapely.Geometry]) -> shapely.Geometry:
    """The union of neighbours: exact where they form a coverage, on the published grid otherwise."""
    if len(geometries) == 1:
        return geometries[0]
    parts = np.array(geometries, dtype=object)
    if shapely.coverage_is_valid(parts):
        return shapely.coverage_union_all(parts)
    return _surface(shapely.union_all(parts, grid_size=10.0**-DECIMALS))


def dissolve(
    geometries: Mapping[str, shapely.Geometry], group_of: Mapping[str, str]
) -> dict[str, shapely.Geometry]:
    """Merge the territories of each group: territory code -> group code gives group code -> outline."""
    members: dict[str, list[shapely.Geometry]] = {}
    for code, geometry in geometries.items():
        group = group_of.get(code)
        if group is not None:
            members.setdefault(group, []).append(geometry)
    return {group: merge(parts) for group, parts in sorted(members.items())}


def without_islets(geometries: Mapping[str, shapely.Geometry]) -> dict[str, shapely.Geometry]:
    """Leave out detached parts smaller than :data:`SMALLEST_PART`.

    The largest part of a territory stays, and so does an exclave within another territory: leaving it out
    would open a hole.
    """
    tree = shapely.STRtree(list(geometries.values()))
    out: dict[str, shapely.Geometry] = {}
    for code, geometry in geometries.items():
        parts = shapely.get_parts(geometry)
        areas = shapely.area(parts)
        small = np.flatnonzero(areas < min(SMALLEST_PART, float(areas.max())))
        alone = [i for i in small if len(tree.query(parts[i], predicate="intersects")) == 1]
        kept = np.delete(parts, alone)
        out[code] = kept[0] if len(kept) == 1 else shapely.multipolygons(kept)
    return out


def fit_around(
    outlines: Mapping[str, shapely.Geometry], fixed: frozenset[str], former: Sequence[shapely.Geometry]
) -> dict[str, shapely.Geometry]:
    """Bring coarse outlines up to the edge of finer ones, so that a map shows neither cracks nor overlaps.

    The fine outlines never move. A coarse neighbour loses what lies inside them and gains the slivers that
    the coarse drawing of the fine territories (``former``) used to fill.

    Args:
        outlines: every outline by code, fine and coarse.
        fixed: codes of the fine ones.
        former: coarse outlines of the fine territories, as they stood in one coverage with their neighbours.

    Returns:
        The outlines of the neighbours that changed, by code.
    """
    fine = [outlines[code] for code in sorted(fixed) if code in outlines]
    if not fine or not former:
        return {}
    block, once = merge(fine), merge(list(former))
    shapely.prepare(block)
    near = [c for c, g in outlines.items() if c not in fixed and (g.intersects(block) or g.intersects(once))]
    if not near:
        return {}
    grid = 10.0**-DECIMALS
    lines = [block.boundary, once.boundary, *(outlines[code].boundary for code in near)]
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines, grid_size=grid))))
    inside = shapely.point_on_surface(faces)
    shares: dict[str, list[shapely.Geometry]] = {code: [] for code in near}
    free = ~shapely.contains(block, inside)
    for code in near:
        mine = free & shapely.contains(outlines[code], inside)
        shares[code].extend(faces[mine])
        free &= ~mine
    # The faces are noded together, so that borders are compared between faces: exactly.
    edges = {code: shapely.union_all(np.array(parts)).boundary for code, parts in shares.items() if parts}
    codes, tree = list(edges), shapely.STRtree(list(edges.values()))
    for face in faces[free & shapely.contains(once, inside)]:
        touching = [codes[i] for i in tree.query(face, predicate="intersects")]
        borders = {code: float(face.boundary.intersection(edges[code]).length) for code in touching}
        closest = max(borders, key=lambda code: borders[code], default=None)
        if closest is not None and borders[closest] > 0:
            shares[closest].append(face)
    changed: dict[str, shapely.Geometry] = {}
    for code, parts in shares.items():
        if parts:
            merged = _surface(shapely.union_all(np.array(parts, dtype=object)))
            if merged is not None:
                changed[code] = rounded(np.array([merged], dtype=object))[0]
    return changed


def centres(geometries: Mapping[str, shapely.Geometry], key: str) -> pl.DataFrame:
    """A point inside each outline: columns ``key`` (String), ``longitude`` and ``latitude`` (degrees)."""
    array = np.array(list(geometries.values()), dtype=object)
    points = shapely.point_on_surface(array)
    return pl.DataFrame(
        {
            key: list(geometries),
            "longitude": np.round(shapely.get_x(points), DECIMALS + 1),
            "latitude": np.round(shapely.get_y(points), DECIMALS + 1),
        },
        schema={key: pl.String, "longitude": pl.Float64, "latitude": pl.Float64},
    )


def to_frame(maille: str, geometries: Mapping[str, shapely.Geometry]) -> pl.DataFrame:
    """Rows of the outlines' contract. Rings start and turn in one canonical way (outer rings clockwise)."""
    codes = sorted(geometries)
    array = np.array([geometries[code] for code in codes], dtype=object)
    texts = [str(text) for text in shapely.to_geojson(shapely.normalize(array))] if codes else []
    return pl.DataFrame(
        {"maille": [maille] * len(codes), "code": codes, "geojson": texts},
        schema={"maille": pl.String, "code": pl.String, "geojson": pl.String},
    )


def from_frame(contours: pl.DataFrame, maille: str) -> dict[str, shapely.Geometry]:
    """The outlines of one mesh by code."""
    rows = contours.filter(pl.col("maille") == maille)
    geometries = shapely.from_geojson(rows["geojson"].to_list()) if rows.height else []
    return dict(zip(rows["code"].to_list(), geometries, strict=True))


def members(frame: pl.DataFrame, code: str, group: str) -> dict[str, str]:
    """Two columns of a frame as a mapping, rows without a group left out."""
    rows: dict[Hashable, Hashable] = dict(frame.select(code, group).drop_nulls().iter_rows())
    return {str(key): str(value) for key, value in rows.items()}
