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
from scoring.annuaire.ground import HERE, NUMBER, PER, PLACE, SEVERAL, Terrain, inside_of
from scoring.annuaire.identities import NAMES
from scoring.reach.proximity import Trajet, nearest


def _density(people: str, inhabitants: int) -> pl.Expr:
    value = pl.col(people) * PER / inhabitants if inhabitants else pl.lit(None, pl.Float64)
    return value.cast(pl.Float64)


def professions(ground: Terrain) -> pl.DataFrame:
    """How many of each profession, and density against the département and the region.

    The département and the région of comparison are all those that the territory touches.

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
    departements = {column: rows["code_departement"].unique().to_list() for column, rows in around.items()}
    person = pl.col(NUMBER)
    reached = {
        "_departement": pl.col("code_departement").is_in(departements["code_departement"]),
        "_region": pl.col("code_departement").is_in(departements["code_region"]),
    }
    counts = [
        person.filter(pl.col("_ici")).n_unique().cast(pl.Int64).alias("professionnels"),
        *(person.filter(where).n_unique().alias(name) for name, where in reached.items()),
        pl.col("code_commune").filter(pl.col("_ici")).drop_nulls().n_unique().cast(pl.Int64).alias("_avec"),
    ]
    each = ground.lignes.group_by(PROFESSION).agg(
        pl.col("libelle_profession").drop_nulls().max().alias("profession"), *counts
    )
    whole = ground.lignes.select(
        pl.lit(None, pl.String).alias(PROFESSION), pl.lit(None, pl.String).alias("profession"), *counts
    )
    each = each.sort("professionnels", PROFESSION, descending=[True, False])
    return pl.concat([whole, each.select(whole.columns)]).select(
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

    counted = (
        rows.lazy()
        .group_by(NUMBER)
        .agg(
            pl.col(PERSON).first(),
            lieux=pl.col("_lieu").drop_nulls().n_unique().cast(pl.Int64),
            lieux_ici=pl.col("_lieu").filter(here).drop_nulls().n_unique().cast(pl.Int64),
        )
    )
    found = counted.filter(pl.col("lieux") > 1)
    for more in (
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
            "lieux_ici",
            pl.col("communes_ici").fill_null(nobody),
            pl.col("communes_ailleurs").fill_null(nobody),
        )
        .sort("nom", "prenom", PERSON, nulls_last=True)
        .collect()
    )
