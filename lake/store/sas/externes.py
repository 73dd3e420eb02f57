"""Bookings made in an editor's tool and told to the platform: each once, never older than itself, never revived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.agendas.recus import Recu
from lake.errors import AccessDenied, LakeError
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.rendez_vous import PASSAGES
from lake.store.sas.tables import RENDEZ_VOUS, SOLLICITATIONS

NOUVEAU, CHANGE, IDENTIQUE, ANCIEN = "nouveau", "change", "identique", "ancien"


class PassageRefuse(LakeError):
    """The state that the booking is in does not lead to the one that is told."""


@dataclass(frozen=True)
class Suite:
    """What became of a message.

    Attributes:
        reference: of the booking here.
        effet: ``nouveau``, ``change``, ``identique`` (nothing to do) or ``ancien`` (older than what is known: ignored).
    """

    reference: str
    effet: str


def recevoir(store: Store, recu: Recu, source: str, *, now: datetime | None = None) -> Suite:
    """Keep a booking received: hours, whose agenda, its state; a message received twice changes nothing.

    Args:
        store: where.
        recu: what was read of the message.
        source: the editor, as it was recognised.
        now: the moment (UTC).

    Raises:
        LakeError: nobody here has this national identifier.
        PassageRefuse: the booking is cancelled, or its state does not lead to this one.
        AccessDenied: the booking is another editor's.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    # What comes from the future would shut out every later message.
    dated = min(recu.maj_le or recu.pris_le or moment, moment)
    with store.writing() as connection:
        person = agendas.locked(connection, recu.identifiant)
        known = connection.execute(
            sa.select(RENDEZ_VOUS).where(RENDEZ_VOUS.c.identifiant_externe == recu.cle).with_for_update()
        ).mappings().one_or_none()  # fmt: skip
        if known is None:
            return _new(connection, person, recu, source, dated, moment)
        if known["source"] != source or known["effecteur_id"] != person["id"]:
            raise AccessDenied("Ce rendez-vous appartient à un autre agenda.")
        if known["maj_source"] is not None and dated < known["maj_source"]:
            return Suite(str(known["reference"]), ANCIEN)
        return _changed(connection, known, recu, dated, moment)


def _new(
    connection: Connection, person: Any, recu: Recu, source: str, dated: datetime, moment: datetime
) -> Suite:
    reference = agendas.reference()
    connection.execute(
        sa.insert(RENDEZ_VOUS).values(
            reference=reference,
            effecteur_id=person["id"],
            debut=recu.debut,
            fin=recu.fin,
            modalite=recu.modalite,
            sas=person["sas"],
            statut=recu.statut,
            source=source,
            identifiant_externe=recu.cle,
            maj_source=dated,
            cree_le=min(recu.pris_le or moment, moment),
            maj_le=moment,
        )
    )
    if recu.statut != "cancelled":
        connection.execute(
            sa.insert(SOLLICITATIONS).values(
                effecteur_id=person["id"], sas=person["sas"], canal="rendez_vous", issue="accepte",
                reference=reference, moment=min(recu.pris_le or moment, moment),
            )
        )  # fmt: skip
    agendas.written(connection)
    return Suite(reference, NOUVEAU)


def _changed(connection: Connection, known: Any, recu: Recu, dated: datetime, moment: datetime) -> Suite:
    told = {"debut": recu.debut, "fin": recu.fin, "modalite": recu.modalite, "statut": recu.statut}
    if all(known[name] == value for name, value in told.items()):
        connection.execute(
            sa.update(RENDEZ_VOUS).where(RENDEZ_VOUS.c.id == known["id"]).values(maj_source=dated)
        )
        return Suite(str(known["reference"]), IDENTIQUE)
    before = known["statut"]
    allowed = before != "cancelled" and (recu.statut == before or recu.statut in PASSAGES[before])
    if not allowed:
        raise PassageRefuse(f"Ce rendez-vous est « {before} » : il ne devient pas « {recu.statut} ».")
    done = connection.execute(
        sa.update(RENDEZ_VOUS)
        .where(RENDEZ_VOUS.c.id == known["id"], RENDEZ_VOUS.c.statut == before)
        .values(**told, maj_source=dated, maj_le=moment)
    )
    if not done.rowcount:
        raise PassageRefuse("Ce rendez-vous vient de changer.", conseil="Renvoyez le message.")
    agendas.written(connection)
    return Suite(str(known["reference"]), CHANGE)
