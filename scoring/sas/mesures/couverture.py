"""Who can be seen within 2, 4, 6, 12 hours: seats within reach of each commune, at each hour of the SAS's days.

A seat counts for a commune at an instant t and a horizon h when it begins (or its range is still open) by t + h,
when the journey is within the commune's own radius, and when whoever leaves at t arrives in time: at the beginning of
a slot, or while a range still has time for one consultation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

HORIZONS_MIN = {"2h": 120, "4h": 240, "6h": 360, "12h": 720}
OUVERTURE = dict.fromkeys(range(1, 6), (8, 20)) | {6: (8, 12)}
"""Hours of the SAS by ISO weekday: from 8 to 20 on weekdays, from 8 to 12 on Saturdays (URPS ML Bretagne)."""
Numbers = NDArray[Any]


@dataclass(frozen=True)
class Lieu:
    """The seats of one place.

    Attributes:
        trajet_min: minutes from each commune (or to it, for visits); infinite where it does not go.
        debut: beginnings, in minutes since a common origin.
        dernier: last minutes at which one may arrive: the beginning of a slot, the end of a range less a consultation.
        places: free seats of each.
    """

    trajet_min: Numbers
    debut: Numbers
    dernier: Numbers
    places: Numbers


def heures(du: date, au: date) -> Iterator[tuple[date, int]]:
    """The (day, local hour) at which coverage is looked at: each full hour of the SAS's days."""
    for count in range((au - du).days + 1):
        day = du + timedelta(days=count)
        first, last = OUVERTURE.get(day.isoweekday(), (0, 0))
        yield from ((day, hour) for hour in range(first, last))


def minutes_depuis(instant: datetime, origine: datetime) -> float:
    """Minutes that have passed between two instants."""
    return (instant - origine).total_seconds() / 60


def atteignables(
    lieux: Sequence[Lieu],
    limite_min: Numbers,
    population: Numbers,
    instants: Numbers,
    horizons: Sequence[int] = tuple(HORIZONS_MIN.values()),
) -> tuple[Numbers, Numbers]:
    """Seats in reach.

    Args:
        lieux: the places.
        limite_min: the longest journey that each commune's SAS allows (minutes).
        population: inhabitants of each commune.
        instants: minutes since the places' origin.
        horizons: minutes.

    Returns:
        Two arrays (communes × instants × horizons): seats in reach; and the share of them that falls to the commune
        when each seat is shared among the inhabitants who can reach it (their sum: the seats that somebody can reach).
    """
    shape = (len(population), len(instants), len(horizons))
    seats, shares = np.zeros(shape, np.int64), np.zeros(shape)
    ends = instants[:, None] + np.asarray(horizons)[None, :]
    for place in lieux:
        near = np.flatnonzero(place.trajet_min <= limite_min)
        if not len(near) or not len(place.places):
            continue
        # Whole minutes, upwards: communes at one distance are counted once.
        journeys, which = np.unique(np.ceil(place.trajet_min[near]), return_inverse=True)
        found = _seats(place, journeys, instants, ends)
        # A place is open a few hours of a week: the others are left as they are.
        open_at = np.flatnonzero(found.any(axis=(0, 2)))
        if not len(open_at):
            continue
        during = slice(open_at[0], open_at[-1] + 1)
        found = found[:, during]
        people = np.bincount(which, weights=population[near], minlength=len(journeys))
        whole = np.where(found > 0, people[:, None, None], 0.0).sum(axis=0, keepdims=True)
        each = np.divide(found, whole, out=np.zeros(found.shape), where=whole > 0)
        seats[near, during] += found[which]
        shares[near, during] += each[which] * population[near][:, None, None]
    return seats, shares


def couverture(seats: Numbers, population: Numbers) -> Numbers:
    """Share of inhabitants with a seat in reach (instants × horizons), from what :func:`atteignables` counts."""
    total = population.sum()
    covered = np.where(seats > 0, population[:, None, None], 0).sum(axis=0)
    share: Numbers = np.divide(covered, total, out=np.full(covered.shape, np.nan, float), where=total > 0)
    return share


def _seats(place: Lieu, journeys: Numbers, instants: Numbers, ends: Numbers) -> Numbers:
    """Seats by journey × instant × horizon."""
    slot = place.debut == place.dernier
    order = np.argsort(place.debut[slot], kind="stable")
    begins = place.debut[slot][order]
    running = np.concatenate([[0], np.cumsum(place.places[slot][order])])
    until = running[np.searchsorted(begins, ends, "right")]
    earlier = instants[None, :] + journeys[:, None]
    before = running[np.searchsorted(begins, earlier, "left")]
    found: Numbers = np.maximum(until[None, :, :] - before[:, :, None], 0)
    for begin, last, count in zip(place.debut[~slot], place.dernier[~slot], place.places[~slot], strict=True):
        opens = (begin <= ends)[None, :, :]
        in_time = (last >= earlier)[:, :, None] & (np.maximum(begin, instants)[:, None] <= ends)[None, :, :]
        found = found + count * (opens & in_time)
    return found
