"""Why a rate moved: contributions that sum to the change, exactly."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lake.errors import LakeError
from scoring.trends.contributions import contributions

Cells = dict[str | None, tuple[int | None, int | None]]


def frame(cells: Cells) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "groupe": list(cells),
            "a": [above for above, _ in cells.values()],
            "b": [below for _, below in cells.values()],
        },
        schema={"groupe": pl.String, "a": pl.Int64, "b": pl.Int64},
    )


def split(before: Cells, after: Cells) -> dict[str | None, dict[str, float]]:
    found = contributions(frame(before), frame(after), ["groupe"], "a", "b").collect()
    return {row["groupe"]: row for row in found.iter_rows(named=True)}


def test_worked_by_hand() -> None:
    # R goes from 40/200 = 0.2 to 90/400 = 0.225. Weights: A 0.5 → 0.25, B 0.5 → 0.75; R̄ = 0.2125.
    found = split({"A": (10, 100), "B": (30, 100)}, {"A": (30, 100), "B": (60, 300)})
    assert found["A"]["effet_taux"] == pytest.approx(0.375 * 0.2)
    assert found["A"]["effet_structure"] == pytest.approx((0.2 - 0.2125) * -0.25)
    assert found["B"]["effet_taux"] == pytest.approx(0.625 * -0.1)
    assert found["B"]["effet_structure"] == pytest.approx((0.25 - 0.2125) * 0.25)
    assert sum(one["contribution"] for one in found.values()) == pytest.approx(0.025)
    assert list(found) == ["A", "B"]  # largest first
    assert (found["A"]["taux_avant"], found["A"]["taux_apres"]) == (pytest.approx(0.1), pytest.approx(0.3))
    assert (found["A"]["poids_avant"], found["A"]["poids_apres"]) == (0.5, 0.25)


def test_same_weights_leave_no_mix_effect() -> None:
    found = split({"A": (1, 10), "B": (5, 30)}, {"A": (2, 20), "B": (20, 60)})
    assert all(one["effet_structure"] == pytest.approx(0) for one in found.values())
    assert found["A"]["contribution"] == pytest.approx(0)


def test_same_rates_are_all_mix() -> None:
    found = split({"A": (5, 10), "B": (1, 10)}, {"A": (10, 20), "B": (1, 10)})
    assert all(one["effet_taux"] == pytest.approx(0) for one in found.values())
    assert sum(one["effet_structure"] for one in found.values()) == pytest.approx(11 / 30 - 6 / 20)


def test_a_group_that_comes_or_goes_is_all_mix() -> None:
    found = split({"A": (5, 10)}, {"A": (5, 10), None: (9, 10)})
    assert found[None]["effet_taux"] == 0
    assert found[None]["taux_avant"] is None
    assert found[None]["contribution"] + found["A"]["contribution"] == pytest.approx(14 / 20 - 0.5)


def test_no_rate_no_explanation() -> None:
    with pytest.raises(LakeError, match="deux mois"):
        split({"A": (0, 0)}, {"A": (1, 2)})
    with pytest.raises(LakeError, match="sans dénominateur"):
        split({"A": (1, 2), "B": (1, None)}, {"A": (1, 2)})


cells = st.dictionaries(
    st.sampled_from(["A", "B", "C", "D", None]),
    st.integers(0, 10_000).flatmap(lambda below: st.tuples(st.integers(0, below), st.just(below))),
    min_size=1,
)


@given(before=cells, after=cells)
def test_contributions_sum_to_the_change(before: Cells, after: Cells) -> None:
    def rate(side: Cells) -> float:
        below = sum(b or 0 for _, b in side.values())
        assume(below > 0)
        return sum(a or 0 for a, _ in side.values()) / below

    change = rate(after) - rate(before)
    found = split(before, after)
    assert math.isclose(sum(one["contribution"] for one in found.values()), change, abs_tol=1e-12)
    for one in found.values():
        assert math.isclose(one["effet_taux"] + one["effet_structure"], one["contribution"], abs_tol=1e-15)


@given(before=cells, after=cells)
def test_time_reversed_is_the_opposite(before: Cells, after: Cells) -> None:
    assume(sum(b or 0 for _, b in before.values()) > 0)
    assume(sum(b or 0 for _, b in after.values()) > 0)
    there, back = split(before, after), split(after, before)
    assert set(there) == set(back)
    for group, one in there.items():
        assert math.isclose(one["contribution"], -back[group]["contribution"], abs_tol=1e-12)
