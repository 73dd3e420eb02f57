"""Which lines of the diplomas and savoir-faire files belong to the persons that are kept."""

from __future__ import annotations

import numpy as np
import polars as pl

from ingest.files.lines import Bools, Lines, Words
from ingest.sources.annuaire.identifiers import NATIONAL

_ODD, _OTHER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


class PersonFilter:
    """Says which lines are about one of the persons given. Safe to call from several threads.

    Two thirds of the national files are about others, so lines are chosen by a 64-bit mix of their identifier
    before anything is parsed. A mix may, very rarely, be shared: :meth:`settle` compares the identifiers
    themselves on the lines that were kept.

    Args:
        persons: national identifiers (String).
    """

    def __init__(self, persons: pl.Series) -> None:
        self._persons = persons.unique().drop_nulls()
        texts = self._persons.to_list()
        padded = np.array([text.encode()[:24] for text in texts], dtype="S24")
        words = np.frombuffer(padded.tobytes(), "<u8").reshape(-1, 3)
        self._mixes = np.sort(_mix(words[:, 0], words[:, 1], words[:, 2]))

    def __call__(self, lines: Lines) -> Bools:
        """One boolean per sound line: about one of the persons, or not."""
        if not len(self._mixes):
            return np.zeros(lines.height, bool)
        mixes = _mix(lines.word(NATIONAL), lines.word(NATIONAL, 8), lines.word(NATIONAL, 16))
        place = np.minimum(np.searchsorted(self._mixes, mixes), len(self._mixes) - 1)
        found: Bools = self._mixes[place] == mixes
        return found

    def settle(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows whose identifier truly is one of the persons'."""
        return frame.filter(pl.col(NATIONAL).is_in(self._persons.implode()))


def everyone(lines: Lines) -> Bools:
    """Keep every line."""
    return np.ones(lines.height, bool)


def _mix(first: Words, second: Words, third: Words) -> Words:
    mixed: Words = (first * _ODD) ^ ((second + _ODD) * _OTHER) ^ (third * _ODD * _OTHER)
    return mixed
