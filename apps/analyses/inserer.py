"""« Insérer un chiffre »: a live figure put in a section's text by its name in French, never typed by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from apps.kit.style.french import typographic
from lake.errors import LakeError
from scoring.universes.registry import UNIVERSES, universe

FORMS = {"": "Sa valeur", "ecart": "Son évolution", "date": "Sa date"}
PLACES = {"introduction": "Dans l’introduction", "conclusion": "Dans la conclusion"}


def figures(chart: dict[str, Any]) -> dict[str, str]:
    """The figures that stand beside a section's text: name of the measure -> its label."""
    if str(chart.get("univers")) not in UNIVERSES:
        return {}
    found = universe(str(chart["univers"]))
    named: dict[str, str] = {}
    for name in (*(chart.get("en_tete") or ()), *(chart.get("mesures") or ())):
        try:
            named[str(name)] = found.measure(str(name)).label
        except LakeError:
            continue  # « à réparer »: its settings say so
    return named


def token(measure: str, form: str) -> str:
    """What is written in the text: ``{{psc_taux_adoption|ecart}}``."""
    return f"{{{{{measure}|{form}}}}}" if form else f"{{{{{measure}}}}}"


def draw(section: dict[str, Any], key: str, insert: Callable[[str, str], None]) -> None:
    """Draw the choice of a figure and where it goes.

    Args:
        section: the section, as the draft holds it.
        key: begins the keys of the widgets.
        insert: (name of the text, token) -> puts it at the end of that text.
    """
    named = figures(section.get("graphique") or {})
    if not named:
        return
    with st.popover("Insérer un chiffre", help="Il s’écrit à chaque lecture, avec les droits de qui lit"):
        st.selectbox(
            "Chiffre", list(named), format_func=lambda one: typographic(named[one]), key=f"{key}_chiffre"
        )
        st.radio(
            "Ce qui s’écrit", list(FORMS), format_func=FORMS.__getitem__, key=f"{key}_forme", horizontal=True
        )

        def inserted(name: str) -> None:
            # What is chosen now, not when the page was drawn: both gestures may come at once.
            insert(name, token(st.session_state[f"{key}_chiffre"], st.session_state[f"{key}_forme"] or ""))

        with st.container(horizontal=True):
            for name, label in PLACES.items():
                st.button(label, key=f"{key}_{name}", on_click=inserted, args=(name,))
