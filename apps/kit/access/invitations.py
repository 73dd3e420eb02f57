"""Invitations: the front door writes what opens an account; other applications ask for it here.

Applications do not import one another: the front door says who writes, when it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from lake.store.accounts.identity import Compte
from lake.store.engine import Store

Ecrire = Callable[[Store, Compte, str, datetime | None], str]
"""(store, account, who invites, not before) -> the link to hand over; empty when it is sent, or kept until its day."""
_ECRIVAINS: list[Ecrire] = []


def written_by(ecrire: Ecrire) -> None:
    """Say who writes invitations; the last one said does."""
    _ECRIVAINS[:] = [ecrire]


def ready() -> bool:
    """Whether somebody writes them in this process."""
    return bool(_ECRIVAINS)


def invite(store: Store, compte: Compte, *, auteur: str, on: datetime | None = None) -> str:
    """Invite an account: the link to hand over where no mail server sends it; empty otherwise.

    Args:
        store: where.
        compte: whom.
        auteur: e-mail of who invites.
        on: not before (UTC); at once by default. An invitation that expires unused is renewed once by itself.

    Raises:
        SourceUnavailable: the mail server refuses it; the message is kept.
    """
    return _ECRIVAINS[0](store, compte, auteur, on) if _ECRIVAINS else ""
