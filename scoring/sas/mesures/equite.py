"""Is the share of solicitations fair, is the order of results neutral: two Gini indices, two gaps.

Formulas by hand in ``docs/methodes/sas.md``; weights of ranks as in studies of exposure (the discount of the DCG).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Numbers = NDArray[Any]
MOINS_EFFECTEURS = 5
MOINS_SOLLICITATIONS = 20
"""Under these, an index would be chance: not published."""
TIRAGES = 1000
CLES = ("palier", "panier", "bande", "quart")
"""What ties: same tier, distance bucket, time band, quarter of solicitations per offered slot."""


def poids(rang: pl.Expr) -> pl.Expr:
    """Weight of a rank: 1 / log2(rank + 1), that is 1, 0.63, 0.5, 0.43…"""
    return 1 / (rang.cast(pl.Float64) + 1).log(2)


def gini(x: Numbers) -> float | None:
    """Gini of counts (0 equal, 1 all on one): half the mean of gaps over the mean; None if all are zero."""
    return gini_pondere(x, np.ones(len(x)))


def gini_pondere(x: Numbers, c: Numbers) -> float | None:
    """Gini of rates x/c, each weighed by its offer c: Σᵢⱼ cᵢcⱼ|rᵢ − rⱼ| / (2 μ (Σc)²), with μ = Σx/Σc.

    Args:
        x: solicitations (at least 0).
        c: offered seats; who offers none is left out.

    Returns:
        The index; None when nobody offers, or nobody is solicited.
    """
    offers = c > 0
    x, c = x[offers].astype(float), c[offers].astype(float)
    if not len(c) or x.sum() <= 0:
        return None
    order = np.argsort(x / c, kind="stable")
    share_c, share_x = c[order] / c.sum(), x[order] / x.sum()
    # Twice the area between the diagonal and the Lorenz curve, by trapezes: the same sum of pairs, in n log n.
    height = np.concatenate([[0.0], np.cumsum(share_x)])
    return float(max(0.0, 1.0 - np.sum(share_c * (height[1:] + height[:-1]))))


def lorenz(x: Numbers, c: Numbers) -> pl.DataFrame:
    """The Lorenz curve behind :func:`gini_pondere`: ``part_offre``, ``part_sollicitations``, both from 0 to 1."""
    offers = c > 0
    x, c = x[offers].astype(float), c[offers].astype(float)
    order = np.argsort(np.divide(x, c), kind="stable")
    shares = {"part_offre": c[order], "part_sollicitations": x[order]}
    return pl.DataFrame(
        {name: np.concatenate([[0.0], np.cumsum(v) / (v.sum() or 1.0)]) for name, v in shares.items()}
    )


@dataclass(frozen=True)
class Equite:
    """Fairness over a period.

    Attributes:
        gini: of solicitations per offered seat, weighed by seats (the one to publish).
        gini_brut: of bare counts: it accuses whoever offers more.
        ecart_algorithme: half the sum of |observed − expected| shares of exposure: what the machine does.
        ecart_offre: half the sum of |expected − offered| shares: what geography and the rule do.
        effecteurs: those counted.
        sollicitations: counted.
        raison: why the indices are not to be published; empty when they are.
        bruit: what the gap of the algorithm stays under 95 times in 100 by the draw alone; None when nothing was shown.
    """

    gini: float | None
    gini_brut: float | None
    ecart_algorithme: float | None
    ecart_offre: float | None
    effecteurs: int
    sollicitations: int
    raison: str = ""
    bruit: float | None = None


def equite(
    sollicitations: pl.DataFrame, expositions: pl.DataFrame | None = None, *, publie: bool = True
) -> Equite:
    """Fairness of a territory over a period.

    Args:
        sollicitations: ``identifiant``, ``sollicitations``, ``creneaux`` (offered seats); one row an effecteur.
        expositions: as :func:`expositions`; None when nothing was shown.
        publie: whether the indices are to be published: of few they are then left empty.
    """
    x = sollicitations.get_column("sollicitations").to_numpy()
    c = sollicitations.get_column("creneaux").to_numpy()
    total = int(x.sum())
    few = int((c > 0).sum()) < MOINS_EFFECTEURS or total < MOINS_SOLLICITATIONS
    algorithm, offer = (None, None) if expositions is None else ecarts(expositions)
    why = (
        f"moins de {MOINS_EFFECTEURS} effecteurs ou de {MOINS_SOLLICITATIONS} sollicitations : l’indice est du hasard"
        if few
        else ""
    )
    hidden = few and publie
    return Equite(
        None if hidden else gini_pondere(x, c),
        None if hidden else gini(x),
        algorithm,
        offer,
        len(x),
        total,
        why,
    )


def expositions(affichages: pl.DataFrame) -> pl.DataFrame:
    """What each was shown, should have been shown, and offered.

    Args:
        affichages: ``recherche``, ``identifiant``, ``rang`` (of the rows really shown), :data:`CLES`, ``places`` (free
            seats in reach then).

    Returns:
        DataFrame: ``identifiant``, ``affichages``, ``observe`` (Σ weights), ``attendu`` (the same, each tied group
        having the mean weight of the ranks that it holds), ``offre`` (Σ places); sorted by identifier.
    """
    weight = poids(pl.col("rang"))
    return (
        affichages.with_columns(_w=weight)
        .with_columns(_r=pl.col("_w").mean().over("recherche", *CLES))
        .group_by("identifiant")
        .agg(
            affichages=pl.len().cast(pl.Int64),
            observe=pl.col("_w").sum(),
            attendu=pl.col("_r").sum(),
            offre=pl.col("places").sum().cast(pl.Int64),
        )
        .sort("identifiant")
    )


def ecarts(shown: pl.DataFrame) -> tuple[float | None, float | None]:
    """The gap of the algorithm and the gap to the offer, from :func:`expositions`; None where a share has no sense."""
    if shown.is_empty():
        return None, None
    seen, due, offered = (
        shown.get_column(name).to_numpy().astype(float) for name in ("observe", "attendu", "offre")
    )
    if seen.sum() <= 0:
        return None, None
    expected = due / due.sum()
    algorithm = float(np.abs(seen / seen.sum() - expected).sum() / 2)
    if offered.sum() <= 0:
        return algorithm, None
    return algorithm, float(np.abs(expected - offered / offered.sum()).sum() / 2)


def bruit(affichages: pl.DataFrame, *, tirages: int = TIRAGES, graine: int = 0) -> float:
    """What the gap of the algorithm would be 95 times in 100 by the draw alone: above it, something else is at work.

    Each draw shuffles the ranks inside every tied group of every search.

    Args:
        affichages: as for :func:`expositions`.
        tirages: how many draws.
        graine: the seed; the same gives the same bound.
    """
    rows = affichages.sort("recherche", "rang")
    group = rows.select(pl.struct("recherche", *CLES).rank("dense").alias("g")).to_series().to_numpy()
    weight = rows.select(poids(pl.col("rang"))).to_series().to_numpy()
    who = rows.select(pl.col("identifiant").rank("dense") - 1).to_series().cast(pl.Int64).to_numpy()
    if not len(who):
        return 0.0
    size = int(who.max()) + 1
    mean = rows.select(poids(pl.col("rang")).mean().over("recherche", *CLES)).to_series().to_numpy()
    due = np.bincount(who, mean, size) / mean.sum()
    draw = np.random.default_rng(graine)
    places = np.argsort(group, kind="stable")
    gaps = np.empty(tirages)
    for one in range(tirages):
        shuffled = np.lexsort((draw.random(len(group)), group))
        seen = np.bincount(who[shuffled], weight[places], size) / weight.sum()
        gaps[one] = np.abs(seen - due).sum() / 2
    return float(np.quantile(gaps, 0.95))
