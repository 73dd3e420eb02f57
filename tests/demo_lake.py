"""The demonstration lakes that tests share: built once a run by the real command, whatever the workers."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import polars as pl
from click.testing import CliRunner

from apps.cli import obs as command_line
from lake.contract import Table
from lake.settings import Settings
from lake.tables import Lake

ROOT = Path(__file__).resolve().parents[1]


def obs(*arguments: str, lake: Path, check: bool = True, store: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own on a lake."""
    done = subprocess.run(
        [sys.executable, "-m", "apps.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, **_settings(lake, store)},
        capture_output=True,
        text=True,
        check=False,
    )
    return _checked(done, check)


def called(
    *arguments: str, lake: Path, check: bool = True, store: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the same command within this process: its libraries are loaded once for all the calls."""
    done = CliRunner().invoke(command_line, list(arguments), env=_settings(lake, store))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return _checked(
        subprocess.CompletedProcess(list(arguments), done.exit_code, done.stdout, done.stderr), check
    )


def _settings(lake: Path, store: str) -> dict[str, str]:
    return {
        "OBS_LAKE": str(lake),
        "OBS_REGION": "44",
        "OBS_GEOCODEUR": "ban",
        # Beside the lake: the accounts of a demonstration never reach the developer's own store.
        "OBS_STORE": store or f"sqlite:///{lake.parent / lake.name}.db",
    }


def _checked(done: subprocess.CompletedProcess[str], check: bool) -> subprocess.CompletedProcess[str]:
    if check and done.returncode != 0:
        raise AssertionError(f"obs {' '.join(done.args)} : {done.stderr or done.stdout}")
    return done


class Held:
    """A lake for tests that only count: each table is read from its files once, then counted from memory."""

    def __init__(self, folder: Path) -> None:
        lake = Lake(Settings(lake=str(folder)))
        self._read = cache(lambda table: lake.scan(table).collect())

    def scan(self, table: Table) -> pl.LazyFrame:
        """Read a table, as :meth:`lake.tables.Lake.scan`."""
        return self._read(table).lazy()


def build_once(shared: Path, name: str, *options: str) -> Path:
    """Build a demonstration lake under a folder that the workers share, unless another has; its path."""
    shared.mkdir(parents=True, exist_ok=True)
    lake = shared / name
    with (shared / f"{name}.verrou").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = shared / f"{name}.pret"
        if not done.exists():
            obs("demo", *options, lake=lake)
            done.touch()
    return lake
