"""Targets: how far an indicator is, the pace it takes, and when it would get there.

The projection is a least-squares line through the monthly series; the month where it reaches the target, and
an interval for that month, come from the classical calibration problem solved backwards (Fieller, "Some
problems in interval estimation", Journal of the Royal Statistical Society B, 1954; Draper & Smith, *Applied
Regression Analysis*, ch. 3.2, inverse regression): the months where the target lies inside the confidence band
of the line. No projection is made on fewer than six points, nor across a gap.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from scoring.trends.quantiles import quantile

MINIMUM_POINTS = 6
"""Fewer monthly points do not make a trend."""

METHODE = (
    "Droite des moindres carrés sur les derniers mois sans trou (six au moins, douze au plus)\u202f; "
    "l'intervalle à 80\u202f% réunit les mois où la cible reste dans la bande de confiance de cette droite. "
    "Une projection prolonge la tendance, elle ne prédit pas."
)


class Refus(StrEnum):
    """Why no month is projected."""

    AUCUN = ""
    TROP_COURT = "moins de six mois consécutifs"
    TROU = "un mois manque dans la série récente"
    SANS_VALEUR = "pas de valeur le dernier mois"
    ATTEINT = "la cible est atteinte"
    S_ELOIGNE = "la tendance ne va pas vers la cible"
    LOINTAIN = "la tendance n'atteint pas la cible avant dix ans"


@dataclass(frozen=True)
class Projection:
    """When a target would be reached.

    Attributes:
        mois: the projected month (first day); None when refused.
        au_plus_tot: earliest month of the interval; None when refused.
        au_plus_tard: latest month of the interval; None when refused, or when the interval is open.
        pente: change a month along the fitted line, in the indicator's unit; None when there is no line.
        points: number of monthly points that the line rests on.
        refus: why there is no month.
    """

    mois: date | None
    au_plus_tot: date | None
    au_plus_tard: date | None
    pente: float | None
    points: int
    refus: Refus


@dataclass(frozen=True)
class Bilan:
    """Where an indicator stands with respect to its target.

    Attributes:
        valeur: value of the last month; None in a gap.
        atteinte: value over target (1 when reached); None without value, or for a target of 0.
        ecart: what remains, target minus value, never negative; None without value.
        mois_restants: months from the last month to the target's month, 0 when it is past.
        rythme_requis: change a month needed to be there in time; None without value or when no month is left.
        projection: when the trend would get there.
    """

    valeur: float | None
    atteinte: float | None
    ecart: float | None
    mois_restants: int
    rythme_requis: float | None
    projection: Projection


def bilan(
    series: pl.DataFrame, *, cible: float, mois_cible: date, dernier: date | None = None, window: int = 12
) -> Bilan:
    """Compare a monthly series with its target.

    Args:
        series: ``mois`` (Date, first days, unique) and ``valeur`` (number, null in a gap), in any order. A
            month that has no row is a gap as well.
        cible: the value to reach, in the unit of the series; higher is better.
        mois_cible: the month by which it should be reached.
        dernier: the month looked at; the last one of the series by default.
        window: number of last months that the trend is read on (at least :data:`MINIMUM_POINTS`).

    Returns:
        The balance, with its projection or the reason of its absence.
    """
    values = dict(series.select("mois", pl.col("valeur").cast(pl.Float64)).iter_rows())
    last = dernier or max(values, default=mois_cible)
    value = values.get(last)
    left = max(0, months_between(last, mois_cible))
    gap = None if value is None else max(0.0, cible - value)
    pace = None if gap is None else 0.0 if gap == 0 else gap / left if left else None
    return Bilan(
        valeur=value,
        atteinte=None if value is None or cible == 0 else value / cible,
        ecart=gap,
        mois_restants=left,
        rythme_requis=pace,
        projection=project(values, last, cible, window),
    )


def project(
    values: dict[date, float | None], last: date, target: float, window: int = 12, level: float = 0.8
) -> Projection:
    """The month where the trend reaches a target.

    Args:
        values: monthly values by first day; a missing or null month is a gap.
        last: the last month looked at.
        target: the value to reach.
        window: number of last months of the trend.
        level: confidence of the interval (0–1).

    Returns:
        The projection. It is refused on fewer than :data:`MINIMUM_POINTS` months, when a month is missing among
        those of the window that lie after the series' first value, when the target is already reached, when the
        trend does not go up, or when it needs more than ten years.
    """
    start = min((month for month, value in values.items() if value is not None), default=None)
    if values.get(last) is None or start is None:
        return _refused(Refus.SANS_VALEUR)
    if values[last] >= target:  # type: ignore[operator]  # not None, as just checked
        return _refused(Refus.ATTEINT)
    months = [add_months(last, -back) for back in range(max(window, MINIMUM_POINTS))]
    recent = [values.get(month) for month in months if month >= start]
    points = [value for value in reversed(recent) if value is not None]
    if len(points) < len(recent):
        return _refused(Refus.TROU, len(points))
    if len(points) < MINIMUM_POINTS:
        return _refused(Refus.TROP_COURT, len(points))
    return _along_the_line(points, last, target, level)


def months_between(first: date, last: date) -> int:
    """Months from a month to another (negative when the second is before)."""
    return (last.year - first.year) * 12 + last.month - first.month


def add_months(month: date, count: int) -> date:
    """A month's first day, some months later (or before)."""
    rank = month.year * 12 + month.month - 1 + count
    return date(rank // 12, rank % 12 + 1, 1)


_HORIZON = 120


def _refused(why: Refus, points: int = 0, slope: float | None = None) -> Projection:
    return Projection(None, None, None, slope, points, why)


def _along_the_line(points: Sequence[float], last: date, target: float, level: float) -> Projection:
    """Inverse prediction on the least-squares line y = a + b·t, t = 0 at the first point.

    With t̂ = (target - a) / b, m = n - 2 degrees of freedom, residual standard error s and Student's quantile
    q, the band a + b·t ± q·s·√(1/n + (t - t̄)²/S) meets the target where
    (b² - q²s²/S)·u² - 2·b·d·u + d² - q²s²/n = 0, with u = t - t̄ and d = target - ȳ (Fieller's theorem).
    """
    count = len(points)
    times = range(count)
    mean_time, mean = sum(times) / count, sum(points) / count
    spread = sum((t - mean_time) ** 2 for t in times)
    slope = sum((t - mean_time) * (y - mean) for t, y in zip(times, points, strict=True)) / spread
    if slope <= 0:
        return _refused(Refus.S_ELOIGNE, count, slope)
    away = target - mean
    reached = mean_time + away / slope
    ahead = max(1, math.ceil(reached - (count - 1) - 1e-9))
    if ahead > _HORIZON:
        return _refused(Refus.LOINTAIN, count, slope)
    residual = sum((y - mean - slope * (t - mean_time)) ** 2 for t, y in zip(times, points, strict=True))
    width = quantile((1 + level) / 2, count - 2) ** 2 * residual / (count - 2)
    lead = slope**2 - width / spread
    soonest, latest = reached, math.inf
    constant = away**2 - width / count
    root = max(0.0, (slope * away) ** 2 - lead * constant)
    if lead > 0:
        soonest = mean_time + (slope * away - math.sqrt(root)) / lead
        latest = mean_time + (slope * away + math.sqrt(root)) / lead
    elif lead < 0:  # the slope is not told from zero: the band is met early, and never surely
        soonest = mean_time + max(
            (slope * away - math.sqrt(root)) / lead, (slope * away + math.sqrt(root)) / lead
        )
    first = max(1, math.ceil(min(soonest, reached) - (count - 1) - 1e-9))
    final = None if latest - (count - 1) > _HORIZON else max(ahead, math.ceil(latest - (count - 1) - 1e-9))
    return Projection(
        mois=add_months(last, ahead),
        au_plus_tot=add_months(last, first),
        au_plus_tard=None if final is None else add_months(last, final),
        pente=slope,
        points=count,
        refus=Refus.AUCUN,
    )
