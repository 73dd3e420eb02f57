"""A stream of bytes cut in blocks of whole lines, that are read side by side and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from ingest.files.lines import SLACK, Bytes, Indices
from lake.errors import ContractError

#: Bytes read at once. Measured (0.5 to 16 MiB): with 1 or 2 MiB a block and its tables stay in the cache.
BLOCK = 2 << 20
#: A rejected line is kept up to this many characters.
REJECT_CHARACTERS = 10_000


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
                conseil="Vérifiez le fichier donné.",
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
