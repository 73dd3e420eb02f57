"""Signing in: passwords, second factor, identities of providers; each failure lengthens the wait.

Unknown addresses, wrong passwords, invited and disabled accounts get the same answer after the same work. Waits are
counted per address typed, whether it has an account or not, and per network address.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyotp
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from lake.store.accounts import actions, passwords
from lake.store.accounts.accounts import Compte, compte_of, row_of
from lake.store.engine import Store
from lake.store.schema import COMPTES, ESSAIS

FREE = 5
"""Failures before the first wait."""
FREE_NETWORK = 50
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
FORGET = timedelta(hours=24)
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


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value.strip().lower()}".encode()).hexdigest()


def _keys(email: str, adresse: str) -> dict[str, int]:
    found = {_key("compte", email): FREE}
    if adresse:
        found[_key("reseau", adresse)] = FREE_NETWORK
    return found


def wait(store: Store, email: str, adresse: str = "", *, now: datetime | None = None) -> int:
    """Seconds to wait before another attempt for this address; 0 for none."""
    moment = now or datetime.now(UTC)
    wanted = sa.select(sa.func.max(ESSAIS.c.bloque_le)).where(ESSAIS.c.cle.in_(list(_keys(email, adresse))))
    with store.reading() as connection:
        until = connection.execute(wanted).scalar()
    return 0 if until is None or until <= moment else int((until - moment).total_seconds()) + 1


def failed(
    store: Store, email: str, adresse: str = "", *, detail: str = "", now: datetime | None = None
) -> None:
    """Count a failure: past a few, each doubles the wait, up to an hour."""
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        for key, free in _keys(email, adresse).items():
            known = _counted(connection, key, moment)
            count = 1 if moment - known["dernier_le"] > FORGET else known["echecs"] + 1
            blocked = None
            if count >= free:
                blocked = moment + min(FIRST_WAIT * 2 ** min(count - free, 12), LONGEST_WAIT)
            values = {"echecs": count, "dernier_le": moment, "bloque_le": blocked}
            connection.execute(sa.update(ESSAIS).where(ESSAIS.c.cle == key).values(**values))
        actions.note(connection, "echec", objet=_typed(email), detail=detail, adresse=adresse, now=moment)


def _counted(connection: sa.engine.Connection, key: str, moment: datetime) -> sa.RowMapping:
    """The row that counts the failures of a key, locked; made when there is none."""
    wanted = sa.select(ESSAIS).where(ESSAIS.c.cle == key).with_for_update()
    known = connection.execute(wanted).mappings().one_or_none()
    if known is None:
        first = sa.insert(ESSAIS).values(cle=key, echecs=0, dernier_le=moment, bloque_le=None)
        try:
            with connection.begin_nested():
                connection.execute(first)
        except IntegrityError:
            pass  # another failure at the same moment made it
        known = connection.execute(wanted).mappings().one()
    return known


def _typed(email: str) -> str:
    """What was typed as an address, for the journal: a password typed in the wrong field is not written there."""
    text = email.rpartition(":")[2].strip().lower()
    return text if re.fullmatch(r"[^@\s]{1,64}@[a-z0-9.-]{1,253}\.[a-z]{2,63}", text) else "saisie illisible"


def forget(store: Store, email: str) -> None:
    """Start counting anew for an address, after a success."""
    with store.writing() as connection:
        connection.execute(sa.delete(ESSAIS).where(ESSAIS.c.cle == _key("compte", email)))


def try_password(
    store: Store, email: str, password: str, *, adresse: str = "", now: datetime | None = None
) -> Answer:
    """Try an e-mail and a password.

    Returns:
        The account when they are right and it is active; else nothing, for whatever reason.
    """
    if seconds := wait(store, email, adresse, now=now):
        return Answer(wait_s=seconds)
    with store.reading() as connection:
        row = row_of(connection, COMPTES.c.email == email.strip().lower())
    right = passwords.matches(password, "" if row is None else row["empreinte"])
    if row is None or not right or row["etat"] != "actif":
        failed(store, email, adresse, now=now)
        return Answer(wait_s=wait(store, email, adresse, now=now))
    # Attempts sent all at once passed the first question together: those checked once the wait began wait too.
    if seconds := wait(store, email, adresse, now=now):
        return Answer(wait_s=seconds)
    if not row["totp"]:
        forget(store, email)
    return Answer(compte_of(row), bool(row["totp"]))


def try_code(
    store: Store, compte: Compte, code: str, *, adresse: str = "", now: datetime | None = None
) -> bool:
    """Try the code of a second factor; a code works once."""
    moment = now or datetime.now(UTC)
    if wait(store, compte.email, adresse, now=moment):
        return False
    typed = "".join(sign for sign in code if sign.isdigit())
    with store.writing() as connection:
        row = connection.execute(
            sa.select(COMPTES.c.totp, COMPTES.c.totp_pas).where(COMPTES.c.id == compte.id).with_for_update()
        ).one()
        step = _step(row.totp, typed, moment)
        good = step is not None and step > row.totp_pas
        if good:
            connection.execute(sa.update(COMPTES).where(COMPTES.c.id == compte.id).values(totp_pas=step))
    if good:
        forget(store, compte.email)
    else:
        failed(store, compte.email, adresse, detail="second facteur", now=moment)
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
