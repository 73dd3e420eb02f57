"""Ten years of daily national extractions, by simulation: what a table costs as its days add up.

    python -m bench.dix_ans [JOURS…]

The directory's own contract and partitions (a date × a département), a few rows in each: what grows with the days is
the log and the files, not the rows. At each step: files, bytes of the log, seconds to publish one more day, to open the
table, to answer a question on the last date (Polars through the universe). A line fitted on the last steps says what
3,650 days would cost; the rows' own cost is that of one date, whatever the days.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import polars as pl

from lake.catalog.annuaire import ACTIVITES
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.engine import query
from scoring.universes.selection import Selection

DEPARTEMENTS = [f"{n:02d}" for n in range(1, 96) if n != 20] + ["2A", "2B", "971", "972", "973", "974", "976"]
FIRST = date(2025, 1, 1)
TEN_YEARS = 3_650
ROWS = 5


def a_day(day: date) -> pl.DataFrame:
    """A few activities in each département."""
    count = len(DEPARTEMENTS) * ROWS
    given = pl.DataFrame(
        {
            "date_extraction": [day] * count,
            "ligne": list(range(2, count + 2)),
            "code_departement": [one for one in DEPARTEMENTS for _ in range(ROWS)],
            "identification_nationale_pp": [f"8{n:011d}" for n in range(count)],
            "code_profession": ["10"] * count,
        }
    )
    missing = [n for n in ACTIVITES.columns if n not in given.columns]
    filled = given.with_columns(pl.lit(None).alias(n) for n in missing)
    return filled.select(pl.col(n).cast(d) for n, d in ACTIVITES.dtypes().items())


def timed(work: object, times: int = 3) -> float:
    """Median seconds of a few calls."""
    assert callable(work)
    found = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return median(found)


def measured(root: Path, lake: Lake, days: int, publishing: float) -> dict[str, float]:
    """What the table costs at this many days."""
    settings = lake.settings
    log = sum(f.stat().st_size for f in (root / "tables" / ACTIVITES.name / "_delta_log").iterdir())

    def opened() -> None:
        Lake(settings).scan(ACTIVITES).collect_schema()

    def asked() -> None:
        scan = Lake(settings).scan
        query(ANNUAIRE, scan, Selection(), ["professionnels"], ["code_departement"]).collect()

    return {
        "jours": days,
        "fichiers": days * len(DEPARTEMENTS),
        "journal_mo": log / 2**20,
        "publier_s": publishing,
        "ouvrir_s": timed(opened),
        "question_s": timed(asked),
    }


def main() -> None:
    """Grow the table, print the steps and what ten years would be."""
    steps = [int(one) for one in sys.argv[1:]] or [10, 60, 180]
    with tempfile.TemporaryDirectory(prefix="dix-ans-") as folder:
        lake = Lake(Settings(lake=folder))
        rows = []
        for day in range(max(steps)):
            when = FIRST + timedelta(days=day)
            started = time.perf_counter()
            lake.publish(ACTIVITES, a_day(when), replace={"date_extraction": [when]})
            spent = time.perf_counter() - started
            if day + 1 in steps:
                rows.append(measured(Path(folder), lake, day + 1, spent))
                print(rows[-1], flush=True)
        print(pl.DataFrame(rows))
        one, other = rows[-2], rows[-1]
        share = (TEN_YEARS - other["jours"]) / (other["jours"] - one["jours"])
        print({name: round(other[name] + (other[name] - one[name]) * share, 2) for name in other})


if __name__ == "__main__":
    main()
