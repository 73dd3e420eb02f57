"""The quality of locations under a selection: what its page and its command ask alike.

The ledger closes at every mesh and on every counting base: total = located by number + street + named place + not
located by reason. What is not located can be corrected, site by site: the rows are those of the correction file.
"""

from __future__ import annotations

import polars as pl

from lake.catalog.annuaire import ACTIVITES
from lake.catalog.corrections import ADDRESS, CORRECTIONS, FILLED, LAYOUT, USELESS_KM, in_force, site_address
from lake.catalog.territoires import COMMUNES, DEPARTEMENTS, EPCI, REGIONS
from lake.contract import Table
from lake.errors import MissingTable
from lake.geo import distance
from scoring.annuaire.counting import Base, at_principal, ledger, with_region
from scoring.annuaire.inside import everywhere, inside
from scoring.annuaire.territory import MESHES
from scoring.universes.annuaire import ANNUAIRE, MOTIF_WORDS
from scoring.universes.engine import detail
from scoring.universes.model import Scan
from scoring.universes.selection import Selection

NAMES: dict[str, tuple[Table, str, str]] = {
    "region": (REGIONS, "code_region", "region"),
    "departement": (DEPARTEMENTS, "code_departement", "departement"),
    "epci": (EPCI, "siren_epci", "epci"),
    "commune": (COMMUNES, "code_commune", "commune"),
}
"""Where the names of a mesh's territories are: table, code, name."""
TO_COME, APPLIED, USELESS, NO_SITE = "a_venir", "appliquee", "inutile", "sans_site"
STATES = (APPLIED, TO_COME, USELESS, NO_SITE)
"""What became of a correction in an extraction."""
_STREET = ("numero_voie", "indice_repetition_voie", "libelle_type_voie", "libelle_voie")


def rows_of(scan: Scan, selection: Selection, what: Base, *, restrict: pl.Expr | None = None) -> pl.LazyFrame:
    """The activities that a base counts under a selection.

    Under the principal base, each person is put in the principal territory first, and the selected territories
    then keep those whose principal territory they are: the figures of several territories add up.

    Args:
        scan: reads tables lazily.
        selection: filters and extraction.
        what: the base.
        restrict: what the reader's rights impose.

    Returns:
        LazyFrame: the columns of ``annuaire__activites``.
    """
    if what is not Base.PERSONNES_PRINCIPAL:
        return detail(ANNUAIRE, scan, selection, restrict=restrict)
    rows = at_principal(detail(ANNUAIRE, scan, everywhere(selection), restrict=restrict))
    kept = with_region(rows, scan(DEPARTEMENTS)).filter(inside(selection))
    return kept.select(ACTIVITES.columns)


def registre(
    scan: Scan,
    selection: Selection,
    what: Base,
    mesh: str | None = None,
    *,
    restrict: pl.Expr | None = None,
) -> pl.DataFrame:
    """The closing ledger of a selection, by territory or for the whole.

    Args:
        scan: reads tables lazily.
        selection: filters and extraction.
        what: the base.
        mesh: ``commune``, ``epci``, ``departement``, ``region``; None for one row.
        restrict: what the reader's rights impose.

    Returns:
        DataFrame: the mesh's code and name (String, null where unknown), then the columns of
        :func:`scoring.annuaire.counting.ledger`.

    Raises:
        UnknownName: the mesh does not exist.
    """
    rows = rows_of(scan, selection, what, restrict=restrict)
    found = ledger(rows, scan(DEPARTEMENTS), what, mesh).collect()
    if mesh is None:
        return found
    table, code, name = NAMES[mesh]
    names = scan(table).select(code, name).collect()
    figures = [column for column in found.columns if column != MESHES[mesh]]
    return found.join(names, on=code, how="left", maintain_order="left").select(
        code, pl.coalesce(name, code).alias(name), *figures
    )


def a_corriger(scan: Scan, selection: Selection, *, restrict: pl.Expr | None = None) -> pl.DataFrame:
    """The addresses that are not located, in the layout of the correction file, ready to be completed.

    One row per site and address: two places may share one identifier.

    Returns:
        DataFrame: the columns of :data:`lake.catalog.corrections.LAYOUT` (String, ``activites`` Int64), those
        with the most activities first. Activities without any identifier of site have no line: nothing could
        name them.
    """
    rows = detail(ANNUAIRE, scan, selection, restrict=restrict)
    street = pl.concat_str(_STREET, separator=" ", ignore_nulls=True).str.strip_chars()
    parts = ("complement_point_geographique", "_voie", "mention_distribution")
    written = (
        pl.concat_list(pl.col(part).replace("", None) for part in parts).list.drop_nulls().list.join(", ")
    )
    sites = (
        rows.filter(pl.col("geo_motif").is_not_null() & pl.col("id_site").is_not_null())
        .with_columns(site_address(ACTIVITES.columns).alias(ADDRESS), _voie=street)
        .sort("ligne")
        .group_by("id_site", ADDRESS)
        .agg(
            raison_sociale=pl.coalesce("enseigne_commerciale_site", "raison_sociale_site")
            .drop_nulls()
            .first(),
            adresse_publiee=written.first(),
            code_postal=pl.col("code_postal").drop_nulls().first(),
            code_commune=pl.col("code_commune").drop_nulls().first(),
            _commune=pl.col("libelle_commune_source").drop_nulls().first(),
            motif=pl.col("geo_motif").first().replace(MOTIF_WORDS),
            professions=pl.coalesce("libelle_profession", "code_profession").unique().sort().str.join(", "),
            activites=pl.len().cast(pl.Int64),
        )
    )
    names = scan(COMMUNES).select("code_commune", "commune")
    empty = [pl.lit(None, pl.String).alias(name) for name in (*FILLED, "commentaire")]
    return (
        sites.join(names, on="code_commune", how="left")
        .with_columns(
            identifiant_structure=pl.col("id_site").str.strip_prefix("structure:"),
            commune=pl.coalesce("commune", "_commune"),
            adresse_publiee=pl.col("adresse_publiee").replace("", None),
        )
        .with_columns(empty)
        .sort("activites", "identifiant_structure", ADDRESS, descending=[True, False, False])
        .select(LAYOUT)
        .collect()
    )


def sans_identifiant(scan: Scan, selection: Selection, *, restrict: pl.Expr | None = None) -> int:
    """The activities not located whose site has no identifier at all: no correction can name them."""
    rows = detail(ANNUAIRE, scan, selection, restrict=restrict)
    lost = rows.filter(pl.col("geo_motif").is_not_null() & pl.col("id_site").is_null())
    return int(lost.select(pl.len()).collect().item())


def corrections(scan: Scan, selection: Selection, *, restrict: pl.Expr | None = None) -> pl.DataFrame:
    """The corrections in force, and what became of each in the extraction selected.

    Returns:
        DataFrame, the newest first: ``id_site``, ``adresse_registre`` (empty: the whole site), ``raison_sociale``,
        ``code_commune``, ``commune``, ``longitude``, ``latitude``, ``adresse``, ``commentaire``, ``enregistree_le``,
        ``activites`` (Int64: rows of the site in the extraction), ``etat`` (one of :data:`STATES`). Under a
        territorial or professional filter, only corrections of sites that it keeps.
    """
    try:
        known = in_force(scan(CORRECTIONS))
        known.collect_schema()
    except MissingTable:
        known = CORRECTIONS.empty().lazy()
    known = known.with_columns(_correction=pl.int_range(pl.len()))
    # Addresses are written for the sites that are corrected only: a few, among all of a region's.
    concerned = known.select("id_site").unique()
    rows = detail(ANNUAIRE, scan, selection, restrict=restrict).join(concerned, on="id_site", how="semi")
    points = known.select("_correction", "id_site", _key=ADDRESS, _lon="longitude", _lat="latitude")
    sites = (
        rows.select(
            "id_site",
            site_address(ACTIVITES.columns).alias(ADDRESS),
            "code_commune",
            "longitude",
            "latitude",
            "geo_precision",
            "geo_source",
            raison_sociale=pl.coalesce("enseigne_commerciale_site", "raison_sociale_site"),
        )
        .join(points, on="id_site")
        .filter((pl.col("_key") == "") | (pl.col("_key") == pl.col(ADDRESS)))
        .group_by("_correction")
        .agg(
            raison_sociale=pl.col("raison_sociale").drop_nulls().first(),
            _commune=pl.col("code_commune").drop_nulls().first(),
            activites=pl.len().cast(pl.Int64),
            _applied=((pl.col("geo_source") == "correction") & (_away_km() < 0.001)).any(),
            _useless=(
                (pl.col("geo_precision") == "numero")
                & (pl.col("geo_source") != "correction")
                & (_away_km() <= USELESS_KM)
            ).all(),
        )
    )
    names = scan(COMMUNES).select("code_commune", "commune")
    found = (
        known.join(sites, on="_correction", how="inner" if selection.filters else "left")
        .with_columns(
            code_commune=pl.coalesce("_commune", "code_commune"),
            activites=pl.col("activites").fill_null(0),
            etat=pl.when(pl.col("activites").is_null())
            .then(pl.lit(NO_SITE))
            .when("_applied")
            .then(pl.lit(APPLIED))
            .when("_useless")
            .then(pl.lit(USELESS))
            .otherwise(pl.lit(TO_COME)),
        )
        .join(names, on="code_commune", how="left")
        .sort("enregistree_le", "id_site", ADDRESS, descending=[True, False, False])
    )
    return found.select(
        "id_site",
        ADDRESS,
        "raison_sociale",
        "code_commune",
        "commune",
        "longitude",
        "latitude",
        "adresse",
        "commentaire",
        "enregistree_le",
        "activites",
        "etat",
    ).collect()


def _away_km() -> pl.Expr:
    """Distance from an activity's point to its correction's, in km."""
    return distance(*(pl.col(name) for name in ("longitude", "latitude", "_lon", "_lat")))
