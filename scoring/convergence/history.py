"""Convergence: what changed in the answers from one campaign to another, criterion by criterion.

Every criterion of either campaign is in one class, and the classes add up to their union. *Not applicable* and *no
answer* are two states, and so are a level of one's own and the same level carried by another.
"""

from __future__ import annotations

import polars as pl

from scoring.convergence.detail import NON_APPLICABLE

MONTE = "monté"
BAISSE = "baissé"
NOUVEAU = "nouvelle réponse"
RETIRE = "réponse retirée"
DEVENU_NA = "devenu non applicable"
REDEVENU = "redevenu applicable"
PERDU = "niveau perdu"
RETROUVE = "niveau retrouvé"
PORTEUR = "porteur changé"
ATTENDU = "attendu changé"
AJOUTE = "critère ajouté"
SUPPRIME = "critère retiré du référentiel"
INCHANGE = "inchangé"
CLASSES = (
    MONTE, BAISSE, NOUVEAU, RETIRE, DEVENU_NA, REDEVENU, PERDU, RETROUVE, PORTEUR, ATTENDU, AJOUTE, SUPPRIME, INCHANGE,
)  # fmt: skip
_KEY = ["service", "critere"]
_SAID = ("niveau", "niveau_attendu", "porteur", "motif_exclusion")


def compared(
    before: pl.LazyFrame, now: pl.LazyFrame, asked_before: pl.Series, asked_now: pl.Series
) -> pl.LazyFrame:
    """The answers of two campaigns side by side, with what changed.

    Args:
        before: the answers of the earlier campaign (columns of :func:`scoring.convergence.detail.detail`).
        now: those of the later one.
        asked_before: the criteria of the earlier referential.
        asked_now: those of the later one.

    Returns:
        ``service, critere``; ``niveau, niveau_attendu, porteur, motif_exclusion`` now, and each ``…_avant``;
        ``changement`` (one of :data:`CLASSES`) and ``ecart`` (levels; null unless both have one), sorted.
    """
    then = before.select(*_KEY, *(pl.col(name).alias(f"{name}_avant") for name in _SAID), la=pl.lit(True))
    both = now.select(*_KEY, *_SAID, ici=pl.lit(True)).join(then, on=_KEY, how="full", coalesce=True)
    level, old = pl.col("niveau"), pl.col("niveau_avant")
    na = pl.col("motif_exclusion") == NON_APPLICABLE
    was_na = pl.col("motif_exclusion_avant") == NON_APPLICABLE
    gone = pl.col("ici").is_null()
    fresh = pl.col("la").is_null()
    change = (
        pl.when(gone & ~pl.col("critere").is_in(asked_now.unique().implode()))
        .then(pl.lit(SUPPRIME))
        .when(fresh & ~pl.col("critere").is_in(asked_before.unique().implode()))
        .then(pl.lit(AJOUTE))
        .when(gone)
        .then(pl.lit(RETIRE))
        .when(fresh)
        .then(pl.lit(NOUVEAU))
        .when(na.fill_null(False) & ~was_na.fill_null(False))
        .then(pl.lit(DEVENU_NA))
        .when(was_na.fill_null(False) & ~na.fill_null(False))
        .then(pl.lit(REDEVENU))
        .when(level.is_null() & old.is_not_null())
        .then(pl.lit(PERDU))
        .when(level.is_not_null() & old.is_null())
        .then(pl.lit(RETROUVE))
        .when(level > old)
        .then(pl.lit(MONTE))
        .when(level < old)
        .then(pl.lit(BAISSE))
        .when(pl.col("porteur").ne_missing(pl.col("porteur_avant")))
        .then(pl.lit(PORTEUR))
        .when(pl.col("niveau_attendu") != pl.col("niveau_attendu_avant"))
        .then(pl.lit(ATTENDU))
        .otherwise(pl.lit(INCHANGE))
    )
    return (
        both.with_columns(changement=change, ecart=level - old)
        .select(*_KEY, *_SAID, *(f"{name}_avant" for name in _SAID), "changement", "ecart")
        .sort(_KEY)
    )
