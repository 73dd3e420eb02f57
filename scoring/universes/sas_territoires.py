"""Own territories of the universes of unscheduled care: « CPTS A », sets of communes that pilots of a SAS name.

A commune is in one named territory of its SAS at most, so that territories and what is in none of them add up to the
SAS. Counts of few are guarded twice: a territory tells none under five, nor does its difference with an EPCI.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lake.catalog.sas import HORS, TERRITOIRES
from lake.errors import MissingTable
from scoring.sas.mesures.seuil import K
from scoring.universes.model import Axis, Order, Scan
from scoring.universes.selection import Selection

TERRITOIRE = Axis(
    "territoire", "Territoire nommé", pl.col("territoire"), words={HORS: "Hors territoires nommés"},
    order=Order.NONE, plural="Territoires nommés",
)  # fmt: skip


def named(selection: Selection, asked: Sequence[Axis]) -> bool:
    """Whether a question says something of named territories."""
    return TERRITOIRE in asked or bool(selection.values(TERRITOIRE.name))


def with_territories(rows: pl.LazyFrame, scan: Scan) -> pl.LazyFrame:
    """``territoire``: the name of the territory of the row's commune, :data:`HORS` where it is in none.

    What is published of few bears no commune, so that it is in no named territory either.
    """
    return rows.join(
        _known(scan), on=["sas", "code_commune"], how="left", maintain_order="left"
    ).with_columns(pl.col("territoire").fill_null(HORS))


def names(scan: Scan) -> pl.LazyFrame:
    """``code, texte``: the names that the reader may choose, and « hors »."""
    none = pl.LazyFrame({"code": [HORS], "texte": [TERRITOIRE.words[HORS]]})
    mine = _known(scan).select(code="territoire", texte="territoire").unique()
    return pl.concat([none, mine])


def few_outside(rows: pl.LazyFrame, by: Sequence[pl.Expr], counted: str) -> pl.LazyFrame:
    """Territories of fewer than five lose their name; so do parts of an EPCI that its total would give away."""
    return _marked(rows, by, counted).with_columns(_elsewhere).drop(_GONE)


def few_apart(
    rows: pl.LazyFrame, by: Sequence[pl.Expr], *, counted: str, others: Sequence[str]
) -> pl.LazyFrame:
    """One count alone of fewer than five is told outside named territories, the others staying where they are.

    Args:
        rows: with ``sas``, ``siren_epci``, ``territoire`` and the counts.
        by: what the figures are split by besides territories.
        counted: the count that is guarded: null where it may not be told, told once more outside.
        others: the other counts and identifiers of the rows, null in these added rows.
    """
    marked = _marked(rows, by, counted)
    names = rows.collect_schema()
    empty = [pl.lit(None, names[one]).alias(one) for one in others]
    kept = marked.with_columns(pl.when(~pl.col(_GONE)).then(counted).alias(counted)).drop(_GONE)
    added = marked.filter(pl.col(_GONE), pl.col(counted) > 0).with_columns(_elsewhere, *empty).drop(_GONE)
    return pl.concat([kept, added.select(kept.collect_schema().names())])


_GONE = "__gone"
_elsewhere = pl.when(pl.col(_GONE)).then(pl.lit(HORS)).otherwise("territoire").alias("territoire")


def _marked(rows: pl.LazyFrame, by: Sequence[pl.Expr], counted: str) -> pl.LazyFrame:
    """The rows, ``__gone`` true where their territory may not be told.

    The parts that territories make of each EPCI are few: they are counted at once, so that the question stays short.
    """
    keys = [f"__by{rank}" for rank, _ in enumerate(by)]
    rows = rows.with_columns(one.alias(name) for one, name in zip(by, keys, strict=True))
    whole = [*keys, "sas"]
    cells = (
        rows.group_by([*whole, "siren_epci", "territoire"])
        .agg(__n=pl.col(counted).sum())
        .filter(pl.col("__n") > 0)
        .collect()
    )
    within = _few(cells, [*whole, "siren_epci"])
    moved = within.with_columns(__told=_elsewhere)
    summed = moved.group_by([*whole, "__told"]).agg(pl.col("__n").sum()).rename({"__told": "territoire"})
    small = _few(summed, whole).filter(_GONE).select(*whole, __told="territoire", __small=pl.lit(True))
    gone = moved.join(small, on=[*whole, "__told"], how="left", nulls_equal=True).filter(
        pl.col(_GONE) | pl.col("__small").fill_null(False), pl.col("territoire") != HORS
    )
    marks = gone.select(*whole, "siren_epci", "territoire", pl.lit(True).alias(_GONE)).lazy()
    return (
        rows.join(
            marks,
            on=[*whole, "siren_epci", "territoire"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        .with_columns(pl.col(_GONE).fill_null(False))
        .drop(keys)
    )


def _few(cells: pl.DataFrame, within: Sequence[str]) -> pl.DataFrame:
    """``__gone``: a part under five, and the next one where what is under five together would be told by difference."""
    ordered = cells.sort("__n", "territoire")
    before = pl.col("__n").cum_sum().over(within) - pl.col("__n")
    return ordered.with_columns(((pl.col("__n") < K) | ((before > 0) & (before < K))).alias(_GONE))


def _known(scan: Scan) -> pl.LazyFrame:
    try:
        return scan(TERRITOIRES).select("sas", "code_commune", "territoire")
    except MissingTable:  # nothing was named yet
        return TERRITOIRES.empty().lazy().select("sas", "code_commune", "territoire")
