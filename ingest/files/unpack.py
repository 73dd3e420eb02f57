"""Archives and compressed files, opened as streams: nothing is unpacked on disk, and what comes out is bounded.

A path inside an archive leads nowhere, since members are read in place; checksums are verified as bytes go by.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from lake.errors import ContractError, SourceUnavailable
from lake.objects import disk_error

MOST_BYTES = 16 << 30
"""What one file may hold once open: twelve times the largest that is published."""
MOST_IN_MEMORY = 2 << 30
"""The same for files that are read whole."""
MOST_MEMBERS = 2_000
NESTED = 3
"""Times that a file may be compressed again (a daily file happened to be, twice)."""
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_GZIP_MARK = b"\x1f\x8b"
_ENCRYPTED = 0x1
_HEAD = 1 << 16
_DAMAGED = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError)
_AGAIN = "Téléchargez-la de nouveau : la version publiée n'a pas changé."


@dataclass(frozen=True)
class Member:
    """One file of an archive: its name, the archive's own name for it, and its size once open."""

    name: str
    inside: str
    size: int


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn what reading a file or an archive may raise into one French sentence.

    Raises:
        SourceUnavailable: it cannot be read to its end.
    """
    try:
        yield
    except _DAMAGED as error:
        raise SourceUnavailable(
            f"{name} : archive incomplète, abîmée ou tronquée.", conseil=_AGAIN
        ) from error
    except NotImplementedError as error:
        raise SourceUnavailable(
            f"{name} : archive compressée d'une façon qui n'est pas lue.",
            conseil="Extrayez les fichiers et donnez-les.",
        ) from error
    except FileNotFoundError as error:
        raise SourceUnavailable(
            f"Fichier introuvable : {name}.", conseil="Vérifiez le chemin donné."
        ) from error
    except OSError as error:
        raise disk_error(error, name) from error


def mark(path: Path, name: str) -> bytes:
    """The first four bytes of a file.

    Raises:
        SourceUnavailable: the file cannot be read.
    """
    with explained(name), path.open("rb") as stream:
        return stream.read(4)


def is_zip(path: Path, name: str | None = None) -> bool:
    """Whether a file begins like a zip archive.

    Raises:
        SourceUnavailable: the file cannot be read.
    """
    return mark(path, name or path.name) in ZIP_MARKS


def members(path: Path, name: str, endings: tuple[str, ...]) -> tuple[list[Member], list[str]]:
    """The files of an archive whose name ends in one of ``endings``, and the names of the others.

    Raises:
        SourceUnavailable: it is damaged, or a file is protected by a password.
        ContractError: it holds more files, or more bytes, than any delivery.
    """
    found: list[Member] = []
    others: list[str] = []
    with explained(name), zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > MOST_MEMBERS:
            raise ContractError(f"{name} contient {len(infos)} fichiers : ce n'est pas une livraison.")
        for info in infos:
            base = PurePosixPath(info.filename.replace("\\", "/")).name
            if info.filename.startswith("__MACOSX/") or not base.lower().endswith(endings):
                others.append(base)
                continue
            if info.flag_bits & _ENCRYPTED:
                raise SourceUnavailable(
                    f"{name} : « {base} » est protégé par un mot de passe.",
                    conseil="Donnez l'archive telle qu'elle est publiée.",
                )
            if info.file_size > MOST_BYTES:
                raise too_large(f"{name} ({base})", MOST_BYTES)
            found.append(Member(base, info.filename, info.file_size))
    return found, others


@contextmanager
def opened(
    path: Path, name: str, inside: str | None = None, *, most: int = MOST_BYTES, text: bool = False
) -> Iterator[BinaryIO]:
    """A file, plain or compressed by gzip, or a member of an archive, as a stream of bytes.

    Args:
        path: the file or the archive.
        name: its name in messages.
        inside: the member's name in the archive.
        most: bytes beyond which reading stops.
        text: lines that end by CR alone (no LF at the head of the file) are given ended by LF.

    Raises:
        SourceUnavailable: it is missing, damaged or protected.
        ContractError: it holds more than ``most`` bytes.
    """
    with explained(name), ExitStack() as stack:
        if inside is None:
            stream: BinaryIO = stack.enter_context(path.open("rb"))
            for _again in range(NESTED):
                head = stream.read(2)
                stream.seek(0)
                if head != _GZIP_MARK:
                    break
                stream = cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=stream, mode="rb")))
        else:
            archive = stack.enter_context(zipfile.ZipFile(path))
            stream = cast(BinaryIO, stack.enter_context(archive.open(inside)))
        yield io.BufferedReader(_Bounded(stream, name, most, text=text), _HEAD)


def content(path: Path, name: str, inside: str | None = None, most: int = MOST_IN_MEMORY) -> bytes:
    """A whole file as bytes (see :func:`opened`)."""
    with opened(path, name, inside, most=most) as stream:
        return stream.read()


def too_large(name: str, most: int) -> ContractError:
    """The refusal of what holds more bytes than any delivery."""
    return ContractError(
        f"{name} dépasse {most >> 30} Gio une fois ouvert : ce n'est pas une livraison.",
        conseil="Vérifiez le fichier donné.",
    )


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more than a number of bytes; line ends by CR alone become LF if asked."""

    def __init__(self, stream: BinaryIO, name: str, most: int, *, text: bool) -> None:
        self._stream, self._name, self._left, self._most = stream, name, most, most
        self._head = stream.read(_HEAD) if text else b""
        self._returns = text and b"\n" not in self._head and b"\r" in self._head

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        if self._head:
            block, self._head = self._head[: len(view)], self._head[len(view) :]
        else:
            block = self._stream.read(len(view))
        self._left -= len(block)
        if self._left < 0:
            raise too_large(self._name, self._most)
        view[: len(block)] = block.replace(b"\r", b"\n") if self._returns else block
        return len(block)
