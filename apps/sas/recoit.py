"""« Qui reçoit »: a structure names the professional of a booking, once it knows; régulateurs read the name."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from apps.kit import forms
from apps.kit.access import session
from apps.kit.data import praticiens
from apps.kit.data.data import open_lake
from apps.kit.forms import Action, Field, Form, Submission, choice
from apps.sas import acces
from apps.sas.adhesion import of_directory
from apps.sas.words import when
from lake.errors import LakeError, Refused
from lake.store.sas import registre, rendez_vous
from lake.store.sas.fichiers import identifiant

_BACK, _AHEAD = timedelta(days=7), timedelta(days=28)


def _typed(text: str) -> str:
    return identifiant(text) if text.strip() else ""


def draw(person: Any, now: datetime) -> None:
    """The bookings of a structure, lately and to come, and the form that names who receives."""
    rows = [
        row
        for row in registre.of_effecteur(session.store(), person["identifiant"], now - _BACK, now + _AHEAD)
        if row["statut"] in ("booked", "fulfilled")
    ]
    if not rows:
        st.html('<p class="obs-source">Aucun rendez-vous : les noms se donnent quand il y en a.</p>')
        return
    names = noms({row["praticien"] for row in rows if row["praticien"]})
    labels = {
        row["reference"]: f"{when(row['debut'], now, row['fuseau'])} · {row['reference']} · "
        + (names[row["praticien"]] if row["praticien"] else "personne n’est nommé")
        for row in reversed(rows)
    }
    form = Form(
        "sas_recoit",
        (
            choice("reference", "Rendez-vous", labels),
            Field("rpps", "Numéro RPPS du praticien", check=_typed, most=20, required=False,
                  note="Vide : plus personne n’est nommé"),
        ),
        (Action("nommer", "Nommer qui reçoit"),),
        audience=acces.effecteurs,
    )  # fmt: skip
    forms.draw(form, lambda sent: _named(sent, person, set(labels)), about=person["identifiant"])


def noms(identifiants: Collection[str]) -> dict[str, str]:
    """The names of professionals: those who offer care, then the directory's; else the RPPS itself."""
    known = registre.noms(session.store(), identifiants)
    if left := set(identifiants) - set(known):
        known |= {who: of_directory(one).nom for who, one in praticiens.of_many(open_lake(), left).items()}
    return {who: known.get(who, f"RPPS {who[1:]}") for who in identifiants}


def _named(sent: Submission, person: Any, offered: Collection[str]) -> str:
    acces.require_agenda(person["identifiant"])
    reference, who = sent.values["reference"], sent.values["rpps"] or ""
    if reference not in offered:
        raise Refused("reference", "Ce rendez-vous n’est pas de cette structure.")
    name = noms({who})[who] if who else ""
    if name.startswith("RPPS "):
        raise Refused("rpps", "Aucun professionnel de ce RPPS dans l’annuaire.")
    try:
        rendez_vous.nommer(session.store(), reference, who, auteur=acces.auteur())
    except LakeError as refusal:
        raise Refused("rpps", str(refusal)) from refusal
    return f"{reference} : {name} reçoit." if name else f"{reference} : personne n’est nommé."
