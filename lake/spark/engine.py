"""Questions over the lake's tables, answered by Spark where it computes alike, by Polars for the rest.

The plan that Polars has optimised is read once. From its top, the first parts that Spark computes alike over tables of
the lake are run there, and their answers put in their place; Polars goes on: sorts, names, whatever has no exact twin.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.io.plugins import register_io_source

from lake.contract import Table
from lake.errors import LakeError
from lake.settings import Settings
from lake.snapshot import Snapshot
from lake.spark.session import session, told

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.connect.session import SparkSession

_OPTIMISED = pl.QueryOptFlags(comm_subplan_elim=False, comm_subexpr_elim=False)
"""Nothing shared between parts of a plan: each part says all that it is made of."""


class TooLarge(LakeError):
    """The engine's answer holds more rows than may be brought here."""


@dataclass
class Engine:
    """Spark over one state of the lake.

    Args:
        spark: the session.
        state: the versions that are read.
        root: where the lake rests, as the server reaches it.
        most: rows that an answer may hold.
    """

    spark: SparkSession
    state: Snapshot
    root: str
    most: int
    answered: int = 0
    """Parts of plans that Spark answered."""
    kept: list[str] = field(default_factory=list)
    """Why parts of plans stayed on Polars."""
    _sources: dict[int, Table] = field(default_factory=dict)

    def scan(self, table: Table) -> pl.LazyFrame:
        """Read a table lazily: by Polars when it is collected by itself, by Spark through :meth:`collect`."""
        real = self.state.scan(table)

        def read(
            columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _batch: int | None
        ) -> Iterator[pl.DataFrame]:
            frame = real if predicate is None else real.filter(predicate)
            frame = frame if columns is None else frame.select(columns)
            yield (frame if rows is None else frame.head(rows)).collect()

        self._sources[id(read)] = table
        # Kept alive by the frame itself, so that its identity stays its own.
        return register_io_source(read, schema=real.collect_schema(), is_pure=True)

    def collect(self, frame: pl.LazyFrame) -> pl.DataFrame:
        """The rows of a frame over tables that :meth:`scan` opened.

        Raises:
            EngineLost: the engine stopped in the middle.
            TooLarge: a part of the answer holds too many rows to come back.
            LakeError: the engine refused, or answered something else than was asked.
        """
        met: list[BaseException] = []

        def spread(plan: Any, *_: Any) -> None:
            try:
                self._spread(plan)
            except BaseException as error:  # told once the library has let go of the plan
                met.append(error)
                raise

        try:
            collected: Any = frame.collect  # its hook on the plan is no part of its signature
            rows: pl.DataFrame = collected(optimizations=_OPTIMISED, post_opt_callback=spread)
            return rows
        except BaseException:
            if met:
                raise met[0]  # noqa: B904 # its own cause is the one to keep
            raise

    def beside(
        self,
        rows: pl.DataFrame,
        table: Table,
        *,
        key: str,
        columns: Sequence[str],
        function: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame],
        schema: pl.Schema,
    ) -> pl.DataFrame:
        """A pure function of each group of rows and of the table's rows of the same group, wherever the engine likes.

        A worker that dies is started again by a cluster; a server that dies loses the whole, and is told.

        Args:
            rows: what is worked on; one group a value of ``key``.
            table: what each group is compared with.
            key: column of both.
            columns: columns of the table that the function reads.
            function: importable where the work is done: workers have the suite installed. Rows are given in the order
                that they have here.
            schema: what it returns.

        Raises:
            EngineLost: the engine stopped in the middle.
            LakeError: it refused, or answered something else than was asked.
        """
        from pyspark.sql.connect import functions as F

        from lake.spark.groups import GROUP, RANK, Sides, sent, spark_schema

        keys = rows[key].unique().drop_nulls().sort().to_list()
        order = list(dict.fromkeys([*table.partition_by, *(table.sort_by or table.key)]))
        theirs = pl.Schema({name: table.dtypes()[name] for name in dict.fromkeys([*order, *columns])})
        sides = Sides(key, rows.schema, theirs, tuple(order), tuple(columns))
        with told():
            mine = sent(self.spark, rows.with_row_index(RANK))
            places = self._frame(table).filter(F.col(key).isin(keys))
            # One frame of both, not a cogroup: an engine refused null values there.
            both = mine.select(*sides.of_rows()).union(places.select(*sides.of_table()))
            answer = sides.answer(function, schema)
            arrow = both.groupBy(GROUP).applyInArrow(answer, spark_schema(schema)).toArrow()
        self.answered += 1
        return conformed(arrow, schema)

    # -- inside --------------------------------------------------------------------------------

    def _spread(self, plan: Any) -> None:
        from lake.spark.expressions import Untranslatable
        from lake.spark.groups import sent
        from lake.spark.plan import Translation

        translation = Translation(plan, self._opened, lambda small: sent(self.spark, small))

        def place(node: int) -> None:
            try:
                found = translation.frame(node)
            except Untranslatable:
                for below in translation.inputs(node):
                    place(below)
                return
            if found.tables:
                # Sorts are remembered for those above, never run: where one is the top, Polars sorts what its
                # input answers.
                if found.order:
                    for below in translation.inputs(node):
                        place(below)
                    return
                answer = self._answer(found.spark, found.schema)
                plan.set_node(node)
                plan.set_udf(lambda *_: answer)

        root = plan.get_node()
        with told():
            place(root)
        plan.set_node(root)
        self.kept += translation.refused

    def _opened(self, function: Callable[..., Any]) -> DataFrame | None:
        """The Spark frame of a scan of ours; None for another."""
        table = self._table(function)
        return None if table is None else self._frame(table)

    def _frame(self, table: Table) -> DataFrame:
        """The Spark frame of a table, in its contract's columns."""
        from pyspark.sql.connect import functions as F

        from lake.spark.expressions import named, spark_type

        path = f"{self.root}/tables/{table.name}"
        version = self.state.version(table)
        frame = self.spark.read.format("delta").option("versionAsOf", str(version)).load(path)
        known = set(frame.columns)
        return frame.select(
            *(
                named(name) if name in known else F.lit(None).cast(spark_type(dtype)).alias(name)
                for name, dtype in table.dtypes().items()
            )
        )

    def _table(self, function: Callable[..., Any]) -> Table | None:
        source = inspect.getclosurevars(function).nonlocals.get("io_source")
        return None if source is None else self._sources.get(id(source))

    def _answer(self, frame: DataFrame, schema: pl.Schema) -> pl.DataFrame:
        arrow = frame.limit(self.most + 1).toArrow()
        if arrow.num_rows > self.most:
            allowed = "la seule" if self.most == 1 else f"les {self.most}"
            raise TooLarge(
                f"La réponse du moteur compte {frame.count()} lignes, plus que {allowed} qu'il peut rendre.",
                conseil="Filtrez davantage, ou demandez une maille plus large (OBS_SPARK_LIGNES change ce plafond).",
            )
        self.answered += 1
        return conformed(arrow, schema)


def conformed(arrow: Any, schema: pl.Schema) -> pl.DataFrame:
    """An answer of the engine in the types expected of it.

    Raises:
        LakeError: a column is not there, of another nature, or holds a value too large.
    """
    found = pl.DataFrame(arrow)
    for name, dtype in schema.items():
        if name not in found.columns or not _alike(found.schema[name], dtype):
            raise _of_another_nature(name, str(found.schema.get(name) or "rien"), dtype)
    try:
        return found.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    except pl.exceptions.PolarsError as error:  # a value that the type does not hold
        for name, dtype in schema.items():
            if found[name].cast(dtype, strict=False).null_count() > found[name].null_count():
                raise _of_another_nature(name, f"{found.schema[name]} trop grand", dtype) from error
        raise


def _of_another_nature(name: str, given: str, wanted: pl.DataType) -> LakeError:
    return LakeError(
        f"Le moteur Spark rend la colonne « {name} » en {given}, au lieu de {wanted}.",
        conseil="Rien n'a été publié. Demandez --moteur polars, et signalez ce moteur.",
    )


def _alike(given: pl.DataType, wanted: pl.DataType) -> bool:
    if given == wanted or given == pl.Null:
        return True
    if wanted.is_integer():
        return given.is_integer()
    if wanted.is_float():
        return given.is_float()
    if wanted.is_temporal():
        return type(given) is type(wanted)
    return False


@contextlib.contextmanager
def engine(settings: Settings, state: Snapshot, root: str) -> Iterator[Engine]:
    """Spark over one state of the lake; see :func:`lake.spark.session.session` for errors."""
    with session(settings) as spark:
        yield Engine(spark, state, root, settings.spark_lignes)


@contextlib.contextmanager
def spreading(
    settings: Settings, state: Snapshot, root: str, *, asked: bool
) -> Iterator[Callable[..., pl.DataFrame] | None]:
    """:meth:`Engine.beside` of an engine that is opened when there is work for it; None when none was asked."""
    if not asked:
        yield None
        return
    with contextlib.ExitStack() as opened:

        @cache
        def spark() -> Engine:
            return opened.enter_context(engine(settings, state, root))

        yield lambda *rows, **how: spark().beside(*rows, **how)
