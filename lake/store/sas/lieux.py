"""A place where somebody does not receive for the moment: its slots leave the search, those of the others stay."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from lake.errors import LakeError
from lake.store import journal
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.tables import LIEUX


def fermer(
    store: Store,
    identifiant: str,
    lieu: int,
    ferme: bool,
    *,
    auteur: str = "",
    now: datetime | None = None,
) -> bool:
    """Say that somebody does not receive in a place, or does again; bookings made there stay.

    Args:
        store: where.
        identifiant: whose agenda.
        lieu: number of the place.
        ferme: whether it is out of the search.
        auteur: who says so.
        now: the moment (UTC).

    Returns:
        Whether that changed something.

    Raises:
        LakeError: there is no such agenda, or the place is another's.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        person = agendas.locked(connection, identifiant)
        mine = sa.and_(LIEUX.c.id == lieu, LIEUX.c.effecteur_id == person["id"])
        row = connection.execute(
            sa.select(LIEUX.c.code_commune, LIEUX.c.indisponible_le).where(mine)
        ).one_or_none()
        if row is None:
            raise LakeError("Ce lieu n'est pas de cet agenda.")
        if (row[1] is not None) == ferme:
            return False
        connection.execute(sa.update(LIEUX).where(mine).values(indisponible_le=moment if ferme else None))
        journal.write(
            connection, "sas.indisponible" if ferme else "sas.disponible", identifiant, auteur=auteur or None,
            details={"detail": row[0]}, now=moment,
        )  # fmt: skip
        agendas.written(connection, person["id"], moment)
    return True
