"""``python -m tests.mutants``: plant faults in copies of the project, run the tests of their room, say which live."""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from tests.demo_lake import ROOT, build_once
from tests.mutants.faults import Fault, faults
from tests.mutants.nearest import Map

COPIED = ("apps", "demo", "ingest", "lake", "scoring", "tests", "docs", ".streamlit", "pyproject.toml")
ROOMS = (
    "apps/acces",
    "apps/analyses",
    "apps/annuaire",
    "apps/convergence",
    "apps/saisie",
    "apps/sas",
    "apps/segur",
    "apps/kit/charts",
    "apps/kit/pages",
    "apps/kit/views",
)
"""Where faults are planted."""
LONGEST = 900.0
"""Seconds of the clock after which tests that did not end have seen the fault: pages go round."""


def candidates(rooms: list[str]) -> list[Fault]:
    """Every fault of the rooms, in a fixed order."""
    found = []
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            found += faults(ROOT, str(path.relative_to(ROOT)))
    return found


def drawn(found: list[Fault], number: int, seed: int) -> list[Fault]:
    """A sample spread over rooms and kinds: no room and no kind of fault weighs more for being long."""
    shuffled = random.Random(seed).sample(found, len(found))
    groups: dict[tuple[str, str], list[Fault]] = {}
    for fault in shuffled:
        groups.setdefault((_room(fault), fault.kind), []).append(fault)
    chosen: list[Fault] = []
    while len(chosen) < number and any(groups.values()):
        for group in groups.values():
            if group and len(chosen) < number:
                chosen.append(group.pop())
    return chosen


def _room(fault: Fault) -> str:
    return next(room for room in ROOMS if fault.path.startswith(room + "/"))


def lives(fault: Fault, copy: Path, lakes: Path, seen: Map) -> bool:
    """Whether the tests that can see a fault pass with it planted in this copy: the likeliest first."""
    path = copy / fault.path
    whole = path.read_text("utf-8")
    path.write_text(fault.planted(whole), "utf-8")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--lacs", str(lakes)]
    try:
        for asked in seen.rounds(fault, whole):
            done = subprocess.run(
                [*command, *asked],
                cwd=copy,
                env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True,
                check=False,
                timeout=LONGEST,
            )
            if done.returncode not in (0, 1):
                raise RuntimeError(done.stdout.decode()[-2000:] + done.stderr.decode()[-2000:])
            if done.returncode:
                return False
    except subprocess.TimeoutExpired:
        return False
    finally:
        path.write_text(whole, "utf-8")
    return True


def mapped(path: Path, lakes: Path) -> Map:
    """The map of which tests run what; made, in the time of the page tests, where there is none yet."""
    if not path.exists():
        print("Carte des tests : une fois, le temps des tests de pages…", flush=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--lacs", str(lakes)]
        watched = ["-n", "2", "--dist", "loadscope", "-p", "tests.mutants.seen", "--carte", str(path)]
        watched += ["tests/pages", *_of_applications()]
        subprocess.run([*command, *watched], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return Map.read(path)


def _of_applications() -> list[str]:
    """The unit tests that ask an application, its commands apart, for something."""
    asks = re.compile(r"^(?:from|import) apps\.(?!cli|commands)", re.MULTILINE)
    found = sorted((ROOT / "tests/unit").glob("test_*.py"))
    return [str(one.relative_to(ROOT)) for one in found if asks.search(one.read_text("utf-8"))]


def main() -> int:
    """Plant, run, tell; 0 when at least the share asked was seen."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--nombre", type=int, default=40, help="faults planted")
    parser.add_argument("--graine", type=int, default=1, help="seed of the draw")
    parser.add_argument("--salle", action="append", choices=ROOMS, help="only these rooms")
    parser.add_argument("--part", type=float, default=0.9, help="share that must be seen")
    parser.add_argument(
        "--carte", type=Path, default=ROOT / "data" / "carte-des-tests.json",
        help="which tests run what; made when it is not there (delete it when tests have moved)",
    )  # fmt: skip
    parser.add_argument("--lacs", type=Path, help="folder of demonstration lakes already built, kept")
    parser.add_argument("--en-parallele", type=int, default=2, help="copies tested at once")
    parser.add_argument("--lister", action="store_true", help="only say what would be planted")
    asked = parser.parse_args()
    chosen = drawn(candidates(asked.salle or list(ROOMS)), asked.nombre, asked.graine)
    if asked.lister:
        for fault in chosen:
            print(f"{fault.path}:{fault.line} [{fault.kind}] {fault.said}")
        return 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        lakes = (asked.lacs or Path(folder) / "lacs").resolve()
        build_once(lakes, "petit", "--petit")
        seen = mapped(asked.carte, lakes)
        free: Queue[Path] = Queue()
        for number in range(asked.en_parallele):
            free.put(_copy(Path(folder) / f"copie-{number}"))

        def tried(fault: Fault) -> tuple[Fault, bool]:
            copy = free.get()
            try:
                alive = lives(fault, copy, lakes, seen)
            finally:
                free.put(copy)
            said = "VIT" if alive else "vu"
            print(f"{said:4} {fault.path}:{fault.line} [{fault.kind}] {fault.said}", flush=True)
            return fault, alive

        with ThreadPoolExecutor(asked.en_parallele) as pool:
            results = list(pool.map(tried, chosen))
    living = [fault for fault, alive in results if alive]
    seen = len(results) - len(living)
    print(f"\n{seen} fautes vues sur {len(results)} ({100 * seen / max(1, len(results)):.0f} %)")
    if living:
        print("Par sorte, celles qui vivent :", dict(Counter(fault.kind for fault in living)))
    return 0 if seen >= asked.part * len(results) else 1


def _copy(target: Path) -> Path:
    target.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return target


if __name__ == "__main__":
    sys.exit(main())
