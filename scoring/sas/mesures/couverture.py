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
_PAIRS = 20_000
Numbers = NDArray[Any]


@dataclass(frozen=True)
class Portee:
    """Who reaches which place, worked out once for all hours: each commune's own places, and how long it takes.

    Communes at one distance of a place, in whole minutes upwards, are told together: a « line » is a place × minutes.

    Attributes:
        communes: how many there are.
        premiers: for each commune that reaches a place, where its pairs begin.
        ou: the commune (row number) of each of those beginnings.
        ligne: of each pair, its line.
        lieu, minutes, habitants: of each line; sorted by place, then minutes.
    """

    communes: int
    premiers: Numbers
    ou: Numbers
    ligne: Numbers
    lieu: Numbers
    minutes: Numbers
    habitants: Numbers

    @staticmethod
    def of(commune: Numbers, lieu: Numbers, trajet_min: Numbers, population: Numbers) -> Portee:
        """From pairs of a commune and a place that it reaches.

        Args:
            commune, lieu: row numbers, one pair once.
            trajet_min: minutes of each pair, finite.
            population: inhabitants of every commune.
        """
        order = np.lexsort((lieu, commune))
        commune, lieu = np.asarray(commune)[order], np.asarray(lieu)[order]
        minutes = np.ceil(np.asarray(trajet_min)[order]).astype(np.int64)
        wide = int(minutes.max(initial=0)) + 1
        lines, which = np.unique(lieu.astype(np.int64) * wide + minutes, return_inverse=True)
        where, first = np.unique(commune, return_index=True)
        people = np.bincount(which, weights=population[commune], minlength=len(lines))
        return Portee(len(population), first, where, which, lines // wide, lines % wide, people)


@dataclass(frozen=True)
class Offertes:
    """Seats of several places, one element a slot or a range.

    Attributes:
        lieu: the place's row number.
        debut: beginning, in minutes since a common origin.
        dernier: last minute at which one may arrive: the beginning of a slot, the end of a range less a consultation.
        places: free seats.
    """

    lieu: Numbers
    debut: Numbers
    dernier: Numbers
    places: Numbers

    def kept(self, which: Numbers) -> Offertes:
        """Some of them."""
        return Offertes(self.lieu[which], self.debut[which], self.dernier[which], self.places[which])


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
    portee: Portee,
    offertes: Offertes,
    population: Numbers,
    instants: Numbers,
    horizons: Sequence[int] = tuple(HORIZONS_MIN.values()),
) -> tuple[Numbers, Numbers]:
    """Seats in reach.

    Args:
        portee: which commune reaches which place.
        offertes: their seats.
        population: inhabitants of each commune.
        instants: minutes since the seats' origin, in order.
        horizons: minutes.

    Returns:
        Two arrays (communes × instants × horizons): seats in reach; and the share of them that falls to the commune
        when each seat is shared among the inhabitants who can reach it (their sum: the seats that somebody can reach).
    """
    shape = (portee.communes, len(instants), len(horizons))
    ends = instants[:, None] + np.asarray(horizons)[None, :]
    live = (offertes.dernier >= instants[0]) & (offertes.debut <= ends.max())
    offertes = offertes.kept(live)
    lines = np.flatnonzero(np.isin(portee.lieu, offertes.lieu))
    found = _seats(offertes, portee.lieu[lines], portee.minutes[lines], instants, ends)
    useful = found.any(axis=(1, 2))
    lines, found = lines[useful], found[useful].reshape(-1, ends.size)
    if not len(lines):
        return np.zeros(shape, np.int64), np.zeros(shape)
    which = portee.lieu[lines]
    starts = np.flatnonzero(np.diff(which, prepend=-1))
    reached = np.where(found > 0, portee.habitants[lines][:, None], 0.0)
    whole = np.repeat(np.add.reduceat(reached, starts), np.diff(starts, append=len(lines)), axis=0)
    each = np.divide(found, whole, out=np.zeros(found.shape), where=whole > 0)
    # A commune's figures are the sums of its lines: pairs whose line has nothing at these hours are left out.
    places = np.full(len(portee.lieu), -1)
    places[lines] = np.arange(len(lines))
    used = places[portee.ligne]
    whose = np.repeat(portee.ou, np.diff(portee.premiers, append=len(portee.ligne)))[used >= 0]
    used = used[used >= 0]
    begins = np.flatnonzero(np.diff(whose, prepend=-1))
    communes, bounds = whose[begins], np.append(begins, len(used))
    both, one = np.hstack([found, each]), np.ones(int(np.diff(bounds).max()))
    sums = np.zeros((portee.communes, both.shape[1]))
    for low, high in _blocks(bounds):
        here, first = both[used[bounds[low] : bounds[high]]], bounds[low]
        for rank in range(low, high):
            # A product by ones adds rows up four times as fast as ``reduceat`` does.
            mine = here[bounds[rank] - first : bounds[rank + 1] - first]
            np.dot(one[: len(mine)], mine, out=sums[communes[rank]])
    seats, shares = np.hsplit(sums, 2)
    return seats.round().astype(np.int64).reshape(shape), (shares * population[:, None]).reshape(shape)


def couverture(seats: Numbers, population: Numbers) -> Numbers:
    """Share of inhabitants with a seat in reach (instants × horizons), from what :func:`atteignables` counts."""
    total = population.sum()
    covered = np.where(seats > 0, population[:, None, None], 0).sum(axis=0)
    share: Numbers = np.divide(covered, total, out=np.full(covered.shape, np.nan, float), where=total > 0)
    return share


def _blocks(begins: Numbers) -> Iterator[tuple[int, int]]:
    """Communes taken together, so many pairs at a time: what is summed stays near the processor."""
    low = 0
    while low < len(begins) - 1:
        high = max(low + 1, int(np.searchsorted(begins, begins[low] + _PAIRS, "right")) - 1)
        yield low, high
        low = high


def _seats(offertes: Offertes, lieu: Numbers, minutes: Numbers, instants: Numbers, ends: Numbers) -> Numbers:
    """Seats by line × instant × horizon; lines sorted by place."""
    slot = offertes.debut == offertes.dernier
    slots, ranges = offertes.kept(slot), offertes.kept(~slot)
    # One sorted list for every place: a place's slots lie in a stretch of their own, as wide as any hour asked.
    origin = instants[0]
    width = ends.max() - origin + minutes.max(initial=0) + 1
    order = np.argsort(slots.lieu * width + (slots.debut - origin), kind="stable")
    begins = (slots.lieu * width + (slots.debut - origin))[order]
    running = np.concatenate([[0], np.cumsum(slots.places[order])]).astype(np.int32)
    places, place = np.unique(lieu, return_inverse=True)
    until = running[np.searchsorted(begins, (places * width)[:, None, None] + (ends - origin), "right")]
    earlier = instants[None, :] + minutes[:, None]
    before = running[np.searchsorted(begins, (lieu * width)[:, None] + (earlier - origin), "left")]
    found: Numbers = np.maximum(until[place] - before[:, :, None], 0)
    low, high = (np.searchsorted(lieu, ranges.lieu, side) for side in ("left", "right"))
    for first, last_line, begin, last, count in zip(
        low, high, ranges.debut, ranges.dernier, ranges.places, strict=True
    ):
        lines = slice(first, last_line)
        found[lines] += np.int32(count) * ((begin <= ends)[None, :, :] & (last >= earlier[lines])[:, :, None])
    return found
