"""The Base Adresse Nationale of one department, arranged for matching: places and their points.

A *place* is a street or a named place as the BAN writes it once: one commune, postal code, former commune and
name. A *point* is one address of a place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from scoring.geocode.addresses import HIGHEST_NUMBER
from scoring.geocode.aliases import other_names
from scoring.geocode.labels import commune_label
from scoring.geocode.mentions import canonical_repetition, repetition_class
from scoring.geocode.normalise import SeriesSpelling, by_value, keys_and_roads, place_keys, street_name, tight

BAN_COLUMNS = (
    "numero",
    "repetition",
    "nom_voie",
    "nom_lieu_dit",
    "code_postal",
    "code_commune",
    "nom_commune",
    "ancien_code_commune",
    "ancienne_commune",
    "longitude",
    "latitude",
)
_IDENTITY = ["code_commune", "code_postal", "ancien_code_commune", "libelle_ancienne", "_name", "_named"]
# What tells one place from another in the BAN's own columns.
_TOLD = (
    "code_commune",
    "code_postal",
    "ancien_code_commune",
    "ancienne_commune",
    "nom_commune",
    "_name",
    "_named",
)


@dataclass(frozen=True)
class Index:
    """One department of the BAN.

    Attributes:
        places: ``place`` (UInt32), ``code_commune`` (in force), ``code_postal``, ``ancien_code_commune``,
            ``libelle_commune`` and ``libelle_ancienne`` (keys), ``nom`` (as written), ``cle`` (street key),
            ``cle_nom`` (without the kind of way), ``serree`` (the key without spaces), ``lieu_dit`` and
            ``route`` (a kind of road opens its name) (Boolean), ``points`` (how many). A place has as many rows as
            it has names (:mod:`scoring.geocode.aliases`).
        points: ``place``, ``numero`` (Int32, null for a place without number), ``repetition`` (canonical), ``genre``
            (what the index means: B for BIS), ``localite`` (key of the hamlet of the address), ``longitude``,
            ``latitude``.
        localites: names of hamlets, named places and communes that may follow a street: ``code_commune``, ``serree``.
        several: whether it holds several departments (:func:`together`): places then have ``zone`` too, and the
            communes of ``localites`` open with it.
    """

    places: pl.DataFrame
    points: pl.DataFrame
    localites: pl.DataFrame
    several: bool = False

    def area(self, code: str) -> pl.Expr:
        """The name under which an area of the places (the column of its code) is sought in this index."""
        return pl.concat_str("zone", code) if self.several else pl.col(code)


def together(indexes: Mapping[str, Index]) -> Index:
    """The indexes of several departments as one, in which each address is sought in its own only.

    A postal code may be of two departments, and a commune may have gone from one to another: every area is named
    with its department.

    Args:
        indexes: by department.
    """
    if len(indexes) == 1:
        return next(iter(indexes.values()))
    places, points, localities = [], [], []
    before = 0
    for departement, index in indexes.items():
        moved = (pl.col("place") + before).cast(pl.UInt32)
        zone = zone_of(departement)
        places.append(index.places.with_columns(moved, zone=pl.lit(zone)))
        points.append(index.points.with_columns(moved))
        localities.append(
            index.localites.with_columns(code_commune=pl.concat_str(pl.lit(zone), "code_commune"))
        )
        before += int(str(index.points["place"].max() or 0)) + 1
    return Index(pl.concat(places), pl.concat(points), pl.concat(localities), several=True)


def zone_of(departement: str) -> str:
    """What opens the names of a department's areas where there are several departments."""
    return f"{departement}|"


def build_index(ban: pl.DataFrame, fusions: dict[str, str]) -> Index:
    """Arrange BAN rows for matching.

    Args:
        ban: columns :data:`BAN_COLUMNS`; rows without coordinates are left out.
        fusions: former commune code -> commune in force: a BAN older than the territories is translated.
    """
    rows = ban.select(BAN_COLUMNS).drop_nulls(["longitude", "latitude", "code_commune"])
    number = pl.col("numero").cast(pl.Int32, strict=False)
    rows = rows.with_columns(numero=pl.when(number.is_between(1, HIGHEST_NUMBER)).then(number))
    # A street without any number and without a kind of way is a named place, as is the complement of a
    # street.
    streets = rows.filter(pl.col("nom_voie").is_not_null()).with_columns(
        _name=pl.col("nom_voie"), _named=pl.lit(False), _hamlet=pl.col("nom_lieu_dit")
    )
    named = rows.filter(pl.col("nom_lieu_dit").is_not_null()).with_columns(
        _name=pl.col("nom_lieu_dit"),
        _named=pl.lit(True),
        _hamlet=pl.lit(None, pl.String),
        numero=pl.lit(None, pl.Int32),
    )
    places, points = _placed(pl.concat([streets, named]), fusions)
    more = other_names(places["_name"])
    names = pl.concat(
        [
            places,
            places.join(more.drop("localite"), left_on="_name", right_on="nom")
            .with_columns(_name="autre")
            .select(places.columns),
        ]
    )
    keys, roads = keys_and_roads(names["_name"])
    names = (
        names.with_columns(
            cle=keys,
            _road=roads,
            **_commune_labels(names["nom_commune"], names["libelle_ancienne"]),
        )
        .drop_nulls("cle")
        .unique(["place", "cle"], keep="first", maintain_order=True)
        .select(
            "place",
            "code_commune",
            "code_postal",
            "ancien_code_commune",
            "libelle_commune",
            "libelle_ancienne",
            nom="_name",
            cle="cle",
            cle_nom=street_name(pl.col("cle")),
            serree=tight(pl.col("cle")),
            lieu_dit=pl.col("_named") | ((pl.col("numbered") == 0) & ~pl.col("_road")),
            route="_road",
            points="points",
        )
    )
    # What an address is shown under is the name as the BAN writes it.
    names = names.join(places.select("place", affiche="_name"), on="place", maintain_order="left")
    hamlets = more.drop_nulls("localite").select("nom", bracket="localite").unique("nom", maintain_order=True)
    brackets = places.select("_name").join(
        hamlets, left_on="_name", right_on="nom", how="left", maintain_order="left"
    )["bracket"]
    if brackets.null_count() < brackets.len():
        bracket = brackets.gather(points["place"])
        points = points.with_columns(_hamlet=pl.coalesce("_hamlet", bracket))
    points = points.with_columns(
        repetition=_where_told(points["repetition"], lambda told: by_value(told, canonical_repetition)),
        localite=_where_told(points["_hamlet"], place_keys),
    )
    genre = _where_told(points["repetition"], lambda told: by_value(told, repetition_class))
    points = points.with_columns(genre=genre)
    points = points.select("place", "numero", "repetition", "genre", "localite", "longitude", "latitude")
    return Index(names, points, _localities(names, points))


def _placed(rows: pl.DataFrame, fusions: dict[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The places of rows, numbered in the order of their identity, and the rows as points of them, in that order.

    The BAN gives a street's addresses one after the other: what tells a place is read once for such a run, and not
    for each of its rows.
    """
    new = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in _TOLD)
    starts = rows.select(new).to_series()
    in_force = pl.col("code_commune").replace(fusions)
    merged = in_force != pl.col("code_commune")
    runs = rows.filter(starts).select(
        "code_postal",
        "nom_commune",
        "_name",
        "_named",
        code_commune=in_force,
        ancien_code_commune=pl.coalesce("ancien_code_commune", pl.when(merged).then("code_commune")),
        libelle_ancienne=pl.coalesce("ancienne_commune", pl.when(merged).then("nom_commune")),
    )
    grouped = (
        runs.with_row_index("_run")
        .group_by(_IDENTITY)
        .agg("_run", nom_commune=pl.col("nom_commune").first())
        # Sorted, so that the same BAN always gives the same choice among equals.
        .sort(_IDENTITY, nulls_last=True)
        .with_row_index("place")
    )
    place = grouped.select("place", "_run").explode("_run").sort("_run")["place"]
    points = (
        rows.select("numero", "repetition", "_hamlet", "longitude", "latitude")
        .with_columns(place=place.gather(starts.cum_sum() - 1))
        .sort("place", maintain_order=True)
    )
    counted = points.group_by("place").agg(points=pl.len(), numbered=pl.col("numero").count()).sort("place")
    return grouped.drop("_run").with_columns(counted["points"], counted["numbered"]), points


def _where_told(values: pl.Series, spell: SeriesSpelling) -> pl.Series:
    """A normalisation of the values there are: few addresses have an index or a hamlet."""
    told = values.is_not_null()
    if told.all():
        return spell(values)
    return values.scatter(told.arg_true(), spell(values.filter(told)))


def _commune_labels(now: pl.Series, former: pl.Series) -> dict[str, pl.Series]:
    """Keys of the names of communes and of former communes, read together: each reading is dear in itself."""
    both = by_value(pl.concat([now, former.alias(now.name)]), commune_label)
    return {"libelle_commune": both.head(now.len()), "libelle_ancienne": both.tail(former.len())}


def _localities(names: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    """What may follow a street in its column: the names of places of its commune, and its communes' own."""
    hamlets = (
        points.drop_nulls("localite")
        .select("place", "localite")
        .unique()
        .join(names.select("place", "code_commune").unique(), on="place")
        .select("code_commune", serree=tight(pl.col("localite")))
    )
    own = names.filter("lieu_dit").select("code_commune", "serree")
    bare = names.filter("lieu_dit").select("code_commune", serree=tight(pl.col("cle_nom")))
    communes = [
        names.select("code_commune", serree=tight(pl.col(column))).drop_nulls().unique()
        for column in ("libelle_commune", "libelle_ancienne")
    ]
    return pl.concat([hamlets, own, bare, *communes]).unique()


def middles(points: pl.DataFrame) -> pl.DataFrame:
    """The point of each place nearest to the mean of its points: the middle, and yet on the street.

    Args:
        points: columns of :attr:`Index.points`.

    Returns:
        ``place``, ``longitude``, ``latitude``.
    """
    # A degree of longitude is shorter than one of latitude: 0.66 at 48.5° north is near enough to choose a
    # point.
    across = (pl.col("longitude") - pl.col("longitude").mean().over("place")) * 0.66
    along = pl.col("latitude") - pl.col("latitude").mean().over("place")
    return (
        points.select("place", "numero", "longitude", "latitude", _distance=(across**2 + along**2).round(14))
        # Only those that tie are worth sorting.
        .filter(pl.col("_distance") == pl.col("_distance").min().over("place"))
        .sort("place", "numero", "longitude", "latitude", nulls_last=True)
        .unique("place", keep="first", maintain_order=True)
        .select("place", "longitude", "latitude")
    )
