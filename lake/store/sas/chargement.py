"""What fills agendas: persons and places, series, dates that differ, absences, unavailability; by file or by form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.horaires import plages
from lake.horaires.heures import moment
from lake.horaires.plages import DUREES
from lake.store import journal
from lake.store.engine import Store
from lake.store.sas import agendas
from lake.store.sas.fichiers import Lot
from lake.store.sas.sieges import adopter
from lake.store.sas.tables import ABSENCES, EFFECTEURS, HORAIRES, LIEUX, RENDEZ_VOUS, SERIES

PERIMETRE = 15.0
"""Minutes that a professional drives to a home when nothing else is said."""
_BATCH = 500
_SAME = (
    "lieu_id", "genre", "du", "au", "ancre", "cycle", "rang", "jour", "debut_min", "fin_min", "capacite", "duree_min",
    "modalites",
)  # fmt: skip


@dataclass
class Chargement:
    """What a load did: name of the file's kind -> counts."""

    comptes: dict[str, dict[str, int]] = field(default_factory=dict)

    def say(self, genre: str, lot: Lot, **counts: int) -> None:
        """Count a file, once everything of it has its fate."""
        self.comptes[genre] = {"lues": lot.lues, **counts, "rejetees": len(lot.rejets)}


def charger(
    store: Store,
    *,
    effecteurs: Sequence[Lot] = (),
    plages_: Lot | None = None,
    absences: Lot | None = None,
    auteur: str = "",
    now: datetime | None = None,
) -> Chargement:
    """Load files; what is refused is added to each :class:`Lot`'s rejects, what is there already is counted.

    Args:
        store: where.
        effecteurs: persons and structures; those known are brought up to date.
        plages_: ranges.
        absences: absences.
        auteur: who loads; proves the identity of whom it loads.
        now: the moment (UTC).
    """
    instant = (now or datetime.now(UTC)).astimezone(UTC)
    done = Chargement()
    with store.writing() as connection:
        for genre, lot in zip(("effecteurs", "structures"), effecteurs, strict=False):
            new, changed = _people(connection, lot, instant)
            done.say(genre, lot, creees=new, mises_a_jour=changed)
        if plages_ is not None:
            kept, same = _series(connection, plages_, instant)
            done.say("plages", plages_, chargees=kept, deja_la=same)
        if absences is not None:
            kept, same = _absences(connection, absences, instant)
            done.say("absences", absences, chargees=kept, deja_la=same)
        journal.write(
            connection, "sas.chargement", "", auteur=auteur or None, details=done.comptes, now=instant
        )
        agendas.written(connection)
    return done


def _people(connection: Connection, lot: Lot, now: datetime) -> tuple[int, int]:
    known = {
        row[1]: row[0] for row in connection.execute(sa.select(EFFECTEURS.c.id, EFFECTEURS.c.identifiant))
    }
    places = {
        (row[0], row[1]) for row in connection.execute(sa.select(LIEUX.c.effecteur_id, LIEUX.c.code_commune))
    }
    new, changed = 0, 0
    rows: dict[str, dict[str, Any]] = {}
    for _, values in lot.lignes:
        person = {
            name: values[name]
            for name in (
                "identifiant",
                "genre",
                "nom",
                "specialite",
                "sas",
                "actes",
                "equipements",
                "langues",
            )
        }
        if values.get("ages") is not None:
            person["ages"] = values["ages"]
        rows.setdefault(values["identifiant"], person)
    fresh = [row for name, row in rows.items() if name not in known]
    for row in rows.values():
        if row["identifiant"] in known:
            connection.execute(
                sa.update(EFFECTEURS).where(EFFECTEURS.c.id == known[row["identifiant"]]).values(**row)
            )
            changed += 1
    if fresh:
        connection.execute(
            sa.insert(EFFECTEURS),
            [
                {"ages": "", **row, "etat": "actif", "preuve": "administrateur", "ligne_pro": "", "deux_plages": False,
                 "version": 1, "cree_le": now, "maj_le": now, "compte_id": None, "indisponible_le": None,
                 "rappel_le": None}
                for row in fresh
            ],
        )  # fmt: skip
        new = len(fresh)
    known = {
        row[1]: row[0] for row in connection.execute(sa.select(EFFECTEURS.c.id, EFFECTEURS.c.identifiant))
    }
    added = []
    for _, values in lot.lignes:
        number = known[values["identifiant"]]
        at = {name: values[name] for name in ("longitude", "latitude", "fuseau")}
        if (number, values["code_commune"]) in places:
            connection.execute(
                sa.update(LIEUX)
                .where(LIEUX.c.effecteur_id == number, LIEUX.c.code_commune == values["code_commune"])
                .values(**at)
            )
            continue
        places.add((number, values["code_commune"]))
        added.append(
            at | {"effecteur_id": number, "code_commune": values["code_commune"], "libelle": values["libelle"],
                  "perimetre_min": PERIMETRE, "duree_amb": DUREES["AMB"], "duree_hh": DUREES["HH"],
                  "duree_vr": DUREES["VR"]}
        )  # fmt: skip
    if added:
        connection.execute(sa.insert(LIEUX), added)
    _openings(connection, lot, known)
    return new, changed


def _openings(connection: Connection, lot: Lot, known: dict[str, int]) -> None:
    """Opening hours of the lines that give some, in place of those that were there."""
    told = [values for _, values in lot.lignes if values.get("ouverture")]
    if not told:
        return
    rows = connection.execute(sa.select(LIEUX.c.id, LIEUX.c.effecteur_id, LIEUX.c.code_commune))
    places = {(row[1], row[2]): row[0] for row in rows}
    for values in told:
        place = places[known[values["identifiant"]], values["code_commune"]]
        connection.execute(sa.delete(HORAIRES).where(HORAIRES.c.lieu_id == place))
        connection.execute(
            sa.insert(HORAIRES),
            [
                {"lieu_id": place, "jour": day, "debut_min": begin, "fin_min": end}
                for day, begin, end in values["ouverture"]
            ],
        )


def _owners(connection: Connection, lot: Lot) -> list[tuple[int, dict[str, Any]]]:
    """The lines whose person is known, with ``effecteur_id``, ``lieu_id``, ``fuseau``; persons are locked.

    The others join the rejects.
    """
    wanted = sorted({values["identifiant"] for _, values in lot.lignes})
    people: dict[str, Any] = {}
    for start in range(0, len(wanted), _BATCH):
        some = wanted[start : start + _BATCH]
        found = connection.execute(
            sa.select(EFFECTEURS.c.id, EFFECTEURS.c.identifiant, EFFECTEURS.c.genre)
            .where(EFFECTEURS.c.identifiant.in_(some))
            .order_by(EFFECTEURS.c.id)
            .with_for_update()
        )
        people |= {row.identifiant: row for row in found}
    places: dict[int, list[Any]] = {}
    for row in connection.execute(
        sa.select(LIEUX.c.id, LIEUX.c.effecteur_id, LIEUX.c.code_commune, LIEUX.c.fuseau).order_by(LIEUX.c.id)
    ):
        places.setdefault(row.effecteur_id, []).append(row)
    kept, lines = [], lot.lignes
    for number, values in lines:
        person = people.get(values["identifiant"])
        here = [] if person is None else places.get(person.id, [])
        if asked := values.get("code_commune"):
            here = [row for row in here if row.code_commune == asked]
        if person is None or not here:
            lot.rejets.append(
                (number, f"effecteur {values['identifiant']} inconnu" + (" à ce lieu" if person else ""))
            )
            continue
        kept.append(
            (
                number,
                values
                | {
                    "effecteur_id": person.id,
                    "lieu_id": here[0].id,
                    "fuseau": here[0].fuseau,
                    "genre_effecteur": person.genre,
                },
            )
        )
    lot.lignes = kept
    return kept


def _series(connection: Connection, lot: Lot, now: datetime) -> tuple[int, int]:
    lines = _owners(connection, lot)
    seen = agendas._read(connection, 0, now)
    there = {
        tuple(row)
        for row in connection.execute(
            sa.select(*(SERIES.c[name] for name in _SAME)).where(SERIES.c.retiree_le.is_(None))
        )
    }
    fresh: list[tuple[int, dict[str, Any]]] = []
    same = 0
    for number, values in lines:
        key = tuple(values[name] for name in _SAME)
        if key in there:
            same += 1
            continue
        there.add(key)
        fresh.append((number, values))
    persons = seen.effecteurs.filter(pl.col("genre") == "ps")["identifiant"].unique()
    held = seen.series.filter(pl.col("genre") == "snp", pl.col("identifiant").is_in(persons.implode()))
    asked = [
        {name: values.get(name) for name in plages.SERIES} | {"serie": -number, "lieu": values["lieu_id"]}
        for number, values in fresh
        if values["genre"] == "snp" and values["genre_effecteur"] == "ps"
    ]
    new = pl.DataFrame(asked, schema=dict(plages.SERIES))
    met = plages.conflicting(held, seen.exceptions, new)
    where = {-number: f"celle de la ligne {number}" for number, _ in fresh}
    kept = []
    for number, values in fresh:
        if -number in met:
            other = where.get(met[-number], "une plage déjà enregistrée")
            lot.rejets.append((number, f"la plage chevauche {other} du même effecteur"))
            continue
        kept.append(
            {name: values[name] for name in ("effecteur_id", *_SAME)}
            | {"cree_le": now, "retiree_le": None, "remplace_id": None}
        )
    if kept:
        connection.execute(sa.insert(SERIES), kept)
    changed = {row["effecteur_id"] for row in kept}
    booked = (
        sa.select(RENDEZ_VOUS.c.effecteur_id).where(RENDEZ_VOUS.c.fin > now, agendas.holding(now)).distinct()
    )
    for number in changed & set(connection.execute(booked).scalars()):
        adopter(connection, number, now)
    refused = {number for number, _ in lot.rejets}
    lot.lignes = [line for line in lines if line[0] not in refused]
    return len(kept), same


def _absences(connection: Connection, lot: Lot, now: datetime) -> tuple[int, int]:
    lines = _owners(connection, lot)
    there = {
        (row[0], row[1], row[2])
        for row in connection.execute(
            sa.select(ABSENCES.c.effecteur_id, ABSENCES.c.debut, ABSENCES.c.fin).where(
                ABSENCES.c.annulee_le.is_(None)
            )
        )
    }
    kept, same = [], 0
    for _, values in lines:
        debut = moment(values["debut"], values["fuseau"])
        fin = moment(values["fin"], values["fuseau"], end=True)
        if (values["effecteur_id"], debut, fin) in there:
            same += 1
            continue
        there.add((values["effecteur_id"], debut, fin))
        kept.append(
            {
                "effecteur_id": values["effecteur_id"],
                "lieu_id": None,
                "debut": debut,
                "fin": fin,
                "cree_le": now,
                "annulee_le": None,
            }
        )
    if kept:
        connection.execute(sa.insert(ABSENCES), kept)
    return len(kept), same
