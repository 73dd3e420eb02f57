"""Who is on which criterion: told for less than a minute, and never a lock: two answers meet by their revision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from lake.droits_saisie import Objet
from lake.store.engine import Store
from lake.store.saisie.acteurs import refuse
from lake.store.saisie.feuilles import feuille_in
from lake.store.saisie.services import lu
from lake.store.saisie.tables import FEUILLES, PRESENCES
from lake.store.schema import COMPTES, SESSIONS

FRAICHE = timedelta(seconds=45)
"""How long somebody is told to be there after its last gesture."""


@dataclass(frozen=True)
class Vu:
    """Who is seen: the number of its session, and of its account."""

    seance: int
    compte: int


@dataclass(frozen=True)
class Presence:
    """Somebody on a criterion.

    Attributes:
        vu: who.
        nom: its name, « Claire Martin ».
        service: number of the service.
        questionnaire, critere: where.
        vue_le: when it last did something there.
    """

    vu: Vu
    nom: str
    service: int
    questionnaire: str
    critere: str
    vue_le: datetime


def avec(critere: str, vu: Vu, now: datetime | None = None) -> Callable[[Connection, int], None]:
    """What marks somebody on a criterion in the transaction that saves its answer: no transaction of its own."""
    return lambda connection, feuille_id: _marquer(
        connection, feuille_id, critere, vu, now or datetime.now(UTC)
    )


def marquer(
    store: Store,
    service_id: int,
    questionnaire: str,
    critere: str,
    vu: Vu,
    *,
    par: str | None,
    now: datetime | None = None,
) -> None:
    """Mark somebody on a criterion of a sheet that it opens to answer; those who left are forgotten.

    Raises:
        AccessDenied: no right to answer there.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        service = lu(connection, service_id)
        refuse(connection, par, "saisir", Objet(service["region"], service_id, questionnaire))
        # First, while nothing else is held: two that forget the same rows wait for each other, in one order.
        connection.execute(sa.delete(PRESENCES).where(PRESENCES.c.vue_le < moment - FRAICHE))
        sheet = feuille_in(connection, service_id, questionnaire, now=moment)
        _marquer(connection, sheet["id"], critere, vu, moment)


def presentes(store: Store, now: datetime | None = None) -> list[Presence]:
    """Everybody who is on a criterion now, by name; a session that was closed is nobody's any more."""
    moment = now or datetime.now(UTC)
    wanted = (
        sa.select(
            PRESENCES.c.session_id,
            PRESENCES.c.compte_id,
            COMPTES.c.prenom,
            COMPTES.c.nom,
            FEUILLES.c.service_id,
            FEUILLES.c.questionnaire,
            PRESENCES.c.critere,
            PRESENCES.c.vue_le,
        )
        .join(COMPTES, COMPTES.c.id == PRESENCES.c.compte_id)
        .join(SESSIONS, SESSIONS.c.id == PRESENCES.c.session_id)
        .join(FEUILLES, FEUILLES.c.id == PRESENCES.c.feuille_id)
        .where(PRESENCES.c.vue_le > moment - FRAICHE, SESSIONS.c.fermee_le.is_(None))
        .order_by(COMPTES.c.nom, COMPTES.c.prenom, PRESENCES.c.vue_le)
    )
    with store.reading() as connection:
        return [
            Presence(
                Vu(row.session_id, row.compte_id),
                f"{row.prenom} {row.nom}",
                row.service_id,
                row.questionnaire,
                row.critere,
                row.vue_le,
            )
            for row in connection.execute(wanted)
        ]


# -- inside ------------------------------------------------------------------------------------------


def _marquer(connection: Connection, feuille_id: int, critere: str, vu: Vu, moment: datetime) -> None:
    here = [PRESENCES.c.feuille_id == feuille_id, PRESENCES.c.session_id == vu.seance]
    done = connection.execute(sa.update(PRESENCES).where(*here).values(critere=critere, vue_le=moment))
    if done.rowcount:
        return
    row = {"feuille_id": feuille_id, "session_id": vu.seance, "compte_id": vu.compte}
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(PRESENCES).values(**row, critere=critere, vue_le=moment))
    except IntegrityError:
        pass  # the same session came twice at once, or is gone: who is there is only told
