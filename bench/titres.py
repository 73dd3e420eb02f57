"""The title of each page on screen, from a browser that knows nothing: wall time, and where it goes.

    python -m bench.titres [--lac DOSSIER --base URL] [--fois 3] [--avant DOSSIER] [--debit 10]
                            [--page annuaire-carte …]

Every page of the menu of an administrator is opened in a window of its own (no cache, no compiled script), in a
Chromium without a graphics card, on the machine that serves it: an upper bound. A page script notes when the title
stands in a painted frame, when the socket opens and when its first messages come. The browser's own processor time
until the title says what the wall time would be on a quiet machine. ``--avant`` measures the sources of another
revision, turn about; ``--debit`` simulates a line. The server is warm: each page was opened once. Aim: a 95th
percentile under 1 s, quiet. Without ``--lac`` a full demonstration lake is built first.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from lake.settings import Settings
from lake.store.accounts import accounts, sessions
from lake.store.engine import Store

ROOT = Path(__file__).resolve().parents[1]
AIM_MS = 1000.0
LATENCY_MS = 20
"""Of the line that ``--debit`` simulates."""
ADDRESS = "administrateur@demo.example"
LEFT_OUT = {"deconnexion"}
"""Pages of the menu that end the session."""
WATCH = """(() => {
  const seen = (window.__titre = { ouverte: 0, recu: 0, titre: 0 });
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("open", () => (seen.ouverte ||= performance.now()));
      this.addEventListener("message", () => (seen.recu ||= performance.now()));
    }
  };
  const look = () => {
    const title = document.querySelector("h1");
    if (!seen.titre && title && title.textContent.trim() && title.getBoundingClientRect().height) {
      watching.disconnect();
      // The frame that shows it is painted after this callback: the next task comes after the painting.
      requestAnimationFrame(() => setTimeout(() => (seen.titre = performance.now()), 0));
    }
  };
  const watching = new MutationObserver(look);
  watching.observe(document, { childList: true, subtree: true, characterData: true });
})();"""


@dataclass(frozen=True)
class Opening:
    """One page opened, in milliseconds from the address typed.

    Attributes:
        opened: the socket is open: the suite's scripts have come and run.
        received: the server's first message.
        titled: the title is painted.
        spent: processor time of the browser's main thread until then.
    """

    opened: float
    received: float
    titled: float
    spent: float


@contextmanager
def served(where: Path, environment: dict[str, str]) -> Iterator[str]:
    """The address of the whole suite, served by the sources of a folder, warm."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "apps.cli", "serve", "--port", str(port), "--sans-navigateur"],
        cwd=where,
        env=environment | {"PYTHONPATH": str(where)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        limit = time.monotonic() + 240
        while time.monotonic() < limit:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/obs-pret", timeout=2):
                    break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


async def addresses(address: str, secret: str) -> list[str]:
    """The addresses of the menu of whoever this session is, in order."""
    port = address.rpartition(":")[2]
    async with websockets.connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        origin=address,  # type: ignore[arg-type]
        subprotocols=["streamlit"],  # type: ignore[list-item]
        additional_headers={"Cookie": f"obs_session={secret}"},
        max_size=None,
    ) as line:
        message = BackMsg()
        message.rerun_script.query_string = ""
        await line.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await asyncio.wait_for(line.recv(), 60))
            if answer.WhichOneof("type") == "navigation":
                return [
                    one.url_pathname
                    for one in answer.navigation.app_pages
                    if not one.is_hidden and one.url_pathname and one.url_pathname not in LEFT_OUT
                ]


def opened(browser: Any, address: str, path: str, secret: str, megabits: float | None = None) -> Opening:
    """Open one page in a window that knows nothing but its session, over a line of so many megabits a second."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR")
    try:
        context.add_cookies([{"name": "obs_session", "value": secret, "url": address, "httpOnly": True}])
        context.add_init_script(WATCH)
        tab = context.new_page()
        measures = context.new_cdp_session(tab)
        measures.send("Performance.enable", {"timeDomain": "threadTicks"})
        if megabits:
            measures.send("Network.enable")
            rate = megabits * 1e6 / 8
            line = {
                "offline": False,
                "latency": LATENCY_MS,
                "downloadThroughput": rate,
                "uploadThroughput": rate,
            }
            measures.send("Network.emulateNetworkConditions", line)
        tab.goto(f"{address}/{path}", wait_until="commit")
        tab.wait_for_function("() => window.__titre.titre", timeout=60_000, polling=20)
        told = {one["name"]: one["value"] for one in measures.send("Performance.getMetrics")["metrics"]}
        seen = tab.evaluate("() => window.__titre")
        return Opening(seen["ouverte"], seen["recu"], seen["titre"], 1000 * told["TaskDuration"])
    finally:
        context.close()


def late(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def line(name: str, runs: list[Opening], of: Callable[[list[float]], float] = statistics.median) -> str:
    """A page, or all of them, in one line of the table."""
    columns = zip(*(vars(one).values() for one in runs), strict=True)
    return f"{name:<50}" + "".join(f"{of(list(values)):>12.0f}" for values in columns)


def main() -> None:
    """Measure and print."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lac", type=Path)
    parser.add_argument("--base", help="URL du magasin de cette démonstration")
    parser.add_argument("--avant", type=Path, help="sources d'une autre révision")
    parser.add_argument(
        "--debit", type=float, help="mégabits par seconde d'une ligne simulée (défaut : aucune)"
    )
    parser.add_argument("--fois", type=int, default=3)
    parser.add_argument("--page", action="append", help="adresse d'une page (défaut : toutes)")
    asked = parser.parse_args()
    chromium = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    )
    with tempfile.TemporaryDirectory(prefix="obs-bench-") as folder:
        lake = (asked.lac or Path(folder) / "lac").absolute()
        store = asked.base or f"sqlite:///{folder}/store.db"
        environment = {**os.environ, "OBS_LAKE": str(lake), "OBS_STORE": store, "OBS_DEMO": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if asked.lac is None:
            subprocess.run([sys.executable, "-m", "apps.cli", "demo"], cwd=ROOT, env=environment, check=True)
        base = Store(Settings(store=store))
        person = accounts.find(base, ADDRESS)
        assert person is not None, "la démonstration n'a pas ses comptes : obs demo les crée"
        secret = sessions.open_session(base, person)
        assert secret is not None
        sources = {"cette version": ROOT} | ({"avant": asked.avant.absolute()} if asked.avant else {})
        made: dict[str, dict[str, list[Opening]]] = {name: {} for name in sources}
        load = os.getloadavg()[0]
        with ExitStack() as stack:
            at = {name: stack.enter_context(served(where, environment)) for name, where in sources.items()}
            paths = asked.page or asyncio.run(addresses(at["cette version"], secret))
            browser = stack.enter_context(sync_playwright()).chromium.launch(
                executable_path=chromium,
                args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"],
            )
            print(f"{'médianes, ms':<50}{'connexion':>12}{'réponse':>12}{'titre':>12}{'processeur':>12}")
            for path in paths:
                for turn in range(asked.fois + 1):  # the first turn warms the server
                    for name, address in at.items():
                        one = opened(browser, address, path, secret, asked.debit)
                        if turn:
                            made[name].setdefault(path, []).append(one)
                for name in sources:
                    print(line(f"{path} ({name})", made[name][path]), flush=True)
            browser.close()
    print(f"charge de la machine : {load:.1f} au début, {os.getloadavg()[0]:.1f} à la fin")
    for name, pages in made.items():
        everything = [one for runs in pages.values() for one in runs]
        print(line(f"toutes, médiane ({name})", everything))
        print(line(f"toutes, p95 ({name})", everything, late))
    print(f"(but : p95 du titre sous {AIM_MS:.0f} ms, machine tranquille)")


if __name__ == "__main__":
    main()
