"""The table of the accounts that a manager answers for, and the form that creates one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time

import polars as pl
import streamlit as st

from apps.acces import arbre, remise
from apps.acces.demandes import given, inherited, sending
from apps.acces.reperes import regions_known
from apps.acces.words import CIVILITES, PARIS, moment
from apps.kit.access import access, session
from apps.kit.access.access import Audience
from apps.kit.access.session import Reader
from apps.kit.plain_csv import plain_csv
from apps.kit.style.french import counted, typographic
from lake.droits import PROFILS
from lake.errors import LakeError
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


def _picked(key: str, numbers: Sequence[int]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows and rows[0] < len(numbers):
        open_card(numbers[rows[0]])


def _chosen(key: str) -> None:
    open_card(st.session_state[key])


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
    numbers = [one.id for one in rows]
    said = f"{counted(len(rows), 'compte')} sur {len(found)}. Choisissez une ligne pour ouvrir la fiche."
    st.html(f'<p class="obs-source">{typographic(said)}</p>')
    # The key tells the rows apart: a selection never points at another account after a filter.
    key = f"comptes_table_{hash(tuple(numbers)) & 0xFFFFFFFF}"
    st.dataframe(
        frame.to_pandas(),
        hide_index=True,
        placeholder="—",
        width="stretch",
        column_config={"Dernière connexion": st.column_config.DateColumn(format="DD/MM/YYYY")},
        key=key,
        on_select=lambda: _picked(key, numbers),
        selection_mode="single-row",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        labels = {one.id: f"{one.name} · {one.email}" for one in rows}
        st.selectbox(
            "Ouvrir la fiche de",
            numbers,
            index=None,
            format_func=labels.__getitem__,
            placeholder="Choisir une personne",
            key="ouvrir_fiche",
            on_change=_chosen,
            args=("ouvrir_fiche",),
            width=420,
        )
        made = access.export("comptes.csv", lambda: plain_csv(frame), Audience.MANAGERS)
        st.download_button("CSV", made, "comptes.csv", "text/csv", key="comptes_csv", on_click="ignore")


def create(person: Reader) -> None:
    """Draw the form that creates an account."""
    regions: list[str] = []
    with st.container(width=640), st.form("creer", enter_to_submit=False):
        email = st.text_input("Adresse électronique", max_chars=254)
        civilite = st.selectbox("Civilité (facultatif)", CIVILITES, format_func=lambda c: c or "Sans")
        prenom = st.text_input("Prénom", max_chars=100)
        nom = st.text_input("Nom", max_chars=100)
        organisation = st.text_input(
            "Organisation",
            person.compte.organisation,
            max_chars=200,
            disabled=not person.administrator,
            help="Pour un industriel : le nom exact de son éditeur." if person.administrator else None,
        )
        rpps = st.text_input("Numéro RPPS (facultatif)", max_chars=11)
        profil = st.selectbox("Profil", given(person), format_func=PROFILS.__getitem__)
        if person.administrator:
            names = regions_known()
            regions = st.multiselect(
                "Régions vues en détail (pilote, GRADeS, ARS)",
                list(names),
                format_func=lambda code: names.get(code, code),
                placeholder="Aucune",
            )
        passes_on = st.checkbox("Peut créer des comptes à son tour")
        day = st.date_input("Envoyer le lien le", "today", min_value="today", format="DD/MM/YYYY")
        st.html(
            '<p class="obs-source">Ce compte verra ce que vous voyez, au plus\u202f; vous pourrez le restreindre.</p>'
        )
        sent = st.form_submit_button("Créer et envoyer le lien", type="primary")
    if not sent:
        return
    store = session.store()
    if len(nom.strip()) < 2 or len(prenom.strip()) < 2:
        raise LakeError("Il manque le nom ou le prénom.")
    bulk.refuse_known_rpps(accounts.everyone(store), rpps.strip())
    compte = accounts.create(
        store,
        email=email,
        nom=nom,
        prenom=prenom,
        civilite=civilite,
        organisation=organisation if person.administrator else person.compte.organisation,
        rpps=rpps.strip(),
        profil=profil,
        responsable_id=person.compte.id,
        droits=inherited(person.compte, profil, regions),
        peut_creer=passes_on and person.manager,
        auteur=person.compte.email,
    )
    on = sending(day, datetime.now(UTC))
    remise.say(f"Compte créé : {compte.name} ({PROFILS[profil]}){_later(on)}.")
    remise.send(store, compte, Genre.ACTIVATION, person.compte.email, on)
    open_card_next(compte.id)
    st.rerun()


def _later(on: datetime | None) -> str:
    return "" if on is None else f", lien le {moment(on)}"


def open_card_next(number: int) -> None:
    """Open a card at the next run: a tab already drawn in this one cannot be changed any more."""
    st.session_state["acces.fiche_suivante"] = number
