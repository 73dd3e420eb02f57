"""What the publisher did: up to which event, of which rows."""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa

from lake.store.engine import Store
from lake.store.saisie.tables import EVENEMENTS, PUBLICATIONS


def noter(
    store: Store, jusqua: int, campagne: date, empreinte: str, mises_de_cote: int, now: datetime | None = None
) -> None:
    """Note a publication."""
    with store.writing() as connection:
        connection.execute(
            sa.insert(PUBLICATIONS).values(
                jusqua=jusqua,
                campagne=campagne.isoformat(),
                empreinte=empreinte,
                mises_de_cote=mises_de_cote,
                faite_le=now or datetime.now(UTC),
            )
        )


def derniere(store: Store) -> tuple[date, str] | None:
    """The date and the rows' hash of the last publication; None before the first."""
    wanted = sa.select(PUBLICATIONS.c.campagne, PUBLICATIONS.c.empreinte).order_by(PUBLICATIONS.c.id.desc())
    with store.reading() as connection:
        row = connection.execute(wanted.limit(1)).first()
    return None if row is None else (date.fromisoformat(row.campagne), row.empreinte)


def en_attente(store: Store) -> tuple[datetime, datetime] | None:
    """When the first and the last of what waits to be published were made; None when nothing waits."""
    done = sa.select(sa.func.coalesce(sa.func.max(PUBLICATIONS.c.jusqua), 0)).scalar_subquery()
    wanted = (
        sa.select(EVENEMENTS.c.moment)
        .where(EVENEMENTS.c.genre.in_(("validation", "referentiel", "amelioration")), EVENEMENTS.c.id > done)
        .order_by(EVENEMENTS.c.id)
    )
    with store.reading() as connection:
        found = list(connection.execute(wanted).scalars())
    return (found[0], found[-1]) if found else None
