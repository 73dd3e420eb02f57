"""The lines of table POP1B: unpacked, recognised by their header, told by their numbers."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import polars as pl

from ingest.source import SourceFile
from ingest.sources.ages.columns import COLUMNS, REQUIRED
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
    """The text file of a delivery; an archive's is unpacked for as long as it is read.

    Raises:
        ContractError: the archive is damaged, or holds no table POP1B.
    """
    if not zipfile.is_zipfile(file.path):
        yield file.path
        return
    with tempfile.TemporaryDirectory(prefix="obs-ages-") as folder:
        target = Path(folder) / "pop1b.csv"
        try:
            with (
                zipfile.ZipFile(file.path) as archive,
                archive.open(_member(archive, file.name)) as source,
                target.open("wb") as out,
            ):
                shutil.copyfileobj(source, out, 1 << 20)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise ContractError(
                f"L'archive {file.name} est endommagée ou protégée.", conseil="Téléchargez-la de nouveau."
            ) from error
        yield target


def _member(archive: zipfile.ZipFile, name: str) -> str:
    texts = [one for one in archive.namelist() if PurePosixPath(one).suffix.lower() in (".csv", ".txt")]
    for one in texts:
        with archive.open(one) as stream:
            if set(REQUIRED) <= set(_split(stream.read(_HEAD))[1]):
                return one
    listed = ", ".join(PurePosixPath(one).name for one in archive.namelist()[:5]) or "rien"
    raise ContractError(f"L'archive {name} ne contient pas la table POP1B ({listed}).", conseil=_ADVICE)


def _split(head: bytes) -> tuple[str, list[str]]:
    """The separator and the columns of a header line."""
    first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("latin-1").strip("\r")
    separator = ";" if first.count(";") >= first.count(",") else ","
    return separator, [cell.strip().strip('"').upper() for cell in first.split(separator)]


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
        separator, header = _split(stream.read(_HEAD))
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise ContractError(
            agreed(len(missing), f"{name}, ligne 1 : colonne(s) absente(s) : {', '.join(missing)}."),
            conseil=_ADVICE,
        )
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
    bare = pl.col("contenu").str.replace_all('"', "", literal=True)
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
