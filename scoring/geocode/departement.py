"""One department's addresses against one department's places: the unit of work that spreads over machines."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import polars as pl

from scoring.geocode.index import Index, build_index
from scoring.geocode.matching import match
from scoring.geocode.scores import THRESHOLDS, Thresholds

# Below, what is done once a part costs as much as what is done for each address.
_WORTH_A_PART = 2_000


def answered(
    addresses: pl.DataFrame,
    places: pl.DataFrame,
    fusions: Mapping[str, str],
    thresholds: Thresholds = THRESHOLDS,
    at_once: int = 1,
) -> pl.DataFrame:
    """The answers to addresses of one department, explained.

    Args:
        addresses: columns of :data:`scoring.geocode.protocol.ADDRESS_SCHEMA`.
        places: columns of :data:`scoring.geocode.index.BAN_COLUMNS`, of the same department.
        fusions: former commune code -> commune in force.
        thresholds: the constants of the score.
        at_once: on how many cores, where no other department keeps them busy.

    Returns:
        Columns of :data:`scoring.geocode.protocol.ANSWER_SCHEMA`, then of
        :data:`scoring.geocode.protocol.EXPLANATION_SCHEMA`, one row per address found.
    """
    return matched(addresses, build_index(places, dict(fusions)), thresholds, at_once)


def matched(
    addresses: pl.DataFrame, index: Index, thresholds: Thresholds = THRESHOLDS, at_once: int = 1
) -> pl.DataFrame:
    """The same with an index at hand. An answer depends on no other address: parts are answered side by side."""
    parts = min(at_once, addresses.height // _WORTH_A_PART)
    if parts < 2:
        return match(addresses, index, thresholds, explain=True)
    size = -(-addresses.height // parts)
    with ThreadPoolExecutor(parts) as pool:
        answers = [
            pool.submit(
                copy_context().run, match, addresses.slice(start, size), index, thresholds, explain=True
            )
            for start in range(0, addresses.height, size)
        ]
        return pl.concat([answer.result() for answer in answers])
