"""The demonstration lakes that tests share: built once a run by the real command, whatever the workers."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def obs(*arguments: str, lake: Path, check: bool = True, store: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own on a lake."""
    done = subprocess.run(
        [sys.executable, "-m", "apps.cli", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "OBS_LAKE": str(lake),
            "OBS_REGION": "44",
            "OBS_GEOCODEUR": "ban",
            # Beside the lake: the accounts of a demonstration never reach the developer's own store.
            "OBS_STORE": store or f"sqlite:///{lake.parent / lake.name}.db",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"obs {' '.join(arguments)} : {done.stderr or done.stdout}")
    return done


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
