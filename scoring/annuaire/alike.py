"""Whom a territory is compared with: those that touch it, and those that are like it.

*Neighbours* touch it. *Peers* are the territories of the same kind, in the region, of the same class of density and of
the same class of population; when there are more than :data:`MOST`, those whose density is closest.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence

import numpy as np
import polars as pl
import shapely

from scoring.annuaire.territory import MESHES
from scoring.reach.proximity import Ints

MOST = 8
"""Peers shown at most."""
DENSITY_CLASSES = (30.0, 60.0, 120.0, 300.0)
"""Bounds between classes of density, in inhabitants per square kilometre."""
_DENSITIES = ("très peu dense", "peu dense", "de densité moyenne", "dense", "très dense")
SIZES = {
    "commune": (500, 2_000, 10_000, 50_000),
    "epci": (10_000, 20_000, 50_000, 100_000),
    "departement": (300_000, 600_000, 1_000_000),
}
"""Bounds between classes of population, by mesh."""
_TOUCH = 0.0015
"""Degrees (about 150 m): simplified outlines of two communes that touch may part by that much."""
HERE, NEIGHBOUR, PEER = "ici", "voisin", "semblable"


def touching(outlines: pl.DataFrame) -> tuple[Sequence[str], Ints, Ints]:
    """The pairs of communes that touch one another.

    Args:
        outlines: ``code`` and ``geojson`` of the communes.

    Returns:
        tuple: the codes, then the positions of both communes of each ordered pair (Int64).
    """
    shapes = shapely.from_geojson(outlines["geojson"].to_numpy())
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_TOUCH)
    apart = left != right
    return outlines["code"].to_list(), np.asarray(left[apart]), np.asarray(right[apart])


def neighbours(
    communes: pl.DataFrame, pairs: tuple[Sequence[str], Ints, Ints], own: Collection[str], mesh: str
) -> list[str]:
    """The territories of a mesh that touch a set of communes, none of whose communes is in it.

    Args:
        communes: ``territoires__communes`` of the scope.
        pairs: result of :func:`touching`.
        own: codes of the communes.
        mesh: ``commune``, ``epci`` or ``departement``.
    """
    codes, left, right = pairs
    inside = np.isin(np.asarray(codes), list(own))
    around = {codes[one] for one in np.unique(right[inside[left] & ~inside[right]])}
    column = MESHES[mesh]
    mine = set(communes.filter(pl.col("code_commune").is_in(list(own)))[column].drop_nulls())
    found = set(communes.filter(pl.col("code_commune").is_in(list(around)))[column].drop_nulls())
    return sorted(found - mine if mesh != "commune" else found)


def sizes(communes: pl.DataFrame, mesh: str) -> pl.DataFrame:
    """Inhabitants and density of every territory of a mesh.

    Args:
        communes: ``territoires__communes`` of the scope, with ``superficie_km2`` (null where unknown).
        mesh: ``commune``, ``epci`` or ``departement``.

    Returns:
        DataFrame: ``code`` (String), ``population`` (Int64), ``densite_km2`` (Float64; null where an area is unknown).
    """
    area = pl.col("superficie_km2")
    known = pl.when(area.null_count() == 0).then(area.sum())
    return (
        communes.drop_nulls(MESHES[mesh])
        .group_by(code=MESHES[mesh])
        .agg(pl.col("population").sum().cast(pl.Int64), _km2=known)
        .select("code", "population", densite_km2=pl.col("population") / pl.col("_km2"))
        .sort("code")
    )


def classes(population: int, density: float | None, mesh: str) -> tuple[int, int] | None:
    """The class of density and of population of a territory; None where its density is unknown."""
    if density is None:
        return None
    return bisect_right(DENSITY_CLASSES, density), bisect_right(SIZES[mesh], population)


def peers(
    known: pl.DataFrame, population: int, density: float | None, mesh: str, own: Collection[str]
) -> list[str]:
    """The territories of the same classes, the closest density first, :data:`MOST` at most.

    Args:
        known: result of :func:`sizes`.
        population: inhabitants of the territory.
        density: its inhabitants per square kilometre.
        mesh: the mesh.
        own: codes of the mesh left out (the territory itself).
    """
    mine = classes(population, density, mesh)
    if mine is None or not density:
        return []
    like = _within(pl.col("densite_km2"), DENSITY_CLASSES, mine[0]) & _within(
        pl.col("population"), SIZES[mesh], mine[1]
    )
    found = [
        (abs(float(np.log(each / density))), code)
        for code, _people, each in known.filter(like, pl.col("densite_km2") > 0).iter_rows()
        if code not in own
    ]
    return [code for _gap, code in sorted(found)[:MOST]]


def _within(value: pl.Expr, bounds: Sequence[float], rank: int) -> pl.Expr:
    """Whether a value is in a class: from its lower bound, included, to the next one."""
    above = value >= bounds[rank - 1] if rank else value.is_not_null()
    return above & (value < bounds[rank]) if rank < len(bounds) else above


def rule(population: int, density: float | None, mesh: str) -> str:
    """The rule of the peers, in words, with the classes of this territory; empty where its density is unknown."""
    mine = classes(population, density, mesh)
    if mine is None:
        return ""
    return (
        f"même classe de densité ({_between(DENSITY_CLASSES, mine[0], 'habitants au km²')}) et même classe de "
        f"population ({_between(SIZES[mesh], mine[1], 'habitants')}) dans la région ; au plus {MOST}, les densités les "
        "plus proches d'abord"
    )


def density_words(density: float) -> str:
    """A density in words, with its class: « peu dense (de 30 à 60 habitants au km²) »."""
    rank = bisect_right(DENSITY_CLASSES, density)
    return f"{_DENSITIES[rank]} ({_between(DENSITY_CLASSES, rank, 'habitants au km²')})"


def _between(bounds: Sequence[float], rank: int, noun: str) -> str:
    texts = [f"{bound:,.0f}".replace(",", " ") for bound in bounds]
    if rank == 0:
        return f"moins de {texts[0]} {noun}"
    return (
        f"{texts[-1]} {noun} et plus"
        if rank == len(texts)
        else f"de {texts[rank - 1]} à {texts[rank]} {noun}"
    )
