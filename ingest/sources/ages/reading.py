"""The lines of table POP1B: unpacked, recognised by their header, told by their numbers."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from ingest.files import unpack
from ingest.source import SourceFile
from ingest.sources.ages.columns import COLUMNS, REQUIRED
from lake.delimited import refuse_binary, refuse_twice, separator_of
from lake.errors import ContractError
from lake.words import agreed

_ADVICE = (
    "Attendu : la table POP1B de l'INSEE (« Population par sexe et âge », base des tableaux détaillés du "
    f"recensement), CSV à l'en-tête {';'.join(COLUMNS)}, ou son archive zip."
)
_NEVER = "\x1f"
"""A separator that no line holds: lines are read whole, so that a malformed one keeps its number."""
_HEAD = 65_536


@contextmanager
def opened(file: SourceFile) -> Iterator[Path]:
    """The text file of a delivery, plain; a packed one is unpacked for as long as it is read.

    Raises:
        ContractError: the archive holds no table POP1B.
        SourceUnavailable: it is damaged.
    """
    head = unpack.mark(file.path, file.name)
    inside = _member(file) if head in unpack.ZIP_MARKS else None
    if inside is None and not head.startswith(b"\x1f\x8b") and not _returns(file):
        yield file.path
        return
    with tempfile.TemporaryDirectory(prefix="obs-ages-") as folder:
        target = Path(folder) / "pop1b.csv"
        with unpack.opened(file.path, file.name, inside, text=True) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
        yield target


def _returns(file: SourceFile) -> bool:
    """Whether lines end by CR alone, as old spreadsheets write them."""
    with unpack.opened(file.path, file.name) as stream:
        head = stream.read(_HEAD)
    return b"\n" not in head and b"\r" in head


def _member(file: SourceFile) -> str:
    found, others = unpack.members(file.path, file.name, (".csv", ".txt"))
    for one in found:
        with unpack.opened(file.path, file.name, one.inside, text=True) as stream:
            if set(REQUIRED) <= set(_split(stream.read(_HEAD))[1]):
                return one.inside
    listed = ", ".join([*(one.name for one in found), *others][:5]) or "rien"
    raise ContractError(f"L'archive {file.name} ne contient pas la table POP1B ({listed}).", conseil=_ADVICE)


def _split(head: bytes) -> tuple[str, list[str]]:
    """The separator and the columns of a header line; empty columns on the right are none."""
    first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("latin-1").strip("\r")
    separator = separator_of(first)
    columns = [cell.strip().strip('"').upper() for cell in first.split(separator)]
    while len(columns) > 1 and not columns[-1]:
        columns.pop()
    return separator, columns


def lines(path: Path, name: str, departements: Sequence[str]) -> tuple[pl.DataFrame, int, int]:
    """The lines of the départements wanted, and those that are no lines of the table.

    Args:
        path: the text file; UTF-8 or Latin-1 (names of communes, which may be either, are not read).
        name: its name in reports.
        departements: codes of the départements to keep.

    Returns:
        tuple: a frame (``ligne`` Int64, ``contenu``, ``niveau``, ``code`` String, ``sexe`` String, ``age`` Int64,
        ``population`` Float64, ``motif`` String: why the line is refused, or null), the number of data lines, and
        the number of lines of other départements.

    Raises:
        ContractError: the file is not the table POP1B.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    refuse_binary(head, name)
    separator, header = _split(head)
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise ContractError(
            agreed(len(missing), f"{name}, ligne 1 : colonne(s) absente(s) : {', '.join(missing)}."),
            conseil=_ADVICE,
        )
    refuse_twice(header, f"{name}, ligne 1")
    rows = _fields(
        path, separator, {column: header.index(column) for column in COLUMNS if column in header}, len(header)
    )
    checked = _checked(rows, departements)
    counts, kept = pl.collect_all(
        [
            checked.select(lues=pl.len(), ailleurs=pl.col("ailleurs").sum()),
            checked.filter(~pl.col("ailleurs")).drop("ailleurs"),
        ]
    )
    return kept, int(counts["lues"][0]), int(counts["ailleurs"][0] or 0)


def _fields(path: Path, separator: str, places: Mapping[str, int], count: int) -> pl.LazyFrame:
    whole = pl.scan_csv(
        path,
        separator=_NEVER,
        quote_char=None,
        has_header=False,
        infer_schema=False,
        new_columns=["contenu"],
        encoding="utf8-lossy",
        row_index_name="ligne",
        row_index_offset=1,
    ).filter((pl.col("ligne") > 1) & (pl.col("contenu").fill_null("").str.strip_chars() != ""))
    # Empty columns on the right are what a spreadsheet leaves.
    tail = rf"[\s{re.escape(separator)}]*$"
    bare = pl.col("contenu").str.replace_all('"', "", literal=True).str.replace(tail, "")
    split = bare.str.split_exact(separator, count - 1)

    def field(column: str) -> pl.Expr:
        if column not in places:
            return pl.lit(None, pl.String)
        return pl.col("_champs").struct.field(f"field_{places[column]}").str.strip_chars()

    return whole.with_columns(
        _champs=split, champs=bare.str.count_matches(separator, literal=True) + 1
    ).select(
        pl.col("ligne").cast(pl.Int64),
        "contenu",
        "champs",
        attendus=pl.lit(count),
        niveau=field("NIVGEO"),
        code=field("CODGEO").str.to_uppercase(),
        sexe=field("SEXE"),
        age=field("AGED100").cast(pl.Int64, strict=False),
        population=field("NB").str.replace(",", ".", literal=True).cast(pl.Float64, strict=False),
    )


def _checked(rows: pl.LazyFrame, departements: Sequence[str]) -> pl.LazyFrame:
    code = pl.col("code")
    home = (
        pl.when(code.str.starts_with("97") | code.str.starts_with("98"))
        .then(code.str.head(3))
        .otherwise(code.str.head(2))
    )
    whole = pl.col("champs") == pl.col("attendus")
    named = code.str.contains(r"^(2[AB]|[0-9]{2})[0-9]{3}$").fill_null(False)
    number = pl.col("population")
    why = (
        pl.when(~whole)
        .then(pl.format("{} champs au lieu de {}", "champs", "attendus"))
        .when(~named)
        .then(pl.lit("code de commune de forme inattendue"))
        .when(pl.col("niveau").is_not_null() & ~pl.col("niveau").is_in(["COM", "ARM"]))
        .then(pl.lit("niveau géographique autre que COM ou ARM"))
        .when(~pl.col("sexe").is_in(["1", "2"]).fill_null(False))
        .then(pl.lit("sexe autre que 1 ou 2"))
        .when(~pl.col("age").is_between(0, 120).fill_null(False))
        .then(pl.lit("âge illisible"))
        .when(number.is_null() | ~number.is_finite().fill_null(False))
        .then(pl.lit("effectif illisible"))
        .when(number < 0)
        .then(pl.lit("effectif négatif"))
    )
    return rows.with_columns(motif=why, ailleurs=whole & named & ~home.is_in(list(departements))).drop(
        "champs", "attendus"
    )
