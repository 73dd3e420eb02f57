"""The correction file as it comes back from a spreadsheet: its lines, told by their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ingest.files import delimited, unpack
from lake.catalog.corrections import CONTEXT, FILLED, IDENTIFIER, READ
from lake.delimited import cut
from lake.errors import ContractError
from lake.text import column_name

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
    """Read a correction file: UTF-8 (with or without BOM) or Windows-1252, ``;`` or ``,``.

    Lines that begin with ``#`` (what an export says of itself) and blank lines are left out; numbers of lines
    are those of the file.

    Raises:
        ContractError: no header, or it lacks the identifier or whatever could correct.
    """
    cells = cut(unpack.content(path, name), name, comments=True, short=True)
    header = [_column(cell) for cell in cells.header]
    _check_header(header, name, cells.ligne)
    known = {column: f"c{rank}" for rank, column in enumerate(header) if column in READ}
    rows: list[dict[str, object]] = []
    untouched = 0
    for line in cells.rows.with_columns(contenu=cells.contents()).iter_rows(named=True):
        values = {column: _cell(line[rank] or "") for column, rank in known.items()}
        if not any(values.get(column) for column in FILLED):
            untouched += 1
            continue
        place = {"fichier": name, "ligne": line["ligne"], "contenu": line["contenu"][:_CONTENT]}
        rows.append({**dict.fromkeys(READ), **values, **place})
    schema = {**dict.fromkeys(READ, pl.String), "fichier": pl.String, "ligne": pl.Int64, "contenu": pl.String}
    return Delivered(
        rows=pl.DataFrame(rows, schema=schema),
        rejects=delimited.rejected(cells),
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


def _column(cell: str) -> str:
    plain = column_name(cell)
    return _SYNONYMS.get(plain, plain)


def _cell(text: str) -> str | None:
    """A cell; the apostrophe that protects it from being run as a formula is not part of it."""
    bare = " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())
    bare = bare.removeprefix("'").strip()
    return bare or None
