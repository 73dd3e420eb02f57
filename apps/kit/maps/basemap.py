"""Maps over the IGN plan, by folium: an option for readers who look for a street; never needed to read a map.

Leaflet comes from this server (an installed package, see :mod:`apps.kit.shell.assets`). folium's plug-ins load
theirs from outside hosts, so a map that holds one is refused. Everything that comes from data is escaped: a folium
tooltip is HTML, in the same origin as the suite.
"""

from __future__ import annotations

from html import escape
from typing import Any

import folium
import polars as pl
from folium.elements import JSCSSMixin

from apps.kit.maps.maps import Classes
from apps.kit.maps.points import ATTRIBUTION, TILES
from apps.kit.shell.assets import ROUTE
from apps.kit.style import theme
from lake.errors import LakeError

HEIGHT = 520


class LocalMap(folium.Map):
    """A folium map whose Leaflet is served by the suite."""

    default_js = [("leaflet", f"{ROUTE}/leaflet/leaflet.js")]  # noqa: RUF012 -- the library declares it so
    default_css = [("leaflet_css", f"{ROUTE}/leaflet/leaflet.css")]  # noqa: RUF012 -- the library declares it so


def base_map(bounds: tuple[float, float, float, float], *, tiles: bool = True) -> LocalMap:
    """An empty map.

    Args:
        bounds: south, west, north, east, in degrees.
        tiles: whether the IGN plan lies under it (an outside host: the reader asks for it).
    """
    south, west, north, east = bounds
    made = LocalMap(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        control_scale=True,
        prefer_canvas=True,
        attribution_control=tiles,
    )
    if tiles:
        folium.TileLayer(TILES, attr=escape(ATTRIBUTION), name="Plan IGN", opacity=0.75, max_zoom=18).add_to(
            made
        )
    made.fit_bounds([[south, west], [north, east]])
    return made


def shade(
    made: LocalMap,
    features: list[dict[str, Any]],
    values: dict[str, float | None],
    classes: Classes,
    texts: dict[str, str],
) -> None:
    """Add shaded territories.

    Args:
        made: the map.
        features: GeoJSON features in degrees; ``properties`` holds ``code`` and ``nom``.
        values: code -> value; absent or null is grey.
        classes: the classes of the values.
        texts: code -> what the tooltip says after the name, plain text.
    """
    drawn = []
    for feature in features:
        code, name = feature["properties"]["code"], feature["properties"]["nom"]
        value = values.get(code)
        colour = theme.NO_DATA if value is None else classes.colour(value)
        said = inert(f"{name} : {texts.get(code, 'pas de donnée')}".replace(" :", "\u202f:"))
        properties = {"code": code, "dit": said, "couleur": colour}
        drawn.append({"type": "Feature", "geometry": feature["geometry"], "properties": properties})
    folium.GeoJson(
        {"type": "FeatureCollection", "features": drawn},
        style_function=lambda f: {
            "fillColor": f["properties"]["couleur"], "fillOpacity": 0.65, "color": theme.WHITE, "weight": 1,
        },
        tooltip=folium.GeoJsonTooltip(fields=["dit"], labels=False),
    ).add_to(made)  # fmt: skip


_SCRIPT_SIGNS = str.maketrans({"`": "&#96;", "$": "&#36;", "\\": "&#92;"})


def inert(text: str) -> str:
    """Plain text for a folium tooltip or popup: folium writes it in HTML inside a script's template string.

    HTML's own escaping leaves backticks, ``${…}`` and backslashes, which end or run that string.
    """
    return escape(text).translate(_SCRIPT_SIGNS)


def mark(made: LocalMap, rows: pl.DataFrame, colours: dict[str, str] | None = None) -> None:
    """Add points.

    Args:
        made: the map.
        rows: ``longitude``, ``latitude``, ``texte`` (plain text), and ``categorie`` when coloured.
        colours: category -> colour.
    """
    coloured = "categorie" in rows.columns
    for row in rows.drop_nulls(["longitude", "latitude"]).iter_rows(named=True):
        colour = (colours or {}).get(row["categorie"] if coloured else "", theme.ACCENT)
        folium.CircleMarker(
            [row["latitude"], row["longitude"]],
            radius=5,
            weight=0,
            fill=True,
            fill_color=colour,
            fill_opacity=0.6,
            tooltip=folium.Tooltip(inert(row["texte"] or "")),
        ).add_to(made)


def refuse_outside(made: folium.Map) -> None:
    """Check that a map loads nothing from another host.

    Raises:
        LakeError: one of its elements does.
    """
    stack: list[Any] = [made]
    while stack:
        element = stack.pop()
        stack.extend(element._children.values())
        if isinstance(element, JSCSSMixin):
            links = [*element.default_js, *element.default_css]
            outside = [address for _, address in links if not address.startswith(ROUTE)]
            if outside:
                raise LakeError(f"Cette carte chargerait {outside[0]} depuis un autre serveur.")


def draw(made: LocalMap, key: str, *, picks: bool = False) -> str:
    """Draw the map.

    Args:
        made: the map.
        key: key of the widget.
        picks: whether clicks on territories are reported.

    Returns:
        The code of the territory last clicked; empty when none is.
    """
    from streamlit_folium import st_folium  # its front end registers itself when imported

    refuse_outside(made)
    state = st_folium(
        made,
        key=key,
        height=HEIGHT,
        use_container_width=True,
        # An explicit list: otherwise every movement of the map runs the page again.
        returned_objects=["last_active_drawing"] if picks else [],
    )
    drawing = (state or {}).get("last_active_drawing") or {}
    return str(drawing.get("properties", {}).get("code", ""))
