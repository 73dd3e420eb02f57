"""Short links: what a reader shares, kept by the server, opened by anyone who has the link."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from apps.kit.access import access, session
from apps.kit.style.french import typographic
from lake.store.sharing import Genre, Partage, opened, share

LINK = "lien"
"""Name of the parameter that holds the end of a link."""


def keep(genre: Genre, content: Any, title: str = "") -> str:
    """Keep something under a short link, as the account at hand's; returns the end of the link.

    Raises:
        LakeError: it is too large.
        SourceUnavailable: the store does not answer.
    """
    person = access.reader()
    owner = None if person is None else person.compte.id
    return share(session.store(), genre, content, titre=title, proprietaire_id=owner)


def find(code: str, genre: Genre) -> Partage:
    """What a link leads to.

    Raises:
        UnknownName: there is no such link.
        SourceUnavailable: the store does not answer.
    """
    return opened(session.store(), code, genre)


def address(code: str) -> str:
    """The whole address of the page at hand under a link, as it is sent to somebody."""
    here = st.context.url
    parts = urlsplit(here if isinstance(here, str) else "")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode({LINK: code}), ""))


def draw(code: str) -> None:
    """Show a link, with the button that copies it."""
    st.html(f'<p class="obs-source">{typographic("Lien court : toute personne qui l’a peut l’ouvrir.")}</p>')
    st.code(address(code), language=None, wrap_lines=True)
