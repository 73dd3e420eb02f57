"""Whose page runs next: a few at once, and of those who wait, first the one who asked least of late.

Pages that run at once share one interpreter: thirty together are no faster than two, and each of their readers waits
for all of them. Thirty sockets of one address that ask ten times each would hold up everybody for as long as their
three hundred pages take. Here a page that is asked waits for a turn; who asks once passes before who asks often.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

AT_ONCE = 2 * max(2, os.cpu_count() or 2)
"""Pages that run at once: twice the cores, since a page waits for its reads; more only take longer, each of them."""
PATIENCE = 2.0
"""Seconds after which a page that still runs (a storage that is slow to answer) no longer keeps others waiting."""
HEAVY = 5.0
"""Gestures of late from which one only takes half of the turns: who asks once finds one free."""
_AGEING = 5.0
"""What a second of waiting takes off one's weight: nobody waits for ever."""


class Turns:
    """The turns of a server.

    Args:
        at_once: pages that run at once.
        patience: seconds that a turn lasts at most.
    """

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE) -> None:
        self._free = at_once
        self._for_light = at_once // 2
        self._patience = patience
        self._waiting: list[Waiter] = []

    def waiter(self, weight: Callable[[], float]) -> Waiter:
        """Someone who will ask for turns.

        Args:
            weight: how much they asked of late, with what they still have to ask: the lightest passes first.
        """
        return Waiter(self, weight)

    def enter(self, waiter: Waiter) -> None:
        """Stand in line."""
        self._waiting.append(waiter)
        self._serve()

    def leave(self, waiter: Waiter) -> None:
        """Stand in line no more."""
        if waiter in self._waiting:
            self._waiting.remove(waiter)

    def give_back(self) -> None:
        """A page has ended."""
        self._free += 1
        self._serve()

    def _serve(self) -> None:
        now = time.monotonic()
        while self._free > 0 and self._waiting:
            light = [one for one in self._waiting if one.weight() <= HEAVY]
            if not light and self._free <= self._for_light:
                return
            lightest = min(light or self._waiting, key=lambda one: one.weight() - _AGEING * (now - one.since))
            self._waiting.remove(lightest)
            self._free -= 1
            lightest.admit(self._patience)


class Waiter:
    """One connection's turns. It holds one at most: what it asks meanwhile is of the page that runs."""

    def __init__(self, turns: Turns, weight: Callable[[], float]) -> None:
        self.weight = weight
        self.since = 0.0
        self._turns = turns
        self._admitted: asyncio.Event | None = None
        self._end: asyncio.TimerHandle | None = None

    @property
    def running(self) -> bool:
        """Whether it holds a turn."""
        return self._end is not None

    async def turn(self) -> None:
        """Wait for a turn, or for :meth:`close`."""
        if self.running:
            return
        self.since, self._admitted = time.monotonic(), asyncio.Event()
        self._turns.enter(self)
        await self._admitted.wait()

    def admit(self, patience: float) -> None:
        """The turn has come."""
        self._end = asyncio.get_running_loop().call_later(patience, self.done)
        if self._admitted is not None:
            self._admitted.set()

    def done(self) -> None:
        """The page has ended, or lasted too long."""
        if self._end is not None:
            self._end.cancel()
            self._end = None
            self._turns.give_back()

    def close(self) -> None:
        """Nothing more will be asked."""
        self._turns.leave(self)
        if self._admitted is not None:
            self._admitted.set()
        self.done()
