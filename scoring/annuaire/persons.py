"""The directory as a list of persons, one row each, and where each can be met."""

from __future__ import annotations

import polars as pl

from lake.catalog.annuaire import PRECISIONS_LOCALISEES

PERSON = "identification_nationale_pp"
PERSONNE, ETABLISSEMENT, COMMUNE = "personne", "etablissement", "commune"
"""The kinds of things that a search finds."""


def _listed(column: str) -> pl.Expr:
    """The distinct values of a column in a group, sorted, joined by " · "."""
    return pl.col(column).drop_nulls().unique().sort().str.join(" · ")


def persons(activities: pl.LazyFrame, communes: pl.LazyFrame) -> pl.LazyFrame:
    """One row per person of the activities given.

    Args:
        activities: rows of ``annuaire__activites`` (one extraction, filtered or not).
        communes: ``territoires__communes``, for the names.

    Returns:
        LazyFrame sorted by name: ``identification_nationale_pp``, ``nom``, ``prenom``, ``civilite``,
        ``profession``, ``specialite``, ``mode_exercice``, ``commune`` (String; several values joined by " · "),
        ``activites`` (Int64), ``localise`` (Boolean: at least one activity is located).
    """
    named = activities.join(
        communes.select("code_commune", "commune"), on="code_commune", how="left", maintain_order="left"
    )
    return (
        named.group_by(PERSON)
        .agg(
            nom=pl.col("nom_exercice").drop_nulls().first(),
            prenom=pl.col("prenom_exercice").drop_nulls().first(),
            civilite=pl.col("libelle_civilite_exercice").drop_nulls().first(),
            profession=_listed("libelle_profession"),
            specialite=_listed("libelle_specialite"),
            mode_exercice=_listed("libelle_mode_exercice"),
            commune=_listed("commune"),
            activites=pl.len().cast(pl.Int64),
            localise=pl.col("geo_precision").is_in(PRECISIONS_LOCALISEES).any(),
        )
        .sort("nom", "prenom", PERSON, nulls_last=True)
    )


def entries(people: pl.LazyFrame) -> pl.LazyFrame:
    """Persons as a search knows them: by name; by profession, specialty, mode, commune or identifier.

    Args:
        people: result of :func:`persons`.

    Returns:
        LazyFrame: ``genre``, ``code``, ``nom``, ``reste`` (String), as
            :func:`scoring.annuaire.search.build` takes them.
    """
    return people.select(
        genre=pl.lit(PERSONNE),
        code=PERSON,
        nom=pl.concat_str("nom", "prenom", separator=" ", ignore_nulls=True),
        reste=pl.concat_str(
            "profession", "specialite", "mode_exercice", "commune", PERSON, separator=" ", ignore_nulls=True
        ),
    )


def contacts(activities: pl.LazyFrame, communes: pl.LazyFrame) -> pl.LazyFrame:
    """Where each person practises and how to reach it: one row per person and place, repetitions merged.

    Args:
        activities: rows of ``annuaire__activites`` (one extraction, filtered or not).
        communes: ``territoires__communes``, for the names.

    Returns:
        LazyFrame in the file's order: ``identification_nationale_pp``, ``lieu`` (String: the site's name), ``voie``
        (String: number and street), ``complement``, ``code_postal``, ``commune``, ``telephone``, ``telephone_2``,
        ``email``, ``finess`` (String), ``longitude``, ``latitude`` (Float64; null unless located at the address).
    """
    located = pl.col("geo_precision").is_in(PRECISIONS_LOCALISEES)
    street = pl.concat_str(
        "numero_voie",
        "indice_repetition_voie",
        "libelle_type_voie",
        "libelle_voie",
        separator=" ",
        ignore_nulls=True,
    )
    named = activities.join(
        communes.select("code_commune", "commune"), on="code_commune", how="left", maintain_order="left"
    )
    return named.select(
        PERSON,
        lieu=pl.coalesce("enseigne_commerciale_site", "raison_sociale_site"),
        voie=pl.when(street != "").then(street),
        complement=pl.coalesce("complement_point_geographique", "mention_distribution"),
        code_postal="code_postal",
        commune=pl.coalesce("commune", "libelle_commune_source"),
        telephone="telephone",
        telephone_2="telephone_2",
        email="email",
        finess="finess_site",
        longitude=pl.when(located).then("longitude"),
        latitude=pl.when(located).then("latitude"),
    ).unique(maintain_order=True)
