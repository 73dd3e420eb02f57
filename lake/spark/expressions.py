"""Expressions of a Polars plan, as Spark columns that give the same values.

What has no exact twin raises :class:`Untranslatable`: its rows are then computed by Polars.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl
from pyspark.sql import Column
from pyspark.sql.connect import functions as F
from pyspark.sql.connect.window import Window
from pyspark.sql.window import WindowSpec

from lake.spark.operators import (
    BINARY,
    BOUNDS,
    SIMPLE,
    TRUNCATED,
    UP_TO_DAYS,
    WHOLE,
    Untranslatable,
    date_format,
    divided,
    named,
    spark_type,
)

__all__ = ["Expressions", "Node", "Piece", "Untranslatable", "named", "spark_type"]

Node = Any
"""A node of Polars' optimised plan, as its traverser shows it."""


@dataclass(frozen=True)
class Piece:
    """A translated expression.

    Attributes:
        column: the Spark column.
        aggregated: whether it is one value a group.
        where: of the values of each row, those that count.
        no_nulls: whether its null values are left out.
        literal: whether it is the same in every row.
    """

    column: Column
    aggregated: bool = False
    where: Column | None = None
    no_nulls: bool = False
    literal: bool = False

    @property
    def counted(self) -> Column:
        """Its value where it counts, null elsewhere."""
        return self.column if self.where is None else F.when(self.where, self.column)

    def bare(self) -> Column:
        """Its column, as the value of each row.

        Raises:
            Untranslatable: only some of its rows are kept, which a row cannot say.
        """
        if self.where is not None or self.no_nulls:
            raise Untranslatable("filtered values outside an aggregate")
        return self.column


class Expressions:
    """Translates the expressions of one node of a plan.

    Args:
        plan: the traverser, set on the node whose input the expressions read.
        schema: the columns that they read.
    """

    def __init__(self, plan: Node, schema: pl.Schema) -> None:
        self._plan = plan
        self._schema = schema
        self._over: WindowSpec | None = None

    def of(self, node: int) -> Piece:
        """One expression.

        Raises:
            Untranslatable: it has no exact twin.
        """
        try:
            found = self._plan.view_expression(node)
        except NotImplementedError as error:
            raise Untranslatable(str(error)) from None
        kind = type(found).__name__
        translate = getattr(self, f"_{kind.lower()}", None)
        if translate is None:
            raise Untranslatable(kind)
        piece: Piece = translate(found)
        return piece

    def dtype(self, node: int) -> Any:
        """The Polars type of an expression."""
        return self._plan.get_dtype(node)

    # -- by kind ---------------------------------------------------------------------------------

    def _column(self, found: Node) -> Piece:
        return Piece(named(found.name))

    def _literal(self, found: Node) -> Piece:
        value = found.value
        if isinstance(value, list) and all(isinstance(one, str) for one in value) and value:
            return Piece(F.array(*map(F.lit, value)), literal=True)
        if isinstance(value, pl.Series | list | tuple):
            raise Untranslatable("list literal")
        if value is not None and not isinstance(value, str | bool | int | float | date):
            raise Untranslatable(f"literal {type(value).__name__}")
        if value is None:
            kind = "void" if found.dtype == pl.Null else spark_type(found.dtype)
            return Piece(F.lit(None) if kind == "void" else F.lit(None).cast(kind), literal=True)
        return Piece(F.lit(value).cast(spark_type(found.dtype)), literal=True)

    def _len(self, _found: Node) -> Piece:
        return Piece(self._gathered(F.count(F.lit(1))), aggregated=True)

    def _gathered(self, aggregate: Column) -> Column:
        """One value a group: of the groups of the node, or of those of the window that is being read."""
        return aggregate if self._over is None else aggregate.over(self._over)

    def _cast(self, found: Node) -> Piece:
        inner = self.of(found.expr)
        source, target = self.dtype(found.expr), found.dtype
        if target == pl.String and source not in (*WHOLE, pl.String, pl.Boolean, pl.Date, pl.Null):
            raise Untranslatable("text of a number with decimals")  # written otherwise there
        if source == pl.String and target != pl.String:
            raise Untranslatable(
                "text read as another type"
            )  # what cannot be read is null here, an error there
        return replace(inner, column=inner.column.cast(spark_type(target)))

    def _filter(self, found: Node) -> Piece:
        rows, where = self.of(found.input), self.of(found.by).bare()
        if rows.aggregated or rows.where is not None or rows.no_nulls:
            raise Untranslatable("filter of filtered values")
        return replace(rows, where=where, literal=False)

    def _ternary(self, found: Node) -> Piece:
        condition = self.of(found.predicate)
        if self._only_row(found):
            # The value of the only row: the aggregate is asked where there is one row, and says nothing elsewhere.
            first = self.of(self._plan.view_expression(found.truthy).arguments[0])
            return Piece(F.when(condition.column, self._gathered(F.min(first.counted))), aggregated=True)
        parts = [condition, self.of(found.truthy), self.of(found.falsy)]
        given, yes, no = (part.bare() for part in parts)
        return Piece(
            F.when(given, yes).otherwise(no),
            aggregated=_aggregated(parts),
            literal=all(p.literal for p in parts),
        )

    def _only_row(self, found: Node) -> bool:
        truthy = self._plan.view_expression(found.truthy)
        test = self._plan.view_expression(found.predicate)
        if type(truthy).__name__ != "Agg" or truthy.name != "first" or type(test).__name__ != "BinaryExpr":
            return False
        left, right = self._plan.view_expression(test.left), self._plan.view_expression(test.right)
        one = type(right).__name__ == "Literal" and right.value == 1
        counts = type(left).__name__ == "Len" or (type(left).__name__ == "Agg" and left.name == "count")
        return one and counts and _operator(test) == "Eq"

    def _binaryexpr(self, found: Node) -> Piece:
        parts = [self.of(found.left), self.of(found.right)]
        left, right = (part.bare() for part in parts)
        name = _operator(found)
        if name == "Plus" and self.dtype(found.left) == pl.String:
            column = F.concat(left, right)
        elif name == "TrueDivide":
            column = divided(left, right)
        elif name in BINARY:
            column = BINARY[name](left, right)
        else:
            raise Untranslatable(f"operator {name}")
        return Piece(column, aggregated=_aggregated(parts), literal=all(p.literal for p in parts))

    def _agg(self, found: Node) -> Piece:
        rows = self.of(found.arguments[0])
        if rows.aggregated:
            raise Untranslatable("aggregate of an aggregate")
        if rows.literal:
            raise Untranslatable("aggregate of a literal")  # one value for Polars, one a row for Spark
        dtype = self.dtype(found.arguments[0])
        return Piece(self._aggregate(found.name, rows, dtype, found.options), aggregated=True)

    def _aggregate(self, name: str, rows: Piece, dtype: Any, options: Any) -> Column:
        if name == "sum":
            kind = "double" if dtype in (pl.Float32, pl.Float64) else "bigint"
            total = self._gathered(F.sum(rows.counted.cast(kind)))
            return total if options else F.coalesce(total, F.lit(0).cast(kind))
        if name == "count":
            if options and not rows.no_nulls:  # the length of what is kept, nulls included
                every = F.lit(1) if rows.where is None else F.when(rows.where, F.lit(1))
                return self._gathered(F.count(every))
            return self._gathered(F.count(rows.counted))
        if name == "n_unique" and self._over is None:  # distinct counts are refused over windows there
            several = F.countDistinct(rows.counted)
            if rows.no_nulls:
                return several
            null = rows.column.isNull() if rows.where is None else rows.where & rows.column.isNull()
            return several + F.coalesce(F.max(F.when(null, F.lit(1))), F.lit(0))
        if name in ("min", "max") and dtype not in (pl.Float32, pl.Float64):  # NaN is ordered otherwise there
            return self._gathered((F.min if name == "min" else F.max)(rows.counted))
        if name == "mean":
            return self._gathered(F.avg(rows.counted.cast("double")))
        raise Untranslatable(f"aggregate {name}")

    def _window(self, found: Node) -> Piece:
        by = [self.of(one).bare() for one in found.partition_by]
        if found.order_by is not None or self._over is not None:
            raise Untranslatable("window")
        self._over = Window.partitionBy(*by)
        try:
            inner = self.of(found.function)
        finally:
            self._over = None
        if not inner.aggregated:
            raise Untranslatable("window of rows")
        return Piece(inner.column)

    def _function(self, found: Node) -> Piece:
        name = _function_name(found)
        if name == "drop_nulls":
            rows = self.of(found.input[0])
            if rows.aggregated:
                raise Untranslatable("drop_nulls of an aggregate")
            return replace(rows, no_nulls=True)
        if name == "BooleanFunction.IsIn":
            return self._is_in(found)
        if name in ("BooleanFunction.Any", "BooleanFunction.All", "BooleanFunction.IsEmpty"):
            rows = self.of(found.input[0])
            if rows.aggregated or rows.literal:
                raise Untranslatable("aggregate of an aggregate")
            if name.endswith("IsEmpty"):
                none = self._aggregate("count", rows, self.dtype(found.input[0]), True) == F.lit(0)
                return Piece(none, aggregated=True)
            if found.function_data[1] is not True:
                raise Untranslatable(name)
            some = name.endswith("Any")
            gathered = self._gathered((F.max if some else F.min)(rows.counted.cast("int")))
            return Piece(
                F.coalesce(gathered, F.lit(0 if some else 1)) == F.lit(1),
                aggregated=True,
            )
        if name in ("StringFunction.ZFill", "TemporalFunction.Truncate", "StringFunction.Split"):
            first = self.of(found.input[0])  # what follows is read as it is: a width, a step, a separator
            return replace(first, column=self._with_setting(name, found, first.bare()))
        parts = [self.of(one) for one in found.input]
        columns = [part.bare() for part in parts]
        column = self._row_function(name, found, columns)
        return Piece(column, aggregated=_aggregated(parts), literal=all(p.literal for p in parts))

    def _row_function(self, name: str, found: Node, columns: Sequence[Column]) -> Column:
        if name in SIMPLE:
            return SIMPLE[name](*columns)
        if name == "TemporalFunction.ToString":
            form = found.function_data[1]
            if self.dtype(found.input[0]) != pl.Date and form not in UP_TO_DAYS:
                raise Untranslatable("text of a moment")
            return F.date_format(columns[0], date_format(form))
        if name == "BooleanFunction.IsBetween" and str(found.function_data[1]).lower() in BOUNDS:
            low, high = BOUNDS[str(found.function_data[1]).lower()]
            return BINARY[low](columns[0], columns[1]) & BINARY[high](columns[0], columns[2])
        if name == "ListFunction.SetOperation" and found.function_data[1] == "intersection":
            return F.array_intersect(*columns)
        if name == "ListFunction.Length":
            return F.when(columns[0].isNotNull(), F.size(columns[0]))
        raise Untranslatable(f"function {name}")

    def _with_setting(self, name: str, found: Node, column: Column) -> Column:
        said = self._plan.view_expression(found.input[1])
        value = said.value if type(said).__name__ == "Literal" else None
        if (
            name == "TemporalFunction.Truncate"
            and value in TRUNCATED
            and self.dtype(found.input[0]) == pl.Date
        ):
            return F.trunc(column, TRUNCATED[value])
        if name == "StringFunction.ZFill" and isinstance(value, int) and not self._signed(found.input[0]):
            # lpad cuts what is longer: longer texts stay.
            return F.when(F.length(column) >= F.lit(value), column).otherwise(F.lpad(column, value, "0"))
        if (
            name == "StringFunction.Split"
            and isinstance(value, str)
            and value
            and found.function_data[1] is False
        ):
            return F.split(column, re.escape(value))
        raise Untranslatable(name)

    def _signed(self, node: int) -> bool:
        """Whether a text may begin with a sign, after which zeros would go."""
        found = self._plan.view_expression(node)
        return type(found).__name__ != "Cast" or self.dtype(found.expr) not in WHOLE

    def _is_in(self, found: Node) -> Piece:
        rows = self.of(found.input[0])
        listed = self._plan.view_expression(found.input[1])
        if type(listed).__name__ != "Literal" or not isinstance(listed.value, list | pl.Series):
            raise Untranslatable("values looked for in a column")
        values = list(listed.value)
        column = rows.bare()
        if found.function_data[1] and None in values:
            raise Untranslatable("null looked for")
        wanted = [value for value in values if value is not None]
        none = F.when(column.isNull(), F.lit(None).cast("boolean")).otherwise(F.lit(False))
        return Piece(column.isin(*wanted) if wanted else none, aggregated=rows.aggregated)


def _aggregated(parts: Sequence[Piece]) -> bool:
    """Whether a whole is one value a group.

    Raises:
        Untranslatable: values of rows stand beside values of groups.
    """
    told = {part.aggregated for part in parts if not part.literal}
    if len(told) > 1:
        raise Untranslatable("rows beside an aggregate")
    return told == {True}


def _operator(found: Node) -> str:
    return str(found.op).rpartition(".")[2]


def _function_name(found: Node) -> str:
    first = found.function_data[0]
    return first if isinstance(first, str) else str(first)
