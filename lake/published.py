"""What readers of the lake see, and how it changes: one publication at a time.

Each table has its own log (:mod:`lake.tables`). Here the register of publications says which version of it is
shown; a table that no publication pins (an older lake, the journal) is shown at its newest version.
"""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

import polars as pl

from lake import damage
from lake.contract import Table
from lake.delivery import Delivery
from lake.errors import DamagedLake, LakeError, MissingTable, SourceUnavailable, known_cause
from lake.leases import PATIENCE_S, Say, leases
from lake.objects import Objects, open_objects, refuse_file
from lake.publications import ECRITURE, RESTAURATION, Register
from lake.s3 import delta_options
from lake.settings import Settings
from lake.snapshot import Snapshot
from lake.versions import Version

MANY_FILES = 24
"""Files of a table, added one by one, beyond which an addition puts them together."""
CHEAP_BYTES = 32 * 2**20
"""Bytes up to which putting them together takes less than a second."""


def _silent(_sentence: str, _share: float | None) -> None:
    """Say nothing."""


class Published(ABC):
    """The tables of one lake, as readers see them.

    Args:
        settings: where the lake rests and how to reach it.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        root = settings.lake.rstrip("/")
        self.root = root if settings.on_s3 else str(Path(root).resolve())
        self.options = delta_options(settings) if settings.on_s3 else None
        self._newest: dict[str, int] = {}  # the last version met of each log: its files need no check
        self._counted: set[tuple[str, int]] = (
            set()
        )  # versions shown whose log holds the rows that were published

    @cached_property
    def objects(self) -> Objects:
        """The lake's object storage."""
        return open_objects(self.settings)

    @cached_property
    def register(self) -> Register:
        """The lake's publications."""
        return Register(self.objects)

    def exists(self, table: Table) -> bool:
        """Whether readers see a version of the table.

        Raises:
            SourceUnavailable: the storage refuses or does not answer.
        """
        return self.version(table) is not None

    def version(self, table: Table) -> int | None:
        """The number of the version that readers see, None when the table is not published.

        Raises:
            SourceUnavailable: the storage refuses or does not answer.
        """
        return self.snapshot().version(table)

    def versions(self, tables: Iterable[Table]) -> dict[str, int | None]:
        """The versions of several tables, by name, all of one publication."""
        return self.snapshot().versions(tables)

    def snapshot(self) -> Snapshot:
        """The state that readers see now; it stays the same while later publications land. One listing."""
        return Snapshot(self, self.register.newest())

    def damaged(self, table: Table, *, deep: bool = False) -> str | None:
        """What is damaged in the version that readers see, in French; None when nothing is found.

        Args:
            table: the table; one that is not published has nothing damaged.
            deep: read every file too, not only names and sizes.
        """
        return damage.found(self, table, deep=deep)

    def remedy(self, table: Table) -> str:
        """What the operator can do about a damaged table, in French."""
        return damage.remedy(table, self)

    def unreadable(self, tables: Iterable[Table], error: BaseException) -> LakeError:
        """The French error for what was raised while several tables were read: the damaged one is looked for.

        Names and sizes first; files are read only when these say nothing.
        """
        chosen = list(tables)
        for deep in (False, True):
            for table in chosen:
                with suppress(LakeError):
                    if said := self.damaged(table, deep=deep):
                        return DamagedLake(
                            f"La table {table.name} est abîmée : {said}.", conseil=self.remedy(table)
                        )
        return SourceUnavailable(
            f"Lecture ou écriture impossible dans {self.settings.lake} ({known_cause(str(error))}).",
            conseil="Relancez la commande ; si l'erreur reste, vérifiez le lac : obs lake check.",
        )

    def never_published(self, table: Table) -> MissingTable:
        """The error for a table that readers do not see."""
        return MissingTable(
            f"La table {table.name} n'a jamais été publiée dans {self.settings.lake}.",
            conseil=f"Lancez : obs ingest {table.source} (ou obs demo pour une démonstration).",
        )

    # -- changing -------------------------------------------------------------------------------

    @contextmanager
    def delivery(
        self,
        source: str,
        tables: Sequence[Table],
        *,
        execution: str,
        say: Say = _silent,
        patience: float = PATIENCE_S,
    ) -> Iterator[Delivery]:
        """Change several tables at once, under the leases of their sources.

        What was written and not shown when the block ends on an error is taken back.

        Args:
            source: the source; empty for a change of several.
            tables: every table that the source feeds.
            execution: the run.
            say: told when another writer of the source makes this one wait.
            patience: seconds to wait for it.

        Raises:
            PublishConflict: it did not end in that time.
        """
        refuse_file(self.settings)
        held = {source, *(table.source for table in tables)} - {""}
        with leases(self.objects, sorted(held), execution, say=say, patience=patience):
            delivery = Delivery(self, source, tables, execution)
            try:
                yield delivery
            except BaseException:
                delivery.take_back()
                raise

    def publish(
        self,
        table: Table,
        frame: pl.DataFrame,
        *,
        replace: Mapping[str, Sequence[object]] | None = None,
        append: bool = False,
        info: Mapping[str, str] | None = None,
    ) -> int:
        """Publish a new version of one table, visible at once.

        Args:
            table: the contract.
            frame: rows in exactly the contract's columns and dtypes (see :meth:`Table.conform`).
            replace: column -> values (columns of the table's ``unit``): only these rows are replaced, the rest of
                the table stays; None replaces the whole table.
            append: add the rows, replace nothing.
            info: notes kept with the version (source, run, hash…).

        Returns:
            The number of the new version.

        Raises:
            ContractError: columns or dtypes are not the contract's, or rows lie outside ``replace``.
            PublishConflict: another writer published the same data meanwhile.
            SourceUnavailable: the storage is full, refuses or does not answer.
        """
        if not self._pinned(table):
            number = self.write(table, frame, replace=replace, append=append, info=info)
            return self._gathered(table, number) if append else number
        with self._alone(table) as delivery:
            number = delivery.write(table, frame, replace=replace, append=append)
            delivery.publish(genre=ECRITURE)
        return number

    def restore(self, table: Table, version: int) -> int:
        """Make an older version the current one again (as a new version: nothing is erased).

        Returns:
            The version that readers see: a new one, or that one itself where it is the last of the table's log (readers
            see it already, or were shown an older one since).

        Raises:
            MissingTable: never published.
            LakeError: that version does not exist, or its files were vacuumed.
        """
        if self.version(table) == version:
            return version
        if not self._pinned(table):
            return self.put_back(table, version)
        with self._alone(table) as delivery:
            if version == self.newest(table):
                delivery.point(table, version)
                number = version
            else:
                number = delivery.put_back(table, version)
            delivery.publish(genre=RESTAURATION, delivered={table.source: {}})
        return number

    def compact(self, table: Table) -> int:
        """Merge small files of each partition; returns the number of files removed."""
        if not self._pinned(table):
            return self.compacted(table)[1]
        with self._alone(table) as delivery:
            removed = delivery.compact(table)
            delivery.publish(genre=ECRITURE)
        return removed

    # -- the tables' own logs ---------------------------------------------------------------------

    @abstractmethod
    def listed(self, tables: Iterable[Table]) -> dict[str, int | None]:
        """The last versions in the logs of several tables."""

    @abstractmethod
    def newest(self, table: Table) -> int | None:
        """The last version in the table's own log, whatever readers see; None when there is none."""

    @abstractmethod
    def scan(self, table: Table, version: int | None = None) -> pl.LazyFrame:
        """Read a table lazily, in the contract's columns."""

    @abstractmethod
    def values(self, table: Table, column: str, version: int | None = None) -> list[str]:
        """The sorted values of a partition column."""

    @abstractmethod
    def history(self, table: Table) -> list[Version]:
        """Every version still in the log, newest first."""

    @abstractmethod
    def failed(self, error: BaseException) -> bool:
        """Whether an error is the storage's or its libraries'."""

    @abstractmethod
    def explained(self, table: Table, error: BaseException) -> LakeError:
        """The French error for what was raised while a table was read."""

    @abstractmethod
    def rows(self, table: Table, version: int) -> int | None:
        """How many rows a version holds, when its log says it."""

    @abstractmethod
    def files(self, table: Table, version: int | None = None) -> dict[str, int]:
        """The data files of a version: path under the table -> bytes."""

    @abstractmethod
    def write(
        self,
        table: Table,
        frame: pl.DataFrame,
        *,
        replace: Mapping[str, Sequence[object]] | None = None,
        append: bool = False,
        info: Mapping[str, str] | None = None,
    ) -> int:
        """Commit a new version to the table's log."""

    @abstractmethod
    def put_back(self, table: Table, version: int) -> int:
        """Commit a new version that holds an older one's rows."""

    @abstractmethod
    def compacted(self, table: Table) -> tuple[int, int]:
        """Commit the same rows in fewer files: (version, files removed)."""

    # -- inside --------------------------------------------------------------------------------

    def _gathered(self, table: Table, number: int) -> int:
        """A table that is added to piece by piece, in one piece again while that is cheap; its version."""
        sizes = self.files(table, number).values()
        if len(sizes) <= MANY_FILES or sum(sizes) > CHEAP_BYTES:
            return number
        with suppress(LakeError):  # the rows are in: another writer's turn will come
            return self.compacted(table)[0]
        return number

    def _pinned(self, table: Table) -> bool:
        record = self.register.newest()
        return record is not None and table.name in record.tables

    @contextmanager
    def _alone(self, table: Table) -> Iterator[Delivery]:
        with self.delivery(table.source, (table,), execution=f"ecriture-{uuid.uuid4().hex[:12]}") as delivery:
            yield delivery

    def _seen(self, table: Table, version: int | None) -> int | None:
        """The version to open: the one asked, else the pinned one; None for the newest of an unpinned table."""
        if version is not None:
            return version
        record = self.register.newest()
        if record is None or table.name not in record.tables:
            return None
        pinned = record.tables[table.name]
        if pinned is None:
            raise self.never_published(table)
        return pinned
