"""What is to come, and how far what was announced held: seats net of absences and bookings, with a tested forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

SEMAINES = 8
MOINS_SEMAINES = 4


def nettes(creneaux: int, retires: int, pris: int) -> int:
    """Seats of a day net of what absences remove and of what is booked."""
    return max(0, creneaux - retires - pris)


@dataclass(frozen=True)
class Prevision:
    """A forecast of seats.

    Attributes:
        attendu: seats expected.
        bas, haut: bounds that hold eight weeks in ten (10th and 90th percentiles of the weeks).
        rapport: seats held over seats announced, as a ratio of sums.
        semaines: weeks of photographs behind it.
        tenue: share of those weeks that an interval made from the other weeks would have held: its past error.
    """

    attendu: float
    bas: float
    haut: float
    rapport: float
    semaines: int
    tenue: float


def prevoir(annonces: int, passe: pl.DataFrame) -> Prevision | None:
    """Expect so many of the seats announced, from what became of those announced as long before.

    Args:
        annonces: seats announced for a day at a lead.
        passe: one row a past day of the same weekday, at the same lead: ``jour``, ``annonces``, ``realises``.

    Returns:
        The forecast; None under four weeks of photographs: it would be a guess.
    """
    known = passe.filter(pl.col("annonces") > 0).sort("jour")
    if known.height:
        newest = known.item(-1, "jour")
        known = known.filter(pl.col("jour") > newest - timedelta(weeks=SEMAINES))
    weekly = (
        known.group_by(pl.col("jour").dt.truncate("1w"))
        .agg(pl.col("annonces", "realises").sum())
        .sort("jour")
    )
    if weekly.height < MOINS_SEMAINES:
        return None
    announced, held = (weekly.get_column(name).to_numpy().astype(float) for name in ("annonces", "realises"))
    ratio = held.sum() / announced.sum()
    ratios = held / announced
    low, high = np.quantile(ratios, [0.1, 0.9])
    inside = 0
    for one in range(len(ratios)):
        bottom, top = np.quantile(np.delete(ratios, one), [0.1, 0.9])
        inside += bool(bottom <= ratios[one] <= top)
    return Prevision(
        attendu=float(annonces * ratio),
        bas=float(annonces * low),
        haut=float(annonces * high),
        rapport=float(ratio),
        semaines=weekly.height,
        tenue=inside / len(ratios),
    )
