"""What people are told in the tool: once each for one event, whoever asks again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.store.engine import Store
from lake.store.saisie.tables import AVIS, HABILITATIONS, SERVICES


def prevenir(
    connection: Connection,
    services: Mapping[int, int],
    *,
    cle: str,
    dit: Callable[[int], str],
    lien: str,
    now: datetime,
) -> int:
    """Tell who holds a grant on services, or on their system, what happened to them; returns how many were told.

    Args:
        connection: within a transaction.
        services: number of a service -> how many of its answers are touched.
        cle: names the event: a person is told once of it.
        dit: the sentence, from how many of that person's answers are touched.
        lien: where it leads.
        now: the moment.
    """
    if not services:
        return 0
    systems = dict(
        connection.execute(
            sa.select(SERVICES.c.region, SERVICES.c.id).where(SERVICES.c.kind == "si_regional")
        ).all()
    )
    regions = dict(
        connection.execute(
            sa.select(SERVICES.c.id, SERVICES.c.region).where(SERVICES.c.id.in_(services))
        ).all()
    )
    grants = connection.execute(
        sa.select(HABILITATIONS.c.compte_id, HABILITATIONS.c.service_id).where(
            HABILITATIONS.c.retire_le.is_(None)
        )
    ).all()
    told: dict[int, set[int]] = {}
    for compte, about in grants:
        mine = {one for one in services if about in (one, systems.get(regions.get(one, "")))}
        if mine:
            told.setdefault(compte, set()).update(mine)
    known = set(connection.execute(sa.select(AVIS.c.compte_id).where(AVIS.c.cle == cle)).scalars())
    rows = [
        {
            "compte_id": compte, "cle": cle, "titre": dit(sum(services[one] for one in mine))[:300], "lien": lien,
            "cree_le": now, "lu_le": None,
        }
        for compte, mine in sorted(told.items())
        if compte not in known
    ]  # fmt: skip
    if rows:
        connection.execute(sa.insert(AVIS), rows)
    return len(rows)


def non_lus(store: Store, compte_id: int) -> list[dict[str, Any]]:
    """What somebody was told and has not read: ``id, titre, lien, cree_le``, newest first."""
    wanted = (
        sa.select(AVIS.c.id, AVIS.c.titre, AVIS.c.lien, AVIS.c.cree_le)
        .where(AVIS.c.compte_id == compte_id, AVIS.c.lu_le.is_(None))
        .order_by(AVIS.c.id.desc())
    )
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def lus(store: Store, compte_id: int, *, now: datetime | None = None) -> None:
    """All that somebody was told is read."""
    with store.writing() as connection:
        connection.execute(
            sa.update(AVIS)
            .where(AVIS.c.compte_id == compte_id, AVIS.c.lu_le.is_(None))
            .values(lu_le=now or datetime.now(UTC))
        )
