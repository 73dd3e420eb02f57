"""Targets: attainment, pace, projection with its interval, and when none is made."""

from __future__ import annotations

import math
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.trends.quantiles import distribution, normal_quantile, quantile
from scoring.trends.targets import MINIMUM_POINTS, Refus, add_months, bilan, months_between, project

START = date(2022, 1, 1)


def series(*values: float | None, start: date = START) -> pl.DataFrame:
    months = [add_months(start, rank) for rank in range(len(values))]
    return pl.DataFrame({"mois": months, "valeur": values}, schema={"mois": pl.Date, "valeur": pl.Float64})


def test_a_straight_line_reaches_its_target_on_the_month() -> None:
    # 10, 20, … 80 from January to August: 120 is reached in December.
    found = bilan(series(10, 20, 30, 40, 50, 60, 70, 80), cible=120, mois_cible=date(2022, 10, 1))
    assert found.valeur == 80
    assert found.atteinte == pytest.approx(80 / 120)
    assert (found.ecart, found.mois_restants, found.rythme_requis) == (40, 2, 20)
    projection = found.projection
    assert projection.mois == projection.au_plus_tot == projection.au_plus_tard == date(2022, 12, 1)
    assert projection.pente == pytest.approx(10)
    assert (projection.points, projection.refus) == (8, Refus.AUCUN)


def test_the_interval_worked_by_hand() -> None:
    # t = 0…5, y = 1 2 2 4 4 6: ȳ = 19/6, b = Σ(t-t̄)(y-ȳ)/17.5 = 16.5/17.5, target 10.
    # s² = (Syy - b·Sty)/4 with Syy = 77 - 361/6 ; q(0.9 ; 4) = 1.5332.
    mean, slope, spread = 19 / 6, 16.5 / 17.5, 17.5
    width = 1.5332063**2 * (77 - 361 / 6 - slope * 16.5) / 4
    away, lead = 10 - mean, slope**2 - width / spread
    root = math.sqrt((slope * away) ** 2 - lead * (away**2 - width / 6))
    bounds = [2.5 + (slope * away + sign * root) / lead - 5 for sign in (-1, 1)]
    found = bilan(series(1, 2, 2, 4, 4, 6), cible=10, mois_cible=date(2023, 1, 1)).projection
    last = date(2022, 6, 1)
    assert found.mois == add_months(last, math.ceil(2.5 + away / slope - 5)) == date(2022, 11, 1)
    assert found.au_plus_tot == add_months(last, math.ceil(bounds[0])) == date(2022, 10, 1)
    assert found.au_plus_tard == add_months(last, math.ceil(bounds[1])) == date(2023, 1, 1)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ((10, 20, 30, 40, 50), Refus.TROP_COURT),
        ((10, 20, 30, None, 50, 60, 70, 80), Refus.TROU),
        ((10, 20, 30, 40, 50, 60, None), Refus.SANS_VALEUR),
        ((95, 96, 97, 98, 99, 100), Refus.ATTEINT),
        ((60, 50, 40, 30, 20, 10), Refus.S_ELOIGNE),
        ((50, 50, 50, 50, 50, 50), Refus.S_ELOIGNE),
        ((1, 1.01, 1.02, 1.03, 1.04, 1.05), Refus.LOINTAIN),
        ((), Refus.SANS_VALEUR),
    ],
)
def test_no_projection_is_made(values: tuple[float | None, ...], why: Refus) -> None:
    found = bilan(series(*values), cible=100, mois_cible=date(2023, 12, 1)).projection
    assert found.refus is why
    assert (found.mois, found.au_plus_tot, found.au_plus_tard) == (None, None, None)


def test_a_month_without_row_is_a_gap_too() -> None:
    holed = series(10, 20, 30, 40, 50, 60, 70, 80).filter(pl.col("mois") != date(2022, 4, 1))
    assert bilan(holed, cible=120, mois_cible=date(2023, 1, 1)).projection.refus is Refus.TROU


def test_a_gap_before_the_window_does_not_matter() -> None:
    values = [1.0, None, *(float(10 * rank) for rank in range(1, 13))]
    assert bilan(series(*values), cible=150, mois_cible=date(2024, 1, 1)).projection.refus is Refus.AUCUN


def test_a_noisy_trend_may_have_no_latest_month() -> None:
    found = bilan(series(1, 9, 2, 8, 3, 9, 2), cible=12, mois_cible=date(2024, 1, 1)).projection
    assert found.mois is not None
    assert found.au_plus_tard is None


def test_a_reached_target_needs_no_pace_and_a_past_one_has_none() -> None:
    reached = bilan(series(10, 20), cible=15, mois_cible=date(2022, 12, 1))
    assert (reached.ecart, reached.rythme_requis) == (0, 0)
    assert reached.atteinte == pytest.approx(20 / 15)
    late = bilan(series(10, 20), cible=30, mois_cible=date(2022, 1, 1))
    assert (late.mois_restants, late.rythme_requis) == (0, None)
    gap = bilan(series(10, None), cible=30, mois_cible=date(2022, 12, 1))
    assert (gap.valeur, gap.atteinte, gap.ecart, gap.rythme_requis) == (None, None, None, None)


@given(
    values=st.lists(st.floats(0, 1000), min_size=MINIMUM_POINTS, max_size=20),
    target=st.floats(1, 2000),
)
def test_the_projected_month_lies_in_its_interval_and_ahead(values: list[float], target: float) -> None:
    months = {add_months(START, rank): value for rank, value in enumerate(values)}
    last = max(months)
    found = project(dict(months), last, target)
    if found.mois is None:
        assert found.refus is not Refus.AUCUN
        return
    assert found.au_plus_tot is not None
    assert last < found.au_plus_tot <= found.mois
    assert found.au_plus_tard is None or found.mois <= found.au_plus_tard


@given(slope=st.floats(0.5, 50), level=st.floats(0, 100), count=st.integers(6, 12), ahead=st.integers(1, 60))
def test_an_exact_line_is_followed_exactly(slope: float, level: float, count: int, ahead: int) -> None:
    values = {add_months(START, rank): level + slope * rank for rank in range(count)}
    last = max(values)
    target = level + slope * (count - 1 + ahead - 0.5)  # half a month before: reached at the month
    found = project(dict(values), last, target)
    assert found.mois == add_months(last, ahead)


def test_months() -> None:
    assert months_between(date(2022, 11, 1), date(2023, 2, 1)) == 3
    assert add_months(date(2022, 11, 1), -12) == date(2021, 11, 1)
    assert add_months(date(2022, 11, 1), 2) == date(2023, 1, 1)


# Tabulated quantiles of Student's law (Abramowitz & Stegun, table 26.10).
@pytest.mark.parametrize(
    ("probability", "freedom", "value"),
    [(0.9, 4, 1.533), (0.975, 1, 12.706), (0.975, 2, 4.303), (0.975, 10, 2.228), (0.95, 5, 2.015),
     (0.9, 3, 1.638), (0.995, 30, 2.750)],
)  # fmt: skip
def test_student_quantiles(probability: float, freedom: int, value: float) -> None:
    assert quantile(probability, freedom) == pytest.approx(value, abs=5e-4)
    assert distribution(quantile(probability, freedom), freedom) == pytest.approx(probability)
    assert distribution(-quantile(probability, freedom), freedom) == pytest.approx(1 - probability)


def test_student_tends_to_normal() -> None:
    assert quantile(0.975, 2001) == pytest.approx(normal_quantile(0.975), abs=2e-3)
