"""Scoring of Convergence against the same in pandas, in one run.

Run by hand: ``python -m bench.convergence [--services 100000]``. Two cases: a publication (299 services × the
31 criteria × 24 quarters) and a large one (100,000 services, today's answers by axis and by region).

pandas is measured twice: as the formulas are usually written with it (a weighted mean of each group, by
``groupby.apply``), and rewritten by hand without any function call per group. Calls are interleaved; figures
are medians. The usual way runs once, and on a twentieth of the large case: it takes minutes on the whole of
it. Results are compared first.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
import polars as pl

from lake.catalog.convergence import trimestre_nom, trimestre_rang
from scoring.convergence.scores import projections, score

AXES = (2, 5, 2, 2, 2, 1, 1, 1, 1, 1, 1, 2, 1, 2)  # criteria per axis, as in QU and QI
QUARTERS = [trimestre_nom(rank) for rank in range(trimestre_rang("2021-T1"), trimestre_rang("2027-T1"))]


def referentiel() -> pl.DataFrame:
    """31 criteria: fourteen axes of services, and seven criteria of regional systems in five axes."""
    rows = []
    for axis, size in enumerate((*AXES, 1, 1, 1, 3, 1)):
        questionnaire = "QU" if axis < 8 else "QI" if axis < 14 else "QR"
        sujet = "si_regional" if questionnaire == "QR" else "service"
        rows += [
            (questionnaire, sujet, f"X{axis:02d}", f"X{axis:02d}.{rank}", 1 + rank % 3, 1.0)
            for rank in range(size)
        ]
    names = ["questionnaire", "sujet", "axe", "critere", "niveau_attendu", "poids"]
    return pl.DataFrame(rows, schema=names, orient="row")


def campaign(count: int, seed: int = 44) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Services, answers (a fifth not applicable) and plans (two steps for a third of the answers)."""
    rng = np.random.default_rng(seed)
    ref = referentiel().filter(pl.col("sujet") == "service")
    services = pl.DataFrame(
        {
            "service": [f"S{rank:06d}" for rank in range(count)],
            "region": rng.choice(["11", "24", "27", "28", "32", "44", "52", "53", "75", "76"], count),
            "kind": "metier",
            "publiable": rng.random(count) < 0.95,
        }
    )
    answers = services.select("service").join(ref.select("critere"), how="cross")
    answers = answers.with_columns(
        niveau=pl.Series(rng.integers(0, 4, answers.height)),
        non_applicable=pl.Series(rng.random(answers.height) < 0.2),
    ).with_columns(niveau=pl.when(~pl.col("non_applicable")).then("niveau"))
    planned = answers.filter(pl.Series(rng.random(answers.height) < 0.33), ~pl.col("non_applicable"))
    steps = [
        planned.select(
            "service",
            "critere",
            niveau=pl.min_horizontal(pl.lit(3), pl.col("niveau") + step),
            trimestre=pl.Series(rng.choice(QUARTERS[6 * step : 6 * step + 12], planned.height)),
        )
        for step in (1, 2)
    ]
    return services, answers, pl.concat(steps)


def pandas_score(services: pd.DataFrame, answers: pd.DataFrame, ref: pd.DataFrame, key: str) -> pd.DataFrame:
    """The same averages as :func:`scoring.convergence.scores.score`, in vectorised pandas (no apply)."""
    kept = services[services["publiable"]]
    rows = answers[~answers["non_applicable"]].merge(ref, on="critere").merge(kept, on="service")
    reached = np.where(
        rows["niveau_attendu"] <= 0, 1.0, np.minimum(1.0, rows["niveau"] / rows["niveau_attendu"])
    )
    rows["taux"] = reached * rows["poids"]
    rows["points"] = rows["niveau"] * rows["poids"]
    axis = rows.groupby(["questionnaire", "axe", "service"], as_index=False)[
        ["taux", "points", "poids"]
    ].sum()
    axis["taux"] = 100 * axis["taux"] / axis["poids"]
    axis["niveau"] = axis["points"] / axis["poids"]
    if key != "axe":
        axis = axis.groupby(["questionnaire", "service"], as_index=False)[["taux", "niveau"]].mean()
        axis = axis.merge(kept[["service", key]], on="service")
    return axis.groupby(["questionnaire", key], as_index=False).agg(
        services_concernes=("service", "size"),
        taux_maturite_pct=("taux", "mean"),
        niveau_maturite=("niveau", "mean"),
    )


def pandas_apply(services: pd.DataFrame, answers: pd.DataFrame, ref: pd.DataFrame, key: str) -> pd.DataFrame:
    """The same averages as the formulas read: a weighted mean of each group of criteria."""
    kept = services[services["publiable"]]
    rows = answers[~answers["non_applicable"]].merge(ref, on="critere").merge(kept, on="service")
    rows["taux"] = 100 * np.minimum(1.0, rows["niveau"] / rows["niveau_attendu"])

    def one_axis(group: pd.DataFrame) -> pd.Series:
        return pd.Series(
            {name: np.average(group[name], weights=group["poids"]) for name in ("taux", "niveau")}
        )

    axis = rows.groupby(["questionnaire", "axe", "service"])[["taux", "niveau", "poids"]].apply(one_axis)
    axis = axis.reset_index()
    if key != "axe":
        axis = axis.groupby(["questionnaire", "service"], as_index=False)[["taux", "niveau"]].mean()
        axis = axis.merge(kept[["service", key]], on="service")
    return axis.groupby(["questionnaire", key], as_index=False).agg(
        services_concernes=("service", "size"),
        taux_maturite_pct=("taux", "mean"),
        niveau_maturite=("niveau", "mean"),
    )


def pandas_projections(
    services: pd.DataFrame,
    answers: pd.DataFrame,
    plans: pd.DataFrame,
    ref: pd.DataFrame,
    averages: Callable[..., pd.DataFrame],
) -> pd.DataFrame:
    """Scores by axis at each quarter, in pandas: the highest planned level due, then the averages."""
    curves = []
    for quarter in QUARTERS:
        due = (
            plans[plans["trimestre"] <= quarter]
            .groupby(["service", "critere"], as_index=False)["niveau"]
            .max()
        )
        rows = answers.merge(due, on=["service", "critere"], how="left", suffixes=("", "_prevu"))
        rows["niveau"] = rows[["niveau", "niveau_prevu"]].max(axis=1)
        curves.append(averages(services, rows, ref, "axe").assign(horizon=quarter))
    return pd.concat(curves)


def timed(runs: int, *calls: Callable[[], object]) -> list[float]:
    """Median seconds of each call, interleaved."""
    seconds: list[list[float]] = [[] for _ in calls]
    for _ in range(runs):
        for mine, call in zip(seconds, calls, strict=True):
            start = time.perf_counter()
            call()
            mine.append(time.perf_counter() - start)
    return [statistics.median(mine) for mine in seconds]


def same(ours: pl.DataFrame, theirs: pd.DataFrame) -> None:
    """Both engines give the same figures, to 1e-9."""
    for column in ("services_concernes", "taux_maturite_pct", "niveau_maturite"):
        if not np.allclose(ours[column].to_numpy(), theirs[column].to_numpy(), rtol=0, atol=1e-9):
            raise SystemExit(f"the engines differ on {column}")


def main() -> None:
    """Print the two tables of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    ref = referentiel()

    services, answers, plans = campaign(299)
    frames = [frame.lazy() for frame in (services, answers, ref, plans)]
    pandas_frames = [frame.to_pandas() for frame in (services, answers, plans, ref)]

    def ours() -> pl.DataFrame:
        return projections(*frames, QUARTERS).collect()

    def by_hand() -> pd.DataFrame:
        return pandas_projections(*pandas_frames, pandas_score)

    def by_group() -> pd.DataFrame:
        return pandas_projections(*pandas_frames, pandas_apply)

    same(ours(), by_hand())
    show(
        f"299 services × {ref.height} criteria × {len(QUARTERS)} quarters, by axis",
        [*timed(options.runs, ours, by_hand), *timed(1, by_group)],
    )

    services, answers, _ = campaign(options.services)
    frames = [frame.lazy() for frame in (services, answers, ref)]
    pandas_frames = [frame.to_pandas() for frame in (services, answers, ref)]
    for key in ("axe", "region"):
        calls = [
            partial(lambda key: score(*frames, par=key).collect(), key),
            partial(pandas_score, *pandas_frames, key),
        ]
        same(calls[0](), calls[1]())
        seconds = timed(max(3, options.runs // 2), *calls)
        show(f"{options.services:,} services, {answers.height:,} answers, by {key}", seconds)

    services, answers, _ = campaign(options.services // 20)
    frames = [frame.lazy() for frame in (services, answers, ref)]
    pandas_frames = [frame.to_pandas() for frame in (services, answers, ref)]
    calls = [
        lambda: score(*frames, par="axe").collect(),
        partial(pandas_score, *pandas_frames, "axe"),
        partial(pandas_apply, *pandas_frames, "axe"),
    ]
    same(calls[0](), calls[2]())
    show(f"{options.services // 20:,} services, {answers.height:,} answers, by axe", timed(1, *calls))


def show(title: str, seconds: Sequence[float]) -> None:
    """One case: seconds of each engine, and how many times Polars' they are."""
    print(title)
    for name, value in zip(("polars", "pandas by hand", "pandas groupby.apply"), seconds, strict=False):
        print(f"  {name:<22} {value:9.3f} s   × {value / seconds[0]:.1f}")


if __name__ == "__main__":
    main()
