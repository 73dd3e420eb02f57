"""What Polars and Spark say alike: types, operators, functions of rows, and how each is written there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
from pyspark.sql import Column
from pyspark.sql.connect import functions as F


class Untranslatable(Exception):
    """Spark has no exact twin for a part of a plan."""


_TYPES: dict[Any, str] = {
    pl.String: "string", pl.Int8: "tinyint", pl.Int16: "smallint", pl.Int32: "int", pl.Int64: "bigint",
    pl.UInt8: "smallint", pl.UInt16: "int", pl.UInt32: "bigint", pl.Float32: "float", pl.Float64: "double",
    pl.Boolean: "boolean", pl.Date: "date",
}  # fmt: skip
WHOLE = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32)


def spark_type(dtype: Any) -> str:
    """The Spark type that holds the values of a Polars type.

    Raises:
        Untranslatable: none does exactly.
    """
    if type(dtype) is pl.List:
        return f"array<{spark_type(dtype.inner)}>"
    if type(dtype) is pl.Datetime and dtype.time_unit == "us":
        return "timestamp" if dtype.time_zone else "timestamp_ntz"
    try:
        return _TYPES[dtype if isinstance(dtype, type) else type(dtype)]
    except KeyError:
        raise Untranslatable(f"type {dtype}") from None


def named(name: str) -> Column:
    """A column by its name, whatever characters it holds."""
    return F.col(f"`{name}`")


def divided(left: Column, right: Column) -> Column:
    """As floats divide: by zero it is infinite, or not a number."""
    above, below = left.cast("double"), right.cast("double")
    endless = (
        F.when(above > 0, F.lit(float("inf")))
        .when(above < 0, F.lit(float("-inf")))
        .otherwise(F.lit(float("nan")))
    )
    finite = above / F.when(below != 0, below)
    return F.when(below == 0, F.when(above.isNotNull(), endless)).otherwise(finite)


def _any_of(*parts: Column) -> Column:
    found = parts[0]
    for part in parts[1:]:
        found = found | part
    return found


def _all_of(*parts: Column) -> Column:
    found = parts[0]
    for part in parts[1:]:
        found = found & part
    return found


BINARY: dict[str, Callable[[Column, Column], Column]] = {
    "Eq": lambda a, b: a == b,
    "NotEq": lambda a, b: a != b,
    "Lt": lambda a, b: a < b,
    "LtEq": lambda a, b: a <= b,
    "Gt": lambda a, b: a > b,
    "GtEq": lambda a, b: a >= b,
    "And": lambda a, b: a & b,
    "LogicalAnd": lambda a, b: a & b,
    "Or": lambda a, b: a | b,
    "LogicalOr": lambda a, b: a | b,
    "Plus": lambda a, b: a + b,
    "Minus": lambda a, b: a - b,
    "Multiply": lambda a, b: a * b,
    "EqValidity": lambda a, b: a.eqNullSafe(b),
    "NotEqValidity": lambda a, b: ~a.eqNullSafe(b),
}
SIMPLE: dict[str, Callable[..., Column]] = {
    "BooleanFunction.IsNull": lambda a: a.isNull(),
    "BooleanFunction.IsNotNull": lambda a: a.isNotNull(),
    "BooleanFunction.Not": lambda a: ~a,
    "BooleanFunction.AnyHorizontal": _any_of,
    "BooleanFunction.AllHorizontal": _all_of,
    "StringFunction.StartsWith": lambda a, b: a.startswith(b),
    "TemporalFunction.Year": F.year,
    "TemporalFunction.Month": F.month,
    "coalesce": F.coalesce,
    "fill_null": F.coalesce,
}
BOUNDS = {
    "both": ("GtEq", "LtEq"),
    "left": ("GtEq", "Lt"),
    "right": ("Gt", "LtEq"),
    "none": ("Gt", "Lt"),
}
UP_TO_DAYS = ("%Y", "%Y-%m", "%Y-%m-%d")
TRUNCATED = {"1w": "week", "1mo": "month", "1y": "year"}


def date_format(form: str) -> str:
    """A format of dates, as Spark writes it."""
    if form not in UP_TO_DAYS:
        raise Untranslatable(f"date format {form}")
    return form.replace("%Y", "yyyy").replace("%m", "MM").replace("%d", "dd")
