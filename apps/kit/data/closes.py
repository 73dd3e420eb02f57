"""Reads of closed campaigns: what the campaign being entered publishes, every minute maybe, changes nothing to them.

A table of campaigns has a new version each time that the live one is published. Figures of a closed campaign are kept
by what the table holds of closed ones instead: they outlive a live publication, and neither a closing nor a
redelivery. The reads leave the live rows out, so that nothing kept that way can rest on them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Hashable, Sequence
from datetime import date
from functools import cache
from typing import Any, Protocol

import polars as pl

from apps.kit.data.reads import Reader
from lake.catalog.convergence import CAMPAGNES
from lake.contract import Table
from scoring.universes.answer import family
from scoring.universes.convergence import VOLET
from scoring.universes.memory import Size
from scoring.universes.model import Universe
from scoring.universes.selection import Selection

_KEY = ("volet", "campagne")


class Versioned(Reader, Protocol):
    """A reader that knows which version of each table it reads, and keeps what is computed from them."""

    def version(self, table: Table) -> int | None:
        """The table's version."""
        ...

    def cached(self, name: Hashable, tables: Sequence[Table], compute: Callable[[], Any]) -> Any:
        """What is computed once per version of tables."""
        ...


class Closes:
    """A reader of closed campaigns only.

    Args:
        reader: reads and keeps.
        live: side and date of each campaign that is being entered.
    """

    def __init__(self, reader: Versioned, live: Collection[tuple[str, date]]) -> None:
        self._reader, self._live = reader, live

    def whole(self, table: Table) -> pl.LazyFrame:
        """Every row of a table, but for those of a live campaign."""
        rows = self._reader.whole(table)
        if not _of_campaigns(table):
            return rows
        for volet, day in self._live:
            rows = rows.filter(~((pl.col("volet") == volet) & (pl.col("campagne") == day)))
        return rows

    def making(
        self, name: Hashable, tables: Sequence[Table], make: Callable[[], Any], size: Size = "small"
    ) -> Any:
        """What is made from closed campaigns, apart from what is made from all of them."""
        return self._reader.making(("closes", name), tables, make, size)

    def version(self, table: Table) -> Hashable:
        """The table's version; of a table of campaigns, what it holds of closed ones."""
        known = self._reader.version(table)
        if known is None or not _of_campaigns(table):
            return known
        made: str = self._reader.cached(
            ("closes", table.name), [table, CAMPAGNES], lambda: self._digest(table)
        )
        return made

    def _digest(self, table: Table) -> str:
        rows = self.whole(table).collect().hash_rows(seed=0).sort()
        return hashlib.sha256(rows.to_numpy().tobytes()).hexdigest()


def en_cours(reader: Versioned, universe: Universe, selection: Selection) -> date | None:
    """The date of the campaign being entered on the side selected; None where there is none, or no such thing."""
    if family(universe) != "convergence":
        return None
    volet = next(iter(selection.values("volet")), VOLET)
    return next((day for side, day in _all_live(reader) if side == volet), None)


def closes(reader: Versioned, universe: Universe, jour: date | None) -> Versioned | Closes:
    """The reader of a question: of closed campaigns only, unless it asks for one that is being entered."""
    if family(universe) != "convergence":
        return reader
    live: tuple[tuple[str, date], ...] = reader.cached(
        "campagnes en cours", [CAMPAGNES], lambda: _live(reader)
    )
    return reader if jour in {day for _, day in live} else Closes(reader, live)


def versions(reader: Versioned | Closes, tables: Collection[Table]) -> tuple[Hashable, ...]:
    """What a reader's answers from these tables are kept by."""
    return tuple(sorted((table.name, repr(reader.version(table))) for table in tables))


def _all_live(reader: Versioned) -> tuple[tuple[str, date], ...]:
    if reader.version(CAMPAGNES) is None:
        return ()
    found: tuple[tuple[str, date], ...] = reader.cached("en cours", [CAMPAGNES], lambda: _live(reader))
    return found


def _live(reader: Reader) -> tuple[tuple[str, date], ...]:
    known = reader.whole(CAMPAGNES)
    if "etat" not in known.collect_schema():  # a lake older than live campaigns
        return ()
    rows = known.filter(pl.col("etat") == "en_cours").select(_KEY).collect()
    return tuple(rows.iter_rows())


@cache
def _of_campaigns(table: Table) -> bool:  # asked hundreds of times a page
    return set(_KEY) <= set(table.columns)
