"""Puts the corrections in force on the activities: a human says where a site is when the register does not.

A correction is about one address of a site: an identifier may be shared by two places, and one that is found where it
is must not move with the other. A corrected row is *located*, with ``geo_source = correction``: precision ``numero``
when the operator gave coordinates, the precision of the address found when an address was given. The register's own
columns stay as published.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from ingest.source import Context
from lake.catalog.corrections import ADDRESS, CORRECTIONS, USELESS_KM, in_force, site_address
from lake.errors import MissingTable
from lake.geo import distance

SOURCE = "correction"
_NAMED = 10


@dataclass(frozen=True)
class Corrected:
    """Activities with the corrections on.

    Attributes:
        frame: the rows given, in their order and columns.
        figures: counts for the report; empty when no correction is in force. In force = applied + without
            site + useless.
        warnings: the sites without match, and those that need no correction any more.
    """

    frame: pl.DataFrame
    figures: dict[str, float | int | str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def corrections(context: Context) -> pl.DataFrame:
    """The corrections in force, none when no file was ever given."""
    try:
        return in_force(context.scan(CORRECTIONS)).collect()
    except MissingTable:
        return CORRECTIONS.empty()


def correct(frame: pl.DataFrame, known: pl.DataFrame, fusions: pl.DataFrame) -> Corrected:
    """Put corrections on located rows.

    Args:
        frame: rows with ``id_site``, ``code_commune`` and the columns of the geocoder.
        known: corrections in force (``annuaire__corrections``), one per site and address.
        fusions: ``territoires__fusions``: the commune of a correction may have merged since.
    """
    if known.is_empty():
        return Corrected(frame)
    merged = fusions.select("ancien_code_commune", _actuel=pl.col("code_commune")).unique(
        "ancien_code_commune"
    )
    points = (
        known.with_row_index("_correction")
        .select(
            "_correction",
            "id_site",
            _key=pl.col(ADDRESS).fill_null(""),
            _lon="longitude",
            _lat="latitude",
            _precision="geo_precision",
            _score="geo_score",
            _commune="code_commune",
        )
        .join(merged, left_on="_commune", right_on="ancien_code_commune", how="left")
        .with_columns(_commune=pl.coalesce("_actuel", "_commune"))
        .drop("_actuel")
    )
    rows = frame.with_row_index("_row").with_columns(_key=site_address(frame.columns))
    asked = rows.select("_row", "_key", "id_site", "code_commune", "longitude", "latitude", "geo_precision")
    own = asked.join(points.filter(pl.col("_key") != ""), on=["id_site", "_key"])
    whole = (
        asked.drop("_key")
        .join(own, on="_row", how="anti")
        .join(points.filter(pl.col("_key") == "").drop("_key"), on="id_site")
        .filter(~_found_elsewhere())
    )
    columns = ["_row", "_correction", "_lon", "_lat", "_precision", "_score", "_commune"]
    pairs = pl.concat(
        [one.select(*columns, "longitude", "latitude", "geo_precision") for one in (own, whole)]
    )
    sites = (
        pairs.group_by("_correction")
        .agg(
            useless=((pl.col("geo_precision") == "numero") & (_away_km() <= USELESS_KM)).all(),
            lignes=pl.len(),
        )
        .sort("_correction")
    )
    named = known.with_row_index("_correction").select("_correction", _named=_name())
    applied = sites.filter(~pl.col("useless"))
    useless = sites.filter("useless").join(named, on="_correction")["_named"].sort().to_list()
    lost = named.join(sites, on="_correction", how="anti")["_named"].sort().to_list()
    on = pairs.join(applied, on="_correction", how="semi").select(columns).drop("_correction")
    corrected = pl.col("_lon").is_not_null()
    result = (
        rows.join(on, on="_row", how="left", maintain_order="left")
        .with_columns(
            longitude=pl.coalesce("_lon", "longitude"),
            latitude=pl.coalesce("_lat", "latitude"),
            code_commune=pl.coalesce("_commune", "code_commune"),
            geo_precision=pl.coalesce("_precision", "geo_precision"),
            geo_score=pl.when(corrected).then("_score").otherwise("geo_score"),
            geo_motif=pl.when(~corrected).then("geo_motif"),
            geo_source=pl.when(corrected).then(pl.lit(SOURCE)).otherwise("geo_source"),
        )
        .select(frame.columns)
    )
    return Corrected(
        result,
        {
            "corrections en vigueur": known.height,
            "corrections appliquées": applied.height,
            "corrections sans site dans l'extraction": len(lost),
            "corrections devenues inutiles": len(useless),
            "lignes localisées par une correction": int(applied["lignes"].sum()),
        },
        [
            *_listed("corrections sans site dans l'extraction", lost),
            *_listed(
                "corrections devenues inutiles (l'adresse du registre est trouvée au même endroit)", useless
            ),
        ],
    )


def _found_elsewhere() -> pl.Expr:
    """Whether a row of a site is found at its number in another commune than the correction's."""
    other = (pl.col("code_commune") != pl.col("_commune")).fill_null(False)
    return (pl.col("geo_precision") == "numero").fill_null(False) & other


def _name() -> pl.Expr:
    """How the report names a correction: its site, and which of its addresses."""
    address = pl.col(ADDRESS).fill_null("")
    return pl.when(address == "").then("id_site").otherwise(pl.format("{} ({})", "id_site", address))


def _away_km() -> pl.Expr:
    """Distance from the register's point to the corrected one, in km."""
    return distance(*(pl.col(name) for name in ("longitude", "latitude", "_lon", "_lat")))


def _listed(what: str, sites: list[str]) -> list[str]:
    if not sites:
        return []
    more = f" et {len(sites) - _NAMED} autres" if len(sites) > _NAMED else ""
    return [f"{what} : {', '.join(sites[:_NAMED])}{more}"]
