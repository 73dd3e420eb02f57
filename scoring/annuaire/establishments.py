"""Establishments of the FINESS register, joined to the professionals who practise there.

The join is the FINESS number of the activity's site. An activity whose site has no number belongs to no
establishment: an independent practice is not one.
"""

from __future__ import annotations

import polars as pl

from scoring.annuaire.persons import COMMUNE, ETABLISSEMENT, PERSON
from scoring.annuaire.spoken import usual_names


def catalogue(
    establishments: pl.LazyFrame, activities: pl.LazyFrame, communes: pl.LazyFrame, *, closed: bool = False
) -> pl.LazyFrame:
    """One row per establishment, with who practises there.

    Args:
        establishments: ``finess__etablissements``.
        activities: rows of ``annuaire__activites`` of one extraction.
        communes: ``territoires__communes``, for the names.
        closed: keep the closed ones too.

    Returns:
        LazyFrame sorted by commune then name: ``finess``, ``nom`` (String: the long name, else the short one),
        ``famille``, ``categorie``, ``code_departement``, ``siren_epci``, ``code_commune``, ``commune``, ``adresse``,
        ``code_postal``, ``telephone`` (String), ``longitude``, ``latitude`` (Float64), ``geo_source``, ``geo_motif``
        (String), ``ouvert`` (Boolean), ``date_fermeture``, ``date_donnees`` (Date), ``professionnels`` (Int64,
        distinct persons; 0 when nobody), ``professions`` (String, joined by " · ").
    """
    there = (
        activities.filter(pl.col("finess_site").is_not_null())
        .group_by(finess="finess_site")
        .agg(
            professionnels=pl.col(PERSON).n_unique().cast(pl.Int64),
            professions=pl.col("libelle_profession").drop_nulls().unique().sort().str.join(" · "),
        )
    )
    kept = establishments if closed else establishments.filter("ouvert")
    street = pl.concat_str(
        "numero_voie", "complement_voie", "type_voie", "voie", separator=" ", ignore_nulls=True
    )
    named = (
        kept.join(communes.select("code_commune", "commune"), on="code_commune", how="left")
        .join(there, on="finess", how="left")
        .with_columns(
            nom=pl.coalesce("raison_sociale_longue", "raison_sociale", "finess"),
            categorie=pl.coalesce("libelle_categorie", "code_categorie"),
            adresse=pl.when(street != "").then(street),
            professionnels=pl.col("professionnels").fill_null(0),
        )
        .sort("commune", "nom", "finess", nulls_last=True)
    )
    return named.select(
        "finess",
        "nom",
        "famille",
        "categorie",
        "code_departement",
        "siren_epci",
        "code_commune",
        "commune",
        "adresse",
        "code_postal",
        "telephone",
        "longitude",
        "latitude",
        "geo_source",
        "geo_motif",
        "ouvert",
        "date_fermeture",
        "date_donnees",
        "professionnels",
        "professions",
    )


def entries(establishments: pl.LazyFrame, communes: pl.LazyFrame) -> pl.LazyFrame:
    """Establishments as a search knows them: by both of their names; by category, commune or number.

    Args:
        establishments: ``finess__etablissements``, open or closed.
        communes: ``territoires__communes``, for the names.

    Returns:
        LazyFrame: ``genre``, ``code``, ``nom``, ``reste`` (String), as
            :func:`scoring.annuaire.search.build` takes them.
    """
    labels = establishments.select("libelle_categorie").unique().drop_nulls().collect().to_series().to_list()
    usual = {label: usual_names(label) for label in labels}
    named = establishments.join(communes.select("code_commune", "commune"), on="code_commune", how="left")
    named = named.with_columns(
        usuel=pl.col("libelle_categorie").replace_strict(usual, default=None, return_dtype=pl.String)
    )
    return named.sort("raison_sociale", "finess", nulls_last=True).select(
        genre=pl.lit(ETABLISSEMENT),
        code="finess",
        nom=pl.concat_str("raison_sociale_longue", "raison_sociale", separator=" ", ignore_nulls=True),
        reste=pl.concat_str(
            "libelle_categorie", "usuel", "commune", "finess", separator=" ", ignore_nulls=True
        ),
    )


def commune_entries(communes: pl.LazyFrame) -> pl.LazyFrame:
    """Communes as a search knows them, the most populated first.

    Returns:
        LazyFrame: ``genre``, ``code``, ``nom``, ``reste`` (String).
    """
    return communes.sort("population", "code_commune", descending=[True, False], nulls_last=True).select(
        genre=pl.lit(COMMUNE), code="code_commune", nom="commune", reste="code_departement"
    )


def practising_at(activities: pl.LazyFrame, finess: str) -> pl.LazyFrame:
    """The persons who practise in an establishment, for its card.

    Args:
        activities: rows of ``annuaire__activites`` of one extraction.
        finess: number of the establishment.

    Returns:
        LazyFrame sorted by profession then name: ``identification_nationale_pp``, ``nom``, ``prenom``,
        ``profession``, ``specialite``, ``mode_exercice`` (String; several values joined by " · ").
    """

    def listed(column: str) -> pl.Expr:
        return pl.col(column).drop_nulls().unique().sort().str.join(" · ")

    return (
        activities.filter(pl.col("finess_site") == finess)
        .group_by(PERSON)
        .agg(
            nom=pl.col("nom_exercice").drop_nulls().first(),
            prenom=pl.col("prenom_exercice").drop_nulls().first(),
            profession=listed("libelle_profession"),
            specialite=listed("libelle_specialite"),
            mode_exercice=listed("libelle_mode_exercice"),
        )
        .sort("profession", "nom", "prenom", PERSON, nulls_last=True)
    )


def unmatched(establishments: pl.LazyFrame, activities: pl.LazyFrame) -> pl.LazyFrame:
    """The FINESS numbers of the directory that the register does not know, with how many persons each.

    Returns:
        LazyFrame, most persons first: ``finess``, ``nom`` (String: the site's company name), ``professionnels``
        (Int64).
    """
    return (
        activities.filter(pl.col("finess_site").is_not_null())
        .join(establishments.select("finess"), left_on="finess_site", right_on="finess", how="anti")
        .group_by(finess="finess_site")
        .agg(
            nom=pl.col("raison_sociale_site").drop_nulls().sort().first(),
            professionnels=pl.col(PERSON).n_unique().cast(pl.Int64),
        )
        .sort("professionnels", "finess", descending=[True, False])
    )
