"""Who the invented persons are: names, identifiers, skills."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from demo.annuaire import identifiants as identifiants
from demo.annuaire.metiers import METIERS
from demo.annuaire.noms import NOMS, PRENOMS_F, PRENOMS_M
from lake.text import folded

Ints = npt.NDArray[np.int64]


def identities(rng: np.random.Generator, metier: Ints, shift: int, first_rank: int = 0) -> pl.DataFrame:
    """Names, identifiers and skills of persons, given their ``metier`` (index in METIERS).

    Identifiers are distinct for distinct ranks, counted from ``first_rank``.
    """
    size = metier.size
    ranks = np.arange(first_rank, first_rank + size)
    women = np.array([m.femmes for m in METIERS])[metier]
    woman = rng.random(size) < women
    first_f = pl.Series(PRENOMS_F)[rng.integers(0, len(PRENOMS_F), size)]
    first_m = pl.Series(PRENOMS_M)[rng.integers(0, len(PRENOMS_M), size)]
    # Common names are commoner: the square of a uniform draw, over a shuffled list.
    order = rng.permutation(len(NOMS))
    family = pl.Series(NOMS)[order[(rng.random(size) ** 1.7 * len(NOMS)).astype(np.int64)]]
    second = pl.Series(NOMS)[rng.integers(0, len(NOMS), size)]
    by_adeli = rng.random(size) < np.array([m.adeli for m in METIERS])[metier]
    rpps = identifiants.rpps(ranks, shift)
    adeli = identifiants.adeli(ranks, shift)
    skill = [""] * size
    for index, description in enumerate(METIERS):
        if description.savoir_faire:
            mine = np.flatnonzero(metier == index)
            weights = np.array([weight for _, weight in description.savoir_faire], np.float64)
            chosen = rng.choice(weights.size, mine.size, p=weights / weights.sum())
            for person, choice in zip(mine, chosen, strict=True):
                skill[person] = description.savoir_faire[choice][0]
    extra = pl.Series(["C05", "C33", "C34", "C40", "C71"])[rng.integers(0, 5, size)]
    return (
        pl.DataFrame(
            {
                "metier": metier,
                "savoir_faire": pl.Series(skill, dtype=pl.String),
                "femme": woman,
                "_double": (rng.random(size) < 0.04) & woman,
                "_adeli": by_adeli,
                "_extra": rng.random(size) < 0.06,
            }
        )
        .with_columns(
            first_f.alias("_f"),
            first_m.alias("_m"),
            family.alias("_nom"),
            second.alias("_nom2"),
            rpps.alias("_rpps"),
            adeli.alias("_id_adeli"),
            extra.alias("_comp"),
        )
        .select(
            "metier",
            "savoir_faire",
            "femme",
            competence=pl.when(pl.col("_extra") & (pl.col("savoir_faire") != ""))
            .then("_comp")
            .otherwise(pl.lit("")),
            type_identifiant_pp=pl.when("_adeli").then(pl.lit("0")).otherwise(pl.lit("8")),
            identifiant_pp=pl.when("_adeli").then("_id_adeli").otherwise("_rpps"),
            nom_exercice=pl.when("_double").then(pl.col("_nom") + "-" + pl.col("_nom2")).otherwise("_nom"),
            prenom_exercice=pl.when("femme").then("_f").otherwise("_m").pipe(folded).str.to_uppercase(),
        )
        .with_columns(identification_nationale_pp=pl.col("type_identifiant_pp") + pl.col("identifiant_pp"))
    )
