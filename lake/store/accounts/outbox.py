"""Messages that still have to reach their reader: none is lost for want of a mail server, or before its date.

A message about something (its kind and its object) replaces the one that waited about the same thing, and no other:
a subscription never erases an activation. A message that holds a single-use link is in clear: it is erased as soon as
it is sent or handed over, and when it expires.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from lake.store.accounts.identity import line_of
from lake.store.engine import Store
from lake.store.schema import COMPTES, MESSAGES

LINK = "lien"
"""The kind of the messages that hold a link to choose a password: an account has one, the last."""
TAKEN = timedelta(minutes=10)
"""How long a sending that took a message has to finish it: then another may send it again."""


@dataclass(frozen=True)
class Message:
    """A message that waits.

    Attributes:
        id: number.
        email: to whom.
        genre: its kind: ``lien``, or what another domain calls its own.
        objet: what it is about, within its kind; empty for a link.
        sujet: subject.
        texte: its text, with the link; never shown by ``repr``.
        html: the same, laid out; empty when there is only the text.
        envoi_le: not before (UTC).
        erreur: what the mail server answered the last time; empty when it was not tried.
        essais: how many times it was refused.
    """

    id: int
    email: str
    genre: str
    objet: str
    sujet: str
    texte: str = field(repr=False)
    html: str = field(repr=False)
    envoi_le: datetime
    erreur: str
    essais: int = 0


def keep(
    store: Store,
    compte_id: int,
    sujet: str,
    texte: str,
    *,
    envoi_le: datetime,
    expire_le: datetime,
    genre: str = LINK,
    objet: str = "",
    html: str = "",
) -> int:
    """Keep a message until it is sent; returns its number.

    Args:
        store: where.
        compte_id: whose.
        sujet: subject, on one line.
        texte: plain text.
        envoi_le: not before (UTC).
        expire_le: not after (UTC).
        genre: its kind. The message of the same kind on the same object, which it makes out of date, is erased.
        objet: what it is about (a subscription's number, an event's key): two of one kind live side by side.
        html: the same text laid out; empty for none.
    """
    with store.writing() as connection:
        same = (MESSAGES.c.compte_id == compte_id, MESSAGES.c.genre == genre, MESSAGES.c.objet == objet)
        connection.execute(sa.delete(MESSAGES).where(*same))
        kept = sa.insert(MESSAGES).values(
            compte_id=compte_id,
            genre=genre,
            objet=objet,
            sujet=line_of(sujet)[:200],
            texte=texte,
            html=html,
            envoi_le=envoi_le,
            expire_le=expire_le,
            erreur="",
            essais=0,
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


def take(store: Store, number: int, *, now: datetime | None = None) -> bool:
    """Take a message to send it; False when another sending has it, or has sent it.

    Of two sendings at the same instant one takes it. A sending that dies leaves it taken for :data:`TAKEN`.
    """
    moment = now or datetime.now(UTC)
    free = sa.or_(MESSAGES.c.pris_le.is_(None), MESSAGES.c.pris_le <= moment - TAKEN)
    with store.writing() as connection:
        taken = sa.update(MESSAGES).where(MESSAGES.c.id == number, free).values(pris_le=moment)
        return connection.execute(taken).rowcount > 0


def done(store: Store, number: int) -> bool:
    """Erase a message that was sent or handed over; whether it was still there."""
    with store.writing() as connection:
        return connection.execute(sa.delete(MESSAGES).where(MESSAGES.c.id == number)).rowcount > 0


def failed(store: Store, number: int, erreur: str) -> None:
    """Note what the mail server answered (nothing when there is no server), once more; the message waits again."""
    with store.writing() as connection:
        again = sa.update(MESSAGES).where(MESSAGES.c.id == number)
        connection.execute(again.values(erreur=erreur[:300], essais=MESSAGES.c.essais + 1, pris_le=None))
