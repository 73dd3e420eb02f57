"""Searches become demands, demands have an outcome, and those that end with nothing name the lever that was missing."""

from __future__ import annotations

import polars as pl

from scoring.sas.mesures.seuil import regrouper

MEME_DEMANDE_MIN = 15
CRITERES = ("sas", "code_commune", "preset", "modalites")
LEVIERS = ("rayon", "horizon", "modalite", "heure")
"""In the order in which they are tried: what a régulateur can turn first."""


def demandes(recherches: pl.DataFrame) -> pl.DataFrame:
    """Tell the searches of one need from one another.

    Searches of one account, for one commune and the same criteria, each within 15 minutes of the one before, are one
    demand: reloading, paging, showing the map, enlarging. A demand that the platform numbered keeps its number.

    Args:
        recherches: ``recherche``, ``moment``, ``compte``, :data:`CRITERES`, ``demande`` (String or null), ``elargie``
            (Boolean), ``resultats`` (seats found), ``muettes`` (sources that did not answer).

    Returns:
        DataFrame: one row a demand: its first search's columns, ``recherches``, ``issue``.
    """
    same = ["compte", *CRITERES]
    gap = (pl.col("moment") - pl.col("moment").shift(1).over(same)) > pl.duration(minutes=MEME_DEMANDE_MIN)
    ordered = recherches.sort("moment", "recherche")
    numbered = ordered.with_columns(_n=gap.fill_null(True).cum_sum().over(same)).with_columns(
        _demande=pl.coalesce(
            pl.col("demande"),
            pl.concat_str(
                [*(pl.col(one).cast(pl.String) for one in same), "_n"], separator="\t", ignore_nulls=True
            ),
        )
    )
    found = pl.col("resultats") > 0
    straight = (found & ~pl.col("elargie")).any()
    issue = (
        pl.when(straight).then(pl.lit("pourvue"))
        .when(found.any()).then(pl.lit("elargie"))
        .when((pl.col("muettes") > 0).any()).then(pl.lit("incertaine"))
        .otherwise(pl.lit("non_pourvue"))
    )  # fmt: skip
    kept = [name for name in ordered.columns if name not in ("demande", "elargie", "resultats", "muettes")]
    return (
        numbered.group_by("_demande", maintain_order=True)
        .agg(*(pl.col(name).first() for name in kept), recherches=pl.len().cast(pl.Int64), issue=issue)
        .drop("_demande")
    )


def levier(places: pl.DataFrame) -> str:
    """What would have met a demand that ended with nothing: the nearest seat, and the one thing that refused it.

    Args:
        places: one row a seat that exists: ``distance_km``, and for each of :data:`LEVIERS` whether the seat was
            refused by it (Boolean).

    Returns:
        The lever that refused the nearest seat that only one lever refuses; ``aucun`` when there is none.
    """
    alone = pl.sum_horizontal(pl.col(one).cast(pl.Int64) for one in LEVIERS) == 1
    near = places.filter(alone).sort("distance_km").head(1)
    if near.is_empty():
        return "aucun"
    return next(one for one in LEVIERS if near.item(0, one))


def publiees(par_jour: pl.DataFrame, *, compte: str) -> pl.DataFrame:
    """What may rest in the lake: communes of fewer than five a month have lost their name there already.

    Args:
        par_jour: rows of a contract (``jour``, ``sas``, ``siren_epci``, ``code_commune``, other keys, counts).
        compte: the count that is guarded.

    Returns:
        DataFrame: the same columns, rows that became alike added up.
    """
    month = pl.col("jour").dt.truncate("1mo")
    sent = regrouper(par_jour.lazy(), [month], compte=compte).with_columns(
        pl.col("siren_epci", "code_commune").fill_null("")
    )
    numbers = [name for name, dtype in par_jour.schema.items() if dtype.is_numeric() and name != "heure"]
    keys = [name for name in par_jour.columns if name not in numbers]
    return sent.group_by(keys).agg(pl.col(numbers).sum()).select(par_jour.columns).sort(keys).collect()
