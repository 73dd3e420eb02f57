"""The diagnosis of a territory: what a page needs to say who practises there, and who does not.

A territory is any set of communes (:class:`scoring.annuaire.territory.Territoire`). An official département or région
also counts the activities whose commune is unknown but whose département is known, as every other page does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from lake.errors import UnknownName
from scoring.annuaire.changes import PERSON, PROFESSION, TERRITORY, movements, perimeter, summary
from scoring.annuaire.identities import NAMES
from scoring.annuaire.territory import MESHES, Territoire
from scoring.reach.proximity import Trajet, nearest

_PER = 10_000.0
_HERE = "ici"
COLUMNS = (
    PERSON,
    "nom_exercice",
    "prenom_exercice",
    PROFESSION,
    "libelle_profession",
    "code_mode_exercice",
    "id_site",
    "code_commune",
    "siren_epci",
    "code_departement",
)
"""Columns of ``annuaire__activites`` that a diagnosis reads."""


@dataclass(frozen=True)
class Terrain:
    """What a diagnosis looks at, read once.

    Attributes:
        lignes: the :data:`COLUMNS` of the rows of the whole scope, plus ``_ici`` (Boolean: in the
            territory).
        communes: ``code_commune``, ``commune``, ``siren_epci``, ``code_departement``, ``code_region``,
            ``population``, ``longitude``, ``latitude`` of the scope, plus ``_ici``.
        territoire: the territory.
    """

    lignes: pl.DataFrame
    communes: pl.DataFrame
    territoire: Territoire

    @property
    def population(self) -> int:
        """Inhabitants of the territory."""
        return int(self.communes.filter("_ici")["population"].sum())


def terrain(
    activities: pl.LazyFrame,
    communes: pl.DataFrame,
    territoire: Territoire,
    *,
    departements: Iterable[str] | None = None,
) -> Terrain:
    """Read what a diagnosis looks at.

    Args:
        activities: rows of ``annuaire__activites`` of one extraction: the whole scope, not only the
            territory (comparisons and nearest places need it), under the reader's other filters.
        communes: ``territoires__communes``.
        territoire: the territory.
        departements: the départements that the extraction covers; those of its rows when None. Give them
            when filters may leave a département without any row. Communes elsewhere are left out: nothing is
            known of who practises there, so they are neither denominators nor communes without anyone.
    """
    read = activities.select(COLUMNS).with_columns(_ici=_inside(territoire, communes)).collect()
    scope = read["code_departement"].unique().to_list() if departements is None else list(departements)
    mine = list(territoire.communes)
    rows = communes.filter(pl.col("code_departement").is_in(scope))
    return Terrain(
        read,
        rows.with_columns(pl.col("population").fill_null(0), _ici=pl.col("code_commune").is_in(mine)),
        territoire,
    )


def _inside(territoire: Territoire, communes: pl.DataFrame) -> pl.Expr:
    here = pl.col("code_commune").is_in(list(territoire.communes)).fill_null(False)
    if territoire.maille in ("departement", "region"):
        mine = communes.filter(pl.col(MESHES[territoire.maille]) == territoire.code)
        return here | pl.col("code_departement").is_in(mine["code_departement"].unique().to_list())
    return here


def _density(people: str, inhabitants: int) -> pl.Expr:
    value = pl.col(people) * _PER / inhabitants if inhabitants else pl.lit(None, pl.Float64)
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
    person = pl.col(PERSON)
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


def ranks(ground: Terrain, peers: pl.DataFrame | str) -> pl.DataFrame:
    """The rank of the territory's density among its peers, by profession.

    Args:
        ground: result of :func:`terrain`.
        peers: a mesh (``commune``, ``epci``, ``departement``), or the members of each peer
            (``code_commune`` and ``territoire``, String: partner territories, for instance). A territory that
            is not one of the peers is ranked as one more.

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
    rows = (
        ground.lignes.lazy().select(PERSON, PROFESSION, "code_commune", "code_departement", "_ici").unique()
    )
    if isinstance(peers, str) and peers in ("departement", "region"):
        # As on every other page, these also count the activities whose commune alone is unknown.
        owners = ground.communes.select(
            "code_departement", pl.col(MESHES[str(peers)]).alias("_pair")
        ).unique()
        others = rows.join(owners.lazy(), on="code_departement").select(
            PERSON, PROFESSION, pl.col("_pair").alias(TERRITORY)
        )
        others = others.join(members.lazy().select(TERRITORY).unique(), on=TERRITORY, how="semi")
    else:
        others = rows.join(members.lazy(), on="code_commune").select(PERSON, PROFESSION, TERRITORY)
    mine = rows.filter("_ici").select(PERSON, PROFESSION, pl.lit(_HERE).alias(TERRITORY))
    both = pl.concat([others.filter(pl.col(TERRITORY) != _HERE), mine])
    counted, together = pl.collect_all(
        [
            both.group_by(PROFESSION, TERRITORY).agg(_n=pl.col(PERSON).n_unique()),
            both.group_by(TERRITORY).agg(_n=pl.col(PERSON).n_unique()),
        ]
    )
    named = ground.lignes[PROFESSION].unique().sort().to_frame()
    grid = pl.concat(
        [
            named.join(inhabitants, how="cross").join(counted, on=[PROFESSION, TERRITORY], how="left"),
            inhabitants.join(together, on=TERRITORY, how="left").select(
                pl.lit(None, pl.String).alias(PROFESSION), pl.all()
            ),
        ]
    )
    density = pl.when(pl.col("population") > 0).then(pl.col("_n").fill_null(0) * _PER / pl.col("population"))
    return (
        grid.with_columns(_d=density)
        .with_columns(
            rang=pl.col("_d").rank("min", descending=True).over(PROFESSION).cast(pl.Int64),
            pairs=pl.col("_d").count().over(PROFESSION).cast(pl.Int64),
            mediane_pour_10000=pl.col("_d").median().over(PROFESSION),
        )
        .filter(pl.col(TERRITORY) == _HERE)
        .select(PROFESSION, "rang", "pairs", "mediane_pour_10000")
        .sort(PROFESSION, nulls_last=False)
    )


def _members(ground: Terrain, peers: pl.DataFrame | str) -> pl.DataFrame:
    """Each peer's communes; this territory is called :data:`_HERE`, and only once."""
    if isinstance(peers, str):
        if peers not in MESHES:
            raise UnknownName("maille", peers, MESHES)
        members = ground.communes.select(
            pl.col("code_commune"), pl.col(MESHES[peers]).alias(TERRITORY)
        ).drop_nulls()
    else:
        members = peers.select("code_commune", TERRITORY)
    mine = set(ground.communes.filter("_ici")["code_commune"])
    # A peer made of the very same communes is this territory: it is not ranked against itself.
    same = (
        members.group_by(TERRITORY)
        .agg("code_commune")
        .filter(pl.col("code_commune").list.len() == len(mine))
        .filter(pl.col("code_commune").list.eval(pl.element().is_in(list(mine))).list.all())
    )
    others = members.join(same.select(TERRITORY), on=TERRITORY, how="anti")
    here = pl.DataFrame({"code_commune": sorted(mine)}).with_columns(pl.lit(_HERE).alias(TERRITORY))
    return pl.concat([others, here])


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
    here = _inside(ground.territoire, ground.communes)
    if fusions is not None:
        former = fusions.filter(pl.col("code_commune").is_in(list(ground.territoire.communes)))
        codes = former.select("ancien_code_commune").collect().to_series().to_list()
        here = here | pl.col("code_commune").is_in(codes).fill_null(False)
    columns = [PERSON, PROFESSION, "code_mode_exercice", "code_commune", "siren_epci", "code_departement"]
    if set(NAMES) <= set(ground.lignes.columns) & set(before.collect_schema().names()):
        columns += NAMES  # to recognise those whose number changed
    first, then = before.select(columns), ground.lignes.lazy().select(columns)
    # Only those who were or are here matter, with everything they did elsewhere.
    people = pl.concat([first.filter(here), then.filter(here)]).select(PERSON).unique().collect().lazy()
    first, then = (rows.join(people, on=PERSON, how="semi") for rows in (first, then))
    if ground.territoire.maille in ("departement", "region"):
        mesh, wanted = ground.territoire.maille, ground.territoire.code
        scope = perimeter(first, then, departements, fusions=fusions)
    else:
        mesh, wanted = TERRITORY, _HERE
        own = pl.LazyFrame({"code_commune": list(ground.territoire.communes)})
        scope = perimeter(
            first,
            then,
            departements,
            fusions=fusions,
            territoires=own.with_columns(pl.lit(_HERE).alias(TERRITORY)),
        )
    mine = pl.col(TERRITORY) == wanted
    whole, each = pl.collect_all(
        [
            summary(movements(scope, mesh).filter(mine), ()),
            summary(movements(scope, mesh, by_profession=True).filter(mine), (PROFESSION,)),
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
    place = pl.coalesce("id_site", "code_commune")
    here = pl.col("_ici")
    commune = pl.col("code_commune")
    return (
        rows.lazy()
        .join(rows.lazy().filter("_ici").select(PERSON).unique(), on=PERSON, how="semi")
        .with_columns(_lieu=place)
        # Most have one place: they are set aside before names and lists are made.
        .filter(pl.col("_lieu").n_unique().over(PERSON) > 1)
        .group_by(PERSON)
        .agg(
            nom=pl.col("nom_exercice").drop_nulls().first(),
            prenom=pl.col("prenom_exercice").drop_nulls().first(),
            profession=pl.col("libelle_profession").drop_nulls().unique().sort().str.join(" · "),
            lieux=pl.col("_lieu").drop_nulls().n_unique().cast(pl.Int64),
            lieux_ici=pl.col("_lieu").filter(here).drop_nulls().n_unique().cast(pl.Int64),
            communes_ici=commune.filter(here).drop_nulls().unique().sort(),
            communes_ailleurs=commune.filter(~here).drop_nulls().unique().sort(),
        )
        .filter(pl.col("lieux") > 1)
        .sort("nom", "prenom", PERSON, nulls_last=True)
        .collect()
    )
