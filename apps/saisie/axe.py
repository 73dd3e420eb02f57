"""The head of an axis: what it aims at, and the rule of the lower level; below its criteria, what would improve it."""

from __future__ import annotations

import streamlit as st

from apps.kit.style.french import literal, typographic
from apps.saisie.criteres import Critere
from apps.saisie.entree import Entree
from apps.saisie.fiches import texte_de_l_axe

RULE = "Entre deux niveaux, choisissez le plus bas."


def tete(here: Entree, first: Critere, *, levels: bool) -> None:
    """Draw the head of an axis, from its first criterion; its rule where its criteria have levels."""
    st.subheader(f"{first.axe}. {literal(typographic(first.libelle_axe))}".strip(), anchor=False)
    if said := texte_de_l_axe(here.referentiel, first.axe):
        st.html(said)
    if levels:
        st.html(f'<p class="obs-lecture-vue">{typographic(RULE)}</p>')
