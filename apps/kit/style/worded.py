"""Values of a frame in words, made outside Polars.

A Python function inside Polars (``map_elements``, ``map_batches``) waits for the interpreter's lock in Polars' own
threads, while another reader's session may hold that lock and wait for those threads: both then wait for good, and
the whole server with them. Frames that are shown are small: their words are made in plain Python, the lock held once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
from polars.datatypes import DataType, DataTypeClass


def worded(
    frame: pl.DataFrame,
    write: Callable[..., Any],
    columns: str | Sequence[str],
    into: str = "",
    *,
    dtype: DataType | DataTypeClass = pl.String,
    nulls: bool = False,
) -> pl.DataFrame:
    """The frame with a column of what ``write`` says of each value; for :meth:`polars.DataFrame.pipe`.

    Args:
        frame: any rows.
        write: the words of a value; of one value of each column, in order, when there are several. Asked once of each
            distinct value: the same value has the same words.
        columns: the column written, or those written together.
        into: the column made; the one written when empty.
        dtype: what ``write`` gives.
        nulls: whether it is asked about null too (about rows of nulls only); null stays null otherwise.
    """
    names = [columns] if isinstance(columns, str) else list(columns)
    rows = list(zip(*(frame[name] for name in names), strict=True))
    said = {
        values: write(*values) if nulls or any(value is not None for value in values) else None
        for values in dict.fromkeys(rows)
    }
    made = [said[values] for values in rows]
    return frame.with_columns(pl.Series(into or names[0], made, dtype=dtype))
