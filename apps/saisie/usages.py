"""Criteria that are answered by a number, a day or a text: typed on a line, read on the card of the service."""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.style.french import literal, typographic
from apps.saisie.criteres import SQUARES, Critere, criteres_de, mot
from apps.saisie.enregistrer import semer, taper
from apps.saisie.entree import Entree
from apps.saisie.valides import valides
from lake.store.saisie import feuilles
from lake.valeurs import NIVEAU, valeur_dite


def saisir(
    one: Critere, answer: dict[str, Any], key: str, about: tuple[int, str, str, int], writes: bool
) -> None:
    """Draw the line where a value is typed, as people write it, and the level that thresholds give it."""
    kept = answer.get("valeur", "")
    semer(f"{key}_valeur", valeur_dite(kept, one.type_reponse) if kept else "")
    st.text_input(
        "Réponse", key=f"{key}_valeur", disabled=not writes, on_change=taper,
        args=(*about, key, one.type_reponse, answer.get("rev_n", 0)),
    )  # fmt: skip
    level = one.niveau_de(answer)
    if level is not None:
        worth, stage = literal(typographic(one.dite(kept))), literal(typographic(one.degres[level]))
        st.markdown(f"{SQUARES[level]} {worth}, soit **{level} {mot(level)}** ({stage})")


def draw(here: Entree, service: dict[str, Any]) -> None:
    """Draw the values of a service, validated and in draft; nothing where the referential asks none."""
    asked = [
        one
        for one in criteres_de(here, service)
        if one.type_reponse != NIVEAU and here.peut("voir", service, one.questionnaire)
    ]
    if not asked:
        return
    mine = valides(here.store, here.referentiel, service["region"]).reponses.filter(
        pl.col("service") == service["code"], pl.col("nature") == "valeur"
    )
    known = dict(mine.select("critere", "valeur").iter_rows())
    drafts: dict[str, str] = {}
    for questionnaire in dict.fromkeys(one.questionnaire for one in asked):
        sheet = feuilles.reponses(here.store, service["id"], questionnaire)
        drafts |= {code: str(answer["valeur"]) for code, answer in sheet.items()}
    st.subheader("Usages", anchor=False)
    lines = ""
    for one in asked:
        said = one.dite(known[one.code]) if known.get(one.code) else "aucune valeur validée"
        drafted = drafts.get(one.code, "")
        more = f" (brouillon : {one.dite(drafted)})" if drafted and drafted != known.get(one.code) else ""
        words = f"{one.code} {one.libelle} : {said}{more}"
        lines += f"<li>{escape(typographic(words))}</li>"
    st.html(f"<ul>{lines}</ul>")
