"""Fixtures shared by every test: lakes on a folder and on a real S3-protocol server."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import boto3
import pytest
from hypothesis import settings as hypothesis_settings
from sqlalchemy import event
from sqlalchemy.pool import Pool

from lake.settings import Settings
from lake.spark.session import server
from lake.store import migrate
from lake.store.engine import Store
from lake.tables import Lake
from tests.demo_lake import build_once
from tests.examples import PROFILE

hypothesis_settings.load_profile(PROFILE)


@dataclass(frozen=True)
class S3Server:
    """A running S3-protocol server and how to reach it."""

    endpoint: str
    process: subprocess.Popen[bytes]

    def aws(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "cle-de-test",
            "AWS_SECRET_ACCESS_KEY": "secret-de-test",
            "AWS_REGION": "us-east-1",
        }

    def new_bucket(self) -> str:
        name = f"essai-{uuid.uuid4().hex[:16]}"
        aws = self.aws()
        boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=aws["AWS_REGION"],
            aws_access_key_id=aws["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=aws["AWS_SECRET_ACCESS_KEY"],
        ).create_bucket(Bucket=name)
        return name


# Small answers leave at once: written in two parts over a connection kept open, each would wait 40 ms for the other
# end to acknowledge the first (Nagle's algorithm), with nothing computed meanwhile.
MOTO = """
import sys
from http.server import BaseHTTPRequestHandler
BaseHTTPRequestHandler.disable_nagle_algorithm = True
from moto.server import main
main(sys.argv[1:])
"""


def start_s3_server(**environment: str) -> S3Server:
    """Start moto's S3 server as a process of its own, on a free port of the loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", MOTO, "-H", "127.0.0.1", "-p", str(port)],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return S3Server(f"http://127.0.0.1:{port}", process)
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise RuntimeError("the S3 server did not start")


def stop(server: S3Server) -> None:
    server.process.terminate()
    server.process.wait(timeout=10)


@pytest.fixture(autouse=True)
def _no_machine_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No setting of the machine that runs the tests leaks into them; nothing is written in its store."""
    for name in list(os.environ):
        if name.startswith(("OBS_", "AWS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OBS_STORE", f"sqlite:///{tmp_path_factory.getbasetemp()}/store.db")


@pytest.fixture(scope="session", autouse=True)
def _migrated_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A new SQLite store is the copy of one that the migrations made: they take ten times as long.

    Tests of the migrations call :func:`lake.store.migrate.upgrade` themselves, which is left as it is.
    """
    upgrade = migrate.upgrade

    @cache
    def made() -> Path:
        path = tmp_path_factory.mktemp("modele") / "store.db"
        store = Store(Settings(store=f"sqlite:///{path}"))
        upgrade(store)
        store.close()
        return path

    def copied(store: Store) -> bool:
        path = Path(str(store.url.database))
        if not store.sqlite or path.exists():
            return upgrade(store)
        whole = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
        shutil.copyfile(made(), whole)
        with suppress(FileExistsError):  # another thread was first
            os.link(whole, path)
        whole.unlink()
        return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate, "upgrade", copied)
        yield


@pytest.fixture(scope="session", autouse=True)
def _disk_not_awaited() -> Iterator[Callable[..., None]]:
    """SQLite hands its writes to the system without waiting for the disk: no test survives a power cut.

    What a killed process had committed is still there; a store of a test waited some seven times for the disk.
    """

    def hurry(connection: object, _record: object, _proxy: object) -> None:
        if isinstance(connection, sqlite3.Connection) and not connection.in_transaction:
            connection.execute("PRAGMA synchronous = OFF")

    event.listen(Pool, "checkout", hurry)
    yield hurry
    event.remove(Pool, "checkout", hurry)


@pytest.fixture
def disk_awaited(_disk_not_awaited: Callable[..., None]) -> Iterator[None]:
    """A store opened by this test is as in production."""
    event.remove(Pool, "checkout", _disk_not_awaited)
    yield
    event.listen(Pool, "checkout", _disk_not_awaited)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    server = start_s3_server()
    yield server
    stop(server)


@pytest.fixture(scope="session")
def spark_address() -> Iterator[str]:
    """A Spark Connect server of this process, one for the whole run: its address."""
    with server(Settings()) as address:
        yield address


@pytest.fixture
def local_settings(tmp_path: Path) -> Settings:
    return Settings(lake=str(tmp_path / "lac"))


@pytest.fixture
def s3_settings(s3_server: S3Server) -> Settings:
    return Settings(lake=f"s3://{s3_server.new_bucket()}/observatoire", s3=s3_server.aws())


@pytest.fixture
def lake(local_settings: Settings) -> Lake:
    """An empty lake on a folder."""
    return Lake(local_settings)


@pytest.fixture
def s3_lake(s3_settings: Settings) -> Lake:
    """An empty lake on an S3 bucket of its own."""
    return Lake(s3_settings)


@pytest.fixture(params=["dossier", "s3"])
def any_lake(request: pytest.FixtureRequest) -> Lake:
    """Each kind of lake in turn."""
    found: Lake = request.getfixturevalue("lake" if request.param == "dossier" else "s3_lake")
    return found


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--lacs", default="", help="folder of demonstration lakes already built, kept between runs"
    )
    parser.addoption(
        "--approuver",
        action="store_true",
        help="write what pages read again, to be compared before it is kept",
    )


def pytest_collection_finish() -> None:
    """Set aside what the tests are made of: Streamlit collects everything after each run of a page.

    Modules and test items live as long as the process; visiting them again at each of thousands of runs took a third
    of the suite's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def _shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str, given: str = "") -> Path:
    """A folder that every worker of this run sees; the one given on the command line when there is one."""
    if given:
        return Path(given)
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "lacs"


@pytest.fixture(scope="session")
def petit_lake(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Path:
    """The small demonstration lake (about 3,000 persons, four extractions)."""
    shared = _shared(tmp_path_factory, worker_id, request.config.getoption("--lacs"))
    return build_once(shared, "petit", "--petit")
