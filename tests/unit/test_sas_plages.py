"""Ranges of the SAS: the wall clock across its changes, weeks that differ, dates that differ."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from dateutil.rrule import WEEKLY, rrule
from hypothesis import given
from hypothesis import strategies as st

from lake.errors import ContractError
from lake.horaires.heures import clock, iso, midnight, minutes_of, moment
from lake.horaires.plages import occurrences, overlaps, written
from tests.unit.sas_cases import ZONE, exceptions, hours, serie, series

TEN = [
    (date(2026, 10, 18), "16:00"), (date(2026, 10, 25), "17:00"), (date(2026, 11, 1), "17:00"),
    (date(2026, 12, 27), "17:00"), (date(2027, 1, 3), "17:00"), (date(2027, 3, 21), "17:00"),
    (date(2027, 3, 28), "16:00"), (date(2027, 4, 4), "16:00"), (date(2027, 10, 24), "16:00"),
    (date(2027, 10, 31), "17:00"),
]  # fmt: skip


@pytest.mark.parametrize(("day", "utc"), TEN)
def test_six_in_the_evening_stays_six_in_the_evening(day: date, utc: str) -> None:
    first = date(2026, 10, 18)
    weekly = series(serie(first, "18:00", "20:00", au=date(2027, 12, 31)))
    found = occurrences(weekly, None, day, day).row(0, named=True)
    assert iso(found["debut"]).startswith(f"{day.isoformat()}T18:00:00+")
    assert found["debut"].strftime("%H:%M") == utc
    assert found["fin"] - found["debut"] == timedelta(hours=2)


def test_hours_that_the_spring_clock_skips_move_forward_and_nothing_left_is_dropped() -> None:
    day = date(2027, 3, 28)

    def spans(debut: str, fin: str) -> list[tuple[str, str]]:
        found = occurrences(series(serie(day, debut, fin)), None, day, day)
        return list(zip(hours(found), hours(found, "fin"), strict=True))

    assert spans("02:30", "04:00") == [("03:30", "04:00")]
    assert spans("02:00", "03:00") == []
    assert spans("02:15", "02:45") == [("03:15", "03:45")]
    assert spans("02:30", "03:30") == []
    night = occurrences(series(serie(day, "00:00", "06:00")), None, day, day).row(0, named=True)
    assert night["fin"] - night["debut"] == timedelta(hours=5)


def test_an_hour_told_twice_begins_at_the_first_and_ends_at_the_second() -> None:
    day = date(2026, 10, 25)
    found = occurrences(series(serie(day, "02:15", "02:45")), None, day, day).row(0, named=True)
    assert (found["debut"], found["fin"]) == (
        datetime(2026, 10, 25, 0, 15, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 45, tzinfo=UTC),
    )
    night = occurrences(series(serie(day, "00:00", "06:00")), None, day, day).row(0, named=True)
    assert night["fin"] - night["debut"] == timedelta(hours=7)


def test_one_moment_follows_the_same_rules_as_a_column() -> None:
    assert iso(moment(datetime.fromisoformat("2027-03-28T02:30"))) == "2027-03-28T03:30:00+02:00"
    assert iso(moment(datetime.fromisoformat("2027-03-28T02:30"), end=True)) == "2027-03-28T03:30:00+02:00"
    assert iso(moment(datetime.fromisoformat("2026-10-25T02:30"))) == "2026-10-25T02:30:00+02:00"
    assert iso(moment(datetime.fromisoformat("2026-10-25T02:30"), end=True)) == "2026-10-25T02:30:00+01:00"
    assert iso(moment(datetime.fromisoformat("2026-10-25T03:30"), end=True)) == "2026-10-25T03:30:00+01:00"
    assert midnight(date(2026, 10, 26)) - midnight(date(2026, 10, 25)) == timedelta(hours=25)


def test_a_range_over_midnight_is_of_the_day_it_begins() -> None:
    day = date(2026, 12, 31)
    found = occurrences(series(serie(day, "22:00", "24:00", fin_min=1440 + 120)), None, day, day)
    assert iso(found["fin"][0]) == "2027-01-01T02:00:00+01:00"
    assert found["date_locale"].to_list() == [day]


def test_week_53_does_not_break_the_alternation() -> None:
    # 2026-W53 and 2027-W01 are both odd by their ISO number.
    first = date(2026, 12, 21)
    found = occurrences(series(serie(first, "09:00", "12:00", cycle=2)), None, first, date(2027, 2, 1))
    assert found["date_locale"].to_list() == [
        date(2026, 12, 21), date(2027, 1, 4), date(2027, 1, 18), date(2027, 2, 1),
    ]  # fmt: skip


def test_an_anchor_after_the_first_day_counts_weeks_backwards() -> None:
    first = date(2026, 11, 2)
    found = occurrences(
        series(serie(first, "09:00", "12:00", cycle=4, rang=1, ancre=date(2026, 12, 7))),
        None,
        first,
        date(2027, 1, 31),
    )
    assert found["date_locale"].to_list() == [date(2026, 11, 16), date(2026, 12, 14), date(2027, 1, 11)]


def test_a_cycle_of_four_takes_a_fifth_date_and_loses_one() -> None:
    first = date(2026, 11, 2)
    changed = exceptions(
        {"date_locale": date(2026, 11, 9), "genre": "ajoutee", "debut_min": 600, "fin_min": 660},
        {"date_locale": date(2026, 11, 30), "genre": "supprimee"},
        {"date_locale": date(2026, 12, 28), "genre": "deplacee", "debut_min": 840},
    )
    found = occurrences(series(serie(first, "09:00", "18:00", cycle=4)), changed, first, date(2027, 1, 31))
    assert [(row[0].day, row[1]) for row in zip(found["date_locale"], hours(found), strict=True)] == [
        (2, "09:00"), (9, "10:00"), (28, "14:00"), (25, "09:00"),
    ]  # fmt: skip


@given(
    first=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    cycle=st.integers(1, 8),
    rank=st.integers(0, 7),
    start=st.integers(4 * 60, 20 * 60),
    length=st.integers(10, 180),
    days=st.integers(0, 250),
)
def test_a_series_is_what_a_weekly_rule_says(
    first: date, cycle: int, rank: int, start: int, length: int, days: int
) -> None:
    row = serie(
        first, "09:00", "10:00", cycle=cycle, rang=rank % cycle, debut_min=start, fin_min=start + length
    )
    last = first + timedelta(days=days)
    found = occurrences(series(row), None, first, last)
    begin = row["ancre"] + timedelta(weeks=row["rang"], days=row["jour"] - 1)
    rule = rrule(
        WEEKLY,
        interval=cycle,
        dtstart=datetime.combine(begin, datetime.min.time()),
        until=datetime.combine(last, datetime.min.time()),
    )
    expected = [one.date() for one in rule if one.date() >= first]
    assert found["date_locale"].to_list() == expected
    for day, debut in zip(found["date_locale"], found["debut"], strict=True):
        assert debut == (datetime.combine(day, datetime.min.time()) + timedelta(minutes=start)).replace(
            tzinfo=ZONE
        )


def test_touching_ranges_do_not_overlap_and_places_of_one_person_do() -> None:
    day = date(2026, 11, 30)
    touching = series(serie(day, "09:00", "10:00"), serie(day, "10:00", "11:00", serie=2))
    assert overlaps(occurrences(touching, None, day, day)).is_empty()
    both = series(serie(day, "09:00", "10:00"), serie(day, "09:30", "11:00", serie=2, lieu=2))
    found = overlaps(occurrences(both, None, day, day))
    assert found.select("serie", "serie_avant").row(0) == (2, 1)


def test_places_of_several_zones_keep_their_own_clocks() -> None:
    day = date(2027, 3, 28)
    both = series(
        serie(day, "08:00", "09:00"), serie(day, "08:00", "09:00", serie=2, fuseau="Indian/Reunion")
    )
    found = occurrences(both, None, day, day)
    assert [
        one.astimezone(ZoneInfo(zone)).hour for one, zone in zip(found["debut"], found["fuseau"], strict=True)
    ] == [8, 8]
    assert found["debut"][1] - found["debut"][0] == timedelta(hours=2)


def test_hours_as_people_type_them() -> None:
    assert [minutes_of(one) for one in ("08:30", "8h30", "8 h", "08:30:00")] == [510, 510, 480, 510]
    assert (minutes_of("24:00", end=True), minutes_of("00:00", end=True), clock(1440), clock(510)) == (
        1440,
        1440,
        "24:00",
        "08:30",
    )
    for wrong in ("24:00", "8:5", "25:00", "08:75", "midi", ""):
        with pytest.raises(ContractError, match="n'est pas une heure"):
            minutes_of(wrong)


def test_modalities_are_written_in_their_order() -> None:
    assert pl.DataFrame({"modalites": [1, 5, 7]}).select(written())["modalites"].to_list() == [
        "AMB",
        "AMB|VR",
        "AMB|HH|VR",
    ]
