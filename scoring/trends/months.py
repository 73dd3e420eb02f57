"""What changed in a monthly series: last month, month before, twelve months before. A gap is not a fall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from scoring.trends.targets import add_months


@dataclass(frozen=True)
class Evolution:
    """A change between two months.

    Attributes:
        reference: the month compared with.
        valeur: the value of that month; None in a gap.
        ecart: change in the indicator's unit; None when one of the values is missing.
        relatif: change as a share of the reference value (0.1 is +10 %); None also when that value is 0.
        sens: "hausse", "baisse", "stable", or "" when there is no change to tell.
    """

    reference: date
    valeur: float | None
    ecart: float | None
    relatif: float | None
    sens: str


@dataclass(frozen=True)
class Synthese:
    """The last month of a series and what moved.

    Attributes:
        mois: the month shown.
        valeur: its value; None in a gap.
        mois_precedent: change from the month before.
        douze_mois: change from twelve months before.
    """

    mois: date
    valeur: float | None
    mois_precedent: Evolution
    douze_mois: Evolution


def synthese(series: pl.DataFrame, mois: date) -> Synthese:
    """Sum up a monthly series at one month.

    Args:
        series: ``mois`` (Date, first days, unique) and ``valeur`` (number, null in a gap).
        mois: the month shown, the last of the reader's period; the series should reach twelve months before.
    """
    values = dict(zip(series["mois"].to_list(), series["valeur"].cast(pl.Float64).to_list(), strict=True))
    now = values.get(mois)
    return Synthese(mois, now, *(_evolution(now, values, add_months(mois, -back)) for back in (1, 12)))


def _evolution(now: float | None, values: dict[date, float | None], reference: date) -> Evolution:
    then = values.get(reference)
    if now is None or then is None:
        return Evolution(reference, then, None, None, "")
    change = now - then
    word = "hausse" if change > 0 else "baisse" if change < 0 else "stable"
    return Evolution(reference, then, change, change / then if then else None, word)
