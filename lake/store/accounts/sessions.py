"""Sessions: who is signed in. The store keeps a fingerprint; only the browser has the value."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from lake.droits import Droits
from lake.store.accounts import actions, tree
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


_CURRENT = (
    sa.select(
        COMPTES,
        SESSIONS.c.id.label("_session"),
        SESSIONS.c.vue_le.label("_vue"),
        SESSIONS.c.expire_le.label("_expire"),
    )
    .join(SESSIONS, SESSIONS.c.compte_id == COMPTES.c.id)
    .where(SESSIONS.c.empreinte == sa.bindparam("empreinte"), SESSIONS.c.fermee_le.is_(None))
    .where(COMPTES.c.etat == "actif")
)


def current(store: Store, secret: str, *, now: datetime | None = None) -> tuple[int, Compte, Droits] | None:
    """The session of a cookie, its account and what it may see, read together.

    None when it is closed, expired, idle, or its account disabled.
    """
    moment = now or datetime.now(UTC)
    with store.reading() as connection:
        row = connection.execute(_CURRENT, {"empreinte": fingerprint(secret)}).mappings().one_or_none()
        if row is None or row["_expire"] <= moment or row["_vue"] + IDLE <= moment:
            return None
        compte = compte_of(row)
        seen = tree.rights_in(connection, compte)
    if moment - row["_vue"] > _SEEN:
        with store.writing() as connection:
            connection.execute(
                sa.update(SESSIONS).where(SESSIONS.c.id == row["_session"]).values(vue_le=moment)
            )
    return row["_session"], compte, seen


def may_still_type(store: Store, secret: str, *, now: datetime | None = None) -> bool:
    """Whether what is typed under a session may still be kept as a draft: nothing is shown for it.

    So it is for a session that time alone has ended, within the day: it was neither closed nor its account disabled.
    """
    moment = now or datetime.now(UTC)
    wanted = (
        sa.select(SESSIONS.c.id)
        .join(COMPTES, COMPTES.c.id == SESSIONS.c.compte_id)
        .where(SESSIONS.c.empreinte == fingerprint(secret), SESSIONS.c.fermee_le.is_(None))
        .where(SESSIONS.c.expire_le > moment - LIFETIME, COMPTES.c.etat == "actif")
    )
    with store.reading() as connection:
        return connection.execute(wanted).first() is not None


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
