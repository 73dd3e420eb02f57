"""Hours that a professional was visible, by ISO week: the union of its ranges, absences out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from lake.horaires.heures import PARIS, local_day, midnight, monday

SEUIL_MIN = 120
"""Minutes a week that the participation asks for (two hours)."""


@dataclass(frozen=True)
class Semaine:
    """One week.

    Attributes:
        lundi: its Monday.
        minutes: minutes during which at least one range was open, absences out.
    """

    lundi: date
    minutes: int

    @property
    def tenue(self) -> bool:
        """Whether the two hours are reached."""
        return self.minutes >= SEUIL_MIN

    @property
    def nom(self) -> str:
        """« 2026-S53 »: the ISO name of the week."""
        year, week, _ = self.lundi.isocalendar()
        return f"{year}-S{week:02d}"


def semaines(
    ranges: pl.DataFrame, absences: pl.DataFrame, du: date, au: date, zone: str = PARIS
) -> list[Semaine]:
    """The weeks of a period, those without an hour too.

    Args:
        ranges: as :func:`lake.horaires.plages.occurrences`, of one person.
        absences: :data:`lake.horaires.creneaux.ABSENCES` of the same.
        du, au: first and last day counted.
        zone: clock by which a day is one.
    """
    start, end = midnight(du, zone), midnight(au + timedelta(days=1), zone)
    offered = ranges.filter(pl.col("genre") == "snp").select("lieu", "debut", "fin").rows()
    gone = absences.select("lieu", "debut", "fin").rows()
    # An absence from one place leaves the hours of the others.
    open_ = _union(
        piece
        for place, begin, last in offered
        for piece in _without(begin, last, [(b, e) for where, b, e in gone if where in (None, place)])
    )
    minutes: dict[date, int] = {}
    lundi = monday(du)
    while lundi <= au:
        minutes[lundi] = 0
        lundi += timedelta(weeks=1)
    for begin, last in open_:
        begin, last = max(begin, start), min(last, end)
        while begin < last:
            week = monday(local_day(begin, zone))
            until = min(last, midnight(week + timedelta(weeks=1), zone))
            minutes[week] += int((until - begin).total_seconds()) // 60
            begin = until
    return [Semaine(week, count) for week, count in sorted(minutes.items())]


def _union(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    found: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def _without(
    begin: datetime, end: datetime, gone: list[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    pieces = []
    for first, last in _union(gone):
        if first < end and last > begin:
            if first > begin:
                pieces.append((begin, first))
            begin = max(begin, last)
    return [*pieces, (begin, end)] if begin < end else pieces
