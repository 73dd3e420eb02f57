"""What the store gives to publication: agendas, bookings, searches, solicitations, as frames, without who asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import sqlalchemy as sa

from lake.horaires.plages import written
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.tables import ABSENCES, AFFICHAGES, EFFECTEURS, RECHERCHES, RENDEZ_VOUS, SOLLICITATIONS

_MOMENT = pl.Datetime("us", "UTC")
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_RESERVATIONS: Mapping[str, Any] = {
    "id": pl.Int64, "serie": pl.Int64, "date_locale": pl.Date, "identifiant": pl.String, "lieu": pl.Int64,
    "debut": _MOMENT, "fin": _MOMENT, "modalite": pl.String, "sas": pl.String, "statut": pl.String,
    "source": pl.String, "pris_le": _MOMENT,
}  # fmt: skip
_RECHERCHES: Mapping[str, Any] = {
    "recherche": pl.Int64, "moment": _MOMENT, "compte": pl.Int64, "sas": pl.String, "code_commune": pl.String,
    "preset": pl.String, "modalites": pl.Int64, "horizon": pl.String, "demande": pl.String, "elargie": pl.Int64,
    "resultats": pl.Int64, "muettes": pl.Int64,
}  # fmt: skip
_AFFICHAGES: Mapping[str, Any] = {
    "recherche": pl.Int64, "moment": _MOMENT, "sas": pl.String, "identifiant": pl.String, "rang": pl.Int64,
    "palier": pl.Int64, "panier": pl.Int64, "bande": pl.Int64, "quart": pl.Int64, "places": pl.Int64,
}  # fmt: skip


def relever(store: Store, du: date, au: date) -> dict[str, pl.DataFrame]:
    """Frames by name, for the days asked: ``effecteurs``, ``series``, ``exceptions``, ``absences``, ``reservations``,
    ``recherches``, ``affichages``, ``sollicitations``.

    Their columns are those that :mod:`scoring.sas.publication` lists. Who left the SAS is left out; what nobody has
    proved to be his is unavailable since always.
    """
    margin = timedelta(days=2)
    first = datetime(du.year, du.month, du.day, tzinfo=UTC) - margin
    last = datetime(au.year, au.month, au.day, tzinfo=UTC) + margin
    seen = agendas.photo(store, since=first.date())
    active = seen.effecteurs.filter(pl.col("etat") == "actif").with_columns(
        indisponible_le=pl.when(pl.col("preuve") == "")
        .then(pl.lit(_LONG_AGO, _MOMENT))
        .otherwise("indisponible_le")
    )
    who = active.select("identifiant").unique()
    with store.reading() as connection:
        booked = connection.execute(
            sa.select(
                RENDEZ_VOUS.c.id, RENDEZ_VOUS.c.serie_id, RENDEZ_VOUS.c.date_locale, EFFECTEURS.c.identifiant,
                RENDEZ_VOUS.c.lieu_id, RENDEZ_VOUS.c.debut, RENDEZ_VOUS.c.fin, RENDEZ_VOUS.c.modalite,
                RENDEZ_VOUS.c.sas, RENDEZ_VOUS.c.statut, RENDEZ_VOUS.c.source, RENDEZ_VOUS.c.cree_le,
            )
            .join(EFFECTEURS, EFFECTEURS.c.id == RENDEZ_VOUS.c.effecteur_id)
            .where(RENDEZ_VOUS.c.debut.between(first, last))
        ).all()  # fmt: skip
        moved = connection.execute(
            sa.select(RENDEZ_VOUS.c.remplace_id).where(RENDEZ_VOUS.c.remplace_id.is_not(None))
        ).scalars()
        gone = set(moved)
        searched = connection.execute(
            sa.select(
                RECHERCHES.c.id, RECHERCHES.c.moment, RECHERCHES.c.compte_id, RECHERCHES.c.sas,
                RECHERCHES.c.code_commune, RECHERCHES.c.preset, RECHERCHES.c.modalites, RECHERCHES.c.horizon,
                RECHERCHES.c.demande, RECHERCHES.c.elargie, RECHERCHES.c.resultats, RECHERCHES.c.sources_muettes,
            ).where(RECHERCHES.c.moment.between(first, last))
        ).all()  # fmt: skip
        shown = connection.execute(
            sa.select(
                AFFICHAGES.c.recherche_id, RECHERCHES.c.moment, RECHERCHES.c.sas, EFFECTEURS.c.identifiant,
                AFFICHAGES.c.rang, AFFICHAGES.c.palier, AFFICHAGES.c.panier, AFFICHAGES.c.bande, AFFICHAGES.c.poids,
                AFFICHAGES.c.places,
            )
            .join(RECHERCHES, RECHERCHES.c.id == AFFICHAGES.c.recherche_id)
            .join(EFFECTEURS, EFFECTEURS.c.id == AFFICHAGES.c.effecteur_id)
            .where(RECHERCHES.c.moment.between(first, last))
        ).all()  # fmt: skip
        asked = connection.execute(
            sa.select(EFFECTEURS.c.identifiant, SOLLICITATIONS.c.sas, SOLLICITATIONS.c.moment)
            .join(EFFECTEURS, EFFECTEURS.c.id == SOLLICITATIONS.c.effecteur_id)
            .where(SOLLICITATIONS.c.moment.between(first, last))
        ).all()
    bookings = agendas.frame(booked, _RESERVATIONS)
    searches = agendas.frame(searched, _RECHERCHES)
    return {
        "effecteurs": active.select(
            "identifiant", "lieu", "genre", "sas", "indisponible_le", "code_commune", "longitude", "latitude",
            "fuseau", "perimetre_min", "perimetre_communes",
        ),
        "series": seen.series.join(who, on="identifiant", how="semi"),
        "exceptions": seen.exceptions,
        "absences": seen.absences,
        "reservations": bookings.with_columns(deplace=pl.col("id").is_in(list(gone))).drop("id"),
        "recherches": searches.with_columns(
            written().fill_null(""),
            elargie=pl.col("elargie") > 0,
            demande=pl.when(pl.col("demande") != "").then("demande"),
        ),
        "affichages": agendas.frame(shown, _AFFICHAGES),
        "sollicitations": agendas.frame(
            asked, {"identifiant": pl.String, "sas": pl.String, "moment": _MOMENT}
        ),
    }  # fmt: skip


def absences_dites(store: Store, since: date) -> pl.DataFrame:
    """Absences that end from this day on, with when each was told: ``identifiant``, ``lieu``, ``debut``, ``fin``,
    ``dite_le`` (UTC). One that was called off since is left out: it is in no agenda any more."""
    wanted = (
        sa.select(
            EFFECTEURS.c.identifiant, ABSENCES.c.lieu_id, ABSENCES.c.debut, ABSENCES.c.fin, ABSENCES.c.cree_le
        )
        .join(EFFECTEURS, EFFECTEURS.c.id == ABSENCES.c.effecteur_id)
        .where(
            ABSENCES.c.annulee_le.is_(None),
            ABSENCES.c.fin >= datetime(since.year, since.month, since.day, tzinfo=UTC),
        )
    )
    with store.reading() as connection:
        rows = connection.execute(wanted).all()
    schema = {
        "identifiant": pl.String, "lieu": pl.Int64, "debut": _MOMENT, "fin": _MOMENT, "dite_le": _MOMENT,
    }  # fmt: skip
    return agendas.frame(rows, schema)
