"""The daily file: one JSON object, legal entities (``pmej``) holding their establishments (``ege``).

Layout: Agence du Numérique en Santé, flux « structures » v1 (schema-structures-v1.json). The national file is
several hundred megabytes once open: it is read element by element, and only what is kept stays in memory.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, BinaryIO, cast

import polars as pl

from ingest.files import unpack
from ingest.source import REJECTS_SCHEMA, SourceFile
from ingest.sources.finess.columns import READ, commune_code, tidied
from ingest.sources.finess.legacy import Read
from lake.errors import ContractError
from lake.words import agreed

_CHUNK = 1 << 20
_GEOGRAPHIC = "03"
"""Use of an address: where the establishment is (others are its mail or its reception)."""
_VALUES = ("code", "dateevenement", "valeur", "value")
"""Members by which an object stands for one value: a code of a nomenclature, the date of an event."""
_KEYS: Mapping[str, tuple[str, str]] = {
    "finess": ("general", "numfinessege"),
    "finess_juridique": ("entity", "numfinesspm"),
    "raison_sociale": ("general", "nomegecourt"),
    "raison_sociale_longue": ("general", "nomegelong"),
    "complement_raison_sociale": ("general", "complementdenominationeg"),
    "complement_distribution": ("address", "complementpointgeographique"),
    "numero_voie": ("address", "numerovoie"),
    "type_voie": ("address", "typevoie"),
    "voie": ("address", "libellevoie"),
    "complement_voie": ("address", "complementvoie"),
    "lieu_dit_bp": ("address", "lieudit"),
    "code_commune_source": ("address", "cogcommune"),
    "code_postal": ("address", "codepostal"),
    "code_categorie": ("one", "categorieentitegeographiqueexercice"),
    "siret": ("general", "siret"),
    "code_ape": ("entity", "codeape"),
    "code_mft": ("one", "modefixationtarifaire"),
    "date_ouverture": ("general", "dateouverture"),
    "date_autorisation": ("general", "datepremiereautorisation"),
    "date_maj": ("one", "datedernieremaj"),
    "date_fermeture": ("general", "datefermeture"),
    "etat": ("one", "etatobjet"),
    "x1": ("point", "coordonneex"),
    "y1": ("point", "coordonneey"),
    "x2": ("point", "directionlongitude"),
    "y2": ("point", "directionlatitude"),
    "cle_ban": ("point", "cleininteropban"),
}
"""Our column -> where its value stands, and under which key (in lower case)."""
_ESSENTIAL = ("finess", "code_categorie", "etat")
_WATCHED = (
    *_ESSENTIAL,
    "finess_juridique",
    "raison_sociale",
    "code_commune_source",
    "code_postal",
    "x1",
    "y1",
)
"""Columns whose key is never left out of a whole file, unless its layout changed."""
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
    warnings: list[str] = []
    lines = outside = 0
    for file in files:
        number = 0
        met: set[str] = set()
        for entity in _entities(file):
            general = _object(entity.get("informationsgeneralespmej"))
            establishments = entity.get("ege")
            for one in establishments if isinstance(establishments, list) else []:
                number += 1
                row = _row(_object(one), general, met)
                if row is None:
                    text = json.dumps(one, ensure_ascii=False)[:_REJECT_CHARACTERS]
                    refused.append((file.name, number, "établissement sans informations générales", text))
                elif wanted(row["code_commune_source"], row["code_postal"]):
                    rows.append((file.name, number, *(row.get(name) for name in READ.names()[2:])))
                else:
                    outside += 1
        if number == 0:
            raise ContractError(f"{file.name} ne contient aucun établissement (« ege »).", conseil=_ADVICE)
        warnings += _refuse_lost_keys(file.name, met)
        lines += number
    frame = pl.DataFrame(rows, schema=READ, orient="row").with_columns(
        tidied(name) for name in READ.names()[2:]
    )
    frame = frame.with_columns(code_commune_source=commune_code(pl.col("code_commune_source")))
    return Read(frame, lines, pl.DataFrame(refused, schema=REJECTS_SCHEMA, orient="row"), warnings), outside


def _object(value: object) -> dict[str, Any]:
    """An object's members; their names are compared without case, for the published schema and files differ."""
    return {key.lower(): one for key, one in value.items()} if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [_object(one) for one in value] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    """A value of the file as text; a coded value, or a dated event, by its code or its date."""
    if isinstance(value, dict):
        members = _object(value)
        value = next((members[name] for name in _VALUES if members.get(name) is not None), None)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _row(one: dict[str, Any], entity: dict[str, Any], met: set[str]) -> dict[str, str | None] | None:
    """One establishment in the common frame; None when it has no general information.

    Args:
        one: the establishment.
        entity: general information of its legal entity.
        met: columns whose key was met, added to.
    """
    general = _object(one.get("informationsgeneralesege") or one.get("informationsgenerales"))
    if not general:
        return None
    ranked = sorted(
        _objects(one.get("adresse")), key=lambda given: _text(given.get("usageadresse")) != _GEOGRAPHIC
    )
    places = {"entity": entity, "general": general, "one": one, "address": ranked[0] if ranked else {}}
    places["point"] = _object(places["address"].get("coordonneesgeographique"))
    telecom = [_object(contact.get("telecom")) for contact in _objects(one.get("contact"))]
    for name, (place, key) in _KEYS.items():
        if key in places[place]:
            met.add(name)
    values = {name: _text(places[place].get(key)) for name, (place, key) in _KEYS.items()}
    values |= {
        name: next((found for t in telecom if (found := _text(t.get(name)))), None)
        for name in ("telephone", "telecopie")
    }
    line = (values["code_postal"], _text(places["address"].get("ligneacheminement")))
    values["ligne_acheminement"] = " ".join(part for part in line if part)
    values["code_ape"] = (values["code_ape"] or "").replace(".", "")
    if values["date_fermeture"]:
        values["etat"] = "I"
    return values


def _refuse_lost_keys(name: str, met: set[str]) -> list[str]:
    """Remarks on the keys that no establishment has; those without which figures would lie refuse the file.

    Raises:
        ContractError: no establishment has a number, a category or a state.
    """
    lost = {
        column: key for column, (_place, key) in _KEYS.items() if column in _WATCHED and column not in met
    }
    essential = [key for column, key in lost.items() if column in _ESSENTIAL]
    if essential:
        raise ContractError(
            agreed(
                len(essential),
                f"{name} : clé(s) absente(s) de tous les établissements : {', '.join(essential)}.",
            ),
            conseil="Le format du fichier a sans doute changé : rien n'est publié.",
        )
    return [
        f"{name} : clé « {key} » absente de tous les établissements : {column} reste vide."
        for column, key in lost.items()
    ]


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
