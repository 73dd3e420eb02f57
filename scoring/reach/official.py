"""The DREES's official indicator beside ours: two measures, two units, compared by what both can say.

The official indicator (APL) counts consultations a year for an inhabitant, or full-time equivalents for 100,000; the
potential accessibility counts heads for 10,000. They are never subtracted. What is compared is the *position* of a
territory: the share of the inhabitants who live in less well served ones, from 0 to 1, under each measure.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from lake.catalog.apl import COMMUNES_APL, PROFESSIONS
from lake.errors import LakeError, MissingTable
from scoring.reach.floating import VALUE
from scoring.sums import exact_sum
from scoring.universes.annuaire import SPECIALITE_MEDECINE_GENERALE
from scoring.universes.model import Scan
from scoring.universes.selection import Selection

TABLES = (COMMUNES_APL,)
"""What these answers are read from, besides the accessibility."""
APL = "apl"
"""Column of the official value, in its own unit."""
OURS, THEIRS, GAP = "position_potentielle", "position_apl", "ecart_position"
"""Positions (0–1) under each measure, and the difference, ours less theirs."""


def profession(selection: Selection) -> str:
    """The profession under which both measures count the same people; empty when there is none.

    The DREES follows five professions one by one; of physicians, general practitioners only.
    """
    chosen = selection.values("profession")
    specialites = selection.values("specialite")
    if len(chosen) != 1 or chosen[0] not in PROFESSIONS:
        return ""
    if chosen[0] == "10":
        return "10" if specialites == (SPECIALITE_MEDECINE_GENERALE,) else ""
    return "" if specialites else chosen[0]


def years(scan: Scan, code: str) -> list[str]:
    """The years ingested for a profession, newest first; empty when the official file never was."""
    try:
        rows = scan(COMMUNES_APL).filter(pl.col("code_profession") == code)
        found = rows.select(pl.col("annee").unique()).collect()
    except MissingTable:
        return []
    return sorted(found["annee"].to_list(), reverse=True)


@dataclass(frozen=True, eq=False)
class Officiel:
    """The official indicator of one profession and year.

    Attributes:
        annee: its year.
        code_profession: the profession.
        unite: its unit (:data:`lake.catalog.apl.UNITES`).
        titre: title of the sheet it comes from, as published.
        communes: ``code_commune``, ``apl`` (Float64, null where not published), ``poids`` (Float64: the standardised
            population published with it, which weighs its means).
    """

    annee: str
    code_profession: str
    unite: str
    titre: str
    communes: pl.DataFrame


def official(scan: Scan, code: str, year: str = "") -> Officiel:
    """Read the official indicator.

    Communes that have merged since are the mean of what they were, weighted by the standardised population, as the
    DREES aggregates its indicator.

    Args:
        scan: reads of the lake.
        code: the profession.
        year: the year; the newest when empty.

    Raises:
        LakeError: it was never ingested for this profession, or not for this year.
    """
    known = years(scan, code)
    if not known:
        raise LakeError(
            f"Le fichier de la DREES pour les {PROFESSIONS.get(code, code)} n'est pas ingéré.",
            conseil="Téléchargez-le, puis : obs ingest apl FICHIER.xlsx.",
        )
    if year and year not in known:
        raise LakeError(
            f"Le millésime {year} de l'APL n'est pas ingéré pour les {PROFESSIONS[code]}.",
            conseil=f"Millésimes ingérés : {', '.join(known)}.",
        )
    chosen = year or known[0]
    rows = (
        scan(COMMUNES_APL).filter((pl.col("code_profession") == code) & (pl.col("annee") == chosen)).collect()
    )
    weight = pl.coalesce("population_standardisee", "population", pl.lit(0.0))
    communes = (
        rows.with_columns(poids=weight)
        .group_by("code_commune")
        .agg(_mean("poids").alias(APL), exact_sum(pl.col("poids")))
        .sort("code_commune")
    )
    first = rows.row(0, named=True)
    return Officiel(chosen, code, first["unite"], first["titre"] or "", communes)


def _mean(weight: str) -> pl.Expr:
    """The mean of the official value over its known ones; the plain mean where nobody weighs."""
    known = pl.col(APL).is_not_null()
    total = exact_sum(pl.col(weight).filter(known))
    return (
        pl.when(total > 0)
        .then(exact_sum((pl.col(APL) * pl.col(weight)).filter(known)) / total)
        .otherwise(pl.col(APL).mean())
    )


def _position(value: str) -> pl.Expr:
    """The share of the inhabitants who live in less well served territories, half of those at equal value included.

    Over ``population``, a column without null and ``_cumul``, the inhabitants up to each row in its order. Weighted
    by the inhabitants, the mean position is always one half.
    """
    people = pl.col("population").cast(pl.Float64)
    equal = people.sum().over(value)
    return (pl.col("_cumul").max().over(value) - equal / 2) / people.sum()


def compared(rows: pl.DataFrame, found: Officiel, code: str) -> pl.DataFrame:
    """Both measures side by side, by territory.

    Args:
        rows: the communes of the whole scope: ``code_commune``, ``population``, ``demande``, :data:`VALUE`, and
            ``code``.
        found: result of :func:`official`.
        code: column of the territories' codes (``code_commune`` for the communes themselves).

    Returns:
        DataFrame sorted by code: ``code``, ``population`` (Int64), :data:`VALUE` (Float64: mean weighted by demand),
        ``apl`` (Float64: mean weighted by the DREES's standardised population), ``position_potentielle``,
        ``position_apl`` (Float64, 0–1) and ``ecart_position`` (Float64, −1 to 1); the last three are null where one
        of the measures is, or nobody lives.
    """
    demande = exact_sum(pl.col("demande"))
    sides = (
        rows.join(found.communes, on="code_commune", how="left")
        .with_columns(pl.col("poids").fill_null(0.0))
        .drop_nulls(code)
        .group_by(code)
        .agg(
            pl.col("population").sum(),
            pl.when(demande > 0).then(exact_sum(pl.col("demande") * pl.col(VALUE)) / demande).alias(VALUE),
            _mean("poids").alias(APL),
        )
    )
    both = sides.filter(
        (pl.col("population") > 0) & pl.col(VALUE).is_not_null() & pl.col(APL).is_not_null()
    ).select(code, "population", VALUE, APL)
    for value, name in ((VALUE, OURS), (APL, THEIRS)):
        both = (
            both.sort(value)
            .with_columns(_cumul=pl.col("population").cum_sum().cast(pl.Float64))
            .with_columns(_position(value).alias(name))
            .drop("_cumul")
        )
    placed = both.select(code, OURS, THEIRS, (pl.col(OURS) - pl.col(THEIRS)).alias(GAP))
    return sides.join(placed, on=code, how="left").sort(code)


@dataclass(frozen=True)
class Accord:
    """How far two measures agree.

    Attributes:
        territoires: territories that have both.
        sans: territories that lack one of them.
        correlation_rangs: Spearman's rank correlation over the territories, each counting for one; None under three.
    """

    territoires: int
    sans: int
    correlation_rangs: float | None


def agreement(rows: pl.DataFrame) -> Accord:
    """How far the measures agree on these territories (result of :func:`compared`, or part of it)."""
    both = rows.drop_nulls(GAP)
    found = None
    if both.height >= 3:
        value = both.select(pl.corr(VALUE, APL, method="spearman")).item()
        found = None if value is None or value != value else float(value)
    return Accord(both.height, rows.height - both.height, found)


PARTS = 5
"""Parts of equal population that positions are told by, from the least to the best served."""


def crossed(rows: pl.DataFrame) -> pl.DataFrame:
    """How many live in each fifth of one measure and each fifth of the other.

    Args:
        rows: result of :func:`compared`, or part of it.

    Returns:
        DataFrame, the 25 pairs in order: ``part_potentielle``, ``part_apl`` (Int64, 1 the least served to 5),
        ``territoires`` and ``population`` (Int64).
    """

    def part(position: str) -> pl.Expr:
        return (pl.col(position) * PARTS).floor().cast(pl.Int64).clip(0, PARTS - 1) + 1

    counted = (
        rows.drop_nulls(GAP)
        .group_by(part_potentielle=part(OURS), part_apl=part(THEIRS))
        .agg(territoires=pl.len().cast(pl.Int64), population=pl.col("population").sum())
    )
    parts = pl.Series(range(1, PARTS + 1), dtype=pl.Int64)
    return (
        pl.DataFrame({"part_potentielle": parts})
        .join(pl.DataFrame({"part_apl": parts}), how="cross")
        .join(counted, on=["part_potentielle", "part_apl"], how="left", maintain_order="left")
        .with_columns(pl.col("territoires", "population").fill_null(0))
    )
