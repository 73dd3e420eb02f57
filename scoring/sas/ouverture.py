"""Whether a structure is open, and public holidays: those of Alsace-Moselle are two more than elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from lake.horaires.heures import DAY_MINUTES, PARIS, moment

_SUBDIVISIONS = {"57": "57", "67": "6AE", "68": "6AE"}
_LOOKED_AHEAD = 14


@lru_cache(maxsize=512)
def jours_feries(annee: int, code_departement: str = "") -> Mapping[date, str]:
    """Public holidays of a year, by date, with their French names.

    Args:
        annee: the year.
        code_departement: 57, 67 and 68 have the Good Friday and the 26th of December too.
    """
    found = holidays.country_holidays(
        "FR", subdiv=_SUBDIVISIONS.get(code_departement), years=annee, language="fr"
    )
    return dict(sorted(found.items()))


def ferie(jour: date, code_departement: str = "") -> str | None:
    """The name of a holiday; None on an ordinary day."""
    return jours_feries(jour.year, code_departement).get(jour)


@dataclass(frozen=True)
class Ouverture:
    """Opening hours of one day of the week, by the clock of the place.

    Attributes:
        jour: 1 (Monday) to 7; 8 for public holidays.
        debut_min, fin_min: minutes since midnight; an end past midnight is over 1440.
    """

    jour: int
    debut_min: int
    fin_min: int


@dataclass(frozen=True)
class Etat:
    """Whether a structure is open.

    Attributes:
        ouverte: None when its hours are not known.
        change_le: when that changes (UTC); None when nothing says.
    """

    ouverte: bool | None
    change_le: datetime | None = None

    @property
    def rang(self) -> int:
        """Open first, closed next, unknown last."""
        return {True: 0, False: 1, None: 2}[self.ouverte]


def etat(
    hours: Iterable[Ouverture],
    now: datetime,
    *,
    code_departement: str = "",
    zone: str = PARIS,
    fermetures: frozenset[date] = frozenset(),
) -> Etat:
    """Whether a structure is open at a moment, and until when.

    Args:
        hours: its week; on a public holiday only lines of day 8 hold.
        now: the moment (aware).
        code_departement: which holidays.
        zone: clock of the place.
        fermetures: days on which it is closed exceptionally.
    """
    known = list(hours)
    if not known:
        return Etat(None)
    today = now.astimezone(ZoneInfo(zone)).date()
    spans = []
    for after in range(-1, _LOOKED_AHEAD):
        day = today + timedelta(days=after)
        if day in fermetures:
            continue
        wanted = 8 if ferie(day, code_departement) else day.isoweekday()
        spans += [
            (_at(day, one.debut_min, zone), _at(day, one.fin_min, zone, end=True))
            for one in known
            if one.jour == wanted
        ]
    spans.sort()
    end: datetime | None = None
    for begin, finish in spans:
        # Spans that touch are one opening: "until 19:00", not "until 12:00" when noon is open too.
        if begin <= (end or now) and finish > (end or now):
            end = finish
    if end is not None:
        # Open as far as one looks: no hour of closing is known, and the last one read is none.
        beyond = _at(today + timedelta(days=_LOOKED_AHEAD), 0, zone)
        return Etat(True, end if end < beyond else None)
    return Etat(False, next((begin for begin, _ in spans if begin > now), None))


def _at(day: date, minutes: int, zone: str, *, end: bool = False) -> datetime:
    days, rest = divmod(minutes, DAY_MINUTES)
    whole = datetime.combine(day + timedelta(days=days), datetime.min.time())
    return moment(whole + timedelta(minutes=rest), zone, end=end)
