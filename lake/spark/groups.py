"""A function of Polars frames, as the workers of Spark call it: Arrow tables in, an Arrow table out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
from pyspark.sql import Column
from pyspark.sql.connect import functions as F

from lake.spark.operators import named, spark_type

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.connect.session import SparkSession

Function = Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]


def sent(spark: SparkSession, frame: pl.DataFrame) -> DataFrame:
    """A frame as the engine takes it: it has no number without sign, and guesses no type where there is no row.

    Raises:
        Untranslatable: a column has no exact twin.
    """
    signed = frame.with_columns(pl.selectors.unsigned_integer().cast(pl.Int64))
    arrow = _plain(signed.to_arrow(compat_level=pl.CompatLevel.oldest()))
    return spark.createDataFrame(arrow, schema=spark_schema(signed.schema))


def spark_schema(schema: Mapping[str, pl.DataType]) -> str:
    """A schema in Spark's words."""
    return ", ".join(f"`{name}` {spark_type(dtype)}" for name, dtype in schema.items())


GROUP = "__group"
RANK = "__rang"
_MINE, _THEIRS = "__m_", "__t_"


@dataclass(frozen=True)
class Sides:
    """Rows and a table's rows in one frame: the columns of each, empty where the other's are.

    Attributes:
        key: column of both that groups are made by.
        mine: types of the rows.
        theirs: types of the table's columns.
        order: what the table is sorted by where it rests.
        columns: columns of the table that the function reads.
    """

    key: str
    mine: pl.Schema
    theirs: pl.Schema
    order: tuple[str, ...]
    columns: tuple[str, ...]

    def of_rows(self) -> list[Column]:
        """The columns of the rows; they bear :data:`RANK`, their place among all."""
        own = [named(name).alias(f"{_MINE}{name}") for name in self.mine]
        return [
            named(self.key).alias(GROUP),
            named(RANK).cast("bigint").alias(RANK),
            *own,
            *self._empty(False),
        ]

    def of_table(self) -> list[Column]:
        """The columns of the table's rows; their rank is null."""
        own = [named(name).alias(f"{_THEIRS}{name}") for name in self.theirs]
        rank = F.lit(None).cast("bigint").alias(RANK)
        return [named(self.key).alias(GROUP), rank, *self._empty(True), *own]

    def answer(self, function: Function, schema: pl.Schema) -> Callable[[pa.Table], pa.Table]:
        """The function that a worker calls on each group.

        Args:
            function: of the rows of the group, in their order, and of the table's, in theirs.
            schema: what it returns.
        """

        def answer(group: pa.Table) -> pa.Table:
            both = pl.DataFrame(pl.from_arrow(group))
            rows = _side(both.filter(pl.col(RANK).is_not_null()).sort(RANK), _MINE, self.mine)
            table = _side(both.filter(pl.col(RANK).is_null()), _THEIRS, self.theirs).sort(self.order)
            found = pl.DataFrame(schema=schema)
            if rows.height:
                found = function(rows, table.select(self.columns)).select(list(schema)).cast(schema)
            return _plain(found.to_arrow(compat_level=pl.CompatLevel.oldest()))

        return answer

    def _empty(self, mine: bool) -> list[Column]:
        mark, schema = (_MINE, self.mine) if mine else (_THEIRS, self.theirs)
        return [F.lit(None).cast(spark_type(dtype)).alias(f"{mark}{name}") for name, dtype in schema.items()]


def _side(both: pl.DataFrame, mark: str, schema: pl.Schema) -> pl.DataFrame:
    return both.select(pl.col(f"{mark}{name}").cast(dtype).alias(name) for name, dtype in schema.items())


def _plain(table: pa.Table) -> pa.Table:
    """Texts as the strings that Spark names so."""
    fields = [
        pa.field(field.name, pa.string() if pa.types.is_large_string(field.type) else field.type)
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))
