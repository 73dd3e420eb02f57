"""The answer as a map: a pin an address by its first availability; a pin pressed opens its rows under the map."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import streamlit as st

from apps.kit.data.data import data
from apps.kit.maps import points
from apps.kit.style.french import typographic
from apps.sas import acces, liste
from apps.sas.editeurs import Complete
from apps.sas.questions import Question
from scoring.sas.recherche import Lieu, Reponse

_KEY = "sas_carte"
_NAMED = 12
"""Communes that are named at most."""
_NAMES = ("Sous 2 h", "Sous 12 h", "Plus tard", "Sans place")
_COLOURS = dict(zip(_NAMES, ("#084f4c", "#358f88", "#9fcfca", "#8a8f98"), strict=True))


def sites(found: Reponse) -> pl.DataFrame:
    """One row an address: ``id``, where, ``texte``, ``categorie`` (its best one), ``cles`` (its rows).

    Two professionals at one address are one pin, which says both.
    """
    best = (
        pl.when(pl.col("palier") == 2)
        .then(3)
        .when(pl.col("bande") == 0)
        .then(0)
        .when(pl.col("bande") <= 3)
        .then(1)
        .otherwise(2)
    )
    grouped = (
        found.resultats.with_columns(_best=best, _cle=pl.concat_str("identifiant", pl.lit("|"), "lieu"))
        .group_by("longitude", "latitude", maintain_order=True)
        .agg(
            pl.col("_best").min(),
            pl.col("places").sum(),
            cles=pl.col("_cle"),
            noms=pl.col("nom").unique(maintain_order=True),
        )
    )
    seats = (
        pl.when(pl.col("places") == 0)
        .then(pl.lit("aucune place"))
        .when(pl.col("places") == 1)
        .then(pl.lit("1 place"))
        .otherwise(pl.format("{} places", "places"))
    )
    count = pl.col("noms").list.len()
    several = pl.when(count > 1).then(pl.format("{} à cette adresse : ", count)).otherwise(pl.lit(""))
    return grouped.select(
        "longitude",
        "latitude",
        "cles",
        id=pl.int_range(pl.len()).cast(pl.String),
        categorie=pl.col("_best").replace_strict(dict(enumerate(_NAMES)), return_dtype=pl.String),
        texte=pl.concat_str(several, pl.col("noms").list.join(", "), pl.lit(" · "), seats),
    )


def reperes(lieu: Lieu, found: Reponse) -> pl.DataFrame:
    """What names the map: the place searched, and the communes in which most rows are; ``texte``, where.

    The place stays in the browser's page as the rest of the answer does: nothing of it is kept.
    """
    seen = found.resultats["code_commune"].value_counts(sort=True).head(_NAMED)["code_commune"].to_list()
    known = [one for code in seen if (one := acces.places().commune(code)) is not None]
    rows = [("Lieu cherché", lieu.longitude, lieu.latitude)] if lieu.precision != "departement" else []
    rows += [(_nom(one.libelle), one.longitude, one.latitude) for one in known]
    return pl.DataFrame(rows, schema=("texte", "longitude", "latitude"), orient="row")


def _nom(libelle: str) -> str:
    """« 54000 Nancy » without its postal code."""
    return libelle.split(" ", 1)[-1] if libelle[:1].isdigit() else libelle


def draw(asked: Question, whole: Complete, now: datetime) -> None:
    """The map, its legend, and the rows of the pin that is pressed."""
    found = sites(whole.reponse)
    shown = found.select("id", "longitude", "latitude", "texte", "categorie")
    deck, _ = points.point_map(data(), shown, colours=_COLOURS, reperes=reperes(asked.lieu, whole.reponse))
    st.pydeck_chart(deck, height=460, key=_KEY, on_select="rerun", selection_mode="single-object")
    counts = dict(found.group_by("categorie").len().iter_rows())
    legend = " · ".join(
        f'<span style="color:{colour}">●</span> {name} : {counts.get(name, 0)}'
        for name, colour in _COLOURS.items()
    )
    st.html(f'<p class="obs-source">{typographic(legend)}</p>')
    pressed = found.filter(pl.col("id") == (points.clicked(_KEY) or ""))
    if pressed.is_empty():
        st.html(f'<p class="obs-source">{typographic("Choisissez un point pour voir ses places.")}</p>')
    else:
        liste.draw(asked, whole, now, frozenset(pressed["cles"][0].to_list()))
