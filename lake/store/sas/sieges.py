"""A seat asked, and the seat found: checked on the person's own agenda, under its lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.errors import LakeError
from lake.horaires import creneaux, plages
from lake.horaires.heures import iso, local_day
from lake.store.sas import agendas
from lake.store.sas.agendas import Photo
from lake.store.sas.tables import RENDEZ_VOUS

RAISONS = {
    "pris": "cette place vient d'être prise",
    "absence": "une absence couvre cette heure",
    "retire": "aucune plage n'offre cette heure",
    "indisponible": "cet effecteur se dit indisponible",
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


def seat(connection: Connection, person: Any, asked: Demande, now: datetime) -> dict[str, Any]:
    """The seat that answers a demand.

    Raises:
        CreneauRefuse: there is none.
    """
    seen = agendas.of_one(connection, person["id"], now)
    zone = str(seen.effecteurs["fuseau"][0]) if seen.effecteurs.height else "Europe/Paris"
    begin = asked.debut.astimezone(UTC)
    if begin < now:
        raise CreneauRefuse("passe", _next(seen, asked, now), zone)
    if person["indisponible_le"] is not None or person["etat"] != "actif" or not person["preuve"]:
        raise CreneauRefuse("indisponible", (), zone)
    day = local_day(begin, zone)
    ranges = plages.occurrences(seen.series, seen.exceptions, day - timedelta(days=1), day)
    inside = ranges.filter(pl.col("genre") == "snp", pl.col("debut") <= begin, pl.col("fin") > begin)
    if asked.lieu is not None:
        inside = inside.filter(pl.col("lieu") == asked.lieu)
    if inside.is_empty():
        raise CreneauRefuse("retire", _next(seen, asked, now), zone)
    fitting = inside.filter(pl.col("modalites") & plages.BITS[asked.modalite] != 0)
    if fitting.is_empty():
        raise CreneauRefuse("modalite", _next(seen, asked, now), zone)
    why = "retire"
    for row in fitting.iter_rows(named=True):
        end = begin + timedelta(minutes=asked.duree_min or row["duree_min"])
        if end > row["fin"]:
            continue
        if _away(seen.absences, row, begin, end):
            why = "absence"
        elif number := _free_seat(connection, seen, row, begin, end, now):
            return {
                "serie_id": row["serie"], "date_locale": row["date_locale"], "lieu_id": row["lieu"], "fin": end,
                "siege_le": begin if row["capacite"] is None else row["debut"], "siege": number,
            }  # fmt: skip
        else:
            why = "pris"
    raise CreneauRefuse(why, _next(seen, asked, now), zone)


def _away(absences: pl.DataFrame, row: dict[str, Any], begin: datetime, end: datetime) -> bool:
    here = pl.col("lieu").is_null() | (pl.col("lieu") == row["lieu"])
    return not absences.filter(here, pl.col("debut") < end, pl.col("fin") > begin).is_empty()


def _free_seat(
    connection: Connection, seen: Photo, row: dict[str, Any], begin: datetime, end: datetime, now: datetime
) -> int:
    """The number of a free seat; 0 for none."""
    taken = seen.taken.filter(pl.col("serie") == row["serie"], pl.col("date_locale") == row["date_locale"])
    if row["capacite"] is None:
        # A person is in one place: whatever range it was taken of, a withdrawn one included.
        mine = seen.taken if (seen.effecteurs["genre"] == "ps").any() else taken
        return int(mine.filter(pl.col("debut") < end, pl.col("fin") > begin).is_empty())
    occurrence = pl.DataFrame([row], schema_overrides={"capacite": pl.Int64})
    left = creneaux.creneaux(occurrence, seen.absences, seen.taken)
    if left.is_empty() or left["restantes"][0] < 1:
        return 0
    used = set(
        connection.execute(
            sa.select(RENDEZ_VOUS.c.siege).where(
                RENDEZ_VOUS.c.serie_id == row["serie"],
                RENDEZ_VOUS.c.date_locale == row["date_locale"],
                agendas.holding(now),
            )
        ).scalars()
    )
    return next(number for number in range(1, row["capacite"] + 1) if number not in used)


def _next(seen: Photo, asked: Demande, now: datetime) -> list[datetime]:
    """The next free moments of a person, from the hour asked on, then before it."""
    day: date = local_day(now)
    ranges = plages.occurrences(
        seen.series, seen.exceptions, day - timedelta(days=1), day + timedelta(days=_AHEAD)
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
