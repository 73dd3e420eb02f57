"""What happened to services and sheets: one line an event, never changed; a draft given up goes after its time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.store.saisie.tables import EVENEMENTS

ABANDON = "abandon"
"""A draft was given up: the event holds it, for as long as it can be taken back."""
GARDE = timedelta(days=30)
"""How long that is."""


def purger(connection: Connection, now: datetime) -> int:
    """Erase the drafts given up that nobody can take back any more; returns how many."""
    over = (EVENEMENTS.c.genre == ABANDON) & (EVENEMENTS.c.moment < now - GARDE)
    return int(connection.execute(sa.delete(EVENEMENTS).where(over)).rowcount)


def note(
    connection: Connection,
    genre: str,
    *,
    service_id: int | None = None,
    feuille_id: int | None = None,
    auteur: str | None = None,
    contenu: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> int:
    """Write an event; returns its number."""
    done = connection.execute(
        sa.insert(EVENEMENTS).values(
            moment=now or datetime.now(UTC),
            genre=genre,
            service_id=service_id,
            feuille_id=feuille_id,
            auteur=auteur or "",
            contenu=json.dumps(dict(contenu or {}), ensure_ascii=False, sort_keys=True),
        )
    ).inserted_primary_key
    assert done is not None
    return int(done[0])
