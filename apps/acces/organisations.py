"""The administrator's table of organisations: who belongs there, who decides its requests, what waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl
import streamlit as st

from apps.acces.champs import ORGANISATION, people
from apps.acces.words import PARIS
from apps.kit import forms
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.access.session import Reader
from apps.kit.forms import Action, Form, Submission, choice
from apps.kit.pages import register
from apps.kit.style.french import counted, typographic
from lake.errors import AccessDenied
from lake.store.accounts import accounts, identity, registration
from lake.store.accounts.identity import Compte
from lake.store.accounts.registration import Demande

NONE = "Sans organisation"
ENTRUST = "Lui confier les demandes et la création de comptes"
NAMING = Form(
    "confier_demandes",
    (),
    (Action("nommer", "Nommer responsable", main=False),),
    audience=Audience.ADMINISTRATORS,
)
RENAMING = Form(
    "renommer_organisation",
    (replace(ORGANISATION, label="Nouveau nom"),),
    (Action("renommer", "Renommer", main=False),),
    audience=Audience.ADMINISTRATORS,
)


@dataclass(frozen=True)
class Organisation:
    """One organisation, as accounts and requests name it.

    Attributes:
        nom: its name, in the spelling most used.
        comptes: its accounts, by name.
        responsables: those that decide its requests; empty where administrators do.
        demandes: requests that wait.
        connecte_le: last sign-in of one of its accounts (UTC); None for never.
    """

    nom: str
    comptes: tuple[Compte, ...]
    responsables: tuple[Compte, ...]
    demandes: int
    connecte_le: datetime | None

    def count(self, etat: str) -> int:
        """How many of its accounts are in a state."""
        return sum(one.etat == etat for one in self.comptes)


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def organisations(comptes: Sequence[Compte], pending: Sequence[Demande]) -> list[Organisation]:
    """The organisations that accounts and pending requests name, by name; spellings differ by case and spaces only."""
    spelled: dict[str, Counter[str]] = {}
    for name in [*(one.organisation for one in comptes), *(one.organisation for one in pending)]:
        spelled.setdefault(_key(name), Counter())[" ".join(name.split())] += 1
    found = []
    for key, names in spelled.items():
        here = tuple(one for one in comptes if _key(one.organisation) == key)
        deciders = tuple(
            one for one in here if one.peut_creer and one.etat == "actif" and not one.administrateur
        )
        seen = [one.connecte_le for one in here if one.connecte_le is not None]
        found.append(
            Organisation(
                names.most_common(1)[0][0] or NONE,
                here,
                deciders,
                sum(_key(one.organisation) == key for one in pending),
                max(seen, default=None),
            )
        )
    return sorted(found, key=lambda one: (one.nom == NONE, one.nom.casefold()))


def rename(person: Reader, one: Organisation, name: str) -> int:
    """Give another name to an organisation; returns how many accounts bear it from now on.

    Raises:
        AccessDenied: the reader is not an administrator.
        Refused: the name is missing or too long.
    """
    if not person.administrator:
        raise AccessDenied("Seul un administrateur renomme une organisation.")
    wanted = identity.checked("organisation", name)
    changed = [compte for compte in one.comptes if compte.organisation != wanted]
    for compte in changed:
        accounts.change(session.store(), compte.id, person.compte.email, organisation=wanted)
    return len(changed)


def draw(person: Reader) -> None:
    """Draw the table, and the two things done there: name who decides, rename."""
    if not person.administrator:
        raise AccessDenied("Cette table est réservée aux administrateurs.")
    store = session.store()
    found = organisations(accounts.everyone(store), registration.requests(store))
    if not found:
        st.info("Aucune organisation : aucun compte, aucune demande.".replace(" :", "\u202f:"))
        return
    frame = pl.DataFrame(
        {
            "Organisation": [one.nom for one in found],
            "Comptes": [len(one.comptes) for one in found],
            "Actifs": [one.count("actif") for one in found],
            "Invités": [one.count("invite") for one in found],
            "Désactivés": [one.count("desactive") for one in found],
            "Ses demandes vont à": [
                ", ".join(m.name for m in one.responsables) or "administrateurs" for one in found
            ],
            "Demandes en attente": [one.demandes for one in found],
            "Dernière connexion": [
                None if one.connecte_le is None else one.connecte_le.astimezone(PARIS).date() for one in found
            ],
        },
        schema_overrides={"Dernière connexion": pl.Date},
    )
    alone = sum(not one.responsables for one in found)
    said = (
        f"{counted(len(found), 'organisation')}, dont {alone} sans responsable : leurs demandes vont aux "
        "administrateurs."
    )
    st.html(f'<p class="obs-lecture-vue">{typographic(said)}</p>')
    register.draw(frame, "organisations_table", file="organisations.csv", audience=Audience.ADMINISTRATORS)
    chosen = st.selectbox(
        "Organisation à régler",
        found,
        index=None,
        format_func=lambda one: one.nom,
        placeholder="Choisir une organisation",
        key="organisation_reglee",
        width=420,
    )
    if chosen is not None:
        _settle(chosen)


def _settle(one: Organisation) -> None:
    able = [c for c in one.comptes if c.etat == "actif" and not c.peut_creer and not c.administrateur]
    nobody = "" if able else "Aucune personne active ne peut être nommée."
    who = choice("qui", ENTRUST, people(able), empty="Choisir une personne active")
    left, right = st.columns(2, gap="large")
    with left:
        forms.draw(
            replace(NAMING, parts=(who,)), lambda sent: _named(sent, one), about=one.nom, locked=nobody
        )
    with right:
        noted = replace(RENAMING, note=_effect(one, sum(c.profil == "industriel" for c in one.comptes)))
        forms.draw(noted, lambda sent: _renamed(sent, one), about=one.nom, initial={"organisation": one.nom})


def _named(sent: Submission, one: Organisation) -> str:
    who = accounts.get(session.store(), sent.values["qui"])
    accounts.change(session.store(), who.id, sent.person.compte.email, peut_creer=True)
    return f"{who.name} reçoit les demandes de « {one.nom} »."


def _renamed(sent: Submission, one: Organisation) -> str:
    count = rename(sent.person, one, sent.values["organisation"])
    return f"{counted(count, 'compte changé', 'comptes changés')}."


def _effect(one: Organisation, editors: int) -> str:
    text = f"{counted(len(one.comptes), 'compte prendra', 'comptes prendront')} ce nom."
    if editors:
        text += (
            f" Attention : {counted(editors, 'industriel verra', 'industriels verront')} les données de l’éditeur "
            "qui porte exactement ce nom."
        )
    return text
