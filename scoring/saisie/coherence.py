"""Questions that answers raise side by side: they are asked, and never block."""

from __future__ import annotations

import polars as pl

SAUT = 2
"""Levels gained at once from which one asks what shows it."""
APPUIS = 3
"""Services that lean on another from which one asks why it may not be published."""
COLONNES = {"service": pl.String, "critere": pl.String, "question": pl.String}


def questions(
    services: pl.DataFrame,
    reponses: pl.DataFrame,
    precedentes: pl.DataFrame,
    masques: pl.DataFrame,
    solutions: pl.DataFrame,
) -> pl.DataFrame:
    """What a careful reader would ask.

    Args:
        services: ``service, nom, publiable, utilise`` (codes joined by « | »): those that the reader sees.
        reponses: their answers: ``service, critere, niveau, commentaire``.
        precedentes: the levels last validated: ``service, critere, niveau``.
        masques: ``service, critere, question``: what a known preliminary answer hides.
        solutions: ``service, editeur, solution``.

    Returns:
        ``service, critere`` (empty: the whole service) and ``question``, sorted.
    """
    levels = reponses.filter(pl.col("niveau").is_not_null())
    hidden = reponses.join(masques, on=["service", "critere"]).select(
        "service",
        "critere",
        question=pl.format(
            "Une réponse est donnée alors que la question préliminaire « {} » dit qu’elle ne se pose pas : "
            "laquelle est juste ?",
            pl.col("question").str.replace_all("_", " "),
        ),
    )
    jumps = (
        levels.join(precedentes.select("service", "critere", avant="niveau"), on=["service", "critere"])
        .filter(
            pl.col("niveau") - pl.col("avant") >= SAUT,
            pl.col("commentaire").fill_null("").str.strip_chars() == "",
        )
        .select(
            "service",
            "critere",
            question=pl.format(
                "Le niveau passe de {} à {} sans commentaire : qu’est-ce qui le montre ?", "avant", "niveau"
            ),
        )
    )
    equipped = levels.join(solutions, on="service").join(services.select("service", "nom"), on="service")
    pairs = (
        equipped.join(equipped, on=["editeur", "solution", "critere"], suffix="_autre")
        .filter(pl.col("niveau") == 0, pl.col("niveau_autre") == 3, pl.col("service") != pl.col("service_autre"))
        .sort("nom_autre")
        .unique(["service", "critere", "solution"], keep="first", maintain_order=True)
    )  # fmt: skip
    apart = pl.concat(
        [
            pairs.select(
                pl.col(f"service{mine}").alias("service"),
                "critere",
                question=pl.format(
                    "Avec la même solution ({}), « {} » répond {} : pourquoi ?",
                    "solution", f"nom{other}", pl.lit(level),
                ),
            )
            for mine, other, level in (("", "_autre", 3), ("_autre", "", 0))
        ]
    )  # fmt: skip
    leaning = (
        services.select(qui="service", service=pl.col("utilise").str.split("|"))
        .explode("service")
        .drop_nulls("service")
        .group_by("service")
        .agg(appuis=pl.col("qui").n_unique())
    )
    unpublished = (
        services.filter(~pl.col("publiable"))
        .join(leaning.filter(pl.col("appuis") >= APPUIS), on="service")
        .select(
            "service",
            critere=pl.lit(""),
            question=pl.format("{} services s’appuient sur lui, et il n’est pas publiable : pourquoi ?", "appuis"),
        )
    )  # fmt: skip
    found = pl.concat([hidden, jumps, apart, unpublished, pl.DataFrame(schema=COLONNES)])
    return found.unique().sort("service", "critere", "question")
