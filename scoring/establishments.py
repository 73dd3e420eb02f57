"""Establishments of the FINESS register, joined to the professionals who practise there.

The join is the FINESS number of the activity's site. An activity whose site has no number belongs to no
establishment: an independent practice is not one.
"""

from __future__ import annotations

import polars as pl

from scoring.repertoire import PERSON, fold


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
        ``famille``, ``categorie``, ``code_commune``, ``commune``, ``adresse``, ``telephone`` (String),
        ``longitude``, ``latitude`` (Float64), ``geo_source``, ``geo_motif`` (String), ``ouvert`` (Boolean),
        ``professionnels`` (Int64, distinct persons; 0 when nobody), ``professions`` (String, joined by " · "),
        ``texte`` (String: what :func:`scoring.repertoire.search` looks into).
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
    said = pl.concat_str(
        ["nom", "raison_sociale", "categorie", "commune", "finess"], separator=" ", ignore_nulls=True
    )
    return named.select(
        "finess",
        "nom",
        "famille",
        "categorie",
        "code_commune",
        "commune",
        "adresse",
        "telephone",
        "longitude",
        "latitude",
        "geo_source",
        "geo_motif",
        "ouvert",
        "professionnels",
        "professions",
        texte=pl.format(" {}", fold(said)),
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
