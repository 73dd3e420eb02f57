"""Warm start: imports and caches first, then one freeze of the garbage collector.

Streamlit collects all generations after every run. Objects that live as long as the process (modules, cached
frames) need not be visited again: ``gc.freeze`` after warm-up divided the time of a rerun by four to fourteen.
"""

from __future__ import annotations

import gc
import importlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from apps.kit.access import exposure
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


def warm(tasks: Sequence[Callable[[], object]] = ()) -> None:
    """Import what pages need, run the warm-up tasks, then freeze.

    A task that fails is logged and left for its page to report: the server still starts.

    Args:
        tasks: functions that fill caches (open the lake, load territories).
    """
    for name in MODULES:
        importlib.import_module(name)
    for task in tasks:
        try:
            task()
        except BaseException as error:
            if not isinstance(error, Exception) and not panicked(error):
                raise
            _log.warning("Préchauffage incomplet : %s", error)
    settle()


def settle() -> None:
    """Set aside from collections what the process holds now: it lives as long as the process."""
    gc.collect()
    gc.freeze()


_drawn: set[str] = set()


def drawn(page: str) -> None:
    """A page was drawn: the first time, what it imported and built for all its readers is set aside too.

    Streamlit collects everything after each run, holding the interpreter: 15 ms a run for the modules of one page.
    """
    if page not in _drawn:
        _drawn.add(page)
        settle()


def lifespan(
    tasks: Sequence[Callable[[], object]] = (),
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """Lifespan hook of the served application that warms it before its first visitor."""

    @asynccontextmanager
    async def started(_app: Any) -> AsyncIterator[None]:
        exposure.check()
        warm(tasks)
        async with watched(Settings.from_env().surveillance):
            yield

    return started
