"""What is long to make is made once: a scan may keep what is computed from the tables it reads.

Scoring keeps nothing by itself. Whoever owns the storage (a page's cached reads) may give a scan that keeps; with a
bare one everything is made anew, with the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Literal, Protocol, TypeGuard, TypeVar, cast

import polars as pl

from lake.contract import Table
from scoring.universes.model import Scan

Made = TypeVar("Made")
Size = Literal["small", "large", "passing", "rows"]


class Keeping(Protocol):
    """A scan that keeps what is made from what it reads."""

    def __call__(self, table: Table, /) -> pl.LazyFrame:
        """Read a table lazily."""
        ...

    def keep(
        self, name: Hashable, tables: Sequence[Table], make: Callable[[], Any], *, size: Size = "small"
    ) -> Any:
        """What was made under this name from these tables as this reader sees them; made on the first call."""
        ...


def keeps(scan: Scan) -> TypeGuard[Keeping]:
    """Whether a scan keeps what is made from what it reads (asked thousands of times a page: a protocol is slow)."""
    return hasattr(scan, "keep")


def remembered(
    scan: Scan, name: Hashable, tables: Sequence[Table], make: Callable[[], Made], *, size: Size = "small"
) -> Made:
    """Something made from tables, kept by the scan when it keeps things.

    Args:
        scan: reads the tables.
        name: what it is, with everything that changes it (hashable, told apart by its ``repr``).
        tables: the tables it is made from.
        make: makes it; what it returns is shared and must not be changed.
        size: how many of its kind may be kept: thousands when it is small, a dozen when it is large, a few dozens when
            it is passing (each letter typed asks another), up to a number of bytes when it is rows.
    """
    if keeps(scan):
        return cast(Made, scan.keep(name, tables, make, size=size))
    return make()


def kept_by(scan: Scan, read: Scan) -> Scan:
    """Another way to read the same tables, which keeps where ``scan`` does."""
    return _Reading(read, scan) if keeps(scan) else read


class _Reading:
    """One way of reading, and where it keeps."""

    def __init__(self, read: Scan, keeping: Keeping) -> None:
        self._read = read
        self.keep = keeping.keep

    def __call__(self, table: Table, /) -> pl.LazyFrame:
        """Read a table lazily."""
        return self._read(table)
