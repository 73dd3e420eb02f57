"""A notice to the patient, by e-mail: typed, sent, forgotten. Whether it left is told; where to is kept nowhere.

The address goes from the field to the mail server in this process' memory. It is not a field of a form (forms keep
drafts), nor a message of the suite's queue; what the server answers is not repeated, for it may name the address.
"""

from __future__ import annotations

import streamlit as st

from apps.kit.access import access
from apps.kit.forms import told
from apps.sas import acces
from apps.sas.fiche import Fiche
from lake.errors import LakeError
from lake.settings import Settings
from lake.store.accounts import identity, mail

_ADDRESS, _SENT = "sas_patient", "sas_patient_dit"


def draw(fiche: Fiche) -> None:
    """The field and its button; once sent, that it was."""
    if st.session_state.get(_SENT) == fiche.reference:
        st.html('<p class="obs-source">Envoyé au patient. Son adresse n’est gardée nulle part.</p>')
        return
    if not Settings.from_env().smtp:
        st.html('<p class="obs-source">Sans serveur de courriel, lisez ou copiez le texte ci-dessus.</p>')
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Envoyer au patient (facultatif)",
            key=_ADDRESS,
            placeholder="adresse électronique",
            help="Utilisée pour ce seul envoi, puis oubliée.",
            autocomplete="off",
        )
        st.button("Envoyer", key="sas_patient_envoyer", on_click=_send, args=(fiche,))


def forget() -> None:
    """The address leaves the session with the call that it was for."""
    # Emptied, not forgotten: the browser keeps what it shows of a field that is forgotten.
    st.session_state[_ADDRESS] = ""


def _send(fiche: Fiche) -> None:
    if not acces.regulateurs(access.reader()) or st.session_state.get(_SENT) == fiche.reference:
        return
    try:
        address = identity.address(str(st.session_state.get(_ADDRESS, "")))
    except LakeError:
        told.warn("Cette adresse ne peut pas recevoir de courriel : vérifiez-la.")
        return
    forget()
    ics = mail.Attachment(f"{fiche.reference}.ics", fiche.ics(), "text/calendar")
    try:
        gone = mail.send(Settings.from_env(), address, "Votre rendez-vous", fiche.texte, attachments=[ics])
    except LakeError:
        gone = False
    if gone:
        st.session_state[_SENT] = fiche.reference
    else:
        told.warn("Le message n’est pas parti : lisez le texte au patient. Son adresse n’est pas gardée.")
