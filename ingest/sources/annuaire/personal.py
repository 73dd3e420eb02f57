"""Personal columns of extractions made for other uses: emptied before anything is kept of the file.

The raw archive keeps deliveries untouched, this apart: a birth date has no use here, and what is archived is kept for
years. The copy has the same lines, in the same order and with the same header, so numbers of lines stay true.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ingest.files import unpack
from ingest.sources.annuaire.layout import SEPARATOR, is_personal

_TEXTS = (".txt", ".csv")
_HEAD = 1 << 16
_BAR = SEPARATOR.encode()


def withheld(path: Path, folder: Path) -> Path:
    """The file itself when it has no personal column; otherwise a copy of it without them, in a folder.

    Args:
        path: a text file, or an archive of text files.
        folder: where the copy goes; it bears the same name.

    Raises:
        SourceUnavailable: the file cannot be read.
    """
    if not unpack.is_zip(path):
        if not _personal(path, path.name, None):
            return path
        target = folder / path.name
        with unpack.opened(path, path.name, text=True) as stream, target.open("wb") as out:
            out.writelines(_emptied(stream))
        return target
    members, _others = unpack.members(path, path.name, _TEXTS)
    if not any(_personal(path, f"{path.name} ({one.name})", one.inside) for one in members):
        return path
    target = folder / path.name
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in members:
            # A fixed date: the same delivery gives the same bytes.
            with (
                unpack.opened(path, f"{path.name} ({one.name})", one.inside, text=True) as stream,
                archive.open(zipfile.ZipInfo(one.name), "w", force_zip64=True) as out,
            ):
                out.writelines(_emptied(stream))
    return target


def _personal(path: Path, name: str, inside: str | None) -> list[int]:
    """Places of the personal columns of a file."""
    with unpack.opened(path, name, inside, text=True) as stream:
        return _places(stream.readline(_HEAD))


def _places(header: bytes) -> list[int]:
    labels = header.removeprefix(b"\xef\xbb\xbf").decode(errors="replace").rstrip("\r\n").split(SEPARATOR)
    return [place for place, label in enumerate(labels) if is_personal(label)]


def _emptied(stream: BinaryIO) -> Iterator[bytes]:
    """The lines with their personal cells empty; of a line with another number of fields, only that number."""
    header = stream.readline(_HEAD)
    yield header
    places, fields = _places(header), header.count(_BAR) + 1
    if not places:
        yield from stream
        return
    for line in stream:
        bare = line.rstrip(b"\r\n")
        cells = bare.split(_BAR)
        if len(cells) != fields:
            # Which cell is which is not known: nothing of it is kept.
            yield _BAR * (len(cells) - 1) + line[len(bare) :]
            continue
        for place in places:
            cells[place] = b""
        yield _BAR.join(cells) + line[len(bare) :]
