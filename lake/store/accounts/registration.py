"""Registration requests: asked by anyone, decided by the managers of the organisation, else by administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from lake.errors import LakeError
from lake.store.accounts import accounts, actions
from lake.store.accounts.accounts import Compte
from lake.store.engine import Store
from lake.store.schema import DEMANDES, JOURNAL

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


def checked(*, email: str, nom: str, prenom: str, organisation: str) -> str:
    """The address of a request that is complete.

    Raises:
        LakeError: the address, a name or the organisation is missing or wrong.
    """
    known = accounts.address(email)
    for label, text in (("nom", nom), ("prénom", prenom), ("organisation", organisation)):
        if len(text.strip()) < 2:
            raise LakeError(f"Il manque votre {label}.")
    return known


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
        LakeError: the address, a name or the organisation is missing or wrong, or the network asks too often.
    """
    known = checked(email=email, nom=nom, prenom=prenom, organisation=organisation)
    now = datetime.now(UTC)
    taken = accounts.find(store, known) is not None
    with store.writing() as connection:
        _refuse_flood(connection, adresse, now)
        waiting = sa.select(DEMANDES.c.id).where(DEMANDES.c.email == known, DEMANDES.c.etat == "attente")
        if not taken and connection.execute(waiting).first() is None:
            connection.execute(
                sa.insert(DEMANDES).values(
                    email=known,
                    nom=nom.strip()[:100],
                    prenom=prenom.strip()[:100],
                    civilite=civilite[:10],
                    organisation=organisation.strip()[:200],
                    etat="attente",
                    cree_le=now,
                    decidee_par="",
                )
            )
        actions.note(connection, "demande", objet=known, adresse=adresse, now=now)


def _refuse_flood(connection: sa.engine.Connection, adresse: str, now: datetime) -> None:
    """A machine that makes requests would bury those of people."""
    recent = sa.select(sa.func.count()).where(
        JOURNAL.c.action == f"{actions.DOMAIN}demande",
        JOURNAL.c.adresse == adresse,
        JOURNAL.c.moment > now - timedelta(hours=1),
    )
    if adresse and connection.execute(recent).scalar_one() >= MOST_AN_HOUR:
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
