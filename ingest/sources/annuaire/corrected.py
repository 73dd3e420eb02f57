"""Puts the corrections in force on the activities: a human says where a site is when the register does not.

A corrected row is *located*, with ``geo_source = correction``: precision ``numero`` when the operator gave
coordinates, the precision of the address found when an address was given. The register's own columns stay as
published.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from ingest.source import Context
from lake.catalog.corrections import CORRECTIONS, USELESS_KM, in_force
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
        known: corrections in force (``annuaire__corrections``), one per site.
        fusions: ``territoires__fusions``: the commune of a correction may have merged since.
    """
    if known.is_empty():
        return Corrected(frame)
    merged = fusions.select("ancien_code_commune", _actuel=pl.col("code_commune")).unique(
        "ancien_code_commune"
    )
    points = (
        known.select(
            "id_site",
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
    sites = (
        frame.lazy()
        .select("id_site", "longitude", "latitude", "geo_precision")
        .join(points.lazy(), on="id_site")
        .group_by("id_site")
        .agg(
            useless=((pl.col("geo_precision") == "numero") & (_away_km() <= USELESS_KM)).all(),
            lignes=pl.len(),
        )
        .sort("id_site")
        .collect()
    )
    applied = sites.filter(~pl.col("useless"))
    useless = sites.filter(pl.col("useless"))["id_site"].to_list()
    lost = known.join(sites, on="id_site", how="anti")["id_site"].sort().to_list()
    on = points.join(applied.select("id_site"), on="id_site", how="semi")
    corrected = pl.col("_lon").is_not_null()
    columns = frame.columns
    result = (
        frame.join(on, on="id_site", how="left", maintain_order="left")
        .with_columns(
            longitude=pl.coalesce("_lon", "longitude"),
            latitude=pl.coalesce("_lat", "latitude"),
            code_commune=pl.coalesce("_commune", "code_commune"),
            geo_precision=pl.coalesce("_precision", "geo_precision"),
            geo_score=pl.when(corrected).then("_score").otherwise("geo_score"),
            geo_motif=pl.when(~corrected).then("geo_motif"),
            geo_source=pl.when(corrected).then(pl.lit(SOURCE)).otherwise("geo_source"),
        )
        .select(columns)
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


def _away_km() -> pl.Expr:
    """Distance from the register's point to the corrected one, in km."""
    return distance(*(pl.col(name) for name in ("longitude", "latitude", "_lon", "_lat")))


def _listed(what: str, sites: list[str]) -> list[str]:
    if not sites:
        return []
    more = f" et {len(sites) - _NAMED} autres" if len(sites) > _NAMED else ""
    return [f"{what} : {', '.join(sites[:_NAMED])}{more}"]
