"""What holds services or products together: a region's information system, an editor; and the codes that they give."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.droits_saisie import ENSEMBLES
from lake.store.engine import Store
from lake.store.saisie.tables import SERVICES


def systeme_in(connection: Connection, region: str) -> int | None:
    """The same, within a transaction."""
    wanted = sa.select(SERVICES.c.id).where(
        SERVICES.c.region == region, SERVICES.c.kind.in_(ENSEMBLES), SERVICES.c.etat != "archive"
    )
    return connection.execute(wanted).scalar()


def systeme(store: Store, region: str) -> int | None:
    """The number of a region's information system, or of an editor; None before it is created."""
    with store.reading() as connection:
        return systeme_in(connection, region)


def editeur(store: Store, nom: str) -> dict[str, Any] | None:
    """An editor by its name; None before it is created."""
    wanted = sa.select(SERVICES).where(
        SERVICES.c.kind == "editeur", SERVICES.c.nom == " ".join(nom.split()), SERVICES.c.etat != "archive"
    )
    with store.reading() as connection:
        row = connection.execute(wanted).mappings().first()
    return None if row is None else dict(row)


def prochain_editeur(connection: Connection) -> str:
    """The next code of an editor: ``E01``, ``E02``… in base 36; archived ones included."""
    wanted = sa.select(SERVICES.c.region).where(SERVICES.c.kind == "editeur")
    ranks = [int(one[1:], 36) for one in connection.execute(wanted).scalars()]
    rank = max(ranks, default=0) + 1
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return f"E{digits[rank // 36]}{digits[rank % 36]}"


def prochain_code(connection: Connection, region: str) -> str:
    """The next code of a region: one above the highest ever given, archived ones included."""
    codes = connection.execute(
        sa.select(SERVICES.c.code).where(SERVICES.c.code.like(f"{region}-%"))
    ).scalars()
    numbers = [int(one.split("-", 1)[1]) for one in codes if one.split("-", 1)[1].isdecimal()]
    return f"{region}-{max(numbers, default=0) + 1:04d}"
