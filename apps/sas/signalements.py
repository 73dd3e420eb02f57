"""Slots that an editor advertises and that cannot be booked there: hidden ten minutes, and counted against it.

In this process' memory: what lasts ten minutes needs no table. The journal keeps the editor's name and nothing else;
the rate of an editor counts the lines that were opened, each by a key that is drawn.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from threading import Lock

from lake.agendas.lecture import Creneau
from lake.store import journal
from lake.store.engine import Store
from lake.store.sas import essais

CACHE = timedelta(minutes=10)
"""How long a slot that was not found is hidden."""
VERBE = "sas.introuvable"
_LOCK = Lock()
_VUS: dict[tuple[str, datetime], datetime] = {}


def signaler(
    store: Store,
    identifiant: str,
    debut: datetime,
    editeur: str,
    *,
    auteur: str = "",
    essai: str = "",
    now: datetime,
) -> None:
    """Say that a slot could not be booked at its editor: the next searches do not show it.

    Args:
        store: where.
        identifiant: whose slot.
        debut: its beginning.
        editeur: name of the editor.
        auteur: who says so.
        essai: key of the line that was opened, which counts in the editor's rate; empty for none.
        now: the moment.
    """
    with _LOCK:
        for key in [key for key, until in _VUS.items() if until <= now]:
            del _VUS[key]
        _VUS[(identifiant, debut)] = now + CACHE
    with store.writing() as connection:
        if essai:
            essais.noter(store, essai, editeur, introuvable=True, now=now)
        journal.write(connection, VERBE, editeur, auteur=auteur or None, now=now)


def montrables(slots: Collection[Creneau], now: datetime) -> list[Creneau]:
    """The slots that nobody said to be missing in the last ten minutes."""
    with _LOCK:
        hidden = {key for key, until in _VUS.items() if until > now}
    return [one for one in slots if (one.identifiant, one.debut) not in hidden]
