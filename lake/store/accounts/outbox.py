"""Messages that still have to reach their reader: none is lost for want of a mail server, or before its date.

A message holds a single-use link, in clear: it is erased as soon as it is sent or handed over, and when it expires.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from lake.store.engine import Store
from lake.store.schema import COMPTES, MESSAGES


@dataclass(frozen=True)
class Message:
    """A message that waits.

    Attributes:
        id: number.
        email: to whom.
        sujet: subject.
        texte: its text, with the link; never shown by ``repr``.
        envoi_le: not before (UTC).
        erreur: what the mail server answered the last time; empty when it was not tried.
    """

    id: int
    email: str
    sujet: str
    texte: str = field(repr=False)
    envoi_le: datetime
    erreur: str


def keep(
    store: Store, compte_id: int, sujet: str, texte: str, *, envoi_le: datetime, expire_le: datetime
) -> int:
    """Keep a message until it is sent; the account's older ones, whose links no longer work, are erased."""
    with store.writing() as connection:
        connection.execute(sa.delete(MESSAGES).where(MESSAGES.c.compte_id == compte_id))
        kept = sa.insert(MESSAGES).values(
            compte_id=compte_id, sujet=sujet, texte=texte, envoi_le=envoi_le, expire_le=expire_le, erreur=""
        )
        return int(connection.execute(kept.returning(MESSAGES.c.id)).scalar_one())


def waiting(store: Store, *, due: bool = True, now: datetime | None = None) -> list[Message]:
    """The messages that wait, oldest first: those whose date has come, or all of them."""
    moment = now or datetime.now(UTC)
    wanted = (
        sa.select(MESSAGES, COMPTES.c.email)
        .join(COMPTES, COMPTES.c.id == MESSAGES.c.compte_id)
        .where(MESSAGES.c.expire_le > moment, COMPTES.c.etat != "desactive")
        .order_by(MESSAGES.c.id)
    )
    if due:
        wanted = wanted.where(MESSAGES.c.envoi_le <= moment)
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [Message(**{name: row[name] for name in Message.__dataclass_fields__}) for row in rows]


def done(store: Store, number: int) -> bool:
    """Erase a message that was sent or handed over; whether it was still there."""
    with store.writing() as connection:
        return connection.execute(sa.delete(MESSAGES).where(MESSAGES.c.id == number)).rowcount > 0


def failed(store: Store, number: int, erreur: str) -> None:
    """Note what the mail server answered; the message stays."""
    with store.writing() as connection:
        connection.execute(sa.update(MESSAGES).where(MESSAGES.c.id == number).values(erreur=erreur[:300]))
