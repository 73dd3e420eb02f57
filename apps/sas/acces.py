"""Who may open which screen of the SAS: roles in a table, asked again at each action."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from apps.kit.access import access, session
from apps.kit.access.session import Reader
from apps.kit.data.data import open_lake
from apps.kit.data.places import Places
from apps.sas.questions import Agendas
from lake.errors import AccessDenied
from lake.settings import Settings
from lake.store.engine import Store
from lake.store.sas import registre, roles


def _holds(person: Reader | None, *wanted: str) -> bool:
    if access.is_open():
        return True
    return person is not None and roles.holds(session.store(), person.compte, wanted)


def regulateurs(person: Reader | None) -> bool:
    """Régulateurs-OSNP of any SAS, and the administrators of the suite."""
    return _holds(person, roles.REGULATEUR)


def effecteurs(person: Reader | None) -> bool:
    """Those who keep an agenda, their own or one delegated to them, and those who help them with it."""
    if access.is_open():
        return True
    if person is None:
        return False
    helps = (roles.EFFECTEUR, roles.ADMINISTRATEUR, roles.REGIONAL)
    return _holds(person, *helps) or bool(roles.agendas_of(session.store(), person.compte))


def candidats(person: Reader | None) -> bool:
    """Those who may open an agenda: a professional's account, or one that says nothing of its profession."""
    if person is None or not (person.compte.rpps or person.compte.profil == "grand_public"):
        return False
    mine = {one.role for one in roles.affectations(session.store(), person.compte.id)}
    return mine <= {roles.EFFECTEUR}


def tient(person: Reader | None) -> bool:
    """Whether the reader keeps an agenda already."""
    return person is not None and bool(roles.agendas_of(session.store(), person.compte))


def administrateurs(person: Reader | None) -> bool:
    """Administrators of accounts, local and regional."""
    return _holds(person, roles.ADMINISTRATEUR, roles.REGIONAL)


def auteur() -> str:
    """The account at hand, as the journal names it; empty on a closed network where nobody signs in."""
    person = access.reader()
    return "" if person is None else person.compte.email


def compte_id() -> int | None:
    """The number of the account at hand; None where nobody signs in."""
    person = access.reader()
    return None if person is None else person.compte.id


@st.cache_resource(show_spinner="Lecture des adresses…")
def _places(root: str, region: str) -> Places:
    return Places(open_lake(), region)


def places() -> Places:
    """The addresses of this process' lake, read once."""
    return _places(open_lake().root, Settings.from_env().region)


@st.cache_resource(show_spinner=False)
def _agendas(address: str, _store: Store) -> Agendas:
    return Agendas(_store)


def agendas() -> Agendas:
    """The agendas of this process' store, read again when one changes."""
    store = session.store()
    return _agendas(str(store.url), store)


def keeps(person: Reader | None, identifiant: str) -> bool:
    """Whether the reader at hand keeps this agenda: asked again at each action."""
    if access.is_open():
        return True
    if person is None:
        return False
    if identifiant in roles.agendas_of(session.store(), person.compte):
        return True
    row = registre.effecteur(session.store(), identifiant)
    return row is not None and roles.holds(
        session.store(), person.compte, (roles.ADMINISTRATEUR, roles.REGIONAL), row["sas"]
    )


def require_agenda(identifiant: str) -> None:
    """The agenda is the reader's to change, still.

    Raises:
        AccessDenied: it is not, or no more.
    """
    if not keeps(access.reader(), identifiant):
        raise AccessDenied("Cet agenda n'est pas, ou n'est plus, le vôtre.")


def export(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """A file made on demand, whose taker is still a régulateur then.

    Raises (when the file is taken):
        AccessDenied: he is not any more.
    """

    def made() -> bytes:
        if not regulateurs(access.reader()):
            raise AccessDenied("Vous n'êtes plus Régulateur-OSNP.")
        return make()

    return made


def agenda_export(identifiant: str, make: Callable[[], bytes]) -> Callable[[], bytes]:
    """A file of an agenda made on demand, whose taker still keeps it then.

    Raises (when the file is taken):
        AccessDenied: it does not any more.
    """

    def made() -> bytes:
        require_agenda(identifiant)
        return make()

    return made
