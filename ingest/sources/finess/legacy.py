"""The historical files: two kinds of records without header, ``structureet`` and ``geolocalisation``."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from ingest.files import unpack
from ingest.files.delimited import WINDOWS
from ingest.source import REJECTS_SCHEMA, SourceFile
from ingest.sources.finess.columns import GEOLOCALISATION, READ, STRUCTURE, commune_code, tidied
from lake.delimited import UNREADABLE, decode
from lake.errors import ContractError
from lake.text import folded
from lake.words import agreed

MARK = b"finess;"
"""How the first line begins: ``finess;etalab;<n>;<date>``, or ``finess;finess-plus;<version>;<date>``."""
_REJECT_CHARACTERS = 10_000
# A structure line may lack its last column (the school number), a late addition.
_FIELDS = {
    "structureet": (len(STRUCTURE), len(STRUCTURE) - 1),
    "geolocalisation": (len(GEOLOCALISATION),),
}
_OVERSEAS = r"^9[A-Z]$"
_PACIFIC = r"wallis|futuna|polynesie|caledonie"


@dataclass
class Read:
    """What files gave.

    Attributes:
        frame: rows in the common frame (:data:`ingest.sources.finess.columns.READ`).
        lues: lines that describe an establishment, and lines that describe nothing.
        rejects: rejected lines.
        warnings: French remarks.
        figures: counts for the report.
    """

    frame: pl.DataFrame
    lues: int
    rejects: pl.DataFrame
    warnings: list[str] = field(default_factory=list)
    figures: dict[str, float | int | str] = field(default_factory=dict)


def is_legacy(head: bytes) -> bool:
    """Whether a file starts as the historical layout does."""
    return head.removeprefix(b"\xef\xbb\xbf").lower().startswith((MARK, b"structureet;", b"geolocalisation;"))


def date_of(head: bytes) -> date | None:
    """The date that the first line announces (``finess;<edition>;<version>;<date>``)."""
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("latin-1").strip()
    found = re.match(r"^finess;[^;]*;[^;]*;\s*(\d{4})-?(\d{2})-?(\d{2})", line, re.IGNORECASE)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def read(files: Sequence[SourceFile]) -> Read:
    """Read one or several files of one delivery: establishments, and where they are.

    Raises:
        ContractError: no file has a ``structureet`` line.
    """
    structures: list[pl.DataFrame] = []
    positions: list[pl.DataFrame] = []
    rejects: list[pl.DataFrame] = [pl.DataFrame(schema=REJECTS_SCHEMA)]
    warnings: list[str] = []
    lines = 0
    for file in files:
        parts, refused, latin = _file(file)
        structures.append(parts["structureet"])
        positions.append(parts["geolocalisation"])
        rejects.append(refused)
        lines += parts["structureet"].height + refused.height
        if latin:
            warnings.append(f"{file.name} : {WINDOWS}.")
    found = pl.concat(structures)
    if found.is_empty():
        names = ", ".join(file.name for file in files)
        raise ContractError(
            f"{names} : aucune ligne « structureet ».",
            conseil="Donnez le fichier FINESS des établissements (avec ou sans géolocalisation).",
        )
    where = pl.concat(positions)
    first = where.unique("nofinesset", keep="first", maintain_order=True)
    lost = first.join(found, on="nofinesset", how="anti").height
    if lost:
        warnings.append(agreed(lost, f"{lost} position(s) sans établissement dans les fichiers donnés."))
    if where.height > first.height:
        twice = where.height - first.height
        warnings.append(agreed(twice, f"{twice} position(s) en double : la première est gardée."))
    joined = found.join(
        first.select("nofinesset", "coordxet", "coordyet"), on="nofinesset", how="left", maintain_order="left"
    )
    return Read(
        _common(joined),
        lines,
        pl.concat(rejects),
        warnings,
        {"positions lues": where.height},
    )


def _file(file: SourceFile) -> tuple[dict[str, pl.DataFrame], pl.DataFrame, bool]:
    """The two kinds of records of one file, its rejected lines, and whether it is Windows-1252."""
    text = decode(unpack.content(file.path, file.name), file.name)
    kept: dict[str, list[tuple[int, str]]] = {name: [] for name in _FIELDS}
    refused: list[tuple[str, int, str, str]] = []
    for number, line in enumerate(text.lines, start=1):
        if not line.strip(" ;") or (number == 1 and line.lower().startswith(MARK.decode())):
            continue
        if number in text.unreadable:
            refused.append((file.name, number, UNREADABLE, line))
            continue
        record, fields = line.split(";", 1)[0].strip().lower(), line.count(";")
        if record not in _FIELDS:
            refused.append(
                (file.name, number, "enregistrement inconnu (ni structureet ni geolocalisation)", line)
            )
        elif fields not in _FIELDS[record]:
            expected = _FIELDS[record][0] + 1
            refused.append(
                (file.name, number, agreed(fields + 1, f"{fields + 1} champ(s) au lieu de {expected}"), line)
            )
        else:
            short = record == "structureet" and fields == _FIELDS[record][1]
            kept[record].append((number, f"{line};" if short else line))
    cut = [(name, line, reason, content[:_REJECT_CHARACTERS]) for name, line, reason, content in refused]
    parts = {
        "structureet": _frame(file.name, kept["structureet"], STRUCTURE),
        "geolocalisation": _frame(file.name, kept["geolocalisation"], GEOLOCALISATION),
    }
    return parts, pl.DataFrame(cut, schema=REJECTS_SCHEMA, orient="row"), text.encoding == "windows-1252"


def _frame(name: str, lines: list[tuple[int, str]], columns: tuple[str, ...]) -> pl.DataFrame:
    schema = {"fichier": pl.String, "ligne": pl.Int64} | dict.fromkeys(columns, pl.String)
    if not lines:
        return pl.DataFrame(schema=schema)
    frame = pl.read_csv(
        io.BytesIO("\n".join(text for _, text in lines).encode()),
        has_header=False,
        separator=";",
        quote_char=None,
        infer_schema=False,
        new_columns=["_record", *columns],
    ).drop("_record")
    numbers = pl.Series("ligne", [number for number, _ in lines], dtype=pl.Int64)
    clean = frame.with_columns(tidied(column) for column in columns)
    return clean.select(pl.lit(name).alias("fichier"), numbers, *columns)


def _code(frame: pl.DataFrame) -> pl.Series:
    """INSEE's code of the commune: the département, then the three figures that the file gives.

    Overseas départements are letters (9A Guadeloupe to 9J Wallis-et-Futuna): their codes begin by 97 or, in the
    Pacific, 98, as the postal code, the département's name or the letter tells.
    """
    commune = pl.col("commune").str.zfill(3)
    departement = pl.col("departement").str.to_uppercase().str.zfill(2)
    pacific = (
        pl.col("ligneacheminement").str.contains(r"^\s*98[678]").fill_null(False)
        | folded(pl.col("libdepartement")).str.contains(_PACIFIC).fill_null(False)
        | departement.str.contains(r"^9[G-Z]$")
    )
    code = (
        pl.when(departement.str.contains(_OVERSEAS))
        .then(pl.when(pacific).then(pl.lit("98")).otherwise(pl.lit("97")) + commune)
        .when(departement.str.len_chars() == 3)
        .then(departement.str.head(2) + commune)
        .otherwise(departement + commune)
    )
    return frame.select(commune_code(code)).to_series()


def _common(frame: pl.DataFrame) -> pl.DataFrame:
    postal = pl.col("ligneacheminement").str.extract(r"^\s*([0-9]{4,5})\b")
    return frame.select(
        "fichier",
        "ligne",
        finess="nofinesset",
        finess_juridique="nofinessej",
        raison_sociale="rs",
        raison_sociale_longue="rslongue",
        complement_raison_sociale="complrs",
        complement_distribution="compldistrib",
        numero_voie="numvoie",
        type_voie="typvoie",
        voie="voie",
        complement_voie="compvoie",
        lieu_dit_bp="lieuditbp",
        code_commune_source=_code(frame),
        code_postal=postal,
        ligne_acheminement="ligneacheminement",
        telephone="telephone",
        telecopie="telecopie",
        code_categorie="categetab",
        libelle_categorie="libcategetab",
        code_agregat="categagretab",
        libelle_agregat="libcategagretab",
        siret="siret",
        code_ape="codeape",
        code_mft="codemft",
        libelle_mft="libmft",
        code_sph="codesph",
        libelle_sph="libsph",
        date_ouverture="dateouv",
        date_autorisation="dateautor",
        date_maj="datemaj",
        date_fermeture=pl.lit(None, pl.String),
        etat=pl.lit("A"),
        x1="coordxet",
        y1="coordyet",
        x2=pl.lit(None, pl.String),
        y2=pl.lit(None, pl.String),
        cle_ban=pl.lit(None, pl.String),
    ).select(READ.names())
