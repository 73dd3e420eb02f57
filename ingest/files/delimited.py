"""Delimited or Parquet files as text columns, every line told by its number (see :mod:`lake.delimited`)."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.files import unpack
from ingest.source import REJECTS_SCHEMA
from lake.delimited import Cells, cut, refuse_twice
from lake.errors import ContractError
from lake.text import column_name

WINDOWS = "lu en Windows-1252 (le fichier n'est pas en UTF-8)"
_CONTENT = 10_000


@dataclass(frozen=True)
class Rows:
    """The lines of one file.

    Attributes:
        name: the file's name.
        columns: names of the columns, in the order of the file.
        headings: the same, as the file writes them.
        frame: those columns (String), ``ligne`` (Int64) and ``contenu`` (String: the line as read).
        rejects: lines that are none of the table (``REJECTS_SCHEMA``).
        lues: data lines, rejected ones included.
        warnings: French remarks.
    """

    name: str
    columns: tuple[str, ...]
    headings: tuple[str, ...]
    frame: pl.DataFrame
    rejects: pl.DataFrame
    lues: int
    warnings: tuple[str, ...] = ()


def read(
    path: Path,
    name: str,
    *,
    name_of: Callable[[str], str] = column_name,
    short: bool = False,
    comments: bool = False,
) -> Rows:
    """Read a file: delimited (``;``, ``,`` or tabulations; compressed by gzip or not) or Parquet.

    Args:
        path: where the bytes are.
        name: its name in messages.
        name_of: how a heading names a column.
        short: a line with fewer cells than the heading is completed instead of refused.
        comments: lines that begin with ``#`` are remarks.

    Raises:
        SourceUnavailable: the file cannot be read.
        ContractError: it is empty, is no table, or names a column twice.
    """
    if unpack.mark(path, name) == b"PAR1":
        return _parquet(path, name, name_of)
    return of_cells(cut(unpack.content(path, name), name, short=short, comments=comments), name_of)


def of_cells(cells: Cells, name_of: Callable[[str], str] = column_name) -> Rows:
    """The rows of cells that are cut already.

    Raises:
        ContractError: two headings give one name.
    """
    named = cells.named(name_of)
    columns = tuple(column for column in named.columns if column != "ligne")
    frame = named.with_columns(contenu=cells.rows.select(cells.contents()).to_series().str.head(_CONTENT))
    windows = (f"{cells.name} : {WINDOWS}.",) if cells.encoding == "windows-1252" else ()
    headings = tuple(heading for heading in cells.header if name_of(heading))
    return Rows(cells.name, columns, headings, frame, rejected(cells), cells.lues, windows)


def rejected(cells: Cells) -> pl.DataFrame:
    """The lines that are none of the table, as rejects."""
    rows = [(cells.name, one.ligne, one.motif, one.contenu[:_CONTENT]) for one in cells.broken]
    return pl.DataFrame(rows, schema=REJECTS_SCHEMA, orient="row")


def _parquet(path: Path, name: str, name_of: Callable[[str], str]) -> Rows:
    try:
        # Arrow refuses damaged bytes by an error, where the other reader may panic.
        frame = cast(pl.DataFrame, pl.from_arrow(pq.read_table(io.BytesIO(unpack.content(path, name)))))
        frame = frame.select(pl.all().cast(pl.String))
    except (pa.ArrowException, OSError, pl.exceptions.PolarsError) as error:
        raise ContractError(
            f"{name} : fichier Parquet illisible.", conseil="Vérifiez le fichier, ou donnez-le en CSV."
        ) from error
    names = [name_of(column) for column in frame.columns]
    refuse_twice(names, name)
    headings = tuple(old for old, new in zip(frame.columns, names, strict=True) if new)
    columns = tuple(new for new in names if new)
    frame = frame.select(pl.col(old).alias(new) for old, new in zip(headings, columns, strict=True))
    numbered = frame.with_columns(
        ligne=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        contenu=pl.concat_str([pl.col(one).fill_null("") for one in columns], separator=";")
        if columns
        else pl.lit(""),
    )
    return Rows(name, columns, headings, numbered, pl.DataFrame(schema=REJECTS_SCHEMA), frame.height)
