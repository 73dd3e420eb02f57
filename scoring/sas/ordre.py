"""The order of a search's results: one definition, neutral, explained row by row and replayable.

Rank key, ascending: ``(T, B, S, F, H)``.

- **T** (*palier*): 0 a free seat that can be reached within the horizon, 1 accepts surbooking now, 2 neither.
- **B** (*panier*): ``floor(travel / δ)`` with ``δ = max(5 min, time to drive 2ρ)``, ρ the uncertainty of the place: a
  vague address cannot favour what stands at its centre.
- **S**: time band of the first usable seat. **F**: solicitations per offered seat over seven days, in quarters.
- **H**: ``blake2b(seed, id)``: chance, kept for paging, toggling and replay.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from scoring.reach.proximity import Trajet

LEAST_MINUTES = 5.0
"""Travel times nearer than this are not told apart (minutes)."""
PALIERS = {
    0: "Une place libre dans l’horizon demandé",
    1: "Accepte un patient en surnombre maintenant",
    2: "Aucune place dans l’horizon demandé",
}
KEY = ("palier", "panier", "bande", "poids", "tirage")
"""The columns of the rank key, in order."""
RULE = (
    "D’abord qui a une place, puis qui est proche, puis qui reçoit le plus tôt, puis qui a été le moins sollicité ; "
    "à égalité, l’ordre est tiré au sort."
)
"""The order, in one sentence."""


def delta_minutes(incertitude_km: float, trajet: Trajet | None = None) -> float:
    """Width of a distance bucket (minutes); infinite where the place is no more than a department.

    Args:
        incertitude_km: ρ, how far from its point the place may be (km).
        trajet: how a distance becomes a time.
    """
    if math.isinf(incertitude_km):
        return math.inf
    how = trajet or Trajet()
    return max(LEAST_MINUTES, float(how.minutes(np.array([2 * incertitude_km]))[0]))


def incertitude_of_area(superficie_km2: float) -> float:
    """ρ (km) of a commune known by its area: the radius of the disc that has it."""
    return math.sqrt(max(superficie_km2, 0.0) / math.pi)


def paniers(minutes: pl.Expr, delta: float) -> pl.Expr:
    """Distance buckets of travel times."""
    if math.isinf(delta):
        return pl.lit(0, pl.Int64)
    return (minutes / delta).floor().cast(pl.Int64)


def quarters(solicited: pl.Expr, offered: pl.Expr) -> pl.Expr:
    """F: solicitations per offered seat, in whole quarters; one who offered nothing counts as one seat."""
    return (4 * solicited / pl.max_horizontal(offered, pl.lit(1))).floor().cast(pl.Int64)


def draw(seed: int, identifiers: Sequence[str]) -> list[str]:
    """H of each identifier: the same seed gives the same order, whatever the others are."""
    return [hashlib.blake2b(f"{seed}|{one}".encode(), digest_size=8).hexdigest() for one in identifiers]


def ordered(rows: pl.DataFrame, *, open_first: bool = True) -> pl.DataFrame:
    """Rows in their order, with ``rang`` from 1.

    Args:
        rows: :data:`KEY`, ``genre`` (``ps`` or ``structure``) and ``ouvert_rang`` (0 open, 1 closed, 2 unknown).
        open_first: among structures of one tier, those that are open come first; they share the places that the key
            gave to structures, so that nobody else moves.
    """
    found = rows.sort(*KEY).with_row_index("rang", offset=1)
    if open_first and found.height:
        structures = pl.col("genre") == "structure"
        places = found.filter(structures)
        if places.height > 1:
            sorted_ = places.sort("palier", "ouvert_rang", "rang").with_columns(rang=places["rang"])
            found = pl.concat([found.filter(~structures), sorted_]).sort("rang")
    return found.with_columns(pl.col("rang").cast(pl.Int64))


def weights(count: int) -> list[float]:
    """How much a rank is seen: ``1 / log2(rank + 1)``, ranks from 1."""
    return [1 / math.log2(rank + 1) for rank in range(1, count + 1)]
