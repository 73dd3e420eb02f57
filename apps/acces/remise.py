"""What the last action did, said once at the top of the next run; a link that could not be sent is shown there."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from apps.acces import messages
from apps.acces.words import moment
from apps.kit.style.french import literal, typographic
from lake.errors import SourceUnavailable
from lake.settings import Settings
from lake.store.accounts.identity import Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store

_LINKS, _SAID, _WARNED = "acces.liens_a_remettre", "acces.dit", "acces.averti"


def say(text: str) -> None:
    """Say what was done."""
    st.session_state.setdefault(_SAID, []).append(text)


def warn(text: str) -> None:
    """Say what could not be done."""
    st.session_state.setdefault(_WARNED, []).append(text)


def hand_over(email: str, link: str) -> None:
    """Show a link that no mail server could send: whoever made it hands it over."""
    st.session_state.setdefault(_LINKS, []).append(f"{email} {link}")


def send(store: Store, compte: Compte, genre: Genre, auteur: str, on: datetime | None = None) -> None:
    """Send a link and say what became of it; a message that a server refuses is kept, and told."""
    try:
        link = messages.send(store, compte, genre, auteur=auteur, on=on)
    except SourceUnavailable:
        warn(
            f"Le message à {compte.email} n’a pas pu partir : il est gardé et sera envoyé dès que le serveur de "
            "courriel répondra (onglet Messages)."
        )
        return
    if link:
        hand_over(compte.email, link)
    elif on is not None:
        say(f"Le lien partira à {compte.email} le {moment(on)}.")
    else:
        say(f"Le lien est envoyé à {compte.email}.")


def draw() -> None:
    """Say it, once."""
    if warned := st.session_state.pop(_WARNED, []):
        st.warning("  \n".join(typographic(literal(one)) for one in warned))
    if said := st.session_state.pop(_SAID, []):
        st.success("  \n".join(typographic(literal(one)) for one in said))
    if links := st.session_state.pop(_LINKS, []):
        why = "" if Settings.from_env().smtp else "Aucun serveur de courriel n’est réglé : "
        text = f"{why}remettez vous-même {'ce lien' if len(links) == 1 else 'ces liens'}, qui ne servent qu’une fois."
        st.warning(
            typographic(text[0].upper() + text[1:].replace("ce lien, qui ne servent", "ce lien, qui ne sert"))
        )
        st.code("\n".join(links), language=None, wrap_lines=True)
