"""Seats: hold, book, confirm, move, cancel, honour. Everything is checked again under the person's lock.

The lock makes a person's agenda single-file; a partial unique index on the seat's number refuses what would pass it.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.errors import ContractError, LakeError, UnknownName
from lake.horaires import plages
from lake.store import journal
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.fichiers import identifiant
from lake.store.sas.sieges import CreneauRefuse, Demande, suivants
from lake.store.sas.sieges import seat as seat_of
from lake.store.sas.tables import EFFECTEURS, RENDEZ_VOUS, SOLLICITATIONS

TENUE = timedelta(seconds=180)
"""How long an opened slot is held."""
STATUTS = {
    "pending": "Tenu",
    "booked": "Réservé",
    "fulfilled": "Honoré",
    "noshow": "Non honoré",
    "cancelled": "Annulé",
}
PASSAGES = {
    "pending": frozenset({"booked", "cancelled"}),
    "booked": frozenset({"fulfilled", "noshow", "cancelled"}),
    "fulfilled": frozenset({"noshow"}),
    "noshow": frozenset({"fulfilled"}),
    "cancelled": frozenset[str](),
}
"""From a state to those that may follow; nothing leaves ``cancelled``."""


def reserver(store: Store, demande: Demande, *, tenir: bool = False, now: datetime | None = None) -> str:
    """Take a seat; returns its reference.

    Args:
        store: where.
        demande: what is asked.
        tenir: hold it for :data:`TENUE` only, until :func:`confirmer`.
        now: the moment (UTC); the clock's by default.

    Raises:
        CreneauRefuse: it cannot be given; says why, and the next ones.
        LakeError: there is no such person.
        UnknownName: there is no such modality.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    if demande.modalite not in plages.BITS:
        raise UnknownName("modalité", demande.modalite, list(plages.BITS))
    if demande.debut.tzinfo is None:
        raise LakeError("L'heure demandée ne dit pas son fuseau.", conseil="Écrivez-la avec +01:00 ou Z.")
    key = hashlib.sha256(demande.cle.encode()).hexdigest()
    with suivants(store, demande, moment), store.writing() as connection:
        person = agendas.locked(connection, demande.identifiant)
        known = _of_key(connection, key)
        if known is not None:
            return str(known["reference"])
        _forget(connection, person["id"], moment)
        seat = seat_of(connection, person, demande, moment)
        made = _insert(connection, person, demande, seat, key, moment, tenir=tenir)
        agendas.written(connection)
    return made


def confirmer(store: Store, reference: str, *, auteur: str = "", now: datetime | None = None) -> str:
    """Book what was held; a hold that is over takes a seat again, or is refused.

    Raises:
        CreneauRefuse: the hold was over and the seat is gone.
        LakeError: there is no such hold.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.reading() as connection:
        asked = _asked_again(connection, reference)
    with suivants(store, asked, moment), store.writing() as connection:
        row = _locked(connection, reference)
        if row["statut"] == "booked":
            return reference  # a second press of the same button
        if row["statut"] != "pending":
            raise _refused_passage(row["statut"], "booked")
        if row["expire_le"] <= moment:
            # Its own seat is free of itself while it is looked for again.
            person = agendas.locked(connection, asked.identifiant)
            try:
                seat = seat_of(connection, person, asked, moment)
            except CreneauRefuse as refusal:
                raise CreneauRefuse("expire" if refusal.raison == "pris" else refusal.raison) from refusal
            connection.execute(
                sa.update(RENDEZ_VOUS).where(RENDEZ_VOUS.c.id == row["id"]).values(siege=seat["siege"])
            )
        _pass(connection, row, "booked", moment, auteur)
        _solicit(connection, row["effecteur_id"], row["sas"], reference, moment)
        agendas.written(connection)
    return reference


def _asked_again(connection: Connection, reference: str) -> Demande:
    """The demand that a hold answers.

    Raises:
        LakeError: there is no such booking.
    """
    row = connection.execute(
        sa.select(RENDEZ_VOUS, EFFECTEURS.c.identifiant)
        .join(EFFECTEURS, EFFECTEURS.c.id == RENDEZ_VOUS.c.effecteur_id)
        .where(RENDEZ_VOUS.c.reference == reference)
    ).mappings().one_or_none()  # fmt: skip
    if row is None:
        raise _unknown(reference)
    lasts = int((row["fin"] - row["debut"]).total_seconds() // 60)
    return Demande(row["identifiant"], row["debut"], row["modalite"], "", lasts, lieu=row["lieu_id"])


def _unknown(reference: str) -> LakeError:
    return LakeError(f"Aucun rendez-vous « {reference} ».", conseil="Vérifiez la référence.")


def changer(
    store: Store, reference: str, statut: str, *, auteur: str = "", now: datetime | None = None
) -> None:
    """Cancel, honour or mark as missed; asking what it already is changes nothing.

    Raises:
        LakeError: there is no such booking, or its state does not allow it.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        row = _locked(connection, reference)
        if row["statut"] == statut:
            return
        _pass(connection, row, statut, moment, auteur)
        if statut == "cancelled" and moment - row["cree_le"] <= timedelta(minutes=5):
            # Undone at once: nobody was disturbed.
            connection.execute(sa.delete(SOLLICITATIONS).where(SOLLICITATIONS.c.reference == reference))
        agendas.written(connection)


def annuler(store: Store, reference: str, *, auteur: str = "", now: datetime | None = None) -> None:
    """Cancel: the seat is free at once.

    Raises:
        LakeError: there is no such booking, or it took place.
    """
    changer(store, reference, "cancelled", auteur=auteur, now=now)


def deplacer(store: Store, reference: str, demande: Demande, *, now: datetime | None = None) -> str:
    """Move a booking: the new seat is taken and the old one left, or neither; returns the new reference.

    Raises:
        CreneauRefuse: the new seat cannot be given: the booking stays where it was.
        LakeError: there is no such booking, or it is over.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    key = hashlib.sha256(demande.cle.encode()).hexdigest()
    with suivants(store, demande, moment), store.writing() as connection:
        old = connection.execute(
            sa.select(RENDEZ_VOUS, EFFECTEURS.c.identifiant)
            .join(EFFECTEURS, EFFECTEURS.c.id == RENDEZ_VOUS.c.effecteur_id)
            .where(RENDEZ_VOUS.c.reference == reference)
        ).mappings().one_or_none()  # fmt: skip
        if old is None:
            raise _unknown(reference)
        # Two moves that cross lock in the same order: no deadlock.
        for one in sorted({old["identifiant"], demande.identifiant}):
            person = agendas.locked(connection, one)
        person = agendas.locked(connection, demande.identifiant)
        known = _of_key(connection, key)
        if known is not None:
            return str(known["reference"])
        row = _locked(connection, reference)
        if row["statut"] != "booked":
            raise _refused_passage(row["statut"], "cancelled")
        _forget(connection, person["id"], moment)
        _pass(connection, row, "cancelled", moment, demande.auteur)  # its own seat is free for itself
        seat = seat_of(connection, person, demande, moment)
        made = _insert(connection, person, demande, seat, key, moment, tenir=False, remplace=row["id"])
        agendas.written(connection)
    return made


def nommer(
    store: Store, reference: str, praticien: str, *, auteur: str = "", now: datetime | None = None
) -> None:
    """Say which professional receives on a booking of a structure, once it knows; nobody any more, when empty.

    Args:
        store: where.
        reference: of the booking.
        praticien: 8 + RPPS.
        auteur: who says so.
        now: the moment (UTC).

    Raises:
        ContractError: it is no professional's identifier.
        LakeError: there is no such booking, it is no structure's, or it will not take place.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    if praticien and (identifiant(praticien) != praticien or praticien[0] != "8"):
        raise ContractError("Donnez le RPPS d'un professionnel : 8, puis 11 chiffres.")
    with store.writing() as connection:
        row = _locked(connection, reference)
        genre = connection.execute(
            sa.select(EFFECTEURS.c.genre).where(EFFECTEURS.c.id == row["effecteur_id"])
        ).scalar_one()
        if genre != "structure":
            raise LakeError("Ce rendez-vous est celui d'un professionnel : il reçoit lui-même.")
        if row["statut"] not in ("booked", "fulfilled"):
            raise LakeError(f"Ce rendez-vous est « {STATUTS[row['statut']].lower()} » : personne n'y reçoit.")
        connection.execute(
            sa.update(RENDEZ_VOUS).where(RENDEZ_VOUS.c.id == row["id"]).values(praticien=praticien or None)
        )
        journal.write(
            connection, "sas.praticien", reference, auteur=auteur or None, details={"rpps": praticien[1:]}, now=moment
        )  # fmt: skip


def _of_key(connection: Connection, key: str) -> Any:
    return connection.execute(sa.select(RENDEZ_VOUS).where(RENDEZ_VOUS.c.cle == key)).mappings().one_or_none()


def _locked(connection: Connection, reference: str) -> Any:
    """A booking, its person locked first: the same order everywhere.

    Raises:
        LakeError: there is none.
    """
    wanted = sa.select(RENDEZ_VOUS).where(RENDEZ_VOUS.c.reference == reference)
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise _unknown(reference)
    connection.execute(
        sa.select(EFFECTEURS.c.id).where(EFFECTEURS.c.id == row["effecteur_id"]).with_for_update()
    )
    return connection.execute(wanted.with_for_update()).mappings().one()


def _forget(connection: Connection, effecteur_id: int, now: datetime) -> None:
    """Erase the holds that are over: their seats are numbered again."""
    connection.execute(
        sa.delete(RENDEZ_VOUS).where(
            RENDEZ_VOUS.c.effecteur_id == effecteur_id,
            RENDEZ_VOUS.c.statut == "pending",
            RENDEZ_VOUS.c.expire_le <= now,
        )
    )


def _insert(
    connection: Connection,
    person: Any,
    asked: Demande,
    seat: dict[str, Any],
    key: str,
    now: datetime,
    *,
    tenir: bool,
    remplace: int | None = None,
) -> str:
    code = agendas.reference()
    sas_ = asked.sas or person["sas"]
    connection.execute(
        sa.insert(RENDEZ_VOUS).values(
            **seat,
            reference=code,
            cle=key,
            effecteur_id=person["id"],
            debut=asked.debut.astimezone(UTC),
            modalite=asked.modalite,
            sas=sas_,
            regulateur_id=asked.regulateur_id,
            statut="pending" if tenir else "booked",
            expire_le=now + TENUE if tenir else None,
            source="saisie",
            remplace_id=remplace,
            cree_le=now,
            maj_le=now,
        )
    )
    if not tenir:
        _solicit(connection, person["id"], sas_, code, now)
        # The reference, and nothing that was typed.
        journal.write(connection, "sas.reservation", code, auteur=asked.auteur or None, now=now)
    return code


def _solicit(connection: Connection, effecteur_id: int, sas_: str, code: str, now: datetime) -> None:
    connection.execute(
        sa.insert(SOLLICITATIONS).values(
            effecteur_id=effecteur_id,
            sas=sas_,
            canal="rendez_vous",
            issue="accepte",
            reference=code,
            moment=now,
        )
    )


def _pass(connection: Connection, row: Any, statut: str, now: datetime, auteur: str) -> None:
    """Compare and set: the state read is the state changed.

    Raises:
        LakeError: the state does not lead there, or changed meanwhile.
    """
    if statut not in PASSAGES[row["statut"]]:
        raise _refused_passage(row["statut"], statut)
    done = connection.execute(
        sa.update(RENDEZ_VOUS)
        .where(RENDEZ_VOUS.c.id == row["id"], RENDEZ_VOUS.c.statut == row["statut"])
        .values(statut=statut, expire_le=None, maj_le=now)
    )
    if not done.rowcount:
        raise _refused_passage(row["statut"], statut)
    verb = {"booked": "reservation", "cancelled": "annulation", "fulfilled": "honore", "noshow": "absent"}[
        statut
    ]
    journal.write(connection, f"sas.{verb}", row["reference"], auteur=auteur or None, now=now)


def _refused_passage(before: str, after: str) -> LakeError:
    return LakeError(
        f"Ce rendez-vous est « {STATUTS[before].lower()} » : il ne peut pas devenir « {STATUTS[after].lower()} ».",
        conseil="Rechargez la page : son état a changé.",
    )
