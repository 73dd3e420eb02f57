"""The tree of collaborators: drawn as lines, walked with the keyboard, a button a person."""

from __future__ import annotations

import streamlit as st

from apps.kit.french import typographic
from lake.store.accounts import STATES, Compte
from lake.store.rights import PROFILS

OPENED = "compte"
MOST = 300


def chosen() -> int | None:
    """The account that the address names; None for none."""
    text = str(st.query_params.get(OPENED, ""))
    return int(text) if text.isdigit() and len(text) < 12 else None


def choose(number: int | None) -> None:
    """Open an account beside the tree: its number goes to the address, so the view can be sent."""
    if number is None:
        st.query_params.pop(OPENED, None)
    else:
        st.query_params[OPENED] = str(number)


def said(one: Compte) -> str:
    """« Pauline Pilote · Pilote régional »; the state is said unless the account is active."""
    parts = [one.name, PROFILS[one.profil]]
    if one.etat != "actif":
        parts.append(STATES[one.etat].lower())
    return " · ".join(parts)


def draw(branches: list[tuple[int, Compte]]) -> None:
    """Draw a tree given branch by branch: Tab goes from person to person, Enter opens."""
    if not branches:
        st.info(typographic("Personne ne dépend de vous : créez un compte, ou acceptez une demande."))
        return
    opened = chosen()
    with st.container(key="obs_arbre", gap=None):
        for depth, one in branches[:MOST]:
            st.button(
                said(one),
                key=f"obs_branche{min(depth, 6)}_{one.id}",
                type="primary" if one.id == opened else "tertiary",
                on_click=choose,
                args=(one.id,),
                help=None,
            )
    if len(branches) > MOST:
        st.html(f'<p class="obs-source">{len(branches) - MOST} autres : voyez « Tous les comptes ».</p>')
