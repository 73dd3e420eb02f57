"""What was decided and done on the accounts that a manager answers for."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl
import streamlit as st

from apps.acces.comptes import seen
from apps.acces.journal import detail_of, named
from apps.acces.words import PARIS
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.access.session import Reader
from apps.kit.pages import register
from lake.store import journal
from lake.store.accounts import accounts, registration
from lake.store.accounts.actions import DOMAIN
from lake.store.journal import Entry, Filters

LAST = 500
READ = 5_000
CHANGES = (
    "acceptation", "refus", "creation", "lien", "activation", "mot_de_passe", "second_facteur", "modification",
    "droits", "desactivation", "reactivation", "suppression", "objets", "personne",
)  # fmt: skip


def changes(lines: list[Entry], mine: Collection[str], author: str, *, all_of_them: bool) -> list[Entry]:
    """The actions on accounts, out of the journal: those on one's people or that one did; all for an administrator.

    Args:
        lines: the journal, newest first.
        mine: addresses of the accounts that the reader answers for.
        author: its own address.
        all_of_them: it administers the suite.
    """
    return [
        one
        for one in lines
        if one.action.startswith(DOMAIN)
        and one.action.removeprefix(DOMAIN) in CHANGES
        and (all_of_them or one.objet in mine or one.auteur == author)
    ]


def draw(person: Reader) -> None:
    """Draw the requests decided, then the actions on accounts."""
    store = session.store()
    known = accounts.everyone(store)
    names = {one.id: one.name for one in known}
    done = registration.for_manager(store, person.compte, pending=False)
    st.header("Demandes traitées", anchor=False)
    if done:
        frame = pl.DataFrame(
            {
                "Demande": [one.cree_le.astimezone(PARIS).date() for one in done],
                "Personne": [f"{one.prenom} {one.nom}" for one in done],
                "Adresse": [one.email for one in done],
                "Organisation": [one.organisation for one in done],
                "Décision": [registration.STATES[one.etat] for one in done],
                "Le": [
                    None if one.decidee_le is None else one.decidee_le.astimezone(PARIS).date()
                    for one in done
                ],
                "Par": [one.decidee_par for one in done],
                "Responsable nommé": [names.get(one.responsable_id or -1, "") for one in done],
                "Lien envoyé le": [
                    None
                    if one.etat != "acceptee" or one.decidee_le is None
                    else (one.envoi_le or one.decidee_le).astimezone(PARIS).date()
                    for one in done
                ],
            },
            schema_overrides=dict.fromkeys(("Demande", "Le", "Lien envoyé le"), pl.Date),
        )
        register.draw(
            frame,
            "historique",
            file="demandes-traitees.csv",
            audience=Audience.MANAGERS,
            label="CSV des demandes",
        )
    else:
        st.info("Aucune demande n’a encore été traitée.")
    st.header("Actions sur les comptes", anchor=False)
    mine = {one.email for one in seen(person)}
    lines = changes(
        journal.read(store, Filters(action=DOMAIN), limit=READ),
        mine,
        person.compte.email,
        all_of_them=person.administrator,
    )[:LAST]
    if not lines:
        st.info("Rien n’a encore été fait sur ces comptes.")
        return
    frame = pl.DataFrame(
        {
            "Quand (Paris)": [one.moment.astimezone(PARIS).strftime("%d/%m/%Y %H:%M") for one in lines],
            "Qui": [one.auteur or "—" for one in lines],
            "Quoi": [named(one.action) for one in lines],
            "Sur qui": [one.objet for one in lines],
            "Détail": [detail_of(one) for one in lines],
        }
    )
    register.draw(frame, "historique_actions", file="historique.csv", audience=Audience.MANAGERS)
