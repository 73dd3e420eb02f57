"""The Base Adresse Nationale of one department, arranged for matching: places and their points.

A *place* is a street or a named place as the BAN writes it once: one commune, postal code, former commune and
name. A *point* is one address of a place.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ingest.geocode.addresses import HIGHEST_NUMBER, canonical_repetition
from ingest.geocode.normalise import commune_label, opens_with_way, street_key, street_name

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
    places = (
        both.group_by(_IDENTITY)
        .agg(
            points=pl.len(),
            numbered=pl.col("numero").count(),
            nom_commune=pl.col("nom_commune").first(),
        )
        # Sorted, so that the same BAN always gives the same choice among equals.
        .sort(_IDENTITY, nulls_last=True)
        .with_row_index("place")
    )
    points = both.join(places.select("place", *_IDENTITY), on=_IDENTITY, nulls_equal=True).select(
        "place", "numero", "repetition", "longitude", "latitude"
    )
    repetitions = points.select("repetition").unique()
    repetitions = repetitions.with_columns(canonical_repetition(pl.col("repetition")).alias("_canonical"))
    points = points.join(repetitions, on="repetition", how="left", nulls_equal=True).select(
        "place", "numero", "longitude", "latitude", repetition="_canonical"
    )
    names = places.select("_name").unique().with_columns(cle=street_key(pl.col("_name")))
    labels = (
        pl.concat([places["nom_commune"], places["libelle_ancienne"]]).unique().drop_nulls().to_frame("label")
    ).with_columns(key=commune_label(pl.col("label")))
    label_keys = dict(zip(labels["label"], labels["key"], strict=True))
    places = (
        places.join(names, on="_name", how="left", maintain_order="left")
        .drop_nulls("cle")
        .with_columns(
            cle=pl.when(pl.col("cle").str.starts_with("LIEU DIT "))
            .then(street_name(pl.col("cle")))
            .otherwise("cle")
        )
        .select(
            "place",
            "code_commune",
            "code_postal",
            "ancien_code_commune",
            libelle_commune=pl.col("nom_commune").replace(label_keys),
            libelle_ancienne=pl.col("libelle_ancienne").replace(label_keys),
            nom="_name",
            cle="cle",
            cle_nom=street_name(pl.col("cle")),
            lieu_dit=pl.col("_named") | ((pl.col("numbered") == 0) & ~opens_with_way(pl.col("cle"))),
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
