"""What pages write to the audit journal: who took what away."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from apps.kit.access import session
from apps.kit.access.access import Access
from lake.store.engine import Store
from lake.store.journal import record


def journal() -> Store:
    """The store that holds the journal: the one that the process opened.

    Raises:
        SourceUnavailable: it does not answer; what was to be recorded is then not offered.
    """
    return session.store()


def reader_address() -> str | None:
    """The reader's network address; None on this machine and outside a session."""
    found = st.context.ip_address
    return found if isinstance(found, str) else None


def note(
    store: Store, access: Access, action: str, objet: str, details: Mapping[str, object], adresse: str | None
) -> None:
    """Write a line for this reader.

    Args:
        store: see :func:`journal`.
        access: the reader's; its account signs the line, None for an anonymous one.
        action: ``domaine.verbe``.
        objet: what it is done on.
        details: what JSON can write.
        adresse: see :func:`reader_address`.

    Raises:
        SourceUnavailable: the journal does not answer.
    """
    record(store, action, objet, auteur=access.auteur, details=details, adresse=adresse)
