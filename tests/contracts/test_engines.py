"""Every engine reads the tables: what DuckDB and pyarrow count and sum is what Polars does."""

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


def compare(lake: Lake, state: Snapshot, table: Table) -> None:
    numbers = [n for n, dtype in table.dtypes().items() if dtype.is_numeric()]
    texts = [n for n, dtype in table.dtypes().items() if dtype == pl.String][:12]
    expected = (
        state.scan(table)
        .select(
            pl.len().alias("_lignes"),
            *(pl.col(n).cast(pl.Float64).sum().alias(f"s_{n}") for n in numbers),
            *(pl.col(n).n_unique().alias(f"u_{n}") - pl.col(n).has_nulls() for n in texts),
        )
        .collect()
        .row(0)
    )
    rows = DeltaTable(lake.uri(table), version=state.version(table)).to_pyarrow_dataset()
    assert isinstance(rows, ds.Dataset)
    assert rows.count_rows() == expected[0], table.name
    asked = ", ".join(
        [
            "count(*)",
            *(f'coalesce(sum(cast("{n}" AS DOUBLE)), 0)' for n in numbers),
            *(f'count(DISTINCT "{n}")' for n in texts),
        ]
    )
    connection = duckdb.connect()
    connection.register("lignes", rows)
    found = connection.execute(f"SELECT {asked} FROM lignes").fetchone()
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-6), table.name


def test_other_engines_count_and_sum_the_same(lake: Lake) -> None:
    state = lake.snapshot()
    published = [table for table in all_tables().values() if state.exists(table)]
    assert len(published) > 20
    for table in published:
        compare(lake, state, table)
