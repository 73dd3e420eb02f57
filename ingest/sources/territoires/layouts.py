"""Which official file is which: recognised by its content, never by its name."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from ingest.sources.territoires.csv_layouts import read_csv
from ingest.sources.territoires.json_layouts import read_json
from ingest.sources.territoires.reading import Reading, unrecognised
from lake.errors import ContractError, SourceUnavailable


def read(path: Path, name: str, regions: Mapping[str, str]) -> list[Reading]:
    """Recognise and read one file, plain, gzipped, or a zip of such files.

    Args:
        path: where the bytes are.
        name: the name that reports quote.
        regions: known régions, code -> name (outlines of régions and of départements look alike).

    Raises:
        ContractError: the file is none of :data:`RECOGNISED`, is damaged or holds no line.
        SourceUnavailable: the file cannot be opened.
    """
    try:
        payload = path.read_bytes()
    except OSError as error:
        raise SourceUnavailable(f"Le fichier « {name} » ne peut pas être lu : {error.strerror}.") from error
    if payload[:4] == b"PK\x03\x04":
        return _read_zip(payload, name, regions)
    if payload[:2] == b"\x1f\x8b":
        try:
            payload = gzip.decompress(payload)
        except (OSError, EOFError) as error:
            raise ContractError(f"Le fichier « {name} » est compressé mais abîmé ou tronqué.") from error
    return [_read_plain(payload, name, regions)]


def _read_zip(payload: bytes, name: str, regions: Mapping[str, str]) -> list[Reading]:
    found: list[Reading] = []
    refused: ContractError | None = None
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            for member in archive.namelist():
                if not member.lower().endswith((".csv", ".json", ".geojson")):
                    continue
                try:
                    found.append(_read_plain(archive.read(member), f"{name}/{member}", regions))
                except ContractError as error:
                    refused = refused or error
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise ContractError(f"L'archive « {name} » est abîmée ou tronquée.") from error
    # Official archives carry metadata beside the data: one recognised member is enough.
    if not found:
        raise refused or unrecognised(name)
    return found


def _read_plain(payload: bytes, name: str, regions: Mapping[str, str]) -> Reading:
    text = _decode(payload)
    if not text.strip():
        raise ContractError(f"Le fichier « {name} » est vide.", conseil="Téléchargez-le de nouveau.")
    return read_json(text, name, regions) if text.lstrip()[0] in "{[" else read_csv(text, name)


def _decode(payload: bytes) -> str:
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        return payload.decode("latin-1")
