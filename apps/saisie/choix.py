"""Which service: what a screen shows that was opened without one, from the menu or by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import streamlit as st

from apps.kit.style.french import typographic
from apps.saisie.entree import KINDS, Entree, lien
from scoring.saisie.volets import REGIONS, volet_de


def nom_de(mine: Iterable[Mapping[str, Any]]) -> str:
    """What somebody's services are called: an editor's are products."""
    return "service" if any(volet_de(one["kind"]) == REGIONS for one in mine) else "produit"


def choisir_service(
    here: Entree, page: str, question: str = "", dits: Mapping[str, str] | None = None
) -> None:
    """List the services that one sees, by nature; each leads to the screen.

    Args:
        here: who reads.
        page: the screen.
        question: what is asked above the list; of which service, by default.
        dits: code of a service -> what is said beside its name.
    """
    mine = here.services()
    if not mine:
        words = f"{typographic('Aucun service n’est décrit.')} {lien('commencer', 'Commencer')}."
        st.html(f'<p class="obs-lecture">{words}</p>')
        return
    asked = question or f"De quel {nom_de(mine)} ?"
    st.html(f'<p class="obs-lecture">{escape(typographic(asked))}</p>')
    for kind, title in KINDS.items():
        items = "".join(
            f"<li>{lien(page, one['nom'], s=one['code'])}"
            + (f" · {escape(typographic(said))}" if (said := (dits or {}).get(one["code"])) else "")
            + "</li>"
            for one in mine
            if one["kind"] == kind
        )
        if items:
            st.subheader(title, anchor=False)
            st.html(f"<ul>{items}</ul>")
