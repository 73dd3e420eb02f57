"""Convergence: what hangs on a milestone, and what its delay does to the plans."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from lake.catalog.convergence import rang_expr
from lake.errors import UnknownName
from scoring.convergence.answers import with_defaults

_JALONS: Mapping[str, pl.Expr] = {
    "trimestre": pl.lit(None, pl.String),
    "dependance": pl.lit("directe"),
    "service": pl.lit(""),
    "critere": pl.lit(""),
}


def steps_of(plans: pl.LazyFrame, jalons: pl.LazyFrame, referentiel: pl.LazyFrame) -> pl.LazyFrame:
    """The planned steps that hang on each milestone.

    A step hangs on a milestone when the milestone names its axis (or its service or criterion on that axis) and
    the step is planned for the milestone's quarter or later: what is planned before cannot have waited for it.

    Args:
        plans: ``service, critere, niveau, trimestre[, non_planifiable]``.
        jalons: ``jalon, axe[, trimestre, dependance, service, critere]``; an empty service or criterion means
            all of the axis.
        referentiel: ``critere, axe`` at least.

    Returns:
        ``jalon, dependance, axe, service, critere, niveau, trimestre``, one row per milestone and step, sorted.
    """
    steps = (
        plans.filter(pl.col("trimestre").is_not_null())
        .select("service", "critere", "niveau", "trimestre", rang=rang_expr())
        .join(referentiel.select("critere", "axe").unique(), on="critere")
    )
    named = with_defaults(jalons, _JALONS).select(
        "jalon",
        "dependance",
        "axe",
        pour_service="service",
        pour_critere="critere",
        depuis=rang_expr(),
    )
    return (
        steps.join(named, on="axe")
        .filter(
            (pl.col("pour_service") == "") | (pl.col("pour_service") == pl.col("service")),
            (pl.col("pour_critere") == "") | (pl.col("pour_critere") == pl.col("critere")),
            pl.col("depuis").is_null() | (pl.col("rang") >= pl.col("depuis")),
        )
        .select("jalon", "dependance", "axe", "service", "critere", "niveau", "trimestre")
        .unique()
        .sort("jalon", "axe", "service", "critere", "niveau", "dependance")
    )


def delayed(
    plans: pl.LazyFrame,
    jalons: pl.LazyFrame,
    referentiel: pl.LazyFrame,
    retards: Mapping[str, int],
    *,
    indirectes: bool = True,
) -> pl.LazyFrame:
    """The plans when milestones come later than planned.

    Each step that hangs on a delayed milestone (see :func:`steps_of`) moves by as many quarters; when several
    of its milestones are late, by the longest delay. The others stay.

    Args:
        plans: the plans.
        jalons: the milestones; the names in ``retards`` are read at once to check them.
        referentiel: ``critere, axe``.
        retards: quarters of delay by milestone (0 or more; a negative delay is an advance of nothing).
        indirectes: whether what hangs on a milestone indirectly moves too.

    Returns:
        The plans with ``trimestre`` moved, in the same columns and order.

    Raises:
        UnknownName: a milestone that does not exist.
    """
    known = jalons.select("jalon").unique().collect()["jalon"].to_list()
    for name in retards:
        if name not in known:
            raise UnknownName("jalon", name, known)
    late = pl.LazyFrame(
        {"jalon": list(retards), "retard": [max(0, delay) for delay in retards.values()]},
        schema={"jalon": pl.String, "retard": pl.Int32},
    )
    hanging = steps_of(plans, jalons, referentiel).join(late, on="jalon")
    if not indirectes:
        hanging = hanging.filter(pl.col("dependance") == "directe")
    key = ["service", "critere", "niveau", "trimestre"]
    moves = hanging.group_by(key).agg(pl.col("retard").max())
    rank = rang_expr() + pl.col("retard")
    later = pl.format("{}-T{}", rank // 4, rank % 4 + 1)
    columns = plans.collect_schema().names()
    return (
        plans.join(moves, on=key, how="left", maintain_order="left")
        .with_columns(
            trimestre=pl.when(pl.col("retard").is_null()).then(pl.col("trimestre")).otherwise(later)
        )
        .select(columns)
    )
