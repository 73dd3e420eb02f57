"""The server that no longer answers ends by itself and is started again; the one that cannot start is not."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import tomllib
import weakref
from pathlib import Path

import pytest

from apps.commands.supervision import supervised
from apps.kit.shell import warmup
from apps.kit.shell.collection import collected
from lake.errors import LakeError
from lake.settings import Settings
from tests.apart import finish

ROOT = Path(__file__).resolve().parents[2]
HUNG = """
import asyncio, time
from apps.kit.shell.watch import watched
async def main():
    async with watched(1):
        await asyncio.sleep(0.1)
        time.sleep(60)  # the loop no longer turns
asyncio.run(main())
"""


def test_a_frozen_server_ends_and_says_what_its_threads_were_doing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HUNG], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert "Timeout (0:00:01)" in done.stderr
    assert "in main" in done.stderr


COUNTED = """
import pathlib, sys
file = pathlib.Path(sys.argv[1])
file.write_text(file.read_text() + 'x' if file.exists() else 'x')
sys.exit(0 if len(file.read_text()) == 3 else 1)
"""


def test_it_is_started_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        file = tmp_path / "essais"
        assert supervised([sys.executable, "-c", COUNTED, str(file)], os.environ, settled=0.0) == 0
        assert file.read_text() == "xxx"
        assert capsys.readouterr().err.count("Le serveur s'est arrêté (code 1) : il redémarre.") == 2
        # One that ends at once cannot start: trying for ever would hide why.
        assert supervised([sys.executable, "-c", "raise SystemExit(3)"], os.environ) == 3
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


WAITING = """
import os, pathlib, sys
import polars
from apps.commands.supervision import become
child = "import os, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(pathlib.Path(f'/proc/{os.getppid()}/maps').read_text())"
if "polars" in pathlib.Path("/proc/self/maps").read_text():
    become([sys.executable, "-c", child, sys.argv[1]], os.environ)
"""  # noqa: E501


def test_who_waits_for_the_server_holds_nothing_of_the_suite(tmp_path: Path) -> None:
    mapped = tmp_path / "cartographie"
    subprocess.run([sys.executable, "-c", WAITING, str(mapped)], timeout=60, check=True)
    assert "python" in mapped.read_text()
    assert "polars" not in mapped.read_text()


def test_the_delay_is_a_setting() -> None:
    assert Settings.from_env({}).surveillance == 60
    assert Settings.from_env({"OBS_SURVEILLANCE": "0"}).surveillance == 0
    with pytest.raises(LakeError, match="OBS_SURVEILLANCE vaut « bientôt »"):
        Settings.from_env({"OBS_SURVEILLANCE": "bientôt"})


class Loop:
    """What only a collection lets go."""

    def __init__(self) -> None:
        self.itself = self


def test_cycles_are_collected_every_few_seconds_where_pages_were_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (
        tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["runner"]["postScriptGC"]
        is False
    )
    monkeypatch.setattr(warmup, "PROGRESS", progress := warmup.Progress())

    async def served() -> tuple[bool, bool]:
        async with collected(lambda: progress.pages, 0.01):
            await asyncio.sleep(0.05)
            left = weakref.ref(Loop())
            await asyncio.sleep(0.05)
            quiet = left() is not None
            with progress.drawing():
                pass
            await asyncio.sleep(0.05)
            return quiet, left() is None

    gc.disable()
    try:
        assert finish(served()) == (True, True)
    finally:
        gc.enable()


def test_what_a_page_brings_is_set_aside_at_its_first_drawing_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warmup, "_drawn", set())
    brought = [[number] for number in range(1_000)]
    warmup.drawn("carte")
    others = [[number] for number in range(1_000)]
    warmup.drawn("carte")
    # Asked of the objects themselves: their count also falls when something set aside earlier is let go meanwhile.
    visited = {id(each) for each in gc.get_objects()}
    assert not visited & {id(each) for each in brought}
    assert {id(each) for each in others} <= visited
