"""No count under five for a commune, nor for an EPCI: small ones go up, and what is left gives none away."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

K = 5
_MAILLES = (("siren_epci", ("sas",)), ("code_commune", ("sas", "siren_epci")))


def regrouper(
    rows: pl.LazyFrame,
    by: Sequence[pl.Expr] = (),
    *,
    compte: str = "demandes",
    k: int = K,
    mailles: Sequence[str] = ("siren_epci", "code_commune"),
) -> pl.LazyFrame:
    """Send small territories up: commune → EPCI → SAS. Rows are renamed, never dropped: totals close.

    In each EPCI the communes under ``k`` lose their name. When what they make together is under ``k``, the next
    smallest loses it too: the EPCI's total less the communes shown would give them away. EPCI in a SAS likewise.

    Args:
        rows: ``sas``, ``siren_epci``, ``code_commune`` (null where regrouped already) and the count.
        by: what the figures are split by besides territories (a day, an outcome): each split is guarded.
        compte: the column that is counted.
        k: the least count that is told of a territory.
        mailles: the territories that are guarded.

    Returns:
        LazyFrame: the same rows, ``siren_epci`` and ``code_commune`` null where they may not be told.
    """
    keys = [f"__by{rank}" for rank, _ in enumerate(by)]
    rows = rows.with_columns(one.alias(name) for one, name in zip(by, keys, strict=True))
    for level, above in _MAILLES:
        if level not in mailles:
            continue
        whole = [*keys, *above]
        cells = (
            rows.filter(pl.col(level).is_not_null())
            .group_by([*whole, level])
            .agg(__n=pl.col(compte).sum())
            .sort("__n", level)
        )
        running = pl.col("__n").cum_sum()
        before = (running.over(whole) if whole else running) - pl.col("__n")
        small = cells.with_columns(__before=before).filter(
            (pl.col("__n") < k) | ((pl.col("__before") > 0) & (pl.col("__before") < k))
        )
        marked = small.select(*whole, level, __hidden=pl.lit(True))
        rows = rows.join(marked, on=[*whole, level], how="left", nulls_equal=True, maintain_order="left")
        hidden = pl.col("__hidden").fill_null(False)
        lost = ("siren_epci", "code_commune") if level == "siren_epci" else ("code_commune",)
        rows = rows.with_columns(pl.when(~hidden).then(name).alias(name) for name in lost).drop("__hidden")
    return rows.drop(keys)


def sans_peu(
    rows: pl.LazyFrame,
    by: Sequence[pl.Expr] = (),
    *,
    compte: str,
    others: Sequence[str],
    mailles: Sequence[str] = ("siren_epci", "code_commune"),
    k: int = K,
) -> pl.LazyFrame:
    """Send up one count alone, the others staying where they are: few bookings, in a commune of many slots.

    Args:
        rows: as :func:`regrouper`.
        by: what the figures are split by besides territories.
        compte: the count that is guarded: null where it may not be told, and told once more by a row without that
            territory, so that totals close.
        others: the other counts and identifiers of the rows, null in these added rows.
        mailles: the territories that are guarded.
        k: the least count that is told of a territory; none at all is told.
    """
    # Where each row was goes along with it: rows have no number that stays the same on every engine.
    lost = [pl.col(name).alias(f"__{name}") for name in ("siren_epci", "code_commune")]
    held = rows.filter(pl.col(compte) > 0).with_columns(lost)
    moved = regrouper(held, by, compte=compte, k=k, mailles=mailles)
    moved = moved.filter(
        ~pl.all_horizontal(
            pl.col(name).eq_missing(pl.col(f"__{name}")) for name in ("siren_epci", "code_commune")
        )
    )
    added = moved.drop("__siren_epci", "__code_commune").with_columns(
        pl.lit(None, rows.collect_schema()[name]).alias(name) for name in others
    )
    keys = [f"__by{rank}" for rank, _ in enumerate(by)]
    named = [one.alias(name) for one, name in zip(by, keys, strict=True)]
    kept = rows.with_columns(named)
    hidden = moved.with_columns(named)
    for level in ("siren_epci", "code_commune"):
        gone = hidden.filter(pl.col(level).is_null(), pl.col(f"__{level}").is_not_null())
        cells = gone.select(*keys, "sas", pl.col(f"__{level}").alias(level)).unique()
        kept = kept.join(
            cells.with_columns(__gone=True), on=[*keys, "sas", level], how="left", nulls_equal=True,
            maintain_order="left",
        )  # fmt: skip
        kept = kept.with_columns(pl.when(pl.col("__gone").is_null()).then(compte).alias(compte)).drop(
            "__gone"
        )
    return pl.concat([kept.drop(keys), added.select(rows.collect_schema().names())])
