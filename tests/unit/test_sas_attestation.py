"""Hours visible by week: the union of ranges, absences out; worked by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from lake.horaires.attestation import Semaine, semaines
from lake.horaires.plages import occurrences
from tests.unit.sas_cases import absences, paris, serie, series

LUNDI = date(2026, 11, 30)


def weeks(
    *rows: dict[str, object], gone: tuple[tuple[datetime, datetime], ...] = (), count: int = 1
) -> list[Semaine]:
    last = LUNDI + timedelta(days=7 * count - 1)
    ranges = occurrences(series(*rows), None, LUNDI - timedelta(days=1), last)
    return semaines(ranges, absences(*gone), LUNDI, last)


def test_the_example_of_two_and_a_half_hours() -> None:
    """Monday 14–16 with an absence at 15–16, Thursday 18–19:30: 1 h and 1 h 30."""
    found = weeks(
        serie(LUNDI, "14:00", "16:00"),
        serie(LUNDI + timedelta(days=3), "18:00", "19:30", serie=2),
        gone=((paris(2026, 11, 30, 15), paris(2026, 11, 30, 16)),),
    )
    assert found == [Semaine(LUNDI, 150)]
    assert (found[0].tenue, found[0].nom) == (True, "2026-S49")


def test_ranges_that_overlap_count_once_and_ordinary_hours_do_not() -> None:
    found = weeks(
        serie(LUNDI, "14:00", "16:00"),
        serie(LUNDI, "15:00", "15:30", serie=2, lieu=2),
        serie(LUNDI, "08:00", "12:00", serie=3, genre="consultation"),
        serie(LUNDI, "18:00", "20:00", serie=4, genre="surbooking"),
    )
    assert found == [Semaine(LUNDI, 120)]


def test_a_week_without_hours_is_told_and_a_night_is_cut_at_midnight_of_monday() -> None:
    sunday = serie(LUNDI + timedelta(days=6), "23:00", "24:00") | {
        "fin_min": 26 * 60,
        "au": LUNDI + timedelta(days=6),
    }
    assert weeks(sunday, count=3) == [
        Semaine(LUNDI, 60), Semaine(LUNDI + timedelta(days=7), 120), Semaine(LUNDI + timedelta(days=14), 0),
    ]  # fmt: skip
