"""National file -> published table: ours, DuckDB and pandas, side by side.

    python -m bench.ingestion [--fichier PS_LibreAcces_Personne_activite_….txt] [--tours 5] [--lignes 2200000]

Every contender reads the same file with all of its columns, keeps the ten departments of Grand Est (commune code,
else postal code with its lost zero), drops exact duplicates and writes a partitioned table. Each run is a process
of its own, the contenders take turns, and times are those of the work itself (interpreter and imports apart).

Ours does more than the others: it checks the number of fields, the UTF-8 and the identifiers of *every* line,
keeps the rejected lines, derives communes, EPCI, sites and specialties, checks the contract, and publishes a Delta
table. The source's archive and the geocoder are left out, as the promise says.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

GRAND_EST = ("08", "10", "51", "52", "54", "55", "57", "67", "68", "88")
DAY = date(2025, 1, 14)
CONTENDERS = ("observatoire", "duckdb", "pandas")
COMMUNE, POSTAL = "Code commune (coord. structure)", "Code postal (coord. structure)"


def observatoire(source: Path, lake: Path) -> int:
    """Our reading, from the file to the published version."""
    import polars as pl

    from ingest.source import Context, SourceFile
    from ingest.sources.annuaire.packaging import open_delivery
    from ingest.sources.annuaire.source import derive, read_region
    from ingest.sources.annuaire.territories import Territories
    from lake.catalog.annuaire import ACTIVITES
    from lake.settings import Settings
    from lake.tables import Lake

    tables = Lake(Settings(lake=str(lake)))
    started, processor = time.perf_counter(), time.process_time()
    context = Context(scan=tables.scan, region="44", geocodeur="aucun", budget=0.01)
    territories = Territories.read(context)
    member = open_delivery([SourceFile(source, source.name, "", source.stat().st_size)]).members["activites"]
    scanned = read_region(member, territories, context)
    frame = derive(scanned.frame, DAY, territories).with_columns(
        pl.lit(None, pl.Float64).alias("longitude"),
        pl.lit(None, pl.Float64).alias("latitude"),
        pl.lit(None, pl.Float64).alias("geo_score"),
        pl.lit(None, pl.String).alias("geo_source"),
        geo_precision=pl.lit("aucune"),
        geo_motif=pl.lit("introuvable"),
    )
    del scanned
    valid = ACTIVITES.conform(frame).valid
    del frame
    tables.publish(ACTIVITES, valid, replace={"date_extraction": [DAY]})
    return _done(started, processor, valid.height)


def duckdb(source: Path, lake: Path) -> int:
    """The same columns, filter, deduplication and partitioned write with DuckDB."""
    import duckdb as engine

    started, processor = time.perf_counter(), time.process_time()
    departement = f"""CASE WHEN "{COMMUNE}" IS NOT NULL THEN substr("{COMMUNE}", 1, 2)
        ELSE substr(lpad("{POSTAL}", 5, '0'), 1, 2) END"""
    connection = engine.connect()
    connection.execute("SET threads = 2")
    connection.execute(f"""
        COPY (
            SELECT DISTINCT * FROM (
                SELECT *, {departement} AS code_departement
                FROM read_csv('{source}', delim = '|', header = true, quote = '', escape = '',
                              all_varchar = true, auto_detect = false,
                              columns = {_columns(source)})
            ) WHERE code_departement IN {GRAND_EST}
        ) TO '{lake}/duckdb' (FORMAT parquet, PARTITION_BY (code_departement), COMPRESSION zstd)""")
    kept = connection.execute(
        f"SELECT count(*) FROM read_parquet('{lake}/duckdb/**/*.parquet', hive_partitioning = true)"
    ).fetchone()
    assert kept is not None
    return _done(started, processor, kept[0])


def pandas(source: Path, lake: Path) -> int:
    """The same with pandas, by chunks (the whole file at once does not fit a small machine)."""
    import pandas as pd

    started, processor = time.perf_counter(), time.process_time()
    kept = []
    for chunk in pd.read_csv(source, sep="|", dtype=str, quoting=3, chunksize=200_000, encoding="utf-8"):
        departement = chunk[COMMUNE].fillna(chunk[POSTAL].str.zfill(5)).str[:2]
        kept.append(chunk.assign(code_departement=departement)[departement.isin(GRAND_EST)])
    frame = pd.concat(kept).drop_duplicates()
    frame.to_parquet(lake / "pandas", partition_cols=["code_departement"], compression="zstd", index=False)
    return _done(started, processor, len(frame))


def _columns(source: Path) -> str:
    """DuckDB's declaration of the columns of a file, the trailing empty one included."""
    with source.open(encoding="utf-8") as stream:
        labels = stream.readline().rstrip("\n").split("|")
    names = [label or f"vide_{index}" for index, label in enumerate(labels)]
    return "{" + ", ".join(f"'{name.replace(chr(39), chr(39) * 2)}': 'VARCHAR'" for name in names) + "}"


def _done(started: float, processor_started: float, rows: int) -> int:
    seconds = time.perf_counter() - started
    usage = resource.getrusage(resource.RUSAGE_SELF)
    processor = time.process_time() - processor_started
    print(
        json.dumps(
            {"secondes": seconds, "processeur": processor, "mio": usage.ru_maxrss / 1024, "lignes": rows}
        )
    )
    return 0


def measure(contender: str, source: Path, lake: Path) -> dict[str, float]:
    """One run of a contender, in a process of its own."""
    command = [sys.executable, "-m", "bench.ingestion", "--concurrent", contender, str(source), str(lake)]
    environment = os.environ | {"POLARS_MAX_THREADS": "2"}
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    result: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return result


def _prepare(lake: Path) -> None:
    """A lake that knows the territories."""
    from ingest.run import Request, run
    from ingest.sources import source
    from lake.settings import Settings

    run(source("territoires"), Request(), Settings(lake=str(lake)))


def main() -> None:
    """Measure, and print a table: medians, ratios to ours, peak memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fichier", type=Path, help="un fichier Personne_activite national (sinon généré)")
    parser.add_argument("--lignes", type=int, default=2_200_000, help="lignes du fichier généré")
    parser.add_argument("--tours", type=int, default=5)
    parser.add_argument(
        "--sans", nargs="*", default=[], choices=CONTENDERS, help="concurrents laissés de côté"
    )
    parser.add_argument("--concurrent", nargs=3, metavar=("NOM", "FICHIER", "LAC"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.concurrent:
        name, source, lake = options.concurrent
        sys.exit(globals()[name](Path(source), Path(lake)))

    contenders = [name for name in CONTENDERS if name not in options.sans]
    results: dict[str, list[dict[str, float]]] = {name: [] for name in contenders}
    with tempfile.TemporaryDirectory(prefix="obs-bench-") as folder:
        source = options.fichier
        if source is None:
            # Imported here, so that DuckDB's and pandas' processes do not carry our libraries.
            from bench.national import write_national

            source = Path(folder) / f"PS_LibreAcces_Personne_activite_{DAY:%Y%m%d}0830.txt"
            write_national(source, lines=options.lignes)
        _prepare(Path(folder) / "base")
        print(f"{source.name} : {source.stat().st_size / 1e6:.0f} Mo, {options.tours} tours", flush=True)
        for turn in range(options.tours):
            for name in contenders:
                lake = Path(folder) / f"{name}-{turn}"
                subprocess.run(["cp", "-r", str(Path(folder) / "base"), str(lake)], check=True)
                results[name].append(measure(name, source, lake))
                subprocess.run(["rm", "-rf", str(lake)], check=True)
    ours = statistics.median(run["secondes"] for run in results["observatoire"])
    print(
        f"{'':14}{'médiane':>10}{'min':>8}{'max':>8}{'× nous':>9}{'processeur':>12}{'mémoire':>12}{'lignes':>10}"
    )
    for name, runs in results.items():
        seconds = [run["secondes"] for run in runs]
        median = statistics.median(seconds)
        peak = max(run["mio"] for run in runs)
        processor = statistics.median(run["processeur"] for run in runs)
        print(
            f"{name:14}{median:>8.2f} s{min(seconds):>8.2f}{max(seconds):>8.2f}{median / ours:>9.2f}"
            f"{processor:>10.2f} s{peak:>8.0f} Mio{int(runs[0]['lignes']):>10}"
        )
    if "duckdb" in results:
        other = statistics.median(run["secondes"] for run in results["duckdb"])
        print(f"nous / DuckDB : {ours / other:.2f} (promis : 1,2 au plus)")
    if "pandas" in results:
        other = statistics.median(run["secondes"] for run in results["pandas"])
        print(f"pandas / nous : {other / ours:.1f} (promis : 5 au moins)")


if __name__ == "__main__":
    main()
