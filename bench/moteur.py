"""Polars and Spark side by side on one lake: the same questions, the same figures.

    OBS_LAKE=… [OBS_SPARK=sc://…] python -m bench.moteur

Each question is asked once to warm, then three times of each engine in turn; medians. Spark starts embedded where
``OBS_SPARK`` names none.
"""

from __future__ import annotations

import time
from statistics import median

import polars as pl
from polars.testing import assert_frame_equal

from lake.settings import Settings
from lake.spark.engine import engine
from lake.tables import Lake
from scoring.universes.answer import answer
from scoring.universes.registry import universe
from scoring.universes.selection import Selection

QUESTIONS = (
    ("annuaire", ["professionnels"], []),
    ("annuaire", ["professionnels", "densite_pour_10000"], ["departement"]),
    ("annuaire", ["professionnels_principal"], ["commune"]),
    ("segur", ["psc_e_cps", "psc_taux_adoption"], ["mois"]),
    ("sas_offre", ["creneaux_disponibles"], ["departement", "semaine"]),
)
TIMES = 3


def main() -> None:
    """Print one line a question: rows, seconds of each, their ratio."""
    settings = Settings.from_env()
    lake = Lake(settings)
    state = lake.snapshot()
    started = time.perf_counter()
    rows = []
    with engine(settings, state, lake.root) as spark:
        print(f"moteur prêt en {time.perf_counter() - started:.2f} s")
        for name, measures, by in QUESTIONS:
            asked = universe(name, state.scan)
            found: dict[str, list[float]] = {"polars": [], "spark": []}
            for turn in range(TIMES + 1):
                answers = []
                for label, scan, collect in (
                    ("polars", state.scan, pl.LazyFrame.collect),
                    ("spark", spark.scan, spark.collect),
                ):
                    begun = time.perf_counter()
                    answers.append(collect(answer(asked, scan, Selection(), measures, by).frame))
                    if turn:
                        found[label].append(time.perf_counter() - begun)
                assert_frame_equal(answers[0], answers[1], rel_tol=1e-12)
            one, other = median(found["polars"]), median(found["spark"])
            rows.append((name, ",".join(measures), ",".join(by), answers[0].height, one, other, other / one))
    columns = ["univers", "mesures", "par", "lignes", "polars_s", "spark_s", "rapport"]
    with pl.Config(tbl_rows=20, fmt_str_lengths=40, tbl_width_chars=160):
        print(pl.DataFrame(rows, schema=columns, orient="row"))


if __name__ == "__main__":
    main()
