"""The directory as a list of persons: one row each, and a search that forgives accents, case and word order."""

from __future__ import annotations

import polars as pl

from lake.catalog.annuaire import PRECISIONS_LOCALISEES

PERSON = "identification_nationale_pp"


def fold(text: pl.Expr) -> pl.Expr:
    """Lower case, without accents or punctuation: what searches compare (String -> String)."""
    bare = text.fill_null("").str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    return bare.str.replace_all(r"œ", "oe").str.replace_all(r"[^a-z0-9]+", " ").str.strip_chars()


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
        ``activites`` (Int64), ``localise`` (Boolean: at least one activity is located), ``texte`` (String: what
        searches look into).
    """
    named = activities.join(
        communes.select("code_commune", "commune"), on="code_commune", how="left", maintain_order="left"
    )
    one = (
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
    said = pl.concat_str(
        ["nom", "prenom", "profession", "specialite", "commune", PERSON], separator=" ", ignore_nulls=True
    )
    return one.with_columns(texte=pl.format(" {}", fold(said)))


def search(people: pl.LazyFrame, words: str) -> pl.LazyFrame:
    """The persons in whose name, profession, specialty, commune or identifier every word starts a word.

    Args:
        people: result of :func:`persons`.
        words: what the reader typed; empty keeps everyone.

    Returns:
        LazyFrame: the same columns; those whose name starts with the first word come first.
    """
    wanted = pl.select(fold(pl.lit(words))).item().split()
    if not wanted:
        return people
    kept = people.filter(
        pl.all_horizontal(pl.col("texte").str.contains(f" {word}", literal=True) for word in wanted)
    )
    by_name = fold(pl.col("nom")).str.starts_with(wanted[0])
    return kept.sort(~by_name, "nom", "prenom", PERSON, nulls_last=True)
