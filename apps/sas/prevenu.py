"""How the reader is told of bookings: one by one, in a digest each morning, or not at all. Kept with the account."""

from __future__ import annotations

import streamlit as st

from apps.kit.access import access, session
from apps.kit.forms import told
from apps.kit.style.french import typographic
from apps.sas import acces
from lake.errors import LakeError
from lake.store.sas import avis, roles

_KEY = "sas_avis"
_WHAT = (
    f"Le récapitulatif part chaque matin à {avis.MATIN} heures, s’il y a quelque chose à dire : ce qui a été réservé, "
    "déplacé ou annulé depuis le précédent. Un rendez-vous pris après cette heure n’y est dit que le lendemain : lisez "
    "votre agenda dans la journée. Ce choix vaut pour vous seul ; titulaire et délégués ont chacun le leur."
)


def draw(identifiant: str) -> None:
    """The choice of the reader, who keeps this agenda."""
    person = access.reader()
    if person is None or identifiant not in roles.agendas_of(session.store(), person.compte):
        said = (
            "Chaque titulaire ou délégué choisit ici, pour lui-même, comment les rendez-vous lui sont dits."
        )
        st.html(f'<p class="obs-source">{typographic(said)}</p>')
        return
    modes = list(avis.MODES)
    st.radio(
        "Rendez-vous réservés, déplacés, annulés", modes, index=modes.index(avis.choix(person.compte)),
        format_func=avis.MODES.__getitem__, key=_KEY, on_change=_chosen,
    )  # fmt: skip
    st.html(f'<p class="obs-source">{typographic(_WHAT)}</p>')


def _chosen() -> None:
    person = access.reader()
    try:
        if person is not None and acces.effecteurs(person):
            mode = str(st.session_state[_KEY])
            avis.choisir(session.store(), person.compte, mode)
            told.say(f"Choix gardé : {avis.MODES[mode].lower()}.")
    except LakeError as refusal:
        told.warn(str(refusal))
