"""The rank of a territory among its likes, by the density of each profession."""

from __future__ import annotations

import polars as pl

from lake.errors import UnknownName
from scoring.annuaire.changes import PROFESSION, TERRITORY
from scoring.annuaire.ground import HERE, NUMBER, PER, Counting, Keep, Terrain, anew
from scoring.annuaire.territory import MESHES


def ranks(ground: Terrain, peers: pl.DataFrame | str, *, keep: Keep = anew) -> pl.DataFrame:
    """The rank of the territory's density among its peers, by profession.

    Args:
        ground: result of :func:`scoring.annuaire.ground.terrain`.
        peers: a mesh (``commune``, ``epci``, ``departement``), or the members of each peer
            (``code_commune`` and ``territoire``, String: partner territories, for instance). A territory that
            is not one of the peers is ranked as one more.
        keep: keeps how many of each profession are in each peer; members given one by one bear no name.

    Returns:
        DataFrame, one row per profession of the scope, and one without code for all together:
        ``code_profession``, ``rang`` (Int64; 1 is the densest, equals share the better rank; null without
        inhabitants), ``pairs`` (Int64: territories ranked, this one included), ``mediane_pour_10000``
        (Float64: median density of the peers, this one included). Empty when the extraction covers none of
        the territory's communes.

    Raises:
        UnknownName: the mesh does not exist.
    """
    members = _members(ground, peers)
    population = members.join(
        ground.communes.select("code_commune", "population"), on="code_commune", how="inner"
    )
    inhabitants = population.group_by(TERRITORY).agg(pl.col("population").sum())
    others = keep(("pairs", peers if isinstance(peers, str) else None), _counts(ground, peers))
    mine = _by_profession(ground.lignes.lazy().filter("_ici").with_columns(pl.lit(HERE).alias(TERRITORY)))
    known = members[TERRITORY].unique().implode()
    counted = pl.concat([others.filter(pl.col(TERRITORY).is_in(known), pl.col(TERRITORY) != HERE), mine])
    together, counted = (
        counted.filter(pl.col("_ensemble") == one).drop("_ensemble") for one in (True, False)
    )
    named = ground.lignes[PROFESSION].unique().sort().to_frame()
    grid = pl.concat(
        [
            named.join(inhabitants, how="cross").join(counted, on=[PROFESSION, TERRITORY], how="left"),
            inhabitants.join(together.drop(PROFESSION), on=TERRITORY, how="left").select(
                pl.lit(None, pl.String).alias(PROFESSION), pl.all()
            ),
        ]
    )
    density = pl.when(pl.col("population") > 0).then(pl.col("_n").fill_null(0) * PER / pl.col("population"))
    d, here = pl.col("_d"), pl.col("_d").filter(pl.col(TERRITORY) == HERE).first()
    return (
        grid.with_columns(_d=density)
        .group_by(PROFESSION)
        .agg(
            _ici=(pl.col(TERRITORY) == HERE).any(),
            # Equals share the better rank: one more than those that are denser.
            rang=pl.when(here.is_not_null()).then((d > here).sum() + 1).cast(pl.Int64),
            pairs=d.count().cast(pl.Int64),
            mediane_pour_10000=d.median(),
        )
        .filter("_ici")
        .select(PROFESSION, "rang", "pairs", "mediane_pour_10000")
        .sort(PROFESSION, nulls_last=False)
    )


def _counts(ground: Terrain, peers: pl.DataFrame | str) -> Counting:
    """How many of each profession in each peer: the same for every territory that is ranked among them."""
    rows = ground.lignes.lazy()

    def count() -> pl.DataFrame:
        if isinstance(peers, str) and peers in ("departement", "region"):
            # As on every other page, these also count the activities whose commune alone is unknown.
            code = pl.col(MESHES[peers]).alias(TERRITORY)
            owners = ground.communes.select("code_departement", code).unique()
            return _by_profession(rows.join(owners.lazy(), on="code_departement"))
        return _by_profession(rows.join(_meshed(ground, peers).lazy(), on="code_commune"))

    return count


def _by_profession(rows: pl.LazyFrame) -> pl.DataFrame:
    """Persons by ``territoire`` and profession, then (``_ensemble``) by ``territoire`` alone."""
    number = pl.col(NUMBER)
    pairs = rows.select(TERRITORY, PROFESSION, number).unique()
    each, together = pl.collect_all(
        [
            pairs.group_by(PROFESSION, TERRITORY).agg(_n=pl.len()),
            pairs.group_by(TERRITORY).agg(_n=number.n_unique()),
        ]
    )
    whole = together.select(
        pl.lit(None, pl.String).alias(PROFESSION), TERRITORY, "_n", _ensemble=pl.lit(True)
    )
    return pl.concat([each.with_columns(_ensemble=pl.lit(False)), whole])


def _meshed(ground: Terrain, peers: pl.DataFrame | str) -> pl.DataFrame:
    """Each peer's communes.

    Raises:
        UnknownName: the mesh does not exist.
    """
    if not isinstance(peers, str):
        return peers.select("code_commune", TERRITORY)
    if peers not in MESHES:
        raise UnknownName("maille", peers, MESHES)
    named = ground.communes.select("code_commune", pl.col(MESHES[peers]).alias(TERRITORY))
    return named.drop_nulls()


def _members(ground: Terrain, peers: pl.DataFrame | str) -> pl.DataFrame:
    """Each peer's communes; this territory is called :data:`HERE`, and only once."""
    members = _meshed(ground, peers)
    mine = set(ground.communes.filter("_ici")["code_commune"])
    # A peer made of the very same communes is this territory: it is not ranked against itself.
    same = (
        members.group_by(TERRITORY)
        .agg("code_commune")
        .filter(pl.col("code_commune").list.len() == len(mine))
        .filter(pl.col("code_commune").list.eval(pl.element().is_in(list(mine))).list.all())
    )
    others = members.join(same.select(TERRITORY), on=TERRITORY, how="anti")
    here = pl.DataFrame({"code_commune": sorted(mine)}).with_columns(pl.lit(HERE).alias(TERRITORY))
    return pl.concat([others, here])
