"""Catalogue: the services that a region shows to everyone. Their cards, and nothing of what is answered about them."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, typographic
from apps.saisie.entree import noms_regions
from lake.store.saisie import portage

LABELS = {
    "public": "Pour qui",
    "territoire": "Territoire",
    "deploiement": "Déploiement",
    "contact": "Contact",
}


def draw() -> None:
    """Draw the cards, region by region."""
    cards = portage.catalogue(session.store())
    said = (
        counted(
            len(cards), "service, tel que sa région le décrit.", "services, tels que leur région les décrit."
        )
        if cards
        else "Aucune région n’a encore mis de service à son catalogue."
    )
    st.html(f'<p class="obs-lecture">{typographic(said)}</p>')
    for region, name in noms_regions(dict.fromkeys(one["region"] for one in cards)).items():
        st.subheader(name, anchor=False)
        st.html(
            f'<ul class="obs-cartes">{"".join(_card(one) for one in cards if one["region"] == region)}</ul>'
        )


def _card(one: dict[str, Any]) -> str:
    lines = f"<p>{escape(typographic(one['description']))}</p>" if one["description"] else ""
    lines += "".join(
        f"<p>{label}\u202f: {escape(typographic(one[name]))}</p>"
        for name, label in LABELS.items()
        if one[name]
    )
    return f"<li><strong>{escape(typographic(one['nom']))}</strong>{lines}</li>"


CATALOGUE = Screen(
    "catalogue",
    "Catalogue des services",
    "Quels services la région propose-t-elle ?",
    draw,
    Audience.EVERYONE,
    listed=False,
)
