"""The lake's tables: scan, publish, history, versions. Delta Lake: partitioned Parquet and a transaction log.

One publication is one commit: readers see the previous version until it lands, then the new one, never a
mixture. Two writers of the same data do not lose each other's work: the second is told so
(:class:`~lake.errors.PublishConflict`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
from deltalake import CommitProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from lake.contract import Table
from lake.errors import (
    ContractError,
    LakeError,
    MissingTable,
    PublishConflict,
    SourceUnavailable,
    cause_of,
    storage_full,
)
from lake.objects import open_objects, refuse_file
from lake.s3 import POLARS_PATIENCE, delta_options
from lake.settings import Settings

# Level 1: files as small as level 3's for a fifth less processor time; small groups: a filter skips most rows.
_WRITER = WriterProperties(compression="ZSTD", compression_level=1, max_row_group_size=65_536)


@dataclass(frozen=True)
class Version:
    """One version of a table.

    Attributes:
        number: its number, from 0.
        moment: when it was published (UTC).
        operation: what was done (WRITE, RESTORE, …).
        info: what the publisher noted (source, run, file hash…), text by text.
        files_added: data files the commit added, when the log says it.
        rows: rows the commit wrote, when the log says it.
    """

    number: int
    moment: datetime
    operation: str
    info: Mapping[str, str]
    files_added: int | None
    rows: int | None


class Lake:
    """The tables of one lake, on a folder or an S3 endpoint.

    Args:
        settings: where the lake rests and how to reach it.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        root = settings.lake.rstrip("/")
        self.root = root if settings.on_s3 else str(Path(root).resolve())
        self.options = delta_options(settings) if settings.on_s3 else None
        self._newest: dict[str, int] = {}  # the last version seen of each table: its files need no check

    def uri(self, table: Table) -> str:
        """Where a table rests."""
        return f"{self.root}/tables/{table.name}"

    # -- reading -------------------------------------------------------------------------------

    def exists(self, table: Table) -> bool:
        """Whether a version of the table was ever published.

        Raises:
            SourceUnavailable: the storage refuses or does not answer.
        """
        return self.version(table) is not None

    def version(self, table: Table) -> int | None:
        """The number of the last version, None when the table was never published.

        Raises:
            SourceUnavailable: the storage refuses or does not answer.
        """
        # Opening, not DeltaTable.is_deltatable: that one holds the interpreter's lock while it waits on S3.
        try:
            newest = self._open(table).version()
        except MissingTable:
            return None
        self.seen({table.name: newest})
        return newest

    def seen(self, newest: Mapping[str, int]) -> None:
        """Take note of the last versions, seen in a listing: their files need no check."""
        self._newest.update(newest)

    def scan(self, table: Table, version: int | None = None) -> pl.LazyFrame:
        """Read a table lazily, in the contract's columns; filters on partition columns skip files.

        A nullable column that joined the contract after the version was published reads as null.

        Args:
            table: the contract.
            version: an older version to read; the last one by default.

        Raises:
            MissingTable: never published.
            LakeError: that version does not exist any more, or its files were vacuumed.
            ContractError: the version lacks a mandatory column of the contract.
        """
        delta = self._open(table, version)
        if version is not None and version != self._newest.get(table.name):
            self._check_files(table, delta)
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
        """The sorted values of a partition column at a version (the last by default), read from the log alone.

        Raises:
            MissingTable: never published.
            ContractError: the column does not partition the table.
        """
        if column not in table.partition_by:
            raise ContractError(f"La colonne « {column} » ne partitionne pas {table.name}.")
        found = {part[column] for part in self._open(table, version).partitions()}
        return sorted(str(value) for value in found if value is not None)

    def history(self, table: Table) -> list[Version]:
        """Every version still in the log, newest first.

        Raises:
            MissingTable: never published.
        """
        return [_version(entry) for entry in self._open(table).history()]

    # -- writing -------------------------------------------------------------------------------

    def publish(
        self,
        table: Table,
        frame: pl.DataFrame,
        *,
        replace: Mapping[str, Sequence[object]] | None = None,
        append: bool = False,
        info: Mapping[str, str] | None = None,
    ) -> int:
        """Publish rows as a new version: all at once, or not at all.

        The rows are taken as they are: whoever publishes has passed them through ``Table.conform``.

        Args:
            table: the contract.
            frame: the contract's columns and dtypes.
            replace: for each column of the table's ``unit``, the values that this publication replaces;
                empty replaces the whole table. Rows outside these values are refused.
            append: add the rows, replace nothing.
            info: notes kept with the version (source, run, hash…).

        Returns:
            The number of the new version.

        Raises:
            ContractError: columns or dtypes are not the contract's, or rows lie outside ``replace``.
            PublishConflict: another writer published the same data meanwhile.
            SourceUnavailable: the storage is full, refuses or does not answer.
        """
        if frame.schema != table.dtypes():
            raise ContractError(
                f"Les colonnes ou les types publiés ne sont pas ceux du contrat {table.name}."
            )
        if replace and not append:
            self._check_replaced(table, frame, replace)
        ordered = frame.sort(list(dict.fromkeys([*table.partition_by, *(table.sort_by or table.key)])))
        notes = dict(info or {})
        try:
            try:
                delta = self._open(table)
            except MissingTable:
                if self._created(table, ordered, notes):
                    return 0
                delta = self._open(table)  # another writer created it first: publish on top of its version
            mode: Any = "append" if append else "overwrite"
            predicate = _predicate(replace) if replace and not append else None
            write_deltalake(
                delta,
                ordered,
                mode=mode,
                partition_by=list(table.partition_by) or None,
                predicate=predicate,
                schema_mode="merge" if (append or predicate) else "overwrite",
                writer_properties=_WRITER,
                commit_properties=CommitProperties(custom_metadata=notes, max_commit_retries=15),
            )
        except CommitFailedError as error:
            raise PublishConflict(
                f"Une autre publication de {table.name} a eu lieu au même moment.",
                conseil="Relancez la commande : l'autre publication est intacte.",
            ) from error
        except (DeltaError, OSError) as error:
            raise self._unreachable(table, error) from error
        return delta.version()

    def _created(self, table: Table, frame: pl.DataFrame, notes: dict[str, str]) -> bool:
        """Write version 0; False when another writer did it first.

        The commit is tried once: tried again, it would land on top of the other writer's version 0 as if it
        had read it, and the rows of both would stay.
        """
        try:
            write_deltalake(
                self.uri(table),
                frame,
                mode="error",
                partition_by=list(table.partition_by) or None,
                storage_options=self.options,
                writer_properties=_WRITER,
                commit_properties=CommitProperties(custom_metadata=notes, max_commit_retries=0),
                name=table.name,
                description=table.title,
            )
        except DeltaError:
            if self.version(table) is None:
                raise
            return False
        return True

    def restore(self, table: Table, version: int) -> int:
        """Make an older version the current one again (as a new version: nothing is erased).

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
        try:
            delta.restore(version)
        except CommitFailedError as error:
            raise PublishConflict(
                f"Une publication de {table.name} a eu lieu pendant le retour en arrière.",
                conseil="Relancez la commande si le retour en arrière est toujours voulu.",
            ) from error
        except (DeltaError, OSError) as error:
            raise self._unreachable(table, error) from error
        return self._open(table).version()

    def vacuum(self, table: Table, *, keep_days: int, dry_run: bool) -> list[str]:
        """Delete the files that no version younger than ``keep_days`` needs; returns their names.

        From one day on, files that no version names (a killed publication's) go too; ``keep_days=0`` leaves them.

        Raises:
            MissingTable: never published.
        """
        resting = {unquote(key) for key in open_objects(self.settings).list(f"tables/{table.name}")}
        try:
            named = self._open(table).vacuum(
                retention_hours=keep_days * 24,
                dry_run=dry_run,
                enforce_retention_duration=False,
                full=keep_days >= 1,
            )
        except (DeltaError, OSError) as error:
            raise self._unreachable(table, error) from error
        # The log also names files that an earlier purge already erased.
        return [name for name in named if unquote(f"tables/{table.name}/{name}") in resting]

    def compact(self, table: Table) -> int:
        """Merge small files of each partition; returns the number of files removed."""
        try:
            metrics = self._open(table).optimize.compact(writer_properties=_WRITER)
        except (DeltaError, OSError) as error:
            raise self._unreachable(table, error) from error
        return int(metrics["numFilesRemoved"])

    def drop(self, table: Table) -> None:
        """Erase a table, its files and its history (a scratch table: nothing readers use)."""
        self._open(table)
        open_objects(self.settings).remove(f"tables/{table.name}")

    # -- inside --------------------------------------------------------------------------------

    def _open(self, table: Table, version: int | None = None) -> DeltaTable:
        try:
            return DeltaTable(self.uri(table), version=version, storage_options=self.options)
        except TableNotFoundError as error:
            refuse_file(self.settings)
            raise MissingTable(
                f"La table {table.name} n'a jamais été publiée dans {self.settings.lake}.",
                conseil=f"Lancez : obs ingest {table.source} (ou obs demo pour une démonstration).",
            ) from error
        except (DeltaError, OSError) as error:
            if version is not None:
                raise LakeError(
                    f"La version {version} de {table.name} ne peut pas être lue.",
                    conseil=f"Versions connues : obs lake history {table.name}.",
                ) from error
            raise self._unreachable(table, error) from error

    def _check_files(self, table: Table, delta: DeltaTable) -> None:
        """Refuse an older version whose files were vacuumed: a lazy read would only fail much later."""
        prefix = f"tables/{table.name}"
        resting = {unquote(key) for key in open_objects(self.settings).list(prefix)}
        paths = pl.DataFrame(delta.get_add_actions(flatten=True))["path"]
        gone = [path for path in paths if unquote(f"{prefix}/{path}") not in resting]
        if gone:
            raise LakeError(
                f"La version {delta.version()} de {table.name} ne peut plus être lue : {len(gone)} de ses "
                "fichiers ont été purgés.",
                conseil=f"Versions connues : obs lake history {table.name}.",
            )

    def _unreachable(self, table: Table, error: Exception) -> SourceUnavailable:
        refuse_file(self.settings)
        said = str(error)
        if storage_full(said):
            return SourceUnavailable(
                f"Plus de place sur le stockage en écrivant {table.name}.",
                conseil="Libérez de l'espace (obs lake vacuum) puis relancez : rien n'a été publié.",
            )
        return SourceUnavailable(
            f"Le stockage de {table.name} refuse ou ne répond pas ({self.settings.lake}) : {cause_of(said)}.",
            conseil="La dernière version publiée est intacte ; vérifiez les droits et l'adresse.",
        )

    @staticmethod
    def _check_replaced(table: Table, frame: pl.DataFrame, replace: Mapping[str, Sequence[object]]) -> None:
        for column, values in replace.items():
            if column not in table.unit:
                raise ContractError(
                    f"La colonne « {column} » n'est pas une unité de publication de {table.name}."
                )
            if not frame.get_column(column).is_in(list(values)).all():
                raise ContractError(
                    f"Des lignes de {table.name} sortent de ce que la publication remplace ({column})."
                )


def _predicate(replace: Mapping[str, Sequence[object]]) -> str:
    """A Delta predicate for the values that a publication replaces."""

    def literal(value: object) -> str:
        text = value.isoformat() if isinstance(value, date) else str(value)
        return "'" + text.replace("'", "''") + "'"

    return " AND ".join(
        f"{column} IN ({', '.join(literal(value) for value in values)})" for column, values in replace.items()
    )


_OWN_KEYS = {"timestamp", "operation", "version", "operationParameters", "operationMetrics"}


def _version(entry: Mapping[str, Any]) -> Version:
    metrics = entry.get("operationMetrics") or {}
    if isinstance(metrics, str):
        metrics = json.loads(metrics)

    def count(*names: str) -> int | None:
        for name in names:
            if name in metrics:
                return int(metrics[name])
        return None

    return Version(
        number=int(entry["version"]),
        moment=datetime.fromtimestamp(entry["timestamp"] / 1000, tz=UTC),
        operation=str(entry.get("operation", "")),
        info={key: str(value) for key, value in entry.items() if key not in _OWN_KEYS},
        files_added=count("num_added_files", "numAddedFiles", "numOutputFiles"),
        rows=count("num_added_rows", "numOutputRows"),
    )
