"""The rows of a universe of snapshots (extractions), in memory in the columns that figures need.

Held once for all the readers: their rights are applied over it, as over the table. A version of the table is the key,
so that nothing held outlives a publication.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import date
from typing import Any, Protocol

import polars as pl

from apps.kit.access.access import Access
from apps.kit.data.kept import Kept
from apps.kit.data.reads import columns_asked, columns_of, weight
from lake.contract import Table
from lake.tables import Lake
from scoring.universes.model import Rhythm, Scan, Universe
from scoring.universes.selection import Selection

LONG = 4_000_000
"""All the extractions are held, in the columns of a question, when they have this many rows at most."""
_extractions: Kept[tuple[Any]] = Kept(4)
_histories: Kept[tuple[Any]] = Kept(4, 192 * 2**20, lambda held: weight(held[0]))
Held = Callable[[Scan], Scan]
"""Makes of a scan the same one, whose universe table is in memory."""


class Reads(Protocol):
    """Reads of one run of a page."""

    @property
    def lake(self) -> Lake:
        """Where tables are read."""
        ...

    @property
    def access(self) -> Access:
        """What the reader may see."""
        ...

    def version(self, table: Table) -> int | None:
        """The table's version in this run."""
        ...

    def _told(self, tables: Sequence[Table], compute: Callable[[], Any]) -> Any: ...


def snapshot(reads: Reads, universe: Universe, day: date | None) -> Held | None:
    """One snapshot in memory, in the columns of every figure; None where there is no such thing."""
    columns = columns_of(universe)
    if day is None or not _held(reads, universe, columns):
        return None

    def load() -> pl.DataFrame:
        rows = reads.lake.scan(universe.table, reads.version(universe.table))
        return rows.filter(universe.time.key == day).select(columns).collect()

    return _kept(reads, universe, _extractions, ("snapshot", day, columns), load)


def history(
    reads: Reads, universe: Universe, selection: Selection, measures: Sequence[str], by: Sequence[str]
) -> Held | None:
    """Every snapshot in memory, in the columns of one question; None where there is no such thing.

    A national lake is :data:`LONG`: it is read from its files.
    """
    columns = columns_asked(universe, selection, measures, by)
    if not _held(reads, universe, columns):
        return None

    def load() -> pl.DataFrame | None:
        rows = reads.lake.scan(universe.table, reads.version(universe.table))
        return rows.select(columns).collect() if rows.select(pl.len()).collect().item() <= LONG else None

    return _kept(reads, universe, _histories, ("history", columns), load)


def _held(reads: Reads, universe: Universe, columns: Sequence[str]) -> bool:
    restrict = reads.access.restrict
    if universe.rhythm is not Rhythm.SNAPSHOT or universe.derived is not None:
        return False
    return restrict is None or set(restrict.meta.root_names()) <= set(columns)


def _kept(
    reads: Reads,
    universe: Universe,
    memory: Kept[tuple[Any]],
    name: tuple[Hashable, ...],
    load: Callable[[], pl.DataFrame | None],
) -> Held:
    table = universe.table
    key = repr((*name, reads.lake.root, table.name, reads.version(table)))

    def held(scan: Scan) -> Scan:
        def read(asked: Table) -> pl.LazyFrame:
            rows = scan(asked)
            if asked is not table:
                return rows
            found: pl.DataFrame | None = memory.computed(key, lambda: reads._told([table], load))
            return rows if found is None else found.lazy()

        return read

    return held
