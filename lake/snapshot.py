"""One state of the lake, for readers of several tables: a publication in the meantime does not show in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import polars as pl

from lake.catalog import all_tables
from lake.contract import Table
from lake.errors import LakeError, MissingTable, UnknownName
from lake.publications import Publication
from lake.versions import Version


class Reading(Protocol):
    """What a snapshot asks of the lake."""

    def newest(self, table: Table) -> int | None:
        """The last version in the table's own log."""
        ...

    def listed(self, tables: Iterable[Table]) -> dict[str, int | None]:
        """The last versions in the logs of several tables."""
        ...

    def scan(self, table: Table, version: int | None = None) -> pl.LazyFrame:
        """Rows of one version."""
        ...

    def values(self, table: Table, column: str, version: int | None = None) -> list[str]:
        """Values of a partition column in one version."""
        ...

    def history(self, table: Table) -> list[Version]:
        """Every version in the table's log."""
        ...

    def failed(self, error: BaseException) -> bool:
        """Whether an error is the storage's or its libraries'."""
        ...

    def explained(self, table: Table, error: BaseException) -> LakeError:
        """The French error for it."""
        ...

    def never_published(self, table: Table) -> MissingTable:
        """The error for a table without any version."""
        ...


class Snapshot:
    """The versions of every table as one publication left them.

    Tables that no publication pins (an older lake, the journal) are settled together, by one listing, when the first of
    them is asked.

    Args:
        lake: where tables are read.
        record: the newest publication; None when there is none yet.
    """

    def __init__(self, lake: Reading, record: Publication | None) -> None:
        self._lake = lake
        self.record = record
        self._versions: dict[str, int | None] = dict(record.tables) if record else {}

    @property
    def number(self) -> int | None:
        """Number of the publication read, None when there is none yet."""
        return self.record.numero if self.record else None

    def version(self, table: Table) -> int | None:
        """Number of a table's version in this state, None when it is not published."""
        if table.name not in self._versions:
            others = [one for name, one in all_tables().items() if name not in self._versions]
            self._versions |= self._lake.listed(others)
            self._versions[table.name] = self._lake.newest(table)
        return self._versions[table.name]

    def pinning(self, versions: Mapping[str, int]) -> Snapshot:
        """The same state, but for these tables, read at these versions: figures of a former day played again.

        Raises:
            UnknownName: a table does not exist; close names are suggested.
        """
        known = all_tables()
        for name in versions:
            if name not in known:
                raise UnknownName("table", name, known)
        pinned = Snapshot(self._lake, self.record)
        pinned._versions |= versions
        return pinned

    def versions(self, tables: Iterable[Table]) -> dict[str, int | None]:
        """The versions of several tables, by name."""
        return {table.name: self.version(table) for table in tables}

    def exists(self, table: Table) -> bool:
        """Whether the table is published in this state."""
        return self.version(table) is not None

    def scan(self, table: Table) -> pl.LazyFrame:
        """Read a table lazily in this state; see :meth:`lake.tables.Lake.scan`."""
        return self._lake.scan(table, self._known(table))

    def collect(self, table: Table, rows: pl.LazyFrame) -> pl.DataFrame:
        """Carry out a reading of a table.

        Raises:
            LakeError: a file of the table is damaged or cannot be reached; said in French, whatever the library threw.
        """
        try:
            return rows.collect()
        except BaseException as error:
            if isinstance(error, LakeError) or not self._lake.failed(error):
                raise
            raise self._lake.explained(table, error) from error

    def gone(self, names: Iterable[str]) -> list[str]:
        """Of these tables, those whose version of this state cannot be read any more: purged, or never there."""
        known, found = all_tables(), []
        for name in names:
            try:
                self.scan(known[name])
            except (KeyError, LakeError):
                found.append(name)
        return found

    def values(self, table: Table, column: str) -> list[str]:
        """The sorted values of a partition column in this state."""
        return self._lake.values(table, column, self._known(table))

    def published(self, table: Table) -> Version:
        """The version of this state, as its log tells it (when, by which run)."""
        number = self._known(table)
        return next(one for one in self._lake.history(table) if one.number == number)

    def _known(self, table: Table) -> int:
        version = self.version(table)
        if version is None:
            raise self._lake.never_published(table)
        return version
