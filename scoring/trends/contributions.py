"""Why a rate moved: the change split by group, exactly.

A rate is R = Σ aᵢ / Σ bᵢ over groups (departments, professions…). With the weights wᵢ = bᵢ / Σb and the rates
rᵢ = aᵢ / bᵢ of each group, R = Σ wᵢ rᵢ, and between two months

    ΔR = Σ w̄ᵢ·Δrᵢ  +  Σ (r̄ᵢ - R̄)·Δwᵢ

where a bar is the mean of the two months: the first sum is what moved *inside* the groups, the second what came
from their changing weight (*mix*). This symmetric form leaves no residual; subtracting R̄, which changes no
total since Σ Δwᵢ = 0, says that a group lifts the rate when it grows and stands above the average. It is the
shift-share form of Kitagawa, "Components of a difference between two rates", Journal of the American
Statistical Association 50 (1955), with the interaction halved between the two terms, taken group by group.

A group that exists in one month only has no rate in the other: its rate is taken as unchanged, and its coming or
going is all mix.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lake.errors import LakeError


def contributions(
    before: pl.DataFrame | pl.LazyFrame,
    after: pl.DataFrame | pl.LazyFrame,
    by: Sequence[str],
    numerateur: str,
    denominateur: str,
) -> pl.LazyFrame:
    """Split the change of a rate between two months into contributions of groups.

    Args:
        before: one row a group: ``by`` columns, numerator and denominator (numbers; null counts as absent).
        after: the same for the second month. A group may be in one of them only.
        by: columns that name a group.
        numerateur: column of the numerator.
        denominateur: column of the denominator.

    Returns:
        LazyFrame, one row a group: ``by`` columns; ``taux_avant``, ``taux_apres`` (Float64, null where the
        group has no denominator), ``poids_avant``, ``poids_apres`` (share of the denominators, 0–1),
        ``effet_taux``, ``effet_structure``, ``contribution`` (their sum), in points of rate (0–1). The
        contributions add up to the change of the whole rate. Sorted by absolute contribution, largest first.

    Raises:
        LakeError: a month has no denominator at all: there is no rate to explain; or a numerator stands
            without a denominator.
    """
    keys = list(by)
    joined = _side(before, keys, numerateur, denominateur, "avant").join(
        _side(after, keys, numerateur, denominateur, "apres"),
        on=keys,
        how="full",
        coalesce=True,
        nulls_equal=True,
    )
    counts = ["a_avant", "b_avant", "a_apres", "b_apres"]
    filled = joined.with_columns(pl.col(counts).fill_null(0.0))
    _check(filled)
    shares = filled.with_columns(
        taux_avant=_ratio("a_avant", "b_avant"),
        taux_apres=_ratio("a_apres", "b_apres"),
        poids_avant=pl.col("b_avant") / pl.col("b_avant").sum(),
        poids_apres=pl.col("b_apres") / pl.col("b_apres").sum(),
        mean_rate=(
            pl.col("a_avant").sum() / pl.col("b_avant").sum()
            + pl.col("a_apres").sum() / pl.col("b_apres").sum()
        )
        / 2,
    ).with_columns(
        from_rate=pl.coalesce("taux_avant", "taux_apres"),
        to_rate=pl.coalesce("taux_apres", "taux_avant"),
    )
    weight = (pl.col("poids_avant") + pl.col("poids_apres")) / 2
    middle = (pl.col("from_rate") + pl.col("to_rate")) / 2 - pl.col("mean_rate")
    return (
        shares.filter(pl.col("from_rate").is_not_null())
        .with_columns(
            effet_taux=weight * (pl.col("to_rate") - pl.col("from_rate")),
            effet_structure=middle * (pl.col("poids_apres") - pl.col("poids_avant")),
        )
        .with_columns(contribution=pl.col("effet_taux") + pl.col("effet_structure"))
        .select(
            *keys,
            "taux_avant",
            "taux_apres",
            "poids_avant",
            "poids_apres",
            "effet_taux",
            "effet_structure",
            "contribution",
        )
        .sort(pl.col("contribution").abs(), *keys, descending=[True, *(False for _ in keys)])
    )


def _side(
    frame: pl.DataFrame | pl.LazyFrame, keys: list[str], above: str, below: str, when: str
) -> pl.LazyFrame:
    number = pl.Float64
    return frame.lazy().select(
        *keys,
        pl.col(above).cast(number).alias(f"a_{when}"),
        pl.col(below).cast(number).alias(f"b_{when}"),
    )


def _ratio(above: str, below: str) -> pl.Expr:
    return pl.when(pl.col(below) > 0).then(pl.col(above) / pl.col(below))


def _check(filled: pl.LazyFrame) -> None:
    stray = (
        ((pl.col("b_avant") == 0) & (pl.col("a_avant") != 0))
        | ((pl.col("b_apres") == 0) & (pl.col("a_apres") != 0))
    ).any()
    found = filled.select(pl.col("b_avant").sum(), pl.col("b_apres").sum(), stray=stray).collect().row(0)
    if not found[0] or not found[1]:
        raise LakeError(
            "Le taux n'existe pas pour l'un des deux mois : il n'y a pas de variation à expliquer.",
            conseil="Choisissez deux mois livrés.",
        )
    if found[2]:
        raise LakeError(
            "Un groupe a un numérateur sans dénominateur : la variation ne se décompose pas.",
            conseil="Vérifiez la couverture des deux mois (page Notice).",
        )
