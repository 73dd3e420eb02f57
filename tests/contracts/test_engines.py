"""Every engine reads the tables: what DuckDB, pyarrow, Daft and Spark count and sum is what Polars does."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from lake.catalog import all_tables
from lake.contract import Table
from lake.settings import Settings
from lake.snapshot import Snapshot
from lake.spark.session import session
from lake.tables import Lake


@pytest.fixture(scope="module")
def lake(petit_lake: Path) -> Lake:
    return Lake(Settings(lake=str(petit_lake)))


def test_texts_are_plain_strings_in_every_file(lake: Lake) -> None:
    """Views of strings are what Daft, and DuckDB over pyarrow, cannot read."""
    state = lake.snapshot()
    seen = 0
    for table in all_tables().values():
        if not state.exists(table):
            continue
        for path in lake.files(table, state.version(table)):
            schema = pq.read_schema(Path(lake.uri(table)) / path)
            views = [field.name for field in schema if pa.types.is_string_view(field.type)]
            assert views == [], (table.name, path)
            seen += 1
    assert seen > 30


def asked_of(table: Table) -> tuple[list[str], list[str]]:
    """The columns summed, and the columns whose values are told apart."""
    numbers = [n for n, dtype in table.dtypes().items() if dtype.is_numeric()]
    return numbers, [n for n, dtype in table.dtypes().items() if dtype == pl.String][:8]


def by_polars(state: Snapshot, table: Table) -> tuple[float, ...]:
    numbers, texts = asked_of(table)
    return (
        state.scan(table)
        .select(
            pl.len().alias("_lignes"),
            *(pl.col(n).cast(pl.Float64).sum().alias(f"s_{n}") for n in numbers),
            *(pl.col(n).n_unique().alias(f"u_{n}") - pl.col(n).has_nulls() for n in texts),
        )
        .collect()
        .row(0)
    )


def in_sql(table: Table, quote: str) -> str:
    numbers, texts = asked_of(table)
    return ", ".join(
        [
            "count(*)",
            *(f"coalesce(sum(cast({quote}{n}{quote} AS DOUBLE)), 0)" for n in numbers),
            *(f"count(DISTINCT {quote}{n}{quote})" for n in texts),
        ]
    )


@pytest.fixture(scope="module")
def expected(lake: Lake) -> dict[str, tuple[float, ...]]:
    """What Polars counts and sums in each table published."""
    state = lake.snapshot()
    found = {t.name: by_polars(state, t) for t in all_tables().values() if state.exists(t)}
    assert len(found) > 20
    return found


def test_duckdb_and_pyarrow_count_and_sum_the_same(
    lake: Lake, expected: dict[str, tuple[float, ...]]
) -> None:
    state = lake.snapshot()
    for name, figures in expected.items():
        table = all_tables()[name]
        rows = DeltaTable(lake.uri(table), version=state.version(table)).to_pyarrow_dataset()
        assert isinstance(rows, ds.Dataset)
        assert rows.count_rows() == figures[0], name
        connection = duckdb.connect()
        connection.register("lignes", rows)
        found = connection.execute(f"SELECT {in_sql(table, chr(34))} FROM lignes").fetchone()
        assert found == pytest.approx(figures, rel=1e-9, abs=1e-6), name


def test_daft_reads_the_same_versions_and_says_the_same(
    lake: Lake, expected: dict[str, tuple[float, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # It tells its makers that it was imported, unless it is told not to.
    monkeypatch.setenv("DAFT_ANALYTICS_ENABLED", "0")
    monkeypatch.setenv("DAFT_PROGRESS_BAR", "0")
    import daft

    state = lake.snapshot()
    for name, figures in expected.items():
        table = all_tables()[name]
        rows = daft.read_deltalake(lake.uri(table), version=state.version(table))
        found = daft.sql(f"SELECT {in_sql(table, chr(34))} FROM lignes", lignes=rows).to_arrow()
        values = tuple(column[0].as_py() for column in found.columns)
        assert values == pytest.approx(figures, rel=1e-9, abs=1e-6), name


def test_spark_reads_the_same_versions_and_says_the_same(
    lake: Lake, expected: dict[str, tuple[float, ...]], spark_address: str
) -> None:
    state = lake.snapshot()
    with session(Settings(spark=spark_address)) as spark:
        for name, figures in expected.items():
            table = all_tables()[name]
            rows = (
                spark.read.format("delta")
                .option("versionAsOf", str(state.version(table)))
                .load(lake.uri(table))
            )
            rows.createOrReplaceTempView("lignes")
            found = spark.sql(f"SELECT {in_sql(table, chr(96))} FROM lignes").toArrow()
            values = tuple(column[0].as_py() for column in found.columns)
            assert values == pytest.approx(figures, rel=1e-9, abs=1e-6), name
