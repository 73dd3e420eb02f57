"""Ségur at fifty million rows: what pages ask, on the published sums, against DuckDB on the raw rows.

    python -m bench.segur [--lignes 50000000] [--dossier DOSSIER] [--repetitions 7]

Rows are structures × months × indicators, published month by month as an ingestion does (rows and sums). Each
query is then run in turn by this project (cold: a new process that opens the tables; warm: the median of
repetitions, tables opened once by version as pages keep them) and by DuckDB on the raw rows of the same lake, in
the same run. Figures of both are compared before times are.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ingest.sources.segur import totals
from ingest.sources.segur.profiles import EDITEURS
from ingest.sources.territoires.reference import load
from lake.catalog import segur as catalog
from lake.catalog.territoires import DEPARTEMENTS, REGIONS
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.engine import query
from scoring.universes.model import Scan
from scoring.universes.segur import SEGUR
from scoring.universes.selection import Selection

MONTHS = pl.date_range(date(2020, 12, 1), date(2022, 11, 1), "1mo", eager=True).to_list()
LAST = MONTHS[-1]
COUNTED = [
    line for line in catalog.indicateurs_de_base().iter_rows(named=True) if line["combinaison"] != "ratio"
]
STRUCTURE = "670000123"

QUERIES: dict[str, tuple[list[str], list[str], dict[str, list[str]], tuple[date | None, date | None], str]] = {
    "synthèse, dernier mois": (
        ["psc_professionnels", "psc_e_cps", "psc_taux_adoption"], [], {}, (None, None),
        "select sum(valeur) filter (indicateur = 'psc_professionnels'),"
        " sum(valeur) filter (indicateur = 'psc_e_cps') from mesures"
        f" where service = 'PSC' and mois = date '{LAST}'",
    ),
    "histogramme, 24 mois": (
        ["dmp_documents"], ["mois"], {}, (None, None),
        "select mois, sum(valeur) from mesures where service = 'DMP' and indicateur = 'dmp_documents'"
        " group by 1 order by 1",
    ),
    "histogramme d'une région, 12 mois": (
        ["insi_recuperations"], ["mois"], {"code_region": ["44"]}, (MONTHS[-12], LAST),
        "select mois, sum(valeur) from mesures where service = 'INSI' and indicateur = 'insi_recuperations'"
        f" and code_region = '44' and mois >= date '{MONTHS[-12]}' group by 1 order by 1",
    ),
    "carte des départements": (
        ["mss_boites", "mss_boites_actives"], ["code_departement"], {}, (None, None),
        "select code_departement, sum(valeur) filter (indicateur = 'mss_boites'),"
        " sum(valeur) filter (indicateur = 'mss_boites_actives') from mesures"
        f" where service = 'MSS' and mois = date '{LAST}' group by 1 order by 1",
    ),
    "par type d'acteur, période": (
        ["dmp_documents"], ["type_acteur"], {}, (MONTHS[-12], LAST),
        "select type_acteur, sum(valeur) from mesures where service = 'DMP' and indicateur = 'dmp_documents'"
        f" and mois >= date '{MONTHS[-12]}' group by 1 order by 1",
    ),
    "par éditeur, période": (
        ["insi_recuperations"], ["editeur"], {}, (MONTHS[-12], LAST),
        "select editeur, sum(valeur) from mesures where service = 'INSI' and indicateur = 'insi_recuperations'"
        f" and mois >= date '{MONTHS[-12]}' group by 1 order by 1",
    ),
    "structures actives, 24 mois": (
        ["insi_structures_actives"], ["mois"], {}, (None, None),
        "select mois, count(distinct structure) filter (valeur > 0) from mesures where service = 'INSI'"
        " and indicateur = 'insi_structures_actives' group by 1 order by 1",
    ),
    "structures actives par éditeur": (
        ["insi_structures_actives"], ["editeur"], {}, (None, None),
        "select editeur, count(distinct structure) filter (valeur > 0) from mesures where service = 'INSI'"
        f" and indicateur = 'insi_structures_actives' and mois = date '{LAST}' group by 1 order by 1",
    ),
    "toutes les structures d'un département": (
        ["dmp_documents"], ["code_structure"], {"code_departement": ["67"]}, (LAST, LAST),
        "select structure, sum(valeur) from mesures where service = 'DMP' and indicateur = 'dmp_documents'"
        f" and code_departement = '67' and mois = date '{LAST}' group by 1 order by 1",
    ),
    "une structure, 24 mois": (
        ["dmp_documents", "dmp_alimentes"], ["mois"], {"code_structure": [STRUCTURE]}, (None, None),
        "select mois, sum(valeur) filter (indicateur = 'dmp_documents'),"
        " sum(valeur) filter (indicateur = 'dmp_alimentes') from mesures"
        f" where service = 'DMP' and structure = '{STRUCTURE}' group by 1 order by 1",
    ),
    "tous les indicateurs d'une structure": (
        [line["code"] for line in COUNTED if line["combinaison"] != "distinct"], [],
        {"code_structure": [STRUCTURE]}, (LAST, LAST),
        "select indicateur, sum(valeur) from mesures"
        f" where mois = date '{LAST}' and structure = '{STRUCTURE}' group by 1 order by 1",
    ),
}  # fmt: skip


def build(lake: Lake, rows: int) -> None:
    """Publish generated months: rows, sums, coverage."""
    count = max(1, round(rows / len(MONTHS) / len(COUNTED)))
    random = np.random.default_rng(7)
    departments = load().departements.select("code_departement", "code_region").rows()
    chosen = random.integers(0, len(departments), count)
    actors = list(EDITEURS)[:-1]
    kinds = random.integers(0, len(actors), count)
    editors = [EDITEURS[actors[kind]][int(random.integers(len(EDITEURS[actors[kind]])))] for kind in kinds]
    codes = [departments[place][0] for place in chosen]
    cells = pl.DataFrame(
        {
            "code_region": [departments[place][1] for place in chosen],
            "code_departement": codes,
            "type_acteur": [actors[kind] for kind in kinds],
            "profession": pl.Series([None] * count, dtype=pl.String),
            "editeur": editors,
            "structure": [f"{code[:2]}{rank:07d}" for rank, code in enumerate(codes)],
        }
    )
    place = codes.index("67")
    cells[place, "structure"] = STRUCTURE
    for month in MONTHS:
        parts = [
            cells.with_columns(
                mois=pl.lit(month),
                service=pl.lit(line["service"]),
                indicateur=pl.lit(line["code"]),
                valeur=pl.Series(random.integers(0, 400, count)),
            ).select(catalog.MESURES.columns)
            for line in COUNTED
        ]
        frame = pl.concat(parts)
        unit = {"mois": [month]}
        lake.publish(catalog.CUMULS_TERRITOIRES, totals.by_territory(frame), replace=unit)
        lake.publish(catalog.CUMULS_EDITEURS, totals.by_editor(frame), replace=unit)
        covered = catalog.COUVERTURE.empty().vstack(
            pl.DataFrame(
                [{"mois": month, "indicateur": "psc_e_cps", "statut": "complet", "lignes": 1}],
                schema=catalog.COUVERTURE.dtypes(),
            )
        )
        lake.publish(catalog.COUVERTURE, covered, replace=unit)
        lake.publish(catalog.MESURES, frame, replace=unit)
        print(f"  {month:%Y-%m} : {frame.height} lignes", file=sys.stderr)
    reference = load()
    lake.publish(REGIONS, reference.regions.select(REGIONS.columns))
    lake.publish(DEPARTEMENTS, reference.departements.select(DEPARTEMENTS.columns))


def kept(lake: Lake) -> Scan:
    """A scan that opens each table once, as pages do for one version of the lake."""
    return cache(lake.scan)


def ours(scan: Scan, name: str) -> tuple[pl.DataFrame, float]:
    """Our answer and its time in milliseconds, from the selection to the frame."""
    measures, by, filters, (du, au), _ = QUERIES[name]
    started = time.perf_counter()
    frame = query(SEGUR, scan, Selection(filters, du=du, au=au), measures, by).collect()
    return frame, 1000 * (time.perf_counter() - started)


def duckdb_on_rows(lake: Lake) -> Any:
    """A DuckDB connection on the raw rows of the lake."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("set threads = 2")
    root = lake.uri(catalog.MESURES)
    connection.execute(
        f"create view mesures as select * from read_parquet('{root}/*/*/*.parquet',"
        " hive_partitioning = true, hive_types = {'mois': date, 'service': varchar})"
    )
    return connection


def cold(folder: str, names: Sequence[str]) -> None:
    """In a new process: each query once, first in its life; prints JSON."""
    lake = Lake(Settings.from_env({"OBS_LAKE": folder}))
    lake.scan(catalog.COUVERTURE).collect()  # the process has started: libraries and storage are ready
    times = {name: ours(lake.scan, name)[1] for name in names}
    # Not ``ru_maxrss``, which keeps through exec what the process that built the lake once used.
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
    print(json.dumps({"ms": times, "mib": peak}))


def main() -> None:
    """Build, check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lignes", type=int, default=50_000_000)
    parser.add_argument("--dossier", type=Path, help="kept and used again when it holds a lake")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--froid", nargs="*", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.froid is not None:
        cold(str(asked.dossier), asked.froid)
        return
    with tempfile.TemporaryDirectory(prefix="bench-segur-") as temporary:
        folder = asked.dossier or Path(temporary)
        lake = Lake(Settings.from_env({"OBS_LAKE": str(folder)}))
        if not lake.exists(DEPARTEMENTS):
            started = time.perf_counter()
            build(lake, asked.lignes)
            print(f"construction : {time.perf_counter() - started:.0f} s")
        report(lake, folder, asked.repetitions)


def report(lake: Lake, folder: Path, repetitions: int) -> None:
    """One line a query: cold and warm times, DuckDB's, and the ratio."""
    rows = lake.scan(catalog.MESURES).select(pl.len()).collect().item()
    print(f"{rows} lignes brutes ; cumuls {lake.scan(catalog.CUMULS_TERRITOIRES).select(pl.len()).collect().item()}"
          f" et {lake.scan(catalog.CUMULS_EDITEURS).select(pl.len()).collect().item()}")  # fmt: skip
    connection, scan = duckdb_on_rows(lake), kept(lake)
    first = {}
    for name in QUERIES:
        command = [sys.executable, "-m", "bench.segur", "--dossier", str(folder), "--froid", name]
        first[name] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(f"{'requête':40} {'froid ms':>9} {'chaud ms':>9} {'DuckDB ms':>10} {'rapport':>8} {'RSS Mio':>8}")
    for name, (measures, _, _, _, sql) in QUERIES.items():
        mine, other = [], []
        for _ in range(repetitions):
            frame, took = ours(scan, name)
            mine.append(took)
            started = time.perf_counter()
            answer = connection.execute(sql).fetchall()
            other.append(1000 * (time.perf_counter() - started))
        agree(name, frame, answer, measures)
        warm, duck = statistics.median(mine), statistics.median(other)
        cold_ms, mib = first[name]["ms"][name], first[name]["mib"]
        print(f"{name:40} {cold_ms:9.0f} {warm:9.1f} {duck:10.1f} {duck / warm:7.1f}x {mib:8.0f}")
    everything = [sys.executable, "-m", "bench.segur", "--dossier", str(folder), "--froid", *QUERIES]
    whole = json.loads(subprocess.run(everything, check=True, capture_output=True, text=True).stdout)
    print(f"mémoire d'un processus qui fait toutes les requêtes : {whole['mib']:.0f} Mio (RSS maximale)")


def agree(name: str, frame: pl.DataFrame, answer: list[tuple[Any, ...]], measures: list[str]) -> None:
    """Both engines found the same total for the first measure."""
    if name.startswith("tous les indicateurs"):
        theirs = dict(answer)[measures[0]]
        mine = frame[measures[0]].item()
    else:
        column = frame.columns.index(measures[0])
        theirs, mine = sum(line[column] or 0 for line in answer), frame[measures[0]].sum()
    if theirs != mine:
        raise SystemExit(f"{name} : {mine} ici, {theirs} pour DuckDB")


if __name__ == "__main__":
    main()
