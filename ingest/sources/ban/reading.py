"""Reading the BAN's files: integrity on raw bytes by blocks, then columns by name.

Separators of a block are counted line by line with numpy before anything is parsed, because a lenient parser
would hide malformed lines. Lines with a quotation mark are rare: they go through Python's own CSV reader.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from ingest.source import REJECTS_SCHEMA, SourceFile
from lake.errors import ContractError
from lake.words import agreed

REQUIRED = ("id", "numero", "nom_voie", "code_postal", "code_insee", "nom_commune", "lon", "lat")
OPTIONAL = ("rep", "code_insee_ancienne_commune", "nom_ancienne_commune", "nom_ld")
BLOCK_BYTES = 64 << 20
_REJECT_CHARACTERS = 10_000
_NEWLINE, _SEPARATOR, _QUOTE = 10, 59, 34
_ADVICE = "Donnez les fichiers adresses-<département>.csv ou .csv.gz de la Base Adresse Nationale."


@dataclass(frozen=True)
class Lines:
    """The sound lines of one file.

    Attributes:
        frame: ``ligne`` (Int64, the header is line 1) and the columns :data:`REQUIRED` and :data:`OPTIONAL`
            (String; null where empty or absent from the file).
        lues: data lines, malformed ones included.
        rejects: malformed lines (:data:`ingest.source.REJECTS_SCHEMA`).
        absent: optional columns that the file does not have.
    """

    frame: pl.DataFrame
    lues: int
    rejects: pl.DataFrame
    absent: tuple[str, ...]


def read_lines(file: SourceFile) -> Lines:
    """Read one file of the BAN, compressed by gzip or not.

    Raises:
        ContractError: not a file of the BAN, an archive that is cut, a required column that is missing.
    """
    try:
        with _opened(file) as stream:
            return _read(stream, file.name)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ContractError(
            f"L'archive {file.name} est tronquée ou abîmée.", conseil="Téléchargez-la de nouveau."
        ) from error


def _opened(file: SourceFile) -> BinaryIO:
    with file.path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(file.path, "rb")) if packed else file.path.open("rb")


def _read(stream: BinaryIO, name: str) -> Lines:
    header = stream.readline(1 << 20).removeprefix(b"\xef\xbb\xbf")
    columns = _columns(header, name)
    frames: list[pl.DataFrame] = []
    rejects: list[pl.DataFrame] = [pl.DataFrame(schema=REJECTS_SCHEMA)]
    first = 2
    for block in _blocks(stream):
        frame, refused, count = _block(block, columns, first, name)
        frames.append(frame)
        rejects.append(refused)
        first += count
    absent = tuple(column for column in OPTIONAL if column not in columns)
    names = [*REQUIRED, *OPTIONAL]
    empty = pl.DataFrame(schema={"ligne": pl.Int64} | dict.fromkeys(names, pl.String))
    whole = pl.concat([empty, *(_completed(frame, absent) for frame in frames)])
    return Lines(whole, first - 2, pl.concat(rejects), absent)


def _completed(frame: pl.DataFrame, absent: tuple[str, ...]) -> pl.DataFrame:
    nulls = [pl.lit(None, pl.String).alias(column) for column in absent]
    return frame.with_columns(nulls).select("ligne", *REQUIRED, *OPTIONAL)


def _columns(header: bytes, name: str) -> list[str]:
    try:
        columns = [column.strip().strip('"') for column in header.decode().strip().split(";")]
    except UnicodeDecodeError:
        columns = []
    missing = [column for column in REQUIRED if column not in columns]
    if len(missing) == len(REQUIRED):
        raise ContractError(f"{name} n'est pas un fichier de la Base Adresse Nationale.", conseil=_ADVICE)
    if missing:
        raise ContractError(
            agreed(len(missing), f"{name} : colonne(s) obligatoire(s) absente(s) : {', '.join(missing)}.")
        )
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise ContractError(
            agreed(len(twice), f"{name} : colonne(s) en double dans l'en-tête : {', '.join(twice)}.")
        )
    return columns


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Whole lines, about :data:`BLOCK_BYTES` at once; blank lines at the end of the file left out."""
    rest = b""
    while True:
        read = stream.read(BLOCK_BYTES)
        if not read:
            tail = rest.rstrip(b"\r\n")
            if tail:
                yield tail + b"\n"
            return
        cut = read.rfind(b"\n")
        if cut < 0:
            rest += read
            continue
        # The last line end is kept back: what follows may be nothing but blank lines.
        whole = rest + read[: cut + 1]
        kept = whole.rstrip(b"\r\n")
        rest = whole[len(kept) :] + read[cut + 1 :]
        if kept:
            # A block starts with the line end of the one before: give it back to that one.
            yield kept + b"\n"
            rest = rest.removeprefix(b"\r").removeprefix(b"\n")


def _block(block: bytes, columns: list[str], first: int, name: str) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Sound lines of a block, its rejects, and how many lines it has."""
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == _NEWLINE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    separators = np.diff(np.searchsorted(np.flatnonzero(data == _SEPARATOR), ends), prepend=0)
    quoted = np.zeros(len(ends), bool)
    quoted[np.searchsorted(ends, np.flatnonzero(data == _QUOTE))] = True
    broken = separators != len(columns) - 1
    unreadable = _unreadable(block, starts, ends)
    special = np.flatnonzero(broken | quoted | unreadable)
    sound = _without(block, starts[special], ends[special])
    numbers = np.delete(np.arange(first, first + len(ends), dtype=np.int64), special)
    wanted = [column for column in (*REQUIRED, *OPTIONAL) if column in columns]
    frame = (
        pl.scan_csv(
            io.BytesIO(sound),
            has_header=False,
            separator=";",
            quote_char=None,
            infer_schema=False,
            schema=dict.fromkeys(columns, pl.String),
        )
        .select(wanted)
        .collect()
    )
    if columns[-1] in wanted and b"\r" in sound:
        last = pl.col(columns[-1]).str.strip_chars_end("\r")
        frame = frame.with_columns(pl.when(last != "").then(last))
    if frame.height != len(numbers):
        raise ContractError(f"{name} : {len(numbers)} lignes comptées mais {frame.height} lues.")
    frame = frame.select(pl.Series("ligne", numbers), pl.all())
    rescued: list[dict[str, object]] = []
    refused: list[tuple[str, int, str, str]] = []
    for index in special.tolist():
        raw = block[starts[index] : ends[index]].rstrip(b"\r")
        text = raw.decode(errors="replace")
        if unreadable[index]:
            reason = "octets illisibles (la ligne n'est pas en UTF-8)"
        elif not raw:
            reason = "ligne vide au milieu du fichier"
        else:
            fields = _quoted_fields(text)
            if fields is not None and len(fields) == len(columns):
                values = dict(zip(columns, fields, strict=True))
                rescued.append(
                    {"ligne": first + index} | {column: values[column] or None for column in wanted}
                )
                continue
            reason = (
                "guillemet non refermé"
                if fields is None
                else agreed(len(fields), f"{len(fields)} champ(s) au lieu de {len(columns)}")
            )
        refused.append((name, first + index, reason, text[:_REJECT_CHARACTERS]))
    if rescued:
        frame = pl.concat([frame, pl.DataFrame(rescued, schema=frame.schema)]).sort("ligne")
    return frame, pl.DataFrame(refused, schema=REJECTS_SCHEMA, orient="row"), len(ends)


def _unreadable(
    block: bytes, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Lines that are not valid UTF-8; one decoding when all are."""
    bad = np.zeros(len(ends), bool)
    try:
        block.decode()
    except UnicodeDecodeError:
        for index in range(len(ends)):
            try:
                block[starts[index] : ends[index]].decode()
            except UnicodeDecodeError:
                bad[index] = True
    return bad


def _without(block: bytes, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> bytes:
    """The block without the lines given."""
    if len(starts) == 0:
        return block
    pieces, position = [], 0
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        pieces.append(block[position:start])
        position = end + 1
    return b"".join([*pieces, block[position:]])


def _quoted_fields(text: str) -> list[str] | None:
    """Fields of a line that holds quotation marks; None when they do not close."""
    try:
        return next(csv.reader([text], delimiter=";", strict=True))
    except (csv.Error, StopIteration):
        return None
