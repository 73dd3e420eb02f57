"""What a source is: the protocol that :mod:`ingest.run` drives, and the values that pass between them.

A source declares its name, tables, licence and rejection budget, says which files it accepts, and parses a
snapshot into rows. It never writes: archiving, checking against contracts, publishing and reporting belong to
the run, so no source can skip a step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

import polars as pl

from lake.contract import Table

REJECTS_SCHEMA = pl.Schema(
    {"fichier": pl.String, "ligne": pl.Int64, "motif": pl.String, "contenu": pl.String}
)


def no_rejects() -> pl.DataFrame:
    """An empty frame of rejected lines."""
    return pl.DataFrame(schema=REJECTS_SCHEMA)


@dataclass(frozen=True)
class SourceFile:
    """One untouched file of a snapshot.

    Attributes:
        path: where the bytes can be read now (the file the operator gave, or a temporary download).
        name: its file name, as reports quote it.
        sha256: hexadecimal SHA-256 of the bytes.
        size: bytes.
    """

    path: Path
    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Snapshot:
    """The files of one delivery, as received.

    Attributes:
        source: name of the source.
        files: the files, in the order given.
        sha256: fingerprint of the whole delivery (of the sorted file hashes).
        date: date of the data when the operator or the file name gives it, else None.
    """

    source: str
    files: tuple[SourceFile, ...]
    sha256: str
    date: date | None


@dataclass
class Parsed:
    """What a source made of a snapshot for one table. Counts are source lines, header lines apart.

    The identity ``lues = len(frame) + doublons + hors_region + len(rejects)`` must hold *before* contract
    checking; the run then moves rows that break the contract from published to rejected.

    Attributes:
        table: the contract the rows are meant for.
        frame: rows with at least the contract's columns.
        lues: data lines read.
        doublons: exact duplicates set aside.
        hors_region: lines outside the chosen region.
        rejects: rejected lines (columns of :data:`REJECTS_SCHEMA`).
        replace: what the publication replaces: column -> values of the table's ``unit``; empty for all.
        append: rows are added to the table instead of replacing anything (a memory, a log).
        counted: False for a by-product (the geocoder's memory) whose rows are not lines of the source.
        warnings: French remarks for the report (a missing optional column…).
        figures: counts worth a line in the report (addresses found in memory…), French label -> value.
        contents: raw text of a kept line by line number, when the source can say it (for contract rejects).
        file: name of the source file of these rows; needed when a delivery has several files.
    """

    table: Table
    frame: pl.DataFrame
    lues: int
    doublons: int = 0
    hors_region: int = 0
    rejects: pl.DataFrame = field(default_factory=no_rejects)
    replace: Mapping[str, Sequence[object]] = field(default_factory=dict)
    append: bool = False
    counted: bool = True
    warnings: list[str] = field(default_factory=list)
    figures: dict[str, float | int | str] = field(default_factory=dict)
    contents: Callable[[Sequence[int]], Mapping[int, str]] | None = None
    file: str = ""


class Spread(Protocol):
    """Does a pure function of groups of rows wherever an engine likes; see :meth:`lake.spark.engine.Engine.beside`."""

    def __call__(
        self,
        rows: pl.DataFrame,
        table: Table,
        *,
        key: str,
        columns: Sequence[str],
        function: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame],
        schema: pl.Schema,
    ) -> pl.DataFrame:
        """The answers of every group, together."""
        ...


@dataclass(frozen=True)
class Context:
    """What a source may know besides its files.

    Attributes:
        scan: reads a table of the lake lazily (raises ``MissingTable`` when it was never published).
        region: INSEE region code to keep, or ``france``.
        geocodeur: ``ban``, ``geoplateforme`` or ``aucun``.
        budget: share of rejected lines above which the run is refused (0–1).
        say: progress callback: (French sentence, done share 0–1 or None).
        spread: does heavy work of the source on another engine; None to do it here.
    """

    scan: Callable[[Table], pl.LazyFrame]
    region: str
    geocodeur: str
    budget: float
    say: Callable[[str, float | None], None] = lambda _sentence, _share: None
    spread: Spread | None = None


@dataclass(frozen=True)
class Group:
    """A column whose values must not vanish from one publication to the next.

    Attributes:
        column: the column.
        noun: what its values are, in French (``département``).
        floor: a value of fewer rows may go.
        share: a value of a smaller share of the table's rows may go (0–1).
    """

    column: str
    noun: str
    floor: int = 3
    share: float = 0.0


@dataclass(frozen=True)
class Fall:
    """What a delivery may lose of a table, compared with what is published; see :mod:`ingest.falls`.

    Thresholds are relative, with an absolute floor: in a small lake a few rows are a large share.

    Attributes:
        table: the table.
        rows: share of the rows that may go (0–1).
        floor: fewer rows than this may always go.
        groups: values that must not vanish.
        most: share of a value's rows that may go (0–1).
        filled: how much less filled a column may be (0–1: 0.3 is 30 points).
        derived: columns that the house computes: they depend on other sources too.
        dated: column of the date that a delivery replaces, if it does.
        earlier: a date that is not published yet is compared with the latest one before it.
    """

    table: Table
    rows: float = 0.3
    floor: int = 10
    groups: tuple[Group, ...] = ()
    most: float = 0.6
    filled: float = 0.3
    derived: tuple[str, ...] = ()
    dated: str | None = None
    earlier: bool = True


class Source(Protocol):
    """One official source. Implementations live in ``ingest/sources/<name>/source.py`` as ``SOURCE``.

    Attributes:
        name: the name used on the command line.
        title: French title.
        licence: licence and attribution.
        tables: the tables it feeds, the main one last: it makes the publication visible.
        budget: default rejection budget (0–1).
        depends: tables of other sources that parsing leans on: the same files are ingested again when one
            of these has changed.
        falls: what a delivery may lose compared with the published one; a source that lists none is not compared.
    """

    name: str
    title: str
    licence: str
    tables: tuple[Table, ...]
    budget: float
    depends: tuple[Table, ...]
    falls: tuple[Fall, ...]

    def urls(self, region: str) -> Mapping[str, str]:
        """Official addresses to download for a region: file name -> URL."""
        ...

    def date_of(self, paths: Sequence[Path]) -> date | None:
        """The date of the data that the files themselves announce (name or content), if they do.

        Raises:
            ContractError: the files announce different dates.
        """
        ...

    def parse(self, snapshot: Snapshot, context: Context) -> Iterable[Parsed]:
        """Read the snapshot. Yields one :class:`Parsed` per table, in the order of :attr:`tables`.

        Raises:
            ContractError: the files are not of this source, or cannot be read as such.
        """
        ...
