"""What is measured of a SAS and is no sum of rows: fairness and neutrality from the store, the forecast from the lake.

A Gini, a gap, an interval add up over nothing: they are answers, not measures of a universe. They are computed here for
the command line and for the pilots' page alike; who may read those of which SAS is asked by who calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from lake.catalog.sas import LEADS, OFFRE, PREVISIONS
from lake.errors import MissingTable
from lake.store.engine import Store
from lake.store.sas.releve import relever
from lake.tables import Lake
from scoring.sas.mesures.equite import Equite, bruit, equite, expositions, lorenz
from scoring.sas.mesures.prevision import Prevision, prevoir
from scoring.sas.publication import Releve, jour_local, offre_seule

WEEKS = 8


@dataclass(frozen=True)
class Partage:
    """Fairness of a SAS over a period, and the curve behind it.

    Attributes:
        equite: the indices and gaps.
        lorenz: ``part_offre``, ``part_sollicitations``, both from 0 to 1; empty when the index is not published.
    """

    equite: Equite
    lorenz: pl.DataFrame


def partage(store: Store, sas: str, du: date, au: date) -> Partage:
    """Fairness of a SAS from what the store holds of these days: what was shown, solicited, offered."""
    held = Releve(**relever(store, du, au))
    shown = jour_local(held.affichages, "moment").filter(
        pl.col("sas") == sas, pl.col("jour").is_between(du, au)
    )
    here = held.effecteurs.filter(pl.col("sas") == sas)
    seats = offre_seule(held, du, au).group_by("identifiant").agg(creneaux=pl.col("offerts").sum())
    asked = jour_local(held.sollicitations, "moment").filter(pl.col("jour").is_between(du, au))
    count = asked.group_by("identifiant").agg(sollicitations=pl.len().cast(pl.Int64))
    rows = (
        here.select("identifiant")
        .unique(maintain_order=True)
        .join(seats, on="identifiant", how="left")
        .join(count, on="identifiant", how="left")
        .with_columns(pl.col("sollicitations", "creneaux").fill_null(0))
        .filter((pl.col("creneaux") > 0) | (pl.col("sollicitations") > 0))
    )
    curve = lorenz(*(rows.get_column(name).to_numpy() for name in ("sollicitations", "creneaux")))
    seen = None if shown.is_empty() else expositions(shown)
    found = replace(equite(rows, seen), bruit=None if seen is None else bruit(shown))
    return Partage(found, curve if found.gini is not None else curve.clear())


@dataclass(frozen=True)
class Attendu:
    """A day to come.

    Attributes:
        jour: the day.
        avance: days before it.
        annonces: seats announced today, net of the absences that are known.
        prevision: what is expected of them; None under four weeks of photographs.
    """

    jour: date
    avance: int
    annonces: int
    prevision: Prevision | None


def attendus(lake: Lake, sas: str, today: date) -> list[Attendu]:
    """What is announced of a SAS at each lead, and what is expected of it, from the photographs of the last weeks.

    Args:
        lake: where ``sas__previsions`` and ``sas__offre`` are; nothing is expected where they are not.
        sas: ``SAS-54``.
        today: the day at hand; the newest photograph that is not after it is read.
    """
    try:
        photos = lake.scan(PREVISIONS).filter(pl.col("sas") == sas).collect()
        offer = (
            lake.scan(OFFRE)
            .filter(pl.col("sas") == sas, pl.col("jour") < today)
            .group_by("jour")
            .agg(realises=(pl.col("offerts") - pl.col("absents")).sum())
            .collect()
        )
    except MissingTable:
        return []
    return [_day(row, photos, offer) for row in _last(photos, today).iter_rows(named=True)]


def _last(photos: pl.DataFrame, today: date) -> pl.DataFrame:
    """The newest photograph, of today or of a day before: the days that are still to come."""
    known = photos.filter(pl.col("date_photo") <= today, pl.col("avance").is_in(LEADS))
    newest = pl.col("date_photo") == pl.col("date_photo").max()
    return known.filter(newest).filter(pl.col("jour") > today).sort("jour")


def _day(row: Mapping[str, Any], photos: pl.DataFrame, offer: pl.DataFrame) -> Attendu:
    past = photos.filter(
        pl.col("avance") == row["avance"],
        pl.col("jour").dt.weekday() == row["jour"].isoweekday(),
        pl.col("jour") >= row["date_photo"] - timedelta(weeks=WEEKS + 1),
    ).join(offer, on="jour")
    known = past.select("jour", "annonces", "realises")
    return Attendu(row["jour"], row["avance"], row["annonces"], prevoir(row["annonces"], known))
