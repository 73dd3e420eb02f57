"""A seat asked, and the seat found: checked on the person's own agenda, under its lock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.errors import LakeError
from lake.horaires import creneaux, plages
from lake.horaires.heures import PARIS, iso, local_day
from lake.horaires.instant import Plage, plage
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.agendas import Photo
from lake.store.sas.tables import ABSENCES, EFFECTEURS, EXCEPTIONS, LIEUX, RENDEZ_VOUS, SERIES, VIVANTS

RAISONS = {
    "pris": "cette place vient d'être prise",
    "absence": "une absence couvre cette heure",
    "retire": "aucune plage n'offre cette heure",
    "indisponible": "cet effecteur se dit indisponible",
    "sorti": "cet effecteur n'est plus dans l'annuaire ou FINESS",
    "modalite": "cette plage ne se tient pas ainsi",
    "passe": "cette heure est passée",
    "expire": "la place n'était plus tenue et a été prise",
}
"""Why a seat is refused: code -> French words."""
_SUGGESTED = 3
_AHEAD = 14


class CreneauRefuse(LakeError):
    """A seat that cannot be given.

    Attributes:
        raison: a key of :data:`RAISONS`.
        suivants: next free moments of the same person (UTC), the soonest first.
        fuseau: the clock by which they are told.
    """

    def __init__(self, raison: str, suivants: Sequence[datetime] = (), fuseau: str = "Europe/Paris") -> None:
        self.raison, self.suivants, self.fuseau = raison, tuple(suivants), fuseau
        said = ", ".join(iso(one, fuseau) for one in suivants)
        advice = f"Prochaines places : {said}." if said else "Aucune autre place dans les deux semaines."
        super().__init__(f"Réservation refusée : {RAISONS[raison]}.", conseil=advice)


@dataclass(frozen=True)
class Demande:
    """A seat that is asked.

    Attributes:
        identifiant: whose.
        debut: from when (aware).
        duree_min: for how long; None for the range's own.
        modalite: ``AMB``, ``HH`` or ``VR``.
        cle: the form's key: the same one again gives the same booking.
        sas: the SAS that asks; empty for the person's own.
        regulateur_id: account that asks.
        auteur: its address, for the journal.
        lieu: the place, where the person has several.
    """

    identifiant: str
    debut: datetime
    modalite: str
    cle: str
    duree_min: int | None = None
    sas: str = ""
    regulateur_id: int | None = None
    auteur: str = ""
    lieu: int | None = None


_SERIES = (
    sa.select(
        SERIES.c.id.label("serie"), SERIES.c.lieu_id.label("lieu"), LIEUX.c.fuseau, SERIES.c.du, SERIES.c.au,
        SERIES.c.ancre, SERIES.c.cycle, SERIES.c.rang, SERIES.c.jour, SERIES.c.debut_min, SERIES.c.fin_min,
        SERIES.c.capacite, SERIES.c.duree_min, SERIES.c.modalites, LIEUX.c.indisponible_le,
    )
    .join(LIEUX, LIEUX.c.id == SERIES.c.lieu_id)
    .where(
        SERIES.c.effecteur_id == sa.bindparam("qui"), SERIES.c.genre == "snp", SERIES.c.retiree_le.is_(None),
    )
    .order_by(SERIES.c.id)
)  # fmt: skip
_AUTRES = (
    sa.select(EXCEPTIONS)
    .join(SERIES, SERIES.c.id == EXCEPTIONS.c.serie_id)
    .where(
        SERIES.c.effecteur_id == sa.bindparam("qui"),
        EXCEPTIONS.c.date_locale.in_([sa.bindparam("veille"), sa.bindparam("jour")]),
    )
)
_ABSENCES = sa.select(ABSENCES.c.lieu_id, ABSENCES.c.debut, ABSENCES.c.fin).where(
    ABSENCES.c.effecteur_id == sa.bindparam("qui"),
    ABSENCES.c.annulee_le.is_(None),
    ABSENCES.c.debut < sa.bindparam("fin"),
    ABSENCES.c.fin > sa.bindparam("debut"),
)
_PRISES = sa.select(
    RENDEZ_VOUS.c.serie_id,
    RENDEZ_VOUS.c.date_locale,
    RENDEZ_VOUS.c.debut,
    RENDEZ_VOUS.c.fin,
    RENDEZ_VOUS.c.siege,
).where(
    RENDEZ_VOUS.c.effecteur_id == sa.bindparam("qui"),
    RENDEZ_VOUS.c.serie_id.is_not(None),
    RENDEZ_VOUS.c.statut.in_(VIVANTS),
    sa.or_(RENDEZ_VOUS.c.expire_le.is_(None), RENDEZ_VOUS.c.expire_le > sa.bindparam("maintenant")),
    RENDEZ_VOUS.c.date_locale.in_([sa.bindparam("veille"), sa.bindparam("jour")]),
)
"""Statements of the way every booking takes under its lock: made once, since forty wait for each of them."""


def seat(connection: Connection, person: Any, asked: Demande, now: datetime) -> dict[str, Any]:
    """The seat that answers a demand.

    Raises:
        CreneauRefuse: there is none; the next ones are for :func:`suivants` to tell, once the lock is left.
    """
    begin = asked.debut.astimezone(UTC)
    if begin < now:
        raise CreneauRefuse("passe")
    if person["indisponible_le"] is not None or person["etat"] != "actif" or not person["preuve"]:
        raise CreneauRefuse("indisponible")
    found, why = _found(connection, person, asked, begin, now)
    if not found:
        raise CreneauRefuse(why)
    return found


@contextmanager
def suivants(store: Store, asked: Demande, now: datetime) -> Iterator[None]:
    """Whatever is refused within is refused with the next free moments of the person.

    They are looked for after the transaction: thirty-seven refusals would keep waiting those who may book.
    """
    try:
        yield
    except CreneauRefuse as refusal:
        if refusal.raison in ("indisponible", "sorti"):
            raise
        with store.reading() as connection:
            number = connection.execute(
                sa.select(EFFECTEURS.c.id).where(EFFECTEURS.c.identifiant == asked.identifiant)
            ).scalar_one()
            seen = agendas.of_one(connection, number, now)
        zone = str(seen.effecteurs["fuseau"][0]) if seen.effecteurs.height else PARIS
        raise CreneauRefuse(refusal.raison, _next(seen, asked, now), zone) from refusal


def _found(
    connection: Connection, person: Any, asked: Demande, begin: datetime, now: datetime
) -> tuple[dict[str, Any], str]:
    """The seat, or why there is none."""
    qui = {"qui": person["id"]}
    rows = connection.execute(_SERIES, qui).mappings().all()
    # By the clock of each place the day differs; a range over midnight began the day before.
    day = local_day(begin, rows[0]["fuseau"] if rows else PARIS)
    days = {"veille": day - timedelta(days=1), "jour": day}
    changed = {
        (row["serie_id"], row["date_locale"]): row
        for row in connection.execute(_AUTRES, qui | days).mappings()
    }
    ranges = [
        one
        for row in rows
        for jour in days.values()
        if (one := plage(row, jour, changed.get((row["serie"], jour)))) is not None
    ]
    inside = [
        one
        for one in ranges
        if one.debut <= begin < one.fin and (asked.lieu is None or one.lieu == asked.lieu)
    ]
    if not inside:
        return {}, "retire"
    inside = [one for one in inside if person["sorti_le"] is None or one.date_locale < person["sorti_le"]]
    if not inside:
        return {}, "sorti"
    closed = {row["lieu"] for row in rows if row["indisponible_le"] is not None}
    inside = [one for one in inside if one.lieu not in closed]
    if not inside:
        return {}, "indisponible"
    fitting = [one for one in inside if one.modalites & plages.BITS[asked.modalite]]
    if not fitting:
        return {}, "modalite"
    why = "retire"
    for one in sorted(fitting, key=lambda one: (one.debut, one.serie)):
        end = begin + timedelta(minutes=asked.duree_min or one.duree_min)
        if end > one.fin:
            continue
        away = [
            row
            for row in connection.execute(_ABSENCES, qui | {"debut": one.debut, "fin": one.fin})
            if row[0] is None or row[0] == one.lieu
        ]
        if any(row[1] < end and row[2] > begin for row in away):
            why = "absence"
            continue
        taken = connection.execute(_PRISES, qui | days | {"maintenant": now}).all()
        number = _free_seat(person, one, begin, end, away, taken)
        if number:
            return {
                "serie_id": one.serie, "date_locale": one.date_locale, "lieu_id": one.lieu, "fin": end,
                "siege_le": begin if one.capacite is None else one.debut, "siege": number,
            }, ""  # fmt: skip
        why = "pris"
    return {}, why


def _free_seat(
    person: Any, one: Plage, begin: datetime, end: datetime, away: Sequence[Any], taken: Sequence[Any]
) -> int:
    """The number of a free seat; 0 for none."""
    mine = [row for row in taken if (row[0], row[1]) == (one.serie, one.date_locale)]
    if one.capacite is None:
        # A person is in one place: whatever range it was taken of, a withdrawn one included.
        held = taken if person["genre"] == "ps" else mine
        return int(not any(row[2] < end and row[3] > begin for row in held))
    if len(mine) >= _net(one, away):
        return 0
    used = {row[4] for row in mine}
    return next(number for number in range(1, one.capacite + 1) if number not in used)


def _net(one: Plage, away: Sequence[Any]) -> int:
    """The seats of a shared range that its absences leave: the share of its free minutes, rounded down."""
    assert one.capacite is not None
    if not away:
        return one.capacite
    gone, edge = 0, one.debut
    for _, first, last in sorted(away, key=lambda row: row[1]):
        first, last = max(first, edge), min(last, one.fin)
        if last > first:
            gone += int((last - first).total_seconds()) // 60
            edge = last
    whole = int((one.fin - one.debut).total_seconds()) // 60
    return one.capacite * (whole - gone) // whole


def _next(seen: Photo, asked: Demande, now: datetime) -> list[datetime]:
    """The next free moments of a person, from the hour asked on, then before it."""
    day: date = local_day(now)
    here = seen.effecteurs.filter(~pl.col("indisponible")).select("lieu")
    ranges = plages.occurrences(
        seen.series.join(here, on="lieu", how="semi"),
        seen.exceptions,
        day - timedelta(days=1),
        day + timedelta(days=_AHEAD),
    )
    kept = creneaux.free(
        creneaux.creneaux(ranges, seen.absences, seen.taken, duree_min=asked.duree_min)
    ).filter(pl.col("fin") > now, pl.col("modalites") & plages.BITS[asked.modalite] != 0)
    moments = [
        max(begin, now) if kind == "plage" else begin
        for begin, kind in kept.select("debut", "genre").iter_rows()
        if kind == "plage" or begin >= now
    ]
    late = [one for one in moments if one >= asked.debut]
    return (late or moments)[:_SUGGESTED]


def adopter(connection: Connection, effecteur_id: int, now: datetime) -> int:
    """Give a person's bookings whose range was withdrawn to the range that now covers their hour; returns how many.

    So that a range entered anew over the same hours knows that they are taken. Their hours do not move.
    """
    seen = agendas.of_one(connection, effecteur_id, now)
    if not (seen.effecteurs["genre"] == "ps").any():
        return 0
    rows = connection.execute(
        sa.select(RENDEZ_VOUS)
        .where(RENDEZ_VOUS.c.effecteur_id == effecteur_id, RENDEZ_VOUS.c.fin > now, agendas.holding(now))
    ).all()  # fmt: skip
    adopted = 0
    for row in rows:
        day = local_day(row.debut, str(seen.effecteurs["fuseau"][0]))
        ranges = plages.occurrences(seen.series, seen.exceptions, day - timedelta(days=1), day)
        over = ranges.filter(
            pl.col("genre") == "snp",
            pl.col("capacite").is_null(),
            pl.col("debut") < row.fin,
            pl.col("fin") > row.debut,
        )
        keys = over.select("serie", "date_locale").rows()
        if keys and (row.serie_id, row.date_locale) not in keys:
            serie, jour = keys[0]
            connection.execute(
                sa.update(RENDEZ_VOUS)
                .where(RENDEZ_VOUS.c.id == row.id)
                .values(serie_id=serie, date_locale=jour, siege_le=row.debut, siege=1)
            )
            adopted += 1
    return adopted
