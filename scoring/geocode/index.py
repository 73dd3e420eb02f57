"""The Base Adresse Nationale of one department, arranged for matching: places and their points.

A *place* is a street or a named place as the BAN writes it once: one commune, postal code, former commune and
name. A *point* is one address of a place.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from scoring.geocode.addresses import HIGHEST_NUMBER, canonical_repetition
from scoring.geocode.normalise import by_value, commune_label, is_road, place_key, street_name

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


@dataclass(frozen=True)
class Index:
    """One department of the BAN.

    Attributes:
        places: ``place`` (UInt32), ``code_commune`` (in force), ``code_postal``, ``ancien_code_commune``,
            ``libelle_commune`` and ``libelle_ancienne`` (keys), ``nom`` (as written), ``cle`` (street key),
            ``cle_nom`` (without the kind of way), ``lieu_dit`` (Boolean), ``points`` (how many).
        points: ``place``, ``numero`` (Int32, null for a place without number), ``repetition`` (canonical),
            ``longitude``, ``latitude``.
    """

    places: pl.DataFrame
    points: pl.DataFrame


def build_index(ban: pl.DataFrame, fusions: dict[str, str]) -> Index:
    """Arrange BAN rows for matching.

    Args:
        ban: columns :data:`BAN_COLUMNS`; rows without coordinates are left out.
        fusions: former commune code -> commune in force: a BAN older than the territories is translated.
    """
    rows = ban.select(BAN_COLUMNS).drop_nulls(["longitude", "latitude", "code_commune"])
    number = pl.col("numero").cast(pl.Int32, strict=False)
    in_force = pl.col("code_commune").replace(fusions)
    rows = rows.with_columns(
        numero=pl.when(number.is_between(1, HIGHEST_NUMBER)).then(number),
        ancien_code_commune=pl.coalesce(
            "ancien_code_commune", pl.when(in_force != pl.col("code_commune")).then("code_commune")
        ),
        libelle_ancienne=pl.coalesce(
            "ancienne_commune", pl.when(in_force != pl.col("code_commune")).then("nom_commune")
        ),
        code_commune=in_force,
    )
    # A street without any number and without a kind of way is a named place, as is the complement of a
    # street.
    streets = rows.filter(pl.col("nom_voie").is_not_null()).with_columns(
        _name=pl.col("nom_voie"), _named=pl.lit(False)
    )
    named = rows.filter(pl.col("nom_lieu_dit").is_not_null()).with_columns(
        _name=pl.col("nom_lieu_dit"), _named=pl.lit(True), numero=pl.lit(None, pl.Int32)
    )
    both = pl.concat([streets, named])
    columns = ["numero", "repetition", "longitude", "latitude"]
    grouped = (
        both.group_by(_IDENTITY)
        .agg(*columns, nom_commune=pl.col("nom_commune").first())
        # Sorted, so that the same BAN always gives the same choice among equals.
        .sort(_IDENTITY, nulls_last=True)
        .with_row_index("place")
    )
    points = grouped.select("place", *columns).explode(columns)
    points = points.with_columns(repetition=by_value(points["repetition"], canonical_repetition))
    places = grouped.with_columns(
        points=pl.col("numero").list.len(), numbered=pl.col("numero").list.drop_nulls().list.len()
    ).drop("numero", "repetition", "longitude", "latitude")
    places = places.with_columns(cle=by_value(places["_name"], place_key))
    places = (
        places.with_columns(
            _road=by_value(places["_name"], is_road),
            libelle_commune=by_value(places["nom_commune"], commune_label),
            libelle_ancienne=by_value(places["libelle_ancienne"], commune_label),
        )
        .drop_nulls("cle")
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
            lieu_dit=pl.col("_named") | ((pl.col("numbered") == 0) & ~pl.col("_road")),
            points="points",
        )
    )
    return Index(places, points)


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
        points.with_columns(_distance=(across**2 + along**2).round(14))
        .sort("place", "_distance", "numero", "longitude", "latitude", nulls_last=True)
        .unique("place", keep="first", maintain_order=True)
        .select("place", "longitude", "latitude")
    )
