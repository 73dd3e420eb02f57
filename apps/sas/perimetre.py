"""How far a professional goes to homes, on a map: the communes within, counted at their centre."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from apps.kit.data.data import data
from apps.kit.maps import points
from apps.kit.style.french import counted, number, typographic
from apps.sas import acces
from lake.errors import MissingTable

_IN, _OUT = "Dans le périmètre", "Au-delà"
_COLOURS = {_IN: "#0b6b66", _OUT: "#8a8f98"}
_NAMED = 12
"""Communes named on the map: the nearest ones."""
_BEYOND = 1.6
"""How far beyond the perimeter communes are shown, so that its edge is seen."""


def draw(place: Any) -> None:
    """The communes around a place, those within reach of a visit apart."""
    minutes = float(place["perimetre_min"])
    try:
        near = acces.places().reached(place["longitude"], place["latitude"], _BEYOND * max(minutes, 5))
    except MissingTable:
        return
    st.html(f'<p class="obs-source">{typographic(said(near, minutes))}</p>')
    if near.is_empty():
        return
    rows = near.select(
        pl.col("code_commune").alias("id"),
        "longitude",
        "latitude",
        texte=pl.format("{} : {} min", pl.col("commune"), pl.col("trajet_min").round(0).cast(pl.Int64)),
        categorie=pl.when(pl.col("trajet_min") <= minutes).then(pl.lit(_IN)).otherwise(pl.lit(_OUT)),
    )
    names = near.head(_NAMED).select("longitude", "latitude", texte="commune")
    deck, _ = points.point_map(data(), rows, colours=_COLOURS, reperes=names)
    st.pydeck_chart(deck, height=300)
    legend = " · ".join(f'<span style="color:{colour}">●</span> {name}' for name, colour in _COLOURS.items())
    st.html(f'<p class="obs-source">{typographic(legend)}</p>')


def said(near: pl.DataFrame, minutes: float) -> str:
    """« 12 communes à 15 minutes ou moins : Nancy, Laxou… »; the nearest first, each tested at its centre."""
    inside = near.filter(pl.col("trajet_min") <= minutes)
    if inside.is_empty():
        return f"Aucun centre de commune à {number(minutes)} minutes ou moins."
    names = inside["commune"].to_list()
    more = "…" if len(names) > 8 else ""
    return (
        f"{counted(len(names), 'commune')} à {number(minutes)} minutes de route ou moins, comptées à leur centre : "
        f"{', '.join(names[:8])}{more}"
    )
