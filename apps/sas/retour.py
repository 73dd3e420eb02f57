"""The page of a reminder's link: one press, and one's slots are shown again. No sign-in: the link is the proof."""

from __future__ import annotations

import streamlit as st

from apps.kit.access import session
from apps.kit.forms import told
from apps.kit.shell.screen import Screen
from apps.kit.style.french import literal, typographic
from apps.sas.avis import RETOUR as ADDRESS
from lake.store.sas import liens, planning, registre


def _draw() -> None:
    end = str(st.query_params.get("lien", ""))
    store = session.store()
    who = liens.titulaire(store, end) if end else ""
    if not who:
        if st.session_state.get("sas_revenu") == end:
            st.html('<p class="obs-lecture">Vos créneaux sont de nouveau montrés aux régulateurs.</p>')
            return
        st.warning(
            typographic("**Ce lien n’est plus valable.** Il a servi, ou un message plus récent le remplace.")
        )
        st.html(f"<p>{typographic('Votre page « Mon agenda » a le même bouton.')}</p>")
        return
    person = registre.effecteur(store, who)
    said = f"{person['nom']} : vos créneaux ne sont pas montrés aux régulateurs en ce moment."
    st.html(f'<p class="obs-lecture">{typographic(literal(said))}</p>')
    # A press, not the opening: mail filters open links before their reader does.
    st.button(
        "Je suis de nouveau disponible", type="primary", key="sas_revenir", on_click=_back, args=(end, who)
    )


def _back(end: str, who: str) -> None:
    store = session.store()
    if liens.servir(store, end):
        planning.dire_indisponible(store, who, False, auteur="lien du rappel")
        st.session_state["sas_revenu"] = end
        told.say("C’est noté, merci.")


RETOUR = Screen(ADDRESS, "De nouveau disponible", "De nouveau disponible ?", _draw, listed=False)
