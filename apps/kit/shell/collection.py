"""Cycles are collected every few seconds for everybody, not after each page for its reader.

Streamlit collects all generations at the end of every run. What sessions hold (the elements of their pages, their
state) is visited each time, by one thread while all others wait: the more readers, the dearer each page. A quarter of
the server's processor time went there with thirty readers, more than half with a hundred, after the freeze of what
lives as long as the process (:mod:`apps.kit.shell.warmup`). The setting ``runner.postScriptGC`` is off; this does the
same work once for all the pages drawn since.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

EVERY_S = 5.0
"""Seconds between two collections, where pages were drawn in between."""


@asynccontextmanager
async def collected(drawn: Callable[[], int], seconds: float = EVERY_S) -> AsyncIterator[None]:
    """Collect as long as the server lives.

    Args:
        drawn: how many pages were drawn since it started.
        seconds: between two collections.
    """
    collecting = asyncio.create_task(_collect(drawn, seconds))
    try:
        yield
    finally:
        collecting.cancel()


async def _collect(drawn: Callable[[], int], seconds: float) -> None:
    seen = drawn()
    while True:
        await asyncio.sleep(seconds)
        if (now := drawn()) != seen:
            seen = now
            gc.collect()
