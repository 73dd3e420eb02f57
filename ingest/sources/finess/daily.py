"""The daily file: one JSON object, legal entities (``pmej``) holding their establishments (``ege``).

Layout: Agence du Numérique en Santé, flux « structures » v1 (schema-structures-v1.json). The national file is
several hundred megabytes once open: it is read element by element, and only what is kept stays in memory.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, BinaryIO, cast

import polars as pl

from ingest.files import unpack
from ingest.source import REJECTS_SCHEMA, SourceFile
from ingest.sources.finess.columns import READ, blank_to_null
from ingest.sources.finess.legacy import Read
from lake.errors import ContractError

_CHUNK = 1 << 20
_GEOGRAPHIC = "03"
"""Use of an address: where the establishment is (others are its mail or its reception)."""
_ADVICE = "Donnez finess-structures-journalier-AAAAMMJJ.json.gz, ou le fichier historique des établissements."
_DECODER = json.JSONDecoder()
_REJECT_CHARACTERS = 10_000


def is_daily(head: bytes) -> bool:
    """Whether a file starts as the daily layout does, compressed or not."""
    return head.startswith(b"\x1f\x8b") or head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def date_of(name: str) -> date | None:
    """The date in the name of a daily file."""
    found = re.search(r"journalier-(\d{4})(\d{2})(\d{2})", name)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def generated_on(file: SourceFile) -> date | None:
    """The date that the file's own ``generatedAt`` announces, when it comes before the entities."""
    with unpack.opened(file.path, file.name) as stream:
        head = stream.read(4096).decode("utf-8", errors="replace")
    found = re.search(r'"generatedAt"\s*:\s*"(\d{4})-(\d{2})-(\d{2})', head)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def read(files: Sequence[SourceFile], wanted: Callable[[str | None, str | None], bool]) -> tuple[Read, int]:
    """Read the establishments of daily files.

    Args:
        files: the files.
        wanted: whether to keep an establishment, from its commune and postal codes.

    Returns:
        What is kept, and how many establishments were left out by ``wanted``.

    Raises:
        ContractError: a file is cut, damaged, or of another layout.
    """
    rows: list[tuple[Any, ...]] = []
    refused: list[tuple[str, int, str, str]] = []
    lines = outside = 0
    for file in files:
        number = 0
        for entity in _entities(file):
            general = _object(entity.get("informationsGeneralesPMEJ"))
            establishments = entity.get("ege")
            for one in establishments if isinstance(establishments, list) else []:
                number += 1
                row = _row(_object(one), general)
                if row is None:
                    text = json.dumps(one, ensure_ascii=False)[:_REJECT_CHARACTERS]
                    refused.append((file.name, number, "établissement sans informations générales", text))
                elif wanted(row["code_commune_source"], row["code_postal"]):
                    rows.append((file.name, number, *(row.get(name) for name in READ.names()[2:])))
                else:
                    outside += 1
        if number == 0:
            raise ContractError(f"{file.name} ne contient aucun établissement (« ege »).", conseil=_ADVICE)
        lines += number
    frame = pl.DataFrame(rows, schema=READ, orient="row").with_columns(
        blank_to_null(name) for name in READ.names()[2:]
    )
    return Read(frame, lines, pl.DataFrame(refused, schema=REJECTS_SCHEMA, orient="row")), outside


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    """A value of the file as text; lists and objects are not values."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _row(one: dict[str, Any], entity: dict[str, Any]) -> dict[str, str | None] | None:
    """One establishment in the common frame; None when it has no general information."""
    general = _object(one.get("informationsGeneralesEGE") or one.get("informationsGenerales"))
    if not general:
        return None
    given = one.get("adresse")
    addresses = [_object(address) for address in (given if isinstance(given, list) else [])]
    ranked = sorted(addresses, key=lambda address: address.get("usageAdresse") != _GEOGRAPHIC)
    address = ranked[0] if ranked else {}
    point = _object(address.get("coordonneesGeographique"))
    contacts = one.get("contact")
    telecom = [_object(_object(c).get("telecom")) for c in (contacts if isinstance(contacts, list) else [])]
    phone = next((t.get("telephone") for t in telecom if t.get("telephone")), None)
    fax = next((t.get("telecopie") for t in telecom if t.get("telecopie")), None)
    closed = _text(general.get("dateFermeture"))
    postal, town = _text(address.get("codePostal")), _text(address.get("ligneAcheminement"))
    values = {
        "finess": general.get("numFinessEge"),
        "finess_juridique": entity.get("numFinessPm"),
        "raison_sociale": general.get("nomEgeCourt"),
        "raison_sociale_longue": general.get("nomEgeLong"),
        "complement_raison_sociale": general.get("complementDenominationEg"),
        "complement_distribution": address.get("complementPointGeographique"),
        "numero_voie": address.get("numeroVoie"),
        "type_voie": address.get("typeVoie"),
        "voie": address.get("libelleVoie"),
        "complement_voie": address.get("complementVoie"),
        "lieu_dit_bp": address.get("lieuDit"),
        "code_commune_source": address.get("cogCommune"),
        "code_postal": postal,
        "ligne_acheminement": " ".join(part for part in (postal, town) if part),
        "telephone": phone,
        "telecopie": fax,
        "code_categorie": one.get("categorieentiteGeographiqueExercice"),
        "siret": general.get("siret"),
        "code_ape": str(entity.get("codeApe") or "").replace(".", ""),
        "code_mft": one.get("modefixationtarifaire"),
        "date_ouverture": general.get("dateOuverture"),
        "date_autorisation": general.get("datePremiereAutorisation"),
        "date_maj": one.get("dateDerniereMaj"),
        "date_fermeture": closed,
        "etat": "I" if closed else one.get("etatObjet"),
        "x1": point.get("coordonneeX"),
        "y1": point.get("coordonneeY"),
        "x2": point.get("directionLongitude"),
        "y2": point.get("directionLatitude"),
        "cle_ban": point.get("cleInInteropBAN"),
    }
    return {name: _text(value) for name, value in values.items()}


# -- reading a large JSON object element by element ---------------------------------------------------


def _entities(file: SourceFile) -> Iterator[dict[str, Any]]:
    """Every element of the top-level list ``pmej``."""
    try:
        with unpack.opened(file.path, file.name) as stream:
            for key, value in _Members(stream):
                if key == "pmej":
                    yield _object(value)
    except UnicodeDecodeError as error:
        raise ContractError(f"{file.name} n'est pas en UTF-8.", conseil=_ADVICE) from error
    except json.JSONDecodeError as error:
        raise ContractError(
            f"{file.name} n'est pas un fichier JSON lisible ({error.msg}).",
            conseil="Le téléchargement a peut-être été coupé : téléchargez-le de nouveau.",
        ) from error


class _Members:
    """Iterates over a JSON object's members, lists element by element: ``(key, element or value)``."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = io.TextIOWrapper(stream, encoding="utf-8-sig")
        self._text = ""
        self._at = 0
        self._ended = False

    def __iter__(self) -> Iterator[tuple[str, object]]:
        self._expect("{")
        if self._peek() == "}":
            return
        while True:
            key = str(self._value())
            self._expect(":")
            if self._peek() == "[":
                self._expect("[")
                while self._peek() != "]":
                    yield key, self._value()
                    if self._peek() == ",":
                        self._expect(",")
                self._expect("]")
            else:
                yield key, self._value()
            if self._peek() == "}":
                return
            self._expect(",")

    def _more(self) -> bool:
        block = self._stream.read(_CHUNK)
        self._ended = not block
        self._text = self._text[self._at :] + block
        self._at = 0
        return not self._ended

    def _peek(self) -> str:
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                raise json.JSONDecodeError("fin inattendue", "", 0)

    def _expect(self, character: str) -> None:
        if self._peek() != character:
            raise json.JSONDecodeError(f"« {character} » attendu", "", 0)
        self._at += 1

    def _value(self) -> object:
        self._peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if not self._more():
                    raise
                continue
            if end == len(self._text) and not self._ended and self._more():
                continue  # a number may go on in the next block
            self._at = end
            return cast(object, value)
