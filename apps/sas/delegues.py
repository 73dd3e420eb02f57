"""Who keeps an agenda besides its practitioner: asked by form, accepted by the practitioner, ended by either."""

from __future__ import annotations

from typing import Any

import streamlit as st

from apps.kit import forms
from apps.kit.access import access, session
from apps.kit.forms import Action, Field, Form, Kind, Submission, told
from apps.kit.style.french import literal, typographic
from apps.sas import acces
from lake.errors import AccessDenied, LakeError, Refused
from lake.store.accounts import accounts, identity
from lake.store.sas import roles

_STATES = {"demandee": "en attente de l’accord du praticien", "active": "tient cet agenda"}
_ASK = Form(
    "sas_delegue",
    (Field("email", "Adresse électronique du délégué", Kind.EMAIL, identity.address, most=254),),
    (Action("demander", "Demander cette délégation"),),
    audience=acces.effecteurs,
)


def draw(person: Any) -> None:
    """The delegates of an agenda, and the form that asks for one."""
    store = session.store()
    known = {one.id: one for one in accounts.everyone(store)}
    for row in roles.delegations(store, person["id"]):
        compte = known.get(row["compte_id"])
        text, buttons = st.columns([3, 2], vertical_alignment="center")
        name = compte.name if compte else "compte supprimé"
        text.html(f"<p>{typographic(literal(name))} : {_STATES[row['etat']]}</p>")
        with buttons.container(horizontal=True):
            if row["etat"] == "demandee":
                _button("Accepter", row["id"], "active")
                _button("Refuser", row["id"], "refusee")
            else:
                _button("Mettre fin", row["id"], "finie")
    forms.draw(_ASK, lambda sent: _asked(sent, person), about=person["identifiant"])


def _button(label: str, delegation: int, etat: str) -> None:
    st.button(label, key=f"sas_delegation_{etat}_{delegation}", on_click=_decide, args=(delegation, etat))


def _decide(delegation: int, etat: str) -> None:
    person = access.reader()
    try:
        if person is None:
            raise AccessDenied("Connectez-vous pour décider d'une délégation.")
        roles.decider(session.store(), person.compte, delegation, etat)
        told.say("Décision enregistrée.")
    except LakeError as refusal:
        told.warn(str(refusal))


def _asked(sent: Submission, person: Any) -> str:
    compte = accounts.find(session.store(), sent.values["email"])
    if compte is None:
        raise Refused(
            "email", "Aucun compte à cette adresse.", conseil="Demandez-le à l'administrateur de votre SAS."
        )
    roles.deleguer(session.store(), person["id"], compte.id)
    return f"Demande enregistrée : {compte.name} tiendra cet agenda dès que le praticien l’aura accepté."
