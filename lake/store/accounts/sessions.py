"""Sessions: who is signed in. The store keeps a fingerprint; only the browser has the value."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from lake.store.accounts import actions
from lake.store.accounts.identity import Compte, compte_of
from lake.store.engine import Store
from lake.store.schema import COMPTES, SESSIONS

LIFETIME = timedelta(hours=12)
IDLE = timedelta(hours=2)
_SEEN = timedelta(minutes=1)


@dataclass(frozen=True)
class Session:
    """One browser where an account is signed in.

    Attributes:
        id: number.
        porte: how it came in.
        adresse: network address.
        navigateur: what the browser says it is.
        cree_le: sign-in (UTC).
        vue_le: last action, to the minute (UTC).
    """

    id: int
    porte: str
    adresse: str
    navigateur: str
    cree_le: datetime
    vue_le: datetime


def fingerprint(secret: str) -> str:
    """What the store keeps of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def open_session(
    store: Store,
    compte: Compte,
    *,
    porte: str = "mot_de_passe",
    arrivee: str | None = None,
    adresse: str = "",
    navigateur: str = "",
    now: datetime | None = None,
) -> str | None:
    """Open a session; returns the cookie's value, or None when the identity received was already used.

    Args:
        store: where.
        compte: whose.
        porte: how it comes in.
        arrivee: fingerprint of the identity that a provider sent: accepted once.
        adresse: network address.
        navigateur: what the browser says it is.
        now: the moment (UTC); the clock's by default.
    """
    moment = now or datetime.now(UTC)
    secret = secrets.token_urlsafe(32)
    row = {
        "empreinte": fingerprint(secret),
        "compte_id": compte.id,
        "porte": porte[:60],
        "arrivee": arrivee,
        "adresse": adresse[:64],
        "navigateur": navigateur[:200],
        "cree_le": moment,
        "vue_le": moment,
        "expire_le": moment + LIFETIME,
    }
    try:
        with store.writing() as connection:
            connection.execute(sa.insert(SESSIONS).values(row))
            connection.execute(sa.update(COMPTES).where(COMPTES.c.id == compte.id).values(connecte_le=moment))
            actions.note(
                connection, "connexion", auteur=compte.email, detail=porte, adresse=adresse, now=moment
            )
    except IntegrityError:
        return None
    return secret


def current(store: Store, secret: str, *, now: datetime | None = None) -> tuple[int, Compte] | None:
    """The session of a cookie and its account; None when it is closed, expired, idle, or its account disabled."""
    moment = now or datetime.now(UTC)
    wanted = (
        sa.select(
            COMPTES,
            SESSIONS.c.id.label("_session"),
            SESSIONS.c.vue_le.label("_vue"),
            SESSIONS.c.expire_le.label("_expire"),
        )
        .join(SESSIONS, SESSIONS.c.compte_id == COMPTES.c.id)
        .where(SESSIONS.c.empreinte == fingerprint(secret), SESSIONS.c.fermee_le.is_(None))
        .where(COMPTES.c.etat == "actif")
    )
    with store.reading() as connection:
        row = connection.execute(wanted).mappings().one_or_none()
    if row is None or row["_expire"] <= moment or row["_vue"] + IDLE <= moment:
        return None
    if moment - row["_vue"] > _SEEN:
        with store.writing() as connection:
            connection.execute(
                sa.update(SESSIONS).where(SESSIONS.c.id == row["_session"]).values(vue_le=moment)
            )
    return row["_session"], compte_of(row)


def open_of(store: Store, compte_id: int, *, now: datetime | None = None) -> list[Session]:
    """The open sessions of an account, newest first."""
    moment = now or datetime.now(UTC)
    wanted = (
        sa.select(SESSIONS)
        .where(SESSIONS.c.compte_id == compte_id, SESSIONS.c.fermee_le.is_(None))
        .where(SESSIONS.c.expire_le > moment, SESSIONS.c.vue_le > moment - IDLE)
        .order_by(SESSIONS.c.id.desc())
    )
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [Session(**{name: row[name] for name in Session.__dataclass_fields__}) for row in rows]


def close(
    store: Store, compte: Compte, *numbers: int, keep: int | None = None, action: str = "sessions"
) -> int:
    """Close sessions of an account: those named, or all of them but the one kept; returns how many."""
    moment = datetime.now(UTC)
    wanted = sa.update(SESSIONS).where(SESSIONS.c.compte_id == compte.id, SESSIONS.c.fermee_le.is_(None))
    if numbers:
        wanted = wanted.where(SESSIONS.c.id.in_(numbers))
    if keep is not None:
        wanted = wanted.where(SESSIONS.c.id != keep)
    with store.writing() as connection:
        done = connection.execute(wanted.values(fermee_le=moment)).rowcount
        if done:
            actions.note(connection, action, auteur=compte.email, detail=f"{done}", now=moment)
    return int(done)
