"""Our free slots for the FHIR server: who is asked, within a window, as they stand at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from lake.agendas.emission import Libre, Lieu
from lake.catalog.territoires import CODES_POSTAUX, COMMUNES
from lake.errors import MissingTable
from lake.horaires.creneaux import creneaux, free
from lake.horaires.heures import local_day
from lake.horaires.plages import codes, occurrences
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.agendas import Photo
from scoring.universes.model import Scan

FENETRE_JOURS = 15


@dataclass(frozen=True)
class Question:
    """Whose slots, from and until when (UTC)."""

    identifiants: tuple[str, ...]
    du: datetime
    au: datetime


def libres(store: Store, scan: Scan, question: Question) -> list[Libre]:
    """The free slots, in order of time; those of who is unavailable, unproven or gone are none.

    A range of several seats is told once, from its beginning; one that has begun is not, as no slot begins in the past.
    """
    if not question.identifiants or question.au < question.du:
        return []
    seen = agendas.photo(store, since=question.du.date() - timedelta(days=2))
    places = {place.numero: place for place in _places(seen, scan, question.identifiants)}
    series = seen.series.filter(pl.col("genre") == "snp", pl.col("lieu").is_in(list(places)))
    first, last = local_day(question.du), local_day(question.au)
    ranges = occurrences(series, seen.exceptions, first - timedelta(days=1), last + timedelta(days=1))
    slots = free(creneaux(ranges, seen.absences, seen.taken))
    kept = slots.filter(pl.col("debut") >= question.du, pl.col("debut") <= question.au)
    return [
        Libre(
            numero=f"{row['serie']}-{row['debut']:%Y%m%dT%H%M}",
            lieu=places[row["lieu"]],
            debut=row["debut"],
            fin=row["fin"],
            modalites=tuple(codes(row["modalites"])),
        )
        for row in kept.iter_rows(named=True)
    ]


def places_of(store: Store, scan: Scan, identifiants: Sequence[str]) -> list[Lieu]:
    """The places of these professionals, those that may be shown."""
    return _places(agendas.photo(store), scan, identifiants) if identifiants else []


def _places(seen: Photo, scan: Scan, identifiants: Sequence[str]) -> list[Lieu]:
    # A place keeps its rank while another is closed.
    mine = seen.effecteurs.filter(pl.col("identifiant").is_in(list(identifiants)), pl.col("genre") == "ps")
    shown = mine.with_columns(rang=pl.int_range(pl.len()).over("identifiant")).filter(~pl.col("indisponible"))
    if shown.is_empty():
        return []
    towns = shown.join(_towns(scan), on="code_commune", how="left", maintain_order="left")
    return [
        Lieu(
            identifiant=row["identifiant"],
            nom=row["nom"],
            numero=row["lieu"],
            rang=row["rang"],
            adresse=row["libelle"],
            code_postal=row["code_postal"] or row["code_commune"],
            ville=row["commune"] or row["code_commune"],
            fuseau=row["fuseau"],
        )
        for row in towns.iter_rows(named=True)
    ]


def _towns(scan: Scan) -> pl.DataFrame:
    """Name and first postal code of each commune."""
    try:
        names = scan(COMMUNES).select("code_commune", "commune").collect()
        postal = scan(CODES_POSTAUX).group_by("code_commune").agg(pl.col("code_postal").min()).collect()
    except MissingTable:
        return pl.DataFrame(
            schema={"code_commune": pl.String, "commune": pl.String, "code_postal": pl.String}
        )
    return names.join(postal, on="code_commune", how="left")
