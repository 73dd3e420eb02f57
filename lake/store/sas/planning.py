"""What a professional, a delegate or an administrator changes in an agenda; everything under the person's lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.errors import ContractError, EditConflict, LakeError
from lake.horaires import plages
from lake.horaires.heures import clock, local_day, monday
from lake.horaires.plages import GENRES, LONGEST_CYCLE
from lake.store import journal
from lake.store.engine import Store
from lake.store.sas import agendas, delegations, perimetres
from lake.store.sas.fichiers import checked
from lake.store.sas.sieges import adopter
from lake.store.sas.tables import ABSENCES, EFFECTEURS, EXCEPTIONS, LIEUX, RENDEZ_VOUS, SERIES

RAPPEL = timedelta(days=21)
"""After how long somebody unavailable is reminded of it."""
JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


@dataclass(frozen=True)
class Touche:
    """A booking that a change would touch: it stays, and is to be told."""

    reference: str
    debut: datetime
    fin: datetime


def ajouter(
    store: Store,
    identifiant: str,
    *,
    jour: int,
    debut_min: int,
    fin_min: int,
    du: date,
    au: date,
    modalites: int,
    duree_min: int,
    genre: str = "snp",
    cycle: int = 1,
    rang: int = 0,
    ancre: date | None = None,
    capacite: int | None = None,
    lieu: int | None = None,
    auteur: str = "",
    now: datetime | None = None,
) -> int:
    """Add a range that comes back; returns its number.

    Raises:
        ContractError: it does not hold together, or shares time with another of the same person.
        LakeError: there is no such person, or no such place of hers.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    first = ancre or monday(du)
    if genre not in GENRES or not 1 <= cycle <= LONGEST_CYCLE or not 0 <= rang < cycle or first.weekday():
        raise ContractError("Ce rythme n'existe pas.", conseil=f"Une semaine sur 1 à {LONGEST_CYCLE}.")
    if au < du:
        raise ContractError("La période finit avant de commencer.")
    row = checked(
        {
            "genre": genre, "du": du, "au": au, "ancre": first, "cycle": cycle, "rang": rang, "jour": jour,
            "debut_min": debut_min, "fin_min": fin_min, "capacite": capacite, "duree_min": duree_min,
            "modalites": modalites,
        }
    )  # fmt: skip
    with store.writing() as connection:
        person = agendas.locked(connection, identifiant)
        place = _place(connection, person["id"], lieu)
        number = _insert(connection, person, place, row, moment)
        adopter(connection, person["id"], moment)
        _done(
            connection,
            person,
            "plage",
            f"{JOURS[jour - 1]} {clock(debut_min)}-{clock(fin_min)}",
            auteur,
            moment,
        )
    return number


def _place(connection: Connection, effecteur_id: int, lieu: int | None) -> Any:
    wanted = sa.select(LIEUX).where(LIEUX.c.effecteur_id == effecteur_id).order_by(LIEUX.c.id)
    if lieu is not None:
        wanted = wanted.where(LIEUX.c.id == lieu)
    found = connection.execute(wanted.limit(1)).mappings().one_or_none()
    if found is None:
        raise LakeError("Ce lieu n'est pas de cet agenda.")
    return found


def _insert(
    connection: Connection, person: Any, place: Any, row: dict[str, Any], now: datetime, **more: Any
) -> int:
    if row["modalites"] & plages.BITS["HH"] and not perimetres.visite(place):
        raise perimetres.sans_perimetre()
    if row["genre"] == "snp" and person["genre"] == "ps":
        seen = agendas.of_one(connection, person["id"], now)
        new = pl.DataFrame(
            [
                row
                | {
                    "serie": -1,
                    "identifiant": person["identifiant"],
                    "lieu": place["id"],
                    "fuseau": place["fuseau"],
                }
            ],
            schema=dict(plages.SERIES),
        )
        met = plages.conflicting(seen.series.filter(pl.col("genre") == "snp"), seen.exceptions, new)
        if met:
            other = seen.series.filter(pl.col("serie") == met[-1]).row(0, named=True)
            raise ContractError(
                f"Cette plage chevauche celle du {JOURS[other['jour'] - 1]}, {clock(other['debut_min'])} à "
                f"{clock(other['fin_min'])}.",
                conseil="Deux plages qui se touchent (9 h–10 h, 10 h–11 h) sont permises.",
            )
    done = connection.execute(
        sa.insert(SERIES).values(effecteur_id=person["id"], lieu_id=place["id"], cree_le=now, **row, **more)
    )
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


def retirer(
    store: Store, serie: int, *, des: date | None = None, vus: Sequence[str] | None = None, auteur: str = "",
    now: datetime | None = None,
) -> list[Touche]:  # fmt: skip
    """Withdraw a series, or its dates from a day on; bookings keep their hours and are told.

    Args:
        store: where.
        serie: its number.
        des: first day withdrawn; None for all of it.
        vus: references of the bookings that who withdraws was shown.
        auteur: who.
        now: the moment (UTC).

    Raises:
        EditConflict: other bookings came meanwhile: they are to be shown first.
        LakeError: there is no such series.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        row, person = _serie(connection, serie)
        touched = _touched(connection, RENDEZ_VOUS.c.serie_id == serie, moment, des)
        if vus is not None and {one.reference for one in touched} - set(vus):
            raise EditConflict({"rendez_vous": [one.reference for one in touched]}, person["version"])
        if des is not None and des > row["du"]:
            change: dict[str, Any] = {"au": des - timedelta(days=1)}
        else:
            change = {"retiree_le": moment}
        connection.execute(sa.update(SERIES).where(SERIES.c.id == serie).values(**change))
        _done(connection, person, "plage_retiree", str(serie), auteur, moment)
    return touched


def modifier(
    store: Store, serie: int, *, des: date, auteur: str = "", now: datetime | None = None, **changed: Any
) -> int:
    """Change a series from a day on: it ends the day before, another takes over; returns the new number.

    Dates that differ after that day follow, and so do bookings within the new hours: what was removed stays removed,
    and a seat that is taken stays taken.

    Raises:
        ContractError: what is asked does not hold together, or shares time with another range.
        LakeError: there is no such series.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        row, person = _serie(connection, serie)
        kept = {name: row[name] for name in ("genre", "du", "au", "ancre", "cycle", "rang", "jour", "debut_min",
                "fin_min", "capacite", "duree_min", "modalites")}  # fmt: skip
        first = max(des, row["du"])
        new = checked(kept | {"du": first} | changed)
        end = {"retiree_le": moment} if first == row["du"] else {"au": first - timedelta(days=1)}
        connection.execute(sa.update(SERIES).where(SERIES.c.id == serie).values(**end))
        place = _place(connection, person["id"], row["lieu_id"])
        number = _insert(connection, person, place, new, moment, remplace_id=serie)
        _follow(connection, serie, number, first, new["jour"] - row["jour"])
        if row["capacite"] is not None:
            shared = sa.and_(RENDEZ_VOUS.c.serie_id == serie, RENDEZ_VOUS.c.date_locale >= first)
            connection.execute(sa.update(RENDEZ_VOUS).where(shared).values(serie_id=number))
        adopter(connection, person["id"], moment)
        _done(connection, person, "plage_modifiee", str(number), auteur, moment)
    return number


def _follow(connection: Connection, serie: int, number: int, first: date, days: int) -> None:
    """Dates that differ, from a day on, are the new series'; one moved to another day of the week takes them along."""
    theirs = sa.and_(EXCEPTIONS.c.serie_id == serie, EXCEPTIONS.c.date_locale >= first)
    if not days:
        connection.execute(sa.update(EXCEPTIONS).where(theirs).values(serie_id=number))
        return
    for one, day in connection.execute(
        sa.select(EXCEPTIONS.c.id, EXCEPTIONS.c.date_locale).where(theirs)
    ).all():
        moved, here = day + timedelta(days=days), EXCEPTIONS.c.id == one
        if moved < first:  # its week has no such day any more
            connection.execute(sa.delete(EXCEPTIONS).where(here))
        else:
            connection.execute(sa.update(EXCEPTIONS).where(here).values(serie_id=number, date_locale=moved))


def differer(
    store: Store, serie: int, jour: date, genre: str, *, debut_min: int | None = None, fin_min: int | None = None,
    capacite: int | None = None, auteur: str = "", now: datetime | None = None,
) -> list[Touche]:  # fmt: skip
    """Make one date differ: ``supprimee``, ``deplacee`` or ``ajoutee``; returns the bookings of that date.

    Raises:
        ContractError: its hours do not hold together.
        LakeError: there is no such series.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        row, person = _serie(connection, serie)
        if genre != "supprimee":
            checked({**row, "debut_min": row["debut_min"] if debut_min is None else debut_min,
                     "fin_min": row["fin_min"] if fin_min is None else fin_min})  # fmt: skip
        values = {"genre": genre, "debut_min": debut_min, "fin_min": fin_min, "capacite": capacite}
        same = sa.and_(EXCEPTIONS.c.serie_id == serie, EXCEPTIONS.c.date_locale == jour)
        if not connection.execute(sa.update(EXCEPTIONS).where(same).values(**values)).rowcount:
            connection.execute(sa.insert(EXCEPTIONS).values(serie_id=serie, date_locale=jour, **values))
        touched = _touched(
            connection,
            sa.and_(RENDEZ_VOUS.c.serie_id == serie, RENDEZ_VOUS.c.date_locale == jour),
            moment,
            None,
        )
        _done(connection, person, "date", f"{jour.isoformat()} {genre}", auteur, moment)
    return touched


def absenter(
    store: Store, identifiant: str, debut: datetime, fin: datetime, *, lieu: int | None = None, auteur: str = "",
    now: datetime | None = None,
) -> list[Touche]:  # fmt: skip
    """Plan an absence; returns the bookings that it touches: they stay, to be moved or called.

    Raises:
        ContractError: it ends before it begins.
        LakeError: there is no such person.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    if fin <= debut:
        raise ContractError("L'absence finit avant de commencer.")
    with store.writing() as connection:
        person = agendas.locked(connection, identifiant)
        connection.execute(
            sa.insert(ABSENCES).values(
                effecteur_id=person["id"], lieu_id=lieu, debut=debut.astimezone(UTC), fin=fin.astimezone(UTC),
                cree_le=moment,
            )
        )  # fmt: skip
        within = sa.and_(
            RENDEZ_VOUS.c.effecteur_id == person["id"], RENDEZ_VOUS.c.debut < fin, RENDEZ_VOUS.c.fin > debut
        )
        touched = _touched(connection, within, moment, None)
        _done(connection, person, "absence", "", auteur, moment)
    return touched


def revenir(store: Store, absence: int, *, auteur: str = "", now: datetime | None = None) -> None:
    """Cancel a planned absence; cancelling it twice changes nothing.

    Raises:
        LakeError: there is none.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        row = connection.execute(
            sa.select(ABSENCES, EFFECTEURS.c.identifiant)
            .join(EFFECTEURS, EFFECTEURS.c.id == ABSENCES.c.effecteur_id)
            .where(ABSENCES.c.id == absence)
        ).mappings().one_or_none()  # fmt: skip
        if row is None:
            raise LakeError("Cette absence n'existe plus.", conseil="Rechargez la page.")
        person = agendas.locked(connection, row["identifiant"])
        connection.execute(
            sa.update(ABSENCES)
            .where(ABSENCES.c.id == absence, ABSENCES.c.annulee_le.is_(None))
            .values(annulee_le=moment)
        )
        _done(connection, person, "retour", "", auteur, moment)


def dire_indisponible(
    store: Store, identifiant: str, indisponible: bool, *, auteur: str = "", now: datetime | None = None
) -> None:
    """Tick or untick the unavailability: at once, bookings stay; a reminder is due three weeks later."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        person = agendas.locked(connection, identifiant)
        if (person["indisponible_le"] is not None) == indisponible:
            return
        values = {"indisponible_le": moment, "rappel_le": moment + RAPPEL} if indisponible else {
            "indisponible_le": None, "rappel_le": None}  # fmt: skip
        connection.execute(sa.update(EFFECTEURS).where(EFFECTEURS.c.id == person["id"]).values(**values))
        _done(connection, person, "indisponible" if indisponible else "disponible", "", auteur, moment)


def quitter(store: Store, identifiant: str, *, auteur: str = "", now: datetime | None = None) -> list[Touche]:
    """Leave the SAS: future ranges are withdrawn, bookings told; the person may come back."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        person = agendas.locked(connection, identifiant)
        touched = _touched(connection, RENDEZ_VOUS.c.effecteur_id == person["id"], moment, None)
        today = local_day(moment)
        mine = sa.and_(SERIES.c.effecteur_id == person["id"], SERIES.c.retiree_le.is_(None))
        # What was offered until yesterday was: measures and attestations still say so.
        connection.execute(
            sa.update(SERIES)
            .where(mine, SERIES.c.du < today, SERIES.c.au >= today)
            .values(au=today - timedelta(days=1))
        )
        connection.execute(sa.update(SERIES).where(mine, SERIES.c.du >= today).values(retiree_le=moment))
        connection.execute(sa.update(EFFECTEURS).where(EFFECTEURS.c.id == person["id"]).values(etat="retire"))
        delegations.finir(connection, person["id"], moment)
        _done(connection, person, "depart", "", auteur, moment)
    return touched


def rejoindre(store: Store, identifiant: str, *, auteur: str = "", now: datetime | None = None) -> None:
    """Come back to the SAS: nothing is offered until ranges are added."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        person = agendas.locked(connection, identifiant)
        if person["etat"] == "actif":
            return
        connection.execute(
            sa.update(EFFECTEURS)
            .where(EFFECTEURS.c.id == person["id"])
            .values(etat="actif", indisponible_le=None, rappel_le=None)
        )
        _done(connection, person, "arrivee", "", auteur, moment)


def _serie(connection: Connection, serie: int) -> tuple[Any, Any]:
    """A series and its person, locked."""
    found = connection.execute(
        sa.select(SERIES, EFFECTEURS.c.identifiant)
        .join(EFFECTEURS, EFFECTEURS.c.id == SERIES.c.effecteur_id)
        .where(SERIES.c.id == serie)
    ).mappings().one_or_none()  # fmt: skip
    if found is None:
        raise LakeError("Cette plage n'existe plus.", conseil="Rechargez la page.")
    person = agendas.locked(connection, found["identifiant"])
    return found, person


def _touched(
    connection: Connection, where: sa.ColumnElement[bool], now: datetime, des: date | None
) -> list[Touche]:
    rows = connection.execute(
        sa.select(RENDEZ_VOUS.c.reference, RENDEZ_VOUS.c.debut, RENDEZ_VOUS.c.fin)
        .where(where, agendas.holding(now), RENDEZ_VOUS.c.fin > now)
        .order_by(RENDEZ_VOUS.c.debut)
    ).all()
    return [Touche(*row) for row in rows if des is None or local_day(row[1]) >= des]


def _done(connection: Connection, person: Any, verb: str, detail: str, auteur: str, now: datetime) -> None:
    journal.write(
        connection, f"sas.{verb}", person["identifiant"], auteur=auteur or None,
        details={"detail": detail} if detail else None, now=now,
    )  # fmt: skip
    agendas.written(connection, person["id"], now)
