"""Régulateurs who no longer sign in: told before, then without their role; the last one of a SAS keeps his."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from lake.store import journal
from lake.store.engine import Store
from lake.store.sas import avis
from lake.store.sas.roles import REGULATEUR
from lake.store.sas.tables import AFFECTATIONS
from lake.store.schema import COMPTES

DELAI = 180
"""Days without sign-in after which the role is taken back."""
PREAVIS = (30, 7)
"""Days before that, at which the person is told."""


@dataclass(frozen=True)
class Inactif:
    """A régulateur who has not signed in for long.

    Attributes:
        compte_id: the account.
        sas: where it has the role.
        vu_le: last sign-in (UTC); None for never.
        fin: when the role is taken back (UTC).
        dernier: the only régulateur of this SAS: the role stays.
    """

    compte_id: int
    sas: str
    vu_le: datetime | None
    fin: datetime
    dernier: bool


def lister(store: Store, *, now: datetime | None = None) -> list[Inactif]:
    """Those who are at thirty days or less of losing the role, the nearest first."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    wanted = (
        sa.select(AFFECTATIONS.c.compte_id, AFFECTATIONS.c.sas, AFFECTATIONS.c.depuis, COMPTES.c.connecte_le)
        .join(COMPTES, COMPTES.c.id == AFFECTATIONS.c.compte_id)
        .where(AFFECTATIONS.c.role == REGULATEUR, AFFECTATIONS.c.jusque.is_(None))
    )
    with store.reading() as connection:
        rows = connection.execute(wanted).all()
    here: dict[str, int] = {}
    for _, sas, _, _ in rows:
        here[sas] = here.get(sas, 0) + 1
    found = []
    for account, sas, since, seen in rows:
        # A role just given to an old account is not one that nobody uses.
        end = max(since, seen or since) + timedelta(days=DELAI)
        if end - moment <= timedelta(days=max(PREAVIS)):
            found.append(Inactif(account, sas, seen, end, here[sas] == 1))
    return sorted(found, key=lambda one: (one.fin, one.compte_id))


def avertir(store: Store, *, now: datetime | None = None) -> list[tuple[Inactif, int]]:
    """Those to tell now, with the days left; each notice once, the nearer replacing one that was missed."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    found = []
    for one in lister(store, now=moment):
        left = (one.fin - moment).days
        due = [days for days in PREAVIS if 0 <= left <= days]
        if one.dernier or not due:
            continue
        told = ("inactif", str(one.compte_id), one.sas, one.fin.date().isoformat(), str(min(due)))
        if avis.dire(store, avis.condense(*told), now=moment):
            found.append((one, left))
    return found


def retirer(store: Store, *, now: datetime | None = None) -> list[Inactif]:
    """Take back the roles whose time is over; returns whose. Agendas, bookings and other roles stay."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    gone = []
    for one in lister(store, now=moment):
        if one.dernier or one.fin > moment:
            continue
        mine = sa.and_(
            AFFECTATIONS.c.compte_id == one.compte_id,
            AFFECTATIONS.c.sas == one.sas,
            AFFECTATIONS.c.role == REGULATEUR,
            AFFECTATIONS.c.jusque.is_(None),
        )
        with store.writing() as connection:
            if connection.execute(sa.update(AFFECTATIONS).where(mine).values(jusque=moment)).rowcount:
                journal.write(
                    connection, "sas.inactivite", str(one.compte_id), auteur=None,
                    details={"detail": f"{one.sas} {REGULATEUR}"}, now=moment,
                )  # fmt: skip
                gone.append(one)
    return gone
