"""What the last action did, said once at the top of the next run; a link that could not be sent is shown there."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from apps.acces import messages
from apps.acces.words import moment
from apps.kit.forms import Done
from apps.kit.style.french import literal, typographic
from lake.errors import SourceUnavailable
from lake.settings import Settings
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store

_TOLD = "acces.dit"


def tell(done: Done) -> None:
    """Say what was done at the top of the next run."""
    st.session_state.setdefault(_TOLD, []).append(done)


def say(text: str) -> None:
    """Say what was done."""
    tell(Done((text,)))


def warn(text: str) -> None:
    """Say what could not be done."""
    tell(Done(warned=(text,)))


def hand_over(email: str, link: str) -> None:
    """Show a link that no mail server could send: whoever made it hands it over."""
    tell(Done(shown=(f"{email} {link}",)))


def sent(
    store: Store, compte: Compte, genre: Genre, auteur: str, on: datetime | None = None, *, said: str = ""
) -> Done:
    """Send a link, and what became of it; a message that a server refuses is kept, and told.

    Args:
        store: where.
        compte: whose.
        genre: what the link is for.
        auteur: e-mail of who asked for it.
        on: when it goes (UTC); None for at once.
        said: what was done before, said first.
    """
    first = (said,) if said else ()
    try:
        link = messages.send(store, compte, genre, auteur=auteur, on=on)
    except SourceUnavailable:
        kept = (
            f"Le message à {compte.email} n’a pas pu partir : il est gardé et sera envoyé dès que le serveur de "
            "courriel répondra (onglet Messages)."
        )
        return Done(first, (kept,))
    if link:
        return Done(first, shown=(f"{compte.email} {link}",))
    goes = f"partira à {compte.email} le {moment(on)}" if on is not None else f"est envoyé à {compte.email}"
    return Done((*first, f"Le lien {goes}."))


def draw() -> None:
    """Say it, once."""
    told: list[Done] = st.session_state.pop(_TOLD, [])
    if warned := [one for done in told for one in done.warned]:
        st.warning("  \n".join(typographic(literal(one)) for one in warned))
    if said := [one for done in told for one in done.said]:
        st.success("  \n".join(typographic(literal(one)) for one in said))
    if links := [one for done in told for one in done.shown]:
        why = "" if Settings.from_env().smtp else "Aucun serveur de courriel n’est réglé : "
        one = len(links) == 1
        text = f"{why}remettez vous-même {'ce lien, qui ne sert' if one else 'ces liens, qui ne servent'} qu’une fois."
        st.warning(typographic(text[0].upper() + text[1:]))
        st.code("\n".join(links), language=None, wrap_lines=True)
