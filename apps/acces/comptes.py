"""The table of the accounts that a manager answers for, and the form that creates one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

import polars as pl
import streamlit as st

from apps.acces import arbre, remise
from apps.acces.champs import (
    CIVILITE,
    EDITOR,
    EMAIL,
    NOM,
    ORGANISATION,
    PRENOM,
    REGIONS,
    RPPS,
    SENT_ON,
)
from apps.acces.demandes import given, inherited, refuse_profile, sending
from apps.acces.words import PARIS, moment
from apps.kit import forms
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.access.session import Reader
from apps.kit.forms import Action, Done, Field, Form, Kind, Submission, choice
from apps.kit.pages import register
from apps.kit.style.french import counted, typographic
from lake.droits import PROFILS
from lake.store.accounts import accounts, bulk, tree
from lake.store.accounts.identity import STATES, Compte
from lake.store.accounts.links import Genre

TEAM_TAB = "Équipe"
TAB_KEY = "onglet"


def seen(person: Reader) -> list[Compte]:
    """The accounts that a manager may see: those who answer to it; everyone for an administrator."""
    known = accounts.everyone(session.store())
    if person.administrator:
        return known
    return [one for _, one in tree.under(known, person.compte.id)]


def kept(
    comptes: Sequence[Compte],
    *,
    profils: Collection[str] = (),
    etats: Collection[str] = (),
    organisations: Collection[str] = (),
    sans_connexion_depuis: date | None = None,
) -> list[Compte]:
    """The accounts that answer to filters; an empty filter keeps everyone.

    Args:
        comptes: accounts.
        profils: profiles.
        etats: states.
        organisations: organisations, to the letter.
        sans_connexion_depuis: those who have not signed in since this day (Paris), or never did.
    """
    limit = None if sans_connexion_depuis is None else datetime.combine(sans_connexion_depuis, time(), PARIS)
    return [
        one
        for one in comptes
        if (not profils or one.profil in profils)
        and (not etats or one.etat in etats)
        and (not organisations or one.organisation in organisations)
        and (limit is None or one.connecte_le is None or one.connecte_le < limit)
    ]


def frame_of(rows: Sequence[Compte], known: Sequence[Compte]) -> pl.DataFrame:
    """The table of accounts, in French, as on screen and in its CSV."""
    names = {one.id: one.name for one in known}
    return pl.DataFrame(
        {
            "Nom": [one.nom for one in rows],
            "Prénom": [one.prenom for one in rows],
            "Adresse": [one.email for one in rows],
            "Organisation": [one.organisation for one in rows],
            "Profil": [PROFILS[one.profil] for one in rows],
            "État": [STATES[one.etat] for one in rows],
            "Responsable": [names.get(one.responsable_id or -1, "") for one in rows],
            "Crée des comptes": ["oui" if one.peut_creer or one.administrateur else "non" for one in rows],
            "Dernière connexion": [
                None if one.connecte_le is None else one.connecte_le.astimezone(PARIS).date() for one in rows
            ],
        },
        schema_overrides={"Dernière connexion": pl.Date},
    )


def open_card(number: int | None) -> None:
    """Open the card of an account, in the tab of the team."""
    if number is not None:
        arbre.choose(number)
        st.session_state[TAB_KEY] = TEAM_TAB


def table(person: Reader) -> None:
    """Draw the table of accounts under its filters; a line opens the card of its account."""
    found = seen(person)
    with st.container(horizontal=True):
        profils = st.multiselect(
            "Profil", list(PROFILS), format_func=PROFILS.__getitem__, placeholder="Tous", key="filtre_profil"
        )
        etats = st.multiselect(
            "État", list(STATES), format_func=STATES.__getitem__, placeholder="Tous", key="filtre_etat"
        )
        organisations = st.multiselect(
            "Organisation",
            sorted({one.organisation for one in found if one.organisation}, key=str.casefold),
            placeholder="Toutes",
            key="filtre_organisation",
        )
        before = st.date_input("Sans connexion depuis le", None, format="DD/MM/YYYY", key="filtre_connexion")
    rows = kept(
        found, profils=profils, etats=etats, organisations=organisations, sans_connexion_depuis=before
    )
    if not rows:
        st.info("Aucun compte ne répond à ces filtres.")
        return
    frame = frame_of(rows, accounts.everyone(session.store()))
    said = f"{counted(len(rows), 'compte')} sur {len(found)}. Choisissez une ligne pour ouvrir la fiche."
    st.html(f'<p class="obs-source">{typographic(said)}</p>')
    labels = {one.id: f"{one.name} · {one.email}" for one in rows}
    st.selectbox(
        "Ouvrir la fiche de",
        list(labels),
        index=None,
        format_func=labels.__getitem__,
        placeholder="Choisir une personne",
        key="ouvrir_fiche",
        on_change=lambda: open_card(st.session_state["ouvrir_fiche"]),
        width=420,
    )
    register.draw(
        frame,
        "comptes_table",
        file="comptes.csv",
        audience=Audience.MANAGERS,
        numbers=[one.id for one in rows],
        opens=open_card,
    )


def create(person: Reader) -> None:
    """Draw the form that creates an account."""
    forms.draw(
        _creation(person),
        _created,
        initial={
            "organisation": person.compte.organisation,
            "profil": given(person)[0],
            "le": datetime.now(PARIS).date(),
        },
    )


def _creation(person: Reader) -> Form:
    """The form that creates an account, as this reader may fill it."""
    admin = person.administrator
    return Form(
        "creer",
        (
            EMAIL,
            CIVILITE,
            PRENOM,
            NOM,
            replace(ORGANISATION, locked=not admin, help=EDITOR if admin else ""),
            RPPS,
            choice("profil", "Profil", {name: PROFILS[name] for name in given(person)}),
            *((REGIONS,) if admin else ()),
            Field("peut_creer", "Peut créer des comptes à son tour", Kind.BOOLEAN),
            SENT_ON,
        ),
        (Action("creer", "Créer et envoyer le lien"),),
        audience=Audience.MANAGERS,
        draft=True,
        note="Ce compte verra ce que vous voyez, au plus ; vous pourrez le restreindre.",
        width=640,
    )


def _created(sent: Submission) -> Done:
    person, store, asked = sent.person, session.store(), dict(sent.values)
    refuse_profile(person, asked["profil"])
    bulk.refuse_known_rpps(accounts.everyone(store), asked["rpps"])
    day, regions = asked.pop("le"), asked.pop("regions", [])
    if not person.administrator:
        asked["organisation"] = person.compte.organisation
    compte = accounts.create(
        store,
        **asked,
        responsable_id=person.compte.id,
        droits=inherited(person.compte, asked["profil"], regions),
        auteur=person.compte.email,
    )
    on = sending(day, datetime.now(UTC))
    later = "" if on is None else f", lien le {moment(on)}"
    said = f"Compte créé : {compte.name} ({PROFILS[compte.profil]}){later}."
    done = remise.sent(store, compte, Genre.ACTIVATION, person.compte.email, on, said=said)
    return replace(done, then=lambda: open_card(compte.id))
