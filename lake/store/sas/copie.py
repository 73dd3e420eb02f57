"""A week copied onto others: each of its ranges once on each date, those that cannot be said with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import sqlalchemy as sa

from lake.errors import LakeError
from lake.horaires import plages
from lake.horaires.heures import clock, local_day, monday
from lake.store import journal
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.agendas import Photo
from lake.store.sas.sieges import adopter
from lake.store.sas.tables import SERIES

MOST = 26
"""Weeks onto which one is copied at once."""
DEJA = "déjà là"
"""Why a range that is there already is not copied: the same hours, place and kind."""
_SAME = ("lieu", "genre", "date_locale", "debut_min", "fin_min", "modalites")


@dataclass(frozen=True)
class Copie:
    """A range to copy on a date.

    Attributes:
        jour: the date.
        debut_min, fin_min: minutes of the wall clock since its midnight.
        genre, modalites, lieu, capacite, duree_min: those of the range.
        refus: why it is not copied; empty when it is.
    """

    jour: date
    debut_min: int
    fin_min: int
    genre: str
    modalites: int
    lieu: int
    capacite: int | None
    duree_min: int
    refus: str = ""


def preparer(seen: Photo, lundi: date, cibles: Sequence[date], now: datetime) -> list[Copie]:
    """What copying a week would do; nothing is written.

    Args:
        seen: the agenda of one person.
        lundi: Monday of the week that is copied, as it is: dates removed, moved or added included.
        cibles: Mondays of the weeks that receive it.
        now: the moment (UTC).

    Raises:
        LakeError: a week is no Monday's, or they are too many.
    """
    weeks = [one for one in dict.fromkeys(cibles) if one != lundi]
    if lundi != monday(lundi) or any(one != monday(one) for one in weeks):
        raise LakeError("Une semaine se nomme par son lundi.")
    if len(weeks) > MOST:
        raise LakeError(f"Une semaine se copie sur {MOST} semaines au plus à la fois.")
    source = _hours(seen, lundi, lundi + timedelta(days=6))
    asked = [
        row | {"date_locale": row["date_locale"] + (week - lundi)}
        for week in weeks
        for row in source.to_dicts()
    ]
    if not asked:
        return []
    here = _hours(seen, min(weeks), max(weeks) + timedelta(days=6))
    there = {tuple(row[name] for name in _SAME) for row in here.to_dicts()}
    today = local_day(now, str(seen.effecteurs["fuseau"][0]))
    refused: dict[int, str] = {}
    for rank, row in enumerate(asked):
        if row["date_locale"] < today:
            refused[rank] = "ce jour est passé"
        elif tuple(row[name] for name in _SAME) in there:
            refused[rank] = DEJA
    refused |= _overlapping(seen, asked, refused)
    return [
        Copie(row["date_locale"], row["debut_min"], row["fin_min"], row["genre"], row["modalites"], row["lieu"],
              row["capacite"], row["duree_min"], refused.get(rank, ""))
        for rank, row in enumerate(asked)
    ]  # fmt: skip


def copier(
    store: Store,
    identifiant: str,
    lundi: date,
    cibles: Sequence[date],
    *,
    vues: Sequence[Copie] | None = None,
    auteur: str = "",
    now: datetime | None = None,
) -> list[Copie]:
    """Copy a week onto others: all the ranges that nothing refuses, at once; returns every line.

    Each copy stands alone: changing the week that was copied changes none of them.

    Args:
        store: where.
        identifiant: whose agenda.
        lundi: Monday of the week that is copied.
        cibles: Mondays of the weeks that receive it.
        vues: what who copies was shown; None for nothing.
        auteur: who.
        now: the moment (UTC).

    Raises:
        LakeError: the agenda changed since it was shown, or nothing can be copied.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        person = agendas.locked(connection, identifiant)
        lines = preparer(agendas.of_one(connection, person["id"], moment), lundi, cibles, moment)
        if vues is not None and list(vues) != lines:
            raise LakeError("Cet agenda vient de changer.", conseil="Relisez l'aperçu, puis copiez.")
        good = [one for one in lines if not one.refus]
        if not good:
            raise LakeError("Aucune plage à copier : l'aperçu dit pourquoi.")
        connection.execute(
            sa.insert(SERIES),
            [
                {
                    "effecteur_id": person["id"], "lieu_id": one.lieu, "genre": one.genre, "du": one.jour,
                    "au": one.jour, "ancre": monday(one.jour), "cycle": 1, "rang": 0, "jour": one.jour.isoweekday(),
                    "debut_min": one.debut_min, "fin_min": one.fin_min, "capacite": one.capacite,
                    "duree_min": one.duree_min, "modalites": one.modalites, "cree_le": moment,
                }
                for one in good
            ],
        )  # fmt: skip
        adopter(connection, person["id"], moment)
        journal.write(
            connection, "sas.semaine_copiee", identifiant, auteur=auteur or None,
            details={"detail": f"{lundi.isoformat()} : {len(good)} plages"}, now=moment,
        )  # fmt: skip
        agendas.written(connection, person["id"], moment)
    return lines


# -- inside ------------------------------------------------------------------------------------------


def _hours(seen: Photo, du: date, au: date) -> pl.DataFrame:
    """The ranges of a period with their hours on the wall clock, those of the dates that differ."""
    found = plages.occurrences(seen.series, seen.exceptions, du, au).drop("debut", "fin")
    regular = seen.series.select("serie", "debut_min", "fin_min")
    other = seen.exceptions.select("serie", "date_locale", _debut="debut_min", _fin="fin_min")
    return (
        found.join(regular, on="serie")
        .join(other, on=["serie", "date_locale"], how="left")
        .with_columns(debut_min=pl.coalesce("_debut", "debut_min"), fin_min=pl.coalesce("_fin", "fin_min"))
        .drop("_debut", "_fin")
        .sort("date_locale", "debut_min", "serie")
    )


def _overlapping(seen: Photo, asked: Sequence[dict[str, Any]], refused: dict[int, str]) -> dict[int, str]:
    """Ranges that would share time with another offered by the same person; structures may have several at once."""
    if not (seen.effecteurs["genre"] == "ps").any():
        return {}
    new = [
        {name: row.get(name) for name in plages.SERIES}
        | {"serie": -rank - 1, "du": row["date_locale"], "au": row["date_locale"], "cycle": 1, "rang": 0,
           "ancre": monday(row["date_locale"]), "jour": row["date_locale"].isoweekday()}
        for rank, row in enumerate(asked)
        if rank not in refused and row["genre"] == "snp"
    ]  # fmt: skip
    if not new:
        return {}
    frame = pl.DataFrame(new, schema=dict(plages.SERIES))
    # The weeks at hand, and a day around: ranges over midnight.
    days: list[date] = frame.get_column("du").to_list()
    first, last = min(days) - timedelta(days=1), max(days) + timedelta(days=1)
    kept = seen.series.filter(
        pl.col("genre") == "snp", pl.col("du") <= last, pl.col("au") >= first
    ).with_columns(du=pl.max_horizontal("du", pl.lit(first)), au=pl.min_horizontal("au", pl.lit(last)))
    met = plages.conflicting(kept, seen.exceptions, frame)
    every = pl.concat([kept, frame]).select("serie", "debut_min", "fin_min")
    hours = {serie: (begin, end) for serie, begin, end in every.rows()}
    return {
        -serie - 1: f"chevauche la plage de {clock(hours[other][0])} à {clock(hours[other][1])}"
        for serie, other in met.items()
    }
