"""Fills the agendas of the demonstration: by the same road as a real file, then a past with its days and seasons."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from demo.sas.affichages import montres
from lake.catalog.annuaire import ACTIVITES
from lake.catalog.finess import ETABLISSEMENTS
from lake.catalog.territoires import COMMUNES
from lake.errors import MissingTable
from lake.horaires import creneaux, plages
from lake.horaires.heures import local_day, midnight, monday
from lake.horaires.plages import bits
from lake.store.engine import Store
from lake.store.sas import agendas, chargement, fichiers, historique
from lake.store.sas.fichiers import Lot, sas_of
from lake.tables import Lake
from scoring.sas.rayons import of_code

_SEED = 54
_PAST, _AHEAD = 26, 8
_TOLD = 13
"""Weeks of absences told one after the other: eight of forecasts, and the longest lead before."""
_NOTICES = (0, 0, 1, 2, 5, 9, 16, 25)
"""Days between the day an absence is told and its first one."""
_GENERAL = ("SM26", "SM53", "SM54")
_PERSON = (
    "identification_nationale_pp",
    "nom_exercice",
    "prenom_exercice",
    "code_commune",
    "longitude",
    "latitude",
)
_FAMILLES = ("centre_sante", "maison_sante")
_DAYS = (1.25, 1.0, 0.9, 0.95, 1.15, 1.5, 1.7)
"""How much is asked by day of the week: more when practices are closed."""
_SEASON = {1: 1.35, 2: 1.3, 12: 1.3, 11: 1.1, 7: 0.85, 8: 0.8}
_HOURS = (8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21)
_HOUR_WEIGHTS = (5, 7, 8, 7, 5, 5, 6, 6, 7, 9, 11, 10, 7, 4)
EDITEURS = ("Agenda lent", "Agenda en panne")
"""Of the editors that the demonstration serves, those that give slots."""
_OPENED = 480
_SIZES = {True: (150, 12, 600, 1_200), False: (1_500, 60, 6_000, 12_000)}
"""Small or not -> professionals, structures, bookings, searches."""


def fill(store: Store, lake: Lake, *, petit: bool, say: Callable[[str, float | None], None]) -> str:
    """Fill an empty store with the demonstration's agendas; one that has some is left alone.

    Args:
        store: where.
        lake: the demonstration's lake: its fictional professionals and its structures.
        petit: a tenth of it, for tests.
        say: progress.

    Returns:
        One French sentence: what was done; empty for nothing.
    """
    if not historique.vide(store):
        return ""
    now = datetime.now(UTC)
    people, structures, bookings, searches = _SIZES[petit]
    chance = random.Random(_SEED)
    try:
        persons, places = _persons(lake, people), _structures(lake, structures)
    except MissingTable:
        return ""
    say("sas : agendas de démonstration", None)
    today = local_day(now)
    series = [row for rank, one in enumerate(persons) for row in _weeks(one, rank, today, chance)]
    series += [row for one in places for row in _openings(one, today)]
    chargement.charger(
        store,
        effecteurs=[_lot(persons), _lot(places)],
        plages_=_lot(series),
        absences=_lot(_absences(persons, today, chance)),
        auteur="démonstration",
        now=now - timedelta(weeks=_PAST),
    )
    _late(store, persons, today, random.Random(_SEED + 1))
    done = _past(store, lake, now, bookings, searches, chance)
    return f"SAS de démonstration : {len(persons)} effecteurs, {len(places)} structures, {done} rendez-vous."


def _lot(rows: Sequence[dict[str, Any]]) -> Lot:
    return Lot("démonstration", lignes=list(enumerate(rows, 2)))


def _persons(lake: Lake, count: int) -> list[dict[str, Any]]:
    """General practitioners of the latest extraction, every territory by its share."""
    days = lake.values(ACTIVITES, "date_extraction")
    rows = (
        lake.scan(ACTIVITES)
        .filter(
            pl.col("date_extraction") == date.fromisoformat(str(days[-1])),
            pl.col("code_specialite").is_in(_GENERAL),
        )
        .select(*_PERSON)
        .drop_nulls()
        .unique("identification_nationale_pp", keep="first", maintain_order=True)
        .filter(pl.col("identification_nationale_pp").str.contains(r"^8\d{11}$"))
        .collect()
        .sort("identification_nationale_pp")
    )
    kept = rows.sample(min(count, rows.height), seed=_SEED, shuffle=True)
    return [
        _person(
            row["identification_nationale_pp"], "ps",
            f"Dr {row['prenom_exercice'].title()} {row['nom_exercice'].title()}", row, specialite="SM54",
            actes="suture" if rank % 6 == 0 else "pediatrie" if rank % 6 == 1 else "",
            langues="|".join(sorted({"fr", *(("de",) if rank % 5 == 0 else ()), *(("en",) if rank % 3 == 0 else ())})),
        )
        for rank, row in enumerate(kept.iter_rows(named=True))
    ]  # fmt: skip


def _structures(lake: Lake, count: int) -> list[dict[str, Any]]:
    rows = (
        lake.scan(ETABLISSEMENTS)
        .filter(pl.col("famille").is_in(_FAMILLES), pl.col("ouvert"))
        .select("finess", "raison_sociale", "code_commune", "longitude", "latitude")
        .drop_nulls()
        .collect()
        .sort("finess")
    )
    kept = rows.sample(min(count, rows.height), seed=_SEED, shuffle=True)
    return [
        _person("1" + row["finess"], "structure", _said(row["raison_sociale"]), row, specialite="")
        | {"ouverture": fichiers.ouvertures("1-5 09:00-19:00; 6 09:00-13:00")}
        for row in kept.iter_rows(named=True)
    ]


_SMALL = {"De": "de", "Du": "du", "Des": "des", "La": "la", "Le": "le", "Les": "les", "Et": "et", "Sante": "santé",
          "Pole": "Pôle", "Medical": "médical", "Pluridisciplinaire": "pluridisciplinaire"}  # fmt: skip


def _said(name: str) -> str:
    """A name in capitals as people write it: « Centre de santé Odile Lothaire »."""
    return " ".join(_SMALL.get(word, word) if rank else _SMALL.get(word, word).capitalize()
                    for rank, word in enumerate(name.title().split()))  # fmt: skip


def _person(identifiant: str, genre: str, nom: str, row: dict[str, Any], **more: str) -> dict[str, Any]:
    return {
        "identifiant": identifiant, "genre": genre, "nom": nom[:200], "code_commune": row["code_commune"],
        "longitude": row["longitude"], "latitude": row["latitude"], "fuseau": "Europe/Paris",
        "sas": sas_of(row["code_commune"]), "actes": "", "equipements": "", "langues": "fr", "libelle": "",
    } | more  # fmt: skip


def _range(
    one: dict[str, Any], today: date, jour: int, debut: int, length: int, **changed: Any
) -> dict[str, Any]:
    first, last = monday(today) - timedelta(weeks=_PAST), monday(today) + timedelta(weeks=_AHEAD + 1, days=-1)
    return {
        "identifiant": one["identifiant"], "genre": "snp", "du": first, "au": last,
        "ancre": first, "cycle": 1, "rang": 0, "jour": jour, "debut_min": debut, "fin_min": debut + length,
        "capacite": None, "duree_min": 20, "modalites": bits(["AMB"]), "code_commune": "",
    } | changed  # fmt: skip


def _weeks(one: dict[str, Any], rank: int, today: date, chance: random.Random) -> list[dict[str, Any]]:
    """Two or three short ranges a week; some every other week, some by telephone or at home, some in excess."""
    rows = []
    for jour in sorted(chance.sample(range(1, 7), chance.choice((1, 2, 2, 3)))):
        start = 60 * chance.choice((8, 9, 11, 12, 14, 17, 18)) + chance.choice((0, 30))
        kinds = chance.choice((["AMB"], ["AMB"], ["AMB"], ["AMB", "VR"], ["VR"], ["AMB", "HH"]))
        duration = 30 if "HH" in kinds else 10 if kinds == ["VR"] else 15 if rank % 2 else 20
        cycle = chance.choice((1, 1, 1, 2))
        rows.append(
            _range(
                one, today, jour, start, chance.choice((60, 90, 120)), modalites=bits(kinds), duree_min=duration,
                cycle=cycle, rang=chance.randrange(cycle),
            )
        )  # fmt: skip
    if rank % 9 == 0:
        rows.append(_range(one, today, chance.randrange(1, 6), 18 * 60, 120, genre="surbooking"))
    return rows


def _openings(one: dict[str, Any], today: date) -> list[dict[str, Any]]:
    week = [_range(one, today, jour, 9 * 60, 240, capacite=8) for jour in range(1, 7)]
    return week + [_range(one, today, jour, 14 * 60, 300, capacite=10) for jour in range(1, 6)]


def _absences(persons: Sequence[dict[str, Any]], today: date, chance: random.Random) -> list[dict[str, Any]]:
    rows = []
    for one in persons:
        if chance.random() < 0.15:
            first = datetime.combine(today + timedelta(days=chance.randrange(-60, 50)), datetime.min.time())
            rows.append(
                {
                    "identifiant": one["identifiant"],
                    "debut": first,
                    "fin": first + timedelta(days=chance.choice((1, 5, 7))),
                }
            )
    return rows


def _late(store: Store, persons: Sequence[dict[str, Any]], today: date, chance: random.Random) -> None:
    """Absences told on any day of the last weeks, for the same day or for later: what was announced is not all kept.

    Some weeks have more of them than others: epidemics, school holidays.
    """
    with_number = agendas.photo(store).effecteurs.select("identifiant", "effecteur_id", "fuseau")
    numbers = {who: (number, zone) for who, number, zone in with_number.iter_rows()}
    rows = []
    for week in range(_TOLD):
        for one in chance.sample(persons, round(len(persons) * chance.uniform(0.1, 0.4))):
            number, zone = numbers[one["identifiant"]]
            told = today - timedelta(days=7 * week + chance.randrange(7))
            first = told + timedelta(days=chance.choice(_NOTICES))
            rows.append(
                {
                    "effecteur_id": number, "lieu_id": None, "debut": midnight(first, zone),
                    "fin": midnight(first + timedelta(days=chance.choice((1, 1, 2, 5, 7, 12))), zone),
                    "cree_le": midnight(told, zone), "annulee_le": None,
                }
            )  # fmt: skip
    historique.reprendre(store, absences=rows)


def _past(
    store: Store, lake: Lake, now: datetime, bookings: int, searches: int, chance: random.Random
) -> int:
    seen = agendas.photo(store, now=now)
    day = local_day(now)
    ranges = plages.occurrences(
        seen.series, seen.exceptions, day - timedelta(weeks=_PAST), day + timedelta(days=2)
    )
    slots = creneaux.creneaux(ranges, seen.absences).with_row_index("_n")
    numbers = dict(seen.effecteurs.select("identifiant", "effecteur_id").iter_rows())
    asked_on = {one: _asked_on(one) for one in slots["date_locale"].unique().to_list()}
    wanted = slots["date_locale"].replace_strict(asked_on, return_dtype=pl.Float64).to_numpy()
    weights = wanted / wanted.sum()
    picked = np.random.default_rng(_SEED).choice(
        slots.height, min(bookings, slots.height), replace=False, p=weights
    )
    taken = slots.filter(pl.col("_n").is_in(picked.tolist()))
    rows, asked = [], []
    for rank, slot in enumerate(taken.iter_rows(named=True)):
        made = slot["debut"] - timedelta(minutes=chance.choice((25, 50, 90, 160, 300, 700)))
        if made > now:
            continue
        over = slot["fin"] < now
        statut = chance.choices(("fulfilled", "noshow", "cancelled"), (88, 6, 6))[0] if over else "booked"
        code = f"SAS-{rank:04d}-DEMO"
        rows.append(
            {
                "reference": code, "cle": None, "effecteur_id": numbers[slot["identifiant"]], "lieu_id": slot["lieu"],
                "serie_id": slot["serie"], "date_locale": slot["date_locale"], "siege_le": slot["debut"], "siege": 1,
                "debut": slot["debut"], "fin": slot["debut"] + timedelta(minutes=slot["duree_min"]),
                "modalite": plages.codes(slot["modalites"])[0], "sas": "", "statut": statut, "source": "saisie",
                "cree_le": made, "maj_le": max(made, min(now, slot["fin"])),
            }
        )  # fmt: skip
        asked.append(
            {"effecteur_id": rows[-1]["effecteur_id"], "sas": "", "canal": "rendez_vous", "issue": "accepte",
             "reference": code, "moment": made}
        )  # fmt: skip
    sas_by_person = {
        numbers[who]: code for who, code in seen.effecteurs.select("identifiant", "sas").iter_rows()
    }
    for row in (*rows, *asked):
        row["sas"] = sas_by_person[row["effecteur_id"]]
    searched, opened = _searches(lake, now, searches, chance), _opened(now, _OPENED, chance)
    centres = lake.scan(COMMUNES).select("code_commune", "longitude", "latitude").drop_nulls().collect()
    shown = montres(
        searched, seen.effecteurs, {code: (lon, lat) for code, lon, lat in centres.iter_rows()}, now,
        random.Random(_SEED + 2),
    )  # fmt: skip
    historique.reprendre(
        store, rendez_vous=rows, sollicitations=asked, recherches=searched, affichages=shown, essais=opened
    )
    return len(rows)


def _opened(now: datetime, count: int, chance: random.Random) -> list[dict[str, Any]]:
    """Lines of editors that régulateurs opened; one editor's slots are less to be trusted than the other's."""
    return [
        {
            "cle": f"demo{rank}", "moment": now - timedelta(minutes=chance.randrange(7 * _PAST * 24 * 60)),
            "editeur": EDITEURS[rank % len(EDITEURS)],
            "introuvable": chance.random() < (0.03 if rank % len(EDITEURS) == 0 else 0.17),
        }
        for rank in range(count)
    ]  # fmt: skip


def _asked_on(day: date) -> float:
    """How much is asked on a day, beside an ordinary one."""
    return _DAYS[day.isoweekday() - 1] * _SEASON.get(day.month, 1.0)


def _searches(lake: Lake, now: datetime, count: int, chance: random.Random) -> list[dict[str, Any]]:
    """Calls by hour, day and season; from communes by their population."""
    communes = (
        lake.scan(COMMUNES)
        .filter(pl.col("code_region") == "44")
        .select("code_commune", "code_departement", "population")
        .collect()
    )
    population = communes["population"].fill_null(0).to_list()
    chosen = chance.choices(communes.to_dicts(), [max(one, 1) for one in population], k=count)
    today = local_day(now)
    days = [today - timedelta(days=after) for after in range(1, 7 * _PAST)]
    drawn = chance.choices(days, [_asked_on(one) for one in days], k=count)
    rows = []
    for rank, (place, day) in enumerate(zip(chosen, drawn, strict=True)):
        hour = chance.choices(_HOURS, _HOUR_WEIGHTS)[0]
        issue = chance.choices(("pourvue", "elargie", "incertaine", "non_pourvue"), (80, 11, 3, 6))[0]
        sas = sas_of(place["code_commune"])
        rows.append(
            {
                "moment": datetime(day.year, day.month, day.day, hour, chance.randrange(60), tzinfo=UTC), "sas": sas,
                "compte_id": None, "code_commune": place["code_commune"],
                "lieu_precision": chance.choices(("numero", "rue", "commune"), (6, 2, 2))[0],
                "preset": chance.choices(("medecine_generale", "suture", "snp_pediatrique"), (88, 5, 7))[0],
                "modalites": chance.choices((0, 1, 4), (70, 20, 10))[0],
                "horizon": chance.choices(("4h", "12h", "jour", "apres-demain"), (3, 2, 2, 3))[0],
                "rayon_km": of_code(sas).rayon(int(issue == "elargie")), "elargie": int(issue == "elargie"),
                "issue": issue,
                "resultats": 0 if issue in ("incertaine", "non_pourvue") else chance.randrange(1, 12),
                "sources_muettes": int(issue == "incertaine"), "graine": chance.randrange(2**31),
                "demande": f"demo{rank}",
            }
        )  # fmt: skip
    return rows
