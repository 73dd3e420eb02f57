"""From a stream of bytes to the rows that are kept: blocks, two threads, then Polars.

The stream is cut in blocks of whole lines; two threads check the lines of a block and choose those to keep
(numpy and Arrow let the interpreter go, so the threads run side by side); the kept lines are handed to Polars
in large batches. A zip member is read the same way as a bare file: nothing is unpacked on disk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import BinaryIO

import numpy as np
import polars as pl

from ingest.source import REJECTS_SCHEMA
from ingest.sources.annuaire.identifiers import defects
from ingest.sources.annuaire.layout import SEPARATOR, Header
from ingest.sources.annuaire.lines import BLANK, SLACK, Bools, Bytes, Indices, Lines, Reject, examine
from lake.errors import ContractError

#: Bytes read at once. Measured (0.5 to 16 MiB): with 1 or 2 MiB a block and its tables stay in the cache.
BLOCK = 2 << 20
#: Kept bytes handed to Polars at once: large enough to be parsed on every core, small beside the frame.
BATCH = 32 << 20
#: Blocks under examination at once.
WORKERS = 2
#: A rejected line is kept up to this many characters, and only the first lines keep their content, so that a
#: file of another kind altogether does not fill the memory.
REJECT_CHARACTERS = 10_000
REJECT_CONTENTS = 100_000

#: Bytes of the fingerprint that tells exact duplicates: among all the lines ever published, no two different
#: ones will share 128 bits of a cryptographic hash. Keeping the lines themselves would double the memory.
FINGERPRINT = 16

#: Column added to the file's own: the line number.
LINE = "ligne"

Keep = Callable[[Lines], Bools]


@dataclass
class Scanned:
    """What a file gave.

    Attributes:
        frame: kept lines, one column per column of the layout (String, null where empty or absent), plus
            ``ligne`` (Int64, the header is line 1).
        lues: data lines.
        doublons: lines to keep that were already there, byte for byte (the end of line apart).
        hors_region: sound lines that ``keep`` left.
        rejects: malformed lines (:data:`ingest.source.REJECTS_SCHEMA`).
    """

    frame: pl.DataFrame
    lues: int
    doublons: int
    hors_region: int
    rejects: pl.DataFrame


@dataclass
class _Chosen:
    """The outcome of one block."""

    count: int
    left: int
    rejects: list[Reject]
    numbers: list[int]
    raw: list[bytes]
    prints: list[bytes]


@dataclass
class _Rejects:
    """Malformed lines, in order. Only the first keep their content: a wrong file must not fill the memory."""

    numbers: list[int] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    contents: list[str | None] = field(default_factory=list)

    def add(self, number: int, reject: Reject) -> None:
        self.numbers.append(number)
        self.reasons.append(reject.reason)
        self.contents.append(
            reject.content.decode(errors="replace")[:REJECT_CHARACTERS]
            if len(self.contents) < REJECT_CONTENTS
            else None
        )

    def drop_trailing_blanks(self, last: int) -> int:
        """Take out the blank lines that end the file at line ``last``: they are no lines. Returns how many."""
        dropped = 0
        while self.numbers and self.numbers[-1] == last - dropped and self.reasons[-1] == BLANK:
            for column in (self.numbers, self.reasons, self.contents):
                column.pop()
            dropped += 1
        return dropped

    def frame(self, name: str) -> pl.DataFrame:
        """The rejected lines of the file ``name``."""
        return pl.DataFrame(
            {
                "fichier": [name] * len(self.numbers),
                "ligne": self.numbers,
                "motif": self.reasons,
                "contenu": self.contents,
            },
            schema=REJECTS_SCHEMA,
        )


@dataclass
class _Batch:
    """Kept lines that wait for Polars."""

    header: Header
    lines: list[bytes] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    size: int = 0

    def add(self, line: bytes, number: int) -> None:
        self.lines.append(line)
        self.numbers.append(number)
        self.size += len(line)

    def parse(self) -> pl.DataFrame:
        """The waiting lines as text columns."""
        frame = parse_lines(self.lines, self.header)
        frame = frame.with_columns(pl.Series(LINE, self.numbers, dtype=pl.Int64))
        self.lines, self.numbers, self.size = [], [], 0
        return frame


def parse_lines(lines: Sequence[bytes], header: Header) -> pl.DataFrame:
    """Sound lines (without end of line) as text columns, one per column of the layout.

    Nothing is quoted in these files: a quotation mark or a backslash is a character like another. An empty
    field is null; a column that the file does not have is null everywhere.
    """
    names = [column.name for column in header.layout.columns]
    if not lines:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    at = {position: name for name, position in header.positions.items()}
    fields = [at.get(position, f"_{position}") for position in range(header.fields)]
    frame = pl.read_csv(
        b"\n".join(lines),
        has_header=False,
        separator=SEPARATOR,
        quote_char=None,
        infer_schema=False,
        schema=dict.fromkeys(fields, pl.String),
    )
    if frame.height != len(lines):
        raise ContractError(
            f"{header.layout.title} : {len(lines)} lignes gardées mais {frame.height} lues par l'analyseur.",
            conseil="Signalez ce fichier : c'est un défaut du lecteur, rien n'a été publié.",
        )
    absent = [pl.lit(None, pl.String).alias(name) for name in names if name not in header.positions]
    return frame.with_columns(absent).select(names)


def scan(
    stream: BinaryIO,
    header: Header,
    keep: Keep,
    *,
    name: str,
    size: int = 0,
    say: Callable[[float], None] = lambda _share: None,
) -> Scanned:
    """Read the data lines of a file, check them, and keep those that ``keep`` chooses.

    Args:
        stream: the file, just after its header line.
        header: its header.
        keep: which of the sound lines of a block to keep; called from several threads.
        name: file name, for rejects.
        size: bytes expected, for progress; 0 when unknown.
        say: progress callback: share done, 0–1.

    Raises:
        ContractError: the bytes are not lines of text.
    """
    batch = _Batch(header)
    frames: list[pl.DataFrame] = []
    rejects = _Rejects()
    seen: set[bytes] = set()
    lues = left = twins = 0

    def collect(chosen: _Chosen) -> None:
        nonlocal lues, left, twins
        first = lues + 2  # the header is line 1
        lues += chosen.count
        left += chosen.left
        for reject in chosen.rejects:
            rejects.add(first + reject.index, reject)
        for number, line, mark in zip(chosen.numbers, chosen.raw, chosen.prints, strict=True):
            if mark in seen:
                twins += 1
            else:
                seen.add(mark)
                batch.add(line, first + number)
        if batch.size >= BATCH:
            frames.append(batch.parse())

    pending: deque[Future[_Chosen]] = deque()
    done = 0
    with ThreadPoolExecutor(WORKERS) as pool:
        for data, end in blocks(stream, name):
            pending.append(pool.submit(_choose, data, end, header, keep))
            done += end
            if len(pending) > WORKERS:
                collect(pending.popleft().result())
            if size:
                say(min(done / size, 1.0))
        while pending:
            collect(pending.popleft().result())
    frames.append(batch.parse())
    lues -= rejects.drop_trailing_blanks(lues + 1)
    return Scanned(
        frame=pl.concat([f for f in frames if f.height] or frames[-1:]),
        lues=lues,
        doublons=twins,
        hors_region=left,
        rejects=rejects.frame(name),
    )


def _choose(data: Bytes, end: int, header: Header, keep: Keep) -> _Chosen:
    """Check a block and copy the lines to keep out of it (runs in a thread)."""
    examined = examine(data, end, header, defects)
    mask = keep(examined.sound)
    kept = examined.sound.only(mask)
    raw = kept.raw()
    return _Chosen(
        count=examined.count,
        left=examined.sound.height - kept.height,
        rejects=examined.rejects,
        numbers=kept.index.tolist(),
        raw=raw,
        prints=[blake2b(line, digest_size=FINGERPRINT).digest() for line in raw],
    )


def blocks(stream: BinaryIO, name: str) -> Iterator[tuple[Bytes, int]]:
    """Cut a stream in blocks of whole lines.

    Yields:
        The bytes (each line ended by LF, added at the end of the file when it lacks) and how many of them
        belong to lines; at least ``SLACK`` more bytes follow.

    Raises:
        ContractError: a line is longer than a block: these are not lines of text.
    """
    carry = np.empty(0, np.uint8)
    while True:
        data = np.empty(len(carry) + BLOCK + SLACK, np.uint8)
        data[: len(carry)] = carry
        end = len(carry) + _fill(stream, data.data[len(carry) : len(carry) + BLOCK])
        last = end < len(carry) + BLOCK
        if last:
            if end and data[end - 1] != 10:
                data[end] = 10
                end += 1
            data[end:] = 0
            if end:
                yield data, end
            return
        cut = _last_newline(data, end)
        if cut == 0:
            raise ContractError(
                f"{name} : aucune fin de ligne sur des millions d'octets : ce n'est pas un fichier texte.",
                conseil="Vérifiez que le fichier est bien un .txt de l'Annuaire Santé.",
            )
        carry = data[cut:end].copy()
        yield data, cut


def _fill(stream: BinaryIO, view: memoryview) -> int:
    """Fill ``view`` from the stream; fewer bytes than its length only at the end of the stream."""
    filled = 0
    while filled < len(view):
        got = stream.readinto(view[filled:])  # type: ignore[attr-defined]
        if not got:
            break
        filled += got
    return filled


def _last_newline(data: Bytes, end: int) -> int:
    """Just after the last LF of the first ``end`` bytes; 0 when there is none."""
    window = 1 << 16
    stop = end
    while stop > 0:
        start = max(0, stop - window)
        found = data[start:stop].tobytes().rfind(b"\n")
        if found >= 0:
            return start + found + 1
        stop = start
    return 0


def lines_at(stream: BinaryIO, numbers: Indices, *, name: str) -> dict[int, str]:
    """Raw text of some data lines, by line number (the header, already read, is line 1)."""
    found: dict[int, str] = {}
    wanted = np.unique(np.asarray(numbers, dtype=np.int64))
    first = 2
    for data, end in blocks(stream, name):
        ends = np.flatnonzero(data[:end] == 10)
        here = wanted[(wanted >= first) & (wanted < first + len(ends))]
        for number in here.tolist():
            line = number - first
            start = int(ends[line - 1]) + 1 if line else 0
            content = data[start : int(ends[line])].tobytes().removesuffix(b"\r")
            found[number] = content.decode(errors="replace")[:REJECT_CHARACTERS]
        first += len(ends)
        if not len(wanted) or first > int(wanted[-1]):
            break
    return found
