"""Which service: what a screen shows that was opened without one, from the menu or by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from apps.kit.style.french import typographic
from apps.saisie.entree import KINDS, Entree, lien, noms_regions
from scoring.saisie.volets import REGIONS, volet_de

MANY = 60
"""Services from which a region is chosen before they are listed: hundreds of lines are read by nobody."""


def nom_de(mine: Iterable[Mapping[str, Any]]) -> str:
    """What somebody's services are called: an editor's are products."""
    return "service" if any(volet_de(one["kind"]) == REGIONS for one in mine) else "produit"


def regions_de(mine: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The regions, and the editors, of some services: code -> name."""
    known = list(mine)
    regional = (one["region"] for one in known if volet_de(one["kind"]) == REGIONS)
    found = noms_regions(dict.fromkeys(regional))
    return found | {one["region"]: one["nom"] for one in known if one["kind"] == "editeur"}


def trop(mine: Sequence[Mapping[str, Any]], regions: Mapping[str, str]) -> bool:
    """Whether a region is to be chosen before services are listed."""
    return len(mine) > MANY and len(regions) > 1


def choisir_region(mine: Sequence[Mapping[str, Any]], regions: Mapping[str, str], key: str) -> str | None:
    """The region that is chosen, or the editor; None for all of them, and where there is one only."""
    if len(regions) < 2:
        return None
    both = any(volet_de(one["kind"]) != REGIONS for one in mine)
    chosen: str | None = st.selectbox(
        "Région ou éditeur" if both else "Région", list(regions), index=None, key=key,
        format_func=regions.__getitem__, placeholder="Tous" if both else "Toutes les régions", width=320,
    )  # fmt: skip
    return chosen


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
    regions = regions_de(mine)
    if trop(mine, regions):
        region = choisir_region(mine, regions, f"choix_region_{page}")
        if region is None:
            return
        mine = [one for one in mine if one["region"] == region]
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
