"""The diagnosis of a territory: what a page needs to say who practises there, and who does not.

A territory is any set of communes (:class:`scoring.annuaire.territory.Territoire`). An official département or région
also counts the activities whose commune is unknown but whose département is known, as every other page does.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from scoring.annuaire.changes import (
    PERSON,
    PROFESSION,
    TERRITORY,
    Perimetre,
    divided,
    movements,
    perimeter,
    summary,
)
from scoring.annuaire.ground import HERE, NUMBER, PER, PLACE, SEVERAL, Keep, Terrain, anew, inside_of
from scoring.annuaire.identities import NAMES
from scoring.reach.proximity import Trajet, nearest


def _density(people: str, inhabitants: int) -> pl.Expr:
    value = pl.col(people) * PER / inhabitants if inhabitants else pl.lit(None, pl.Float64)
    return value.cast(pl.Float64)


def professions(ground: Terrain, *, keep: Keep = anew) -> pl.DataFrame:
    """How many of each profession, and density against the département and the region.

    The département and the région of comparison are all those that the territory touches.

    Args:
        ground: result of :func:`scoring.annuaire.ground.terrain`.
        keep: keeps what does not depend on the territory.

    Returns:
        DataFrame, one row per profession of the scope, the most numerous here first; the first row, without
        code, is every profession together: ``code_profession``, ``profession`` (String), ``professionnels``
        (Int64, distinct persons), ``densite_pour_10000``, ``densite_departement_pour_10000``,
        ``densite_region_pour_10000`` (Float64; null without inhabitants), ``communes_sans`` (Int64: communes
        of the territory where nobody of the profession practises).
    """
    mine = ground.communes.filter("_ici")
    around = {
        column: ground.communes.filter(pl.col(column).is_in(mine[column].unique().to_list()))
        for column in ("code_departement", "code_region")
    }
    lignes = ground.lignes.lazy()

    def counted(where: pl.Expr, name: str) -> pl.LazyFrame:
        """Persons by profession, then (no code) of them all."""
        pairs = lignes.filter(where).select(PROFESSION, NUMBER).unique()
        whole = pairs.select(pl.lit(None, pl.String).alias(PROFESSION), pl.col(NUMBER).n_unique().alias(name))
        named = pairs.group_by(PROFESSION).agg(pl.len().alias(name)).with_columns(_une=pl.lit(True))
        return pl.concat([whole.with_columns(_une=pl.lit(False)), named.select(PROFESSION, name, "_une")])

    def around_here(column: str, name: str) -> pl.LazyFrame:
        codes = around[column]["code_departement"].unique().sort().to_list()
        where = pl.col("code_departement").is_in(codes)
        return keep(("autour", *codes), lambda: counted(where, "_n").collect()).lazy().rename({"_n": name})

    def labels() -> pl.DataFrame:
        name = pl.col("libelle_profession").drop_nulls().max().alias("profession")
        every = lignes.group_by(PROFESSION).agg(name).with_columns(_une=pl.lit(True))
        nobody = pl.LazyFrame(
            {PROFESSION: [None], "profession": [None], "_une": [False]}, schema=every.collect_schema()
        )
        return pl.concat([nobody, every]).collect()

    communes = lignes.filter(pl.col("_ici") & pl.col("code_commune").is_not_null())
    served = communes.select(PROFESSION, "code_commune").unique()
    avec = pl.concat(
        [
            served.select(
                pl.lit(None, pl.String).alias(PROFESSION),
                pl.col("code_commune").n_unique().alias("_avec"),
                _une=pl.lit(False),
            ),
            served.group_by(PROFESSION).agg(pl.len().alias("_avec")).with_columns(_une=pl.lit(True)),
        ]
    )
    found = keep("professions", labels).lazy()
    for more in (
        counted(pl.col("_ici"), "professionnels"),
        around_here("code_departement", "_departement"),
        around_here("code_region", "_region"),
        avec,
    ):
        found = found.join(more, on=[PROFESSION, "_une"], how="left", nulls_equal=True)
    numbers = pl.col("professionnels", "_departement", "_region", "_avec").fill_null(0).cast(pl.Int64)
    order = ["_une", "professionnels", PROFESSION]
    rows = found.with_columns(numbers).sort(order, descending=[False, True, False]).collect()
    return rows.select(
        PROFESSION,
        "profession",
        "professionnels",
        densite_pour_10000=_density("professionnels", ground.population),
        densite_departement_pour_10000=_density(
            "_departement", int(around["code_departement"]["population"].sum())
        ),
        densite_region_pour_10000=_density("_region", int(around["code_region"]["population"].sum())),
        communes_sans=mine.height - pl.col("_avec"),
    )


def changes(
    ground: Terrain,
    before: pl.LazyFrame,
    departements: pl.LazyFrame,
    *,
    fusions: pl.LazyFrame | None = None,
) -> pl.DataFrame:
    """What changed here since another extraction, by profession and for all together.

    Args:
        ground: result of :func:`terrain` on the later extraction.
        before: rows of ``annuaire__activites`` of the earlier extraction, whole scope, same filters.
        departements: ``territoires__departements``.
        fusions: ``territoires__fusions``.

    Returns:
        DataFrame: ``code_profession`` (null: all together), then the counts of
        :func:`scoring.annuaire.changes.summary`; professions never seen here are left out.
    """
    columns = [PERSON, PROFESSION, "code_mode_exercice", "code_commune", "siren_epci", "code_departement"]
    if set(NAMES) <= set(ground.lignes.columns) & set(before.collect_schema().names()):
        columns += NAMES  # to recognise those whose number changed
    then = ground.lignes.lazy().select(columns)
    return since(ground, perimeter(before.select(columns), then, departements, fusions=fusions))


def since(ground: Terrain, scope: Perimetre) -> pl.DataFrame:
    """What changed here between the two extractions of a comparison, as :func:`changes` tells it.

    Args:
        ground: result of :func:`terrain` on the later extraction.
        scope: the whole scope compared once, whatever the territory: who comes from elsewhere in it under another
            number has then come, as « Évolution » says too, not arrived.
    """
    here = inside_of(ground.territoire, ground.communes)
    # Only those who were or are here matter, with everything they did elsewhere.
    people = scope.lignes.filter(here).select("_p").unique()
    theirs = scope.lignes.join(people, on="_p", how="semi").collect().lazy()
    own = Perimetre(theirs, scope.personnes)
    if ground.territoire.maille in ("departement", "region"):
        mesh, wanted = ground.territoire.maille, ground.territoire.code
    else:
        mesh, wanted = TERRITORY, HERE
        own = divided(own, pl.when(here).then(pl.lit(HERE)))
    mine = pl.col(TERRITORY) == wanted
    whole, each = pl.collect_all(
        [
            summary(movements(own, mesh).filter(mine), ()),
            summary(movements(own, mesh, by_profession=True).filter(mine), (PROFESSION,)),
        ]
    )
    return pl.concat([whole.select(pl.lit(None, pl.String).alias(PROFESSION), pl.all()), each])


def communes_without(
    ground: Terrain, professions: Iterable[str] | None = None, trajet: Trajet | None = None
) -> pl.DataFrame:
    """The communes of the territory where nobody (of these professions) practises, and the nearest with one.

    Args:
        ground: result of :func:`terrain`.
        professions: profession codes; any profession when None.
        trajet: how distances become times; the defaults when None.

    Returns:
        DataFrame, most populated first: ``code_commune``, ``commune`` (String), ``population`` (Int64),
        ``code_commune_proche``, ``commune_proche`` (String), ``distance_km``, ``temps_min`` (Float64; between
        centres; null when nobody practises anywhere, or the centre is unknown).
    """
    rows = ground.lignes
    if professions is not None:
        rows = rows.filter(pl.col(PROFESSION).is_in(list(professions)))
    served = rows["code_commune"].drop_nulls().unique()
    with_one = ground.communes.filter(pl.col("code_commune").is_in(served.implode()))
    without = ground.communes.filter("_ici").join(with_one, on="code_commune", how="anti")
    names = with_one.select(code_commune_proche="code_commune", commune_proche="commune")
    found = nearest(without, with_one, trajet).join(
        names, on="code_commune_proche", how="left", maintain_order="left"
    )
    return (
        without.select("code_commune", "commune", "population")
        .join(found, on="code_commune", how="left", maintain_order="left")
        .select(
            "code_commune",
            "commune",
            "population",
            "code_commune_proche",
            "commune_proche",
            "distance_km",
            "temps_min",
        )
        .sort("population", "code_commune", descending=[True, False])
    )


def several_places(ground: Terrain, professions: Iterable[str] | None = None) -> pl.DataFrame:
    """The persons of the territory who practise in several places, here or elsewhere.

    A place is a site, or a commune where an activity names no site.

    Returns:
        DataFrame sorted by name: ``identification_nationale_pp``, ``nom``, ``prenom``, ``profession``
        (String), ``lieux`` (Int64: distinct places in the scope, 2 at least), ``lieux_ici`` (Int64: of which
        in the territory), ``communes_ici`` and ``communes_ailleurs`` (List[String], sorted codes).
    """
    rows = ground.lignes
    if professions is not None:
        rows = rows.filter(pl.col(PROFESSION).is_in(list(professions)))
    # Most have one place: they are set aside before anything is compared.
    rows = rows.filter(SEVERAL)
    rows = (
        rows.lazy()
        .join(
            rows.lazy().filter("_ici").select(NUMBER).unique(), on=NUMBER, how="semi", maintain_order="left"
        )
        .with_columns(_lieu=PLACE)
        .filter(pl.col("_lieu").n_unique().over(NUMBER) > 1)
        .collect()
    )
    here = pl.col("_ici")

    def first(column: str, name: str) -> pl.LazyFrame:
        said = rows.lazy().filter(pl.col(column).is_not_null())
        return said.unique(NUMBER, keep="first", maintain_order=True).select(
            NUMBER, pl.col(column).alias(name)
        )

    def each(column: str, name: str, where: pl.Expr | bool = True) -> pl.LazyFrame:
        """Distinct values, sorted: made once for all, since a list apiece takes ten times as long."""
        values = (
            rows.lazy()
            .filter(pl.col(column).is_not_null() & where)
            .select(NUMBER, pl.col(column).alias(name))
        )
        return values.unique().sort(NUMBER, name).group_by(NUMBER, maintain_order=True).agg(name)

    def places(name: str, where: pl.Expr | bool = True) -> pl.LazyFrame:
        known = rows.lazy().filter(pl.col("_lieu").is_not_null() & where).select(NUMBER, "_lieu").unique()
        return known.group_by(NUMBER).agg(pl.len().cast(pl.Int64).alias(name))

    found = places("lieux").filter(pl.col("lieux") > 1)
    found = found.join(rows.lazy().select(NUMBER, PERSON).unique(NUMBER), on=NUMBER)
    for more in (
        places("lieux_ici", here),
        first("nom_exercice", "nom"),
        first("prenom_exercice", "prenom"),
        each("libelle_profession", "profession"),
        each("code_commune", "communes_ici", here),
        each("code_commune", "communes_ailleurs", ~here),
    ):
        found = found.join(more, on=NUMBER, how="left")
    nobody = pl.lit([], pl.List(pl.String))
    return (
        found.select(
            PERSON,
            "nom",
            "prenom",
            pl.col("profession").list.join(" · ").fill_null(""),
            "lieux",
            pl.col("lieux_ici").fill_null(0),
            pl.col("communes_ici").fill_null(nobody),
            pl.col("communes_ailleurs").fill_null(nobody),
        )
        .sort("nom", "prenom", PERSON, nulls_last=True)
        .collect()
    )
