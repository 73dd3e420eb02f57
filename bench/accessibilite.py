"""Potential accessibility of a region: from a cold start, then one scenario step.

    python -m bench.accessibilite [--lac DOSSIER] [--profession 10] [--repetitions 20]

"Cold" is a process that has imported the modules and nothing else: it reads communes, outlines and the
activities of one profession from the lake, and the population by age where one is ingested, prepares the pairs, and
computes. A scenario step, timed with the population by age and with the total one, applies a change and computes
before/after and the population under a threshold. Aims: under 1 s cold, under 100 ms a step.
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
from pathlib import Path
from typing import TypeVar

import polars as pl

from lake.catalog.ages import POPULATION
from lake.catalog.annuaire import ACTIVITES
from lake.catalog.territoires import COMMUNES, CONTOURS
from lake.settings import Settings
from lake.tables import Lake
from scoring.reach.asked import age_bands
from scoring.reach.floating import Voisinage, accessibility, demand, neighbourhood, supply
from scoring.reach.proximity import areas
from scoring.reach.scenario import Mouvement, effect
from scoring.reach.summary import under

T = TypeVar("T")
LIMIT_COLD_S, LIMIT_STEP_S = 1.0, 0.1


def timed(step: Callable[[], T], label: str) -> T:
    """Run one step and print its duration."""
    started = time.perf_counter()
    value = step()
    print(f"  {label:<42}{1000 * (time.perf_counter() - started):9.1f} ms")
    return value


def main() -> int:
    """Measure and print; exit code 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lac", type=Path)
    parser.add_argument("--profession", default="10")
    parser.add_argument("--repetitions", type=int, default=20)
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
    day = max(lake.values(ACTIVITES, "date_extraction"))
    rows = lake.scan(ACTIVITES).filter(
        (pl.col("date_extraction") == pl.lit(day).str.to_date())
        & (pl.col("code_profession") == asked.profession)
    )
    print(f"Extraction du {day}, profession {asked.profession}")
    started = time.perf_counter()
    communes = timed(lambda: lake.scan(COMMUNES).collect(), "lecture des communes")
    outlines = timed(
        lambda: lake.scan(CONTOURS).filter(pl.col("maille") == "commune").collect(), "lecture des contours"
    )
    surfaces = timed(lambda: areas(outlines), "superficies")
    offre = timed(lambda: supply(rows), "offre par commune")
    near = timed(
        lambda: neighbourhood(communes.join(surfaces, on="code_commune", how="left")), "couples à portée"
    )
    ages = (
        timed(lambda: age_bands(lake.scan(POPULATION)).collect(), "lecture des âges")
        if lake.exists(POPULATION)
        else None
    )
    people = timed(lambda: demand(communes, ages), "demande" if ages is None else "demande par âge")
    result = timed(lambda: accessibility(near, people, offre), "accessibilité")
    cold = time.perf_counter() - started
    print(f"  demande : {int(people['standardisee'].sum())} communes standardisées par âge")
    threshold = 8.0
    found = under(result.communes, threshold)
    print(
        f"  {communes.height} communes, {near.depart.size} couples ; {result.offre_totale:.0f} personnes, "
        f"{result.offre_sans_commune:.0f} sans commune ; {found.population} habitants sous {threshold:g}"
    )
    steps = {
        "par âge" if ages is not None else "totale": _steps(near, people, offre, threshold, asked.repetitions)
    }
    if ages is not None:
        steps["totale"] = _steps(near, demand(communes), offre, threshold, asked.repetitions)
    print(f"À froid : {cold:.3f} s (but : {LIMIT_COLD_S:g} s)")
    for base, durations in steps.items():
        print(
            f"Un pas de scénario, population {base} : {1000 * statistics.median(durations):.1f} ms, "
            f"pire {1000 * max(durations):.1f} ms (but : 100 ms)"
        )
    slowest = max(statistics.median(durations) for durations in steps.values())
    return int(cold > LIMIT_COLD_S or slowest > LIMIT_STEP_S)


def _steps(
    near: Voisinage, people: pl.DataFrame, offre: pl.DataFrame, threshold: float, count: int
) -> list[float]:
    """Seconds of each scenario step."""
    first = accessibility(near, people, offre)
    last = first.communes.sort("accessibilite_potentielle_pour_10000")["code_commune"].head(20)
    durations = []
    for turn in range(count):
        moves = [Mouvement(code, 1 + turn % 3) for code in last]
        step = time.perf_counter()
        effect(near, people, offre, moves, threshold, before=first)
        durations.append(time.perf_counter() - step)
    return durations


if __name__ == "__main__":
    if main():
        sys.exit(1)
