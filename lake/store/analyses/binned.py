"""The bin: a deleted analysis can be brought back for thirty days, at the same number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from lake.store.accounts import outbox
from lake.store.accounts.identity import Compte
from lake.store.analyses.documents import note
from lake.store.analyses.reading import OWN, may
from lake.store.analyses.tables import ABONNEMENTS, ANALYSES, PARTS
from lake.store.engine import Store

BIN = timedelta(days=30)
"""How long a deleted analysis can be brought back."""


def remove(store: Store, actor: Compte, number: int, *, now: datetime | None = None) -> None:
    """Put an analysis in the bin, thirty days; those whom it was shared with by name are told, subscriptions wait.

    Raises:
        UnknownName: it is not this person's to read.
        AccessDenied: it is not this person's.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        found = may(connection, actor, number, OWN)
        if found.supprime_le is not None:
            return
        connection.execute(sa.update(ANALYSES).where(ANALYSES.c.id == number).values(supprime_le=moment))
        note(connection, "corbeille", number, actor, {"titre": found.title}, moment)
        told = sa.select(PARTS.c.compte_id).where(
            PARTS.c.analyse_id == number, PARTS.c.compte_id.is_not(None)
        )
        follow = sa.select(ABONNEMENTS.c.compte_id).where(ABONNEMENTS.c.analyse_id == number)
        readers = set(connection.execute(told.union(follow)).scalars()) - {actor.id}
        for reader in sorted(readers):
            outbox.keep(
                store,
                reader,
                f"« {found.title} » a été supprimée",
                f"{actor.name} a supprimé l'analyse « {found.title} » qu'il partageait avec vous.\n"
                "Elle peut être rétablie pendant trente jours.\n",
                envoi_le=moment,
                expire_le=moment + BIN,
                genre="avis",
                objet=f"analyse:{number}",
            )


def restore(store: Store, actor: Compte, number: int, *, now: datetime | None = None) -> None:
    """Take an analysis out of the bin, at the same number: shares, bar and subscriptions are as they were.

    Raises:
        UnknownName: it is not this person's to read.
        AccessDenied: it is not this person's.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        may(connection, actor, number, OWN)
        connection.execute(sa.update(ANALYSES).where(ANALYSES.c.id == number).values(supprime_le=None))
        note(connection, "retablissement", number, actor, {}, moment)


def empty_bin(store: Store, *, days: int = BIN.days, now: datetime | None = None) -> int:
    """Erase for good what has been in the bin for some days; returns how many."""
    limit = (now or datetime.now(UTC)) - timedelta(days=days)
    with store.writing() as connection:
        return int(connection.execute(sa.delete(ANALYSES).where(ANALYSES.c.supprime_le < limit)).rowcount)
