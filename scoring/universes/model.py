"""What can be counted, by what: axes (dimensions), measures, and how a measure may be combined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from lake.contract import Table
from lake.errors import UnknownName
from scoring.universes.axis import Axis, Join, Lookup, Order
from scoring.universes.parameters import Parameter

if TYPE_CHECKING:
    from scoring.universes.selection import Selection

__all__ = [
    "Axis",
    "Derived",
    "Format",
    "Join",
    "Kind",
    "Lookup",
    "Measure",
    "Order",
    "Recast",
    "Reference",
    "Rhythm",
    "Scan",
    "Term",
    "Universe",
]

Scan = Callable[[Table], pl.LazyFrame]
"""Reads a table lazily; given by whoever owns the storage (the page kit, the command line, a test)."""


class Kind(StrEnum):
    """How a measure may be combined.

    ``FLOW`` adds over everything, time included. ``STOCK`` adds over everything but time, of which it takes
    the last month of the period (in days: the last day of the period, or of each week or month asked).
    ``DISTINCT`` never adds: a person counted in two territories is one person.
    ``RATIO`` is a ratio of sums, never an average of ratios.
    """

    FLOW = "flow"
    STOCK = "stock"
    DISTINCT = "distinct"
    RATIO = "ratio"


class Format(StrEnum):
    """How a value is written on screen."""

    INTEGER = "entier"
    DECIMAL = "decimal"
    SHARE = "part"
    """A share from 0 to 1, shown in %."""
    PERCENT = "pct"
    """A percentage from 0 to 100."""


@dataclass(frozen=True, eq=False)
class Reference:
    """A denominator on another table, at the territories asked (population, for densities).

    Attributes:
        table: where it rests; one row per smallest territory.
        value: column of its rows, summed.
        keys: territorial axis name -> column of the table. Filters and groups on other axes leave it
            unchanged.
        requires: joins that bring columns to the table's rows.
        within: column shared with the universe's rows: only its values that occur in the chosen extraction
            count (the population of the regions that were ingested, not of all that are known).
    """

    table: Table
    value: str
    keys: Mapping[str, str]
    requires: tuple[Join, ...] = ()
    within: str | None = None


@dataclass(frozen=True, eq=False)
class Term:
    """What a measure counts over the rows of a group.

    Attributes:
        of: a value of each row: a number to add, or an identifier to count once.
        distinct: count distinct values instead of adding.
        where: rows that count; all by default.
        stock: only the last month, or day, of the period counts (unless time is an axis; of each week or month when
            these are).
        single: the rows hold distinct counts already made: known only where one row says it, never added.
        disjoint: the rows hold distinct counts of sets that do not overlap (a summary's): their sum is the
            distinct count of the whole, within one month.
    """

    of: pl.Expr
    distinct: bool = False
    where: pl.Expr | None = None
    stock: bool = False
    single: bool = False
    disjoint: bool = False

    @property
    def counts_distinct(self) -> bool:
        """Whether the term is a distinct count, however it is reached."""
        return self.distinct or self.single or self.disjoint

    def condition(self, last: pl.Expr | None) -> pl.Expr | None:
        """The rows that count, as one predicate; None when all do."""
        conditions = [c for c in (self.where, last if self.stock else None) if c is not None]
        return pl.all_horizontal(conditions) if conditions else None

    def aggregate(self, last: pl.Expr | None, *, gap: bool) -> pl.Expr:
        """The Polars aggregate.

        Args:
            last: predicate of the last month of the period; None when it does not matter.
            gap: a sum or a count over nothing is null (a gap), not zero.
        """
        rows = self.of
        condition = self.condition(last)
        if condition is not None:
            rows = rows.filter(condition)
        if self.single:
            return pl.when(rows.len() == 1).then(rows.first())
        if self.distinct:
            count = rows.drop_nulls().n_unique().cast(pl.Int64)
            return pl.when(rows.len() > 0).then(count) if gap else count
        if gap:
            return pl.when(rows.count() > 0).then(rows.sum())
        return rows.sum()


@dataclass(frozen=True, eq=False)
class Recast:
    """Rows made over before they are counted: a person put in one territory only.

    Attributes:
        rows: the rows that every other filter keeps -> rows of the same columns.
        axes: axes whose filters apply to the rows made over (their columns are what changes).
    """

    rows: Callable[[pl.LazyFrame], pl.LazyFrame]
    axes: frozenset[str]


@dataclass(frozen=True, eq=False)
class Measure:
    """An indicator: what is counted, its unit, and how it may be combined.

    Attributes:
        name: name in commands and columns.
        label: French label ("Professionnels").
        unit: French unit, plural ("professionnels"); empty for a bare number.
        kind: how it may be combined.
        definition: one French sentence: how it is counted.
        value: what is counted, for flows, stocks and distinct counts.
        numerator: what is counted above, for ratios.
        denominator: what is counted below, in the rows or in a reference, for ratios.
        scale: factor of a ratio (10,000 for a density).
        format: how it is written on screen.
        ne_mesure_pas: French sentence where misreading is likely.
        alternative: French sentence: what to ask instead of a sum that is refused.
        recast: how the rows are made over before this measure counts them; None for the rows as they are.
        given: parameters that this measure takes when the question says nothing of them (the horizon of a projected
            rate), instead of the universe's defaults.
        axes: names of the axes that the source tells for this measure, time apart; None for all of the universe's.
        bounds: the least and the most that it can be by nature (0 and 1 for a share); None when there are none.
        subject: what one unit is, as axes name it in :attr:`Axis.partitions`; empty where rows are what is counted.
        sense: 1 when higher is better, -1 when lower is, 0 when neither.
        never_over: axes over which even a sum of it would count something twice (a slot held in two ways, by way).
    """

    name: str
    label: str
    unit: str
    kind: Kind
    definition: str
    value: Term | None = None
    numerator: Term | None = None
    denominator: Term | Reference | None = None
    scale: float = 1.0
    format: Format = Format.INTEGER
    ne_mesure_pas: str = ""
    alternative: str = ""
    recast: Recast | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    axes: frozenset[str] | None = None
    bounds: tuple[float, float] | None = None
    subject: str = ""
    sense: int = 0
    never_over: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        ratio = self.kind is Kind.RATIO
        if ratio != (self.numerator is not None and self.denominator is not None) or ratio == (
            self.value is not None
        ):
            raise ValueError(f"Measure {self.name}: a ratio has two terms, another kind has one value.")
        if self.value is not None and self.value.counts_distinct != (self.kind is Kind.DISTINCT):
            raise ValueError(f"Measure {self.name}: its term does not count as its kind says.")


class Rhythm(StrEnum):
    """What time is in a universe."""

    SNAPSHOT = "instantane"
    """Each date is a complete picture; two pictures never add."""
    MONTHLY = "mensuel"
    """Months follow one another; a period may be asked."""
    DAILY = "quotidien"
    """Days follow one another, those to come too; a period may be asked. Weeks and months are axes made of days."""


def _unchecked(
    _scan: Scan, _said: Selection, _by: Sequence[str], _of: Sequence[Measure], _total: bool
) -> None:
    """Every question has a meaning."""


@dataclass(frozen=True, eq=False)
class Derived:
    """Rows that are made for each question instead of read from one table.

    For measures whose rows depend on what is asked: the mean of a service over its axes is one row a service, its
    rate on each axis one row a service and axis.

    Attributes:
        rows: (scan, selection, axes of the groups, restriction) -> the rows, filtered, with the axes' columns. The
            selection says every parameter of the universe that has a value.
        values: (scan, axis, date or None) -> ``code, texte``: what a reader may choose.
        dates: (scan, selection) -> the dates published, oldest first.
        tables: the tables that are read.
        check: (scan, selection, names of the dimensions, measures, whether a total is asked) refuses a question that
            has no meaning, in words, with the alternative.
        notes: (scan, selection) -> what must be said beside the figures of a question (the population that asks for
            care, codes that were left out), name -> French sentence.
        lazily: whether the rows are one table's, filtered and made over lazily: any engine can then make them.
        apart: some rows bear one measure alone, without the territory that it may not name: where it is not asked,
            they make no line of the answer.
    """

    rows: Callable[[Scan, Selection, Sequence[Axis], pl.Expr | None], pl.LazyFrame]
    values: Callable[[Scan, Axis, date | None], pl.LazyFrame]
    dates: Callable[[Scan, Selection], Sequence[date]]
    tables: tuple[Table, ...]
    check: Callable[[Scan, Selection, Sequence[str], Sequence[Measure], bool], None] = _unchecked
    notes: Callable[[Scan, Selection], Mapping[str, str]] | None = None
    lazily: bool = False
    apart: bool = False


@dataclass(frozen=True, eq=False)
class Universe:
    """A coherent set of axes and measures over one table.

    Attributes:
        name: name on the command line (``annuaire``).
        title: French title.
        table: the table of the rows.
        time: the axis of time; its key is a Date column of the table.
        rhythm: what time is here.
        axes: the dimensions, time included.
        measures: the measures.
        geography: the territories that can be completed with zeros (``complete=True``), when there are some.
        source: how the source is named in captions.
        derived: how its rows are made, when they do not rest in ``table`` as they are.
        summaries: the same universe over smaller tables, smallest first, each without the axes and measures
            that its table cannot answer. A question goes to the first one that can answer all of it.
        calendar: a small table that lists the months published (column of the time axis), when there is one.
        from_lake: builds the universe that a lake's own catalogue describes, when measures are data.
        catalogue: the table of that catalogue.
        parameters: what a question may say besides axes and dates.
        opened_by: name of the universe whose rights open this one; its own by default.
        open_data: its rows are published for everyone: rights open its pages, and narrow nothing of its figures.
        tall: each row is of one indicator: two conditions of its terms (``where``) are equal or have no row in common.
    """

    name: str
    title: str
    table: Table
    time: Axis
    rhythm: Rhythm
    axes: tuple[Axis, ...]
    measures: tuple[Measure, ...]
    geography: Reference | None = None
    source: str = ""
    derived: Derived | None = None
    summaries: tuple[Universe, ...] = ()
    calendar: Table | None = None
    from_lake: Callable[[Scan], Universe] | None = None
    catalogue: Table | None = None
    parameters: tuple[Parameter, ...] = ()
    opened_by: str = ""
    open_data: bool = False
    tall: bool = False

    @property
    def rests(self) -> bool:
        """Whether its rows rest in tables: another engine than Polars can then answer."""
        return self.derived is None or self.derived.lazily

    def parameter(self, name: str) -> Parameter:
        """A parameter by name.

        Raises:
            UnknownName: there is none; close names are suggested.
        """
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise UnknownName("paramètre", name, [p.name for p in self.parameters])

    def settled(self, selection: Selection) -> Selection:
        """The same selection as a question: parameters checked; those that say the default, filters emptied, left out.

        Raises:
            UnknownName: a parameter, or one of its values, does not exist.
            LakeError: a value has not the form asked.
        """
        for name, value in selection.parameters.items():
            parameter = self.parameter(name)
            if parameter.check(value) == parameter.default:
                selection = selection.with_parameter(name, "")
        return replace(selection, emptied=frozenset()) if selection.emptied else selection

    def saying(self, selection: Selection, given: Mapping[str, str] | None = None) -> Selection:
        """The same selection with a value for every parameter: the one said, a measure's own, else the default."""
        for parameter in self.parameters:
            if not selection.parameter(parameter.name):
                value = (given or {}).get(parameter.name, parameter.default)
                selection = selection.with_parameter(parameter.name, value)
        return selection

    def apart(self, selection: Selection, axes: Iterable[str]) -> Selection:
        """A selection without the filters of these axes; without date or period when time is one of them."""
        for axis in map(self.axis, axes):
            selection = selection.at(None).during(None, None) if axis is self.time else selection
            selection = selection.without(axis.name)
        return selection

    def answering(
        self, measures: Iterable[str], axes: Iterable[str], columns: Iterable[str] = ()
    ) -> Universe:
        """The smallest form of this universe that can answer a question.

        Args:
            measures: names of the measures asked.
            axes: dimensions asked or filtered.
            columns: columns of the rows that a restriction reads.
        """
        wanted, dimensions, read = set(measures), set(axes), set(columns)
        for one in self.summaries:
            if (
                wanted <= {m.name for m in one.measures}
                and dimensions <= {n for axis in one.axes for n in axis.names()}
                and read <= set(one.table.columns)
            ):
                return one
        return self

    def measure(self, name: str) -> Measure:
        """A measure by name.

        Raises:
            UnknownName: there is none; close names are suggested.
        """
        for measure in self.measures:
            if measure.name == name:
                return measure
        raise UnknownName("mesure", name, [m.name for m in self.measures])

    def axis(self, name: str) -> Axis:
        """The axis of a dimension, by its label's name or its code's.

        Raises:
            UnknownName: there is none; close names are suggested.
        """
        for axis in self.axes:
            if name in axis.names():
                return axis
        raise UnknownName("dimension", name, [n for axis in self.axes for n in axis.names()])

    def made_of_time(self, axis: Axis) -> bool:
        """Whether an axis groups the values of time itself: the week or the month of a day."""
        return axis is not self.time and axis.key.meta.root_names() == self.time.key.meta.root_names()

    def meshes(self) -> tuple[Axis, ...]:
        """The territorial axes, in the order declared."""
        return tuple(axis for axis in self.axes if axis.territory)
