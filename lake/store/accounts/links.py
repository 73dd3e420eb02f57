"""Links sent by e-mail, to choose a password: each works once, and not for ever."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from lake.errors import LakeError, Refused
from lake.store.accounts import actions, passwords, signing
from lake.store.accounts.accounts import end_sessions
from lake.store.accounts.identity import Compte, compte_of, row_of
from lake.store.accounts.sessions import fingerprint
from lake.store.engine import Store
from lake.store.schema import COMPTES, JETONS

LIFETIME = timedelta(hours=72)


class Genre(StrEnum):
    """What a link is for."""

    ACTIVATION = "activation"
    OUBLI = "oubli"


def issue(
    store: Store,
    compte: Compte,
    genre: Genre,
    *,
    auteur: str = "",
    on: datetime | None = None,
    renewed: bool = False,
    now: datetime | None = None,
) -> str:
    """Make a link for an account; the links it had no longer work. Returns the end of the link.

    Args:
        store: where.
        compte: whose.
        genre: what it is for.
        auteur: e-mail of who asked for it.
        on: when it begins to work (UTC); at once by default.
        renewed: it replaces, by itself, an activation that expired unused.
        now: the moment (UTC); the clock's by default.
    """
    moment = now or datetime.now(UTC)
    begins = max(on or moment, moment)
    end = secrets.token_urlsafe(32)
    with store.writing() as connection:
        connection.execute(
            sa.update(JETONS)
            .where(JETONS.c.compte_id == compte.id, JETONS.c.servi_le.is_(None))
            .values(servi_le=moment)
        )
        connection.execute(
            sa.insert(JETONS).values(
                empreinte=fingerprint(end),
                compte_id=compte.id,
                genre=genre.value,
                renouvele=renewed,
                cree_le=moment,
                valable_le=begins,
                expire_le=begins + LIFETIME,
            )
        )
        actions.note(connection, "lien", auteur=auteur, objet=compte.email, detail=genre.value, now=moment)
    return end


def holder(store: Store, end: str, *, now: datetime | None = None) -> Compte | None:
    """The account that a link lets choose a password; None when it does not work (any more)."""
    moment = now or datetime.now(UTC)
    wanted = (
        sa.select(COMPTES)
        .join(JETONS, JETONS.c.compte_id == COMPTES.c.id)
        .where(JETONS.c.empreinte == fingerprint(end), JETONS.c.servi_le.is_(None))
        .where(JETONS.c.valable_le <= moment, JETONS.c.expire_le > moment, COMPTES.c.etat != "desactive")
    )
    with store.reading() as connection:
        row = connection.execute(wanted).mappings().one_or_none()
    return None if row is None else compte_of(row)


def expired(store: Store, end: str, *, now: datetime | None = None) -> Compte | None:
    """The account of an activation that expired unused and may be renewed once by itself; None otherwise."""
    moment = now or datetime.now(UTC)
    wanted = (
        sa.select(COMPTES)
        .join(JETONS, JETONS.c.compte_id == COMPTES.c.id)
        .where(JETONS.c.empreinte == fingerprint(end), *_unused_activation(moment))
        .where(COMPTES.c.etat == "invite")
    )
    with store.reading() as connection:
        row = connection.execute(wanted).mappings().one_or_none()
    return None if row is None else compte_of(row)


def begins(store: Store, compte: Compte) -> datetime | None:
    """When the link that an account holds begins to work (UTC); None when it holds none."""
    wanted = sa.select(sa.func.max(JETONS.c.valable_le)).where(
        JETONS.c.compte_id == compte.id, JETONS.c.servi_le.is_(None)
    )
    with store.reading() as connection:
        found: datetime | None = connection.execute(wanted).scalar()
    return found


def activations(store: Store) -> dict[int, tuple[datetime, datetime]]:
    """The activations that nobody used yet: account -> when its link begins to work, and when it ends (UTC)."""
    wanted = sa.select(JETONS.c.compte_id, JETONS.c.valable_le, JETONS.c.expire_le).where(
        JETONS.c.genre == Genre.ACTIVATION.value, JETONS.c.servi_le.is_(None)
    )
    with store.reading() as connection:
        rows = connection.execute(wanted.order_by(JETONS.c.expire_le)).all()
    return {int(row[0]): (row[1], row[2]) for row in rows}


def to_renew(store: Store, *, now: datetime | None = None) -> list[Compte]:
    """The accounts whose activation expired unused and was not yet renewed by itself, oldest first."""
    moment = now or datetime.now(UTC)
    wanted = (
        sa.select(COMPTES)
        .join(JETONS, JETONS.c.compte_id == COMPTES.c.id)
        .where(COMPTES.c.etat == "invite", *_unused_activation(moment))
        .order_by(JETONS.c.expire_le)
    )
    with store.reading() as connection:
        return [compte_of(row) for row in connection.execute(wanted).mappings()]


def renew(store: Store, compte: Compte, auteur: str, *, now: datetime | None = None) -> str | None:
    """Replace, once, an activation that expired unused; returns the end of the new link.

    None when it is not to be renewed, or when another renewed it at the same instant.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        spent = sa.update(JETONS).where(JETONS.c.compte_id == compte.id, *_unused_activation(moment))
        if not connection.execute(spent.values(servi_le=moment)).rowcount:
            return None
        return issue(store, compte, Genre.ACTIVATION, auteur=auteur, renewed=True, now=moment)


def _unused_activation(moment: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """An activation that expired unused, not itself a renewal."""
    return (
        JETONS.c.servi_le.is_(None),
        JETONS.c.genre == Genre.ACTIVATION.value,
        JETONS.c.renouvele.is_(False),
        JETONS.c.expire_le <= moment,
    )


def choose(store: Store, end: str, password: str, *, now: datetime | None = None) -> Compte:
    """Choose a password by a link; the link and every session of the account end there.

    Raises:
        LakeError: the link does not work any more, or the password is too weak.
    """
    moment = now or datetime.now(UTC)
    compte = holder(store, end, now=moment)
    if compte is None:
        raise LakeError(
            "Ce lien n'est plus valable.", conseil="Demandez-en un autre par « Mot de passe oublié ? »."
        )
    _refuse_weak("nouveau", compte, password)
    hashed = passwords.kept(password)
    with store.writing() as connection:
        used = connection.execute(
            sa.update(JETONS)
            .where(JETONS.c.empreinte == fingerprint(end), JETONS.c.servi_le.is_(None))
            .values(servi_le=moment)
        )
        if not used.rowcount:
            raise LakeError("Ce lien vient d'être utilisé.")
        _replace(connection, compte, hashed, moment)
        action = "activation" if compte.etat == "invite" else "mot_de_passe"
        actions.note(connection, action, auteur=compte.email, objet=compte.email, now=moment)
        return compte_of(row_of(connection, COMPTES.c.id == compte.id))


def _replace(connection: sa.engine.Connection, compte: Compte, hashed: str, moment: datetime) -> None:
    """Keep a new password: an invited account becomes active, every session and other link ends."""
    values: dict[str, object] = {"empreinte": hashed}
    if compte.etat == "invite":
        values |= {"etat": "actif", "etat_le": moment}
    connection.execute(
        sa.update(COMPTES).where(COMPTES.c.id == compte.id, COMPTES.c.etat != "desactive").values(**values)
    )
    connection.execute(
        sa.update(JETONS)
        .where(JETONS.c.compte_id == compte.id, JETONS.c.servi_le.is_(None))
        .values(servi_le=moment)
    )
    end_sessions(connection, compte.id, moment)


def has_password(store: Store, compte: Compte) -> bool:
    """Whether an account has chosen a password (it may only come by an identity provider)."""
    with store.reading() as connection:
        row = row_of(connection, COMPTES.c.id == compte.id)
    return row is not None and bool(row["empreinte"])


def change_password(
    store: Store, compte: Compte, old: str, new: str, *, adresse: str = "", now: datetime | None = None
) -> None:
    """Change one's password; every session of the account ends, the one at hand included.

    The present password is tried as at sign-in: counted with the others, journaled, slower and slower.

    Raises:
        Refused: the present password is not the right one (``ancien``), or the new one is too weak (``nouveau``).
    """
    moment = now or datetime.now(UTC)
    with store.reading() as connection:
        row = row_of(connection, COMPTES.c.id == compte.id)
    good, seconds = signing.proven(
        store,
        compte.email,
        "" if row is None else row["empreinte"],
        old,
        adresse=adresse,
        detail="mot de passe actuel",
        now=moment,
    )
    if not good and seconds:
        raise Refused(
            "ancien", "Trop d'essais du mot de passe actuel.", conseil=f"Attendez {seconds} secondes."
        )
    if not good:
        raise Refused("ancien", "Le mot de passe actuel n'est pas le bon.")
    signing.forget(store, compte.email)
    _refuse_weak("nouveau", compte, new)
    hashed = passwords.kept(new)
    with store.writing() as connection:
        _replace(connection, compte, hashed, moment)
        actions.note(connection, "mot_de_passe", auteur=compte.email, objet=compte.email, now=moment)


def _refuse_weak(champ: str, compte: Compte, password: str) -> None:
    try:
        passwords.check(password, about=(compte.email, compte.nom, compte.prenom))
    except LakeError as error:
        raise Refused(champ, error.message, conseil=error.conseil) from error
