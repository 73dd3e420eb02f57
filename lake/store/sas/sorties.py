"""Who is no longer in the directory, or has closed in FINESS: not offered from that day on, bookings kept and listed.

Nothing of an agenda is erased: the register that knows its holder again gives it back as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from lake.horaires.heures import PARIS, local_day
from lake.store import journal
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.tables import DELEGATIONS, EFFECTEURS, LIEUX, RENDEZ_VOUS


@dataclass(frozen=True)
class Garde:
    """A booking that stays though its hour is no longer offered.

    Attributes:
        reference: ``SAS-XXXX-XXXX``.
        debut: its beginning (UTC).
        fuseau: clock of the place.
    """

    reference: str
    debut: datetime
    fuseau: str


@dataclass(frozen=True)
class Sortie:
    """Somebody who left.

    Attributes:
        identifiant: the national one.
        nom: of the person or structure.
        genre: ``ps`` or ``structure``.
        sas: its SAS.
        le: the first day without it.
        comptes: the accounts that keep its agenda.
        gardes: its bookings from that day on that are still to come.
    """

    identifiant: str
    nom: str
    genre: str
    sas: str
    le: date
    comptes: tuple[int, ...]
    gardes: tuple[Garde, ...]


def suivis(store: Store) -> dict[str, date | None]:
    """Those who offer care: national identifier -> the day it left, None for who has not."""
    wanted = sa.select(EFFECTEURS.c.identifiant, EFFECTEURS.c.sorti_le).where(EFFECTEURS.c.etat == "actif")
    with store.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(wanted)}


def appliquer(
    store: Store,
    partis: Mapping[str, date],
    presents: Collection[str],
    *,
    auteur: str = "",
    now: datetime | None = None,
) -> int:
    """Take out those who left, give back those who are there again; returns how many changed.

    Args:
        store: where.
        partis: identifier -> the first day without it.
        presents: identifiers that the registers know.
        auteur: who runs it.
        now: the moment (UTC).
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    wanted: dict[str, date | None] = {**dict.fromkeys(presents), **partis}
    changed = {
        who: wanted[who] for who, left in suivis(store).items() if who in wanted and wanted[who] != left
    }
    for who, left in sorted(changed.items()):
        with store.writing() as connection:
            person = agendas.locked(connection, who)  # a booking under way is seen by it, or sees it
            connection.execute(
                sa.update(EFFECTEURS).where(EFFECTEURS.c.id == person["id"]).values(sorti_le=left)
            )
            journal.write(
                connection, "sas.sortie" if left else "sas.rentree", who, auteur=auteur or None,
                details={"le": left.isoformat()} if left else {}, now=moment,
            )  # fmt: skip
            agendas.written(connection)
    return len(changed)


def lister(store: Store, *, now: datetime | None = None) -> list[Sortie]:
    """Those who have left and are still in the SAS, with their bookings to come; the latest first."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    people = sa.select(EFFECTEURS).where(EFFECTEURS.c.etat == "actif", EFFECTEURS.c.sorti_le.is_not(None))
    with store.reading() as connection:
        rows = (
            connection.execute(people.order_by(EFFECTEURS.c.sorti_le.desc(), EFFECTEURS.c.nom))
            .mappings()
            .all()
        )
        numbers = [row["id"] for row in rows]
        held = connection.execute(
            sa.select(
                RENDEZ_VOUS.c.effecteur_id, RENDEZ_VOUS.c.reference, RENDEZ_VOUS.c.debut, LIEUX.c.fuseau
            )
            .outerjoin(LIEUX, LIEUX.c.id == RENDEZ_VOUS.c.lieu_id)
            .where(
                RENDEZ_VOUS.c.effecteur_id.in_(numbers),
                RENDEZ_VOUS.c.statut == "booked",
                RENDEZ_VOUS.c.fin > moment,
            )
            .order_by(RENDEZ_VOUS.c.debut, RENDEZ_VOUS.c.id)
        ).all()
        helped = connection.execute(
            sa.select(DELEGATIONS.c.effecteur_id, DELEGATIONS.c.compte_id).where(
                DELEGATIONS.c.effecteur_id.in_(numbers), DELEGATIONS.c.etat == "active"
            )
        ).all()
    return [_left(row, held, [who for whose, who in helped if whose == row["id"]]) for row in rows]


def _left(row: Any, held: Sequence[Any], helpers: Sequence[int]) -> Sortie:
    keepers = [*([row["compte_id"]] if row["compte_id"] else []), *helpers]
    kept = [
        Garde(reference, begin, zone or PARIS)
        for whose, reference, begin, zone in held
        if whose == row["id"] and local_day(begin, zone or PARIS) >= row["sorti_le"]
    ]
    return Sortie(
        row["identifiant"], row["nom"], row["genre"], row["sas"], row["sorti_le"], tuple(dict.fromkeys(keepers)),
        tuple(kept),
    )  # fmt: skip
