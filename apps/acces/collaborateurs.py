"""« Gestion des collaborateurs »: requests, team, accounts, creation, import, history."""

from __future__ import annotations

from datetime import UTC, datetime, time
from html import escape

import polars as pl
import streamlit as st

from apps.acces import arbre, fiche, importation, messages
from apps.acces.words import CIVILITES, PARIS, moment
from apps.kit import access, session
from apps.kit.access import Audience
from apps.kit.errors import boundary
from apps.kit.french import typographic
from apps.kit.plain_csv import plain_csv
from apps.kit.screen import Screen
from apps.kit.session import Reader
from lake.store import accounts, registration
from lake.store.accounts import STATES, Compte
from lake.store.links import Genre
from lake.store.registration import Demande
from lake.store.rights import PROFILS

SHOWN_LINK = "acces.lien_a_remettre"


def seen(person: Reader) -> list[Compte]:
    """The accounts that a manager may see: those who answer to it; everyone for an administrator."""
    known = accounts.everyone(session.store())
    if person.administrator:
        return known
    return [one for _, one in accounts.under(known, person.compte.id)]


def hand_over(link: str) -> None:
    """Keep a link that could not be sent: it is shown until the next action, never lost."""
    if link:
        st.session_state[SHOWN_LINK] = link


def _draw() -> None:
    person = session.reader()
    assert person is not None
    if link := st.session_state.pop(SHOWN_LINK, ""):
        st.warning(
            typographic(
                "Aucun serveur de courriel n’est réglé : remettez vous-même ce lien, qui sert une fois."
            )
        )
        st.code(link, language=None)
    pending = registration.for_manager(session.store(), person.compte)
    names = [f"Demandes ({len(pending)})", "Équipe", "Tous les comptes", "Créer", "Importer", "Historique"]
    parts = (
        lambda: _pending(person, pending),
        lambda: _team(person),
        lambda: _table(person),
        lambda: _create(person),
        lambda: importation.draw(person),
        lambda: _history(person),
    )
    for tab, part in zip(st.tabs(names), parts, strict=True):
        with tab, boundary():
            part()


def _pending(person: Reader, pending: list[Demande]) -> None:
    if not pending:
        st.info("Aucune demande n’attend.")
    for one in pending:
        with st.container(border=True, key=f"obs_demande_{one.id}"):
            who = " ".join(part for part in (one.civilite, one.prenom, one.nom) if part)
            st.html(
                f"<p><strong>{escape(who)}</strong>, {escape(one.organisation)}<br>"
                f'<span class="obs-source">{escape(one.email)} · demandé le {escape(moment(one.cree_le))}</span></p>'
            )
            _decision(person, one)


def _decision(person: Reader, one: Demande) -> None:
    managers = [person.compte, *(m for m in seen(person) if m.peut_creer and m.id != person.compte.id)]
    with (
        st.form(f"demande_{one.id}", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        profil = st.selectbox(
            "Profil", _profiles(person), format_func=PROFILS.__getitem__, key=f"profil_{one.id}"
        )
        manager = st.selectbox("Responsable", managers, format_func=lambda m: m.name, key=f"resp_{one.id}")
        day = st.date_input("Envoyer le", "today", min_value="today", format="DD/MM/YYYY", key=f"le_{one.id}")
        accepted = st.form_submit_button("Accepter", type="primary", key=f"accepter_{one.id}")
        refused = st.form_submit_button("Refuser", key=f"refuser_{one.id}")
    if not (accepted or refused):
        return
    store = session.store()
    done = registration.decide(store, person.compte, one.id, accepted=accepted)
    if accepted:
        compte = accounts.create(
            store,
            email=done.email,
            nom=done.nom,
            prenom=done.prenom,
            civilite=done.civilite,
            organisation=done.organisation,
            profil=profil,
            responsable_id=manager.id,
            droits=accounts.narrowed(manager) if not manager.administrateur else None,
            auteur=person.compte.email,
        )
        today = datetime.now(PARIS).date()
        on = datetime.combine(day, time(8), PARIS).astimezone(UTC) if day > today else None
        hand_over(messages.send(store, compte, Genre.ACTIVATION, auteur=person.compte.email, on=on))
    st.rerun()


def _profiles(person: Reader) -> list[str]:
    """The profiles that a manager may give: its own; any for an administrator."""
    return list(PROFILS) if person.administrator else [person.compte.profil]


def _team(person: Reader) -> None:
    known = accounts.everyone(session.store())
    branches = accounts.under(known, person.compte.id)
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.header("Qui dépend de vous", anchor=False)
        arbre.draw(branches)
    opened = arbre.chosen()
    with right, boundary():
        if opened is None:
            st.html('<p class="obs-source">Choisissez une personne pour ouvrir sa fiche.</p>')
        else:
            fiche.draw(person, opened)


def _table(person: Reader) -> None:
    found = seen(person)
    with st.container(horizontal=True):
        profils = st.multiselect(
            "Profil", list(PROFILS), format_func=PROFILS.__getitem__, placeholder="Tous", key="filtre_profil"
        )
        etats = st.multiselect(
            "État", list(STATES), format_func=STATES.__getitem__, placeholder="Tous", key="filtre_etat"
        )
        places = st.multiselect(
            "Organisation",
            sorted({one.organisation for one in found if one.organisation}),
            placeholder="Toutes",
            key="filtre_organisation",
        )
        before = st.date_input("Sans connexion depuis le", None, format="DD/MM/YYYY", key="filtre_connexion")
    limit = None if before is None else datetime.combine(before, time(), PARIS)
    rows = [
        one
        for one in found
        if (not profils or one.profil in profils)
        and (not etats or one.etat in etats)
        and (not places or one.organisation in places)
        and (limit is None or one.connecte_le is None or one.connecte_le < limit)
    ]
    if not rows:
        st.info("Aucun compte ne répond à ces filtres.")
        return
    frame = pl.DataFrame(
        {
            "Nom": [one.nom for one in rows],
            "Prénom": [one.prenom for one in rows],
            "Adresse": [one.email for one in rows],
            "Organisation": [one.organisation for one in rows],
            "Profil": [PROFILS[one.profil] for one in rows],
            "État": [STATES[one.etat] for one in rows],
            "Dernière connexion": [
                None if one.connecte_le is None else one.connecte_le.astimezone(PARIS).date() for one in rows
            ],
        },
        schema_overrides={"Dernière connexion": pl.Date},
    )
    st.html(f'<p class="obs-source">{len(rows)} comptes sur {len(found)}.</p>')
    st.dataframe(
        frame.to_pandas(),
        hide_index=True,
        width="stretch",
        column_config={"Dernière connexion": st.column_config.DateColumn(format="DD/MM/YYYY")},
        key="comptes_table",
    )
    made = access.export("comptes.csv", lambda: plain_csv(frame), Audience.MANAGERS)
    st.download_button("CSV", made, "comptes.csv", "text/csv", key="comptes_csv", on_click="ignore")


def _create(person: Reader) -> None:
    with st.container(width=640), st.form("creer", enter_to_submit=False):
        email = st.text_input("Adresse électronique", max_chars=254)
        civilite = st.selectbox("Civilité (facultatif)", CIVILITES, format_func=lambda c: c or "Sans")
        prenom = st.text_input("Prénom", max_chars=100)
        nom = st.text_input("Nom", max_chars=100)
        organisation = st.text_input("Organisation", person.compte.organisation, max_chars=200)
        rpps = st.text_input("Numéro RPPS (facultatif)", max_chars=11)
        profil = st.selectbox("Profil", _profiles(person), format_func=PROFILS.__getitem__)
        passes_on = st.checkbox("Peut créer des comptes à son tour")
        st.html(
            '<p class="obs-source">Ce compte verra ce que vous voyez, au plus ; vous pourrez le restreindre.</p>'
        )
        sent = st.form_submit_button("Créer et envoyer le lien", type="primary")
    if not sent:
        return
    if not person.administrator:
        organisation = person.compte.organisation
    store = session.store()
    compte = accounts.create(
        store,
        email=email,
        nom=nom,
        prenom=prenom,
        civilite=civilite,
        organisation=organisation,
        rpps=rpps.strip(),
        profil=profil,
        responsable_id=person.compte.id,
        droits=None if person.administrator else accounts.narrowed(person.compte),
        peut_creer=passes_on and person.manager,
        auteur=person.compte.email,
    )
    hand_over(messages.send(store, compte, Genre.ACTIVATION, auteur=person.compte.email))
    st.rerun()


def _history(person: Reader) -> None:
    done = registration.for_manager(session.store(), person.compte, pending=False)
    if not done:
        st.info("Aucune demande n’a encore été traitée.")
        return
    frame = pl.DataFrame(
        {
            "Demande": [one.cree_le.astimezone(PARIS).date() for one in done],
            "Personne": [f"{one.prenom} {one.nom}" for one in done],
            "Adresse": [one.email for one in done],
            "Organisation": [one.organisation for one in done],
            "Décision": [registration.STATES[one.etat] for one in done],
            "Le": [
                None if one.decidee_le is None else one.decidee_le.astimezone(PARIS).date() for one in done
            ],
            "Par": [one.decidee_par for one in done],
        }
    )
    dates = {name: st.column_config.DateColumn(format="DD/MM/YYYY") for name in ("Demande", "Le")}
    st.dataframe(frame.to_pandas(), hide_index=True, width="stretch", column_config=dates, key="historique")


COLLABORATEURS = Screen(
    "collaborateurs", "Collaborateurs", "Gestion des collaborateurs", _draw, Audience.MANAGERS
)
