"""A régulateur's question: a place in memory, the agendas at their version, an answer in its order.

The place lives here and in the session, nowhere else: neither the address nor its coordinates reach the store, the
journal, an address bar or a log.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any

import polars as pl

from apps.kit.data.places import Places
from lake.errors import LakeError
from lake.horaires import creneaux, plages
from lake.horaires.heures import PARIS, local_day, midnight, monday
from lake.horaires.plages import BITS
from lake.store.engine import Store
from lake.store.sas import agendas, presets, recherches, registre
from lake.store.sas.agendas import Photo
from lake.store.sas.recherches import Affichage, Recherche
from scoring.sas import rayons
from scoring.sas.horizons import HORIZONS, LONGEST
from scoring.sas.ordre import incertitude_of_area
from scoring.sas.ouverture import Ouverture, etat
from scoring.sas.rayons import Territoire
from scoring.sas.recherche import PRESETS, Critere, Lieu, Offre, Reponse, absents, chercher

_DAYS = 4
_SHOWN = 25
"""Rows whose exposure is kept, the first of an answer: what fills a screen."""


@dataclass(frozen=True)
class Question:
    """What a régulateur asks.

    Attributes:
        lieu: where.
        preset: a key of :data:`scoring.sas.recherche.PRESETS`.
        horizon: a key of :data:`scoring.sas.horizons.HORIZONS`.
        modalites: any of these; none for all.
        elargi: how many times the radius was enlarged.
        graine: seed of the draw; drawn once a demand.
        open_first: open structures before the other structures.
        critere: what is asked, when it is a search of the SAS: ``preset`` is then its own code.
        age: of who receives this age; it is written nowhere.
    """

    lieu: Lieu
    preset: str = "medecine_generale"
    horizon: str = LONGEST
    modalites: tuple[str, ...] = ()
    elargi: int = 0
    graine: int = 0
    open_first: bool = True
    critere: Critere | None = None
    age: str = ""

    @property
    def territoire(self) -> Territoire:
        """The SAS of the place."""
        return rayons.of_departement(self.lieu.code_departement)

    @property
    def rayon_km(self) -> float:
        """How far it goes."""
        return self.territoire.rayon(self.elargi)


def graine() -> int:
    """A seed."""
    return secrets.randbelow(2**31)


PORTEES = HORIZONS
"""How far ahead a search may look, and its French name."""


@dataclass(frozen=True)
class Locale:
    """A search of a SAS: what it asks, and the filters that it sets, which may be changed.

    Attributes:
        critere: what is asked.
        horizon: a key of :data:`PORTEES`.
        modalites: codes of :data:`lake.horaires.plages.MODALITES`; none for all.
        age: a code of :data:`lake.store.sas.profil.AGES`; empty for any.
    """

    critere: Critere
    horizon: str = LONGEST
    modalites: tuple[str, ...] = ()
    age: str = ""


def locales(store: Store, codes: Iterable[str]) -> dict[str, Locale]:
    """The searches of some SAS, beside the national ones: their code, which demands keep, and what they ask."""
    return {
        f"{one.sas}-{one.id}": Locale(
            Critere(
                one.titre,
                specialites=frozenset({one.specialite} - {""}),
                actes=frozenset({one.acte} - {""}),
                equipements=frozenset({one.equipement} - {""}),
                langues=frozenset({one.langue} - {""}),
                genre=one.genre,
            ),
            one.horizon if one.horizon in HORIZONS else LONGEST,
            tuple(plages.codes(one.modalites)),
            one.age,
        )
        for code in codes
        for one in presets.presets(store, code)
    }


def lieu_of_text(places: Places, text: str) -> tuple[Lieu | None, tuple[str, ...]]:
    """The place that a text means; else the communes to choose from, in words.

    A commune that the text names is a place too: never an empty page.
    """
    found = places.find(text)
    if found.candidates:
        best = found.candidates[0]
        return _candidate(places, best.libelle, best.precision, best.longitude, best.latitude, best.incertitude_km,
                          best.code_commune), ()  # fmt: skip
    return None, tuple(f"{one.nom} ({one.code_departement})" for one in found.communes)


def lieu_of_commune(places: Places, code: str) -> Lieu:
    """A commune's centre.

    Raises:
        LakeError: it is unknown.
    """
    found = places.commune(code)
    if found is None:
        raise LakeError(
            f"Commune inconnue : « {code} ».", conseil="Donnez son code INSEE, par exemple 54395."
        )
    return _candidate(places, found.libelle, "commune", found.longitude, found.latitude, found.incertitude_km,
                      found.code_commune)  # fmt: skip


def _candidate(
    places: Places, libelle: str, precision: str, longitude: float, latitude: float, rho: float, commune: str
) -> Lieu:
    if precision == "numero":
        rho = 0.0
    elif precision == "commune" and (area := places.area_km2(commune)):
        rho = incertitude_of_area(area)
    return Lieu(libelle, precision, longitude, latitude, rho, commune, places.departement(commune))


PEU = 5
"""Seats in presence under which a place that is not dense is told what is offered at a distance."""


def a_distance(found: Reponse) -> tuple[int, int]:
    """Seats of an answer that are held in presence, and those that are held at a distance alone."""
    usable = found.slots.join(
        found.resultats.filter(pl.col("palier") == 0).select("identifiant", "lieu"),
        on=["identifiant", "lieu"],
    )
    far = pl.col("modalites") == BITS["VR"]
    return (
        int(usable.filter(~far)["restantes"].sum() or 0),
        int(usable.filter(far)["restantes"].sum() or 0),
    )


class Agendas:
    """The agendas of a store, read again when one changes; what a search reads is kept by version and day."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._photo: Photo | None = None
        self._read_le: datetime = datetime.min.replace(tzinfo=UTC)
        self._ranges: dict[tuple[int, date], pl.DataFrame] = {}
        self._hours: tuple[int, list[Any]] | None = None

    @property
    def store(self) -> Store:
        """Where the agendas are."""
        return self._store

    def photo(self, now: datetime) -> Photo:
        """Every agenda at its last version; holds that ended since the last reading are free again."""
        version = agendas.version(self._store)
        with self._lock:
            fresh = self._photo is not None and self._photo.version == version
            # A hold ends by itself, without a write: three minutes bound what is shown as held.
            if not fresh or not timedelta(0) <= now - self._read_le < timedelta(seconds=20):
                since = local_day(now) - timedelta(days=1)
                self._photo, self._read_le = agendas.photo(self._store, now=now, since=since), now
            assert self._photo is not None
            return self._photo

    def offre(self, now: datetime) -> Offre:
        """What a search at a moment reads."""
        seen, day = self.photo(now), local_day(now)
        with self._lock:
            key = (seen.version, day)
            if key not in self._ranges:
                self._ranges = {
                    key: plages.occurrences(
                        seen.series, seen.exceptions, day - timedelta(days=1), day + timedelta(days=_DAYS - 1)
                    )
                }
            ranges = self._ranges[key]
        return Offre(
            seen.effecteurs,
            ranges,
            seen.absences,
            seen.taken,
            solicited=self._solicited(seen, now, day),
            ouvertures=self._opened(seen, now),
        )

    def _opened(self, seen: Photo, now: datetime) -> pl.DataFrame:
        """Which structures are open at this instant, and until when; those without hours are not there."""
        with self._lock:
            if self._hours is None or self._hours[0] != seen.version:
                self._hours = (seen.version, registre.horaires(self._store))
            rows = self._hours[1]
        weeks: dict[tuple[str, str, str], list[Ouverture]] = {}
        for row in rows:
            key = (row["identifiant"], row["fuseau"], rayons.departement_of(row["code_commune"]))
            weeks.setdefault(key, []).append(Ouverture(row["jour"], row["debut_min"], row["fin_min"]))
        found = [
            (who, known.rang, known.change_le)
            for (who, zone, department), week in weeks.items()
            for known in (etat(week, now, code_departement=department, zone=zone),)
        ]
        schema: Any = {
            "identifiant": pl.String,
            "ouvert_rang": pl.Int64,
            "change_le": pl.Datetime("us", "UTC"),
        }
        return pl.DataFrame(found, schema=schema, orient="row").unique("identifiant", keep="first")

    def _solicited(self, seen: Photo, now: datetime, day: date) -> pl.DataFrame:
        """Who was solicited over seven days, and what each then offered: few people, few ranges."""
        counted = agendas.solicited(self._store, now - timedelta(days=7), midnight(monday(day)))
        mine = seen.series.filter(pl.col("identifiant").is_in(counted["identifiant"].implode()))
        week = plages.occurrences(mine, seen.exceptions, day - timedelta(days=6), day)
        offered = (
            creneaux.creneaux(week, seen.absences)
            .group_by("identifiant")
            .agg(offertes=pl.col("capacite").sum().cast(pl.Int64))
        )
        return counted.join(offered, on="identifiant", how="left").with_columns(
            pl.col("offertes").fill_null(0)
        )


def repondre(
    source: Agendas, question: Question, now: datetime, *, critere: Critere | None = None
) -> Reponse:
    """The answer to a question at a moment; nothing is kept.

    Raises:
        UnknownName: the search or the horizon does not exist.
    """
    asked = critere or question.critere or PRESETS[question.preset]
    return chercher(
        question.lieu,
        source.offre(now),
        now=now,
        rayon_km=question.rayon_km,
        critere=replace(asked, modalites=frozenset(question.modalites), age=question.age),
        horizon=question.horizon,
        graine=question.graine,
        open_first=question.open_first,
        zone=PARIS,
    )


def indisponibles(source: Agendas, question: Question, now: datetime) -> pl.DataFrame:
    """Who is unavailable within the radius of a question, the nearest first."""
    asked = replace(question.critere or PRESETS[question.preset], age=question.age)
    return absents(source.offre(now).effecteurs, asked, question.lieu, question.rayon_km)


def issue_of(reponse: Reponse, elargi: int, muettes: int = 0) -> str:
    """How a search ended: a silent source never makes it unmet."""
    if (reponse.resultats["palier"] == 0).any():
        return "elargie" if elargi else "pourvue"
    return "incertaine" if muettes else "non_pourvue"


def noter(
    store: Store,
    question: Question,
    reponse: Reponse,
    now: datetime,
    *,
    compte_id: int | None = None,
    muettes: Sequence[str] = (),
) -> int:
    """Keep that a search was made, with its commune at most, and the order that it showed."""
    table = reponse.resultats
    shown = [
        Affichage(
            row["effecteur_id"],
            row["rang"],
            row["palier"],
            row["panier"],
            row["bande"],
            row["poids"],
            row["places"],
        )
        for row in table.head(_SHOWN).iter_rows(named=True)
    ]
    return recherches.noter(
        store,
        Recherche(
            sas=question.territoire.code,
            code_commune=question.lieu.code_commune,
            precision=question.lieu.precision,
            preset=question.preset,
            modalites=plages.bits(list(question.modalites)),
            horizon=question.horizon,
            rayon_km=question.rayon_km,
            elargie=question.elargi,
            issue=issue_of(reponse, question.elargi, len(muettes)),
            resultats=int((table["palier"] == 0).sum()),
            graine=question.graine,
            sources_muettes=len(muettes),
            compte_id=compte_id,
        ),
        shown,
        now=now,
    )
