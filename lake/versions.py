"""One set of versions: what a run (a page, a command, a PDF) reads, settled once and kept until it ends."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import polars as pl

from lake.catalog import all_tables
from lake.contract import Table
from lake.errors import UnknownName
from lake.objects import Objects, disk_error, open_objects
from lake.tables import Lake

AT_ONCE = 16
"""Listings asked of an S3 endpoint at the same time."""
_OBJECTS: WeakKeyDictionary[Lake, Objects] = WeakKeyDictionary()
_LOG = "_delta_log"


def newest(lake: Lake, tables: Iterable[Table]) -> dict[str, int | None]:
    """The number of the last version of each table, by one listing of their logs; None for the never published.

    A log's names say it all: opening the tables costs a hundred times as much.

    Raises:
        SourceUnavailable: the storage refuses or does not answer.
    """
    logs = [f"tables/{table.name}/{_LOG}" for table in tables]
    if lake.settings.on_s3:
        if lake not in _OBJECTS:
            _OBJECTS[lake] = open_objects(lake.settings)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            listed = list(pool.map(_OBJECTS[lake].list, logs))
    else:
        listed = [_resting(f"{lake.root}/{log}") for log in logs]
    found = {log.split("/")[1]: _last(names) for log, names in zip(logs, listed, strict=True)}
    lake.seen({name: number for name, number in found.items() if number is not None})
    return found


@dataclass(eq=False)
class Versions:
    """The versions of one run's tables: those asked, else the newest at the first use of any of them.

    Attributes:
        lake: where tables are read.
        asked: table name -> version to read instead of the newest.
    """

    lake: Lake
    asked: Mapping[str, int] = field(default_factory=dict)
    _settled: dict[str, int | None] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        known = all_tables()
        for name in self.asked:
            if name not in known:
                raise UnknownName("table", name, known)

    def of(self, table: Table) -> int | None:
        """The version read of a table; None when it was never published."""
        if table.name in self.asked:
            return self.asked[table.name]
        if not self._settled:
            self._settled.update(newest(self.lake, all_tables().values()))
        if table.name not in self._settled:  # a table of no catalogue
            self._settled.update(newest(self.lake, [table]))
        return self._settled[table.name]

    def scan(self, table: Table) -> pl.LazyFrame:
        """Read a table lazily at its version. Errors as in :meth:`lake.tables.Lake.scan`."""
        return self.lake.scan(table, self.of(table))


def _resting(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise disk_error(error, folder) from error


def _last(names: Iterable[str]) -> int | None:
    """The highest version among the names of a log (``00000000000000000012.json``)."""
    stems = (name.rpartition("/")[2].partition(".") for name in names)
    return max((int(stem) for stem, _, kind in stems if kind == "json" and stem.isdigit()), default=None)
