"""From what the store holds to what is published: offers, demands, bookings, exposure, coverage, photographs.

A closed list of columns goes in, none of which says who searched or for whom; communes bring the territories.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import polars as pl

from lake.catalog.sas import COUVERTURE, EXPOSITIONS, LEADS, OFFRE, PREVISIONS, RECHERCHES, RENDEZ_VOUS
from lake.contract import Table
from lake.horaires.creneaux import ABSENCES, creneaux, free
from lake.horaires.heures import MOMENT, PARIS
from lake.horaires.plages import EXCEPTIONS, SERIES, occurrences, written
from scoring.sas.couverture import heures_couvertes
from scoring.sas.mesures.demandes import demandes, publiees
from scoring.sas.mesures.equite import expositions
from scoring.sas.mesures.leviers import leviers

EFFECTEURS: Mapping[str, pl.DataType] = {
    "identifiant": pl.String(), "lieu": pl.Int64(), "genre": pl.String(), "sas": pl.String(),
    "indisponible_le": MOMENT, "code_commune": pl.String(), "longitude": pl.Float64(), "latitude": pl.Float64(),
    "fuseau": pl.String(), "perimetre_min": pl.Float64(), "perimetre_communes": pl.String(),
}  # fmt: skip
"""One row a professional or structure in activity × place."""
RESERVATIONS: Mapping[str, pl.DataType] = {
    "serie": pl.Int64(), "date_locale": pl.Date(), "identifiant": pl.String(), "lieu": pl.Int64(),
    "debut": MOMENT, "fin": MOMENT, "modalite": pl.String(), "sas": pl.String(), "statut": pl.String(),
    "source": pl.String(), "pris_le": MOMENT, "deplace": pl.Boolean(),
}  # fmt: skip
"""Bookings; ``deplace`` where another one took its place: a booking that moves is one."""
CHERCHEES: Mapping[str, pl.DataType] = {
    "recherche": pl.Int64(), "moment": MOMENT, "compte": pl.Int64(), "sas": pl.String(), "code_commune": pl.String(),
    "preset": pl.String(), "modalites": pl.String(), "horizon": pl.String(), "demande": pl.String(),
    "elargie": pl.Boolean(), "resultats": pl.Int64(), "muettes": pl.Int64(),
}  # fmt: skip
MONTREES: Mapping[str, pl.DataType] = {
    "recherche": pl.Int64(), "moment": MOMENT, "sas": pl.String(), "identifiant": pl.String(), "rang": pl.Int64(),
    "palier": pl.Int64(), "panier": pl.Int64(), "bande": pl.Int64(), "quart": pl.Int64(), "places": pl.Int64(),
}  # fmt: skip
SOLLICITEES: Mapping[str, pl.DataType] = {"identifiant": pl.String(), "sas": pl.String(), "moment": MOMENT}
_FOREVER = datetime(2200, 1, 1, tzinfo=UTC)
_TAKEN = ("booked", "fulfilled", "noshow")


@dataclass(frozen=True)
class Releve:
    """What is read of the store, each frame with the columns named above it here.

    Attributes:
        effecteurs: :data:`EFFECTEURS`.
        series: :data:`lake.horaires.plages.SERIES`.
        exceptions: :data:`lake.horaires.plages.EXCEPTIONS`.
        absences: :data:`lake.horaires.creneaux.ABSENCES`, in force.
        reservations: :data:`RESERVATIONS`.
        recherches: :data:`CHERCHEES`.
        affichages: :data:`MONTREES`.
        sollicitations: :data:`SOLLICITEES`.
    """

    effecteurs: pl.DataFrame
    series: pl.DataFrame
    exceptions: pl.DataFrame
    absences: pl.DataFrame
    reservations: pl.DataFrame
    recherches: pl.DataFrame
    affichages: pl.DataFrame
    sollicitations: pl.DataFrame


SCHEMAS: Mapping[str, Mapping[str, pl.DataType]] = {
    "effecteurs": EFFECTEURS, "series": SERIES, "exceptions": EXCEPTIONS, "absences": ABSENCES,
    "reservations": RESERVATIONS, "recherches": CHERCHEES, "affichages": MONTREES, "sollicitations": SOLLICITEES,
}  # fmt: skip


@dataclass(frozen=True)
class _Slots:
    """The period's ranges, and their slots before absences, net of them, and net of bookings too."""

    ranges: pl.DataFrame
    whole: pl.DataFrame
    net: pl.DataFrame
    left: pl.DataFrame


def aujourd_hui(releve: Releve, successeurs: Mapping[str, str]) -> Releve:
    """The same, its communes under today's codes: a place or a search of one that merged counts where it is now.

    Args:
        releve: what the store holds.
        successeurs: former commune -> today's.
    """
    code = pl.col("code_commune").replace(dict(successeurs))
    return replace(
        releve,
        effecteurs=releve.effecteurs.with_columns(code),
        recherches=releve.recherches.with_columns(code),
    )


def publier(
    releve: Releve, communes: pl.DataFrame, du: date, au: date, today: date, couverts: tuple[date, ...] = ()
) -> dict[Table, pl.DataFrame]:
    """Every table, for the days asked.

    Args:
        releve: what the store holds.
        communes: rows of ``territoires__communes``.
        du, au: first and last day.
        today: photographs of what is to come are of this day.
        couverts: first and last day whose coverage, the heaviest table, is computed; by default, as the others.
    """
    slots = _slots(releve, du, au)
    places = _territories(releve.effecteurs, communes)
    offers = _offre(releve, slots, places, du, au)
    return {
        OFFRE: offers,
        RECHERCHES: _recherches(releve, slots.left, communes, du, au),
        RENDEZ_VOUS: _rendez_vous(releve, places, du, au),
        EXPOSITIONS: _expositions(releve, du, au),
        COUVERTURE: _conform(
            COUVERTURE, heures_couvertes(slots.left, places, communes, *(couverts or (du, au)))
        ),
        PREVISIONS: _previsions(releve, places, today),
    }


def photographie(releve: Releve, communes: pl.DataFrame, today: date) -> pl.DataFrame:
    """What is announced today of the days to come, by territory: rows of :data:`lake.catalog.sas.PREVISIONS`."""
    return _previsions(releve, _territories(releve.effecteurs, communes), today)


def annonces_passees(releve: Releve, dites: pl.DataFrame, du: date, au: date) -> pl.DataFrame:
    """What would have been photographed of these days, so many days before each, from when absences were told.

    Ranges are those of now: who changed his hours since is told with the new ones. It is what an installation that has
    not photographed yet can say of its past, and what the demonstration is given.

    Args:
        releve: what the store holds.
        dites: absences with ``dite_le``: rows of :func:`lake.store.sas.releve.absences_dites`.
        du, au: first and last day announced.

    Returns:
        Rows of :data:`lake.catalog.sas.PREVISIONS`, photographs from ``du`` less the longest lead.
    """
    ranges = occurrences(releve.series, releve.exceptions, du - timedelta(days=1), au)
    ranges = ranges.filter(pl.col("genre") == "snp")
    places = releve.effecteurs.select("identifiant", "lieu", "sas")
    days = pl.DataFrame({"jour": pl.date_range(du, au, eager=True)})
    told = places.select("sas").unique().join(days, how="cross")
    on_day, parts = jour_local(dites, "dite_le"), []
    for lead in LEADS:
        # Told on a day, an absence is known at this lead of the days that are as far, not of the nearer ones.
        from_ = (pl.col("jour") + timedelta(days=lead)).cast(pl.Datetime("us")).dt.replace_time_zone(PARIS)
        known = on_day.with_columns(
            debut=pl.max_horizontal("debut", from_.dt.convert_time_zone("UTC")).cast(MOMENT)
        ).filter(pl.col("debut") < pl.col("fin"))
        seats = jour_local(creneaux(ranges, known), "debut").join(places, on=["identifiant", "lieu"])
        count = seats.group_by("jour", "sas").agg(annonces=pl.col("capacite").sum())
        parts.append(
            told.join(count, on=["jour", "sas"], how="left").with_columns(
                pl.col("annonces").fill_null(0),
                avance=pl.lit(lead, pl.Int64),
                date_photo=pl.col("jour") - timedelta(days=lead),
            )
        )
    return _conform(PREVISIONS, pl.concat(parts))


def offre_seule(releve: Releve, du: date, au: date) -> pl.DataFrame:
    """Seats before absences, one row a slot: ``identifiant``, ``lieu``, ``jour``, ``offerts``."""
    ranges = occurrences(releve.series, releve.exceptions, du - timedelta(days=1), au)
    whole = creneaux(ranges.filter(pl.col("genre") == "snp"))
    seats = jour_local(whole, "debut").filter(pl.col("jour").is_between(du, au))
    return seats.select("identifiant", "lieu", "jour", offerts="capacite")


def jour_local(frame: pl.DataFrame, column: str, zone: str = "fuseau") -> pl.DataFrame:
    """The same rows with ``jour``: the local day of an instant, in the zone that each row says."""
    zones = frame.get_column(zone).unique().to_list() if zone in frame.columns else [PARIS]
    named = frame if zone in frame.columns else frame.with_columns(pl.lit(PARIS).alias(zone))
    day = pl.coalesce(
        pl.when(pl.col(zone) == one).then(pl.col(column).dt.convert_time_zone(one).dt.date()) for one in zones
    )
    found = named.with_columns(jour=day if zones else pl.lit(None, pl.Date))
    return found if zone in frame.columns else found.drop(zone)


# -- inside ------------------------------------------------------------------------------------------


def _slots(releve: Releve, du: date, au: date) -> _Slots:
    ranges = occurrences(releve.series, releve.exceptions, du - timedelta(days=1), au)
    ranges = ranges.filter(pl.col("genre") == "snp")
    away = releve.effecteurs.filter(pl.col("indisponible_le").is_not_null()).select(
        "identifiant",
        "lieu",
        debut="indisponible_le",
        fin=pl.lit(_FOREVER, MOMENT),
    )
    absences = pl.concat([releve.absences.select(list(ABSENCES)), away.unique()])
    taken = releve.reservations.filter(pl.col("statut").is_in(_TAKEN), pl.col("serie").is_not_null())
    return _Slots(ranges, creneaux(ranges), creneaux(ranges, absences), creneaux(ranges, absences, taken))


def _territories(effecteurs: pl.DataFrame, communes: pl.DataFrame) -> pl.DataFrame:
    known = communes.select("code_commune", "siren_epci")
    return effecteurs.join(known, on="code_commune", how="left").with_columns(
        code_departement=pl.when(pl.col("code_commune").str.contains("^9[78]"))
        .then(pl.col("code_commune").str.head(3))
        .otherwise(pl.col("code_commune").str.head(2))
    )


def _offre(releve: Releve, slots: _Slots, places: pl.DataFrame, du: date, au: date) -> pl.DataFrame:
    key = ["jour", "identifiant", "lieu", "modalites"]

    def summed(frame: pl.DataFrame, **counts: pl.Expr) -> pl.DataFrame:
        return jour_local(frame, "debut").group_by(key).agg(**counts)

    seats = pl.col("capacite").sum()
    length = (pl.col("fin") - pl.col("debut")).dt.total_minutes().sum()
    taken = releve.reservations.filter(pl.col("statut").is_in(_TAKEN)).join(
        slots.ranges.select("serie", "date_locale", "modalites", "fuseau"), on=["serie", "date_locale"]
    )
    held = (
        summed(slots.whole, offerts=seats)
        .join(summed(slots.net, nets=seats), on=key, how="full", coalesce=True)
        .join(summed(slots.left, disponibles=pl.col("restantes").sum()), on=key, how="full", coalesce=True)
        .join(summed(slots.ranges, minutes_offertes=length), on=key, how="full", coalesce=True)
        .join(summed(taken, pris=pl.len().cast(pl.Int64)), on=key, how="full", coalesce=True)
        .with_columns(pl.col("offerts", "nets", "disponibles", "minutes_offertes", "pris").fill_null(0))
        .with_columns(absents=(pl.col("offerts") - pl.col("nets")).clip(lower_bound=0))
        .with_columns(modalites=written())
    )
    days = pl.DataFrame({"jour": pl.date_range(du, au, eager=True)})
    everyone = places.join(days, how="cross").rename({"genre": "genre_effecteur"})
    full = everyone.join(held, on=["jour", "identifiant", "lieu"], how="left").with_columns(
        pl.col("modalites").fill_null(""),
        pl.col("offerts", "absents", "pris", "disponibles", "minutes_offertes").fill_null(0),
        source=pl.lit("saisie"),
    )
    asked = (
        jour_local(releve.sollicitations, "moment")
        .group_by("jour", "identifiant")
        .agg(_asked=pl.len().cast(pl.Int64))
    )
    first = pl.int_range(pl.len()).over("jour", "identifiant") == 0
    full = full.sort("jour", "identifiant", "lieu", "modalites").join(
        asked, on=["jour", "identifiant"], how="left"
    )
    full = full.with_columns(sollicitations=pl.when(first).then(pl.col("_asked").fill_null(0)).otherwise(0))
    return _conform(OFFRE, full)


def _recherches(
    releve: Releve, left: pl.DataFrame, communes: pl.DataFrame, du: date, au: date
) -> pl.DataFrame:
    if releve.recherches.is_empty():
        return RECHERCHES.empty()
    asked = demandes(releve.recherches)
    asked = jour_local(asked, "moment").filter(pl.col("jour").is_between(du, au))
    where = releve.effecteurs.select("identifiant", "lieu", "longitude", "latitude")
    seats = free(left).join(where, on=["identifiant", "lieu"])
    rows = (
        asked.with_columns(
            heure=pl.col("moment").dt.convert_time_zone(PARIS).dt.hour().cast(pl.Int64),
            code_commune=pl.when(pl.col("code_commune") != "").then("code_commune"),
            code_departement=pl.col("sas").str.strip_prefix("SAS-"),
            levier=pl.Series(leviers(asked, seats, communes), dtype=pl.String),
        )
        .join(communes.select("code_commune", "siren_epci"), on="code_commune", how="left")
        .group_by(
            "jour", "heure", "sas", "code_departement", "siren_epci", "code_commune", "preset", "horizon", "issue",
            "levier",
        )
        .agg(pl.col("recherches").sum(), demandes=pl.len().cast(pl.Int64))
    )  # fmt: skip
    return _conform(RECHERCHES, publiees(rows, compte="demandes"))


def _rendez_vous(releve: Releve, places: pl.DataFrame, du: date, au: date) -> pl.DataFrame:
    where = places.select("identifiant", "lieu", "siren_epci", "code_commune", "code_departement", "fuseau")
    kept = releve.reservations.filter(pl.col("statut") != "pending", ~pl.col("deplace"))
    one_place = where.unique("identifiant", keep="first", maintain_order=True)
    located = pl.concat(
        [
            kept.filter(pl.col("lieu").is_not_null()).join(where, on=["identifiant", "lieu"]),
            kept.filter(pl.col("lieu").is_null()).join(one_place.drop("lieu"), on="identifiant"),
        ],
        how="diagonal",
    )
    if located.is_empty():
        return RENDEZ_VOUS.empty()
    hours = (pl.col("debut") - pl.col("pris_le")).dt.total_seconds() / 3600
    late = (
        pl.when(pl.col("_h") <= 2).then(pl.lit("2h")).when(pl.col("_h") <= 4).then(pl.lit("4h"))
        .when(pl.col("_h") <= 6).then(pl.lit("6h")).when(pl.col("_h") <= 12).then(pl.lit("12h"))
        .when(pl.col("_h") <= 24).then(pl.lit("24h")).otherwise(pl.lit("plus"))
    )  # fmt: skip
    rows = (
        jour_local(located, "debut")
        .filter(pl.col("jour").is_between(du, au))
        .with_columns(_h=hours.clip(lower_bound=0))
        .with_columns(classe_delai=late)
        .group_by(
            "jour", "sas", "code_departement", "siren_epci", "code_commune", "modalite", "source", "statut",
            "classe_delai",
        )
        .agg(rendez_vous=pl.len().cast(pl.Int64), delai_h=pl.col("_h").sum())
    )  # fmt: skip
    return _conform(RENDEZ_VOUS, publiees(rows, compte="rendez_vous"))


def _expositions(releve: Releve, du: date, au: date) -> pl.DataFrame:
    shown = jour_local(releve.affichages, "moment").filter(pl.col("jour").is_between(du, au))
    asked = (
        jour_local(releve.sollicitations, "moment")
        .filter(pl.col("jour").is_between(du, au))
        .group_by("jour", "sas", "identifiant")
        .agg(sollicitations=pl.len().cast(pl.Int64))
    )
    parts = [
        expositions(part).with_columns(jour=pl.lit(day), sas=pl.lit(sas))
        for (day, sas), part in shown.group_by("jour", "sas")
    ]
    seen = pl.concat(parts) if parts else EXPOSITIONS.empty().drop("sollicitations")
    both = seen.join(asked, on=["jour", "sas", "identifiant"], how="full", coalesce=True)
    numbers = ("affichages", "observe", "attendu", "offre", "sollicitations")
    return _conform(EXPOSITIONS, both.with_columns(pl.col(one).fill_null(0) for one in numbers))


def _previsions(releve: Releve, places: pl.DataFrame, today: date) -> pl.DataFrame:
    ahead = _slots(releve, today, today + timedelta(days=max(LEADS)))
    seats = jour_local(ahead.net, "debut").join(
        places.select("identifiant", "lieu", "sas"), on=["identifiant", "lieu"]
    )
    days = pl.DataFrame(
        {"jour": [today + timedelta(days=lead) for lead in LEADS], "avance": list(LEADS)},
        schema={"jour": pl.Date, "avance": pl.Int64},
    )
    told = places.select("sas").unique().join(days, how="cross")
    count = seats.group_by("jour", "sas").agg(annonces=pl.col("capacite").sum())
    full = told.join(count, on=["jour", "sas"], how="left").with_columns(
        pl.col("annonces").fill_null(0), date_photo=pl.lit(today)
    )
    return _conform(PREVISIONS, full)


def _conform(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(table.columns).cast(dict(table.dtypes()))  # type: ignore[arg-type]
