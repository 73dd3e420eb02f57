"""Point maps: individuals when they can be told apart, circles per cell when they cannot.

Up to :data:`INDIVIDUALS` points are drawn one by one; beyond, the server adds them up in cells, so that the browser
receives a few hundred circles and nothing hides anything. A choice of territory brings the individuals back. What
is located and what is not is always written in the corner: a map never passes for the whole.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from math import log2
from typing import Any

import polars as pl
import pydeck as pdk
import streamlit as st

from apps.kit.charts.tables import Table
from apps.kit.data.data import Data
from apps.kit.data.method import Methods
from apps.kit.style import french, theme
from apps.kit.style.french import typographic
from lake.catalog.territoires import COMMUNES, CONTOURS

INDIVIDUALS = 6_000
CELLS = 42
"""Cells across the longer side of what is shown."""
LAYER = "points"
HEIGHT = 520
TILES = (
    "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&STYLE=normal&FORMAT=image/png"
    "&TILEMATRIXSET=PM&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)
ATTRIBUTION = "© IGN, Géoplateforme"


class CompactDeck(pdk.Deck):  # type: ignore[misc]  # pydeck has no types
    """A deck that serialises without indentation: half the bytes, a twentieth of the time."""

    def to_json(self) -> str:
        """The deck as compact JSON."""
        return json.dumps(json.loads(super().to_json()), separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Points:
    """A point map piece.

    Attributes:
        deck: the map.
        table: the figures of the map as a table (counts by territory rather than a list of coordinates).
        located: how many are placed.
        missing: how many are not.
        noun: what is placed, singular and plural.
        why: address of the page that explains the missing ones; empty without.
        grouped: whether the circles are cells.
        title: subtitle of the view.
        reading: one sentence that reads it aloud.
        option: page option that receives the identifier of a clicked point; empty when clicks do nothing.
        counted: what the caption counts.
        measures: names of the measures shown, or methods.
        legend: category -> colour, for coloured points.
    """

    deck: pdk.Deck
    table: Table
    located: int
    missing: int
    noun: tuple[str, str] = ("personne", "personnes")
    why: str = ""
    grouped: bool = False
    title: str = ""
    reading: str = ""
    option: str = ""
    counted: str = ""
    measures: Methods = ()
    legend: dict[str, str] = field(default_factory=dict)


def point_map(
    data: Data,
    rows: pl.DataFrame,
    *,
    colours: dict[str, str] | None = None,
    base_map: bool = False,
    most: int = INDIVIDUALS,
    reperes: pl.DataFrame | None = None,
) -> tuple[pdk.Deck, bool]:
    """The map of located rows.

    Args:
        data: cached reads, for the outlines of the départements.
        rows: ``id`` (String), ``longitude``, ``latitude`` (Float64), ``texte`` (String: what a point says, plain
            text), and ``categorie`` (String) when points are coloured. Rows without coordinates are left out.
        colours: category -> colour; one colour for all by default.
        base_map: whether the IGN plan lies under the points (an outside host: the reader asks for it).
        most: beyond so many points, cells are drawn instead.
        reperes: names written on the map, which no click opens: ``texte``, ``longitude``, ``latitude``.

    Returns:
        tuple: the deck, and whether it shows cells.
    """
    placed = rows.drop_nulls(["longitude", "latitude"])
    grouped = placed.height > most
    layers = [_outline_layer(data)]
    layers.append(_cell_layer(cells(placed)) if grouped else _point_layer(placed, colours or {}))
    if reperes is not None and reperes.height:  # under the points: a name never hides one
        layers.insert(1, _name_layer(readable(reperes, placed)))
    deck = CompactDeck(
        layers=layers,
        initial_view_state=_view_state(placed),
        map_style=style(base_map=base_map),
        tooltip={"text": "{t}"},  # text, never HTML: what data say is not run
    )
    return deck, grouped


def cells(placed: pl.DataFrame, across: int = CELLS) -> pl.DataFrame:
    """Add points up in cells that look square at their latitude.

    Args:
        placed: ``longitude`` and ``latitude``, not null.
        across: number of cells across the longer side.

    Returns:
        DataFrame: ``longitude``, ``latitude`` (mean of the cell's points) and ``effectif`` (Int64), largest first.
    """
    if not placed.height:
        return pl.DataFrame(schema={"longitude": pl.Float64, "latitude": pl.Float64, "effectif": pl.Int64})
    low, high = placed["latitude"].min(), placed["latitude"].max()
    west, east = placed["longitude"].min(), placed["longitude"].max()
    assert all(isinstance(v, float) for v in (low, high, west, east))
    side = max(high - low, (east - west) * 0.66, 1e-4) / across  # type: ignore[operator]
    return (
        placed.group_by(
            (pl.col("longitude") / (side * 1.5)).floor().alias("i"),
            (pl.col("latitude") / side).floor().alias("j"),
        )
        .agg(pl.col("longitude").mean(), pl.col("latitude").mean(), effectif=pl.len().cast(pl.Int64))
        .sort("effectif", "i", "j", descending=[True, False, False])
        .select("longitude", "latitude", "effectif")
    )


def style(*, base_map: bool = False) -> str:
    """A map style that calls nobody: a blank background, or the IGN plan when the reader asks for it.

    A ``data:`` address: Streamlit's front end replaces an empty style by a remote one, and fails on an object.
    """
    sources: dict[str, Any] = {}
    layers: list[dict[str, Any]] = [
        {"id": "fond", "type": "background", "paint": {"background-color": theme.PANEL}}
    ]
    if base_map:
        sources["ign"] = {"type": "raster", "tiles": [TILES], "tileSize": 256, "attribution": ATTRIBUTION}
        layers.append({"id": "ign", "type": "raster", "source": "ign", "paint": {"raster-opacity": 0.7}})
    text = json.dumps({"version": 8, "sources": sources, "layers": layers}, separators=(",", ":"))
    return "data:application/json," + text.replace("%", "%25").replace("#", "%23")


def _outline_layer(data: Data) -> pdk.Layer:
    def compute() -> list[dict[str, Any]]:
        published = data.scan(COMMUNES).select(code="code_departement").unique()
        outlines = data.scan(CONTOURS).filter(pl.col("maille") == "departement")
        frame = outlines.join(published, on="code", how="semi").sort("code").collect()
        return [
            {"type": "Feature", "properties": {}, "geometry": json.loads(text)}
            for text in frame["geojson"].to_list()
        ]

    return pdk.Layer(
        "GeoJsonLayer",
        data.cached("departements-wgs84", [CONTOURS, COMMUNES], compute),
        id="departements",
        filled=False,
        stroked=True,
        get_line_color=_rgb("#8a97a6"),
        line_width_min_pixels=1,
        pickable=False,
    )


def _point_layer(placed: pl.DataFrame, colours: dict[str, str]) -> pdk.Layer:
    coloured = "categorie" in placed.columns
    names = placed["categorie"].to_list() if coloured else [""] * placed.height
    fallback = _rgb(theme.ACCENT)
    shades = {name: _rgb(colour) for name, colour in colours.items()}
    rows = [
        {"p": [round(x, 5), round(y, 5)], "c": shades.get(name, fallback), "i": code, "t": text}
        for x, y, code, text, name in zip(
            placed["longitude"], placed["latitude"], placed["id"], placed["texte"], names, strict=True
        )
    ]
    return pdk.Layer(
        "ScatterplotLayer",
        rows,
        id=LAYER,
        get_position="p",
        get_fill_color="c",
        opacity=0.6,
        get_radius=4,
        radius_units=pdk.types.String("pixels"),
        pickable=True,
        auto_highlight=True,
    )


def readable(reperes: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """The names that are not written one over another when the map is first seen; the first ones are kept."""
    span = _span(placed["latitude"])
    kept: list[tuple[str, float, float]] = []
    for text, x, y in reperes.select("texte", "longitude", "latitude").iter_rows():
        if all(abs(y - other[2]) > 0.05 * span or abs(x - other[1]) > 0.45 * span for other in kept):
            kept.append((text, x, y))
    return pl.DataFrame(kept, schema=("texte", "longitude", "latitude"), orient="row")


def _span(latitudes: pl.Series) -> float:
    low, high = latitudes.min(), latitudes.max()
    return max(float(high) - float(low), 0.01) if isinstance(low, float) and isinstance(high, float) else 0.01


def _name_layer(reperes: pl.DataFrame) -> pdk.Layer:
    """Names on a map that has no background: where one is."""
    rows = [
        {"p": [round(x, 5), round(y, 5)], "t": typographic(text)}
        for text, x, y in reperes.select("texte", "longitude", "latitude").iter_rows()
    ]
    return pdk.Layer(
        "TextLayer",
        rows,
        id="reperes",
        get_position="p",
        get_text="t",
        get_size=12,
        font_family=pdk.types.String("Source Sans, sans-serif"),
        get_color=_rgb(theme.INK),
        get_pixel_offset=[0, -12],
        # Accents too: the layer draws the letters that it meets.
        character_set=pdk.types.String("auto"),
        background=True,
        get_background_color=[255, 255, 255, 190],
        background_padding=[3, 1],
        pickable=False,
    )


def _cell_layer(grouped: pl.DataFrame) -> pdk.Layer:
    top = max((int(one) for one in grouped["effectif"].drop_nulls().to_list()), default=1) or 1
    rows = [
        {
            "p": [round(x, 4), round(y, 4)],
            "r": round(2.5 + 19 * (count / top) ** 0.5, 1),
            "t": f"{french.number(count)} ici : choisissez un territoire pour les voir un à un".replace(
                " :", french.NNBSP + ":"
            ),
        }
        for x, y, count in grouped.iter_rows()
    ]
    return pdk.Layer(
        "ScatterplotLayer",
        rows,
        id=LAYER,
        get_position="p",
        get_radius="r",
        radius_units=pdk.types.String("pixels"),
        get_fill_color=_rgb(theme.ACCENT),
        opacity=0.6,
        pickable=True,
        auto_highlight=True,
    )


def _view_state(placed: pl.DataFrame) -> pdk.ViewState:
    if not placed.height:
        return pdk.ViewState(longitude=5.6, latitude=48.7, zoom=6.4)
    # The few points that stand far from all the others must not shrink everyone else.
    low, high = (placed["latitude"].quantile(q, "nearest") for q in (0.001, 0.999))
    west, east = (placed["longitude"].quantile(q, "nearest") for q in (0.001, 0.999))
    assert low is not None and high is not None and west is not None and east is not None
    span = max((east - west) / 1.6, (high - low) * 1.25, 0.02)
    return pdk.ViewState(
        longitude=(west + east) / 2,
        latitude=(low + high) / 2,
        zoom=min(13.0, log2(360 / span) - 0.6),
        bearing=0,
        pitch=0,
    )


def _rgb(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def corner(piece: Points) -> str:
    """``122 919 personnes localisées · 1 129 non localisées`` as HTML, with the way to the reasons."""
    one, many = piece.noun
    feminine = "e" if one in {"personne", "activité", "structure"} else ""
    shown = f"<strong>{escape(french.counted(piece.located, one, many))}</strong> sur la carte"
    if not piece.missing:
        return f"{shown}, toutes localisées" if feminine else f"{shown}, tous localisés"
    words = f"{french.number(piece.missing)} {french.plural(piece.missing, 'non localisé' + feminine)}"
    if piece.why:
        question = escape(typographic(f"{words} : pourquoi ?"))
        return f'{shown} · <a href="{escape(piece.why, quote=True)}" target="_self">{question}</a>'
    return f"{shown} · {escape(words)}"


def draw(piece: Points, key: str, on_select: Any = None) -> None:
    """Draw the map, what is located and not, and the legend of colours."""
    st.html(f'<p class="obs-coin">{corner(piece)}</p>')
    options: dict[str, Any] = {}
    if on_select is not None and not piece.grouped:
        options = {"on_select": on_select, "selection_mode": "single-object"}
    st.pydeck_chart(
        piece.deck, height=HEIGHT, key=key, alt=typographic(piece.reading or piece.title) or None, **options
    )
    if piece.grouped:
        text = (
            "Chaque cercle compte les points d’un secteur : choisissez un territoire pour les voir un à un."
        )
        st.html(f'<p class="obs-source">{escape(typographic(text))}</p>')
    elif piece.legend:
        items = "".join(
            f'<li><span class="obs-nuance" style="background-color:{colour}"></span>{escape(name)}</li>'
            for name, colour in piece.legend.items()
        )
        st.html(f'<ul class="obs-legende">{items}</ul>')


def clicked(key: str) -> str:
    """Identifier of the point that the reader clicked; empty when none is."""
    state = st.session_state.get(key)
    objects: Sequence[dict[str, Any]] = (state or {}).get("selection", {}).get("objects", {}).get(LAYER, [])
    return str(objects[0].get("i", "")) if objects else ""
