"""Slots: seats net of absences and bookings, and standard durations."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.horaires.creneaux import creneaux, free, lost_minutes
from lake.horaires.plages import bits, occurrences, standard_duration
from tests.unit.sas_cases import absences, hours, paris, serie, series, taken

DAY = date(2026, 11, 30)


def ranges(debut: str, fin: str, **changed: Any) -> pl.DataFrame:
    return occurrences(series(serie(DAY, debut, fin, **changed)), None, DAY, DAY)


def at(hour: int, minute: int = 0) -> datetime:
    return paris(2026, 11, 30, hour, minute)


def test_an_absence_takes_every_slot_it_touches() -> None:
    # Monday 14–18 by 20 min: 12 slots; 15:10–16:00 takes 15:00, 15:20, 15:40; two booked: 7 left.
    afternoon, away = ranges("14:00", "18:00"), absences((at(15, 10), at(16)))
    assert creneaux(afternoon).height == 12
    assert creneaux(afternoon, away).height == 9
    found = creneaux(afternoon, away, taken((at(14), at(14, 20)), (at(17), at(17, 20))))
    assert (found.height, found["restantes"].sum()) == (9, 7)


def test_a_range_of_eight_keeps_the_share_of_its_free_minutes() -> None:
    found = creneaux(ranges("08:00", "12:00", capacite=8), absences((at(10, 30), at(12)))).row(0, named=True)
    assert (found["capacite"], found["restantes"], found["genre"]) == (5, 5, "plage")
    twice = absences((at(10, 30), at(12)), (at(11), at(13)))  # what overlaps counts once
    assert creneaux(ranges("08:00", "12:00", capacite=8), twice)["capacite"].to_list() == [5]
    booked = creneaux(
        ranges("08:00", "12:00", capacite=8), None, taken((at(9), at(9, 20)), (at(9), at(9, 20)))
    )
    assert booked["restantes"].to_list() == [6]
    assert creneaux(ranges("08:00", "12:00", capacite=8), absences((at(7), at(13)))).is_empty()


def test_fifty_minutes_by_fifteen_make_three_slots_and_lose_five() -> None:
    found = ranges("09:00", "09:50", duree_min=15)
    assert hours(creneaux(found)) == ["09:00", "09:15", "09:30"]
    assert lost_minutes(found) == 5


def test_the_first_booking_does_not_dictate_the_grid_of_the_others() -> None:
    morning = ranges("09:00", "12:00", duree_min=45)
    hour = taken((at(9), at(10)))
    assert hours(free(creneaux(morning, None, hour, duree_min=45))) == ["10:00", "10:45"]
    assert hours(free(creneaux(morning, None, hour, duree_min=60))) == ["10:00", "11:00"]
    held = creneaux(morning, None, hour).filter(pl.col("restantes") == 0)
    assert (hours(held), hours(held, "fin"), held["duree_min"].to_list()) == (["09:00"], ["10:00"], [60])


def test_an_absence_of_one_place_leaves_the_other() -> None:
    both = pl.concat([ranges("09:00", "10:00"), ranges("09:00", "10:00", serie=2, lieu=2)])
    away = absences((at(9), at(10))).with_columns(lieu=pl.lit(1, pl.Int64))
    assert creneaux(both, away)["lieu"].unique().to_list() == [2]


def test_first_and_last_minute_of_an_absence_count() -> None:
    morning = ranges("09:00", "10:00")
    assert hours(creneaux(morning, absences((at(9, 19), at(9, 20))))) == ["09:20", "09:40"]
    assert hours(creneaux(morning, absences((at(9, 20), at(9, 21))))) == ["09:00", "09:40"]
    assert hours(creneaux(morning, absences((at(8), at(9)), (at(10), at(11))))) == ["09:00", "09:20", "09:40"]


def test_ordinary_hours_and_surbooking_offer_no_slot() -> None:
    for genre in ("consultation", "surbooking"):
        assert creneaux(ranges("09:00", "12:00", genre=genre)).is_empty()


def test_standard_durations() -> None:
    assert [standard_duration(bits(list(one))) for one in (["VR"], ["AMB"], ["HH"], ["AMB", "VR"])] == [
        10,
        15,
        30,
        15,
    ]


SPANS = st.lists(st.tuples(st.integers(0, 230), st.integers(1, 90)), max_size=4)


@settings(max_examples=60)
@given(
    length=st.integers(10, 240),
    step=st.integers(5, 60),
    capacity=st.none() | st.integers(1, 9),
    away=SPANS,
    booked=st.lists(st.integers(0, 20), unique=True, max_size=5),
)
def test_what_is_offered_is_inside_the_range_and_out_of_every_absence(
    length: int, step: int, capacity: int | None, away: list[tuple[int, int]], booked: list[int]
) -> None:
    begin = at(8)
    found = ranges("08:00", "12:00", fin_min=8 * 60 + length, capacite=capacity, duree_min=step)
    gone = absences(*[(begin + timedelta(minutes=a), begin + timedelta(minutes=a + b)) for a, b in away])
    on_grid = [rank for rank in booked if (rank + 1) * step <= length]
    seats = taken(
        *[(begin + timedelta(minutes=r * step), begin + timedelta(minutes=(r + 1) * step)) for r in on_grid]
    )
    slots = creneaux(found, gone, seats)
    assert (slots["restantes"] <= slots["capacite"]).all()
    assert (slots["restantes"] >= 0).all()
    if capacity is None:
        expected = 0
        for rank in range(length // step):
            low, high = rank * step, (rank + 1) * step
            hit = any(a < high and a + b > low for a, b in away)
            expected += not hit and rank not in on_grid
        assert slots["restantes"].sum() == expected
    else:
        minutes = [m for m in range(length) if not any(a <= m < a + b for a, b in away)]
        kept = capacity * len(minutes) // length
        assert slots["restantes"].sum() == max(0, kept - len(on_grid))
