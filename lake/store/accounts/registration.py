"""Registration requests: asked by anyone, decided by the managers of the organisation, else by administrators."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from lake.errors import LakeError
from lake.store.accounts import accounts, actions, identity, tries
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.schema import COMPTES, DEMANDES, JOURNAL

MOST_AN_HOUR = 20
"""Requests that one network may make in an hour."""
STATES = {"attente": "En attente", "acceptee": "Acceptée", "refusee": "Refusée"}


@dataclass(frozen=True)
class Demande:
    """One request.

    Attributes:
        id: number.
        email: address of who asks.
        nom: family name.
        prenom: given name.
        civilite: empty unless given.
        organisation: organisation.
        etat: ``attente``, ``acceptee`` or ``refusee``.
        cree_le: when it was made (UTC).
        decidee_le: when it was decided (UTC).
        decidee_par: e-mail of who decided.
        responsable_id: the manager named when it was accepted.
        envoi_le: the day chosen for the link (UTC); None for at once.
    """

    id: int
    email: str
    nom: str
    prenom: str
    civilite: str
    organisation: str
    etat: str
    cree_le: datetime
    decidee_le: datetime | None
    decidee_par: str
    responsable_id: int | None = None
    envoi_le: datetime | None = None


def checked(*, email: str, nom: str, prenom: str, organisation: str) -> dict[str, str]:
    """The fields of a request as they are kept.

    Raises:
        Refused: one of them breaks its rule; the refusal names it.
    """
    given = {"email": email, "nom": nom, "prenom": prenom, "organisation": organisation}
    return {name: identity.checked(name, text) for name, text in given.items()}


def ask(
    store: Store,
    *,
    email: str,
    nom: str,
    prenom: str,
    organisation: str,
    civilite: str = "",
    adresse: str = "",
) -> None:
    """Keep a request. A second one from the same address, or from one that has an account, changes nothing.

    Raises:
        Refused: the address, a name or the organisation is missing or wrong.
        LakeError: the network asks too often.
    """
    row = checked(email=email, nom=nom, prenom=prenom, organisation=organisation)
    row["civilite"] = identity.checked("civilite", civilite)
    now = datetime.now(UTC)
    with store.writing() as connection:
        _refuse_flood(connection, adresse, now)
        if identity.row_of(connection, COMPTES.c.email == row["email"]) is None:
            waiting = sa.insert(DEMANDES).values(**row, etat="attente", cree_le=now, decidee_par="")
            # The database keeps one that waits for an address, whatever comes at the same instant.
            with suppress(IntegrityError), connection.begin_nested():
                connection.execute(waiting)
        actions.note(connection, "demande", objet=row["email"], adresse=adresse, now=now)


def _refuse_flood(connection: sa.engine.Connection, adresse: str, now: datetime) -> None:
    """A machine that makes requests would bury those of people; its own are counted one at a time."""
    if not adresse:
        return
    tries.locked(connection, tries.key("demandes", adresse), now)
    recent = sa.select(sa.func.count()).where(
        JOURNAL.c.action == f"{actions.DOMAIN}demande",
        JOURNAL.c.adresse == adresse,
        JOURNAL.c.moment > now - timedelta(hours=1),
    )
    if connection.execute(recent).scalar_one() >= MOST_AN_HOUR:
        raise LakeError("Trop de demandes viennent de votre réseau.", conseil="Réessayez dans une heure.")


def _demande(row: sa.RowMapping) -> Demande:
    return Demande(**{name: row[name] for name in Demande.__dataclass_fields__})


def requests(store: Store, *, pending: bool = True) -> list[Demande]:
    """Requests, the oldest first: those that wait, or those decided."""
    wanted = sa.select(DEMANDES).order_by(DEMANDES.c.id)
    wanted = wanted.where((DEMANDES.c.etat == "attente") if pending else (DEMANDES.c.etat != "attente"))
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [_demande(row) for row in rows]


def managers(comptes: Sequence[Compte], organisation: str) -> list[Compte]:
    """Who decides for an organisation: its accounts that create accounts; administrators where there is none."""
    here = [
        one
        for one in comptes
        if one.etat == "actif"
        and one.peut_creer
        and not one.administrateur
        and one.organisation.casefold() == organisation.casefold()
    ]
    return here or [one for one in comptes if one.administrateur and one.etat == "actif"]


def for_manager(store: Store, actor: Compte, *, pending: bool = True) -> list[Demande]:
    """The requests that an account may decide (an administrator: all), or that were decided where it could."""
    found, known = requests(store, pending=pending), accounts.everyone(store)
    if actor.administrateur:
        return found
    return [one for one in found if any(actor.id == m.id for m in managers(known, one.organisation))]


def decide(
    store: Store,
    actor: Compte,
    number: int,
    *,
    accepted: bool,
    responsable_id: int | None = None,
    envoi_le: datetime | None = None,
) -> Demande:
    """Accept or refuse a request; the account itself is created by the caller.

    Raises:
        LakeError: it was already decided, or it is not this account's to decide.
    """
    if number not in {one.id for one in for_manager(store, actor)}:
        raise LakeError("Cette demande a déjà été traitée, ou ne vous revient pas.")
    now = datetime.now(UTC)
    with store.writing() as connection:
        done = connection.execute(
            sa.update(DEMANDES)
            .where(DEMANDES.c.id == number, DEMANDES.c.etat == "attente")
            .values(
                etat="acceptee" if accepted else "refusee",
                decidee_le=now,
                decidee_par=actor.email,
                responsable_id=responsable_id,
                envoi_le=envoi_le,
            )
        )
        if not done.rowcount:
            raise LakeError("Cette demande vient d'être traitée par quelqu'un d'autre.")
        row = connection.execute(sa.select(DEMANDES).where(DEMANDES.c.id == number)).mappings().one()
        action = "acceptation" if accepted else "refus"
        actions.note(connection, action, auteur=actor.email, objet=row["email"], now=now)
    return _demande(row)
