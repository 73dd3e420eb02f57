"""How soon: bands of elapsed hours, the half-day, the day, and the days after.

Hours are elapsed (UTC): at 23:30 on the night of the 25th of October, four hours later is 02:30, told for the second
time. The half-day ends at 13:00 or 20:00 and the day at midnight, by the clock of the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lake.errors import UnknownName
from lake.horaires.heures import PARIS, midnight, moment

HORIZONS: Mapping[str, str] = {
    "2h": "Sous 2 h",
    "4h": "Sous 4 h",
    "6h": "Sous 6 h",
    "12h": "Sous 12 h",
    "demi-journee": "Dans la demi-journée",
    "jour": "Dans la journée",
    "apres-demain": "Jusqu’à après-demain",
}
"""What a search may be limited to, and its French name; the last is what a search looks at when nothing is asked."""
LONGEST = "apres-demain"
_ELAPSED = {"2h": 2, "4h": 4, "6h": 6, "12h": 12}
_HALF_DAYS = (time(13), time(20))


@dataclass(frozen=True)
class Bande:
    """One column of the answer: what begins after the bands before it, and until its own end.

    Attributes:
        code: its name.
        titre: its heading.
        fin: its end (UTC).
        close: whether its very end is still in it.
    """

    code: str
    titre: str
    fin: datetime
    close: bool

    def holds(self, instant: datetime) -> bool:
        """Whether a moment is not after it."""
        return instant <= self.fin if self.close else instant < self.fin


def limit(horizon: str, now: datetime, zone: str = PARIS) -> Bande:
    """The end of a horizon.

    Args:
        horizon: a key of :data:`HORIZONS`.
        now: the moment of the search (aware).
        zone: clock of the place.

    Raises:
        UnknownName: there is no such horizon.
    """
    if horizon in _ELAPSED:
        # Added in UTC: on an aware local hour, Python adds to the wall clock.
        return Bande(
            horizon, HORIZONS[horizon], now.astimezone(UTC) + timedelta(hours=_ELAPSED[horizon]), close=True
        )
    local = now.astimezone(ZoneInfo(zone))
    after = {"jour": 1, LONGEST: 3}
    if horizon in after:
        end = midnight(local.date() + timedelta(days=after[horizon]), zone)
    elif horizon == "demi-journee":
        turn = next((hour for hour in _HALF_DAYS if local.time() < hour), None)
        end = (
            midnight(local.date() + timedelta(days=1), zone)
            if turn is None
            else moment(datetime.combine(local.date(), turn), zone)
        )
    else:
        raise UnknownName("horizon", horizon, list(HORIZONS))
    return Bande(horizon, HORIZONS[horizon], end, close=False)


def bandes(now: datetime, zone: str = PARIS) -> list[Bande]:
    """The bands of a table, in order: a slot is of the first that holds its start."""
    titles = {"2h": "≤ 2 h", "4h": "2–4 h", "6h": "4–6 h", "12h": "6–12 h"}
    found = [Bande(code, title, limit(code, now, zone).fin, close=True) for code, title in titles.items()]
    today = now.astimezone(ZoneInfo(zone)).date()
    for code, title, end in (
        ("demi-journee", "Reste de la demi-journée", limit("demi-journee", now, zone).fin),
        ("jour", "Reste du jour", midnight(today + timedelta(days=1), zone)),
        ("demain", "Demain", midnight(today + timedelta(days=2), zone)),
        (LONGEST, "Après-demain", midnight(today + timedelta(days=3), zone)),
    ):
        found.append(Bande(code, title, end, close=False))
    return found


def bande_of(instant: datetime, bands: list[Bande]) -> int:
    """The rank of the band of a moment; the number of bands when it is after them all."""
    return next((rank for rank, band in enumerate(bands) if band.holds(instant)), len(bands))
