"""What the reader was told and has not read: links, once each, at the top of the page."""

from __future__ import annotations

import json
from html import escape

import streamlit as st

from apps.kit.style.french import typographic
from apps.saisie.enregistrer import semer
from apps.saisie.entree import Entree, entree
from lake.store.accounts import accounts
from lake.store.saisie import avis


def draw(here: Entree) -> None:
    """What the reader was told and has not read."""
    if here.who.compte_id is None:
        return
    told = avis.non_lus(here.store, here.who.compte_id)
    if not told:
        return
    items = "".join(
        f'<li><a href="{escape(one["lien"])}" target="_self">{escape(typographic(one["titre"]))}</a></li>'
        for one in told
    )
    st.html(f'<ul class="obs-avis">{items}</ul>')
    with st.container(horizontal=True):
        st.button("J’ai lu", key="avis_lus", on_click=_lus)
        wants = accounts.get(here.store, here.who.compte_id).preferences.get(avis.COURRIEL)
        semer("avis_courriel", bool(wants))
        st.checkbox("Recevoir aussi ces avis par courriel", key="avis_courriel", on_change=_par_courriel)


def _par_courriel() -> None:
    here = entree()
    assert here.who.compte_id is not None
    compte = accounts.get(here.store, here.who.compte_id)
    chosen = {**compte.preferences, avis.COURRIEL: bool(st.session_state["avis_courriel"])}
    accounts.change(here.store, compte.id, compte.email, preferences=json.dumps(chosen))


def _lus() -> None:
    here = entree()
    if here.who.compte_id is not None:
        avis.lus(here.store, here.who.compte_id)
