"""Unscheduled care: ``python -m bench.sas [postgresql://…]``; what the SAS promises, measured on made-up agendas.

- a search without editors on 3,500 places and some 200,000 occurrences over eight weeks: p95 under 100 ms;
- forty bookings at once, of forty people then of one: p95 under 150 ms;
- coverage of the region for a month: under 10 seconds.

A ratio says more than a second on a busy machine: each figure is given beside one booking, or one search, alone.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import polars as pl

from apps.sas.questions import Agendas, Question, repondre
from lake.horaires.heures import monday
from lake.settings import Settings
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.sas import chargement
from lake.store.sas.fichiers import Lot, lire
from lake.store.sas.releve import relever
from lake.store.sas.rendez_vous import reserver
from lake.store.sas.sieges import CreneauRefuse, Demande
from scoring.sas.publication import Releve, publier
from scoring.sas.recherche import Lieu

PEOPLE, AT_ONCE, SEARCHES = 3_500, 40, 40
CENTRE = (6.184, 48.692)
DEPARTEMENTS = ("08", "10", "51", "52", "54", "55", "57", "67", "68", "88")
_COMMUNES = 5_100


def _csv(head: str, rows: list[str]) -> bytes:
    return "\n".join([head, *rows]).encode()


def fill(store: Store, people: int, first: date) -> None:
    """So many people around Nancy and farther, two or three half-days a week each."""
    chance = random.Random(54)
    who, when = [], []
    for rank in range(people):
        name = f"8{10_000_000_000 + rank}"
        lon, lat = CENTRE[0] + chance.gauss(0, 0.6), CENTRE[1] + chance.gauss(0, 0.4)
        who.append(f"{name},ps,Dr Essai {rank},54395,{lon:.5f},{lat:.5f}")
        for jour in chance.sample(range(1, 7), 3):
            start = chance.choice(("08:00,12:00", "14:00,18:00", "18:00,20:00"))
            when.append(
                f"{name},snp,{first},{first + timedelta(weeks=12)},{first},1,0,{jour},{start},,15,AMB|VR"
            )
    chargement.charger(
        store,
        effecteurs=[
            lire(_csv("identifiant,genre,nom,code_commune,longitude,latitude", who), "e.csv", "effecteurs"),
            Lot(""),
        ],
        plages_=lire(
            _csv(
                "identifiant,genre,du,au,ancre,cycle,rang,jour,debut,fin,capacite,duree_min,modalites", when
            ),
            "p.csv",
            "plages",
        ),
        now=datetime.now(UTC),
    )


def at(times: list[float], share: float) -> str:
    """A quantile, in ms."""
    ordered = sorted(times)
    return f"{1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]:.0f} ms"


def timed(work: Callable[[], object]) -> float:
    """How long it takes (s)."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def searches(store: Store, first: date) -> None:
    """Searches one after the other, the first one reading the agendas."""
    source, now = Agendas(store), datetime(first.year, first.month, first.day, 8, tzinfo=UTC)
    lieu = Lieu("Essai", "numero", *CENTRE, 0.0, "54395", "54")
    asked = Question(lieu, graine=54)
    cold = timed(lambda: repondre(source, asked, now))
    warm = [timed(lambda: repondre(source, asked, now)) for _ in range(SEARCHES)]
    found = repondre(source, asked, now)
    print(
        f"recherche : {found.resultats.height} lignes, première {1000 * cold:.0f} ms, "
        f"médiane {at(warm, 0.5)}, p95 {at(warm, 0.95)}"
    )


def bookings(store: Store, first: date, name: str) -> None:
    """Forty at once: of forty people, then of one."""
    now = datetime(first.year, first.month, first.day, 5, tzinfo=UTC)
    source = Agendas(store).offre(now)
    slots = source.ranges.filter(pl.col("debut") > now).unique(
        "identifiant", keep="first", maintain_order=True
    )
    rows = slots.head(3 * AT_ONCE + 5).to_dicts()
    made = iter(range(10_000))

    def book(row: dict[str, object]) -> float:
        def one() -> None:
            asked = Demande(str(row["identifiant"]), row["debut"], "AMB", f"{name}-{next(made)}")  # type: ignore[arg-type]
            try:
                reserver(store, asked, now=now)
            except CreneauRefuse:
                return

        return timed(one)

    alone = [book(row) for row in rows[:5]]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(book, rows[5 : 5 + AT_ONCE]))  # connections opened
        many = list(pool.map(book, rows[5 + AT_ONCE : 5 + 2 * AT_ONCE]))
        same = list(pool.map(book, [rows[-1]] * AT_ONCE))
    print(
        f"réservation ({name}) : seule {at(alone, 0.5)} ; {AT_ONCE} à la fois p50 {at(many, 0.5)}, "
        f"p95 {at(many, 0.95)} ; {AT_ONCE} sur la même place p95 {at(same, 0.95)}"
    )


def coverage(store: Store, first: date) -> None:
    """A month of the region's hours, every commune of a region of ten departments."""
    last = first + timedelta(days=29)
    chance = random.Random(54)
    codes = [
        f"{DEPARTEMENTS[rank % len(DEPARTEMENTS)]}{rank // len(DEPARTEMENTS):03d}"
        for rank in range(_COMMUNES)
    ]
    communes = pl.DataFrame(
        {
            "code_commune": codes,
            "commune": "Essai",
            "code_departement": [code[:2] for code in codes],
            "code_region": "44",
            "siren_epci": "245400676",
            "population": [chance.randint(50, 9_000) for _ in codes],
            "longitude": [CENTRE[0] + chance.gauss(0, 0.9) for _ in codes],
            "latitude": [CENTRE[1] + chance.gauss(0, 0.5) for _ in codes],
        }
    )
    held = Releve(**relever(store, first, last))
    only = timed(lambda: publier(held, communes, first, last, first, (first, first)))
    took = timed(lambda: publier(held, communes, first, last, first))
    print(f"publication d'un mois : {took:.1f} s, dont couverture {took - only:.1f} s ({_COMMUNES} communes)")


def main(others: Sequence[str] = ()) -> None:
    """Measure, and print.

    Args:
        others: stores besides SQLite where bookings are measured too (``postgresql://…``): made-up agendas are
            written there.
    """
    first = monday(datetime.now(UTC).date() + timedelta(weeks=1))
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Settings(lake=folder, store=f"sqlite:///{folder}/store.db"))
        fill(store, PEOPLE, first)
        searches(store, first)
        bookings(store, first, "SQLite")
        coverage(store, first)
        store.close()
        for url in others:
            other = open_store(Settings(lake=folder, store=url))
            fill(other, 200, first)
            bookings(other, first, "PostgreSQL")
            other.close()


if __name__ == "__main__":
    said = argparse.ArgumentParser(prog="python -m bench.sas", description=__doc__)
    said.add_argument(
        "base",
        nargs="?",
        help="base PostgreSQL d'essai (postgresql://…) : les réservations y sont mesurées aussi",
    )
    given = said.parse_args().base
    main([given] if given else [])
