"""Two politenesses towards an editor: not to ask faster than it bears, and to leave it alone while it fails.

Neither belongs to a loop of events: an aggregator is shared by the threads of the pages, each with its own.
"""

from __future__ import annotations

import threading
from collections import deque

ECHECS = 5
EN_S = 120.0
PAUSE_S = 120.0


class Seau:
    """A token bucket: ``rythme`` requests a second, ``avance`` at once.

    Args:
        rythme: requests a second.
        avance: requests that may leave together after a rest.
    """

    def __init__(self, rythme: float, avance: int = 4) -> None:
        self._rythme, self._avance = rythme, float(avance)
        self._jetons, self._vu = float(avance), float("-inf")
        self._pause = float("-inf")
        self._verrou = threading.Lock()

    def prendre(self, maintenant: float, limite: float) -> float | None:
        """Take a token; None when it would come after the limit (then none is taken).

        Args:
            maintenant: a monotonic clock's second.
            limite: the second after which it is too late.

        Returns:
            Seconds to wait before asking.
        """
        with self._verrou:
            jetons = self._avance
            if self._vu > float("-inf"):
                jetons = min(self._avance, self._jetons + (maintenant - self._vu) * self._rythme)
            attente = max(0.0, (1.0 - jetons) / self._rythme, self._pause - maintenant)
            self._jetons, self._vu = jetons, maintenant
            if maintenant + attente > limite:
                return None
            self._jetons = jetons - 1.0
            return attente

    def patienter(self, jusque: float) -> None:
        """Ask nothing before this second: the editor said so (429, ``Retry-After``)."""
        with self._verrou:
            self._pause = max(self._pause, jusque)


class Disjoncteur:
    """Five failures within two minutes, and the editor is left alone for two minutes."""

    def __init__(self) -> None:
        self._echecs: deque[float] = deque(maxlen=ECHECS)
        self._jusque = float("-inf")
        self._verrou = threading.Lock()

    def ouvert(self, maintenant: float) -> bool:
        """Whether nothing may be asked now."""
        with self._verrou:
            return maintenant < self._jusque

    def reussi(self) -> None:
        """An answer was read."""
        with self._verrou:
            self._echecs.clear()

    def rate(self, maintenant: float) -> None:
        """A request failed."""
        with self._verrou:
            self._echecs.append(maintenant)
            if len(self._echecs) == ECHECS and maintenant - self._echecs[0] <= EN_S:
                self._jusque = maintenant + PAUSE_S
                self._echecs.clear()
