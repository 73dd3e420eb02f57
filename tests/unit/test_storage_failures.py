"""What readers and operators see when a publication is killed, a disk fills, or S3 refuses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from apps.commands.native_stderr import set_aside
from lake.errors import LakeError, SourceUnavailable
from lake.objects import open_objects
from lake.settings import Settings
from lake.tables import Lake
from tests.conftest import S3Server, start_s3_server, stop
from tests.sample import FEVRIER, JANVIER, VISITES, visites

ROOT = Path(__file__).resolve().parents[2]

PUBLISH_FOREVER = """
import itertools, sys
import polars as pl
from lake.settings import Settings
from lake.tables import Lake
from tests.sample import JANVIER, VISITES
lake = Lake(Settings.from_env())
codes = [f"{n:02d}" for n in range(1, 13)]
for number in itertools.count(1):
    rows = pl.DataFrame(
        {"code_departement": codes * 500, "note": f"n{number}", "ligne": range(2, 6002)}
    ).with_columns(date_extraction=JANVIER).select(VISITES.columns)
    print(number, flush=True)
    lake.publish(VISITES, rows, replace={"date_extraction": [JANVIER]})
"""


def start(script: str, settings: Settings) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "OBS_LAKE": settings.lake, **settings.s3},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(("kind", "delays"), [("dossier", (0.0, 0.006, 0.014, 0.03)), ("s3", (0.06,))])
def test_a_publication_killed_midway_leaves_a_whole_version(
    kind: str, delays: tuple[float, ...], request: pytest.FixtureRequest
) -> None:
    lake: Lake = request.getfixturevalue("lake" if kind == "dossier" else "s3_lake")
    started = [start(PUBLISH_FOREVER, lake.settings) for _ in delays[:1]]
    for delay in delays:
        process = started.pop()
        assert process.stdout is not None
        for _ in range(2):  # the second publication is about to begin
            assert process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=10) == -signal.SIGKILL
        if delay != delays[-1]:
            started.append(start(PUBLISH_FOREVER, lake.settings))
        read = lake.scan(VISITES).select("ligne", "note").collect()
        assert read.height == 6000
        assert read["ligne"].n_unique() == 6000
        assert read["note"].n_unique() == 1
        process.communicate()
    # and the next publication simply works
    lake.publish(VISITES, visites(JANVIER, "après"), replace={"date_extraction": [JANVIER]})
    assert lake.scan(VISITES).collect()["note"].unique().to_list() == ["après"]


def test_vacuum_sweeps_what_a_killed_publication_left(lake: Lake) -> None:
    lake.publish(VISITES, visites(JANVIER))
    orphan = Path(lake.uri(VISITES)) / "date_extraction=2025-01-14/code_departement=67/part-orphan.parquet"
    orphan.write_bytes(b"half a file")
    old = time.time() - 3 * 86_400
    os.utime(orphan, (old, old))
    assert lake.vacuum(VISITES, keep_days=0, dry_run=False) == []  # a publication may be under way
    assert [Path(name).name for name in lake.vacuum(VISITES, keep_days=2, dry_run=False)] == [orphan.name]
    assert not orphan.exists()
    assert lake.scan(VISITES).collect().height == 4


FILL_DISK = """
import random, sys
import polars as pl
from lake.errors import LakeError
from lake.settings import Settings
from lake.tables import Lake
from lake.objects import open_objects
from pathlib import Path
from tests.sample import FEVRIER, JANVIER, VISITES, visites
settings = Settings.from_env()
lake = Lake(settings)
lake.publish(VISITES, visites(JANVIER, "bon"))
chance = random.Random(1)
n = 60_000
big = pl.DataFrame({
    "date_extraction": [FEVRIER] * n, "ligne": range(2, n + 2), "code_departement": ["67"] * n,
    "note": [f"{chance.getrandbits(200):x}" for _ in range(n)],
}, schema=VISITES.dtypes())
source = Path(sys.argv[1])
for attempt in (
    lambda: lake.publish(VISITES, big, replace={"date_extraction": [FEVRIER]}),
    lambda: open_objects(settings).put("raw/essai/gros.bin", source),
):
    try:
        attempt()
        print("publié")
    except LakeError as error:
        print(f"{type(error).__name__}: {error}")
print(lake.scan(VISITES).collect()["note"].to_list(), open_objects(settings).list("raw"))
"""


def small_disk(folder: Path, kilobytes: int = 700) -> list[str]:
    """A command prefix under which the folder is a real file system of that size.

    As root it is mounted in a mount namespace of its own; otherwise in a user namespace too. A machine that
    allows neither has its files limited by the kernel: another error number, the same outcome.
    """
    mount = f"mount -t tmpfs -o size={kilobytes}k tmpfs '{folder}' && exec \"$@\""
    for unshare in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
        prefix = [*unshare, "sh", "-c", mount, "sh"]
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            return prefix
    return ["sh", "-c", f'ulimit -f {2 * kilobytes} && exec "$@"', "sh"]


def test_a_disk_that_fills_is_one_french_line_and_the_last_version_stays(tmp_path: Path) -> None:
    disk = tmp_path / "disque"
    disk.mkdir()
    source = tmp_path / "gros.bin"
    source.write_bytes(os.urandom(1 << 20))
    done = subprocess.run(
        [*small_disk(disk), sys.executable, "-c", FILL_DISK, str(source)],
        cwd=ROOT,
        env={**os.environ, "OBS_LAKE": f"{disk}/lac"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    published, archived, state = done.stdout.splitlines()
    assert published.startswith(
        "SourceUnavailable: Plus de place sur le stockage en écrivant essai__visites."
    )
    assert archived.startswith("SourceUnavailable: Plus de place sur le disque en écrivant")
    assert state == "['bon', 'bon', 'bon', 'bon'] []"


def test_an_ingestion_on_a_full_disk_says_one_french_line_and_nothing_of_the_libraries(
    tmp_path: Path,
) -> None:
    disk = tmp_path / "disque"
    disk.mkdir()
    done = subprocess.run(
        [*small_disk(disk, 300), sys.executable, "-m", "apps.cli", "ingest", "territoires"],
        cwd=ROOT,
        env={**os.environ, "OBS_LAKE": f"{disk}/lac"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    *progress, refused = done.stderr.splitlines()
    assert refused.startswith("Erreur : Plus de place sur le stockage en écrivant territoires__")
    assert all(line.startswith("  ") for line in progress), done.stderr


def test_what_the_libraries_wrote_is_told_when_nothing_else_explains(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fail(said: bytes, error: Exception) -> None:
        with set_aside():
            os.write(2, said)
            raise error

    with pytest.raises(LakeError):
        fail(b"panique attendue\n", LakeError("Refus."))
    with pytest.raises(ZeroDivisionError):
        fail(b"panique inconnue\n", ZeroDivisionError())
    assert capfd.readouterr().err == "panique inconnue\n"
    os.write(2, b"la sortie est rendue\n")
    assert capfd.readouterr().err == "la sortie est rendue\n"


def every_operation(settings: Settings, tmp_path: Path, *, head: bool = True) -> Iterator[str]:
    """The message of each operation of the lake; each must be refused."""
    file = tmp_path / "fichier.bin"
    file.write_bytes(b"x")
    lake, objects = Lake(settings), open_objects(settings)
    for operation in (
        lambda: lake.exists(VISITES),
        lambda: lake.scan(VISITES),
        lambda: lake.publish(VISITES, visites(FEVRIER)),
        lambda: objects.put("raw/a", file),
        lambda: objects.list("raw"),
        lambda: objects.remove("raw"),
        *([lambda: objects.exists("raw/a"), lambda: objects.get("raw/a", file)] if head else []),
    ):
        with pytest.raises(SourceUnavailable) as refused:
            operation()
        assert "\n" not in str(refused.value)
        assert "\x1b" not in str(refused.value)
        yield refused.value.message


def test_a_stopped_s3_server_is_said_so(tmp_path: Path) -> None:
    server = start_s3_server()
    stop(server)
    settings = Settings(lake="s3://seau/lac", s3=server.aws())
    for message in every_operation(settings, tmp_path):
        assert "le serveur ne répond pas" in message


def test_a_missing_bucket_is_said_so(s3_server: S3Server, tmp_path: Path) -> None:
    settings = Settings(lake="s3://seau-qui-n-existe-pas/lac", s3=s3_server.aws())
    # S3 answers a HEAD in a missing bucket (exists, get) as for a missing object: nothing tells them apart.
    for message in every_operation(settings, tmp_path, head=False):
        assert "le bucket n'existe pas" in message


def test_wrong_credentials_are_said_so(tmp_path: Path) -> None:
    server = start_s3_server(INITIAL_NO_AUTH_ACTION_COUNT="1")  # the first action makes the bucket
    try:
        settings = Settings(lake=f"s3://{server.new_bucket()}/lac", s3=server.aws())
        for message in every_operation(settings, tmp_path):
            assert "identifiants ou droits refusés" in message
    finally:
        stop(server)


def test_a_server_that_stops_between_two_reads_leaves_a_clear_error() -> None:
    server = start_s3_server()
    settings = Settings(lake=f"s3://{server.new_bucket()}/lac", s3=server.aws())
    lake = Lake(settings)
    lake.publish(VISITES, visites(JANVIER))
    lazily = lake.scan(VISITES)
    stop(server)
    with pytest.raises((pl.exceptions.PolarsError, OSError)):
        lazily.collect()
    with pytest.raises(LakeError, match="le serveur ne répond pas"):
        lake.scan(VISITES)


def test_a_folder_without_rights_is_said_so(tmp_path: Path) -> None:
    blocked = tmp_path / "fichier"
    blocked.write_text("un fichier, pas un dossier")
    with pytest.raises(SourceUnavailable):
        Lake(Settings(lake=str(blocked / "lac"))).publish(VISITES, visites(JANVIER))
    with pytest.raises(SourceUnavailable):
        open_objects(Settings(lake=str(blocked / "lac"))).put("raw/a", blocked)
