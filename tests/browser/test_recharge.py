"""``make dev``: a saved file shows by itself, in a page and below it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import settled
from tests.browser.proxy import free_port
from tests.demo_lake import ROOT

pytestmark = pytest.mark.browser


@pytest.fixture
def edited(petit_lake: Path, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A copy of the project, served as ``make dev`` serves it: its folder, its address."""
    for folder in ("apps", "lake", "scoring", "ingest", "demo", ".streamlit"):
        # What Python compiled already comes along: times of change are copied too.
        shutil.copytree(ROOT / folder, tmp_path / folder)
    port = free_port()
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "OBS_LAKE": str(petit_lake),
        "OBS_STORE": f"sqlite:///{tmp_path}/store.db",
        "OBS_ACCES": "ouvert",
    }
    command = [
        sys.executable,
        "-m",
        "apps.cli",
        "serve",
        "--port",
        str(port),
        "--sans-navigateur",
        "--recharger",
    ]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_until_answering(f"http://127.0.0.1:{port}", process)
        yield tmp_path, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_until_answering(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            assert process.poll() is None
            time.sleep(0.25)
    pytest.fail("the server did not answer")


def saved(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def test_a_saved_page_and_a_saved_universe_show_by_themselves(edited: tuple[Path, str], page: Page) -> None:
    folder, address = edited
    page.goto(f"{address}/annuaire-carte")
    settled(page)
    saved(folder / "apps/annuaire/carte.py", "Où exercent les {who", "Où donc exercent les {who")
    page.get_by_role("heading", name="Où donc exercent les professionnels de santé").wait_for()
    saved(
        folder / "scoring/universes/annuaire.py", 'source="ANS, Annuaire Santé"', 'source="Essai de source"'
    )
    page.get_by_text("Essai de source, 14 janvier 2025").first.wait_for()
