"""The replay bundle: an analysis, its files, and what they were made from; played again, it says what differs."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from apps.analyses.dessin import rows
from apps.analyses.feuille import Feuille, Reads, feuille
from apps.kit.data.data import Data
from apps.kit.export.pdf import page_pdf
from lake.catalog import all_tables
from lake.errors import LakeError, RefusedCombination
from lake.tables import Lake
from scoring.analyses.codec import decode, text
from scoring.analyses.lecture_json import Faute
from scoring.analyses.spec import Analyse

IDENTIQUE = "identique"
RENDU = "chiffres identiques, rendu différent"
PURGEE = "version purgée"
_MANIFEST, _SPEC, _PDF, _README = "manifeste.json", "analyse.json", "analyse.pdf", "LISEZMOI.txt"
_FORMAT = 1


@dataclass(frozen=True)
class Rendu:
    """An analysis made for a reader: the rows of its sections and its PDF.

    Attributes:
        sections: rank of the section, from 1 -> its rows.
        pdf: the PDF.
        avertissements: what was not drawn, and why, in French.
    """

    sections: Mapping[int, pl.DataFrame]
    pdf: bytes
    avertissements: tuple[str, ...]

    def files(self) -> dict[str, bytes]:
        """Name -> content: one CSV a section that has figures, then the PDF."""
        found = {f"section-{rank}.csv": frame.write_csv().encode() for rank, frame in self.sections.items()}
        return {**found, _PDF: self.pdf}


def rendered(analyse: Analyse, reads: Reads, *, now: datetime, pdf: bool = True) -> Rendu:
    """An analysis made for a reader.

    Args:
        analyse: what is saved.
        reads: the reads of the reader, by universe.
        now: moment written in the PDF.
        pdf: whether the PDF is wanted.
    """
    sheet = feuille(analyse, reads)
    shown = sheet.shown()
    sections, told = _rows(analyse, shown[1:])
    made = page_pdf(sheet.page, sheet.view, shown, now=now) if pdf else b""
    return Rendu(sections, made, tuple(told))


def _rows(analyse: Analyse, shown: Any) -> tuple[dict[int, pl.DataFrame], list[str]]:
    sections, told = {}, []
    for rank, (section, part) in enumerate(zip(analyse.sections, shown, strict=True), start=1):
        if section.graphique is None:
            continue
        if part.view is None:
            told.append(f"section {rank} : {part.refused or 'à réparer (obs analyse valider dit quoi).'}")
            continue
        try:
            heard = part.view.listening()
            sections[rank] = rows(section.graphique, heard)
            told += [f"section {rank}, portée : {sentence}" for sentence in heard.told()]
        except LakeError as error:
            told.append(f"section {rank} : {error}")
    return sections, told


def too_large(analyse: Analyse, reads: Reads) -> list[Faute]:
    """The charts whose question has no answer that can be kept: too many cells, a sum without meaning.

    Args:
        analyse: what is saved; every name in it is known.
        reads: the reads of a reader, by universe. What is not published yet is no fault.
    """
    found = []
    for rank, (section, part) in enumerate(
        zip(analyse.sections, feuille(analyse, reads).shown()[1:], strict=True)
    ):
        if section.graphique is None or part.view is None:
            continue
        try:
            rows(section.graphique, part.view)
        except RefusedCombination as error:
            found.append(Faute(f"sections[{rank}].graphique", str(error)))
    return found


def scope_of(sheet: Feuille) -> str:
    """What names a reader's rights in a bundle: a digest, which tells nothing of them."""
    return hashlib.sha256(sheet.view.data.access.scope.encode()).hexdigest()[:16]


def bundle(analyse: Analyse, reads: Reads, made: Rendu, *, now: datetime) -> bytes:
    """The replay bundle of an analysis made for a reader: the same bytes for the same content.

    Args:
        analyse: what is saved.
        reads: the reads that made it.
        made: what was made.
        now: moment written in the PDF.
    """
    sheet = feuille(analyse, reads)
    data = sheet.view.data
    versions = {
        name: number
        for name, number in data.state.versions(all_tables().values()).items()
        if number is not None
    }
    files = {_SPEC: text(analyse).encode(), **made.files()}
    manifest = {
        "format": _FORMAT,
        "le": now.isoformat(),
        "suite": version("observatoire-esante"),
        "moteurs": {name: version(name) for name in ("polars", "typst", "vl-convert-python")},
        "versions": versions,
        "portee": scope_of(sheet),
        "empreintes": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    files[_README] = (
        "Lot de relecture d'une analyse de l'Observatoire e-santé Grand Est.\n"
        "obs analyse rejouer CE_FICHIER.zip refait les chiffres et le PDF depuis les mêmes versions des tables,\n"
        "puis dit si tout est identique.\n"
    ).encode()
    files[_MANIFEST] = (json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
    return _zip(files)


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            # A fixed date: the same content makes the same bytes.
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


@dataclass(frozen=True)
class Lot:
    """A bundle read back.

    Attributes:
        manifeste: what it was made from.
        fichiers: name -> content.
    """

    manifeste: Mapping[str, Any]
    fichiers: Mapping[str, bytes]


def opened(content: bytes) -> Lot:
    """A bundle read back.

    Raises:
        LakeError: it is no bundle, it was altered, or it is of a newer format.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(files.pop(_MANIFEST))
        prints, number = dict(manifest["empreintes"]), int(manifest["format"])
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise LakeError(
            "Ce fichier n’est pas un lot d’analyse.",
            conseil="Faites-en un : obs analyse rendre F.json --lot F.zip.",
        ) from error
    if number > _FORMAT:
        raise LakeError("Ce lot a été fait par une version plus récente de l’observatoire.")
    for name, expected in prints.items():
        if name not in files or hashlib.sha256(files[name]).hexdigest() != expected:
            raise LakeError(f"Le lot a été modifié : « {name} » n’est plus le fichier qui a été fait.")
    return Lot(manifest, files)


def pinned(lake: Lake, lot: Lot, reads: Reads) -> Reads:
    """The reads of a reader, every table at the version of the bundle."""
    state = lake.snapshot().pinning(lot.manifeste["versions"])

    def read(universe: str) -> Data:
        return Data(lake, reads(universe).access, [state])

    return read


def purged(lake: Lake, lot: Lot) -> list[str]:
    """The tables of which the bundle's version cannot be read any more."""
    versions, known = lot.manifeste["versions"], all_tables()
    here = {name: number for name, number in versions.items() if name in known}
    return [name for name in versions if name not in known] + lake.snapshot().pinning(here).gone(here)


def replayed(lake: Lake, lot: Lot, reads: Reads, say: Callable[[str], None] = lambda _line: None) -> str:
    """A bundle played again from the same versions of the tables, under the rights of who plays it.

    Args:
        lake: where tables are read.
        lot: the bundle.
        reads: the reads of who plays it, by universe.
        say: what is said before the verdict, line by line.

    Returns:
        The verdict: :data:`IDENTIQUE`, :data:`RENDU`, « différent : N cellules », or :data:`PURGEE`.
    """
    if gone := purged(lake, lot):
        say(f"Purgées depuis : {', '.join(gone)}.")
        return PURGEE
    analyse = decode(lot.fichiers[_SPEC])
    then = pinned(lake, lot, reads)
    if scope_of(feuille(analyse, then)) != lot.manifeste["portee"]:
        say("Le lot a été fait avec d’autres droits que ceux de cette relecture.")
    now = datetime.fromisoformat(lot.manifeste["le"]).astimezone(ZoneInfo("Europe/Paris"))
    made = rendered(analyse, then, now=now)
    for sentence in made.avertissements:
        say(sentence)
    files = made.files()
    before = {name: content for name, content in lot.fichiers.items() if name.endswith(".csv")}
    after = {name: content for name, content in files.items() if name.endswith(".csv")}
    count = sum(differing(before.get(name), after.get(name)) for name in sorted({*before, *after}))
    if count:
        return f"différent : {count} {'cellules' if count > 1 else 'cellule'}"
    return IDENTIQUE if before == after and files[_PDF] == lot.fichiers.get(_PDF) else RENDU


def differing(before: bytes | None, after: bytes | None) -> int:
    """How many cells differ between two CSV files, row by row; every cell of the one when there is no other."""
    sides = [_cells(content) for content in (before, after)]
    names = {key for side in sides for key in side}
    return sum(sides[0].get(key) != sides[1].get(key) for key in names)


def _cells(content: bytes | None) -> dict[tuple[int, str], str]:
    if not content:
        return {}
    frame = pl.read_csv(io.BytesIO(content), infer_schema=False)
    return {
        (rank, name): value or ""
        for rank, row in enumerate(frame.iter_rows())
        for name, value in zip(frame.columns, row, strict=True)
    }
