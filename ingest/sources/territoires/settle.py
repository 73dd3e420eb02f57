"""Sorting the lines of the files: kept, duplicates, outside the region, rejected; the counts close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from ingest.source import REJECTS_SCHEMA
from ingest.sources.territoires.reading import OBJECTS, Reading

COMMUNE = r"^(2[AB]|[0-9]{2})[0-9]{3}$"
"""Form of a commune's code."""

PLACE = ("fichier", "ligne", "contenu")
_TYPES: dict[str, type[pl.DataType]] = {
    "population": pl.Int64,
    "population_totale": pl.Int64,
    "longitude": pl.Float64,
    "latitude": pl.Float64,
    "rang": pl.Int64,
    "ligne": pl.Int64,
    "source": pl.Int64,
}

Check = tuple[pl.Expr, str]
"""When a row is bad (Boolean), and the French reason."""


@dataclass(frozen=True)
class Settled:
    """The lines of one object, sorted: ``lues = kept lines + doublons + hors_region + rejects``.

    Attributes:
        kept: one row per key, values of several files completing each other (the first file named wins).
        lues: lines read.
        doublons: lines that describe again what another line describes.
        hors_region: lines about another région.
        rejects: refused lines with their reason (columns of ``REJECTS_SCHEMA``).
    """

    kept: pl.DataFrame
    lues: int
    doublons: int
    hors_region: int
    rejects: pl.DataFrame


def rows_of(readings: Sequence[Reading], what: str) -> pl.DataFrame:
    """The rows of one object over all files: its columns, :data:`PLACE`, and ``source`` (file rank)."""
    columns = (*OBJECTS[what], *PLACE, "source")
    schema = {name: _TYPES.get(name, pl.String) for name in columns}
    rows = [{**row, "source": rank} for rank, r in enumerate(readings) for row in r.rows.get(what, [])]
    if not rows:
        return pl.DataFrame(schema=schema)
    # Codes that a JSON file gives as numbers are text all the same.
    return pl.DataFrame(rows, schema=schema, strict=False)


def unreadable(readings: Sequence[Reading], what: str) -> pl.DataFrame:
    """Lines that could not be cut into fields."""
    rows = [row for reading in readings for row in reading.rejects.get(what, [])]
    return pl.DataFrame(rows, schema=REJECTS_SCHEMA)


def rejected(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with a ``motif`` as rejected lines."""
    return rows.select(pl.col(name).cast(dtype) for name, dtype in REJECTS_SCHEMA.items())


def settle(
    rows: pl.DataFrame,
    key: Sequence[str],
    *,
    malformed: Sequence[Check] = (),
    outside: pl.Expr | None = None,
    unfit: Sequence[Check] = (),
    broken: pl.DataFrame | None = None,
) -> Settled:
    """Sort rows: form first, then the region, then what needs the other tables, then duplicates.

    Args:
        rows: as :func:`rows_of` gives them.
        key: columns that identify what a row describes.
        malformed: reasons that hold wherever the row belongs.
        outside: True for rows of another région.
        unfit: reasons that only make sense inside the region.
        broken: lines that could not be cut into fields, already with their reason.
    """
    lues = rows.height
    values = [name for name in rows.columns if name not in (*PLACE, "source", "rang", "date_effet")]
    rows, refused_form = _refuse(rows, malformed)
    inside = rows if outside is None else rows.filter(~outside.fill_null(False))
    hors_region = rows.height - inside.height
    fit, refused_fit = _refuse(inside, unfit)
    digest = pl.struct(values).hash()
    conflict: Check = (
        digest != digest.first().over([*key, "source"]),
        f"{' et '.join(key)} déjà décrit autrement par une ligne précédente du fichier",
    )
    single, refused_again = _refuse(fit, [conflict])
    kept = single.group_by(key, maintain_order=True).agg(
        pl.col(name).drop_nulls().first() for name in single.columns if name not in key
    )
    rejects = [rejected(part) for part in (refused_form, refused_fit, refused_again)]
    if broken is not None:
        rejects.append(broken)
        lues += broken.height
    return Settled(kept, lues, single.height - kept.height, hors_region, pl.concat(rejects))


def _refuse(rows: pl.DataFrame, checks: Sequence[Check]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that pass every check, and the others with their first reason in ``motif``."""
    if not checks:
        return rows, rows.clear().with_columns(motif=pl.lit("", pl.String))
    motif = pl.coalesce(
        [pl.when(bad.fill_null(True)).then(pl.lit(reason)) for bad, reason in checks]
        + [pl.lit(None, pl.String)]
    )
    marked = rows.with_columns(motif=motif)
    return marked.filter(pl.col("motif").is_null()).drop("motif"), marked.filter(
        pl.col("motif").is_not_null()
    )


def form(column: str, regex: str, what: str) -> Check:
    """A code that is absent or not of its form."""
    return ~pl.col(column).str.contains(regex), f"{what} absent ou mal formé"


def departement_code(column: str) -> pl.Expr:
    """The département in a commune's code (three characters overseas)."""
    code = pl.col(column)
    return (
        pl.when(code.str.slice(0, 2).is_in(["97", "98"]))
        .then(code.str.slice(0, 3))
        .otherwise(code.str.slice(0, 2))
    )


def missing(column: str, what: str) -> Check:
    """A value that must be there."""
    return pl.col(column).is_null(), f"{what} absent"
