"""From a stream of bytes to the rows that are kept: blocks, two threads, then Polars.

The stream is cut in blocks of whole lines; two threads check the lines of a block and choose those to keep
(numpy and Arrow let the interpreter go, so the threads run side by side); the kept lines are handed to Polars
in large batches. A zip member is read the same way as a bare file: nothing is unpacked on disk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import BinaryIO

import polars as pl

from ingest.files.blocks import REJECT_CHARACTERS, blocks
from ingest.files.lines import BLANK, Bools, Bytes, Lines, Reject, examine
from ingest.source import REJECTS_SCHEMA
from ingest.sources.annuaire.identifiers import defects
from ingest.sources.annuaire.layout import SEPARATOR, Header
from lake.errors import ContractError
from lake.text import tidy

#: Kept bytes handed to Polars at once: large enough to be parsed on every core, small beside the frame.
BATCH = 32 << 20
#: Blocks under examination at once.
WORKERS = 2
#: Only the first rejected lines keep their content: a file of another kind must not fill the memory.
REJECT_CONTENTS = 100_000

#: Bytes of the fingerprint that tells exact duplicates: among all the lines ever published, no two different
#: ones will share 128 bits of a cryptographic hash. Keeping the lines themselves would double the memory.
FINGERPRINT = 16

#: Column added to the file's own: the line number.
LINE = "ligne"

_CONTROL = bytes(set(range(32)) - {10}) + b"\x7f"

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
    text = b"\n".join(lines)
    frame = pl.read_csv(
        text,
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
    if len(text.translate(None, _CONTROL)) != len(text):
        frame = frame.with_columns(tidy(pl.col(name)).alias(name) for name in frame.columns)
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
