"""The lake's tables: scan, publish, history, versions. Delta Lake: partitioned Parquet and a transaction log.

One publication is one commit: readers see the previous version until it lands, then the new one, never a
mixture. A delivery of several tables is one :class:`~lake.delivery.Delivery`: its tables are written first, then
one record pins their versions (:mod:`lake.publications`), and readers resolve tables through that record. Two
writers of the same data do not lose each other's work: the second is told so
(:class:`~lake.errors.PublishConflict`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import polars as pl
from deltalake import CommitProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from lake import damage
from lake.contract import Table
from lake.errors import ContractError, LakeError, MissingTable, PublishConflict
from lake.listing import last_versions
from lake.objects import refuse_file
from lake.published import Published
from lake.s3 import POLARS_PATIENCE
from lake.versions import WRITE_MARK, Version, check_replaced, predicate, version_of

# Level 1: files as small as level 3's for a fifth less processor time; small groups: a filter skips most rows.
_WRITER = WriterProperties(compression="ZSTD", compression_level=1, max_row_group_size=65_536)


class Lake(Published):
    """The tables of one lake, on a folder or an S3 endpoint."""

    def uri(self, table: Table) -> str:
        """Where a table rests."""
        return f"{self.root}/tables/{table.name}"

    # -- reading -------------------------------------------------------------------------------

    def newest(self, table: Table) -> int | None:
        """The last version in the table's own log, whatever readers see; None when there is none."""
        # Opening, not DeltaTable.is_deltatable: that one holds the interpreter's lock while it waits, so one
        # slow answer of an S3 endpoint would freeze every thread of the server.
        try:
            newest = self._open(table).version()
        except MissingTable:
            return None
        self._newest[table.name] = newest
        return newest

    def listed(self, tables: Iterable[Table]) -> dict[str, int | None]:
        """The last versions in the logs of several tables, by name, from one listing; see :func:`last_versions`."""
        found = last_versions(self.root, self.objects, tables, on_s3=self.settings.on_s3)
        self._newest |= {name: number for name, number in found.items() if number is not None}
        return found

    def rows(self, table: Table, version: int) -> int | None:
        """How many rows a version holds, when its log says it."""
        return _rows(self._open(table, version))

    def scan(self, table: Table, version: int | None = None) -> pl.LazyFrame:
        """Read a table lazily, in the contract's columns; filters on partition columns skip files.

        A nullable column that joined the contract after the version was published reads as null.

        Args:
            table: the contract.
            version: a version to read; the one that readers see by default.

        Raises:
            MissingTable: never published.
            DamagedLake: the log has lost something that was published.
            LakeError: that version does not exist any more, or its files were vacuumed.
            ContractError: the version lacks a mandatory column of the contract.
        """
        seen = self._seen(table, version)
        delta = self._open(table, seen)
        if seen is None:
            self._newest[table.name] = delta.version()
        self._check(table, delta)
        with self._told(table):
            frame = pl.scan_delta(delta, storage_options=POLARS_PATIENCE if self.options else None)
            known = frame.collect_schema().names()
        columns = table.schema.columns()
        lacking = [name for name in table.columns if name not in known]
        if mandatory := [name for name in lacking if not columns[name].nullable]:
            raise ContractError(
                f"La version lue de {table.name} n'a pas la colonne « {mandatory[0]} » que le contrat exige.",
                conseil=f"Publiez-la de nouveau : obs ingest {table.source}.",
            )
        dtypes = table.dtypes()
        return frame.with_columns(pl.lit(None, dtype=dtypes[name]).alias(name) for name in lacking).select(
            table.columns
        )

    def values(self, table: Table, column: str, version: int | None = None) -> list[str]:
        """The sorted values of a partition column, read from the log alone.

        Raises:
            MissingTable: never published.
            ContractError: the column does not partition the table.
        """
        if column not in table.partition_by:
            raise ContractError(f"La colonne « {column} » ne partitionne pas {table.name}.")
        delta = self._open(table, self._seen(table, version))
        found = {part[column] for part in delta.partitions()}
        return sorted(str(value) for value in found if value is not None)

    def history(self, table: Table) -> list[Version]:
        """Every version still in the log, newest first, those that readers never saw too.

        Raises:
            MissingTable: never published.
        """
        with self._told(table):
            return [version_of(entry) for entry in self._open(table).history()]

    def failed(self, error: BaseException) -> bool:
        """Whether an error is the storage's or its libraries' (panics of their Rust code included)."""
        return _failed(error)

    def explained(self, table: Table, error: BaseException) -> LakeError:
        """The French error for what was raised while a table was read: the damaged file, and what to do."""
        return damage.explained(self, table, error)

    def files(self, table: Table, version: int | None = None) -> dict[str, int]:
        """The data files of a version: path under the table -> bytes."""
        try:  # not by _open: an error is explained by looking at the files
            delta = DeltaTable(self.uri(table), version=version, storage_options=self.options)
            actions = pl.DataFrame(delta.get_add_actions(flatten=False))
        except BaseException as error:
            if not _failed(error):
                raise
            raise LakeError(f"Le journal de {table.name} ne peut pas être lu.") from error
        return dict(actions.select(pl.col("path"), pl.col("size_bytes").cast(pl.Int64)).iter_rows())

    # -- writing -------------------------------------------------------------------------------

    def write(
        self,
        table: Table,
        frame: pl.DataFrame,
        *,
        replace: Mapping[str, Sequence[object]] | None = None,
        append: bool = False,
        info: Mapping[str, str] | None = None,
    ) -> int:
        """Commit a new version to the table's log. Readers see it when a publication pins it (or none pins the table).

        See :meth:`publish`.
        """
        if frame.schema != table.dtypes():
            raise ContractError(
                f"Les colonnes ou les types publiés ne sont pas ceux du contrat {table.name}."
            )
        if replace and not append:
            check_replaced(table, frame, replace)
        order = list(dict.fromkeys([*table.partition_by, *(table.sort_by or table.key)]))
        # Text as plain strings: other engines (Daft, DuckDB through pyarrow) cannot read views of strings.
        # In one piece: pieces are written side by side, in any order. The sorted frame is not kept beside it.
        rows = frame.sort(order, maintain_order=True).rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
        mode: Any = "append" if append else "overwrite"
        where = predicate(replace) if replace and not append else None

        def commit(notes: dict[str, str]) -> int:
            try:
                delta = self._open(table)
            except MissingTable:
                if self._created(table, rows, notes):
                    return 0
                delta = self._open(table)  # another writer created it first: publish on top of its version
            folders = list(table.partition_by)
            if append or where:
                self._check_columns(table, delta)
                folders = delta.metadata().partition_columns  # a table of an older release keeps its own
            write_deltalake(
                delta,
                rows,
                mode=mode,
                partition_by=folders,  # empty, not None: nothing said would keep the folders that are there
                predicate=where,
                schema_mode="merge" if (append or where) else "overwrite",
                writer_properties=_WRITER,
                commit_properties=CommitProperties(custom_metadata=notes, max_commit_retries=15),
            )
            return delta.version()

        return self._committed(table, commit, dict(info or {}))

    def put_back(self, table: Table, version: int) -> int:
        """Commit a new version that holds an older one's rows; nothing is erased. Readers: see :meth:`write`.

        Raises:
            MissingTable: never published.
            LakeError: that version does not exist, or its files were vacuumed.
        """
        delta = self._open(table)
        numbers = {found.number for found in self.history(table)}
        if version not in numbers:
            raise LakeError(
                f"La version {version} de {table.name} n'existe pas.",
                conseil=f"Versions connues : de {min(numbers)} à {max(numbers)}.",
            )
        self._check_files(table, self._open(table, version))

        def commit(notes: dict[str, str]) -> int:
            properties = CommitProperties(custom_metadata=notes)
            delta.restore(version, commit_properties=properties)
            return self._open(table).version()

        return self._committed(table, commit, {})

    def vacuum(self, table: Table, *, keep_days: int, dry_run: bool) -> list[str]:
        """Delete the files that no version younger than ``keep_days`` needs; returns their names.

        The version that readers see is kept whole. From one day on, files that no version names (a killed
        publication's) go too; ``keep_days=0`` leaves them.

        Raises:
            MissingTable: never published.
        """
        resting = {unquote(key) for key in self.objects.list(f"tables/{table.name}")}
        pinned = self.version(table)
        with self._told(table):
            named = self._open(table).vacuum(
                retention_hours=keep_days * 24,
                dry_run=dry_run,
                enforce_retention_duration=False,
                full=keep_days >= 1,
                keep_versions=None if pinned is None else [pinned],
            )
        # The log also names files that an earlier purge already erased.
        return [name for name in named if unquote(f"tables/{table.name}/{name}") in resting]

    def compacted(self, table: Table) -> tuple[int, int]:
        """Commit the same rows in fewer files: (version, files removed). Readers: see :meth:`write`.

        A table that an older release cut otherwise is written again as the contract cuts it.
        """
        delta = self._open(table)
        if delta.metadata().partition_columns != list(table.partition_by):
            before = delta.version()
            version = self.write(table, self.scan(table, before).collect())
            return version, len(self.files(table, before).keys() - self.files(table, version).keys())
        with self._told(table):
            metrics = delta.optimize.compact(writer_properties=_WRITER)
        return self._open(table).version(), int(metrics["numFilesRemoved"])

    def drop(self, table: Table) -> None:
        """Erase a table, its files and its history (a scratch table: nothing readers use)."""
        self._open(table)
        self.objects.remove(f"tables/{table.name}")

    # -- inside --------------------------------------------------------------------------------

    def _open(self, table: Table, version: int | None = None) -> DeltaTable:
        try:
            return DeltaTable(self.uri(table), version=version, storage_options=self.options)
        except TableNotFoundError as error:
            refuse_file(self.settings)
            if version is not None:  # it was published: its folder is lost
                raise damage.explained(self, table, error, version=version) from error
            raise self.never_published(table) from error
        except BaseException as error:
            if not _failed(error):
                raise
            refuse_file(self.settings)
            raise damage.explained(self, table, error, version=version) from error

    def _created(self, table: Table, rows: Any, notes: dict[str, str]) -> bool:
        """Write version 0; False when another writer did it first.

        The commit is tried once: tried again, it would land on top of the other writer's version 0 as if it
        had read it, and the rows of both would stay.
        """
        try:
            write_deltalake(
                self.uri(table),
                rows,
                mode="error",
                partition_by=list(table.partition_by) or None,
                storage_options=self.options,
                writer_properties=_WRITER,
                commit_properties=CommitProperties(custom_metadata=notes, max_commit_retries=0),
                name=table.name,
                description=table.title,
            )
        except DeltaError:
            if self.newest(table) is None:
                raise
            return self._mine(table, notes[WRITE_MARK], -1) == 0
        return True

    def _committed(self, table: Table, commit: Callable[[dict[str, str]], int], info: dict[str, str]) -> int:
        """Run a commit and say which version is its own, even when the storage's answer was lost."""
        token = uuid.uuid4().hex
        last = self.newest(table)
        base = -1 if last is None else last
        try:
            version = commit({**info, WRITE_MARK: token})
        except LakeError:
            raise
        except BaseException as error:
            if not _failed(error):
                raise
            mine = self._mine_after(table, token, base, error)
            if mine is not None:
                return mine
            if isinstance(error, CommitFailedError):
                raise PublishConflict(
                    f"Une autre publication de {table.name} a eu lieu au même moment.",
                    conseil="Relancez la commande : l'autre publication est intacte.",
                ) from error
            raise damage.explained(self, table, error) from error
        if version == base + 1:
            return version
        mine = self._mine(table, token, base)  # a commit whose answer was lost may have been sent twice
        return version if mine is None else mine

    def _mine_after(self, table: Table, token: str, base: int, error: BaseException) -> int | None:
        try:
            return self._mine(table, token, base)
        except LakeError as unknown:
            raise damage.explained(self, table, error) from unknown

    def _mine(self, table: Table, token: str, base: int) -> int | None:
        """The first version above ``base`` whose commit bears the token.

        The commits are read one by one: DeltaTable.history numbers them wrongly while others write.
        """
        number = base + 1
        while (body := self.objects.read(f"tables/{table.name}/_delta_log/{number:020d}.json")) is not None:
            if token.encode() in body:
                return number
            number += 1
        return None

    def _check_columns(self, table: Table, delta: DeltaTable) -> None:
        """Refuse to add a mandatory column to some rows of a table: those that stay would read as null."""
        known = {one.name for one in delta.schema().fields}
        columns = table.schema.columns()
        lacking = [n for n in table.columns if n not in known and not columns[n].nullable]
        if lacking and _rows(delta) != 0:
            raise ContractError(
                f"La table {table.name} publiée n'a pas la colonne « {lacking[0]} » que le contrat exige : ses "
                "autres lignes seraient vides.",
                conseil="Reconstruisez le lac depuis les fichiers archivés : obs lake reconstruire.",
            )

    def _check(self, table: Table, delta: DeltaTable) -> None:
        """Refuse a version whose files were vacuumed or whose log lost rows: a lazy read would say it too late."""
        version = delta.version()
        record = self.register.last
        if record is None or record.tables.get(table.name) != version:
            if version != self._newest.get(table.name):
                self._check_files(table, delta)
        elif (table.name, version) not in self._counted:
            count, published = _rows(delta), record.lignes.get(table.name)
            if None not in (count, published) and count != published:
                raise damage.short(table, version, count, published)
            self._counted.add((table.name, version))

    def _check_files(self, table: Table, delta: DeltaTable) -> None:
        """Refuse an older version whose files were vacuumed: a lazy read would only fail much later."""
        prefix = f"tables/{table.name}"
        resting = {unquote(key) for key in self.objects.list(prefix)}
        paths = pl.DataFrame(delta.get_add_actions(flatten=True))["path"]
        gone = [path for path in paths if unquote(f"{prefix}/{path}") not in resting]
        if gone:
            raise LakeError(
                f"La version {delta.version()} de {table.name} ne peut plus être lue : {len(gone)} de ses "
                "fichiers ont été purgés.",
                conseil=f"Versions connues : obs lake history {table.name}.",
            )

    @contextmanager
    def _told(self, table: Table) -> Iterator[None]:
        """What the libraries raise inside, in French."""
        try:
            yield
        except BaseException as error:
            if isinstance(error, LakeError) or not _failed(error):
                raise
            raise damage.explained(self, table, error) from error


def _failed(error: BaseException) -> bool:
    """Whether an error is the storage's or its libraries', panics of their Rust code included."""
    return isinstance(error, DeltaError | OSError | pl.exceptions.PolarsError) or damage.panicked(error)


def _rows(delta: DeltaTable) -> int | None:
    counts = pl.DataFrame(delta.get_add_actions(flatten=False))["num_records"]
    return None if counts.null_count() else int(counts.sum())
