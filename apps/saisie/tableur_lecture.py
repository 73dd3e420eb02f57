"""A workbook of the entry, read cell by cell: texts, and which cells hold a formula."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook

from lake.errors import ContractError
from lake.valeurs import NIVEAU

COLONNES = (
    "service",
    "nom",
    "critere",
    "libelle",
    "attendu",
    "reponse",
    "porte_par",
    "justification",
    "commentaire",
    "commentaire_public",
    "rev",
    "rev_c",
    "montre",
    "referentiel",
)
"""The columns of a sheet; the last four are hidden."""
SAISIES = ("reponse", "porte_par", "justification", "commentaire", "commentaire_public")
"""Those that people fill."""


_BIGGEST = 20 * 1024 * 1024


@dataclass(frozen=True)
class Ligne:
    """A line of a sheet: where it stands, and its texts by column."""

    feuille: str
    numero: int
    textes: Mapping[str, str]
    formules: frozenset[str]

    def cellule(self, column: str) -> str:
        """A cell's address."""
        return f"{self.feuille}!{chr(ord('A') + COLONNES.index(column))}{self.numero}"


def lignes(raw: bytes, name: str) -> Iterator[Ligne]:
    """The lines of every sheet.

    Raises:
        ContractError: it is no workbook of ours.
    """
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        formulas = _formulas(raw)
    except (CalamineError, zipfile.BadZipFile, ElementTree.ParseError, KeyError) as error:
        raise ContractError(
            f"{name} n'est pas un classeur XLSX lisible.",
            conseil="Exportez-en un (obs saisie exporter), puis remplissez-le.",
        ) from error
    for sheet in book.sheet_names:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        if not rows or tuple(str(one) for one in rows[0][: len(COLONNES)]) != COLONNES:
            raise ContractError(
                f"{name}, feuille {sheet} : les colonnes ne sont pas celles d'un classeur exporté.",
                conseil="Gardez la première ligne et les colonnes cachées.",
            )
        for number, row in enumerate(rows[1:], start=2):
            texts = {column: _text(value) for column, value in zip(COLONNES, row, strict=False)}
            if any(texts.get(column) for column in ("service", "critere")):
                full = {column: texts.get(column, "") for column in COLONNES}
                held = frozenset(
                    column
                    for rank, column in enumerate(COLONNES)
                    if f"{chr(ord('A') + rank)}{number}" in formulas.get(sheet, set())
                )
                yield Ligne(sheet, number, full, held)


def vu(shown: Sequence[str]) -> str:
    """What the cells of a line hold, kept beside them in a hidden one: see :func:`montre`."""
    return json.dumps(list(shown), ensure_ascii=False)


def montre(line: Ligne) -> dict[str, str]:
    """What the cells of a line held when the workbook was written, by column."""
    try:
        texts = [str(one) for one in json.loads(line.textes["montre"])]
    except (ValueError, TypeError):  # somebody filled a hidden cell: nothing is known to be unchanged
        texts = []
    return dict(zip(SAISIES, [*texts, *[""] * len(SAISIES)], strict=False))


def changees(line: Ligne, kind: str) -> frozenset[str]:
    """The columns that say something else than what was shown; an emptied cell says nothing."""
    shown = montre(line)
    return frozenset(
        name
        for name in SAISIES
        if line.textes[name] and _same(line.textes[name], name, kind) != _same(shown[name], name, kind)
    )


def _same(text: str, column: str, kind: str) -> str:
    """What a cell says: « 2,0 » is level 2, and a text stays as it is, but for what a sheet does to it."""
    if column == "reponse" and kind == NIVEAU and re.fullmatch(r"[0-9]+[.,]0+", text):
        return re.sub(r"[.,]0+$", "", text)
    return re.sub(r"\r\n?", "\n", en_cellule(text)).strip()


def en_cellule(value: str) -> str:
    """A text as a sheet takes it: XML has no place for control characters."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", value)


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if value is not None else ""


def _formulas(raw: bytes) -> dict[str, set[str]]:
    """The cells that hold a formula, by sheet: a reader of values never sees them."""
    spreadsheet = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    link = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    found: dict[str, set[str]] = {}
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        if sum(one.file_size for one in archive.infolist()) > 10 * _BIGGEST:
            raise ContractError("Ce classeur est trop grand.", conseil="Exportez service par service.")
        targets = {
            one.attrib["Id"]: one.attrib["Target"]
            for one in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        }
        for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{spreadsheet}sheet"):
            target = targets[sheet.attrib[link]].lstrip("/").removeprefix("xl/")
            tree = ElementTree.fromstring(archive.read(f"xl/{target}"))
            found[sheet.attrib["name"]] = {
                cell.attrib["r"]
                for cell in tree.iter(f"{spreadsheet}c")
                if cell.find(f"{spreadsheet}f") is not None
            }
    return found
