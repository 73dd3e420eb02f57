"""Drawings of the publication: radars of axes, and maps of the regions drawn straight as SVG.

A hundred maps through the chart renderer would take most of the minute that the publication is given; their
outlines are already on a plane, so a map is its paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

import polars as pl

from apps.convergence.chiffres import CLE
from apps.convergence.vues import radar_spec
from apps.convergence.words import region_names
from apps.kit.charts.levels import SIGLES
from apps.kit.data.view import View
from apps.kit.maps.france import MESHES, ground, outlines_of
from apps.kit.maps.maps import Classes
from apps.kit.style import theme
from lake.catalog.territoires import CONTOURS, REGIONS

ROOM = "1.22"
GRID = 12
"""Units of the plane (a quarter of a kilometre each) between the points kept of an outline."""


def radar_of_codes(
    view: View, questionnaire: str, series: Mapping[str, pl.DataFrame], measure: str
) -> dict[str, Any]:
    """The radar of a questionnaire's axes, named by their codes.

    Args:
        view: what is published.
        questionnaire: its code.
        series: name -> scores by axis (``questionnaire, axe``, measures).
        measure: the rate or the level.

    Returns:
        A specification; empty when fewer than three axes were answered (there is no shape to draw).
    """
    parts = [
        frame.filter(pl.col("questionnaire") == questionnaire).select(CLE, measure, serie=pl.lit(name))
        for name, frame in series.items()
    ]
    rows = pl.concat(parts)
    if rows["cle"].n_unique() < 3:
        return {}
    return radar_spec(view, rows, measure, room=ROOM, legend=False)


def map_maker(view: View) -> Callable[[Mapping[str, float | None], Classes], str] | None:
    """What draws the regions as SVG from values by code; None when no outline was ever published."""
    if view.data.version(CONTOURS) is None or view.data.version(REGIONS) is None:
        return None
    shapes = [
        (one["properties"]["code"], one["properties"]["nom"], _path(one["geometry"]))
        for one in outlines_of(view.data, MESHES[0]).features
        if one["properties"]["code"] in SIGLES
    ]
    names = region_names(view)
    named = {names.get(code) for code in SIGLES}
    labels = [one for one in ground(view, "region").insets if one["nom"] in named]
    left, top, right, low = _frame([path for _, _, path in shapes], labels)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {right - left} {low - top}" '
        f'font-family="{theme.PRINT_FONT}">'
    )
    words = "".join(
        f'<text x="{one["x"]}" y="{-one["y"]}" font-size="150" text-anchor="middle" fill="{theme.SECONDARY}">'
        f"{escape(one['nom'])}</text>"
        for one in labels
    )

    def draw(values: Mapping[str, float | None], classes: Classes) -> str:
        fills = {
            code: theme.NO_DATA if values.get(code) is None else classes.colour(values[code])
            for code, _, _ in shapes
        }
        paths = "".join(
            f'<path d="{_data(path)}" fill="{fills[code]}" stroke="{theme.EDGE}" stroke-width="8"/>'
            for code, _, path in shapes
        )
        return f"{head}{paths}{words}</svg>"

    return draw


Ring = list[tuple[int, int]]


def _path(geometry: Mapping[str, Any]) -> list[Ring]:
    """The rings of a shape, north upwards."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [_coarse(ring) for polygon in polygons for ring in polygon]


def _coarse(ring: Sequence[Sequence[float]]) -> Ring:
    """A ring on a grid of :data:`GRID` units: five centimetres wide, a map shows no more."""
    points = [(GRID * round(x / GRID), -GRID * round(y / GRID)) for x, y, *_ in ring]
    return [point for rank, point in enumerate(points) if rank == 0 or point != points[rank - 1]]


def _data(rings: Iterable[Ring]) -> str:
    return "".join("M" + "L".join(f"{x},{y}" for x, y in ring) + "Z" for ring in rings)


def _frame(paths: list[list[Ring]], labels: list[dict[str, Any]]) -> tuple[int, int, int, int]:
    """What the drawing spans, with a margin for the names."""
    xs = [x for rings in paths for ring in rings for x, _ in ring] + [one["x"] for one in labels]
    ys = [y for rings in paths for ring in rings for _, y in ring] + [-one["y"] for one in labels]
    return round(min(xs)) - 260, round(min(ys)) - 60, round(max(xs)) + 60, round(max(ys)) + 60
