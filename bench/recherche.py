"""Search as one types, over every person, establishment and commune of a lake of true size.

    python -m bench.recherche [--lac DOSSIER] [--repetitions 20]

Each search is typed letter by letter, as the page asks it; the exact answers, the near ones and their ranking are
computed anew every time. Aim: under 100 ms. Without ``--lac`` a full demonstration lake is built first.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from lake.catalog.annuaire import ACTIVITES
from lake.catalog.finess import ETABLISSEMENTS
from lake.catalog.territoires import COMMUNES
from lake.settings import Settings
from lake.tables import Lake
from scoring.annuaire import establishments
from scoring.annuaire.persons import entries, persons
from scoring.annuaire.search import build, search

LIMIT_MS = 100.0
TYPED = (
    "martin", "martin metz", "lefevre helene", "lefvre", "schmiit", "infirmier strasbourg",
    "masseur kinesitherapeute mulhouse", "helene martin starsbourg", "pharmacie de la gare", "hopsital civil",
    "charleville mezieres", "st dizier", "bourgeois jean luc", "zzzzzz", "890876291605",
)  # fmt: skip


def main() -> int:
    """Measure and print; exit code 1 when a search takes longer than the aim."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lac", type=Path)
    parser.add_argument("--repetitions", type=int, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="obs-bench-") as folder:
        lake = asked.lac or Path(folder) / "lac"
        if asked.lac is None:
            demo = [sys.executable, "-m", "apps.cli", "demo"]
            subprocess.run(
                demo, env={**os.environ, "OBS_LAKE": str(lake)}, check=True, stdout=subprocess.DEVNULL
            )
        return measure(Lake(Settings(lake=str(lake))), asked.repetitions)


def measure(lake: Lake, repetitions: int) -> int:
    """Measure on one lake and print."""
    day = lake.values(ACTIVITES, "date_extraction")[-1]
    activities = lake.scan(ACTIVITES).filter(pl.col("date_extraction") == pl.lit(day).str.to_date())
    communes = lake.scan(COMMUNES).collect().lazy()
    started = time.perf_counter()
    people = persons(activities, communes).collect()
    listed = time.perf_counter()
    register = establishments.entries(lake.scan(ETABLISSEMENTS), communes)
    index = build(pl.concat([entries(people.lazy()), register, establishments.commune_entries(communes)]))
    built = time.perf_counter()
    print(f"répertoire de {people.height} personnes : {1000 * (listed - started):.0f} ms")
    print(
        f"index de {index.entries.height} fiches, {len(index.words)} mots : {1000 * (built - listed):.0f} ms"
    )
    worst = 0.0
    print(f"{'recherche':<36} {'réponses':>8} {'proches':>8} {'médiane':>9} {'au pire':>9}")
    for typed in TYPED:
        durations = []
        for _ in range(max(1, repetitions // len(typed))):
            for length in range(2, len(typed) + 1):
                started = time.perf_counter()
                found = search(index, typed[:length])
                durations.append(1000 * (time.perf_counter() - started))
        worst = max(worst, *durations)
        near = int(found["proche"].sum())
        print(
            f"{typed:<36} {found.height - near:8d} {near:8d} {statistics.median(durations):6.1f} ms "
            f"{max(durations):6.1f} ms"
        )
    print(f"au pire {worst:.1f} ms (but : {LIMIT_MS:g} ms)")
    return int(worst > LIMIT_MS)


if __name__ == "__main__":
    if main():
        sys.exit(1)
