"""A search: who can see somebody, from a place, within a horizon, in the order of :mod:`scoring.sas.ordre`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_

import polars as pl

from lake.geo import distance_km
from lake.horaires.creneaux import creneaux
from lake.horaires.heures import MOMENT, PARIS, local_day
from lake.horaires.plages import BITS, bits
from scoring.reach.proximity import Trajet
from scoring.sas.horizons import LONGEST, bandes, limit
from scoring.sas.ordre import delta_minutes, draw, ordered, paniers, quarters

EXACT = frozenset({"numero", "point"})
"""Precisions at which a journey is known: what begins before one can be there is not offered."""
DEFAULT_PERIMETER = 15.0
"""Minutes that a professional drives to a home, when nothing else is declared."""


@dataclass(frozen=True)
class Lieu:
    """Where care is needed. Lives in memory only.

    Attributes:
        libelle: as it is told.
        precision: ``numero``, ``rue``, ``lieu_dit``, ``commune``, ``departement`` or ``point``.
        longitude, latitude: degrees.
        incertitude_km: ρ; infinite for a department.
        code_commune: its commune; empty when not known.
        code_departement: decides the SAS, hence the radius.
    """

    libelle: str
    precision: str
    longitude: float
    latitude: float
    incertitude_km: float
    code_commune: str
    code_departement: str


@dataclass(frozen=True)
class Critere:
    """What is searched: a conjunction; an empty part asks nothing.

    Attributes:
        titre: name of the search.
        specialites: any of these (``SM54``…); structures are kept whatever theirs.
        actes: all of these acts.
        equipements: all of these.
        langues: any of these (ISO 639).
        genre: ``ps``, ``structure`` or empty.
        modalites: any of these (:data:`lake.horaires.plages.BITS`).
        age: who receives this age, or has said nothing of ages; empty for anybody.
    """

    titre: str = "Recherche"
    specialites: frozenset[str] = frozenset()
    actes: frozenset[str] = frozenset()
    equipements: frozenset[str] = frozenset()
    langues: frozenset[str] = frozenset()
    genre: str = ""
    modalites: frozenset[str] = frozenset()
    age: str = ""


PRESETS: Mapping[str, Critere] = {
    # The profession's codes of general medicine fold into SM54 in the directory; files may still say the older ones.
    "medecine_generale": Critere(
        "Consultation de médecine générale", specialites=frozenset({"SM54", "SM53", "SM26"})
    ),
    "suture": Critere("Suture", actes=frozenset({"suture"})),
    "snp_pediatrique": Critere(
        "SNP pédiatrique", specialites=frozenset({"SM40", "SM54"}), actes=frozenset({"pediatrie"})
    ),
}
"""Searches made in advance: code -> what is asked."""


@dataclass(frozen=True)
class Offre:
    """Everything that a search reads, at one version of the store.

    Attributes:
        effecteurs: one row a person or structure and place: ``identifiant``, ``lieu``, ``genre``, ``nom``,
            ``specialite``, ``longitude``, ``latitude``, ``code_commune``, ``fuseau``, ``perimetre_min``,
            ``perimetre_communes`` (codes joined by ``|``: home visits there alone; empty: within ``perimetre_min``),
            ``indisponible`` (Boolean), ``actes``, ``equipements``, ``langues``, ``ages`` (lists of String; no age:
            all of them).
        ranges: as :func:`lake.horaires.plages.occurrences`, from the day before the search to the end of the horizon.
        absences: :data:`lake.horaires.creneaux.ABSENCES`.
        taken: :data:`lake.horaires.creneaux.PRISES`.
        solicited: ``identifiant``, ``sollicitations`` over seven days, ``offertes`` (seats); those without line: none.
        ouvertures: ``identifiant``, ``ouvert_rang``, ``change_le`` (UTC) of structures whose hours are known.
    """

    effecteurs: pl.DataFrame
    ranges: pl.DataFrame
    absences: pl.DataFrame
    taken: pl.DataFrame
    solicited: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(
            schema={"identifiant": pl.String, "sollicitations": pl.Int64, "offertes": pl.Int64}
        )
    )
    ouvertures: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(
            schema={"identifiant": pl.String, "ouvert_rang": pl.Int64, "change_le": MOMENT}
        )
    )


@dataclass(frozen=True)
class Reponse:
    """What a search found.

    Attributes:
        resultats: one row a person or structure and place, in order: ``rang``, ``identifiant``, ``lieu``, ``nom``,
            ``genre``, ``distance_km``, ``trajet_min``, ``palier``, ``panier``, ``bande``, ``poids``, ``tirage``,
            ``premier_creneau`` (UTC), ``places``, ``modalites`` (bits), ``sollicitations``, ``ouvert_rang``,
            ``surbooking``, ``source``, ``trop_juste`` (UTC, the first slot that begins before one can be there, which
            is not offered; null without).
        slots: the usable slots behind them, each with its ``bande``.
        rayon_km: how far it went.
        delta_min: width of a distance bucket (minutes).
        graine: the seed; the same gives the same order.
    """

    resultats: pl.DataFrame
    slots: pl.DataFrame
    rayon_km: float
    delta_min: float
    graine: int


def chercher(
    lieu: Lieu,
    offre: Offre,
    *,
    now: datetime,
    rayon_km: float,
    critere: Critere = PRESETS["medecine_generale"],
    horizon: str = LONGEST,
    modalites: Sequence[str] = (),
    graine: int = 0,
    open_first: bool = True,
    zone: str = PARIS,
    trajet: Trajet | None = None,
) -> Reponse:
    """Search.

    Args:
        lieu: where.
        offre: what is on offer.
        now: the moment (aware).
        rayon_km: great-circle radius.
        critere: what is searched.
        horizon: one of :data:`scoring.sas.horizons.HORIZONS`.
        modalites: any of these; none for all.
        graine: seed of the draw among equals.
        open_first: open structures before the other structures.
        zone: clock of the place searched.
        trajet: how a distance becomes a time.

    Raises:
        UnknownName: there is no such horizon.
    """
    how, now = trajet or Trajet(), now.astimezone(UTC)
    end = limit(horizon, now, zone)
    near = _near(_asked(offre.effecteurs, critere), lieu, rayon_km, how)
    ranges = offre.ranges.join(near.select("identifiant", "lieu"), on=["identifiant", "lieu"], how="semi")
    day = local_day(now, zone)
    ranges = ranges.filter(pl.col("fin") > now, pl.col("date_locale") >= day - timedelta(days=1))
    wanted = bits(list(modalites or critere.modalites)) or sum(BITS.values())
    slots, tight = _usable(
        creneaux(ranges, offre.absences, offre.taken),
        near,
        now=now,
        lieu=lieu,
        wanted=wanted,
    )
    slots = slots.filter(pl.col("utile") <= end.fin if end.close else pl.col("utile") < end.fin)
    bands = bandes(now, zone)
    edges = [(pl.col("utile") <= one.fin) if one.close else (pl.col("utile") < one.fin) for one in bands]
    banded = pl.lit(len(bands), pl.Int64)
    for rank, edge in reversed(list(enumerate(edges))):
        banded = pl.when(edge).then(pl.lit(rank, pl.Int64)).otherwise(banded)
    slots = slots.with_columns(bande=banded)
    rows = _rows(near, slots, offre, now, len(bands)).join(tight, on=["identifiant", "lieu"], how="left")
    delta = delta_minutes(lieu.incertitude_km, how)
    rows = rows.with_columns(
        panier=paniers(pl.col("trajet_min"), delta),
        tirage=pl.Series(
            draw(graine, [f"{one}|{place}" for one, place in rows.select("identifiant", "lieu").iter_rows()]),
            dtype=pl.String,
        ),
    )
    return Reponse(ordered(rows, open_first=open_first), slots, rayon_km, delta, graine)


def absents(people: pl.DataFrame, critere: Critere, lieu: Lieu, rayon_km: float) -> pl.DataFrame:
    """Those whom a search would find, had they not said that they are unavailable; the nearest first.

    Args:
        people: as :attr:`Offre.effecteurs`, with ``indisponible_le``, ``etat`` and ``preuve``.
        critere: what is searched.
        lieu: where.
        rayon_km: great-circle radius.

    Returns:
        DataFrame: their rows, with ``distance_km`` and ``trajet_min``.
    """
    away = people.filter(
        pl.col("indisponible_le").is_not_null(), pl.col("etat") == "actif", pl.col("preuve") != ""
    )
    asked = _asked(away.with_columns(indisponible=pl.lit(False)), critere)
    return _near(asked, lieu, rayon_km, Trajet()).sort("distance_km", "identifiant")


def _asked(people: pl.DataFrame, critere: Critere) -> pl.DataFrame:
    kept: list[pl.Expr] = [~pl.col("indisponible")]
    if critere.specialites:
        # A structure has no speciality of its own: it is kept for what it offers.
        kept.append(pl.col("specialite").is_in(list(critere.specialites)) | (pl.col("genre") == "structure"))
    if critere.age:
        kept.append((pl.col("ages").list.len() == 0) | pl.col("ages").list.contains(critere.age))
    if critere.genre:
        kept.append(pl.col("genre") == critere.genre)
    kept += [pl.col("actes").list.contains(one) for one in sorted(critere.actes)]
    kept += [pl.col("equipements").list.contains(one) for one in sorted(critere.equipements)]
    if critere.langues:
        kept.append(reduce(or_, [pl.col("langues").list.contains(one) for one in sorted(critere.langues)]))
    return people.filter(*kept)


def _near(people: pl.DataFrame, lieu: Lieu, rayon_km: float, how: Trajet) -> pl.DataFrame:
    km = distance_km(
        people["longitude"].to_numpy(), people["latitude"].to_numpy(), lieu.longitude, lieu.latitude
    )
    return people.with_columns(
        distance_km=pl.Series(km, dtype=pl.Float64), trajet_min=pl.Series(how.minutes(km), dtype=pl.Float64)
    ).filter(pl.col("distance_km").is_not_nan(), pl.col("distance_km") <= rayon_km)


def visite(code_commune: str) -> pl.Expr:
    """Whether a place's perimeter of home visits holds a commune: its list where it has one, else minutes of road."""
    listed = pl.concat_str(pl.lit("|"), "perimetre_communes", pl.lit("|"))
    return (
        pl.when(pl.col("perimetre_communes") != "")
        .then(listed.str.contains(f"|{code_commune}|", literal=True))
        .otherwise(pl.col("trajet_min") <= pl.col("perimetre_min"))
    )


def _usable(
    slots: pl.DataFrame, near: pl.DataFrame, *, now: datetime, lieu: Lieu, wanted: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The seats that may still be taken, with the moment from which each is usable (``utile``); and the first slot of
    each that begins before one can be there (``trop_juste``)."""
    exact = lieu.precision in EXACT
    drive = near.select("identifiant", "lieu", "trajet_min", "perimetre_min", "perimetre_communes")
    there = pl.lit(now, MOMENT)
    arrival = (
        there + pl.duration(seconds=(pl.col("trajet_min") * 60).round().cast(pl.Int64)) if exact else there
    )
    home = visite(lieu.code_commune)
    shared = slots.join(drive, on=["identifiant", "lieu"]).filter(pl.col("restantes") > 0)
    kept = shared.with_columns(
        # Which of the modalities asked this slot offers here: a home visit only within the perimeter.
        possibles=(pl.col("modalites") & wanted)
        & pl.when(home).then(pl.lit(sum(BITS.values()))).otherwise(pl.lit(sum(BITS.values()) - BITS["HH"]))
    ).filter(pl.col("possibles") > 0)
    # Only who must come to the practice needs the time to come.
    only_there = pl.col("possibles") == BITS["AMB"]
    ready = pl.when(only_there).then(arrival).otherwise(there)
    seat = pl.duration(minutes=pl.col("duree_min"))
    timed = (
        kept.with_columns(
            utile=pl.when(pl.col("genre") == "plage")
            .then(pl.max_horizontal(pl.col("debut"), ready))
            .otherwise(pl.col("debut"))
        )
        .with_columns(
            _tot=pl.when(pl.col("genre") == "plage")
            .then(pl.col("fin") - pl.col("utile") >= seat)
            .otherwise(pl.col("debut") >= ready)
        )
        .drop("trajet_min", "perimetre_min", "perimetre_communes")
        .with_columns(modalites=pl.col("possibles"))
        .drop("possibles")
    )
    soon = timed.filter(~pl.col("_tot"), pl.col("genre") == "creneau", pl.col("debut") >= there)
    tight = soon.group_by("identifiant", "lieu").agg(trop_juste=pl.col("debut").min())
    return timed.filter("_tot").drop("_tot"), tight


def _rows(near: pl.DataFrame, slots: pl.DataFrame, offre: Offre, now: datetime, last: int) -> pl.DataFrame:
    key = ["identifiant", "lieu"]
    found = (
        slots.sort("utile")
        .group_by(key, maintain_order=True)
        .agg(
            premier_creneau=pl.col("utile").first(),
            places=pl.col("restantes").sum(),
            bande=pl.col("bande").first(),
            modalites=pl.col("modalites").bitwise_or(),
        )
    )
    windows = (
        offre.ranges.filter(pl.col("genre") == "surbooking", pl.col("debut") <= now, pl.col("fin") > now)
        .select(key)
        .unique()
    )
    return (
        near.join(found, on=key, how="left")
        .join(windows.with_columns(surbooking=pl.lit(True)), on=key, how="left")
        .join(offre.solicited, on="identifiant", how="left")
        .join(offre.ouvertures, on="identifiant", how="left")
        .with_columns(
            pl.col("places").fill_null(0),
            pl.col("modalites").fill_null(0),
            pl.col("surbooking").fill_null(False),
            pl.col("sollicitations").fill_null(0),
            pl.col("offertes").fill_null(0),
            pl.col("ouvert_rang").fill_null(2).cast(pl.Int64),
            bande=pl.col("bande").fill_null(last),
            source=pl.lit("saisie"),
        )
        .with_columns(
            palier=pl.when(pl.col("places") > 0)
            .then(0)
            .when(pl.col("surbooking"))
            .then(1)
            .otherwise(2)
            .cast(pl.Int64),
            poids=quarters(pl.col("sollicitations"), pl.col("offertes")),
        )
    )


def explained(row: Mapping[str, object], reponse: Reponse) -> str:
    """Why a row has its rank, in one sentence per part of the key."""
    minutes, bucket = float(str(row["trajet_min"])), int(str(row["panier"]))
    parts = [
        {
            0: "une place libre dans l’horizon",
            1: "accepte un patient en surnombre",
            2: "aucune place dans l’horizon",
        }[int(str(row["palier"]))]
    ]
    if math.isinf(reponse.delta_min):
        parts.append("le lieu n’est connu qu’au département : la distance ne compte pas")
    else:
        low, high = bucket * reponse.delta_min, (bucket + 1) * reponse.delta_min
        parts.append(
            f"à {minutes:.0f} min, donc entre {low:.0f} et {high:.0f} min : à égalité avec tous ceux qui y sont"
        )
    count = int(str(row["sollicitations"]))
    parts.append(f"{count} sollicitation{'s' if count > 1 else ''} en 7 jours")
    parts.append(f"tirage {str(row['tirage'])[:6]} (graine {reponse.graine})")
    said = " ; ".join(parts)
    return f"{said[0].upper()}{said[1:]}."
