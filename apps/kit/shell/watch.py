"""The watchdog: a server that no longer answers ends, with what its threads were doing, and is started again.

A deadlock between native threads and the interpreter's lock stops everything, a watching thread included. The timer
of :mod:`faulthandler` counts in a thread of C that needs no lock: the event loop winds it up as long as it turns, and
when it does not, the timer writes the trace of every thread and ends the process. ``obs serve`` (or systemd, with
``Restart=on-failure``) starts it again: visitors' browsers reconnect by themselves.
"""

from __future__ import annotations

import asyncio
import faulthandler
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

WINDS = 4
"""How many times the timer is wound up in the time that it counts."""


@asynccontextmanager
async def watched(seconds: float) -> AsyncIterator[None]:
    """End the process when the event loop does not turn for so long; never when ``seconds`` is zero."""
    if seconds <= 0:
        yield
        return
    winding = asyncio.create_task(_wind(seconds))
    try:
        yield
    finally:
        winding.cancel()
        faulthandler.cancel_dump_traceback_later()


async def _wind(seconds: float) -> None:
    while True:
        faulthandler.dump_traceback_later(seconds, exit=True)
        await asyncio.sleep(seconds / WINDS)
