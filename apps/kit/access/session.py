"""Who is reading: the cookie's session, looked up in the store at every run of a page, fragment or export."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from apps.kit.access import exposure
from apps.kit.access.redirect import go
from apps.kit.access.session_route import COOKIE, SECURE_COOKIE, asked_before, leads_to
from lake.droits import Droits
from lake.settings import Settings
from lake.store.accounts import actions, sessions
from lake.store.accounts.identity import Compte
from lake.store.analyses import bar
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.saisie import attentes

INDICATORS = "analyses-indicateurs"
"""Address of the key indicators."""
LINK = "activation"
"""The door of those who have just chosen a password by a link."""


@dataclass(frozen=True)
class Reader:
    """A person signed in.

    Attributes:
        compte: its account.
        session: number of its session.
        droits: what it may see.
        secret: value of its cookie; never shown.
    """

    compte: Compte
    session: int
    droits: Droits
    secret: str = field(default="", repr=False, compare=False)

    @property
    def name(self) -> str:
        """« Anne Martin »."""
        return self.compte.name

    @property
    def scope(self) -> str:
        """Part of every cache key: the same for all who may see the same."""
        return hashlib.sha256(self.droits.to_json().encode()).hexdigest()

    @property
    def administrator(self) -> bool:
        """Whether it administers the suite."""
        return self.compte.administrateur

    @property
    def manager(self) -> bool:
        """Whether it creates accounts."""
        return self.compte.peut_creer or self.compte.administrateur

    def may_open(self, universe: str) -> bool:
        """Whether its rights open a universe."""
        return universe in self.droits.univers


@st.cache_resource(show_spinner=False)
def _opened(address: str) -> Store:
    return open_store(Settings(store=address), hurried=True)


def store() -> Store:
    """The store that the environment names, opened once in the process: sign-in, links and the journal share it.

    Raises:
        LakeError: its address cannot be understood, or it is newer than the suite.
        SourceUnavailable: it does not answer.
    """
    return _opened(Settings.from_env().store)


def cookie() -> str:
    """The value of the session cookie that this tab was opened with; empty for none."""
    here = st.context.url
    return cookie_of(st.context.cookies, secure=isinstance(here, str) and here.startswith("https:"))


def cookie_of(cookies: Mapping[str, str], *, secure: bool) -> str:
    """The value of the session cookie among those of a request; empty for none.

    Args:
        cookies: name -> value.
        secure: the request came over TLS: the only cookie is then the one that no other host of the domain can plant.
    """
    value = cookies.get(SECURE_COOKIE if secure else COOKIE)
    return value if isinstance(value, str) else ""


def page_asked() -> str:
    """The page that the reader asked before leaving for an identity provider; ``/`` for none."""
    return asked_before(st.context.cookies)


def address() -> str:
    """Network address of the reader; empty on this machine (it is then nobody's in particular)."""
    found = st.context.ip_address
    return found if isinstance(found, str) else ""


def browser() -> str:
    """What the reader's browser says it is."""
    found = st.context.headers.get("User-Agent")
    return found if isinstance(found, str) else ""


def reader() -> Reader | None:
    """The person signed in in this tab; None for a visitor.

    The store is asked once a run of a page, of a fragment or of a callback, and again after any write of this process:
    who was expelled elsewhere is at its next gesture, whoever acts reads what it has just changed.
    """
    secret = cookie()
    if not secret:
        return None
    context, opened = get_script_run_ctx(suppress_warning=True), store()
    if context is None:
        return of_secret(secret)
    known: _Known | None = getattr(context, _KNOWN, None)
    # Streamlit gives each run cursors of its own: what another run learnt is not believed.
    run = (context.cursors, secret, opened.writes)
    if known is None or known.run[0] is not run[0] or known.run[1:] != run[1:]:
        found = of_secret(secret)
        known = _Known((context.cursors, secret, opened.writes), found)
        setattr(context, _KNOWN, known)
    return known.reader


_KNOWN = "obs_lecteur"


class _Known(NamedTuple):
    """Who a run found: the run, its cookie, the writes seen; then the person."""

    run: tuple[Any, str, int]
    reader: Reader | None


def of_secret(secret: str) -> Reader | None:
    """The person whose session a cookie's value is, asked of the store; None when the session is over."""
    if not secret:
        return None
    found = sessions.current(store(), secret)
    if found is None or not admitted(found[1]):
        return None
    number, compte, droits = found
    return Reader(compte, number, droits, secret)


def again(person: Reader) -> Reader | None:
    """The same person now: its session may be over, its rights may have changed."""
    return of_secret(person.secret)


def admitted(compte: Compte) -> bool:
    """Whether this server takes in an account: those of the demonstration stay on their machine."""
    return not compte.demonstration or not exposure.beyond_this_machine()


def enter(compte: Compte, door: str, then: str, *, arrival: str | None = None) -> bool:
    """Open a session and send the browser to fetch its cookie; False when the arrival was already used.

    A link sent by e-mail proves that one reads the mailbox, not that one has the second factor: where the account asks
    for one, the reader signs in with the password just chosen.
    """
    if door == LINK and compte.totp:
        go("/connexion")
        return True
    secret = sessions.open_session(
        store(), compte, porte=door, arrivee=arrival, adresse=address(), navigateur=browser()
    )
    if secret is None:
        return False
    if then == "/":  # a page asked before signing in wins
        then = f"/{compte.preferences.get('accueil') or _arrival(compte)}"
    go(leads_to(secret, then))
    return True


def _arrival(compte: Compte) -> str:
    """Where a person arrives that chose nothing: what waits for it in the entry, else its key indicators."""
    if waits := attentes.attente(store(), compte.email):
        return waits
    return INDICATORS if bar.arrives(store(), compte) else ""


def leave(person: Reader) -> None:
    """End the session at hand in the store, then take the cookie away."""
    sessions.close(store(), person.compte, person.session, action="deconnexion")
    go(leads_to(""))


def note(action: str, objet: str = "", detail: str = "") -> None:
    """Write in the journal under the reader's name."""
    person = reader()
    author = "" if person is None else person.compte.email
    actions.note(store(), action, auteur=author, objet=objet, detail=detail, adresse=address())
