"""Tickets: thirty seconds to carry a secret from a page to the route that sets the cookie, once.

A page cannot set a cookie that scripts may not read: only an HTTP answer can. After sign-in the page keeps the new
session's secret here under a random number, and sends the browser to the route with that number. The number works
once, not for long, and only in the browser that asked for it (:func:`mark_of`): what travels in the address is worth
nothing to anyone else, and nobody can sign somebody else in under an account of theirs.

Tickets live in the memory of the process that issued them: behind several processes, the proxy keeps a visitor on
the same one by a cookie. Where that process dies in those thirty seconds, the reader is told to sign in again.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

LIFETIME_S = 30.0
XSRF_COOKIE = "_streamlit_xsrf"
"""Streamlit's own cookie against forged requests: a number of this browser, under a mask that changes."""


@dataclass(frozen=True)
class Ticket:
    """What a ticket is exchanged for.

    Attributes:
        secret: value of the session cookie; empty to take the cookie away.
        then: path where the reader goes next.
        until: when it expires, on the process's monotonic clock (s).
        mark: the browser it was issued to; empty for an unknown one.
    """

    secret: str = field(repr=False)
    then: str
    until: float
    mark: str = field(default="", repr=False)


class Tickets:
    """The tickets of a process."""

    def __init__(self) -> None:
        self._kept: dict[str, Ticket] = {}
        self._lock = threading.Lock()

    def issue(self, secret: str, then: str = "/", *, mark: str = "", now: float | None = None) -> str:
        """Keep a secret; returns the ticket's number.

        Args:
            secret: value of the session cookie; empty to take the cookie away.
            then: path where the reader goes next.
            mark: the browser that asks (:func:`mark_of`).
            now: monotonic clock (s); the process's by default.
        """
        moment = time.monotonic() if now is None else now
        number = secrets.token_urlsafe(32)
        with self._lock:
            self._kept = {known: one for known, one in self._kept.items() if one.until > moment}
            self._kept[_print(number)] = Ticket(secret, then, moment + LIFETIME_S, mark)
        return number

    def redeem(self, number: str, *, mark: str = "", now: float | None = None) -> Ticket | None:
        """Exchange a ticket; None when there is none, when it was used, too late, or from another browser."""
        moment = time.monotonic() if now is None else now
        with self._lock:
            found = self._kept.pop(_print(number), None)
        if found is None or found.until <= moment or not hmac.compare_digest(found.mark, mark):
            return None
        return found


def mark_of(cookies: Mapping[str, str]) -> str:
    """What tells a browser from another: a fingerprint of the number under its XSRF cookie; empty without one.

    The cookie reads ``2|mask|masked number|time``; the mask changes at every page loaded, the number does not.
    """
    said = cookies.get(XSRF_COOKIE)
    parts = said.split("|") if isinstance(said, str) else []
    try:
        mask, masked = bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
    except (IndexError, ValueError):
        return ""
    if len(mask) != 4 or len(masked) < 16:
        return ""
    number = bytes(byte ^ mask[rank % 4] for rank, byte in enumerate(masked))
    return hashlib.sha256(number).hexdigest()


def _print(number: str) -> str:
    return hashlib.sha256(number.encode("utf-8", "replace")).hexdigest()


TICKETS = Tickets()
