"""Links that do one thing, once, for who received them: here, to be available again."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from lake.store.engine import Store
from lake.store.sas.tables import EFFECTEURS, LIENS

RETOUR = "retour"
DUREE = timedelta(days=21)
"""How long a link works: until the next reminder brings another."""


def donner(store: Store, effecteur_id: int, genre: str = RETOUR, *, now: datetime | None = None) -> str:
    """Make a link for a person; those of the same kind that it had no longer work. Returns the end of the link."""
    moment = now or datetime.now(UTC)
    end = secrets.token_urlsafe(24)
    with store.writing() as connection:
        connection.execute(
            sa.update(LIENS)
            .where(LIENS.c.effecteur_id == effecteur_id, LIENS.c.genre == genre, LIENS.c.servi_le.is_(None))
            .values(servi_le=moment)
        )
        connection.execute(
            sa.insert(LIENS).values(
                empreinte=_kept(end), effecteur_id=effecteur_id, genre=genre, cree_le=moment, expire_le=moment + DUREE
            )
        )  # fmt: skip
    return end


def titulaire(store: Store, end: str, genre: str = RETOUR, *, now: datetime | None = None) -> str:
    """The identifier of the person of a link that works; empty when it served, is over, or is none."""
    with store.reading() as connection:
        found = connection.execute(
            sa.select(EFFECTEURS.c.identifiant)
            .join(LIENS, LIENS.c.effecteur_id == EFFECTEURS.c.id)
            .where(*_works(end, genre, now or datetime.now(UTC)))
        ).scalar_one_or_none()
    return str(found or "")


def servir(store: Store, end: str, genre: str = RETOUR, *, now: datetime | None = None) -> bool:
    """Use a link up; False when it did not work: of two presses, one does."""
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        used = sa.update(LIENS).where(*_works(end, genre, moment)).values(servi_le=moment)
        return connection.execute(used).rowcount > 0


def _kept(end: str) -> str:
    return hashlib.sha256(end.encode()).hexdigest()[:60]


def _works(end: str, genre: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        LIENS.c.empreinte == _kept(end),
        LIENS.c.genre == genre,
        LIENS.c.servi_le.is_(None),
        LIENS.c.expire_le > now,
    )
