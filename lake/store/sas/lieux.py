"""Places where people receive: closed for a time, of a commune that merged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import sqlalchemy as sa

from lake.errors import LakeError
from lake.store import journal
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.tables import EFFECTEURS, LIEUX


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


def traduire(store: Store, successeurs: Mapping[str, str], *, now: datetime | None = None) -> int:
    """Give places the commune that took theirs in; returns how many changed. Where they stand does not move.

    Somebody who has a place in each of two communes that merged keeps both: ranges and bookings are of one or the
    other. The journal says which; asked twice, it changes nothing.

    Args:
        store: where.
        successeurs: former commune -> today's.
        now: the moment.
    """
    moment, changed = (now or datetime.now(UTC)).astimezone(UTC), 0
    places = sa.select(LIEUX.c.id, LIEUX.c.effecteur_id, LIEUX.c.code_commune).order_by(LIEUX.c.id)
    with store.reading() as connection:
        people = connection.execute(sa.select(EFFECTEURS.c.id, EFFECTEURS.c.identifiant))
        names = {row.id: row.identifiant for row in people}
        former = [row for row in connection.execute(places) if row.code_commune in successeurs]
    for number, owner, code in former:
        with store.writing() as connection:
            person = agendas.locked(connection, names[owner])
            theirs = {
                row.id: row.code_commune
                for row in connection.execute(places.where(LIEUX.c.effecteur_id == owner))
            }
            if theirs.get(number) != code or successeurs[code] in theirs.values():
                continue
            connection.execute(
                sa.update(LIEUX).where(LIEUX.c.id == number).values(code_commune=successeurs[code])
            )
            journal.write(
                connection, "sas.reglages", names[owner], details={"detail": f"{code} devient {successeurs[code]}"},
                now=moment,
            )  # fmt: skip
            agendas.written(connection, person["id"], moment)
            changed += 1
    return changed
