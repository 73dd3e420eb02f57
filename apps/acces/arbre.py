"""The tree of collaborators: drawn as lines, walked with the keyboard, a button a person."""

from __future__ import annotations

from html import escape

import streamlit as st

from apps.kit.style.french import typographic
from lake.droits import PROFILS
from lake.store.accounts.identity import STATES, Compte
from lake.words import number_in

OPENED = "compte"
MOST = 300
DEEPEST = 6
"""Branches deeper than this are drawn at this depth."""
ROW_REM = 1.9
"""Height of a row of the tree (apps.kit.style.style)."""


def chosen() -> int | None:
    """The account that the address names; None for none."""
    return number_in(str(st.query_params.get(OPENED, "")))


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


def spans(depths: list[int]) -> list[int]:
    """How many rows up each branch is tied: to its parent, or to the sibling before it.

    Args:
        depths: depth of each row, from 1, branch by branch.
    """
    last: dict[int, int] = {0: -1}
    found = []
    for row, depth in enumerate(depths):
        above = max(last.get(depth, -1), last.get(depth - 1, -1))
        found.append(row - above)
        last = {known: at for known, at in last.items() if known < depth} | {depth: row}
    return found


def _lines(shown: list[tuple[int, Compte]]) -> str:
    """The rules that draw the lines longer than a row."""
    rules = []
    for (depth, one), rows in zip(shown, spans([depth for depth, _ in shown]), strict=True):
        if rows > 1:
            more = (rows - 1) * ROW_REM
            rules.append(
                f".st-key-obs_arbre .st-key-obs_branche{min(depth, DEEPEST)}_{one.id}::before "
                f"{{ top: {-0.9 - more:.1f}rem; height: {1.9 + more:.1f}rem; }}"
            )
    return f"<style>{' '.join(rules)}</style>" if rules else ""


def branch(one: Compte, depth: int = 0) -> None:
    """Draw one person: a button that opens its card."""
    st.button(
        said(one),
        key=f"obs_branche{depth}_{one.id}",
        type="primary" if one.id == chosen() else "tertiary",
        on_click=choose,
        args=(one.id,),
    )


def draw(root: str, branches: list[tuple[int, Compte]]) -> None:
    """Draw a tree given branch by branch, under its root: Tab goes from person to person, Enter opens."""
    if not branches:
        st.info(typographic("Personne ne dépend de vous : créez un compte, ou acceptez une demande."))
        return
    shown = branches[:MOST]
    with st.container(key="obs_arbre", gap=None):
        st.html(f'<p class="obs-racine">{escape(root)}</p>{_lines(shown)}')
        for depth, one in shown:
            branch(one, min(depth, DEEPEST))
    if len(branches) > MOST:
        st.html(f'<p class="obs-source">{len(branches) - MOST} autres : voyez l’onglet « Comptes ».</p>')
