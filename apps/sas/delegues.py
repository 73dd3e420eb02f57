"""Who keeps an agenda besides its practitioner: asked by form, accepted by the practitioner, ended by either."""

from __future__ import annotations

from typing import Any

import streamlit as st

from apps.kit import forms
from apps.kit.access import access, session
from apps.kit.forms import Action, Field, Form, Kind, Submission, told
from apps.kit.style.french import literal, long_date, typographic
from apps.sas import acces, avis
from lake.errors import AccessDenied, LakeError, Refused
from lake.horaires.heures import local_day
from lake.store.accounts import accounts, identity
from lake.store.sas import delegations

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
    for row in delegations.delegations(store, person["id"]):
        compte = known.get(row["compte_id"])
        text, buttons = st.columns([3, 2], vertical_alignment="center")
        name = compte.name if compte else "compte supprimé"
        said = f"{name} : {_STATES[row['etat']]}"
        if row["etat"] == "demandee":
            said += f" jusqu’au {long_date(local_day(row['demandee_le'] + delegations.DELAI))}"
        text.html(f"<p>{typographic(literal(said))}</p>")
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
        delegations.decider(session.store(), person.compte, delegation, etat)
        told.say("Décision enregistrée.")
    except LakeError as refusal:
        told.warn(str(refusal))


def _asked(sent: Submission, person: Any) -> str:
    acces.require_agenda(person["identifiant"])  # a delegate may have been dismissed since the page was drawn
    compte = accounts.find(session.store(), sent.values["email"])
    if compte is None:
        told_ = avis.demander_compte(session.store(), person["nom"], person["sas"], sent.values["email"])
        raise Refused(
            "email", "Aucun compte à cette adresse.",
            conseil="L'administrateur de votre SAS en est prévenu : refaites la demande une fois le compte créé."
            if told_ else "Demandez-le à l'administrateur de votre SAS.",
        )  # fmt: skip
    delegations.deleguer(session.store(), person["id"], compte.id)
    days = delegations.DELAI.days
    return f"Demande enregistrée : le praticien a {days} jours pour accepter que {compte.name} tienne cet agenda."
