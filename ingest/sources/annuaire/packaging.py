"""How a delivery arrives: a zip, or any subset of the three text files, under any name.

A file is recognised by its header line alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from ingest.files import unpack
from ingest.source import SourceFile
from ingest.sources.annuaire.layout import LAYOUTS, Header, UnknownHeader, read_header
from lake.errors import ContractError, SourceUnavailable

_TEXTS = (".txt", ".csv")
_HEADER_LIMIT = 1 << 16
_BOM = b"\xef\xbb\xbf"
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
        name = self.path.name if self.inside is None else f"{self.path.name} ({self.name})"
        with unpack.opened(self.path, name, self.inside, text=True) as stream:
            stream.readline(_HEADER_LIMIT)
            yield stream


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
        if unpack.is_zip(file.path, file.name):
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


def date_of(paths: Sequence[Path]) -> date | None:
    """The date that the names announce: of the files, and of the members of archives; None when none does.

    Raises:
        ContractError: the names announce several dates.
        SourceUnavailable: an archive cannot be read.
    """
    dates: dict[date, str] = {}
    for path in paths:
        names = [path.name]
        if unpack.is_zip(path):
            names += [one.name for one in unpack.members(path, path.name, _TEXTS)[0]]
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
    with unpack.explained(name):
        size = path.stat().st_size
    if size == 0:
        raise _empty(name)
    if name.lower().endswith(".zip"):
        raise SourceUnavailable(
            f"{name} n'est pas une archive zip (premiers octets inattendus).",
            conseil="Téléchargez-la de nouveau.",
        )
    with unpack.opened(path, name, text=True) as stream:
        line = stream.readline(_HEADER_LIMIT)
    return Member(name=name, header=_header(line, name), size=size - len(line), path=path)


def _from_zip(path: Path, name: str) -> tuple[list[Member], list[str]]:
    found: list[Member] = []
    texts, others = unpack.members(path, name, _TEXTS)
    warnings = [f"{name} : « {base} » n'est pas un fichier texte, ignoré." for base in others]
    strange: UnknownHeader | None = None
    for one in texts:
        if one.size == 0:
            raise _empty(f"{name} ({one.name})")
        with unpack.opened(path, f"{name} ({one.name})", one.inside, text=True) as stream:
            line = stream.readline(_HEADER_LIMIT)
        try:
            header = _header(line, one.name)
        except UnknownHeader as error:
            strange = strange or error
            warnings.append(f"{name} : « {one.name} » n'est pas un fichier de l'Annuaire Santé, ignoré.")
            continue
        found.append(Member(one.name, header, one.size - len(line), path, one.inside))
    if not found:
        raise strange or ContractError(
            f"{name} : l'archive ne contient aucun fichier de l'Annuaire Santé.",
            conseil="Attendus : PS_LibreAcces_Personne_activite, Dipl_AutExerc ou SavoirFaire, en .txt.",
        )
    return found, warnings


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
