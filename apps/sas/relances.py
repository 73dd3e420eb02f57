"""Effecteurs without a slot in the four weeks to come, and why: whom an administrator or a référent may call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import streamlit as st

from apps.kit.access import session
from apps.kit.charts import tables
from apps.kit.charts.tables import Column, Table
from apps.kit.style.french import counted, long_date, typographic
from apps.sas import acces, words
from lake.horaires import creneaux, plages
from lake.horaires.heures import local_day
from lake.store.sas import registre
from lake.store.sas.agendas import Photo

_DAYS = 28
_STALE = timedelta(days=30)


def sans_creneau(seen: Photo, allowed: frozenset[str] | None, now: datetime) -> pl.DataFrame:
    """Who offers nothing in the four weeks to come, absences out: ``identifiant``, ``nom``, ``sas``, ``raison``.

    Args:
        seen: the agendas.
        allowed: the SAS asked; None for all.
        now: the moment.
    """
    closed = pl.col("indisponible_le").is_not_null()
    # Who still receives in one of his places is not unavailable: the others offer nothing.
    people = (
        seen.effecteurs.with_columns(
            indisponible_le=pl.when(closed.all().over("identifiant")).then("indisponible_le")
        )
        .unique("identifiant", keep="first", maintain_order=True)
        .filter(
            pl.col("etat") == "actif",
            pl.lit(True) if allowed is None else pl.col("sas").is_in(sorted(allowed)),
        )
    )
    mine = seen.series.join(people.select("identifiant"), on="identifiant", how="semi")
    today = local_day(now)
    ranges = plages.occurrences(mine, seen.exceptions, today, today + timedelta(days=_DAYS - 1))
    every = ranges.filter(pl.col("genre") == "snp", pl.col("fin") > now.astimezone(UTC))
    ranges = every.join(seen.effecteurs.filter(~closed).select("lieu"), on="lieu", how="semi")
    offered = creneaux.creneaux(ranges, seen.absences, seen.taken)

    def has(frame: pl.DataFrame) -> pl.Expr:
        return pl.col("identifiant").is_in(frame.get_column("identifiant").unique().implode())

    why = (
        pl.when((pl.col("sorti_le") <= today).fill_null(False))
        .then(pl.lit("Sorti de l’annuaire ou de FINESS"))
        .when(pl.col("preuve") == "")
        .then(pl.lit("RPPS à vérifier"))
        .when(pl.col("indisponible_le").is_not_null())
        .then(pl.lit("Indisponible"))
        .when(has(ranges))
        .then(pl.lit("Absent"))
        .when(has(every))
        .then(pl.lit("Indisponible"))
        .when(has(mine.filter(pl.col("genre") == "snp")))
        .then(pl.lit("Plus de plage à venir"))
        .otherwise(pl.lit("Rien n’a jamais été saisi"))
    )
    shown = pl.col("indisponible_le").is_null() & (pl.col("preuve") != "") & has(offered)
    return (
        people.filter(~shown)
        .select("identifiant", "nom", "sas", raison=why)
        .sort("raison", "nom", "identifiant")
    )


def draw(allowed: frozenset[str] | None) -> None:
    """The table, on demand: every agenda is read for it."""
    if not st.toggle("Montrer les effecteurs sans créneau", key="sas_sans_creneau"):
        return
    now = datetime.now(UTC)
    found = sans_creneau(acces.agendas().photo(now), allowed, now)
    changed = registre.changements(session.store())
    stale = sum(
        1 for who, moment in changed.items() if who in set(found["identifiant"]) and now - moment > _STALE
    )
    said = f"{counted(found.height, 'effecteur')} sans créneau dans les quatre semaines"
    kept = f", dont {counted(stale, 'agenda')} sans changement depuis trente jours" if stale else ""
    st.html(f'<p class="obs-lecture-vue">{typographic(said + kept + ".")}</p>')
    columns = {
        "Effecteur": found["nom"].to_list(),
        "SAS": [words.named(one) for one in found["sas"]],
        "Pourquoi": found["raison"].to_list(),
        "Agenda changé": [long_date(local_day(changed[who])) for who in found["identifiant"]],
    }
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    if frame.height:
        shown = Table(frame, tuple(Column(name, name) for name in columns))
        tables.draw(shown, f"sas_sans_creneau_{frame.height}")
