"""Reading the BAN's files, addresses or named places: lines checked on raw bytes by blocks, columns by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import polars as pl

from ingest.files import unpack
from ingest.files.blocks import REJECT_CHARACTERS, blocks
from ingest.files.lines import BLANK, Bools, Lines, Reject, examine
from ingest.source import REJECTS_SCHEMA, SourceFile
from lake.delimited import OPEN_QUOTE, UNREADABLE, refuse_twice
from lake.errors import ContractError
from lake.text import tidy
from lake.words import agreed

_PLACE = ("id", "code_postal", "code_insee", "nom_commune", "lon", "lat")
ADDRESSES = (*_PLACE, "numero", "nom_voie")
"""What a file of addresses must have."""
NAMED_PLACES = (*_PLACE, "nom_ld")
"""What a file of named places (``lieux-dits-<département>-beta.csv``) must have: it has neither numbers nor streets."""
OPTIONAL = ("rep", "code_insee_ancienne_commune", "nom_ancienne_commune", "nom_ld")
COLUMNS = (*ADDRESSES, *OPTIONAL)
_NAMES = {"nom_lieu_dit": "nom_ld"}
_QUOTE = ord('"')
_QUOTED = "guillemets"
_CONTROL = bytes(set(range(32)) - {10}) + b"\x7f"
_ADVICE = (
    "Donnez les fichiers adresses-<département>.csv.gz de la Base Adresse Nationale, et si vous voulez "
    "lieux-dits-<département>-beta.csv.gz."
)
HEAD = 1 << 16


@dataclass(frozen=True)
class Read:
    """The sound lines of one file.

    Attributes:
        frame: ``ligne`` (Int64, the header is line 1) and :data:`COLUMNS` (String; null where empty or absent).
        lues: data lines, malformed ones included.
        rejects: malformed lines (:data:`ingest.source.REJECTS_SCHEMA`).
        absent: optional columns that the file does not have.
        places: whether the file holds named places, and not addresses.
    """

    frame: pl.DataFrame
    lues: int
    rejects: pl.DataFrame
    absent: tuple[str, ...]
    places: bool


@dataclass(frozen=True)
class _Shape:
    """The header of a file, as :class:`ingest.files.lines.Shape`."""

    columns: Sequence[str]
    separator: int

    @property
    def fields(self) -> int:
        return len(self.columns)

    @property
    def positions(self) -> Mapping[str, int]:
        return {name: rank for rank, name in enumerate(self.columns)}


def read_lines(file: SourceFile) -> Read:
    """Read one file of the BAN, compressed by gzip or not.

    Raises:
        ContractError: not a file of the BAN, or a required column that is missing.
        SourceUnavailable: an archive that is cut.
    """
    with unpack.opened(file.path, file.name, text=True) as stream:
        return _read(stream, file.name)


def _read(stream: BinaryIO, name: str) -> Read:
    shape, places = _shape(stream.readline(HEAD), name)
    frames: list[pl.DataFrame] = []
    refused: list[tuple[str, int, str, str]] = []
    first = 2
    for data, end in blocks(stream, name):
        examined = examine(data, end, shape, _quoted)
        rescued: list[dict[str, object]] = []
        for reject in examined.rejects:
            values, why = _again(reject, shape)
            if values is None:
                text = reject.content.decode(errors="replace")[:REJECT_CHARACTERS]
                refused.append((name, first + reject.index, why, text))
            else:
                rescued.append({"ligne": first + reject.index, **values})
        frames.append(_frame(examined.sound, shape, first, rescued))
        first += examined.count
    while refused and refused[-1][1] == first - 1 and refused[-1][2] == BLANK:
        refused.pop()  # blank lines that end a file are no lines
        first -= 1
    absent = tuple(column for column in OPTIONAL if column not in shape.columns)
    empty = pl.DataFrame(schema={"ligne": pl.Int64} | dict.fromkeys(COLUMNS, pl.String))
    whole = pl.concat([empty, *frames])
    return Read(whole, first - 2, pl.DataFrame(refused, schema=REJECTS_SCHEMA, orient="row"), absent, places)


def _shape(header: bytes, name: str) -> tuple[_Shape, bool]:
    """The columns of a header, and whether they are those of named places."""
    text = header.removeprefix(b"\xef\xbb\xbf").decode(errors="replace").strip()
    separator = max(";,", key=text.count)
    written = [column.strip().strip('"') for column in text.split(separator)]
    places = "nom_lieu_dit" in written and "nom_voie" not in written
    required = NAMED_PLACES if places else ADDRESSES
    columns = [_NAMES.get(column, column) for column in written]
    missing = [column for column in required if column not in columns]
    if len(missing) == len(required):
        raise ContractError(f"{name} n'est pas un fichier de la Base Adresse Nationale.", conseil=_ADVICE)
    if missing:
        raise ContractError(
            agreed(
                len(missing),
                f"{name}, ligne 1 : colonne(s) obligatoire(s) absente(s) : {', '.join(missing)}.",
            ),
            conseil=_ADVICE,
        )
    refuse_twice(columns, f"{name}, ligne 1")
    return _Shape(columns, ord(separator)), places


def _quoted(lines: Lines) -> list[tuple[str, Bools]]:
    """Lines with a quotation mark: rare, they are cut again by the standard reader."""
    marks = np.flatnonzero(lines.data[: int(lines.stops[-1]) if lines.height else 0] == _QUOTE)
    if not len(marks):
        return []
    found = np.zeros(lines.height, bool)
    ranks = np.searchsorted(lines.starts, marks, side="right") - 1
    inside = (ranks >= 0) & (marks < lines.stops[np.maximum(ranks, 0)])
    found[ranks[inside]] = True
    return [(_QUOTED, found)]


def _again(reject: Reject, shape: _Shape) -> tuple[dict[str, str | None] | None, str]:
    """The wanted values of a line once its quotation marks are read; else why it is refused."""
    if reject.reason == UNREADABLE or b'"' not in reject.content:
        return None, reject.reason
    try:
        fields = next(csv.reader([reject.content.decode()], delimiter=chr(shape.separator), strict=True))
    except (csv.Error, StopIteration):
        return None, OPEN_QUOTE
    except UnicodeDecodeError:
        return None, UNREADABLE
    if len(fields) != shape.fields:
        return None, agreed(len(fields), f"{len(fields)} champ(s) au lieu de {shape.fields}")
    return {
        name: value or None for name, value in zip(shape.columns, fields, strict=True) if name in COLUMNS
    }, ""


def _frame(sound: Lines, shape: _Shape, first: int, rescued: list[dict[str, object]]) -> pl.DataFrame:
    """Sound lines of a block as text columns, with those that were read again."""
    wanted = [column for column in COLUMNS if column in shape.columns]
    schema = {"ligne": pl.Int64} | dict.fromkeys(COLUMNS, pl.String)
    frames = [pl.DataFrame(rescued, schema=schema)]
    if sound.height:
        text = sound.whole()
        cells = (
            pl.scan_csv(
                io.BytesIO(text),
                has_header=False,
                separator=chr(shape.separator),
                quote_char=None,
                infer_schema=False,
                schema={name or f"_{rank}": pl.String for rank, name in enumerate(shape.columns)},
            )
            .select(wanted)
            .collect()
        )
        if len(text.translate(None, _CONTROL)) != len(text):
            cells = cells.with_columns(tidy(pl.col(column)).alias(column) for column in wanted)
        numbers = pl.Series("ligne", sound.index + first, dtype=pl.Int64)
        nulls = [pl.lit(None, pl.String).alias(column) for column in COLUMNS if column not in wanted]
        frames.append(cells.with_columns(numbers, *nulls).select(list(schema)))
    return pl.concat(frames).sort("ligne") if rescued else frames[-1].select(list(schema))
