"""Who keeps an agenda besides its practitioner: asked, accepted in time by the practitioner, ended by either."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.errors import AccessDenied, LakeError
from lake.store import journal
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.sas.roles import ADMINISTRATEUR, REGIONAL, holds
from lake.store.sas.tables import DELEGATIONS, EFFECTEURS

DELAI = timedelta(days=30)
"""How long a request waits for the practitioner; then it is over, and may be asked anew."""


@dataclass(frozen=True)
class Demande:
    """A request that waits, to be told.

    Attributes:
        id: its number.
        effecteur: whose agenda, by name.
        sas: its SAS.
        titulaire: account of the practitioner; None without.
        delegue: account that would keep the agenda.
        fin: until when it waits (UTC).
    """

    id: int
    effecteur: str
    sas: str
    titulaire: int | None
    delegue: int
    fin: datetime


def _current(moment: datetime) -> sa.ColumnElement[bool]:
    """Delegations in force, and requests that still wait for their answer."""
    waits = sa.and_(DELEGATIONS.c.etat == "demandee", DELEGATIONS.c.demandee_le > moment - DELAI)
    return sa.or_(DELEGATIONS.c.etat == "active", waits)


def deleguer(store: Store, effecteur_id: int, compte_id: int, *, now: datetime | None = None) -> int:
    """Ask that an account keeps somebody's agenda: nothing is opened until the practitioner accepts; its number.

    Asking again while a request waits changes nothing; one that nobody answered in thirty days is asked anew.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    wanted = sa.select(DELEGATIONS.c.id).where(
        DELEGATIONS.c.effecteur_id == effecteur_id, DELEGATIONS.c.compte_id == compte_id, _current(moment)
    )
    with store.writing() as connection:
        connection.execute(
            sa.select(EFFECTEURS.c.id).where(EFFECTEURS.c.id == effecteur_id).with_for_update()
        )
        _expire(connection, effecteur_id, moment)
        known = connection.execute(wanted).scalar_one_or_none()
        if known is not None:
            return int(known)
        done = connection.execute(
            sa.insert(DELEGATIONS).values(
                effecteur_id=effecteur_id, compte_id=compte_id, etat="demandee", demandee_le=moment
            )
        )
        assert done.inserted_primary_key is not None
        return int(done.inserted_primary_key[0])


def _expire(connection: Connection, effecteur_id: int, moment: datetime) -> None:
    late = (DELEGATIONS.c.effecteur_id == effecteur_id, DELEGATIONS.c.etat == "demandee", ~_current(moment))
    connection.execute(sa.update(DELEGATIONS).where(*late).values(etat="expiree", decidee_le=moment))


def decider(store: Store, compte: Compte, delegation: int, etat: str, *, now: datetime | None = None) -> None:
    """Accept, refuse or end a delegation.

    Raises:
        AccessDenied: the account is neither the practitioner nor an administrator of its SAS; only the practitioner
            accepts.
        LakeError: there is none, it is over, or it waited for too long.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        row = connection.execute(
            sa.select(DELEGATIONS, EFFECTEURS.c.compte_id.label("titulaire"), EFFECTEURS.c.sas)
            .join(EFFECTEURS, EFFECTEURS.c.id == DELEGATIONS.c.effecteur_id)
            .where(DELEGATIONS.c.id == delegation)
        ).mappings().one_or_none()  # fmt: skip
        if row is None or row["etat"] not in ("demandee", "active", "expiree"):
            raise LakeError("Cette délégation n'existe plus.", conseil="Rechargez la page.")
        if row["etat"] == "expiree" or (row["etat"] == "demandee" and row["demandee_le"] <= moment - DELAI):
            raise LakeError(
                f"Cette demande a expiré : elle attendait depuis {DELAI.days} jours.", conseil="Refaites-la."
            )
        own = row["titulaire"] == compte.id
        if etat == "active" and (not own or row["etat"] != "demandee"):
            raise AccessDenied("Seul le praticien accepte qu'un autre compte tienne son agenda.")
        if not own and not holds(store, compte, (ADMINISTRATEUR, REGIONAL), row["sas"]):
            raise AccessDenied("Cette délégation n'est pas la vôtre.")
        connection.execute(
            sa.update(DELEGATIONS)
            .where(DELEGATIONS.c.id == delegation, DELEGATIONS.c.etat == row["etat"])
            .values(etat=etat, decidee_le=moment)
        )
        journal.write(
            connection,
            "sas.delegation",
            str(delegation),
            auteur=compte.email,
            details={"etat": etat},
            now=moment,
        )


def en_attente(store: Store, *, now: datetime | None = None) -> list[Demande]:
    """The requests that wait for a practitioner, the oldest first."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    return _asked(store, sa.and_(DELEGATIONS.c.etat == "demandee", _current(moment)))


def expirees(store: Store, *, now: datetime | None = None) -> list[Demande]:
    """The requests that nobody answered in time, over in the last week: who asked is to be told."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    over = DELEGATIONS.c.demandee_le.between(moment - DELAI - timedelta(days=7), moment - DELAI)
    return _asked(store, sa.and_(DELEGATIONS.c.etat.in_(("demandee", "expiree")), over))


def _asked(store: Store, where: sa.ColumnElement[bool]) -> list[Demande]:
    wanted = (
        sa.select(DELEGATIONS, EFFECTEURS.c.nom, EFFECTEURS.c.sas, EFFECTEURS.c.compte_id.label("titulaire"))
        .join(EFFECTEURS, EFFECTEURS.c.id == DELEGATIONS.c.effecteur_id)
        .where(where)
        .order_by(DELEGATIONS.c.id)
    )
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [
        Demande(
            row["id"], row["nom"], row["sas"], row["titulaire"], row["compte_id"], row["demandee_le"] + DELAI
        )
        for row in rows
    ]


def finir(connection: Connection, effecteur_id: int, moment: datetime) -> None:
    """End every delegation of an agenda, in a transaction under way: its holder leaves."""
    mine = (DELEGATIONS.c.effecteur_id == effecteur_id, DELEGATIONS.c.etat.in_(("demandee", "active")))
    connection.execute(sa.update(DELEGATIONS).where(*mine).values(etat="finie", decidee_le=moment))


def delegations(store: Store, effecteur_id: int, *, now: datetime | None = None) -> list[Any]:
    """Who keeps or asks to keep somebody's agenda: ``id``, ``compte_id``, ``etat``, ``demandee_le``."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    wanted = sa.select(DELEGATIONS).where(DELEGATIONS.c.effecteur_id == effecteur_id, _current(moment))
    with store.reading() as connection:
        return list(connection.execute(wanted.order_by(DELEGATIONS.c.id)).mappings())
