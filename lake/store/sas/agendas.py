"""Agendas as the store reads and locks them: frames for a search, one person's for a booking."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.errors import LakeError
from lake.horaires import creneaux, plages
from lake.horaires.heures import local_day
from lake.store.engine import Store
from lake.store.sas.tables import (
    ABSENCES,
    EFFECTEURS,
    EXCEPTIONS,
    LIEUX,
    RENDEZ_VOUS,
    SERIES,
    SOLLICITATIONS,
    VERSION,
    VIVANTS,
)

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without what is mistaken on the telephone: 0 and O, 1 and I."""


@dataclass(frozen=True)
class Photo:
    """The agendas at one version of the store.

    Attributes:
        version: the store's number then.
        effecteurs: ``effecteur_id``, ``identifiant``, ``lieu``, ``genre``, ``nom``, ``specialite``, ``sas``,
            ``longitude``, ``latitude``, ``code_commune``, ``libelle``, ``fuseau``, ``perimetre_min``,
            ``perimetre_communes`` (codes joined by ``|``; empty: minutes decide),
            ``indisponible`` (Boolean), ``indisponible_le``, ``etat``, ``preuve``, ``deux_plages``, ``actes``,
            ``equipements``, ``langues``, ``ages`` (lists of String), ``sorti_le`` (Date); one row a person and place.
        series: :data:`lake.horaires.plages.SERIES`, those in force.
        exceptions: :data:`lake.horaires.plages.EXCEPTIONS`.
        absences: :data:`lake.horaires.creneaux.ABSENCES`, those in force.
        taken: :data:`lake.horaires.creneaux.PRISES`, seats that are held.
    """

    version: int
    effecteurs: pl.DataFrame
    series: pl.DataFrame
    exceptions: pl.DataFrame
    absences: pl.DataFrame
    taken: pl.DataFrame


_EFFECTEURS: dict[str, Any] = {
    "effecteur_id": pl.Int64, "identifiant": pl.String, "lieu": pl.Int64, "genre": pl.String, "nom": pl.String,
    "specialite": pl.String, "sas": pl.String, "longitude": pl.Float64, "latitude": pl.Float64,
    "code_commune": pl.String, "libelle": pl.String, "fuseau": pl.String, "perimetre_min": pl.Float64,
    "perimetre_communes": pl.String,
    "indisponible_le": pl.Datetime("us", "UTC"), "etat": pl.String, "preuve": pl.String, "deux_plages": pl.Boolean,
    "actes": pl.String, "equipements": pl.String, "langues": pl.String, "ages": pl.String, "sorti_le": pl.Date,
}  # fmt: skip


_LOCKED = sa.select(EFFECTEURS).where(EFFECTEURS.c.identifiant == sa.bindparam("qui")).with_for_update()


def version(store: Store) -> int:
    """The number of the last write to any agenda."""
    with store.reading() as connection:
        return int(connection.execute(sa.select(VERSION.c.numero)).scalar_one_or_none() or 0)


def photo(store: Store, *, now: datetime | None = None, since: date | None = None) -> Photo:
    """Every agenda.

    Args:
        store: where.
        now: the moment (UTC); holds that are over then are free.
        since: bookings and absences that ended before this day are left out.
    """
    moment = now or datetime.now(UTC)
    with store.reading() as connection:
        number = int(connection.execute(sa.select(VERSION.c.numero)).scalar_one_or_none() or 0)
        return _offered(_read(connection, number, moment, since=since))


def _offered(seen: Photo) -> Photo:
    """The same agendas without what they offer from the day their holder left the registers: kept, and not offered."""
    gone = seen.effecteurs.drop_nulls("sorti_le").select("identifiant", "sorti_le").unique()
    if gone.is_empty():
        return seen
    last = pl.col("sorti_le") - timedelta(days=1)
    ranges = seen.series.join(gone, on="identifiant", how="left", maintain_order="left")
    days = ranges.select("serie", "sorti_le")
    return replace(
        seen,
        series=ranges.with_columns(au=pl.min_horizontal("au", last))
        .filter(pl.col("du") <= pl.col("au"))
        .drop("sorti_le"),
        exceptions=seen.exceptions.join(days, on="serie", maintain_order="left")
        .filter(pl.col("sorti_le").is_null() | (pl.col("date_locale") < pl.col("sorti_le")))
        .drop("sorti_le"),
    )  # fmt: skip


def locked(connection: Connection, identifiant: str) -> Any:
    """The row of a person, locked until the transaction's end: everything that changes its agenda begins here.

    Raises:
        LakeError: there is no such person.
    """
    row = connection.execute(_LOCKED, {"qui": identifiant}).mappings().one_or_none()
    if row is None:
        raise LakeError(f"Aucun effecteur « {identifiant} ».", conseil="Chargez-le : obs sas charger.")
    return row


def of_one(connection: Connection, effecteur_id: int, now: datetime) -> Photo:
    """One person's agenda, in a transaction under way."""
    return _read(connection, 0, now, effecteur_id=effecteur_id)


def _read(
    connection: Connection,
    number: int,
    now: datetime,
    *,
    effecteur_id: int | None = None,
    since: date | None = None,
) -> Photo:
    def mine(column: sa.ColumnElement[int]) -> list[sa.ColumnElement[bool]]:
        return [] if effecteur_id is None else [column == effecteur_id]

    people = connection.execute(
        sa.select(
            EFFECTEURS.c.id, EFFECTEURS.c.identifiant, LIEUX.c.id, EFFECTEURS.c.genre, EFFECTEURS.c.nom,
            EFFECTEURS.c.specialite, EFFECTEURS.c.sas, LIEUX.c.longitude, LIEUX.c.latitude, LIEUX.c.code_commune,
            LIEUX.c.libelle, LIEUX.c.fuseau, LIEUX.c.perimetre_min, LIEUX.c.perimetre_communes,
            sa.func.coalesce(EFFECTEURS.c.indisponible_le, LIEUX.c.indisponible_le), EFFECTEURS.c.etat,
            EFFECTEURS.c.preuve, EFFECTEURS.c.deux_plages, EFFECTEURS.c.actes, EFFECTEURS.c.equipements,
            EFFECTEURS.c.langues, EFFECTEURS.c.ages, EFFECTEURS.c.sorti_le,
        )
        .join(LIEUX, LIEUX.c.effecteur_id == EFFECTEURS.c.id)
        .where(*mine(EFFECTEURS.c.id))
        .order_by(EFFECTEURS.c.id, LIEUX.c.id)
    ).all()  # fmt: skip
    effecteurs = frame(people, _EFFECTEURS).with_columns(
        pl.when(pl.col(name) == "")
        .then(pl.lit([], pl.List(pl.String)))
        .otherwise(pl.col(name).str.split("|"))
        .alias(name)
        for name in ("actes", "equipements", "langues", "ages")
    ).with_columns(
        # What nobody has proved to be his is never shown as his.
        indisponible=pl.col("indisponible_le").is_not_null() | (pl.col("etat") != "actif") | (pl.col("preuve") == "")
        | (pl.col("sorti_le") <= local_day(now)).fill_null(False)
    )  # fmt: skip
    series = connection.execute(
        sa.select(
            SERIES.c.id, EFFECTEURS.c.identifiant, SERIES.c.lieu_id, LIEUX.c.fuseau, SERIES.c.genre, SERIES.c.du,
            SERIES.c.au, SERIES.c.ancre, SERIES.c.cycle, SERIES.c.rang, SERIES.c.jour, SERIES.c.debut_min,
            SERIES.c.fin_min, SERIES.c.capacite, SERIES.c.duree_min, SERIES.c.modalites,
        )
        .join(EFFECTEURS, EFFECTEURS.c.id == SERIES.c.effecteur_id)
        .join(LIEUX, LIEUX.c.id == SERIES.c.lieu_id)
        .where(SERIES.c.retiree_le.is_(None), *mine(SERIES.c.effecteur_id))
        .order_by(SERIES.c.id)
    ).all()  # fmt: skip
    wanted = sa.select(
        EXCEPTIONS.c.serie_id, EXCEPTIONS.c.date_locale, EXCEPTIONS.c.genre, EXCEPTIONS.c.debut_min,
        EXCEPTIONS.c.fin_min, EXCEPTIONS.c.capacite,
    ).join(SERIES, SERIES.c.id == EXCEPTIONS.c.serie_id)  # fmt: skip
    changed = connection.execute(
        wanted.where(SERIES.c.retiree_le.is_(None), *mine(SERIES.c.effecteur_id))
    ).all()
    from_ = [] if since is None else [datetime(since.year, since.month, since.day, tzinfo=UTC)]
    absences = connection.execute(
        sa.select(EFFECTEURS.c.identifiant, ABSENCES.c.lieu_id, ABSENCES.c.debut, ABSENCES.c.fin)
        .join(EFFECTEURS, EFFECTEURS.c.id == ABSENCES.c.effecteur_id)
        .where(
            ABSENCES.c.annulee_le.is_(None),
            *mine(ABSENCES.c.effecteur_id),
            *(ABSENCES.c.fin >= limit for limit in from_),
        )
    ).all()
    taken = connection.execute(
        sa.select(
            RENDEZ_VOUS.c.serie_id, RENDEZ_VOUS.c.date_locale, RENDEZ_VOUS.c.debut, RENDEZ_VOUS.c.fin
        ).where(
            RENDEZ_VOUS.c.serie_id.is_not(None),
            holding(now),
            *mine(RENDEZ_VOUS.c.effecteur_id),
            *(RENDEZ_VOUS.c.fin >= limit for limit in from_),
        )
    ).all()
    return Photo(
        number,
        effecteurs,
        frame(series, plages.SERIES),
        frame(changed, plages.EXCEPTIONS),
        frame(absences, creneaux.ABSENCES),
        frame(taken, creneaux.PRISES),
    )


def holding(now: datetime) -> sa.ColumnElement[bool]:
    """The bookings that hold a seat: those that live, holds that are over left out."""
    return sa.and_(
        RENDEZ_VOUS.c.statut.in_(VIVANTS),
        sa.or_(RENDEZ_VOUS.c.expire_le.is_(None), RENDEZ_VOUS.c.expire_le > now),
    )


def frame(rows: Sequence[Any], schema: Any) -> pl.DataFrame:
    """Rows of a query as a frame, columns by position."""
    return pl.DataFrame([tuple(row) for row in rows], schema=dict(schema), orient="row")


def solicited(store: Store, since: datetime, lundi: datetime | None = None) -> pl.DataFrame:
    """How often each was solicited: ``identifiant``, ``sollicitations``, ``derniere`` (UTC), ``semaine``.

    Args:
        store: where.
        since: from this moment on.
        lundi: from when ``semaine`` counts those that were accepted; ``since`` by default.
    """
    accepted = sa.and_(SOLLICITATIONS.c.issue == "accepte", SOLLICITATIONS.c.moment >= (lundi or since))
    wanted = (
        sa.select(
            EFFECTEURS.c.identifiant,
            sa.func.count(),
            sa.func.max(SOLLICITATIONS.c.moment),
            sa.func.sum(sa.case((accepted, 1), else_=0)),
        )
        .join(EFFECTEURS, EFFECTEURS.c.id == SOLLICITATIONS.c.effecteur_id)
        .where(SOLLICITATIONS.c.moment >= since)
        .group_by(EFFECTEURS.c.identifiant)
    )
    with store.reading() as connection:
        rows = connection.execute(wanted).all()
    schema = {
        "identifiant": pl.String,
        "sollicitations": pl.Int64,
        "derniere": pl.Datetime("us", "UTC"),
        "semaine": pl.Int64,
    }
    return frame(rows, schema)


def written(connection: Connection, effecteur_id: int | None = None, now: datetime | None = None) -> None:
    """Say that an agenda changed, last in a transaction: readers then read it again."""
    if effecteur_id is not None:
        connection.execute(
            sa.update(EFFECTEURS)
            .where(EFFECTEURS.c.id == effecteur_id)
            .values(version=EFFECTEURS.c.version + 1, maj_le=now or datetime.now(UTC))
        )
    changed = connection.execute(sa.update(VERSION).values(numero=VERSION.c.numero + 1))
    if not changed.rowcount:
        connection.execute(sa.insert(VERSION).values(id=1, numero=1))


def reference() -> str:
    """A reference to tell on the telephone: ``SAS-7KQ2-M9DX``."""
    letters = [secrets.choice(_ALPHABET) for _ in range(8)]
    return f"SAS-{''.join(letters[:4])}-{''.join(letters[4:])}"


def joined(values: Iterable[str]) -> str:
    """Codes as one column keeps them."""
    return "|".join(sorted({one.strip() for one in values if one.strip()}))


def sas_of_people(store: Store) -> dict[str, str]:
    """The SAS of each person, by identifier."""
    with store.reading() as connection:
        rows = connection.execute(sa.select(EFFECTEURS.c.identifiant, EFFECTEURS.c.sas))
        return {row[0]: row[1] for row in rows}
