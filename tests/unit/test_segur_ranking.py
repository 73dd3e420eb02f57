"""Ranking with confidence on small numbers; what changed in a series."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.trends.months import synthese
from scoring.trends.ranking import ranking, wilson


def bounds(success: int | None, total: int | None) -> tuple[float | None, float | None]:
    low, high = wilson(pl.col("a"), pl.col("b"))
    one = pl.DataFrame({"a": [success], "b": [total]}, schema={"a": pl.Int64, "b": pl.Int64})
    return one.select(low=low, high=high).row(0)


def test_wilson_worked_by_hand() -> None:
    # z² = 3.8415: (0.8 + z²/20 ± z·√(0.8·0.2/10 + z²/400)) / (1 + z²/10)
    assert bounds(8, 10) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert bounds(0, 10) == (0.0, pytest.approx(0.2775, abs=1e-4))
    assert bounds(10, 10) == (pytest.approx(0.7225, abs=1e-4), 1.0)
    assert bounds(0, 0) == (None, None)
    assert bounds(None, 10) == (None, None)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_within_zero_and_one(pair: tuple[int, int]) -> None:
    low, high = bounds(*pair)
    assert low is not None
    assert high is not None
    assert 0 <= low <= pair[0] / pair[1] <= high <= 1
    assert low < high


@given(st.integers(1, 1000), st.integers(2, 50))
def test_more_trials_narrow_the_interval(total: int, factor: int) -> None:
    success = total // 3
    low, high = bounds(success, total)
    more_low, more_high = bounds(success * factor, total * factor)
    assert low is not None and high is not None and more_low is not None and more_high is not None  # noqa: PT018
    assert more_high - more_low < high - low


def ranked(rows: list[tuple[str, int | None, int | None]]) -> dict[str, dict[str, object]]:
    frame = pl.DataFrame(rows, schema={"t": pl.String, "a": pl.Int64, "b": pl.Int64}, orient="row")
    return {row["t"]: row for row in ranking(frame, ["t"], "a", "b").collect().iter_rows(named=True)}


def test_ranks_and_their_range_worked_by_hand() -> None:
    # Intervals: A [0.826 ; 0.945], B [0.404 ; 0.596], C [0.095 ; 0.905].
    found = ranked([("B", 50, 100), ("C", 1, 2), ("A", 90, 100), ("vide", 0, 0), ("trou", None, 10)])
    assert list(found) == ["A", "B", "C"]
    assert [(one["rang"], one["rang_min"], one["rang_max"]) for one in found.values()] == [
        (1, 1, 2),
        (2, 2, 3),
        (2, 1, 3),
    ]
    assert [one["fragile"] for one in found.values()] == [False, False, True]


def test_a_count_above_its_denominator_has_no_interval() -> None:
    found = ranked([("A", 12, 10), ("B", 50, 100)])
    assert (found["A"]["taux"], found["A"]["borne_haute"], found["A"]["rang"]) == (1.2, None, 1)
    assert (found["A"]["rang_min"], found["A"]["rang_max"]) == (1, 2)


territories = st.lists(
    st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=20
)


@given(territories)
def test_a_place_lies_in_its_range(pairs: list[tuple[int, int]]) -> None:
    found = ranked([(f"{rank:02d}", above, below) for rank, (above, below) in enumerate(pairs)])
    for one in found.values():
        assert 1 <= one["rang_min"] <= one["rang"] <= one["rang_max"] <= len(pairs)  # type: ignore[operator]
        better = sum(other["borne_basse"] > one["borne_haute"] for other in found.values())  # type: ignore[operator]
        worse = sum(other["borne_haute"] < one["borne_basse"] for other in found.values())  # type: ignore[operator]
        assert (one["rang_min"], one["rang_max"]) == (1 + better, len(pairs) - worse)


def months(*values: float | None) -> pl.DataFrame:
    days = pl.date_range(date(2021, 11, 1), date(2022, 11, 1), "1mo", eager=True)
    return pl.DataFrame({"mois": days, "valeur": [*([None] * (13 - len(values))), *values]})


NOVEMBER = date(2022, 11, 1)


def test_the_last_month_the_month_before_and_twelve_months_before() -> None:
    values = [100.0, *([None] * 10), 120.0, 90.0]
    found = synthese(months(*values), NOVEMBER)
    assert found.valeur == 90
    before, year = found.mois_precedent, found.douze_mois
    assert (before.reference, before.ecart, before.relatif, before.sens) == (
        date(2022, 10, 1),
        -30,
        -0.25,
        "baisse",
    )
    assert (year.reference, year.ecart, year.sens) == (date(2021, 11, 1), -10, "baisse")
    assert year.relatif == pytest.approx(-0.1)


@pytest.mark.parametrize(("then", "now"), [(None, 5.0), (5.0, None), (None, None)])
def test_a_gap_is_not_a_fall(then: float | None, now: float | None) -> None:
    found = synthese(months(then, now), NOVEMBER).mois_precedent
    assert (found.ecart, found.relatif, found.sens) == (None, None, "")


def test_from_zero_there_is_a_change_but_no_share() -> None:
    found = synthese(months(0.0, 5.0), NOVEMBER).mois_precedent
    assert (found.ecart, found.relatif, found.sens) == (5, None, "hausse")
    assert synthese(months(5.0, 5.0), NOVEMBER).mois_precedent.sens == "stable"
