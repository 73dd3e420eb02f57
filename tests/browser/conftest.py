"""Browser tests: the suite as it is served, in a real Chromium, and nothing but this machine.

Without Chromium these tests are left out and the summary says so; on an integration machine (``CI`` set) its
absence is a failure.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.kit_lake import build

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # A page lives for seconds here: compiling its hot code a second time costs more than it saves.
    "--js-flags=--no-opt",
    # Refused as well as noticed: no test ever reaches the outside.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]  # fmt: skip
LEFT_OUT = pytest.StashKey[int]()
DESK: ViewportSize = {"width": 1440, "height": 900}
LIFE = 12  # tests that a tab serves: what pages leave in its process adds up
PATIENCE = 30_000  # milliseconds: nothing here measures speed, and the machine may be busy with other tests
expect.set_options(timeout=PATIENCE)
HOW = (
    "Tests de navigateur laissés de côté : Chromium est absent. "
    "Installez-le (apt install chromium-headless-shell), puis relancez."
)


def chromium() -> str | None:
    """The Chromium of this machine, or the one that ``OBS_CHROMIUM`` names.

    The headless shell is the same engine without the windows, menus and services of a desktop: a page costs
    half the processor time.
    """
    named = os.environ.get("OBS_CHROMIUM")
    if named:
        return named
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and leave them out where no browser can run them."""
    here = [item for item in items if HERE in item.path.parents]
    for item in here:
        item.add_marker(pytest.mark.browser)
    if here and chromium() is None and not os.environ.get("CI"):
        items[:] = [item for item in items if item not in here]
        config.hook.pytest_deselected(items=here)
        config.stash[LEFT_OUT] = len(here)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say plainly that browser tests were left out, and how to get them."""
    if config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(HOW, yellow=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    path = chromium()
    if path is None:
        pytest.fail(HOW)
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def small_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hand-worked lake of :mod:`tests.kit_lake`, published once."""
    folder = tmp_path_factory.mktemp("lac")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of the database that every server of the run shares."""
    return f"sqlite:///{tmp_path_factory.mktemp('base')}/store.db"


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory, store: str) -> Iterator[Callable[..., str]]:
    """Start the real server: ``serve(lake, script="apps/asgi.py", app="")`` gives its address.

    It serves everything to everyone (``OBS_ACCES=ouvert``) unless the settings given as ``extra`` say otherwise.
    """
    started: list[subprocess.Popen[bytes]] = []
    logs = tmp_path_factory.mktemp("serveur")

    def start(
        lake: Path, *options: str, script: str = "apps/asgi.py", app: str = "", port: int = 0, **extra: str
    ) -> str:
        if not port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
        log = logs / f"{port}.log"
        environment = {
            **os.environ,
            "OBS_LAKE": str(lake),
            "OBS_STORE": store,
            "OBS_APP": app,
            "OBS_ACCES": "ouvert",
            "PYTHONPATH": str(ROOT),
            **extra,
        }
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port), *options],
                cwd=ROOT,
                env=environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        started.append(process)
        address = f"http://127.0.0.1:{port}"
        for _ in range(240):
            if process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                    if answer.status == 200:
                        return address
            except OSError:
                time.sleep(0.25)
        pytest.fail(f"Le serveur n'a pas démarré :\n{log.read_text(errors='replace')[-3000:]}")

    yield start
    for process in started:
        process.terminate()
    for process in started:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="session")
def showcase(serve: Callable[..., str], small_lake: Path) -> str:
    """Address of the kit's showcase, on the hand-worked lake."""
    return serve(small_lake, script="tests/browser/vitrine/asgi.py")


@pytest.fixture(scope="session")
def directory(serve: Callable[..., str], petit_lake: Path) -> str:
    """Address of the directory alone, on the small demonstration lake."""
    return serve(petit_lake, app="annuaire")


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """One window for the tests of a worker: what the application serves to everyone is fetched and compiled once."""
    context = browser.new_context(viewport=DESK, locale="fr-FR", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture(scope="session")
def turns() -> Iterator[int]:
    """Counts the tests that the window has served."""
    return count(1)


@pytest.fixture
def page(window: BrowserContext, turns: Iterator[int]) -> Iterator[Page]:
    """A tab in French, that knows nothing; the test fails if it asked anything of another machine."""
    strangers: list[str] = []

    def watch(request: Request) -> None:
        host = urlsplit(request.url)
        if host.scheme in {"http", "https", "ws", "wss"} and host.hostname != "127.0.0.1":
            strangers.append(request.url)

    window.on("request", watch)
    tab = window.pages[0] if window.pages else window.new_page()
    tab.set_viewport_size(DESK)
    tab.bring_to_front()  # what another test opened may have the focus of the window: keys would go nowhere
    yield tab
    for opened in window.pages:
        forget(opened, keep=opened is tab and next(turns) % LIFE != 0)
    window.clear_cookies()
    window.clear_permissions()
    window.remove_listener("request", watch)
    assert not strangers, f"Requêtes vers l'extérieur : {strangers}"


def forget(tab: Page, *, keep: bool) -> None:
    """Leave a tab without a page and without a memory; kept, it opens the next page in a warm process."""
    shown = urlsplit(tab.url)
    if shown.scheme.startswith("http"):
        try:
            # No script of the suite runs at this address: nothing writes after the memory is cleared.
            tab.goto(f"{shown.scheme}://{shown.netloc}/_stcore/health", timeout=5_000)
            tab.evaluate("() => { localStorage.clear(); sessionStorage.clear() }")
        except Error:  # its server is gone, or the tab has crashed
            keep = False
    if not keep:
        tab.close()


def settled(tab: Page) -> None:
    """Wait until the page has nothing left to run or to fetch (a control is a skeleton until its script came)."""
    tab.wait_for_selector("h1")
    tab.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
    )
    tab.wait_for_function("() => !document.querySelector('[data-stale=true], [data-testid=stSkeleton]')")


def visit(tab: Page, address: str) -> None:
    """Open an address and wait for the page."""
    tab.goto(address)
    settled(tab)
