"""Signing in: passwords, second factor, identities of providers; each failure lengthens the wait.

Unknown addresses, wrong passwords, invited and disabled accounts get the same answer after the same work. Waits are
counted per address typed, whether it has an account or not, and per network address; see ``tries``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pyotp
import sqlalchemy as sa

from lake.store.accounts import actions, passwords, tries
from lake.store.accounts.identity import Compte, compte_of, row_of
from lake.store.accounts.tries import FIRST_WAIT, FORGET, FREE, FREE_NETWORK, LONGEST_WAIT, forget, wait
from lake.store.engine import Store
from lake.store.schema import COMPTES

__all__ = ["FIRST_WAIT", "FORGET", "FREE", "FREE_NETWORK", "LONGEST_WAIT", "Answer", "forget", "wait"]
STEP_S = 30


@dataclass(frozen=True)
class Answer:
    """What came of an attempt.

    Attributes:
        compte: whose password was right; None otherwise, whatever the reason.
        second_factor: its code is still to be given.
        wait_s: how long to wait before the next attempt; 0 for none.
    """

    compte: Compte | None = None
    second_factor: bool = False
    wait_s: int = 0


def failed(
    store: Store, email: str, adresse: str = "", *, detail: str = "", now: datetime | None = None
) -> None:
    """Count a failure, and write it in the journal: past a few, each doubles the wait, up to an hour."""
    tries.begin(store, email, adresse, now=now, always=True)
    _note(store, email, adresse, detail, now)


def asked(
    store: Store, email: str, adresse: str = "", *, detail: str = "", now: datetime | None = None
) -> int:
    """Count what an address may ask only so often (a link, an account), as failures are.

    Returns:
        Seconds to wait: nothing is to be given then. 0 otherwise; the journal says that it was asked.
    """
    tried = tries.begin(store, email, adresse, now=now)
    if not tried.wait_s:
        _note(store, email, adresse, detail, now)
    return tried.wait_s


def _note(store: Store, email: str, adresse: str, detail: str, now: datetime | None) -> None:
    actions.note(store, "echec", objet=_typed(email), detail=detail, adresse=adresse, now=now)


def _typed(email: str) -> str:
    """What was typed as an address, for the journal: a password typed in the wrong field is not written there."""
    text = email.rpartition(":")[2].strip().lower()
    return text if re.fullmatch(r"[^@\s]{1,64}@[a-z0-9.-]{1,253}\.[a-z]{2,63}", text) else "saisie illisible"


def proven(
    store: Store,
    email: str,
    hashed: str,
    password: str,
    *,
    active: bool = True,
    adresse: str = "",
    detail: str = "",
    now: datetime | None = None,
) -> tuple[bool, int]:
    """Check a password: the one place where one is.

    Args:
        store: where.
        email: whose, as typed.
        hashed: what is kept of it; empty when there is no such account.
        password: as typed.
        active: whether the account may sign in.
        adresse: network address.
        detail: what the journal says of a failure.
        now: the moment (UTC); the clock's by default.

    Returns:
        Whether it is right, and the seconds to wait before another try.
    """
    tried = tries.begin(store, email, adresse, now=now)
    if tried.wait_s:
        return False, tried.wait_s
    if not (passwords.matches(password, hashed) and active):
        _note(store, email, adresse, detail, now)
        return False, wait(store, email, adresse, now=now)
    seconds = tries.right(store, tried, email, adresse, now=now)
    return not seconds, seconds


def try_password(
    store: Store, email: str, password: str, *, adresse: str = "", now: datetime | None = None
) -> Answer:
    """Try an e-mail and a password.

    Returns:
        The account when they are right and it is active; else nothing, for whatever reason.
    """
    with store.reading() as connection:
        row = row_of(connection, COMPTES.c.email == email.strip().lower())
    good, seconds = proven(
        store,
        email,
        "" if row is None else row["empreinte"],
        password,
        active=row is not None and row["etat"] == "actif",
        adresse=adresse,
        now=now,
    )
    if not good:
        return Answer(wait_s=seconds)
    if not row["totp"]:
        forget(store, email)
    return Answer(compte_of(row), bool(row["totp"]))


def try_code(
    store: Store, compte: Compte, code: str, *, adresse: str = "", now: datetime | None = None
) -> bool:
    """Try the code of a second factor; a code works once, and sixty tried at once count as sixty."""
    moment = now or datetime.now(UTC)
    tried = tries.begin(store, compte.email, adresse, now=moment)
    if tried.wait_s:
        return False
    typed = "".join(sign for sign in code if sign.isdigit())
    with store.writing() as connection:
        row = connection.execute(
            sa.select(COMPTES.c.totp, COMPTES.c.totp_pas).where(COMPTES.c.id == compte.id).with_for_update()
        ).one_or_none()
        step = None if row is None else _step(row.totp, typed, moment)
        good = row is not None and step is not None and step > row.totp_pas
        good = good and not tries.right(store, tried, compte.email, adresse, now=moment)
        if good:
            connection.execute(sa.update(COMPTES).where(COMPTES.c.id == compte.id).values(totp_pas=step))
            forget(store, compte.email)
        else:
            _note(store, compte.email, adresse, "second facteur", moment)
    return good


def _step(secret: str, code: str, moment: datetime) -> int | None:
    """The time step of a code, one step early or late; None when the code is wrong."""
    if not secret:
        return None
    here = int(moment.timestamp()) // STEP_S
    clock = pyotp.TOTP(secret, interval=STEP_S)
    return next(
        (
            step
            for step in (here, here - 1, here + 1)
            if pyotp.utils.strings_equal(clock.generate_otp(step), code)
        ),
        None,
    )


def new_secret() -> str:
    """The secret of a second factor, not yet the account's."""
    return pyotp.random_base32()


def provisioning(secret: str, compte: Compte, issuer: str) -> str:
    """What an authentication application reads (``otpauth://…``)."""
    return pyotp.TOTP(secret).provisioning_uri(name=compte.email, issuer_name=issuer)


def enrol(store: Store, compte: Compte, secret: str, code: str, *, now: datetime | None = None) -> bool:
    """Ask a second factor from now on, once its first code was right."""
    moment = now or datetime.now(UTC)
    step = _step(secret, "".join(sign for sign in code if sign.isdigit()), moment)
    if step is None:
        return False
    _set_factor(store, compte, secret, step, "activé")
    return True


def drop_factor(store: Store, compte: Compte, auteur: str) -> None:
    """Ask no second factor any more."""
    _set_factor(store, compte, "", 0, f"retiré par {auteur}")


def _set_factor(store: Store, compte: Compte, secret: str, step: int, said: str) -> None:
    with store.writing() as connection:
        connection.execute(
            sa.update(COMPTES).where(COMPTES.c.id == compte.id).values(totp=secret, totp_pas=step)
        )
        actions.note(connection, "second_facteur", auteur=compte.email, objet=compte.email, detail=said)


def of_identity(store: Store, issuer: str, subject: str, email: str, rpps: str) -> Compte | None:
    """The active account of an identity: the one already bound to it, else by RPPS number, else by address.

    The first sign-in binds the account to the identity: another identity with the same address opens nothing.
    """
    identity = f"{issuer}|{subject}"[:500]
    with store.writing() as connection:
        row = row_of(connection, COMPTES.c.fournisseur == identity)
        if row is None:
            row = _unbound(connection, COMPTES.c.rpps == rpps) if rpps else None
            row = row or (_unbound(connection, COMPTES.c.email == email.lower()) if email else None)
            if row is not None:
                connection.execute(
                    sa.update(COMPTES)
                    .where(COMPTES.c.id == row["id"])
                    .values(fournisseur=identity, etat="actif", etat_le=datetime.now(UTC))
                )
                row = row_of(connection, COMPTES.c.id == row["id"])
    return None if row is None or row["etat"] != "actif" else compte_of(row)


def _unbound(connection: sa.engine.Connection, where: sa.ColumnElement[bool]) -> sa.RowMapping | None:
    free = (COMPTES.c.fournisseur == "") & (COMPTES.c.etat != "desactive")
    rows = connection.execute(sa.select(COMPTES).where(where, free)).mappings().all()
    return rows[0] if len(rows) == 1 else None
