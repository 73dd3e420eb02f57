"""Reads of the lake for pages, cached by table version and access scope.

A table's version is the cache key: there is no time to live, and a rerun never shows superseded data. Frames are
shared by every session and are never changed in place. What a session keeps are names, never frames.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

import polars as pl
import streamlit as st

from apps.kit.access.access import PUBLIC, Access
from apps.kit.data.closes import closes, versions
from apps.kit.data.kept import Kept
from apps.kit.data.reads import Answered, Recording, tables_of, weight
from apps.kit.data.snapshots import history, snapshot
from lake.catalog.convergence import REPONSES, SERVICES, SOLUTIONS
from lake.contract import Table
from lake.errors import LakeError
from lake.settings import Settings
from lake.snapshot import Snapshot
from lake.tables import Lake
from scoring import droits as rights
from scoring.universes import engine
from scoring.universes.answer import Portee, answer, family, portee, rows_portee
from scoring.universes.memory import Size
from scoring.universes.model import Rhythm, Scan, Universe
from scoring.universes.selection import Selection

st.cache_resource.clear()  # read again (make dev: a file was saved), the module brings new classes
SMALL = 200_000
"""A reference table (communes, départements…) of this many rows at most is kept whole in memory."""


@st.cache_resource(show_spinner=False)
def open_lake() -> Lake:
    """The lake that the environment names, opened once per process."""
    return Lake(Settings.from_env())


def data(access: Access = PUBLIC) -> Data:
    """The reads of this process' lake under a reader's access."""
    return Data(open_lake(), access)


# Memories of our own: each hit of Streamlit's cache reads the function's signature again, some 70 times a page.
_cached: Kept[tuple[Any]] = Kept(4_000)
_cached_details: Kept[tuple[Any]] = Kept(48)
_cached_large: Kept[tuple[Any]] = Kept(12)
_cached_slices: Kept[tuple[Any]] = Kept(1_000, 128 * 2**20, lambda held: weight(held[0]))
_answers: Kept[tuple[Any]] = Kept(4_000, 256 * 2**20, lambda held: weight(held[0]))
_reads: Kept[frozenset[Table]] = Kept(20_000)
"""The tables that a question read when it was last computed: their versions are its cache key."""


@dataclass(frozen=True)
class Data:
    """Cached reads of one lake under one access, made anew for each run of a page.

    One publication of the lake is kept for the whole run: one that lands in the meantime shows at the next run,
    never in half a page.

    Attributes:
        lake: where tables are read.
        access: what the reader may see.
        told: what the reader's rights narrowed, question by question, since this value was made (see
            :meth:`listening`): universe and answer.
    """

    lake: Lake
    access: Access = PUBLIC
    _state: list[Snapshot] = field(default_factory=list, repr=False)
    told: list[tuple[Universe, Answered]] = field(default_factory=list, repr=False, compare=False)

    def version(self, table: Table) -> int | None:
        """Number of the table's version in this run, None when it was never published."""
        return self.state.version(table)

    @property
    def state(self) -> Snapshot:
        """What the lake showed when this run began."""
        if not self._state:
            self._state.append(self.lake.snapshot())
        return self._state[0]

    def listening(self) -> Data:
        """The same reads of the same run, that tell apart what is narrowed from now on: one for each view of a page."""
        return replace(self, told=[])

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
        return _cached.computed(repr((name, *self.key(*tables))), lambda: self._told(tables, compute))

    def kept(self, name: Hashable, tables: Sequence[Table], compute: Callable[[], Any]) -> Any:
        """:meth:`cached`, for what is large and that several views of a page read: few are kept."""
        return _cached_large.computed(repr((name, *self.key(*tables))), lambda: self._told(tables, compute))

    def _told(self, tables: Collection[Table], compute: Callable[[], Any]) -> Any:
        """Compute; where a file of these tables cannot be read, say which in French."""
        try:
            return compute()
        except LakeError:
            raise
        except BaseException as error:
            if not self.lake.failed(error):
                raise
            raise self.lake.unreadable(list(tables), error) from error

    def scan(self, table: Table) -> pl.LazyFrame:
        """Read a table lazily, within what the reader may see; small reference tables come from memory."""
        droits = self.access.lecture.droits
        if droits is None:
            return self.whole(table)
        of = rights.rule(
            droits, self.whole, opened=self.access.lecture.opened, remember=self._remembered_services
        )
        return rights.restricted(self.whole, of)(table)

    def _remembered_services(self, averaged: bool, compute: Callable[[], pl.Series]) -> pl.Series:
        return cast("pl.Series", self.cached(("droits", averaged), [SERVICES, SOLUTIONS, REPONSES], compute))

    def whole(self, table: Table) -> pl.LazyFrame:
        """Read a table without restriction: for what applies the reader's rights itself.

        A small table is kept in memory; so are those of campaigns, which every question of Convergence reads by the
        half-dozen (a large one is read from the lake, as the others).
        """
        version = self.version(table)
        if version is None:
            return self.lake.scan(table, version)
        if (table.unit or table.partition_by) and not table.name.startswith("convergence__"):
            # A version never changes: its log is read once, not at every question.
            opened = ("scan", self.lake.root, table.name, version)
            scanned: pl.LazyFrame = _cached.computed(repr(opened), lambda: self.lake.scan(table, version))
            return scanned

        def load() -> pl.DataFrame | None:
            frame = self.lake.scan(table, version).head(SMALL + 1).collect()
            return frame if frame.height <= SMALL else None

        kept = _cached.computed(
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
            name = ("dates", universe.name, universe.settled(asked.at(None)))
            days = self.cached(name, derived.tables, lambda: sorted(derived.dates(self.scan, asked))[::-1])
            return list(days)

        def compute() -> list[date]:
            column = universe.time.key.meta.root_names()[0]
            if column in table.partition_by:
                values = self.lake.values(table, column, self.version(table))
                found = [date.fromisoformat(value) for value in values]
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

        ``parameters`` are said over those of the selection. What the reader's rights narrowed is told in :attr:`told`.
        """
        found = self.answer(
            universe, selection, measures, by, complete=complete, total=total, parameters=parameters
        )
        if found.portee is not None or found.few or found.small:
            self.told.append((universe, found))
        return found.frame

    def answer(
        self,
        universe: Universe,
        selection: Selection,
        measures: Sequence[str],
        by: Sequence[str] = (),
        *,
        complete: bool = False,
        total: bool = False,
        parameters: Mapping[str, str] | None = None,
    ) -> Answered:
        """:meth:`query`, with what the reader's rights narrowed beside the figures instead of in :attr:`told`."""
        for parameter, value in (parameters or {}).items():
            selection = selection.with_parameter(parameter, value)
        selection = universe.settled(selection)
        over_time = any(universe.axis(name) is universe.time for name in by)
        asked = selection if over_time else self.dated(universe, selection)

        def compute(scan: Scan) -> Answered:
            reads = (
                history(self, universe, asked, measures, by)
                if over_time
                else snapshot(self, universe, asked.date)
            )
            found = answer(
                universe,
                scan if reads is None else reads(scan),
                asked,
                measures,
                by,
                lecture=self.access.lecture,
                restrict=self.access.restrict,
                complete=complete,
                total=total,
            )
            whole = {} if found.whole is None else found.whole.collect().row(0, named=True)
            few = 0 if found.few is None else found.few.collect().item()
            return Answered(found.frame.collect(), found.portee, whole, few)

        name = ("query", universe.name, asked, tuple(measures), tuple(by), complete, total)
        made: Answered = self._traced(name, universe, compute, None if over_time else asked)
        return made

    def _traced(
        self, name: Hashable, universe: Universe, compute: Callable[[Scan], Any], of: Selection | None = None
    ) -> Any:
        """Compute something once per version of the tables that it really reads.

        These are noted while it is computed: as long as none of them has another version, neither has the outcome.
        """
        reader = self if of is None else closes(self, universe, of.date)
        ident = repr((self.lake.root, self.access.scope, name))
        with _answers.computing(ident):
            known = _reads.get(ident)
            if known is not None:
                held = _answers.get((ident, versions(reader, known)))
                if held is not None:
                    return held[0]
            scan = Recording(reader)
            if universe.catalogue is not None:
                scan.read.add(universe.catalogue)
            made = self._told(scan.read, lambda: compute(scan))
            tables = frozenset(scan.read | (known or frozenset()))
            _reads.put(ident, tables)
            _answers.put((ident, versions(reader, tables)), (made,))
            return made

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

        What the reader's rights leave out of a list is told in :attr:`told`.

        Args:
            universe: what is asked.
            selection: filters, date and parameters.
            columns: columns wanted; all of them by default.
            parameters: said over those of the selection.
        """
        for parameter, value in (parameters or {}).items():
            selection = selection.with_parameter(parameter, value)
        asked = self.dated(universe, universe.settled(selection))

        def compute(scan: Scan) -> Answered:
            reads = self.access.lecture.rows(scan)
            rows = engine.detail(universe, reads, asked, restrict=self.access.restrict)
            frame = (rows.select(columns) if columns else rows).collect()
            return Answered(frame, rows_portee(universe, scan, asked, lecture=self.access.lecture))

        if universe.derived is None:
            found = compute(Recording(self))
        elif family(universe) == "convergence":  # a campaign is small, and its pages list much of it
            found = self._traced(("detail", universe.name, asked, tuple(columns)), universe, compute, asked)
        else:
            name = ("detail", universe.name, asked, tuple(columns))
            key = repr((*name, *self.key(*tables_of(universe))))
            found = _cached_details.computed(key, lambda: compute(Recording(self)))
        if found.portee is not None:
            self.told.append((universe, found))
        return found.frame

    def portee(
        self, universe: Universe, selection: Selection, measures: Sequence[str], by: Sequence[str] = ()
    ) -> Portee | None:
        """What the reader's rights narrow a question to, without asking it; None when it is answered as asked."""
        asked = self.dated(universe, universe.settled(selection))

        def compute(scan: Scan) -> tuple[Portee | None]:
            return (portee(universe, scan, asked, measures, by, lecture=self.access.lecture),)

        name = ("portee", universe.name, asked, tuple(measures), tuple(by))
        found: tuple[Portee | None] = self._traced(name, universe, compute)
        return found[0]

    def notes(self, universe: Universe, selection: Selection) -> dict[str, str]:
        """What must be said beside the figures of a question, cached; see :func:`scoring.universes.engine.notes`."""
        asked = self.dated(universe, universe.settled(selection))

        def compute(scan: Scan) -> dict[str, str]:
            return engine.notes(universe, self.access.lecture.rows(scan), asked)

        found: dict[str, str] = self._traced(("notes", universe.name, asked), universe, compute)
        return found

    def making(
        self, name: Hashable, tables: Sequence[Table], make: Callable[[], Any], size: Size = "small"
    ) -> Any:
        """What scoring makes from tables and asks to keep: see :mod:`scoring.universes.memory`."""
        if size in ("passing", "rows"):
            memory = _cached_details if size == "passing" else _cached_slices
            return memory.computed(repr(("made", name, *self.key(*tables))), make)
        return (self.kept if size == "large" else self.cached)(("made", name), tables, make)

    def apart(self, universe: Universe, selection: Selection, axes: Sequence[str]) -> Selection:
        """The selection without the filters of these axes; without date or period when time is one of them."""
        return universe.apart(selection, axes)

    def choices(self, universe: Universe, axis_name: str, day: date | None = None) -> pl.DataFrame:
        """The values of an axis that the reader may choose (``code``, ``texte``), cached."""
        axis = universe.axis(axis_name)

        def compute(scan: Scan) -> pl.DataFrame:
            reads = snapshot(self, universe, day)
            rows = self.access.lecture.rows(scan if reads is None else reads(scan))
            return engine.choices(universe, rows, axis, day)

        frame: pl.DataFrame = self._traced(("choices", universe.name, axis.name, day), universe, compute)
        return frame

    every_choice = choices  # what names and colours go by, whatever a frame leaves of :meth:`choices`
