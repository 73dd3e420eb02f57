"""Kills of ingestions at every step, two at once, and commands over damaged lakes; all in processes of their own."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from bench.attaques.attack import Attack
from ingest.run import Request, run
from ingest.sources import source
from lake.catalog.agreements import AGREEMENTS
from lake.catalog.segur import CUMULS_TERRITOIRES, MESURES, RESTATEMENTS
from lake.errors import LakeError
from lake.settings import Settings
from lake.tables import Lake

ROOT = Path(__file__).resolve().parents[2]
HEADER = "mois;service;indicateur;code_region;code_departement;type_acteur;editeur;structure;valeur"
OLD, NEW = 105_492, 97_310

# Dies just before or just after the n-th step that touches the disk.
DYING = """
import os, sys
from lake import tables
from lake.objects import LocalObjects
left = [int(os.environ["ATTAQUE_PAS"])]
def wrap(owner, name):
    act = getattr(owner, name)
    def step(*args, **options):
        for after in (False, True):
            if after:
                done = act(*args, **options)
            left[0] -= 1
            if not left[0]:
                os._exit(9)
        return done
    setattr(owner, name, step)
wrap(LocalObjects, "put"); wrap(LocalObjects, "create"); wrap(tables, "write_deltalake")
"""
INGEST = """
import sys
from pathlib import Path
from ingest.run import Request, run
from ingest.sources import source
from lake.errors import LakeError
from lake.settings import Settings
try:
    run(source("segur"), Request(files=(Path(sys.argv[1]),)), Settings.from_env())
except LakeError as error:
    sys.exit(f"Erreur : {error}")
"""

COMMANDS = (
    ("query", "segur", "--mesure", "dmp_documents", "--par", "mois,departement", "--format", "csv"),
    ("lake", "check", "segur__mesures"),
    ("lake", "tables"),
    ("ingest", "segur"),
)


def obs(lake: Path, *words: str, script: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line, or a script, in a process of its own."""
    start = ["-c", script] if script else ["-m", "apps.cli"]
    return subprocess.run(
        [sys.executable, *start, *words],
        cwd=ROOT,
        env={**os.environ, "OBS_LAKE": str(lake), "OBS_STORE": f"sqlite:///{lake}.db", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def month(folder: Path, name: str, total: int) -> Path:
    """A month of one indicator in two structures."""
    lines = [
        f"2022-11;DMP;dmp_documents;44;67;ES;Égéria;67000000{n};{value}"
        for n, value in enumerate((total - 1_000, 1_000))
    ]
    path = folder / name
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


class World:
    """A lake with one month, and a second delivery of it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="attaques-"))
        self.lake = self.folder / "lac"
        self.old = month(self.folder, "segur_2022-11.csv", OLD)
        self.new = month(self.folder, "segur_2022-11_v2.csv", NEW)
        made = obs(self.lake, "ingest", "segur", str(self.old))
        assert made.returncode == 0, made.stderr

    def copy(self) -> Path:
        """A lake of its own for one attack."""
        place = Path(tempfile.mkdtemp(dir=self.folder)) / "lac"
        shutil.copytree(self.lake, place)
        return place

    def close(self) -> None:
        """Erase everything."""
        shutil.rmtree(self.folder, ignore_errors=True)


def seen(settings: Settings) -> tuple[int, int, int, int]:
    """What readers see: the region, its structures added up, revisions, disagreements."""
    state = Lake(settings).snapshot()
    region, structures = (
        int(state.scan(t).select(pl.col("valeur").sum()).collect().item())
        for t in (CUMULS_TERRITOIRES, MESURES)
    )
    revised = state.scan(RESTATEMENTS).select(pl.len()).collect().item() if state.exists(RESTATEMENTS) else 0
    apart = sum(one.differences(state.scan(one.left), state.scan(one.right)).height for one in AGREEMENTS)
    return region, structures, revised, apart


def whole(settings: Settings) -> str:
    """Empty when readers see one delivery or the other, whole."""
    found = seen(settings)
    return "" if found in {(OLD, OLD, 0, 0), (NEW, NEW, 1, 0)} else f"les lecteurs voient {found}"


def closed(new: Path, settings: Settings) -> str:
    """Run the delivery again: empty when the counts close and nothing is doubled."""
    try:
        run(source("segur"), Request(files=(new,)), settings)
    except LakeError as error:
        return f"la relance échoue : {error}"
    found = seen(settings)
    return "" if found == (NEW, NEW, 1, 0) else f"après relance : {found}"


def killed_at(world: World, step: int) -> tuple[str, bool]:
    """Kill an ingestion at a step, look, run again; and whether the run ended before that step."""
    place = world.copy()
    died = obs(place, str(world.new), script=DYING + INGEST, ATTAQUE_PAS=str(step))
    settings = Settings(lake=str(place))
    return whole(settings) or closed(world.new, settings), died.returncode == 0


def killed_after(world: World, delay: float) -> str:
    """Kill an ingestion after a delay, by the signal that nothing can catch."""
    place = world.copy()
    process = subprocess.Popen(
        [sys.executable, "-c", INGEST, str(world.new)],
        cwd=ROOT,
        env={**os.environ, "OBS_LAKE": str(place)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    settings = Settings(lake=str(place))
    return whole(settings) or closed(world.new, settings)


def two_at_once(world: World) -> str:
    """Two ingestions of the same delivery side by side."""
    place = world.copy()
    command = [sys.executable, "-c", INGEST, str(world.new)]
    both = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "OBS_LAKE": str(place)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    wrong = ""
    for process in both:
        _, err = process.communicate(timeout=120)
        if process.returncode and not err.strip().splitlines()[-1].startswith(
            "Erreur : Une autre publication"
        ):
            wrong = err.strip().splitlines()[-1]
    return wrong or closed(world.new, Settings(lake=str(place)))


def damages(place: Path) -> Iterator[tuple[str, Path, bytes | None]]:
    """Every way a file of the lake is damaged: what, where, what is left of it (None: nothing)."""
    table = place / "tables" / "segur__mesures"
    data = sorted(table.rglob("mois=*/**/*.parquet"))[0]
    log = sorted((table / "_delta_log").glob("*.json"))[-1]
    record = sorted((place / "_publications").glob("*.json"))[-1]
    for what, path in (("données", data), ("journal", log), ("registre", record)):
        bytes_ = path.read_bytes()
        half = len(bytes_) // 2
        for how, left in (
            ("vidé", b""),
            ("coupé au dixième", bytes_[: len(bytes_) // 10]),
            ("coupé à la moitié", bytes_[:half]),
            ("coupé d'un octet", bytes_[:-1] if what != "journal" else bytes_[:-3]),
            ("brouillé", bytes_[:8] + bytes(len(bytes_) - 16) + bytes_[-8:]),
            ("perdu", None),
        ):
            yield f"{what} {how}", path.relative_to(place), left


def command_over(world: World, words: tuple[str, ...], where: Path, left: bytes | None) -> str:
    """Run a command over a damaged lake: it must end, with a sound answer or one French line."""
    place = world.copy()
    if left is None:
        (place / where).unlink()
    else:
        (place / where).write_bytes(left)
    asked = (*words, str(world.new)) if words[0] == "ingest" else words
    done = obs(place, *asked)
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stderr.splitlines() if line and not line.startswith("  ")]
    if len(lines) != 1 or not lines[0].startswith("Erreur : "):
        return f"{len(lines)} lignes : {lines[:1]}"
    english = next((word for word in (" the ", "panicked", "Error", "error:") if word in lines[0]), "")
    return f"en anglais : {lines[0][:160]}" if english else ""


def attacks(most: int = 60) -> Iterator[Attack]:
    """Every attack of this family.

    Args:
        most: steps at most at which an ingestion is killed.
    """
    world = World()
    try:
        ended: list[int] = []

        def strike(step: int) -> str:
            wrong, over = killed_at(world, step)
            if over:
                ended.append(step)
            return wrong

        for step in itertools.count(1):
            if ended or step > most:
                break
            yield Attack("ingestions tuées à chaque pas", f"pas {step}", lambda step=step: strike(step))
        for rank in range(10):
            delay = 0.4 + 0.25 * rank
            name = f"après {delay:.2f} s"
            yield Attack("ingestions tuées au hasard", name, lambda delay=delay: killed_after(world, delay))
        for rank in range(3):
            yield Attack("deux ingestions à la fois", f"essai {rank + 1}", lambda: two_at_once(world))
        for (what, where, left), words in itertools.product(list(damages(world.lake)), COMMANDS):
            name = f"{' '.join(words[:3])} sur {what}"
            yield Attack(
                "commandes sur un lac abîmé",
                name,
                lambda words=words, where=where, left=left: command_over(world, words, where, left),
            )
    finally:
        world.close()
