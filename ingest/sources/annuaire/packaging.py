"""How a delivery arrives: a zip, or any subset of the three text files, under any name.

A file is recognised by its header line alone. A zip member is read as a stream, straight from the archive:
nothing is unpacked, so a path inside the archive leads nowhere and a full disk does not matter; the archive's
checksums are verified as the bytes go by.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from ingest.source import SourceFile
from ingest.sources.annuaire.layout import LAYOUTS, Header, UnknownHeader, read_header
from lake.errors import ContractError, SourceUnavailable
from lake.objects import disk_error

_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_HEADER_LIMIT = 1 << 16
_BOM = b"\xef\xbb\xbf"
_ENCRYPTED = 0x1
# AAAAMMJJ, alone or followed by hhmm or hhmmss; or AAAA-MM-JJ.
_DATE = re.compile(r"(?<!\d)(20\d{2})([-_]?)(\d{2})\2(\d{2})(?:\d{4}|\d{6})?(?!\d)")


@dataclass(frozen=True)
class Member:
    """One recognised text file of a delivery.

    Attributes:
        name: its file name, as reports quote it.
        header: its header.
        size: bytes of the text.
        path: the file itself, or the archive that holds it.
        inside: name within the archive; None for a bare file.
    """

    name: str
    header: Header
    size: int
    path: Path
    inside: str | None = None

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The file as a stream of bytes, just after its header line.

        Raises:
            SourceUnavailable: the file or the archive cannot be read to its end.
        """
        with _explained(self.path.name if self.inside is None else f"{self.path.name} ({self.name})"):
            if self.inside is None:
                with self.path.open("rb") as stream:
                    stream.readline(_HEADER_LIMIT)
                    yield stream
            else:
                with zipfile.ZipFile(self.path) as archive, archive.open(self.inside) as stream:
                    stream.readline(_HEADER_LIMIT)
                    yield cast(BinaryIO, stream)


@dataclass(frozen=True)
class Delivery:
    """The recognised files by kind (``activites``, ``diplomes``, ``savoir_faire``), and remarks."""

    members: dict[str, Member]
    warnings: tuple[str, ...]


def open_delivery(files: Sequence[SourceFile]) -> Delivery:
    """Recognise the files of a delivery.

    Raises:
        ContractError: a file is empty, is not one of the three, lacks a required column, or comes twice.
        SourceUnavailable: a file or an archive cannot be read.
    """
    if not files:
        raise ContractError(
            "Aucun fichier de l'Annuaire Santé n'a été donné.",
            conseil="Donnez PS_LibreAcces_AAAAMMJJhhmm.zip, ou au moins un de ses fichiers .txt.",
        )
    found: list[Member] = []
    warnings: list[str] = []
    for file in files:
        if is_zip(file.path):
            members, left = _from_zip(file.path, file.name)
            found += members
            warnings += left
        else:
            found.append(_from_text(file.path, file.name))
    members_by_kind: dict[str, Member] = {}
    for member in found:
        kind = member.header.layout.kind
        if kind in members_by_kind:
            raise ContractError(
                f"Deux fichiers {member.header.layout.title} dans la même livraison : "
                f"{members_by_kind[kind].name} et {member.name}.",
                conseil="Donnez-en un seul : une extraction s'ingère à la fois.",
            )
        members_by_kind[kind] = member
    ordered = {
        layout.kind: members_by_kind[layout.kind] for layout in LAYOUTS if layout.kind in members_by_kind
    }
    return Delivery(ordered, tuple(warnings))


def is_zip(path: Path) -> bool:
    """Whether a file begins like a zip archive.

    Raises:
        SourceUnavailable: the file cannot be read.
    """
    with _explained(path.name), path.open("rb") as stream:
        return stream.read(4) in _ZIP_MAGIC


def date_of(paths: Sequence[Path]) -> date | None:
    """The date that the names announce: of the files, and of the members of archives; None when none does.

    Raises:
        ContractError: the names announce several dates.
        SourceUnavailable: an archive cannot be read.
    """
    dates: dict[date, str] = {}
    for path in paths:
        names = [path.name]
        if is_zip(path):
            with _explained(path.name), zipfile.ZipFile(path) as archive:
                names += [_base(name) for name in archive.namelist() if _is_text(name)]
        for name in names:
            day = _date_in(name)
            if day is not None:
                dates.setdefault(day, name)
    if len(dates) > 1:
        told = ", ".join(f"{day:%d/%m/%Y} ({name})" for day, name in sorted(dates.items()))
        raise ContractError(
            f"Les fichiers annoncent des dates différentes : {told}.",
            conseil="Donnez les fichiers d'une seule extraction à la fois.",
        )
    return next(iter(dates), None)


def _date_in(name: str) -> date | None:
    for found in _DATE.finditer(name):
        try:
            return date(int(found[1]), int(found[3]), int(found[4]))
        except ValueError:
            continue
    return None


def _from_text(path: Path, name: str) -> Member:
    with _explained(name):
        size = path.stat().st_size
        if size == 0:
            raise _empty(name)
        with path.open("rb") as stream:
            line = stream.readline(_HEADER_LIMIT)
    if name.lower().endswith(".zip"):
        raise SourceUnavailable(
            f"{name} n'est pas une archive zip (premiers octets inattendus).",
            conseil="Téléchargez-la de nouveau.",
        )
    return Member(name=name, header=_header(line, name), size=size - len(line), path=path)


def _from_zip(path: Path, name: str) -> tuple[list[Member], list[str]]:
    members: list[Member] = []
    warnings: list[str] = []
    strange: UnknownHeader | None = None
    with _explained(name), zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            base = _base(info.filename)
            if not _is_text(info.filename):
                warnings.append(f"{name} : « {base} » n'est pas un fichier texte, ignoré.")
                continue
            if info.flag_bits & _ENCRYPTED:
                raise SourceUnavailable(
                    f"{name} : « {base} » est protégé par un mot de passe.",
                    conseil="Donnez l'archive telle que l'ANS la publie.",
                )
            if info.file_size == 0:
                raise _empty(f"{name} ({base})")
            with archive.open(info) as stream:
                line = stream.readline(_HEADER_LIMIT)
            try:
                header = _header(line, base)
            except UnknownHeader as error:
                strange = strange or error
                warnings.append(f"{name} : « {base} » n'est pas un fichier de l'Annuaire Santé, ignoré.")
                continue
            members.append(Member(base, header, info.file_size - len(line), path, info.filename))
    if not members:
        raise strange or ContractError(
            f"{name} : l'archive ne contient aucun fichier de l'Annuaire Santé.",
            conseil="Attendus : PS_LibreAcces_Personne_activite, Dipl_AutExerc ou SavoirFaire, en .txt.",
        )
    return members, warnings


def _header(line: bytes, name: str) -> Header:
    try:
        text = line.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        raise ContractError(
            f"{name} : l'en-tête n'est pas en UTF-8.",
            conseil="Donnez le fichier tel que l'ANS le publie, sans l'avoir enregistré de nouveau.",
        ) from error
    return read_header(text.rstrip("\r\n"), name=name)


def _empty(name: str) -> ContractError:
    return ContractError(f"Le fichier {name} est vide (0 octet).", conseil="Téléchargez-le de nouveau.")


def _base(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name


def _is_text(name: str) -> bool:
    return not name.startswith("__MACOSX/") and name.lower().endswith((".txt", ".csv"))


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn what reading a file may raise into one French sentence."""
    again = "Téléchargez-la de nouveau : la version publiée n'a pas changé."
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise SourceUnavailable(f"{name} : archive zip incomplète ou abîmée.", conseil=again) from error
    except NotImplementedError as error:
        raise SourceUnavailable(
            f"{name} : archive zip compressée d'une façon que Python ne lit pas ({error}).",
            conseil="Extrayez les fichiers .txt et donnez-les.",
        ) from error
    except FileNotFoundError as error:
        raise SourceUnavailable(
            f"Fichier introuvable : {name}.", conseil="Vérifiez le chemin donné."
        ) from error
    except OSError as error:
        raise disk_error(error, name) from error
