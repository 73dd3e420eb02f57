"""The thread of a criterion: what those who answer and those who validate ask one another, never published."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from apps.kit.forms import told
from apps.kit.style.french import NNBSP, counted, typographic
from apps.saisie import interpretations
from apps.saisie.entree import Entree, entree, lien
from apps.saisie.personnes import personne
from lake.errors import LakeError
from lake.store.saisie import fils
from lake.store.saisie.frames import PARIS
from lake.store.saisie.interpretations import NATIONAL
from scoring.saisie.volets import version_de


def draw(
    here: Entree,
    service: dict[str, Any],
    questionnaire: str,
    critere: str,
    key: str,
    said: Sequence[dict[str, Any]],
) -> None:
    """Draw what was said of a criterion, and where one answers."""
    version = version_de(here.referentiel, questionnaire)
    open_ = [one for one in said if one["traite_le"] is None]
    now = [one for one in said if one["version_referentiel"] == version]
    shared = next((one for one in now if one["visibilite"] == NATIONAL), None)
    title = "Discussion" + (f" · {counted(len(said), 'message')}" if said else "")
    title += " · réglée" if said and not open_ else ""
    title += " · ouverte aux experts nationaux" if shared else ""
    with st.expander(title, expanded=bool(open_), key=f"{key}_fil"):
        # What was said under another version of the questions is told so, each version once.
        for under in dict.fromkeys(one["version_referentiel"] for one in said):
            items = "".join(f"<li>{_line(one)}</li>" for one in said if one["version_referentiel"] == under)
            if under != version:
                st.html(f'<p class="obs-source">{escape(typographic(f"Sous la version {under} :"))}</p>')
            st.html(f'<ul style="list-style:none;padding:0">{items}</ul>')
        if shared:
            since = f"{shared['change_le'].astimezone(PARIS):%d/%m/%Y}"
            words = f"Ouverte aux experts nationaux depuis le {since}, par {shared['change_par'] or 'l’exploitant'}."
            all_of = lien("interpretations", "Toutes les questions d’interprétation")
            st.html(f'<p class="obs-source">{escape(typographic(words))} {all_of}</p>')
        if not here.peut("commenter", service, questionnaire):
            return
        st.text_area(
            "Votre message, lu par l’équipe du service" + (" et les experts nationaux" if shared else "")
            + " (jamais publié)", key=f"{key}_message", height=80,
            max_chars=fils.LONGUEUR_MAX,
        )  # fmt: skip
        with st.container(horizontal=True):
            st.button(
                "Envoyer",
                key=f"{key}_envoyer",
                on_click=_sent,
                args=(service["id"], questionnaire, critere, key),
            )
            if open_:
                st.button(
                    "C’est réglé", key=f"{key}_regler", type="tertiary", on_click=_settled,
                    args=(service["id"], questionnaire, critere),
                )  # fmt: skip
            if shared:
                interpretations.refermer(critere, key, (service["id"], questionnaire, critere, version))
        if now and not shared:
            interpretations.ouvrir(here, service, questionnaire, critere, key, len(now))


def _line(one: dict[str, Any]) -> str:
    at = one["cree_le"].astimezone(PARIS)
    who = personne(one["auteur"], "l’exploitant") + (" (expert national)" if one["national"] else "")
    head = f"{who}, le {at:%d/%m/%Y} à {at.hour}{NNBSP}h{NNBSP}{at.minute:02d}"
    text = escape(typographic(one["texte"])).replace("\n", "<br>")
    return f'<span class="obs-source">{escape(typographic(head))}</span><br>{text}'


def _sent(service: int, questionnaire: str, critere: str, key: str) -> None:
    here = entree()
    try:
        fils.dire(
            here.store, service, questionnaire, critere, str(st.session_state.get(f"{key}_message", "")),
            par=here.email, version_referentiel=version_de(here.referentiel, questionnaire),
        )  # fmt: skip
        st.session_state[f"{key}_message"] = ""
    except LakeError as error:
        told.warn(f"{critere} : {error}")


def _settled(service: int, questionnaire: str, critere: str) -> None:
    here = entree()
    try:
        fils.clore(here.store, service, questionnaire, critere, par=here.email)
    except LakeError as error:
        told.warn(f"{critere} : {error}")
