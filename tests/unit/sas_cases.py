"""Series, absences and places written by hand, for the tests of unscheduled care."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from lake.horaires.creneaux import ABSENCES, PRISES
from lake.horaires.heures import PARIS, minutes_of, monday
from lake.horaires.plages import EXCEPTIONS, SERIES, bits

ZONE = ZoneInfo(PARIS)


def paris(year: int, month: int, day: int, hour: int = 0, minute: int = 0, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, fold=fold, tzinfo=ZONE)


def serie(first: date, debut: str, fin: str, **changed: Any) -> dict[str, Any]:
    """A weekly series from a day on, that day's weekday, for a year."""
    found: dict[str, Any] = {
        "serie": 1, "identifiant": "810000000001", "lieu": 1, "fuseau": PARIS, "genre": "snp", "du": first,
        "au": first + timedelta(days=365), "ancre": monday(first), "cycle": 1, "rang": 0,
        "jour": first.isoweekday(), "debut_min": minutes_of(debut), "fin_min": minutes_of(fin, end=True),
        "capacite": None, "duree_min": 20, "modalites": bits(["AMB"]),
    }  # fmt: skip
    return found | changed


def series(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(SERIES))


def exceptions(*rows: dict[str, Any]) -> pl.DataFrame:
    blank = dict.fromkeys(EXCEPTIONS)
    return pl.DataFrame([blank | {"serie": 1} | row for row in rows], schema=dict(EXCEPTIONS))


def absences(*spans: tuple[datetime, datetime], who: str = "810000000001") -> pl.DataFrame:
    rows = [{"identifiant": who, "lieu": None, "debut": begin, "fin": end} for begin, end in spans]
    return pl.DataFrame(rows, schema=dict(ABSENCES))


def taken(*spans: tuple[datetime, datetime], serie: int = 1) -> pl.DataFrame:
    rows = [
        {"serie": serie, "date_locale": begin.astimezone(ZONE).date(), "debut": begin, "fin": end}
        for begin, end in spans
    ]
    return pl.DataFrame(rows, schema=dict(PRISES))


def hours(frame: pl.DataFrame, column: str = "debut") -> list[str]:
    """Local hours of a column: ``09:00``."""
    return [value.astimezone(ZONE).strftime("%H:%M") for value in frame[column].to_list()]
