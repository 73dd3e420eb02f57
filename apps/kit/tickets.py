"""Tickets: thirty seconds to carry a secret from a page to the route that sets the cookie, once.

A page cannot set a cookie that scripts may not read: only an HTTP answer can. After sign-in the page keeps the new
session's secret here under a random number, and sends the browser to the route with that number. The number works
once and not for long; what travels in the address is worth nothing afterwards.

Tickets live in the memory of the process that issued them: behind several processes, the proxy keeps a visitor on
the same one (Streamlit itself asks for it).
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from dataclasses import dataclass, field

LIFETIME_S = 30.0


@dataclass(frozen=True)
class Ticket:
    """What a ticket is exchanged for.

    Attributes:
        secret: value of the session cookie; empty to take the cookie away.
        then: path where the reader goes next.
        until: when it expires, on the process's monotonic clock (s).
    """

    secret: str = field(repr=False)
    then: str
    until: float


class Tickets:
    """The tickets of a process."""

    def __init__(self) -> None:
        self._kept: dict[str, Ticket] = {}
        self._lock = threading.Lock()

    def issue(self, secret: str, then: str = "/", *, now: float | None = None) -> str:
        """Keep a secret; returns the ticket's number.

        Args:
            secret: value of the session cookie; empty to take the cookie away.
            then: path where the reader goes next.
            now: monotonic clock (s); the process's by default.
        """
        moment = time.monotonic() if now is None else now
        number = secrets.token_urlsafe(32)
        with self._lock:
            self._kept = {known: one for known, one in self._kept.items() if one.until > moment}
            self._kept[_print(number)] = Ticket(secret, then, moment + LIFETIME_S)
        return number

    def redeem(self, number: str, *, now: float | None = None) -> Ticket | None:
        """Exchange a ticket; None when there is none, when it was used, or when it is too late."""
        moment = time.monotonic() if now is None else now
        with self._lock:
            found = self._kept.pop(_print(number), None)
        return found if found is not None and found.until > moment else None


def _print(number: str) -> str:
    return hashlib.sha256(number.encode("utf-8", "replace")).hexdigest()


TICKETS = Tickets()
