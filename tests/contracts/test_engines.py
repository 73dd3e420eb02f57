"""Every engine reads the tables: what DuckDB, pyarrow, Daft and Spark count and sum is what Polars does."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
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


def row_of(table: Table, rank: int) -> dict[str, object]:
    """A row that the contract takes: what it lists, numbers, an accent, an instant; the third has the nulls."""
    listed = {"volet": "regions", "sujet": "service", "certitude": "sure", "geo_precision": "rue"}
    by_type: dict[object, object] = {
        pl.String: f"é{rank}",
        pl.Int64: rank,
        pl.Float64: rank / 8,
        pl.Boolean: rank == 3,
        pl.Date: date(2024, rank, 1),
        pl.Datetime: datetime(2026, 3, rank, 23, 59, 58, 123_456, tzinfo=UTC),
    }
    made: dict[str, object] = {}
    for name, column in table.schema.columns().items():
        value = listed.get(name, by_type[type(table.dtypes()[name])])
        made[name] = None if column.nullable and rank == 3 else value
        if name in table.partition_by and value == f"é{rank}":
            made[name] = f"v{rank}"  # a folder's name
    return made | ({"id_site": f"siret:{rank}"} if "id_site" in made else {})


@pytest.fixture(scope="module")
def lake(petit_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The small demonstration lake, and three rows in each table that it leaves out: every table is read."""
    folder = tmp_path_factory.mktemp("moteurs") / "lac"
    shutil.copytree(petit_lake, folder)
    whole = Lake(Settings(lake=str(folder)))
    state = whole.snapshot()
    for table in all_tables().values():
        if not state.exists(table):
            rows = pl.DataFrame([row_of(table, rank) for rank in (1, 2, 3)], schema=table.dtypes())
            checked = table.conform(rows)
            assert checked.valid.height == 3, table.name
            whole.publish(table, checked.valid)
    return whole


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


Figures = tuple[float | str | None, ...]


def columns_of(table: Table, *kinds: type[pl.DataType]) -> list[str]:
    return [name for name, dtype in table.dtypes().items() if type(dtype) in kinds]


def asked_of(table: Table) -> tuple[list[str], list[str], list[str], list[str]]:
    """The columns summed, those whose values are told apart, those counted when true, those of first and last days."""
    numbers = [n for n, dtype in table.dtypes().items() if dtype.is_numeric()]
    return (
        numbers,
        columns_of(table, pl.String)[:8],
        columns_of(table, pl.Boolean),
        columns_of(table, pl.Date, pl.Datetime),
    )


def by_polars(state: Snapshot, table: Table) -> Figures:
    numbers, texts, truths, days = asked_of(table)
    return (
        state.scan(table)
        .select(
            pl.len().alias("_lignes"),
            *(pl.col(n).cast(pl.Float64).sum().alias(f"s_{n}") for n in numbers),
            *(pl.col(n).n_unique().alias(f"u_{n}") - pl.col(n).has_nulls() for n in texts),
            *(pl.col(n).sum().alias(f"v_{n}") for n in truths),
            *(
                getattr(pl.col(n), end)().dt.strftime("%Y-%m-%d").alias(f"{end}_{n}")
                for n in days
                for end in ENDS
            ),
        )
        .collect()
        .row(0)
    )


ENDS = ("min", "max")


def in_sql(table: Table, quote: str) -> str:
    numbers, texts, truths, days = asked_of(table)
    asked = [
        "count(*)",
        *(f"coalesce(sum(cast({quote}{n}{quote} AS DOUBLE)), 0)" for n in numbers),
        *(f"count(DISTINCT {quote}{n}{quote})" for n in texts),
        *(f"sum(CASE WHEN {quote}{n}{quote} THEN 1.0 ELSE 0.0 END)" for n in truths),
        *(f"{end}({quote}{n}{quote})" for n in days for end in ENDS),
    ]
    return ", ".join(f"{one} AS c{rank}" for rank, one in enumerate(asked))


def alike(found: Sequence[object], expected: Figures) -> bool:
    """The same figures; days and instants by their day in UTC."""
    said = [
        one.astimezone(UTC).date().isoformat()
        if isinstance(one, datetime)
        else one.isoformat()
        if isinstance(one, date)
        else float(one)
        if isinstance(one, Decimal)
        else one
        for one in found
    ]
    texts = [one for one in expected if isinstance(one, str) or one is None]
    first = len(expected) - len(texts)
    assert said[first:] == texts
    return said[:first] == pytest.approx(expected[:first], rel=1e-9, abs=1e-6)


@pytest.fixture(scope="module")
def expected(lake: Lake) -> dict[str, Figures]:
    """What Polars counts and sums in each table published."""
    state = lake.snapshot()
    found = {t.name: by_polars(state, t) for t in all_tables().values() if state.exists(t)}
    assert set(found) == set(all_tables()), "every table of the catalogue"
    return found


def test_duckdb_and_pyarrow_count_and_sum_the_same(lake: Lake, expected: dict[str, Figures]) -> None:
    state = lake.snapshot()
    for name, figures in expected.items():
        table = all_tables()[name]
        rows = DeltaTable(lake.uri(table), version=state.version(table)).to_pyarrow_dataset()
        assert isinstance(rows, ds.Dataset)
        assert rows.count_rows() == figures[0], name
        connection = duckdb.connect()
        connection.register("lignes", rows)
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.sql(f"SELECT {in_sql(table, chr(34))} FROM lignes").to_arrow_table()
        values = tuple(column[0].as_py() for column in found.columns)
        assert alike(values, figures), name


def test_daft_reads_the_same_versions_and_says_the_same(
    lake: Lake, expected: dict[str, Figures], monkeypatch: pytest.MonkeyPatch
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
        assert alike(values, figures), name


def test_spark_reads_the_same_versions_and_says_the_same(
    lake: Lake, expected: dict[str, Figures], spark_address: str
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
            assert alike(values, figures), name
