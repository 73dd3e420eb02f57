"""How far a professional goes to homes, on a map: the communes within, counted at their centre."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.data.data import data
from apps.kit.maps import points
from apps.kit.style.french import counted, number, typographic
from apps.sas import acces
from lake.errors import MissingTable
from lake.store.sas import perimetres

_IN, _OUT = "Dans le périmètre", "Au-delà"
_COLOURS = {_IN: "#0b6b66", _OUT: "#8a8f98"}
_AUTOUR = 45.0
"""Minutes of road within which communes are offered to a list."""
_NAMED = 12
"""Communes named on the map: the nearest ones."""
_BEYOND = 1.6
"""How far beyond the perimeter communes are shown, so that its edge is seen."""


def draw(place: Any) -> None:
    """The communes around a place, those within reach of a visit apart."""
    minutes, listed = float(place["perimetre_min"]), perimetres.lu(place["perimetre_communes"])
    try:
        within = _AUTOUR if listed else _BEYOND * max(minutes, 5)
        near = acces.places().reached(place["longitude"], place["latitude"], within)
    except MissingTable:
        return
    inside = pl.col("code_commune").is_in(listed) if listed else pl.col("trajet_min") <= minutes
    if listed:  # its edge is a list: what lies just beyond is shown, not an hour of road
        farthest = near.filter(inside)["trajet_min"].max()
        near = near.filter(
            pl.col("trajet_min") <= _BEYOND * (float(str(farthest)) if farthest is not None else 5)
        )
    st.html(f'<p class="obs-source">{typographic(said(near, minutes, listed))}</p>')
    if near.is_empty():
        return
    rows = near.select(
        pl.col("code_commune").alias("id"),
        "longitude",
        "latitude",
        texte=pl.format("{} : {} min", pl.col("commune"), pl.col("trajet_min").round(0).cast(pl.Int64)),
        categorie=pl.when(inside).then(pl.lit(_IN)).otherwise(pl.lit(_OUT)),
    )
    names = near.head(_NAMED).select("longitude", "latitude", texte="commune")
    deck, _ = points.point_map(data(), rows, colours=_COLOURS, reperes=names)
    st.pydeck_chart(deck, height=300)
    legend = " · ".join(f'<span style="color:{colour}">●</span> {name}' for name, colour in _COLOURS.items())
    st.html(f'<p class="obs-source">{typographic(legend)}</p>')


def proposees(place: Any, listed: Sequence[str]) -> dict[str, str]:
    """The communes that may be listed: those around, the nearest first, and those that are listed already."""
    try:
        near = acces.places().reached(place["longitude"], place["latitude"], _AUTOUR)
    except MissingTable:
        near = pl.DataFrame(schema={"code_commune": pl.String, "commune": pl.String})
    found = {code: f"{name} ({code})" for code, name in near.select("code_commune", "commune").iter_rows()}
    return found | {code: nom(code) for code in listed if code not in found}


def nom(code: str) -> str:
    """A commune by its code, as it is told; the code itself where it is unknown."""
    try:
        known = acces.places().commune(code)
    except MissingTable:
        return code
    return code if known is None else known.libelle


def said(near: pl.DataFrame, minutes: float, listed: Sequence[str] = ()) -> str:
    """« 12 communes à 15 minutes ou moins : Nancy, Laxou… »; the nearest first, each tested at its centre."""
    if listed:
        known = near.filter(pl.col("code_commune").is_in(listed))["commune"].to_list()
        more = "…" if len(listed) > 8 else ""
        return (
            f"{counted(len(listed), 'commune visitée', 'communes visitées')} : {', '.join(known[:8])}{more}"
        )
    inside = near.filter(pl.col("trajet_min") <= minutes)
    if inside.is_empty():
        return f"Aucun centre de commune à {number(minutes)} minutes ou moins."
    names = inside["commune"].to_list()
    more = "…" if len(names) > 8 else ""
    return (
        f"{counted(len(names), 'commune')} à {number(minutes)} minutes de route ou moins, comptées à leur centre : "
        f"{', '.join(names[:8])}{more}"
    )
