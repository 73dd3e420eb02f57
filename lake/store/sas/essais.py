"""Lines of editors that régulateurs open to book there, and those whose slots could not be booked: a rate by month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from lake.horaires.heures import PARIS
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.tables import ESSAIS

CONSERVATION = timedelta(days=400)
"""How long they are kept: the same month of the year before can still be read."""
LEAST = 20
"""Lines opened under which a month of an editor has no rate: of few, one more changes all."""


def noter(
    store: Store, cle: str, editeur: str, *, introuvable: bool = False, now: datetime | None = None
) -> None:
    """Note a line that was opened, or that one of its slots could not be booked; said twice, it counts once.

    Args:
        store: where.
        cle: drawn by who opens it, once a demand and a line: it names nobody.
        editeur: name of the editor.
        introuvable: a slot that it announces cannot be booked there.
        now: the moment (UTC).
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing() as connection:
        try:
            with connection.begin_nested():
                connection.execute(
                    sa.insert(ESSAIS).values(
                        cle=cle, moment=moment, editeur=editeur[:60], introuvable=introuvable
                    )
                )
        except IntegrityError:
            if introuvable:
                connection.execute(sa.update(ESSAIS).where(ESSAIS.c.cle == cle).values(introuvable=True))


def taux(store: Store, since: datetime) -> pl.DataFrame:
    """What became of them, by editor and month, the latest month first.

    Returns:
        DataFrame: ``mois`` (Date, the first day), ``editeur``, ``ouvertes``, ``introuvables`` (lines), ``taux``
        (Float64, 0 to 1; null under :data:`LEAST` lines).
    """
    with store.reading() as connection:
        wanted = sa.select(ESSAIS.c.moment, ESSAIS.c.editeur, ESSAIS.c.introuvable)
        rows = connection.execute(wanted.where(ESSAIS.c.moment >= since)).all()
    schema = {"moment": pl.Datetime("us", "UTC"), "editeur": pl.String, "introuvable": pl.Boolean}
    return (
        agendas.frame(rows, schema)
        .group_by(
            mois=pl.col("moment").dt.convert_time_zone(PARIS).dt.date().dt.truncate("1mo"), editeur="editeur"
        )
        .agg(ouvertes=pl.len().cast(pl.Int64), introuvables=pl.col("introuvable").sum().cast(pl.Int64))
        .with_columns(
            taux=pl.when(pl.col("ouvertes") >= LEAST).then(pl.col("introuvables") / pl.col("ouvertes"))
        )
        .sort("mois", "editeur", descending=[True, False])
    )


def purger(store: Store, *, now: datetime | None = None) -> int:
    """Forget those that are older than :data:`CONSERVATION`; returns how many."""
    limit = (now or datetime.now(UTC)).astimezone(UTC) - CONSERVATION
    with store.writing() as connection:
        return connection.execute(sa.delete(ESSAIS).where(ESSAIS.c.moment < limit)).rowcount
