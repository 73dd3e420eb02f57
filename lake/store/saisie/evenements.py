"""What happened to services and sheets: one line an event, never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.store.saisie.tables import EVENEMENTS


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
