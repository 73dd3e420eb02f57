"""One department's addresses against one department's places: the unit of work that spreads over machines."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from scoring.geocode.index import build_index
from scoring.geocode.matching import match
from scoring.geocode.scores import THRESHOLDS, Thresholds


def answered(
    addresses: pl.DataFrame,
    places: pl.DataFrame,
    fusions: Mapping[str, str],
    thresholds: Thresholds = THRESHOLDS,
) -> pl.DataFrame:
    """The answers to addresses of one department, explained.

    Args:
        addresses: columns of :data:`scoring.geocode.protocol.ADDRESS_SCHEMA`.
        places: columns of :data:`scoring.geocode.index.BAN_COLUMNS`, of the same department.
        fusions: former commune code -> commune in force.
        thresholds: the constants of the score.

    Returns:
        Columns of :data:`scoring.geocode.protocol.ANSWER_SCHEMA`, then of
        :data:`scoring.geocode.protocol.EXPLANATION_SCHEMA`, one row per address found.
    """
    return match(addresses, build_index(places, dict(fusions)), thresholds, explain=True)
