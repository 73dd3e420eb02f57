"""Until when a proof is valid: said, changed, told to those who answer while it can still be renewed.

A day is a French calendar day: a proof valid until 31 December is valid all that day in Paris, and over the day after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.droits_saisie import Objet
from lake.errors import EditConflict, LakeError, Refused
from lake.store.engine import Store
from lake.store.saisie import avis
from lake.store.saisie.acteurs import refuse
from lake.store.saisie.frames import PARIS
from lake.store.saisie.services import lu
from lake.store.saisie.tables import PIECES, SERVICES

BIENTOT = timedelta(days=30)
"""How long before its end a proof is to be renewed."""
PREMIER, DERNIER = date(2000, 1, 1), date(2099, 12, 31)
"""Between what days a validity is believed."""
GARDEES = ("saine", "non_analysee")


class Validite(StrEnum):
    """Where a proof stands on a day."""

    SANS_FIN = "sans_fin"
    VALABLE = "valable"
    BIENTOT = "bientot"
    PERIMEE = "perimee"


def fin(piece: Mapping[str, Any]) -> date | None:
    """The last day of a proof; None for one without end."""
    return date.fromisoformat(piece["valable_au"]) if piece["valable_au"] else None


def validite(au: date | None, jour: date) -> Validite:
    """Where a proof that ends on a day stands on another; within thirty days, the thirtieth included, it is soon."""
    if au is None:
        return Validite.SANS_FIN
    if au < jour:
        return Validite.PERIMEE
    return Validite.BIENTOT if au <= jour + BIENTOT else Validite.VALABLE


def lue(au: date | None) -> str:
    """A validity as it is kept.

    Raises:
        Refused: a day that nobody means.
    """
    if au is None:
        return ""
    if not PREMIER <= au <= DERNIER:
        raise Refused(
            "valable_au",
            f"« {au:%d/%m/%Y} » n'est pas un jour de validité.",
            conseil=f"Donnez un jour entre {PREMIER:%Y} et {DERNIER:%Y}, ou laissez vide.",
        )
    return au.isoformat()


def dater(
    store: Store,
    numero: int,
    au: date | None,
    *,
    rev: int,
    par: str | None,
    now: datetime | None = None,
) -> int:
    """Say until when a proof is valid, or that it has no end; returns its new revision.

    Args:
        store: where.
        numero: the proof's number.
        au: its last day; None for no end.
        rev: the revision that was read.
        par: who; None for the operator.
        now: the moment.

    Raises:
        AccessDenied: no right to.
        EditConflict: somebody changed it since.
        Refused: a day that nobody means.
        LakeError: there is no such proof any more.
    """
    kept, moment = lue(au), now or datetime.now(UTC)
    with store.writing() as connection:
        row = connection.execute(sa.select(PIECES).where(PIECES.c.id == numero)).mappings().first()
        if row is None or row["etat"] not in GARDEES:
            raise LakeError("Cette pièce n'existe pas, ou n'existe plus.")
        service = lu(connection, row["service_id"])
        refuse(connection, par, "saisir", Objet(service["region"], service["id"]))
        if row["valable_au"] == kept:
            return int(row["rev"])
        if row["rev"] != rev:
            raise EditConflict({"valable_au": fin(dict(row))}, row["rev"])
        connection.execute(
            sa.update(PIECES).where(PIECES.c.id == numero).values(valable_au=kept, rev=PIECES.c.rev + 1)
        )
        if validite(au, moment.astimezone(PARIS).date()) not in (Validite.BIENTOT, Validite.PERIMEE):
            avis.oublier(
                connection, cle(numero)
            )  # it is not to be renewed any more: its next end is told again
        else:
            now_said = {**row, "valable_au": kept}
            avis.redire(
                connection, cle(numero), dite(now_said, service, moment)
            )  # who was told reads the day as it is
            prevenir(connection, now_said, service, moment)
        return rev + 1


def cle(numero: int) -> str:
    """What names the notice of a proof that ends: one a person and a file."""
    return f"piece:{numero}"


def prevenir(
    connection: Connection, piece: Mapping[str, Any], service: Mapping[str, Any], moment: datetime
) -> int:
    """Tell those who may renew a proof that it ends, or is over; once each, and only while it is so."""
    au = fin(piece)
    where = validite(au, moment.astimezone(PARIS).date())
    if au is None or where not in (Validite.BIENTOT, Validite.PERIMEE):
        return 0
    return avis.prevenir(
        connection,
        {service["id"]: 1},
        cle=cle(piece["id"]),
        dit=lambda _: dite(piece, service, moment),
        lien=f"./saisie-commencer?s={service['code']}#pieces",
        now=moment,
        action="saisir",
    )


def dite(piece: Mapping[str, Any], service: Mapping[str, Any], moment: datetime) -> str:
    """The sentence of the notice of a proof that ends, or is over."""
    au = fin(piece)
    assert au is not None
    said = (
        f"périmée depuis le {au + timedelta(days=1):%d/%m/%Y}"
        if au < moment.astimezone(PARIS).date()
        else f"valable jusqu’au {au:%d/%m/%Y}"
    )
    return f"Une pièce est à renouveler, {service['nom']} : « {piece['nom']} », {said}."


def annoncer(store: Store, now: datetime | None = None) -> int:
    """Tell of every proof that ends within thirty days or is over; who was told already is not; returns how many."""
    moment = now or datetime.now(UTC)
    limit = (moment.astimezone(PARIS).date() + BIENTOT).isoformat()
    wanted = (
        sa.select(PIECES)
        .join(SERVICES, SERVICES.c.id == PIECES.c.service_id)
        .where(
            PIECES.c.etat.in_(GARDEES),
            PIECES.c.valable_au != "",
            PIECES.c.valable_au <= limit,
            SERVICES.c.etat != "archive",
        )
        .order_by(PIECES.c.id)
    )
    with store.writing() as connection:
        rows = [dict(row) for row in connection.execute(wanted).mappings()]
        counts = [prevenir(connection, row, lu(connection, row["service_id"]), moment) for row in rows]
        return sum(counts)


def a_renouveler(store: Store, services: Iterable[int], jour: date) -> list[dict[str, Any]]:
    """The proofs of some services that end within thirty days or are over, the first to end first.

    ``id, service_id, nom, valable_au``.
    """
    wanted = (
        sa.select(PIECES.c.id, PIECES.c.service_id, PIECES.c.nom, PIECES.c.valable_au)
        .where(
            PIECES.c.etat.in_(GARDEES),
            PIECES.c.valable_au != "",
            PIECES.c.valable_au <= (jour + BIENTOT).isoformat(),
        )
        .order_by(PIECES.c.valable_au, PIECES.c.id)
    )
    mine = set(services)
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings() if row["service_id"] in mine]
