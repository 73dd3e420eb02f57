"""The range of one day by hand, and by frames: one answer, whatever the clock does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lake.horaires.instant import plage
from lake.horaires.plages import occurrences
from tests.unit.sas_cases import exceptions, serie, series

# Both changes of the clock, week 53, and ordinary weeks; zones of the South too.
DAYS = st.sampled_from(
    [date(2026, 10, 25), date(2027, 3, 28), date(2026, 12, 31), date(2027, 1, 4), date(2027, 6, 7)]
)
ZONES = st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Miquelon"])
DIFFERS = st.sampled_from([None, "supprimee", "deplacee", "ajoutee"])


@given(
    DAYS, st.integers(-1, 1), ZONES, st.integers(0, 47), st.integers(1, 40), st.integers(1, 3), st.integers(0, 2),
    st.integers(1, 7), DIFFERS,
)  # fmt: skip
@settings(max_examples=120)
def test_a_booking_reads_the_ranges_that_a_search_shows(
    day: date,
    shift: int,
    zone: str,
    start: int,
    length: int,
    cycle: int,
    rank: int,
    weekday: int,
    kind: str | None,
) -> None:
    asked = day + timedelta(days=shift)
    row: dict[str, Any] = serie(date(2026, 9, 7), "08:00", "09:00") | {
        "jour": weekday, "fuseau": zone, "cycle": cycle, "rang": rank % cycle, "debut_min": 30 * start,
        "fin_min": 30 * (start + length),
    }  # fmt: skip
    other = None
    if kind is not None:
        other = {"date_locale": asked, "genre": kind, "debut_min": 150, "fin_min": 200, "capacite": None}
    by_frames = occurrences(series(row), exceptions(*([other] if other else [])), asked, asked)
    by_hand = plage(row, asked, other)
    told = [] if by_hand is None else [(by_hand.debut, by_hand.fin, by_hand.date_locale, by_hand.lieu)]
    assert by_frames.select("debut", "fin", "date_locale", "lieu").rows() == told
