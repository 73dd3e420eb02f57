"""« Et si… » : what an answer would change, before it is given."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from apps.kit.style.french import percent, signed, typographic
from apps.saisie.calcul import simuler
from apps.saisie.criteres import Critere, mot
from apps.saisie.entree import Entree, ensemble
from scoring.universes.model import Format


def et_si(here: Entree, service: dict[str, Any], questionnaire: str, criteria: list[Critere]) -> None:
    """What an answer would change, before it is given."""
    with st.container(border=True):
        st.markdown("**Et si…**")
        choices = [(one.code, level) for one in criteria for level in one.niveaux]
        chosen = st.selectbox(
            "Si vous répondiez", choices, index=None, key="saisie_si", placeholder="Choisir un niveau",
            format_func=lambda pair: f"{pair[0]} = {pair[1]} {mot(pair[1])}",
        )  # fmt: skip
        if chosen is None or chosen not in choices:
            return
        found = simuler(here.store, here.referentiel, service, questionnaire, chosen[0], chosen[1], here.jour)
        if found.avant is None or found.apres is None:
            said = f"Ce serait la première réponse {ensemble(service, 'dans')} à ce questionnaire."
        else:
            arrow = "▲" if found.points > 0 else "▼" if found.points < 0 else "="
            gain = f"{arrow} {signed(found.points, Format.DECIMAL)} pt {ensemble(service, 'sur')}"
            said = f"{gain} : {percent(found.avant)} → {percent(found.apres)}"
            if abs(found.dont_porte) > 1e-9:
                said += f", dont {signed(found.dont_porte, Format.DECIMAL)} pt par les services qui s’appuient sur lui"
            if found.perimetre:
                said += ". Le périmètre change : ce n’est pas un progrès"
        st.html(f'<p class="obs-lecture-vue">{escape(typographic(said))}.</p>')
