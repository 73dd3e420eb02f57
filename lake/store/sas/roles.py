"""Who is what in which SAS: roles in a table, one account in several territories; charter and delegates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from lake.errors import AccessDenied, LakeError, UnknownName
from lake.store import journal
from lake.store.accounts import accounts
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.sas.tables import AFFECTATIONS, CHARTES, DELEGATIONS, EFFECTEURS, SIGNATURES

REGULATEUR, EFFECTEUR, ADMINISTRATEUR, REGIONAL, REFERENT = (
    "regulateur_osnp",
    "effecteur",
    "administrateur_comptes",
    "administrateur_regional",
    "referent_territorial",
)
ROLES = {
    REGULATEUR: "Régulateur-OSNP",
    EFFECTEUR: "Effecteur",
    ADMINISTRATEUR: "Administrateur des comptes",
    REGIONAL: "Administrateur régional",
    REFERENT: "Référent territorial",
}
"""Roles, and their French names: those of the workshop."""
REGION = "REGION"
"""The SAS of a role that holds for every one of the region."""
_GIVES = {REGIONAL: frozenset(ROLES), ADMINISTRATEUR: frozenset({REGULATEUR, EFFECTEUR, REFERENT})}
"""What each role may give: never upward."""


@dataclass(frozen=True)
class Affectation:
    """A role in a SAS, in force."""

    compte_id: int
    sas: str
    role: str
    depuis: datetime


@dataclass(frozen=True)
class Orientation:
    """Who may search and book, and in which SAS first."""

    compte_id: int
    sas: str


def affectations(store: Store, compte_id: int | None = None) -> list[Affectation]:
    """The roles in force, of everybody or of one account."""
    wanted = sa.select(AFFECTATIONS).where(AFFECTATIONS.c.jusque.is_(None)).order_by(AFFECTATIONS.c.id)
    if compte_id is not None:
        wanted = wanted.where(AFFECTATIONS.c.compte_id == compte_id)
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [Affectation(row["compte_id"], row["sas"], row["role"], row["depuis"]) for row in rows]


def holds(store: Store, compte: Compte, roles: Iterable[str], sas: str = "") -> bool:
    """Whether an account has one of these roles, in a SAS or in any; the suite's administrators have them all."""
    if compte.administrateur:
        return True
    wanted = frozenset(roles)
    return any(
        one.role in wanted and (not sas or one.sas in (sas, REGION)) for one in affectations(store, compte.id)
    )


def territoires_of(store: Store, compte: Compte, roles: Iterable[str]) -> frozenset[str] | None:
    """The SAS in which an account has one of these roles; None for all."""
    if compte.administrateur:
        return None
    wanted = frozenset(roles)
    mine = {one.sas for one in affectations(store, compte.id) if one.role in wanted}
    return None if REGION in mine else frozenset(mine)


def administrateurs_de(store: Store, sas: str) -> list[int]:
    """The accounts that administer a SAS: its own administrators, else those of the region."""
    rows = affectations(store)
    own = [one.compte_id for one in rows if (one.role, one.sas) == (ADMINISTRATEUR, sas)]
    return own or [one.compte_id for one in rows if one.role == REGIONAL]


def _active(store: Store, email: str) -> Compte:
    compte = accounts.find(store, email)
    if compte is None or compte.etat != "actif":
        raise AccessDenied(f"Aucun compte actif « {email.strip()} ».", conseil="Les comptes : obs user list.")
    return compte


def administres(store: Store, email: str) -> frozenset[str] | None:
    """The SAS that an account administers; None for all.

    Raises:
        AccessDenied: none, or the account is not active.
    """
    found = territoires_of(store, _active(store, email), (ADMINISTRATEUR, REGIONAL))
    if found is not None and not found:
        raise AccessDenied(f"{email.strip()} n'administre aucun SAS.")
    return found


def orienter(store: Store, email: str) -> Orientation:
    """An account that may search and book.

    Raises:
        AccessDenied: it is no régulateur, or is not active.
    """
    compte = _active(store, email)
    found = territoires_of(store, compte, (REGULATEUR,))
    if found is not None and not found:
        raise AccessDenied(f"{email.strip()} n'est Régulateur-OSNP d'aucun SAS.")
    return Orientation(compte.id, min(found) if found else "")


def affecter(
    store: Store, actor: Compte | None, compte_id: int, sas: str, role: str, *, now: datetime | None = None
) -> None:
    """Give a role; giving it twice changes nothing.

    Args:
        store: where.
        actor: who gives it; None for the operator.
        compte_id: to whom.
        sas: where; :data:`REGION` for every SAS.
        role: a key of :data:`ROLES`.
        now: the moment (UTC).

    Raises:
        AccessDenied: the actor may not give this role there, or has not signed the charter.
        UnknownName: there is no such role.
    """
    if role not in ROLES:
        raise UnknownName("rôle", role, list(ROLES))
    if role == REGIONAL and sas != REGION:
        raise LakeError("L'administrateur régional l'est pour tous les SAS de la région.")
    _refuse(store, actor, sas, role)
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        try:
            with connection.begin_nested():
                connection.execute(
                    sa.insert(AFFECTATIONS).values(compte_id=compte_id, sas=sas, role=role, depuis=moment)
                )
        except IntegrityError:
            return  # it is given already, or has just been
        _note(connection, "affectation", actor, f"{sas} {role}", compte_id, moment)


def retirer(
    store: Store, actor: Compte | None, compte_id: int, sas: str, role: str, *, now: datetime | None = None
) -> None:
    """Take a role back: the account keeps its others, agendas and bookings stay.

    Raises:
        AccessDenied: the actor may not.
        LakeError: it is the last administrator of this SAS.
    """
    _refuse(store, actor, sas, role)
    moment = now or datetime.now(UTC)
    mine = sa.and_(AFFECTATIONS.c.sas == sas, AFFECTATIONS.c.role == role, AFFECTATIONS.c.jusque.is_(None))
    with store.writing() as connection:
        rows = connection.execute(sa.select(AFFECTATIONS).where(mine).with_for_update()).mappings().all()
        if role == ADMINISTRATEUR and actor is not None and actor.id == compte_id and len(rows) == 1:
            raise LakeError(
                "Vous êtes le dernier administrateur de ce SAS.", conseil="Nommez-en un autre d'abord."
            )
        connection.execute(
            sa.update(AFFECTATIONS).where(mine, AFFECTATIONS.c.compte_id == compte_id).values(jusque=moment)
        )
        _note(connection, "detachement", actor, f"{sas} {role}", compte_id, moment)


def _refuse(store: Store, actor: Compte | None, sas: str, role: str) -> None:
    if actor is None or actor.administrateur:
        return
    if not signed(store, actor.id):
        raise AccessDenied("Signez d'abord la charte des administrateurs.")
    for one in affectations(store, actor.id):
        if role in _GIVES.get(one.role, frozenset()) and one.sas in (sas, REGION):
            return
    raise AccessDenied(f"Vous ne pouvez pas donner le rôle « {ROLES[role]} » dans {sas}.")


def _note(
    connection: Connection, verb: str, actor: Compte | None, detail: str, compte_id: int, now: datetime
) -> None:
    journal.write(
        connection, f"sas.{verb}", str(compte_id), auteur=None if actor is None else actor.email,
        details={"detail": detail}, now=now,
    )  # fmt: skip


def publier_charte(store: Store, texte: str, *, now: datetime | None = None) -> int:
    """A new version of the charter, to be signed again by everyone; returns its number."""
    with store.writing() as connection:
        last = connection.execute(sa.select(sa.func.max(CHARTES.c.version))).scalar_one_or_none() or 0
        connection.execute(
            sa.insert(CHARTES).values(
                version=last + 1, texte=texte.strip(), publiee_le=now or datetime.now(UTC)
            )
        )
    return int(last) + 1


def charte(store: Store) -> Any:
    """The charter in force: ``version``, ``texte``, ``publiee_le``; None when none was published."""
    with store.reading() as connection:
        return connection.execute(
            sa.select(CHARTES).order_by(CHARTES.c.version.desc()).limit(1)
        ).mappings().one_or_none()  # fmt: skip


def signed(store: Store, compte_id: int) -> bool:
    """Whether an account signed the charter in force; without charter there is nothing to sign."""
    now = charte(store)
    if now is None:
        return True
    wanted = sa.select(SIGNATURES.c.id).where(
        SIGNATURES.c.compte_id == compte_id, SIGNATURES.c.version == now["version"]
    )
    with store.reading() as connection:
        return connection.execute(wanted).first() is not None


def signature(store: Store, compte_id: int, version: int) -> Any:
    """An account's signature of a version of the charter: ``signee_le``, ``empreinte``; None without."""
    wanted = sa.select(SIGNATURES).where(SIGNATURES.c.compte_id == compte_id, SIGNATURES.c.version == version)
    with store.reading() as connection:
        return connection.execute(wanted).mappings().one_or_none()


def donneurs(store: Store, compte_id: int) -> list[str]:
    """The addresses of the accounts that made an account an administrator, the latest first."""
    lines = journal.read(store, journal.Filters(action="sas.affectation", objet=str(compte_id)))
    given = [one for one in lines if str(one.details.get("detail", "")).endswith((ADMINISTRATEUR, REGIONAL))]
    return list(dict.fromkeys(one.auteur for one in given if one.auteur))


def signer(store: Store, compte: Compte, *, now: datetime | None = None) -> int:
    """Sign the charter in force; signing twice keeps the first signature.

    Raises:
        LakeError: there is no charter.
    """
    current = charte(store)
    if current is None:
        raise LakeError("Aucune charte n'est publiée.")
    moment = now or datetime.now(UTC)
    digest = hashlib.sha256(current["texte"].encode()).hexdigest()[:60]
    with store.writing() as connection:
        try:
            with connection.begin_nested():
                connection.execute(
                    sa.insert(SIGNATURES).values(
                        compte_id=compte.id, version=current["version"], empreinte=digest, signee_le=moment
                    )
                )
        except IntegrityError:
            return int(current["version"])
        journal.write(connection, "sas.charte", str(current["version"]), auteur=compte.email, now=moment)
    return int(current["version"])


def agendas_of(store: Store, compte: Compte) -> list[str]:
    """The identifiers of the agendas that an account keeps: its own, and those delegated to it."""
    kept = sa.select(DELEGATIONS.c.effecteur_id).where(
        DELEGATIONS.c.compte_id == compte.id, DELEGATIONS.c.etat == "active"
    )
    mine = sa.or_(EFFECTEURS.c.compte_id == compte.id, EFFECTEURS.c.id.in_(kept))
    if compte.rpps:
        mine = sa.or_(mine, EFFECTEURS.c.identifiant == "8" + compte.rpps)
    with store.reading() as connection:
        return list(
            connection.execute(
                sa.select(EFFECTEURS.c.identifiant)
                .where(mine, EFFECTEURS.c.etat == "actif")
                .order_by(EFFECTEURS.c.id)
            ).scalars()
        )


def lier(store: Store, identifiant: str, compte_id: int | None, *, preuve: str = "administrateur") -> None:
    """Tie an agenda to the account of its practitioner, whose identity was proved.

    Raises:
        LakeError: there is no such agenda.
    """
    with store.writing() as connection:
        done = connection.execute(
            sa.update(EFFECTEURS)
            .where(EFFECTEURS.c.identifiant == identifiant)
            .values(compte_id=compte_id, preuve=preuve)
        )
        if not done.rowcount:
            raise LakeError(f"Aucun effecteur « {identifiant} ».", conseil="Chargez-le : obs sas charger.")
