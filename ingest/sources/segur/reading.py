"""Files of a Ségur delivery as text columns, with the line each row comes from.

CSV (``;`` or ``,``, UTF-8 with or without BOM, Latin-1) or Parquet. What a file is (measures, catalogue,
structures, targets) is told by its header.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from ingest.source import REJECTS_SCHEMA, no_rejects
from lake.catalog.segur import DIMENSIONS, INDICATEURS
from lake.errors import ContractError
from lake.words import agreed

REQUIRED: Mapping[str, frozenset[str]] = {
    "indicateurs": frozenset({"code", "libelle", "service", "combinaison", "definition"}),
    "objectifs": frozenset({"indicateur", "mois_cible", "cible"}),
    "structures": frozenset({"structure", "nom", "code_departement"}),
    "mesures": frozenset({"mois", "indicateur", "valeur"}),
}
"""The kinds of file, with the columns that tell each one."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "indicateurs": INDICATEURS.columns,
    "objectifs": (
        "indicateur", "maille", "territoire", "code_region", "code_departement", "mois_cible", "cible",
    ),
    "structures": ("structure", "nom", "type_acteur", "code_departement"),
    "mesures": ("mois", "service", "indicateur", *DIMENSIONS, "valeur"),
}  # fmt: skip

_ALIASES = {
    "code_indicateur": "indicateur",
    "region": "code_region",
    "departement": "code_departement",
    "code_profession": "profession",
    "finess": "structure",
    "code_structure": "structure",
}


@dataclass
class Delivered:
    """One file, read as text.

    Attributes:
        name: its file name.
        kind: ``mesures``, ``indicateurs``, ``structures`` or ``objectifs``.
        rows: the kind's columns (String, null where empty or absent) and ``ligne`` (Int64), ``fichier``.
        rejects: lines without the header's number of fields.
        lues: data lines read, rejected ones included.
        missing: optional columns that the file does not have.
        ignored: columns that the kind does not know.
    """

    name: str
    kind: str
    rows: pl.DataFrame
    rejects: pl.DataFrame
    lues: int
    missing: tuple[str, ...]
    ignored: tuple[str, ...]


@cache
def plain(value: str) -> str:
    """A label without case, accents or punctuation, for comparing."""
    letters = unicodedata.normalize("NFKD", value.casefold())
    return re.sub(r"[^0-9a-z]+", "", letters)


def read(path: Path, name: str) -> Delivered:
    """Read one file.

    Raises:
        ContractError: the file is of no known kind, or cannot be read.
    """
    if _is_parquet(path):
        header, frame, rejects = _read_parquet(path, name)
    else:
        header, frame, rejects = _read_csv(path, name)
    written = [_column(one) for one in header]
    # A label column stands for the code only where the code is not there.
    names = [one if _ALIASES.get(one, one) in written else _ALIASES[one] for one in written]
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        raise ContractError(
            agreed(len(twice), f"{name}, ligne 1 : colonne(s) en double : {', '.join(twice)}."),
            conseil="Gardez-en une seule.",
        )
    kind = _kind(name, set(names))
    frame = frame.rename(dict(zip(frame.columns[: len(names)], names, strict=True)))
    missing = tuple(one for one in COLUMNS[kind] if one not in names)
    text = [pl.col(one).str.strip_chars().replace("", None) for one in COLUMNS[kind] if one in names]
    absent = [pl.lit(None, pl.String).alias(one) for one in missing]
    rows = frame.select(*text, *absent, "ligne", fichier=pl.lit(name))
    return Delivered(
        name=name,
        kind=kind,
        rows=rows.select(*COLUMNS[kind], "ligne", "fichier"),
        rejects=rejects,
        lues=rows.height + rejects.height,
        missing=missing,
        ignored=tuple(one for one in names if one not in COLUMNS[kind]),
    )


def _column(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.strip().strip('"').casefold())
    return re.sub(r"[^0-9a-z]+", "_", "".join(c for c in letters if not unicodedata.combining(c))).strip("_")


def _kind(name: str, columns: set[str]) -> str:
    for kind, required in REQUIRED.items():
        if required <= columns:
            return kind
    close = min(REQUIRED, key=lambda kind: len(REQUIRED[kind] - columns) / len(REQUIRED[kind]))
    raise ContractError(
        f"{name} : l'en-tête n'est pas celui d'un fichier Ségur ; pour un fichier « {close} » il manque "
        f"{', '.join(sorted(REQUIRED[close] - columns))}.",
        conseil="Les en-têtes attendus sont dans la documentation de la source segur.",
    )


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) == b"PAR1"


def _read_parquet(path: Path, name: str) -> tuple[list[str], pl.DataFrame, pl.DataFrame]:
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ContractError(f"{name} : fichier Parquet illisible ({error}).") from error
    header = frame.columns
    texts = frame.select(pl.all().cast(pl.String)).rename(
        {one: f"c{rank}" for rank, one in enumerate(header)}
    )
    return header, texts.with_columns(ligne=pl.int_range(1, pl.len() + 1, dtype=pl.Int64)), no_rejects()


def _read_csv(path: Path, name: str) -> tuple[list[str], pl.DataFrame, pl.DataFrame]:
    raw = path.read_bytes()
    try:
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        content = raw.decode("latin-1")
    first = content.partition("\n")[0].rstrip("\r")
    separator = ";" if first.count(";") >= first.count(",") else ","
    header = next(csv.reader([first], delimiter=separator), [])
    if len(header) < 2:
        raise ContractError(
            f"{name}, ligne 1 : en-tête illisible.", conseil="Le séparateur est ; ou une virgule."
        )
    quoted = '"' in content
    frame, rejects = (
        _quoted(content, separator, len(header), name)
        if quoted
        else _unquoted(content, separator, len(header), name)
    )
    return header, frame, rejects


def _unquoted(content: str, separator: str, width: int, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split whole lines: every line is seen, whatever its number of fields."""
    lines = pl.DataFrame({"texte": content.split("\n")[1:]}).with_columns(
        pl.col("texte").str.strip_chars_end("\r"), ligne=pl.int_range(2, pl.len() + 2, dtype=pl.Int64)
    )
    lines = lines.filter(pl.col("texte") != "")
    whole = pl.col("texte").str.count_matches(separator, literal=True) == width - 1
    good, bad = lines.filter(whole), lines.filter(~whole)
    fields = good.get_column("texte").str.split_exact(separator, width - 1).struct.unnest()
    frame = fields.rename(lambda one: f"c{one.removeprefix('field_')}").with_columns(good.get_column("ligne"))
    return frame, _malformed(bad.get_column("ligne").to_list(), bad.get_column("texte").to_list(), name)


def _quoted(content: str, separator: str, width: int, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fields between double quotes: the standard reader, slower and exact."""
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator)
    next(reader, None)
    columns: list[list[str]] = [[] for _ in range(width)]
    lines: list[int] = []
    bad: list[tuple[int, str]] = []
    before = reader.line_num
    for fields in reader:
        line, before = before + 1, reader.line_num
        if not fields:
            continue
        if len(fields) != width:
            bad.append((line, separator.join(fields)))
            continue
        lines.append(line)
        for column, value in zip(columns, fields, strict=True):
            column.append(value)
    frame = pl.DataFrame(
        {f"c{rank}": pl.Series(values, dtype=pl.String) for rank, values in enumerate(columns)}
    ).with_columns(ligne=pl.Series(lines, dtype=pl.Int64))
    return frame, _malformed([line for line, _ in bad], [text for _, text in bad], name)


def _malformed(lines: list[int], texts: list[str], name: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "fichier": [name] * len(lines),
            "ligne": lines,
            "motif": ["nombre de champs différent de celui de l'en-tête"] * len(lines),
            "contenu": texts,
        },
        schema=REJECTS_SCHEMA,
    )
