"""The correction file as it comes back from a spreadsheet: its lines, told by their numbers."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ingest.source import REJECTS_SCHEMA
from lake.catalog.corrections import CONTEXT, FILLED, IDENTIFIER, READ
from lake.errors import ContractError
from lake.words import agreed

_SYNONYMS = {"id_site": IDENTIFIER, "lon": "longitude", "lat": "latitude"}
_CONTENT = 2_000


@dataclass(frozen=True)
class Delivered:
    """The lines of one file.

    Attributes:
        rows: completed lines: :data:`READ` (String, null when empty), ``fichier``, ``ligne`` (Int64),
            ``contenu``.
        rejects: lines that are no lines of the file (another number of fields).
        untouched: lines that nobody completed: they are not read as corrections.
        ignored: columns that are neither read nor known as context.
    """

    rows: pl.DataFrame
    rejects: pl.DataFrame
    untouched: int
    ignored: tuple[str, ...]

    @property
    def lues(self) -> int:
        """Lines that count: completed ones, and broken ones."""
        return self.rows.height + self.rejects.height


def read(path: Path, name: str) -> Delivered:
    """Read a correction file: UTF-8 (with or without BOM) or Latin-1, ``;`` or ``,``.

    Lines that begin with ``#`` (what an export says of itself) and blank lines are left out; numbers of lines
    are those of the file.

    Raises:
        ContractError: no header, or it lacks the identifier or whatever could correct.
    """
    lines = _decoded(path.read_bytes(), name).splitlines(keepends=True)
    top = next((rank for rank, line in enumerate(lines) if not _said(line)), None)
    if top is None:
        raise ContractError(f"{name} : aucun en-tête.", conseil=_ADVICE)
    separator = ";" if lines[top].count(";") >= lines[top].count(",") else ","
    reader = csv.reader(io.StringIO("".join(lines[top:]), newline=""), delimiter=separator)
    header = [_column(cell) for cell in next(reader)]
    _check_header(header, name, top + 1)
    known = {column: rank for rank, column in enumerate(header) if column in READ}
    rows: list[dict[str, object]] = []
    rejects: list[tuple[str, int, str, str]] = []
    untouched = 0
    start = reader.line_num
    for cells in reader:
        number, start = top + start + 1, reader.line_num
        written = separator.join(cells)[:_CONTENT]
        if not any(cell.strip() for cell in cells) or cells[0].lstrip("'\ufeff ").startswith("#"):
            continue
        if len(cells) != len(header) and any(cell.strip() for cell in cells[len(header) :]):
            motif = agreed(len(cells), f"{len(cells)} champ(s) au lieu de {len(header)}")
            rejects.append((name, number, motif, written))
            continue
        values = {c: _cell(cells[r]) if r < len(cells) else None for c, r in known.items()}
        if not any(values.get(column) for column in FILLED):
            untouched += 1
            continue
        rows.append({**dict.fromkeys(READ), **values, "fichier": name, "ligne": number, "contenu": written})
    schema = {**dict.fromkeys(READ, pl.String), "fichier": pl.String, "ligne": pl.Int64, "contenu": pl.String}
    return Delivered(
        rows=pl.DataFrame(rows, schema=schema),
        rejects=pl.DataFrame(rejects, schema=REJECTS_SCHEMA, orient="row"),
        untouched=untouched,
        ignored=tuple(column for column in header if column and column not in (*READ, *CONTEXT)),
    )


_ADVICE = "Le modèle vient de la page Qualité (« Fichier de correction ») ou de : obs annuaire qualite --a-corriger."


def _check_header(header: list[str], name: str, line: int) -> None:
    if IDENTIFIER not in header:
        raise ContractError(f"{name}, ligne {line} : il manque la colonne {IDENTIFIER}.", conseil=_ADVICE)
    if not {"longitude", "latitude"} <= set(header) and not {"adresse", "retirer"} & set(header):
        raise ContractError(
            f"{name}, ligne {line} : il faut les colonnes longitude et latitude, ou la colonne adresse.",
            conseil=_ADVICE,
        )
    twice = sorted({column for column in header if column in READ and header.count(column) > 1})
    if twice:
        raise ContractError(
            f"{name}, ligne {line} : la colonne {twice[0]} est écrite deux fois.",
            conseil="Gardez-en une seule.",
        )


def _decoded(raw: bytes, name: str) -> str:
    if b"\x00" in raw or raw.startswith(b"PK"):
        raise ContractError(
            f"{name} n'est pas un fichier CSV.",
            conseil="Dans le tableur : Enregistrer sous, format CSV (UTF-8).",
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _said(line: str) -> bool:
    """Whether a line before the header is no data: blank, or what the export says of itself."""
    bare = line.strip().strip(";,").lstrip("\"'")
    return not bare or bare.startswith("#")


def _column(cell: str) -> str:
    letters = unicodedata.normalize("NFKD", cell.strip().strip('"').casefold())
    plain = re.sub(r"[^0-9a-z]+", "_", "".join(c for c in letters if not unicodedata.combining(c))).strip("_")
    return _SYNONYMS.get(plain, plain)


def _cell(text: str) -> str | None:
    """A cell; the apostrophe that protects it from being run as a formula is not part of it."""
    bare = " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())
    bare = bare.removeprefix("'").strip()
    return bare or None
