"""Reads of the lake for pages, cached by table version and access scope.

A table's version is the cache key: there is no time to live, and a rerun never shows superseded data. Frames are
shared by every session and are never changed in place. What a session keeps are names, never frames.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.access.access import PUBLIC, Access
from lake.contract import Table
from lake.errors import LakeError
from lake.settings import Settings
from lake.snapshot import Snapshot
from lake.tables import Lake
from scoring.universes import engine
from scoring.universes.memory import Size
from scoring.universes.model import Axis, Join, Lookup, Reference, Rhythm, Scan, Term, Universe
from scoring.universes.selection import Selection

# A module that is read again (make dev: a file was saved) brings new classes; what was kept is of the former ones.
st.cache_resource.clear()

# A reference table (communes, départements…) of this many rows at most is kept whole in memory.
SMALL = 200_000


@st.cache_resource(show_spinner=False)
def open_lake() -> Lake:
    """The lake that the environment names, opened once per process."""
    return Lake(Settings.from_env())


def data(access: Access = PUBLIC) -> Data:
    """The reads of this process' lake under a reader's access."""
    return Data(open_lake(), access)


@st.cache_resource(show_spinner=False, max_entries=4_000)
def _cached(key: str, _compute: Callable[[], Any]) -> Any:
    return _compute()


@st.cache_resource(show_spinner=False, max_entries=4)
def _cached_rows(key: str, _compute: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    return _compute()


@st.cache_resource(show_spinner=False, max_entries=48)
def _cached_details(key: str, _compute: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    return _compute()


@st.cache_resource(show_spinner=False, max_entries=12)
def _cached_large(key: str, _compute: Callable[[], Any]) -> Any:
    return _compute()


@dataclass(frozen=True)
class Data:
    """Cached reads of one lake under one access, made anew for each run of a page.

    One publication of the lake is kept for the whole run: one that lands in the meantime shows at the next run,
    never in half a page.

    Attributes:
        lake: where tables are read.
        access: what the reader may see.
    """

    lake: Lake
    access: Access = PUBLIC
    _state: list[Snapshot] = field(default_factory=list, repr=False)

    def version(self, table: Table) -> int | None:
        """Number of the table's version in this run, None when it was never published."""
        return self.state.version(table)

    @property
    def state(self) -> Snapshot:
        """What the lake showed when this run began."""
        if not self._state:
            self._state.append(self.lake.snapshot())
        return self._state[0]

    def key(self, *tables: Table) -> tuple[Hashable, ...]:
        """Cache key of something computed from these tables for this reader."""
        versions = tuple((table.name, self.version(table)) for table in tables)
        return (self.lake.root, self.access.scope, *versions)

    def cached(self, name: Hashable, tables: Sequence[Table], compute: Callable[[], Any]) -> Any:
        """Compute something once per version of the tables it comes from.

        Args:
            name: what it is, with every argument that changes it (hashable).
            tables: the tables it is computed from.
            compute: called on a miss; its result is shared, so it must not be changed.
        """
        return _cached(repr((name, *self.key(*tables))), lambda: self._told(tables, compute))

    def kept(self, name: Hashable, tables: Sequence[Table], compute: Callable[[], Any]) -> Any:
        """:meth:`cached`, for what is large and that several views of a page read: few are kept."""
        return _cached_large(repr((name, *self.key(*tables))), lambda: self._told(tables, compute))

    def _told(self, tables: Sequence[Table], compute: Callable[[], Any]) -> Any:
        """Compute; where a file of these tables cannot be read, say which in French."""
        try:
            return compute()
        except LakeError:
            raise
        except BaseException as error:
            if not self.lake.failed(error):
                raise
            raise self.lake.unreadable(tables, error) from error

    def scan(self, table: Table) -> pl.LazyFrame:
        """Read a table lazily, within what the reader may see; small reference tables come from memory."""
        allowed = self.access.rows(table)
        return self._whole(table) if allowed is None else self._whole(table).filter(allowed)

    def _whole(self, table: Table) -> pl.LazyFrame:
        version = self.version(table)
        if version is None:
            return self.lake.scan(table, version)
        if table.unit or table.partition_by:
            # A version never changes: its log is read once, not at every question.
            opened = ("scan", self.lake.root, table.name, version)
            scanned: pl.LazyFrame = _cached(repr(opened), lambda: self.lake.scan(table, version))
            return scanned

        def load() -> pl.DataFrame | None:
            frame = self.lake.scan(table, version).head(SMALL + 1).collect()
            return frame if frame.height <= SMALL else None

        kept = _cached(
            repr(("table", self.lake.root, table.name, version)), lambda: self._told([table], load)
        )
        return self.lake.scan(table, version) if kept is None else kept.lazy()

    def frame(self, table: Table) -> pl.DataFrame:
        """A whole table, for reference tables."""
        return self.scan(table).collect()

    def universe(self, declared: Universe) -> Universe:
        """The universe that this lake's own catalogue describes; the declared one where measures are not data."""
        build, catalogue = declared.from_lake, declared.catalogue
        if build is None or catalogue is None or self.version(catalogue) is None:
            return declared
        found: Universe = self.cached(("universe", declared.name), [catalogue], lambda: build(self.scan))
        return found

    def dates(self, universe: Universe, selection: Selection | None = None) -> list[date]:
        """The dates (extractions, campaigns, months) of a universe, newest first."""
        table = universe.calendar or universe.table
        if universe.derived is not None:
            derived, asked = universe.derived, selection or Selection()
            return list(
                self.cached(
                    ("dates", universe.name, universe.settled(asked.at(None))),
                    derived.tables,
                    lambda: sorted(derived.dates(self.scan, asked), reverse=True),
                )
            )

        def compute() -> list[date]:
            column = universe.time.key.meta.root_names()[0]
            if column in table.partition_by:
                found = [
                    date.fromisoformat(value)
                    for value in self.lake.values(table, column, self.version(table))
                ]
            else:
                found = self.scan(table).select(universe.time.key.unique()).collect().to_series().to_list()
            return sorted(found, reverse=True)

        return list(self.cached(("dates", universe.name), [table], compute))

    def dated(self, universe: Universe, selection: Selection) -> Selection:
        """The selection with its snapshot date said: the latest when none is asked."""
        if universe.rhythm is not Rhythm.SNAPSHOT or selection.date is not None:
            return selection
        dates = self.dates(universe, selection)
        return selection.at(dates[0]) if dates else selection

    def query(
        self,
        universe: Universe,
        selection: Selection,
        measures: Sequence[str],
        by: Sequence[str] = (),
        *,
        complete: bool = False,
        total: bool = False,
        parameters: Mapping[str, str] | None = None,
    ) -> pl.DataFrame:
        """A universe's figures under a selection, cached; see :func:`scoring.universes.engine.query`.

        ``parameters`` are said over those of the selection.
        """
        for parameter, value in (parameters or {}).items():
            selection = selection.with_parameter(parameter, value)
        selection = universe.settled(selection)
        over_time = any(universe.axis(name) is universe.time for name in by)
        asked = selection if over_time else self.dated(universe, selection)
        name = ("query", universe.name, asked, tuple(measures), tuple(by), complete, total)

        reads = self._asking((*by, *selection.filters))

        def compute() -> pl.DataFrame:
            return engine.query(
                universe,
                Reads(reads) if over_time else reads._snapshot_scan(universe, asked),
                asked,
                measures,
                by,
                complete=complete,
                total=total,
                restrict=self.access.restrict,
            ).collect()

        frame: pl.DataFrame = self.cached(name, tables_of(universe), compute)
        return frame

    def _asking(self, question: Sequence[str]) -> Data:
        """The same reads for the figures of one question: what the reader sees in aggregate counts there."""
        if self.access.figures is None:
            return self
        return replace(self, access=replace(self.access, rows=self.access.figures(question)))

    def detail(
        self,
        universe: Universe,
        selection: Selection,
        *,
        columns: Sequence[str] = (),
        parameters: Mapping[str, str] | None = None,
    ) -> pl.DataFrame:
        """The rows behind a universe's figures, those that the reader may see one by one.

        See :func:`scoring.universes.engine.detail`. Few answers are kept, and none of a table's own rows: they may be
        all of it.

        Args:
            universe: what is asked.
            selection: filters, date and parameters.
            columns: columns wanted; all of them by default.
            parameters: said over those of the selection.
        """
        for parameter, value in (parameters or {}).items():
            selection = selection.with_parameter(parameter, value)
        asked = self.dated(universe, universe.settled(selection))

        def compute() -> pl.DataFrame:
            rows = engine.detail(universe, Reads(self), asked, restrict=self.access.restrict)
            return (rows.select(columns) if columns else rows).collect()

        if universe.derived is None:
            return compute()
        name = ("detail", universe.name, asked, tuple(columns))
        return _cached_details(repr((*name, *self.key(*tables_of(universe)))), compute)

    def notes(self, universe: Universe, selection: Selection) -> dict[str, str]:
        """What must be said beside the figures of a question, cached; see :func:`scoring.universes.engine.notes`."""
        asked = self.dated(universe, universe.settled(selection))
        found: dict[str, str] = self.cached(
            ("notes", universe.name, asked),
            tables_of(universe),
            lambda: engine.notes(universe, Reads(self), asked),
        )
        return found

    def choices(self, universe: Universe, axis_name: str, day: date | None = None) -> pl.DataFrame:
        """The values of an axis (``code``, ``texte``), cached."""
        axis = universe.axis(axis_name)
        frame: pl.DataFrame = self.cached(
            ("choices", universe.name, axis.name, day),
            tables_of(universe),
            lambda: engine.choices(universe, self._snapshot_scan(universe, Selection(date=day)), axis, day),
        )
        return frame

    def _snapshot_scan(self, universe: Universe, selection: Selection) -> Scan:
        """A scan whose universe table is one snapshot, in memory, in the columns that figures need."""
        table = universe.table
        day = selection.date
        if universe.derived is not None:
            return Reads(self)
        if universe.rhythm is not Rhythm.SNAPSHOT or day is None:
            return self.scan
        columns = columns_of(universe)

        def load() -> pl.DataFrame:
            rows = self.lake.scan(table, self.version(table)).filter(universe.time.key == day)
            return rows.select(columns).collect()

        def scan(asked: Table) -> pl.LazyFrame:
            if asked is not table:
                return self.scan(asked)
            allowed = self.access.rows(table)
            if allowed is not None and not set(allowed.meta.root_names()) <= set(columns):
                return self.scan(asked)
            key = ("snapshot", self.lake.root, table.name, self.version(table), day, columns)
            kept = _cached_rows(repr(key), lambda: self._told([table], load)).lazy()
            return kept if allowed is None else kept.filter(allowed)

        return scan


@dataclass(frozen=True)
class Reads:
    """The scan of one reader, which keeps what scoring makes: see :mod:`scoring.universes.memory`.

    What is kept is told apart by the rows of each table that count for this reader and question.
    """

    data: Data

    def __call__(self, table: Table, /) -> pl.LazyFrame:
        """Read a table lazily, within what the reader may see."""
        return self.data.scan(table)

    def keep(
        self, name: Hashable, tables: Sequence[Table], make: Callable[[], Any], *, size: Size = "small"
    ) -> Any:
        """What was made under this name; made on the first call."""
        seen = [self.data.access.rows(table) for table in tables]
        rules = tuple(None if one is None else one.meta.serialize() for one in seen)
        if size == "passing":
            return _cached_details(repr(("made", name, rules, *self.data.key(*tables))), make)
        keep = self.data.kept if size == "large" else self.data.cached
        return keep(("made", name, rules), tables, make)


def tables_of(universe: Universe) -> list[Table]:
    """Every table that a universe's figures may read."""
    found = {one.table.name: one.table for one in (universe, *universe.summaries)}
    for listed in (universe.calendar, universe.catalogue):
        if listed is not None:
            found[listed.name] = listed
    if universe.derived is not None:
        found |= {table.name: table for table in universe.derived.tables}
    parts: list[Axis | Reference | Join | Lookup] = [*universe.axes]
    if universe.geography is not None:
        parts.append(universe.geography)
    parts += [m.denominator for m in universe.measures if isinstance(m.denominator, Reference)]
    for part in parts:
        if isinstance(part, Axis):
            if isinstance(part.text, Lookup):
                found[part.text.table.name] = part.text.table
        else:
            found[part.table.name] = part.table
        for join in getattr(part, "requires", ()):
            found[join.table.name] = join.table
    return list(found.values())


def columns_of(universe: Universe) -> tuple[str, ...]:
    """The columns of the universe's table that its axes and measures read, in the contract's order."""
    names: set[str] = set()

    def read(expression: pl.Expr | None) -> None:
        if expression is not None:
            names.update(expression.meta.root_names())

    for axis in universe.axes:
        read(axis.key)
        if isinstance(axis.text, pl.Expr):
            read(axis.text)
        names.update(join.on for join in axis.requires)
    for measure in universe.measures:
        for term in (measure.value, measure.numerator, measure.denominator):
            if isinstance(term, Term):
                read(term.of)
                read(term.where)
            elif isinstance(term, Reference) and term.within:
                names.add(term.within)
    return tuple(column for column in universe.table.columns if column in names)
