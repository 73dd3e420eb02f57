"""Bookings and changes, read back for those who made them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.sas.tables import ABSENCES, EFFECTEURS, HORAIRES, LIEUX, RENDEZ_VOUS


def _bookings() -> sa.Select[Any]:
    return (
        sa.select(RENDEZ_VOUS, EFFECTEURS.c.nom, EFFECTEURS.c.identifiant, LIEUX.c.fuseau)
        .join(EFFECTEURS, EFFECTEURS.c.id == RENDEZ_VOUS.c.effecteur_id)
        .join(LIEUX, LIEUX.c.id == RENDEZ_VOUS.c.lieu_id)
        .order_by(RENDEZ_VOUS.c.debut.desc())
    )


def of_regulateur(store: Store, compte_id: int | None, since: datetime, *, most: int = 100) -> list[Any]:
    """The bookings that an account made (those of nobody for None), the farthest first."""
    mine = (
        RENDEZ_VOUS.c.regulateur_id.is_(None)
        if compte_id is None
        else RENDEZ_VOUS.c.regulateur_id == compte_id
    )
    with store.reading() as connection:
        return list(
            connection.execute(_bookings().where(mine, RENDEZ_VOUS.c.cree_le >= since).limit(most)).mappings()
        )


def of_effecteur(store: Store, identifiant: str, since: datetime, until: datetime) -> list[Any]:
    """The bookings of a person in a period, the farthest first."""
    wanted = _bookings().where(
        EFFECTEURS.c.identifiant == identifiant, RENDEZ_VOUS.c.fin > since, RENDEZ_VOUS.c.debut < until
    )
    with store.reading() as connection:
        return list(connection.execute(wanted).mappings())


def noms(store: Store, identifiants: Collection[str]) -> dict[str, str]:
    """The names of those who offer care, by national identifier; nothing of who is not known."""
    wanted = sa.select(EFFECTEURS.c.identifiant, EFFECTEURS.c.nom).where(
        EFFECTEURS.c.identifiant.in_(list(identifiants))
    )
    with store.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(wanted)}


def absences_of(store: Store, identifiant: str, since: datetime) -> list[Any]:
    """The absences of a person that are not over: ``id``, ``debut``, ``fin``."""
    wanted = (
        sa.select(ABSENCES)
        .join(EFFECTEURS, EFFECTEURS.c.id == ABSENCES.c.effecteur_id)
        .where(
            EFFECTEURS.c.identifiant == identifiant, ABSENCES.c.annulee_le.is_(None), ABSENCES.c.fin > since
        )
        .order_by(ABSENCES.c.debut)
    )
    with store.reading() as connection:
        return list(connection.execute(wanted).mappings())


def effecteur(store: Store, identifiant: str) -> Any:
    """The row of a person; None when unknown."""
    with store.reading() as connection:
        return connection.execute(
            sa.select(EFFECTEURS).where(EFFECTEURS.c.identifiant == identifiant)
        ).mappings().one_or_none()  # fmt: skip


def retires_of(store: Store, compte: Compte) -> list[str]:
    """The agendas with which an account left the SAS."""
    with store.reading() as connection:
        return list(
            connection.execute(
                sa.select(EFFECTEURS.c.identifiant)
                .where(EFFECTEURS.c.compte_id == compte.id, EFFECTEURS.c.etat == "retire")
                .order_by(EFFECTEURS.c.id)
            ).scalars()
        )


def lieux(store: Store, identifiant: str) -> list[Any]:
    """The places of a person, with their settings."""
    wanted = (
        sa.select(LIEUX)
        .join(EFFECTEURS, EFFECTEURS.c.id == LIEUX.c.effecteur_id)
        .where(EFFECTEURS.c.identifiant == identifiant)
        .order_by(LIEUX.c.id)
    )
    with store.reading() as connection:
        return list(connection.execute(wanted).mappings())


def horaires(store: Store) -> list[Any]:
    """Opening hours of every structure: ``lieu_id``, ``jour``, ``debut_min``, ``fin_min``, ``identifiant``."""
    wanted = (
        sa.select(HORAIRES, EFFECTEURS.c.identifiant, LIEUX.c.code_commune, LIEUX.c.fuseau)
        .join(LIEUX, LIEUX.c.id == HORAIRES.c.lieu_id)
        .join(EFFECTEURS, EFFECTEURS.c.id == LIEUX.c.effecteur_id)
    )
    with store.reading() as connection:
        return list(connection.execute(wanted).mappings())


def changements(store: Store) -> dict[str, datetime]:
    """When each agenda last changed, by national identifier."""
    with store.reading() as connection:
        rows = connection.execute(sa.select(EFFECTEURS.c.identifiant, EFFECTEURS.c.maj_le))
        return {row[0]: row[1] for row in rows}


def derniers_changements(store: Store) -> dict[int, datetime]:
    """When the agenda of each account last changed, by number of the account."""
    with store.reading() as connection:
        rows = connection.execute(
            sa.select(EFFECTEURS.c.compte_id, sa.func.max(EFFECTEURS.c.maj_le))
            .where(EFFECTEURS.c.compte_id.is_not(None))
            .group_by(EFFECTEURS.c.compte_id)
        )
        return {int(row[0]): row[1] for row in rows}
