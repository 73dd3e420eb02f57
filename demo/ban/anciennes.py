"""Former communes in the demo's addresses: which ones a file may name, and the streets that bear them."""

from __future__ import annotations

import polars as pl


def usable_mergers(fusions: pl.DataFrame) -> pl.DataFrame:
    """Former communes that a demo file may name: those with a name, that merged within their own département.

    The directory keeps a line by the département of its commune code, former codes included: the few mergers that
    crossed a border would put invented persons outside the region.
    """
    former, now = pl.col("ancien_code_commune"), pl.col("code_commune")
    named = pl.col("ancienne_commune").fill_null("") != ""
    return fusions.filter(named & (former != now) & (former.str.head(2) == now.str.head(2)))


def with_former_names(streets: pl.DataFrame, fusions: pl.DataFrame | None) -> pl.DataFrame:
    """Give three streets in ten of a merged commune the code and name of one of its former communes."""
    fusions = None if fusions is None else usable_mergers(fusions)
    if fusions is None or fusions.is_empty():
        return streets.with_columns(ancien_code=pl.lit(""), ancien_nom=pl.lit(""))
    former = fusions.sort("ancien_code_commune").group_by("code_commune", maintain_order=True)
    table = former.agg(_codes="ancien_code_commune", _noms=pl.col("ancienne_commune").fill_null(""))
    which = (pl.col("_tirage") // 10) % pl.col("_codes").list.len()
    held = pl.col("_codes").is_not_null() & (pl.col("_tirage") % 10 < 3)
    return (
        streets.join(table, on="code_commune", how="left", maintain_order="left")
        .with_columns(
            ancien_code=pl.when(held).then(pl.col("_codes").list.get(which)).otherwise(pl.lit("")),
            ancien_nom=pl.when(held).then(pl.col("_noms").list.get(which)).otherwise(pl.lit("")),
        )
        .drop("_codes", "_noms")
    )
