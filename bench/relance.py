"""``make run`` again, the demonstration there: until the address answers, is ready, and shows its first title.

    python -m bench.relance [--lac DOSSIER --base URL] [--avant DOSSIER] [--fois N]

``make run`` is run as it stands, in this folder and, with ``--avant``, in the sources of another revision (a worktree),
turn about. The browser is open already, its cache empty; it asks as soon as the address answers. Wall time depends on
what else the machine does; processor time, of ``make`` and of all that it starts, does less. Aim: 5 s when quiet.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = Path(sys.prefix)
TICK = os.sysconf("SC_CLK_TCK")
LIMIT_S = 240


@dataclass(frozen=True)
class Start:
    """One start: seconds since ``make run`` was typed, then processor seconds.

    Attributes:
        answers: the address gives the suite's page.
        titled: the first title is on the browser's screen.
        ready: ``/obs-pret`` says so.
        spent: processor time of ``make`` and of all that it started, when the title showed.
    """

    answers: float
    titled: float
    ready: float
    spent: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lac", type=Path)
    parser.add_argument("--base", help="URL du magasin de cette démonstration")
    parser.add_argument("--avant", type=Path, help="sources d'une autre révision")
    parser.add_argument("--fois", type=int, default=3)
    parser.add_argument("--adresse", default="/", help="page demandée")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="obs-bench-") as folder:
        lake = asked.lac or Path(folder) / "lac"
        store = asked.base or f"sqlite:///{folder}/store.db"
        environment = {**os.environ, "OBS_LAKE": str(lake.absolute()), "OBS_STORE": store}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if asked.lac is None:
            subprocess.run([sys.executable, "-m", "apps.cli", "demo"], cwd=ROOT, env=environment, check=True)
        sources = {"cette version": ROOT} | ({"avant": asked.avant.absolute()} if asked.avant else {})
        made: dict[str, list[Start]] = {name: [] for name in sources}
        for turn in range(asked.fois + 1):
            for name, where in sources.items():
                one = start(where, environment, asked.adresse)
                if turn:  # the first turn compiles what was never imported, and warms the disk
                    made[name].append(one)
                print(f"{name}, {'mesure' if turn else 'à blanc'} : {one}", flush=True)
    print(f"{'':14} {'répond':>8} {'titre':>8} {'prêt':>8} {'processeur':>12}")
    for name, all_of in made.items():
        middle = [
            statistics.median(values) for values in zip(*(vars(one).values() for one in all_of), strict=True)
        ]
        print(
            f"{name:14} "
            + " ".join(f"{value:>{width}.1f} s" for value, width in zip(middle, (6, 6, 6, 10), strict=True))
        )


def start(where: Path, environment: dict[str, str], path: str) -> Start:
    """Run both commands in a folder of sources, and ask for the first page."""
    from playwright.sync_api import sync_playwright

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        tab = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        make = ["make", "-s", "-o", f"{VENV}/.base", "run", f"VENV={VENV}", f"PORT={port}"]
        started = time.perf_counter()
        server = subprocess.Popen(
            make,
            cwd=where,
            env=environment | {"PYTHONPATH": str(where)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            until(f"{address}/")
            answers = time.perf_counter() - started
            tab.goto(f"{address}{path}", wait_until="commit")
            tab.locator("h1").first.wait_for(timeout=1000 * LIMIT_S)
            titled = time.perf_counter() - started
            spent = processor_of(server.pid)
            until(f"{address}/obs-pret")
            ready = time.perf_counter() - started
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=60)
            browser.close()
    return Start(*(round(value, 2) for value in (answers, titled, ready, spent)))


def until(address: str) -> None:
    """Wait for an address to answer 200."""
    limit = time.monotonic() + LIMIT_S
    while time.monotonic() < limit:
        with suppress(OSError, urllib.error.HTTPError), urllib.request.urlopen(address, timeout=LIMIT_S):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{address} did not answer")


def processor_of(pid: int) -> float:
    """Processor seconds of a process and of all that it started, those that ended included."""
    with suppress(FileNotFoundError, ProcessLookupError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total = sum(int(value) for value in fields[11:15]) / TICK
        for thread in Path(f"/proc/{pid}/task").iterdir():
            total += sum(processor_of(int(child)) for child in (thread / "children").read_text().split())
        return total
    return 0.0


if __name__ == "__main__":
    main()
