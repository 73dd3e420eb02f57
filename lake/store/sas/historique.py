"""What happened before this store kept it: bookings and searches brought in at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.tables import (
    ABSENCES,
    AFFICHAGES,
    EFFECTEURS,
    ESSAIS,
    RECHERCHES,
    RENDEZ_VOUS,
    SOLLICITATIONS,
)

Rows = Sequence[Mapping[str, Any]]


def vide(store: Store) -> bool:
    """Whether nobody offers anything yet."""
    with store.reading() as connection:
        return connection.execute(sa.select(EFFECTEURS.c.id).limit(1)).first() is None


def reprendre(
    store: Store,
    *,
    rendez_vous: Rows = (),
    recherches: Rows = (),
    affichages: Rows = (),
    sollicitations: Rows = (),
    essais: Rows = (),
    absences: Rows = (),
) -> None:
    """Write bookings, searches and absences of the past, under the same checks of the database as those of today.

    Args:
        store: where.
        rendez_vous: columns of ``sas_rendez_vous``; seats are numbered by who calls.
        recherches: columns of ``sas_recherches``.
        affichages: columns of ``sas_affichages``, with ``demande``, that of their search, instead of its number: the
            database numbers searches.
        sollicitations: columns of ``sas_sollicitations``.
        essais: columns of ``sas_essais_editeurs``.
        absences: columns of ``sas_absences``, each with the moment it was told.
    """
    with store.writing() as connection:
        for table, rows in (
            (RENDEZ_VOUS, rendez_vous), (RECHERCHES, recherches), (SOLLICITATIONS, sollicitations), (ESSAIS, essais),
            (ABSENCES, absences),
        ):  # fmt: skip
            if rows:
                connection.execute(sa.insert(table), [dict(row) for row in rows])
        if affichages:
            known: Any = connection.execute(sa.select(RECHERCHES.c.demande, RECHERCHES.c.id))
            numbers = dict(known.all())
            shown = [dict(row) | {"recherche_id": numbers[row["demande"]]} for row in affichages]
            for row in shown:
                row.pop("demande")
            connection.execute(sa.insert(AFFICHAGES), shown)
        agendas.written(connection)
