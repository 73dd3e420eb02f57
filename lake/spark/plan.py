"""From an optimised Polars plan to Spark frames: node by node, bottom up, each one once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from pyspark.sql import Column, DataFrame
from pyspark.sql.connect import functions as F
from pyspark.sql.connect.window import Window

from lake.spark.expressions import Expressions, Node, Piece, Untranslatable, named, spark_type

Opened = Callable[[Any], DataFrame | None]
"""From a Python scan of the plan to the Spark frame of its table; None when it is not one of ours."""
SMALL = 5_000
"""Rows of a frame held by the plan that may be sent to the engine."""


@dataclass(frozen=True)
class Frame:
    """A translated node.

    Attributes:
        spark: the Spark frame, its columns named as the node's.
        schema: the Polars schema of the node.
        tables: whether it reads a table of the lake (else Polars has it already).
        one_row: whether it has exactly one row.
        order: what the rows are sorted by, for who keeps the first of each; Spark itself sorts nothing.
    """

    spark: DataFrame
    schema: pl.Schema
    tables: bool = True
    one_row: bool = False
    order: tuple[Column, ...] = ()


@dataclass
class Translation:
    """Translates the nodes of one plan.

    Args:
        plan: Polars' traverser of its optimised plan.
        opened: gives the Spark frames of the scans.
        held: makes a Spark frame of a small Polars one.
    """

    plan: Node
    opened: Opened
    held: Callable[[pl.DataFrame], DataFrame]
    refused: list[str] = field(default_factory=list)
    _frames: dict[int, Frame | Untranslatable] = field(default_factory=dict)
    _renamed: int = 0

    def frame(self, node: int) -> Frame:
        """A node's Spark frame.

        Raises:
            Untranslatable: the node, or one below, has no exact twin.
        """
        if node not in self._frames:
            try:
                self._frames[node] = self._translated(node)
            except Untranslatable as error:
                self._frames[node] = error
                self.refused.append(str(error))
        found = self._frames[node]
        if isinstance(found, Untranslatable):
            raise found
        return found

    def unordered(self, node: int) -> Frame:
        """A node's Spark frame, for who does not say the order of its rows: Spark would lose it."""
        found = self.frame(node)
        if found.order:
            raise Untranslatable("sorted rows")
        return found

    def inputs(self, node: int) -> list[int]:
        """The nodes that a node reads."""
        self.plan.set_node(node)
        found: list[int] = self.plan.get_inputs()
        return found

    def schema(self, node: int) -> pl.Schema:
        """The Polars schema of a node."""
        self.plan.set_node(node)
        return pl.Schema(self.plan.get_schema())

    def _translated(self, node: int) -> Frame:
        self.plan.set_node(node)
        try:
            found = self.plan.view_current_node()
        except NotImplementedError as error:
            raise Untranslatable(str(error)) from None
        kind = type(found).__name__
        translate = getattr(self, f"_{kind.lower()}", None)
        if translate is None:
            raise Untranslatable(kind)
        made: Frame = translate(found, self.schema(node))
        return made

    def _reading(self, input_node: int) -> tuple[Frame, Expressions]:
        """A node's input, and what translates the expressions over it."""
        read = self.unordered(input_node)
        self.plan.set_node(input_node)
        return read, Expressions(self.plan, read.schema)

    # -- by kind ---------------------------------------------------------------------------------

    def _pythonscan(self, found: Node, schema: pl.Schema) -> Frame:
        function, columns, _, predicate, rows = found.options
        table = self.opened(function)
        if table is None or rows is not None:
            raise Untranslatable("scan")
        if predicate is not None:
            if predicate[0] != "polars":
                raise Untranslatable("predicate")
            table = table.filter(Expressions(self.plan, schema).of(predicate[1]).bare())
        names = list(schema) if columns is None else columns
        return Frame(table.select(*map(named, names)), pl.Schema({name: schema[name] for name in names}))

    def _dataframescan(self, found: Node, schema: pl.Schema) -> Frame:
        frame = pl.DataFrame._from_pydf(found.df)
        if frame.height > SMALL or found.selection is not None:
            raise Untranslatable("rows held by the plan")
        kept = frame.select(list(schema))
        return Frame(self.held(kept), schema, tables=False, one_row=kept.height == 1)

    def _cache(self, found: Node, _schema: pl.Schema) -> Frame:
        return self.frame(found.input)

    def _simpleprojection(self, found: Node, schema: pl.Schema) -> Frame:
        read = self.frame(found.input)
        if read.order:  # what is sorted by may be left out: its columns stay until the first rows are kept
            return Frame(read.spark, schema, read.tables, read.one_row, read.order)
        return self._same(read, read.spark.select(*map(named, schema)), schema)

    def _filter(self, found: Node, schema: pl.Schema) -> Frame:
        read, expressions = self._reading(found.input)
        kept = read.spark.filter(expressions.of(found.predicate.node).bare())
        return Frame(kept, schema, read.tables)

    def _select(self, found: Node, schema: pl.Schema) -> Frame:
        read, expressions = self._reading(found.input)
        pieces = _named_pieces(expressions, found.expr)
        if any(piece.aggregated for piece in pieces.values()):
            if not all(piece.aggregated or piece.literal for piece in pieces.values()):
                raise Untranslatable("rows beside an aggregate")
            return Frame(read.spark.agg(*_typed(pieces, schema)), schema, read.tables, one_row=True)
        if pieces and all(piece.literal for piece in pieces.values()) and not read.one_row:
            raise Untranslatable("a literal alone")  # one row for Polars, one a row for Spark
        return self._same(read, read.spark.select(*_typed(pieces, schema)), schema)

    def _hstack(self, found: Node, schema: pl.Schema) -> Frame:
        read, expressions = self._reading(found.input)
        pieces = _named_pieces(expressions, found.exprs)
        if any(piece.aggregated for piece in pieces.values()) and not read.one_row:
            raise Untranslatable("rows beside an aggregate")
        if any(piece.aggregated for piece in pieces.values()):
            raise Untranslatable("aggregate of one row")
        made = dict(zip(pieces, _typed(pieces, schema), strict=True))
        return self._same(read, read.spark.select(*(made.get(n, named(n)) for n in schema)), schema)

    def _groupby(self, found: Node, schema: pl.Schema) -> Frame:
        if found.apply or found.maintain_order or found.options.slice is not None:
            raise Untranslatable("ordered groups")
        if found.options.dynamic is not None or found.options.rolling is not None:
            raise Untranslatable("rolling groups")
        read, expressions = self._reading(found.input)
        keys = _named_pieces(expressions, found.keys)
        aggregates = _named_pieces(expressions, found.aggs)
        if any(piece.aggregated for piece in keys.values()):
            raise Untranslatable("group by an aggregate")
        if not all(piece.aggregated or piece.literal for piece in aggregates.values()):
            raise Untranslatable("lists of a group")
        # Keys become columns first: an aggregate may read a column of the same name, before it is remade.
        self._renamed += 1
        apart = {f"__by{self._renamed}_{rank}": piece.bare() for rank, piece in enumerate(keys.values())}
        rows = read.spark.select("*", *(column.alias(name) for name, column in apart.items()))
        groups = rows.groupBy(*map(named, apart))
        grouped = (
            groups.agg(*_typed(aggregates, schema))
            if aggregates
            else rows.select(*map(named, apart)).distinct()
        )
        renamed = [named(one).alias(name) for one, name in zip(apart, keys, strict=True)]
        return Frame(grouped.select(*renamed, *map(named, aggregates)), schema, read.tables)

    def _sort(self, found: Node, schema: pl.Schema) -> Frame:
        """What the rows are sorted by is remembered for who keeps the first of each; Polars sorts the answers."""
        read, expressions = self._reading(found.input)
        _, nulls_last, descending = found.sort_options
        if found.slice is not None:
            raise Untranslatable("first rows")
        order = []
        for one, last, down in zip(found.by_column, nulls_last, descending, strict=True):
            column = expressions.of(one.node).bare()
            if down:
                order.append(column.desc_nulls_last() if last else column.desc_nulls_first())
            else:
                order.append(column.asc_nulls_last() if last else column.asc_nulls_first())
        return Frame(read.spark, schema, read.tables, read.one_row, tuple(order))

    def _distinct(self, found: Node, schema: pl.Schema) -> Frame:
        keep, subset, _, sliced = found.options
        read = self.frame(found.input)
        if sliced is not None or keep not in ("any", "first"):
            raise Untranslatable("distinct rows")
        if subset is None or set(subset) == set(schema):
            return Frame(read.spark.distinct(), schema, read.tables)
        if not read.order:
            raise Untranslatable("first rows without order")
        window = Window.partitionBy(*map(named, subset)).orderBy(*read.order)
        ranked = read.spark.withColumn("__rank", F.row_number().over(window)).filter(
            named("__rank") == F.lit(1)
        )
        return Frame(ranked.select(*map(named, schema)), schema, read.tables)

    def _union(self, found: Node, schema: pl.Schema) -> Frame:
        frames = [self.unordered(one) for one in found.inputs]
        if found.slice is not None or not frames:
            raise Untranslatable("first rows")
        whole = frames[0].spark
        for other in frames[1:]:
            whole = whole.union(other.spark.select(*map(named, schema)))
        return Frame(whole, schema, any(one.tables for one in frames))

    def _hconcat(self, found: Node, schema: pl.Schema) -> Frame:
        frames = [self.unordered(one) for one in found.inputs]
        if not all(one.one_row for one in frames):
            raise Untranslatable("rows side by side")
        whole = frames[0].spark
        for other in frames[1:]:
            whole = whole.crossJoin(other.spark)
        return Frame(whole, schema, any(one.tables for one in frames), one_row=True)

    def _mapfunction(self, found: Node, schema: pl.Schema) -> Frame:
        name, *rest = found.function
        if name == "rename":
            old, new = rest[0], rest[1]
            read = self.unordered(found.input)
            names = dict(zip(old, new, strict=True))
            renamed = read.spark.select(*(named(n).alias(names.get(n, n)) for n in read.schema))
            return self._same(read, renamed.select(*map(named, schema)), schema)
        if (
            name == "explode" and len(rest[0]) == 1 and rest[1:] == [True, True]
        ):  # empty and null: one row without value
            read = self.unordered(found.input)
            (column,) = rest[0]
            apart = [F.explode_outer(named(n)).alias(n) if n == column else named(n) for n in schema]
            return Frame(read.spark.select(*apart), schema, read.tables)
        raise Untranslatable(str(name))

    def _join(self, found: Node, schema: pl.Schema) -> Frame:
        how, nulls_equal, sliced, suffix, coalesce, _ = found.options
        if not isinstance(how, str) or sliced is not None or getattr(found, "predicate", None) is not None:
            raise Untranslatable("join")
        if how not in _HOW:
            raise Untranslatable(f"join {how}")
        left, left_keys = self._keys(found.input_left, found.left_on)
        right, right_keys = self._keys(found.input_right, found.right_on)
        self._renamed += 1
        mark = f"__r{self._renamed}_"
        others = right.spark.select(
            *(named(name).alias(f"{mark}{name}") for name in right.schema),
            *(column.alias(f"{mark}key{rank}") for rank, column in enumerate(right_keys)),
        )
        mine = left.spark.select(
            "*", *(column.alias(f"{mark}mine{rank}") for rank, column in enumerate(left_keys))
        )
        met = None
        for rank in range(len(left_keys)):
            one, other = named(f"{mark}mine{rank}"), named(f"{mark}key{rank}")
            same = one.eqNullSafe(other) if nulls_equal else one == other
            met = same if met is None else met & same
        both = mine.crossJoin(others) if met is None else mine.join(others, on=met, how=_HOW[how])
        if how in ("Semi", "Anti"):
            return Frame(both.select(*map(named, schema)), schema, left.tables or right.tables)
        joined_keys = (
            dict(zip(_names(found.left_on), _names(found.right_on), strict=True)) if coalesce else {}
        )
        columns = []
        for name in schema:
            if name in left.schema:
                column = named(name)
                if how == "Full" and name in joined_keys:
                    column = F.coalesce(column, named(f"{mark}{joined_keys[name]}"))
            else:
                own = name if name in right.schema else name.removesuffix(suffix)
                column = named(f"{mark}{own}")
            columns.append(column.alias(name))
        return Frame(both.select(*columns), schema, left.tables or right.tables)

    def _keys(self, node: int, on: Sequence[Any]) -> tuple[Frame, list[Column]]:
        read, expressions = self._reading(node)
        return read, [expressions.of(one.node).bare() for one in on]

    @staticmethod
    def _same(read: Frame, spark: DataFrame, schema: pl.Schema) -> Frame:
        return Frame(spark, schema, read.tables, read.one_row)


_HOW = {
    "Inner": "inner",
    "Left": "left",
    "Full": "full",
    "Semi": "left_semi",
    "Anti": "left_anti",
    "Cross": "cross",
}


def _names(on: Sequence[Any]) -> list[str]:
    return [one.output_name for one in on]


def _named_pieces(expressions: Expressions, asked: Sequence[Any]) -> dict[str, Piece]:
    return {one.output_name: expressions.of(one.node) for one in asked}


def _typed(pieces: Mapping[str, Piece], schema: pl.Schema) -> list[Column]:
    """The columns, in the types that the plan gives them."""
    return [
        (piece.column if piece.aggregated else piece.bare()).cast(spark_type(schema[name])).alias(name)
        for name, piece in pieces.items()
    ]
