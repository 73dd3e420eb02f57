"""Which service: what a screen shows that was opened without one, from the menu or by hand."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st

from apps.kit.style.french import typographic
from apps.saisie.entree import KINDS, Entree, lien


def choisir_service(
    here: Entree, page: str, question: str = "De quel service ?", dits: Mapping[str, str] | None = None
) -> None:
    """List the services that one sees, by nature; each leads to the screen.

    Args:
        here: who reads.
        page: the screen.
        question: what is asked above the list.
        dits: code of a service -> what is said beside its name.
    """
    mine = here.services()
    if not mine:
        words = f"{typographic('Aucun service n’est décrit.')} {lien('commencer', 'Commencer')}."
        st.html(f'<p class="obs-lecture">{words}</p>')
        return
    st.html(f'<p class="obs-lecture">{escape(typographic(question))}</p>')
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
