"""The diagnosis of a territory, the evolution and the counting bases, on a lake of true size.

    python -m bench.diagnostic [--lac DOSSIER] [--repetitions 5]

Every step reads the lake again: nothing is cached between repetitions. Aim: a whole diagnosis under 300 ms.
Without ``--lac`` a full demonstration lake is built first.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from lake.catalog.annuaire import ACTIVITES
from lake.catalog.territoires import COMMUNES, DEPARTEMENTS, FUSIONS
from lake.settings import Settings
from lake.tables import Lake
from scoring.annuaire import compared as annuaire_territoire
from scoring.annuaire import diagnostic as annuaire_diagnostic
from scoring.annuaire.changes import movements, perimeter, summary
from scoring.annuaire.counting import Base, count, ledger
from scoring.annuaire.diagnosis import changes, communes_without, professions, several_places
from scoring.annuaire.ground import terrain
from scoring.annuaire.ranking import ranks
from scoring.annuaire.territory import of_mesh
from scoring.universes.selection import Selection

LIMIT_MS = 300.0


def measured(repetitions: int, step: Callable[[], object]) -> float:
    """Median duration of a step, ms."""
    durations = []
    for _ in range(repetitions):
        started = time.perf_counter()
        step()
        durations.append(1000 * (time.perf_counter() - started))
    return statistics.median(durations)


def main() -> int:
    """Measure and print; exit code 1 when a diagnosis takes longer than the aim."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lac", type=Path)
    parser.add_argument("--repetitions", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="obs-bench-") as folder:
        lake = asked.lac or Path(folder) / "lac"
        if asked.lac is None:
            demo = [sys.executable, "-m", "apps.cli", "demo"]
            environment = {**os.environ, "OBS_LAKE": str(lake)}
            subprocess.run(demo, env=environment, check=True, stdout=subprocess.DEVNULL)
        return measure(Lake(Settings(lake=str(lake))), asked)


def measure(lake: Lake, asked: argparse.Namespace) -> int:
    """Measure on one lake and print."""
    days = [date.fromisoformat(day) for day in lake.values(ACTIVITES, "date_extraction")]
    before, after = (
        lake.scan(ACTIVITES).filter(pl.col("date_extraction") == day) for day in (days[0], days[-1])
    )
    communes, departements, fusions = (
        lake.scan(COMMUNES).collect(),
        lake.scan(DEPARTEMENTS),
        lake.scan(FUSIONS),
    )
    late = False
    for mesh, code in (("commune", "67482"), ("epci", "200068112"), ("departement", "67")):
        territory = of_mesh(communes, mesh, code)

        def diagnosis(territory=territory, mesh=mesh) -> None:  # type: ignore[no-untyped-def]
            ground = terrain(after, communes, territory)
            professions(ground)
            ranks(ground, mesh)
            changes(ground, before, departements, fusions=fusions)
            communes_without(ground, ["10"])
            several_places(ground)

        diagnosis()
        spent = measured(asked.repetitions, diagnosis)
        late |= spent > LIMIT_MS
        print(f"diagnostic, {mesh} {code:<10} {spent:8.0f} ms (but : {LIMIT_MS:g} ms)")
    late |= as_the_page_does(lake, days, asked.repetitions)
    spent = measured(asked.repetitions, lambda: perimeter(before, after, departements, fusions=fusions))
    print(f"évolution, lecture des deux extractions {spent:5.0f} ms")
    scope = perimeter(before, after, departements, fusions=fusions)
    for mesh in ("perimetre", "departement", "epci", "commune"):
        spent = measured(asked.repetitions, lambda mesh=mesh: summary(movements(scope, mesh)).collect())
        print(f"évolution, {mesh:<28} {spent:5.0f} ms")
    for base in Base:
        spent = measured(asked.repetitions, lambda base=base: count(after, departements, base, "commune"))
        closing = measured(
            asked.repetitions, lambda base=base: ledger(after, departements, base, "epci").collect()
        )
        print(f"comptage {base.value:<20} {spent:5.0f} ms ; registre {closing:5.0f} ms")
    return int(late)


def as_the_page_does(lake: Lake, days: list[date], repetitions: int) -> bool:
    """What a new territory costs the page, whose extractions are read once; whether one is late."""
    selection = Selection({"profession": ["10"]}, days[-1])
    rows = annuaire_diagnostic.read(lake.scan, selection)
    earlier = annuaire_diagnostic.since(lake.scan, selection, days[0])
    around = annuaire_diagnostic.covered(lake.scan, days[-1])
    late = False
    for text in ("commune=67482", "epci=200069441", "departement=67", "partenaire=thur-doller", "region=44"):

        def page(text: str = text) -> None:
            choix = annuaire_territoire.asked(lake.scan, text, around)
            annuaire_diagnostic.diagnose(
                lake.scan, choix, selection, rows, (days[0], earlier), departements=around
            )

        page()
        spent = measured(repetitions, page)
        late |= spent > LIMIT_MS and not text.startswith("region")
        print(f"page, {text:<26} {spent:8.0f} ms (but : {LIMIT_MS:g} ms)")
    return late


if __name__ == "__main__":
    if main():
        sys.exit(1)
