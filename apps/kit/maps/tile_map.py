"""The point map at any scale: circles that add up what is far out, the points themselves close in.

Drawn by Leaflet on one canvas from the tiles of :mod:`apps.kit.maps.point_route`, in a frame of its own. What is
located and what is not is always written in the corner: a map never passes for the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st
import streamlit.components.v1 as components

from apps.kit.charts.tables import Table
from apps.kit.data.method import Methods
from apps.kit.maps.point_set import POINT, PointSet
from apps.kit.maps.points import ATTRIBUTION, HEIGHT, TILES
from apps.kit.style import french, theme
from apps.kit.style.french import typographic

SMALL = 240
FRANCE = (-5.2, 41.3, 9.7, 51.2)
"""West, south, east, north: what is shown where there is no point."""


@cache
def _frame() -> Callable[..., Any]:
    # Declared at the first drawing: Streamlit only registers a component that a page declares, not the server.
    return components.declare_component("carte_points", path=Path(__file__).with_name("carte_points"))


@dataclass(frozen=True)
class TileMap:
    """A point map piece.

    Attributes:
        layer: name of its layer (:class:`apps.kit.maps.point_route.Layer`).
        query: end of its tiles' addresses.
        bounds: west, south, east, north, in degrees.
        table: the figures of the map as a table.
        categories: names of the layer's categories, in the order of their ranks.
        legend: what a colour says, in words -> colour; the ranks take them in order, the last one is that of all
            the ranks that follow.
        located: how many are placed.
        missing: how many are not.
        counts: what is located and not, singular and plural, and the participle that agrees: ``("personne",
            "personnes", "localisée")``.
        noun: what the circles count, plural.
        plan: whether the IGN plan lies under the points (an outside host: the reader asks for it).
        title: subtitle of the view.
        reading: one sentence that reads it aloud.
        option: page option that receives the identifier of a clicked point.
        place_option: page option that receives the code of a clicked place, where several points are.
        counted: what the caption counts.
        measures: names of the measures shown, or methods.
        outlines: GeoJSON geometries drawn under the points (degrees): the territory that the reader chose.
    """

    layer: str
    query: str
    bounds: tuple[float, float, float, float]
    table: Table
    categories: tuple[str, ...]
    legend: Mapping[str, str]
    located: int
    missing: int
    counts: tuple[str, str, str] = ("personne", "personnes", "localisée")
    noun: str = "points"
    plan: bool = False
    title: str = ""
    reading: str = ""
    option: str = ""
    place_option: str = ""
    counted: str = ""
    measures: Methods = ()
    outlines: tuple[Mapping[str, Any], ...] = ()


def bounds_of(points: PointSet) -> tuple[float, float, float, float]:
    """What holds the points, the few that stand far from all the others left out; France when there is none."""
    if not len(points.codes):
        return FRANCE
    sides = []
    for values in (points.longitude, points.latitude):
        ordered = values.copy()
        ordered.sort()
        last = len(ordered) - 1
        sides.append((float(ordered[round(0.001 * last)]), float(ordered[round(0.999 * last)])))
    (west, east), (south, north) = sides
    return (round(west, 4), round(south, 4), round(east, 4), round(north, 4))


def corner(piece: TileMap) -> str:
    """``122 919 personnes localisées · 1 129 non localisées``: what the map shows, and what it cannot."""
    one, many, said = piece.counts
    placed = french.counted(piece.located, f"{one} {said}", f"{many} {said}s")
    missing = french.counted(piece.missing, f"non {said}", f"non {said}s")
    return typographic(f"{placed} · {missing}")


def draw_place(key: str, longitude: float, latitude: float, said: str) -> None:
    """A small map of one place among the towns around it.

    Args:
        key: key of the widget.
        longitude: degrees.
        latitude: degrees.
        said: what the point says, plain text.
    """
    around = 0.06
    _frame()(
        couche="",
        requete=f"{longitude} {latitude}",
        bornes=[longitude - around, latitude - around / 2, longitude + around, latitude + around / 2],
        objets=[[POINT, longitude, latitude, 1, 0, "", typographic(said)]],
        couleurs=[theme.ACCENT],
        categories=[],
        noms="",
        coin=typographic(said),
        plan="",
        credit="",
        hauteur=SMALL,
        alternative=typographic(f"Carte : {said}"),
        key=key,
        default=None,
    )


def draw(piece: TileMap, key: str, report: Callable[[dict[str, Any]], None] | None = None) -> None:
    """Draw the map and its legend.

    Args:
        piece: the map.
        key: key of the widget; the same while the map stays where the reader moved it.
        report: called with what was clicked: ``{"point": identifier}`` or ``{"lieu": code}``.
    """

    def clicked() -> None:
        value = st.session_state.get(key)
        if report is not None and isinstance(value, dict):
            report(value)

    _frame()(
        couche=piece.layer,
        requete=piece.query,
        bornes=list(piece.bounds),
        couleurs=list(piece.legend.values()),
        categories=list(piece.categories),
        noms=piece.noun,
        objets=None,
        traits=list(piece.outlines),
        coin=corner(piece),
        plan=TILES if piece.plan else "",
        credit=ATTRIBUTION,
        hauteur=HEIGHT,
        alternative=typographic(piece.reading or piece.title),
        key=key,
        default=None,
        on_change=clicked,
    )
    items = "".join(
        f'<li><span class="obs-nuance" style="background-color:{colour}"></span>{escape(name)}</li>'
        for name, colour in piece.legend.items()
    )
    said = (
        "Un cercle chiffré réunit plusieurs points : sa couleur est celle de la catégorie en tête ; un clic "
        "approche, puis ouvre la fiche ou la liste."
    )
    st.html(f'<ul class="obs-legende">{items}</ul><p class="obs-source">{escape(typographic(said))}</p>')
