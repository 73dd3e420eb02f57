"""Demo file of FINESS: the establishments where the demo's persons practise, in the historical layout.

One establishment per demo site that bears a FINESS number (see
:mod:`demo.annuaire.identifiants`: these numbers cannot exist). A few positions are missing or
swapped, as in the official files. Same seed and arguments, same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from ingest.sources.finess.columns import GEOLOCALISATION, STRUCTURE
from ingest.sources.finess.nomenclature import CATEGORIES
from lake.geo import LAMBERT_93, to_metres

_CATEGORIES = {
    "hopital": "355",
    "clinique": "365",
    "ehpad": "500",
    "handicap": "183",
    "centre": "124",
    "msp": "603",
    "officine": "620",
    "laboratoire": "611",
    "armees": "114",
}
_OTHER = "698"
_MISSING, _SWAPPED = 0.02, 0.01
_SPREAD_M = 400.0


@dataclass(frozen=True)
class FinessDemo:
    """What was written.

    Attributes:
        path: the file.
        etablissements: establishments in it.
        sans_position: of which without coordinates.
        positions_echangees: of which with swapped coordinates.
    """

    path: Path
    etablissements: int
    sans_position: int
    positions_echangees: int


def write_finess(
    folder: Path,
    sites: pl.DataFrame,
    communes: pl.DataFrame,
    day: date,
    *,
    positions: pl.DataFrame | None = None,
    seed: int = 20250114,
) -> FinessDemo:
    """Write ``etalab-cs1100507-stock-AAAAMMJJ-0336.csv`` (UTF-8, both kinds of records).

    Args:
        folder: where to write; created if absent.
        sites: the demo's sites (:class:`demo.annuaire.write.AnnuaireDemo`); only those with
            ``finess_site`` and a known commune are written.
        communes: ``territoires__communes``.
        day: date of the file.
        positions: where the directory's geocoding put them: ``finess`` (String), ``longitude``, ``latitude``
            (degrees); others stand a few hundred metres from their commune's centre.
        seed: same seed and arguments, same bytes.
    """
    rng = np.random.default_rng([seed, 5])
    known = communes.select(
        vrai_code="code_commune", _commune="commune", _lon="longitude", _lat="latitude"
    ).drop_nulls()
    rows = (
        sites.filter(pl.col("finess_site") != "")
        .unique("finess_site", keep="first", maintain_order=True)
        .join(known, on="vrai_code", how="inner", maintain_order="left")
        .sort("finess_site")
    )
    near = np.degrees(rng.normal(0, _SPREAD_M / 6_371_000, (2, rows.height)))
    where = rows.with_columns(
        pl.Series("_lon", rows["_lon"].to_numpy() + near[0] / np.cos(np.radians(rows["_lat"].to_numpy()))),
        pl.Series("_lat", rows["_lat"].to_numpy() + near[1]),
    )
    if positions is not None:
        best = positions.drop_nulls().unique("finess", keep="first", maintain_order=True)
        where = where.join(
            best.rename({"finess": "finess_site", "longitude": "_x", "latitude": "_y"}),
            on="finess_site",
            how="left",
            maintain_order="left",
        ).with_columns(_lon=pl.coalesce("_x", "_lon"), _lat=pl.coalesce("_y", "_lat"))
    draw = rng.random(rows.height)
    missing, swapped = draw < _MISSING, (draw >= _MISSING) & (draw < _MISSING + _SWAPPED)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"etalab-cs1100507-stock-{day:%Y%m%d}-0336.csv"
    parts = [f"finess;etalab;96;{day.isoformat()}\n", _csv("structureet", _structures(where, day), STRUCTURE)]
    x, y = to_metres(where["_lon"].to_numpy(), where["_lat"].to_numpy(), LAMBERT_93)
    geo = where.select(nofinesset="finess_site").with_columns(
        coordxet=pl.Series(np.where(swapped, y, x).round(1)),
        coordyet=pl.Series(np.where(swapped, x, y).round(1)),
        sourcecoordet=pl.lit("1,ATLASANTE,96,BAN,L93_METROPOLE"),
        datemaj=pl.lit(day.isoformat()),
    )
    parts.append(_csv("geolocalisation", geo.filter(~pl.Series(missing)), GEOLOCALISATION))
    path.write_text("".join(parts), encoding="utf-8", newline="")
    return FinessDemo(path, rows.height, int(missing.sum()), int(swapped.sum()))


def _structures(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    category = pl.col("genre_site").replace_strict(_CATEGORIES, default=_OTHER, return_dtype=pl.String)
    labels = {code: label for code, (_, label) in CATEGORIES.items()}
    name = pl.col("raison_sociale_site").str.replace_all(";", " ")
    rank = pl.int_range(pl.len())
    town = pl.col("_commune").str.to_uppercase().str.replace_all(r"[-']", " ")
    filled = {
        "nofinesset": pl.col("finess_site"),
        "nofinessej": pl.col("finess_etablissement_juridique"),
        "rs": name.str.slice(0, 38),
        "rslongue": name,
        "numvoie": pl.col("numero_voie"),
        "typvoie": pl.col("code_type_voie"),
        "voie": pl.col("libelle_voie").str.replace_all(";", " "),
        "commune": pl.col("vrai_code").str.slice(2),
        "departement": pl.col("vrai_code").str.slice(0, 2),
        "ligneacheminement": pl.concat_str("code_postal", town, separator=" "),
        "telephone": pl.col("telephone"),
        "telecopie": pl.col("telecopie"),
        "categetab": category,
        "libcategetab": category.replace_strict(
            labels, default="Autre établissement", return_dtype=pl.String
        ),
        "siret": pl.col("siret_site"),
        "dateouv": pl.format("{}-01-01", 1960 + rank * 7 % 64),
        "dateautor": pl.format("{}-01-01", 1960 + rank * 7 % 64),
        "datemaj": pl.lit(day.isoformat()),
    }
    return rows.select(filled.get(column, pl.lit("")).alias(column) for column in STRUCTURE)


def _csv(record: str, rows: pl.DataFrame, columns: tuple[str, ...]) -> str:
    """Lines of one kind of record, without header nor quotes."""
    written = rows.select(
        pl.lit(record).alias("_"), *(pl.col(c).cast(pl.String).fill_null("") for c in columns)
    )
    return written.write_csv(include_header=False, separator=";", quote_style="never")
