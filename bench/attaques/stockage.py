"""Storage that fails: S3 answers that get lost, refusals, a server that is gone; disks that are full or read only."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.attaques.attack import Attack
from bench.attaques.lac import INGEST, NEW, ROOT, World, closed, month, obs, seen, whole
from ingest.run import Request, run
from ingest.sources import source
from lake.errors import LakeError
from lake.settings import Settings
from tests.conftest import S3Server, start_s3_server, stop
from tests.unit.lossy_s3 import Losses, lossy
from tests.unit.test_storage_failures import small_disk

LOST = ("", ".parquet", "_delta_log/00000000000000000001.json", ".json")
"""Ends of the keys whose answer is lost: any, data, a table's commit, records."""
REFUSALS = (403, 500, 503)
STEPS = (0, 1, 2, 3, 5, 8, 13, 21)
DISKS_KIB = (60, 120, 250, 500, 900, 1_600)


class Bucket:
    """A lake on S3 with one month, seen by readers as it is and by the ingestion through a relay that fails."""

    def __init__(self, world: World, server: S3Server, losses: Losses) -> None:
        place = f"s3://{server.new_bucket()}/lac"
        self.world, self.losses = world, losses
        self.sound = Settings(lake=place, s3=server.aws())
        self.struck = Settings(lake=place, s3={**server.aws(), "AWS_ENDPOINT_URL": losses.endpoint})
        run(source("segur"), Request(files=(world.old,)), self.sound)

    def ingest(self) -> str:
        """Deliver the month again through the relay; what is wrong with what was told or with what is seen."""
        told = ""
        try:
            status = run(source("segur"), Request(files=(self.world.new,)), self.struck).statut
        except LakeError as error:
            status, told = "", str(error)
        self.losses.lose("", 0)
        wrong = whole(self.sound)
        if not wrong and status == "publiee" and seen(self.sound)[0] != NEW:
            wrong = "annoncée publiée et absente"
        if not wrong and status == "" and ("\n" in told or not told):
            wrong = f"dit mal : {told[:160]!r}"
        return wrong or closed(self.world.new, self.sound)


def on_disk(place: Path, prefix: Sequence[str], *words: str) -> subprocess.CompletedProcess[str]:
    """A command on a disk laid by a prefix (:func:`tests.unit.test_storage_failures.small_disk`)."""
    return subprocess.run(
        [*prefix, sys.executable, "-m", "apps.cli", *words],
        cwd=ROOT,
        env={**os.environ, "OBS_LAKE": f"{place}/lac", "OBS_STORE": f"sqlite:///{place}/base.db"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def one_french_line(done: subprocess.CompletedProcess[str]) -> str:
    """Empty when a command ended well, or refused in one French line."""
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stderr.splitlines() if line and not line.startswith("  ")]
    if len(lines) != 1 or not lines[0].startswith("Erreur : "):
        return f"{len(lines)} lignes : {lines[:2]}"
    return ""


def full(kib: int, *words: str) -> str:
    """A command on a disk of that size."""
    with tempfile.TemporaryDirectory(prefix="attaques-") as folder:
        return one_french_line(on_disk(Path(folder), small_disk(Path(folder), kib), *words))


def full_over(world: World, kib: int) -> str:
    """The second delivery on a disk that holds the first and little more: readers see one or the other, whole."""
    with tempfile.TemporaryDirectory(prefix="attaques-") as folder:
        place = Path(folder)
        look = (
            "import os, subprocess, sys; from pathlib import Path; from lake.settings import Settings; "
            "from bench.attaques.lac import whole; "
            "done = subprocess.run([sys.executable, '-c', sys.argv[1], sys.argv[2]], capture_output=True, text=True); "
            "print(whole(Settings.from_env()) or done.stderr.strip().splitlines()[-1:])"
        )
        inside = f'cp -r {world.lake} {place}/lac && exec "$@"'
        done = subprocess.run(
            [
                *small_disk(place, kib),
                "sh",
                "-c",
                inside,
                "sh",
                sys.executable,
                "-c",
                look,
                INGEST,
                str(world.new),
            ],
            cwd=ROOT,
            env={**os.environ, "OBS_LAKE": f"{place}/lac"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode and "No space left" in done.stderr:
            return ""  # the disk did not hold the first delivery: nothing was tried
        said = done.stdout.strip()
        return "" if said == "[]" or said.startswith("['Erreur : ") else said or done.stderr[-200:]


def read_only(world: World, *words: str) -> str:
    """A command over a lake whose disk may only be read."""
    place = world.copy()
    shut = f'mount --bind {place} {place} && mount -o remount,ro,bind {place} && exec "$@"'
    for unshare in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
        prefix = [*unshare, "sh", "-c", shut, "sh"]
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            break
    else:
        return "cette machine ne monte rien en lecture seule"
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "apps.cli", *words],
        cwd=ROOT,
        env={**os.environ, "OBS_LAKE": str(place), "OBS_STORE": f"sqlite:///{place.parent}/base.db"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    shutil.rmtree(place, ignore_errors=True)
    return one_french_line(done)


def gone(world: World, *words: str) -> str:
    """A command over a lake whose S3 server is not there."""
    del world
    aws = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_REGION": "us-east-1",
    }
    return one_french_line(obs(Path("s3:/absent"), *words, **aws, OBS_LAKE="s3://absent/lac"))


def attacks() -> Iterator[Attack]:
    """Every attack of this family."""
    world = World()
    server = start_s3_server()
    commands = (
        ("query", "segur", "--mesure", "dmp_documents", "--par", "mois"),
        ("lake", "check", "segur__mesures"),
        ("lake", "tables"),
        ("ingest", "segur", str(month(world.folder, "segur_2022-12.csv", 90_000))),
        ("lake", "vacuum", "segur__mesures"),
    )
    try:
        with lossy(server.endpoint) as losses:

            def lost(ending: str, times: int) -> str:
                bucket = Bucket(world, server, losses)
                losses.lose(ending, times)
                return bucket.ingest()

            def refused(status: int, before: int, times: int) -> str:
                bucket = Bucket(world, server, losses)
                losses.refuse(status, before, times)
                return bucket.ingest()

            for ending, times in itertools.product(LOST, (1, 2, 30)):
                name = f"{times} sur « {ending or 'toute clé'} »"
                yield Attack("S3, réponses perdues", name, lambda e=ending, t=times: lost(e, t))
            for status, before in itertools.product(REFUSALS, STEPS):
                name = f"{status} après {before} écritures"
                yield Attack("S3, refus", name, lambda s=status, b=before: refused(s, b, 60))
        for words in commands:
            yield Attack("S3, serveur absent", " ".join(words[:3]), lambda w=words: gone(world, *w))
        for kib in DISKS_KIB:
            yield Attack(
                "disque plein", f"territoires, {kib} Kio", lambda k=kib: full(k, "ingest", "territoires")
            )
        for kib in range(120, 700, 40):
            yield Attack("disque plein", f"seconde livraison, {kib} Kio", lambda k=kib: full_over(world, k))
        for words in commands:
            yield Attack("disque en lecture seule", " ".join(words[:3]), lambda w=words: read_only(world, *w))
    finally:
        stop(server)
        world.close()
