"""Which official file is which: recognised by its content, never by its name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ingest.files import unpack
from ingest.sources.territoires.csv_layouts import read_csv
from ingest.sources.territoires.json_layouts import read_json
from ingest.sources.territoires.reading import Reading, unrecognised
from lake.delimited import decode
from lake.errors import ContractError

_READ = (".csv", ".json", ".geojson")


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
    if not unpack.is_zip(path, name):
        return [_read_plain(unpack.content(path, name), name, regions)]
    found: list[Reading] = []
    refused: ContractError | None = None
    for member in unpack.members(path, name, _READ)[0]:
        try:
            payload = unpack.content(path, f"{name}/{member.name}", member.inside)
            found.append(_read_plain(payload, f"{name}/{member.inside}", regions))
        except ContractError as error:
            refused = refused or error
    # Official archives carry metadata beside the data: one recognised member is enough.
    if not found:
        raise refused or unrecognised(name)
    return found


def _read_plain(payload: bytes, name: str, regions: Mapping[str, str]) -> Reading:
    if payload.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return read_json("\n".join(decode(payload, name).lines), name, regions)
    return read_csv(payload, name)
