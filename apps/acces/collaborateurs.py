"""« Gestion des collaborateurs »: requests, team, accounts, creation, import, messages, history, organisations."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from apps.acces import (
    arbre,
    attente,
    comptes,
    demandes,
    fiche,
    historique,
    importation,
    organisations,
)
from apps.acces.comptes import TAB_KEY, TEAM_TAB
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.access.session import Reader
from apps.kit.shell.screen import Screen
from apps.kit.style.errors import boundary
from lake.store.accounts import accounts, tree
from lake.store.accounts.identity import Compte

TABS: dict[str, Callable[[Reader], None]] = {
    "Demandes": demandes.draw,
    TEAM_TAB: lambda person: _team(person),
    "Comptes": comptes.table,
    "Créer": comptes.create,
    "Importer": importation.draw,
    "Messages": attente.draw,
    "Historique": historique.draw,
}
ORGANISATIONS = "Organisations"


def _draw() -> None:
    person = session.reader()
    assert person is not None
    if TAB_KEY not in st.session_state and arbre.chosen() is not None:
        st.session_state[TAB_KEY] = TEAM_TAB
    parts = dict(TABS)
    if person.administrator:
        parts[ORGANISATIONS] = organisations.draw
    # Only the open tab is drawn: what it shows is read when it is looked at.
    for tab, part in zip(st.tabs(list(parts), key=TAB_KEY, on_change="rerun"), parts.values(), strict=True):
        if tab.open:
            with tab, boundary():
                part(person)


def alone(person: Reader, known: Sequence[Compte]) -> list[Compte]:
    """Those that nobody answers for and whose tree is not the reader's: for administrators only."""
    if not person.administrator:
        return []
    drawn = {person.compte.id, *(one.id for _, one in tree.under(list(known), person.compte.id))}
    return [one for one in known if one.responsable_id is None and one.id not in drawn]


def _team(person: Reader) -> None:
    known = accounts.everyone(session.store())
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.header("Qui dépend de vous", anchor=False)
        arbre.draw(f"{person.name} (vous)", tree.under(known, person.compte.id))
        if others := alone(person, known):
            st.header("Sans responsable", anchor=False)
            for one in others:
                arbre.branch(one)
    opened = arbre.chosen()
    with right, boundary():
        if opened is None:
            st.html('<p class="obs-source">Choisissez une personne pour ouvrir sa fiche.</p>')
        else:
            fiche.draw(person, opened)


COLLABORATEURS = Screen(
    "collaborateurs", "Collaborateurs", "Gestion des collaborateurs", _draw, Audience.MANAGERS
)
