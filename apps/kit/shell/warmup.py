"""Warm start: beside the server that listens already, imports first, then caches, then one freeze of the collector.

A browser that comes meanwhile is given the suite's scripts; its page waits until what every page imports is there
(:meth:`Progress.drawing`), which it would have imported itself, no sooner. Caches are filled after that, never while
a page is being drawn: the first reader passes.

Streamlit collected all generations after every run. Objects that live as long as the process (modules, cached
frames) need not be visited again: ``gc.freeze`` after warm-up divided the time of a rerun by four to fourteen. What
sessions hold is visited every few seconds (:mod:`apps.kit.shell.collection`).
"""

from __future__ import annotations

import gc
import importlib
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

from apps.kit.access import exposure
from apps.kit.shell.collection import collected
from apps.kit.shell.watch import watched
from lake.damage import panicked
from lake.settings import Settings

_log = logging.getLogger(__name__)
MODULES = (
    "altair",
    "pandas",
    "polars",
    "pandas.io.formats.style",
    "pyarrow.pandas_compat",
    "pydeck",
    "streamlit.emojis",
    "apps.kit.shell.draw",
    "apps.kit.charts.charts",
    "apps.kit.maps.maps",
)
"""What pages import; with what Streamlit and pandas import themselves when the first table and filter are drawn."""

LATER = ("apps.kit.access.signin", "apps.kit.maps.basemap", "icalendar")
"""What some pages import when they are drawn, not when they are declared: imported after the first reader's page."""


Task = Callable[[], object]
"""What is done once before readers; one that gives an iterator lets them pass at each of its steps."""
PASSING_S = 30.0
"""Seconds that the warm-up lets readers pass before it goes on beside them: a busy server is warmed too."""


class Progress:
    """How far the warm-up of this process is; where none was begun, nothing waits for it."""

    def __init__(self) -> None:
        self._imported, self._filled = threading.Event(), threading.Event()
        self._imported.set()
        self._filled.set()
        self._quiet = threading.Condition()
        self._drawing = 0
        self.pages = 0
        """How many pages were drawn."""

    @property
    def over(self) -> bool:
        """Whether the first page of any reader would be drawn as fast as the next ones."""
        return self._filled.is_set()

    def run(self, imports: Sequence[Task], caches: Sequence[Task]) -> None:
        """Warm the process: its imports, then its caches; what fails is left for its page to report."""
        self.begin()
        try:
            _imported(imports)
        finally:
            self._imported.set()  # a page says better than a browser that waits what could not be imported
        _run([*caches, _imported_later], self._let_pass)
        settle()
        self._filled.set()

    def begin(self) -> None:
        """From here on, pages wait."""
        self._imported.clear()
        self._filled.clear()

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """A page is drawn: once its imports are there, and before the caches that are not filled yet."""
        self._imported.wait()
        with self._quiet:
            self._drawing += 1
        try:
            yield
        finally:
            with self._quiet:
                self._drawing -= 1
                self.pages += 1
                self._quiet.notify_all()

    def _let_pass(self) -> None:
        with self._quiet:
            self._quiet.wait_for(lambda: not self._drawing, PASSING_S)


PROGRESS = Progress()


def warm(tasks: Sequence[Task] = ()) -> None:
    """Import what pages need, run the warm-up tasks, then freeze.

    A task that fails is logged and left for its page to report: the server goes on.

    Args:
        tasks: functions that fill caches (open the lake, load territories).
    """
    _imported(())
    _run(tasks, lambda: None)
    settle()


def _imported(tasks: Sequence[Task]) -> None:
    for name in MODULES:
        importlib.import_module(name)
    _run(tasks, lambda: None)


@contextmanager
def unremarked() -> Iterator[None]:
    """Components declare themselves when they are imported; Streamlit remarks, in English, that no page runs yet."""
    remarks = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    remarks.addFilter(_unheard)
    try:
        yield
    finally:
        remarks.removeFilter(_unheard)


def _unheard(record: logging.LogRecord) -> bool:
    return record.levelno > logging.WARNING


def _imported_later() -> Iterator[None]:
    for name in LATER:
        with unremarked():
            importlib.import_module(name)
        yield


def _run(tasks: Sequence[Task], between: Callable[[], None]) -> None:
    for task in tasks:
        try:
            between()
            steps = task()
            for _ in steps if isinstance(steps, Iterator) else ():
                between()
        except BaseException as error:
            if not isinstance(error, Exception) and not panicked(error):
                raise
            _log.warning("Préchauffage incomplet : %s", error)


def settle() -> None:
    """Set aside from collections what the process holds now: it lives as long as the process."""
    gc.collect()
    gc.freeze()


_drawn: set[str] = set()


def drawn(page: str) -> None:
    """A page was drawn: the first time, what it imported and built for all its readers is set aside too.

    A collection visits everything else and holds the interpreter: 15 ms each for the modules of one page.
    """
    if page not in _drawn:
        _drawn.add(page)
        settle()


def lifespan(
    imports: Sequence[Task] = (), caches: Sequence[Task] = ()
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """Lifespan hook of the served application that warms it, beside the server.

    Args:
        imports: what pages wait for.
        caches: what makes the first page of a reader as fast as the next ones.
    """

    @asynccontextmanager
    async def started(_app: Any) -> AsyncIterator[None]:
        exposure.check()
        PROGRESS.begin()
        # A thread that does not keep a server alive that is asked to end.
        threading.Thread(
            target=PROGRESS.run, args=(imports, caches), name="préchauffage", daemon=True
        ).start()
        async with watched(Settings.from_env().surveillance), collected(lambda: PROGRESS.pages):
            yield

    return started
