"""Demo file of the population by age, in the layout of INSEE's table POP1B. Ages are fictional.

Each commune's inhabitants are those of the reference; their ages follow one made-up pyramid, tilted at random
towards the young or the old, small communes more often towards the old. Same seed and arguments, same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from ingest.sources.ages.columns import COLUMNS, OLDEST

YEAR = 2021
_ANCHORS = (0, 10, 20, 30, 45, 60, 72, 80, 90, OLDEST)
_SHARES = (1.05, 1.22, 1.18, 1.16, 1.32, 1.34, 1.15, 0.72, 0.28, 0.01)
_WOMEN_AT, _WOMEN = (0, 50, 75, OLDEST), (0.488, 0.505, 0.55, 0.82)


def write_ages(
    folder: Path, communes: pl.DataFrame, *, departements: Sequence[str] = (), seed: int = 20250114
) -> Path:
    """Write ``TD_POP1B_2021.csv``: one line per commune, sex and age from 0 to 100.

    Args:
        folder: where to write; created if absent.
        communes: ``territoires__communes``; those without inhabitants are left out.
        departements: only these départements; all when empty.
        seed: same seed and arguments, same bytes.
    """
    rng = np.random.default_rng([seed, 7])
    kept = pl.col("code_departement").is_in(list(departements)) if departements else pl.lit(True)
    rows = communes.filter(kept & (pl.col("population") > 0)).sort("code_commune")
    people = rows["population"].to_numpy().astype(float)
    ages = np.arange(OLDEST + 1)
    pyramid = np.interp(ages, _ANCHORS, _SHARES)
    tilt = 0.35 * rng.standard_normal(rows.height) + 0.25 - 0.06 * np.log(people / 300)
    shares = pyramid * np.exp(tilt[:, None] * (ages - 42) / 40)
    counts = people[:, None] * shares / shares.sum(axis=1, keepdims=True)
    women = np.interp(ages, _WOMEN_AT, _WOMEN)
    both = np.stack([counts * (1 - women), counts * women], axis=1)  # communes × sex × age
    lines = 2 * len(ages)
    place = np.repeat(np.arange(rows.height), lines)
    names = rows.select(CODGEO="code_commune", LIBGEO="commune")[place]
    text = [f"{age:03d}" for age in ages]
    frame = names.with_columns(
        NIVGEO=pl.lit("COM"),
        SEXE=pl.Series(np.tile(np.repeat(["1", "2"], len(ages)), rows.height)),
        AGED100=pl.Series(np.tile(np.array(text * 2), rows.height)),
        NB=pl.Series(both.reshape(-1)),
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"TD_POP1B_{YEAR}.csv"
    frame.select(COLUMNS).write_csv(path, separator=";", float_precision=6)
    return path
