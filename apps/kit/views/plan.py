"""The national map over the IGN plan, for readers who look for a town; an option, never needed to read the map."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.maps.maps import Map, legend
from apps.kit.pages.pieces import Drawn
from lake.catalog.territoires import CONTOURS, DEPARTEMENTS

GROUND = Option("fond", "Fond de carte", {"sans": "Sans fond", "ign": "Plan IGN"})
METROPOLE = (41.3, -5.2, 51.2, 9.6)
"""South, west, north, east of metropolitan France, in degrees."""


def over_plan(view: View, piece: Map, values: dict[str, float | None], texts: dict[str, str]) -> Drawn:
    """A map of the report over the IGN plan.

    Args:
        view: what the page shows.
        piece: the map without plan: its classes, figures and words are kept.
        values: code of a territory -> value.
        texts: code -> value in words.
    """
    from apps.kit.maps.basemap import (
        base_map,
        draw,
        shade,
    )  # folium: half a second, for those who ask for the plan

    def drawn(shown: View) -> None:
        found = outlined(shown, piece.mesh)
        made = base_map(bounds(found) if _chosen(shown, piece.mesh) else METROPOLE)
        shade(made, found, values, piece.classes, texts)
        draw(made, f"plan_{piece.mesh}")
        legend(piece)

    return Drawn(
        drawn,
        piece.table,
        title=piece.title,
        reading=piece.reading,
        counted=piece.counted,
        measures=piece.measures,
    )


def outlined(view: View, mesh: str) -> list[dict[str, Any]]:
    """The outlines of a mesh in degrees (GeoJSON features), those of the chosen territories when some are."""
    rows = view.data.scan(CONTOURS).filter(pl.col("maille") == mesh)
    if chosen := _chosen(view, mesh):
        rows = rows.filter(pl.col("code").is_in(chosen))
    return [
        {
            "type": "Feature",
            "properties": {"code": code, "nom": view.word(mesh, code)},
            "geometry": json.loads(text),
        }
        for code, text in rows.select("code", "geojson").sort("code").collect().iter_rows()
    ]


def bounds(features: list[dict[str, Any]]) -> tuple[float, float, float, float]:
    """South, west, north, east of outlines, in degrees; metropolitan France when there is none."""
    points: list[tuple[float, float]] = []
    for feature in features:
        shape = feature["geometry"]
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        points += [(x, y) for polygon in polygons for x, y, *_ in polygon[0]]
    if not points:
        return METROPOLE
    across, along = zip(*points, strict=True)
    return min(along), min(across), max(along), max(across)


def _chosen(view: View, mesh: str) -> list[str]:
    """Codes of the mesh that the territory keeps; none for the whole country."""
    regions = view.selection.values("region")
    if mesh == "region":
        return list(regions)
    if departements := view.selection.values("departement"):
        return list(departements)
    places = view.data.frame(DEPARTEMENTS)
    return (
        places.filter(pl.col("code_region").is_in(regions))["code_departement"].to_list() if regions else []
    )
