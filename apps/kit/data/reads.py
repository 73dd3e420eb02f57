"""What the figures of a universe read: its tables and columns, and a scan that notes the tables of one question."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl

from lake.contract import Table
from scoring.universes.answer import Portee
from scoring.universes.memory import Size
from scoring.universes.model import Axis, Join, Lookup, Measure, Reference, Term, Universe
from scoring.universes.selection import Selection

RIGHTS_COLUMNS = ("code_region", "code_departement", "editeur")
"""What readers' rights are said by: always among the columns kept."""


@dataclass(frozen=True)
class Answered:
    """Figures as a page reads them: in memory, with what the reader's rights narrowed.

    Attributes:
        frame: the figures; shared, never changed in place.
        portee: what was narrowed; None when nothing was.
        whole: measure -> the whole's figure beside a narrowed answer, where it is open.
        few: how many groups were left empty, their mean being one or two services' own.
        small: how many cells of a composed crossing were folded, few structures of another region counting there.
        folded: which, row by row of the frame (see :func:`scoring.analyses.petites_cellules.folded`); None for none.
    """

    frame: pl.DataFrame
    portee: Portee | None = None
    whole: Mapping[str, float | int | None] = field(default_factory=dict)
    few: int = 0
    small: int = 0
    folded: pl.DataFrame | None = None


def weight(value: object) -> int:
    """The bytes of what is kept: a frame's, those of an answer's."""
    frame = value.frame if isinstance(value, Answered) else value
    return int(frame.estimated_size()) if isinstance(frame, pl.DataFrame) else 0


class Reader(Protocol):
    """Whoever reads tables and keeps what is made from them."""

    def whole(self, table: Table) -> pl.LazyFrame:
        """Every row of a table."""
        ...

    def making(
        self, name: Hashable, tables: Sequence[Table], make: Callable[[], Any], size: Size = "small"
    ) -> Any:
        """What is made from tables; made on the first call."""
        ...


class Recording:
    """A scan of whole tables that notes which ones are read, and keeps what scoring makes of them.

    Args:
        reader: reads and keeps.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.read: set[Table] = set()

    def __call__(self, table: Table, /) -> pl.LazyFrame:
        """Read a table lazily."""
        self.read.add(table)
        return self._reader.whole(table)

    def keep(
        self, name: Hashable, tables: Sequence[Table], make: Callable[[], Any], *, size: Size = "small"
    ) -> Any:
        """What was made under this name from these tables; made on the first call."""
        self.read.update(tables)
        return self._reader.making(name, tables, make, size)


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
    return _read_by(universe, universe.axes, universe.measures)


def columns_asked(
    universe: Universe, selection: Selection, measures: Sequence[str], by: Sequence[str]
) -> tuple[str, ...]:
    """Those that one question reads: its measures, its dimensions, its filters and its dates."""
    found = [universe.measure(name) for name in measures]
    if any(measure.recast is not None for measure in found):  # rows made over read what they please
        return columns_of(universe)
    names = dict.fromkeys((*by, *selection.filters, *selection.emptied))
    axes = [universe.time, *(universe.axis(name) for name in names)]
    parents = [one for one in universe.axes if one.name in {axis.parent for axis in axes}]
    return _read_by(universe, [*axes, *parents], found)


def _read_by(universe: Universe, axes: Iterable[Axis], measures: Iterable[Measure]) -> tuple[str, ...]:
    names: set[str] = set()

    def read(expression: pl.Expr | None) -> None:
        if expression is not None:
            names.update(expression.meta.root_names())

    for axis in axes:
        read(axis.key)
        read(axis.bare)
        if isinstance(axis.text, pl.Expr):
            read(axis.text)
        names.update(join.on for join in axis.requires)
    for measure in measures:
        for term in (measure.value, measure.numerator, measure.denominator):
            if isinstance(term, Term):
                read(term.of)
                read(term.where)
            elif isinstance(term, Reference) and term.within:
                names.add(term.within)
    names.update(RIGHTS_COLUMNS)
    return tuple(column for column in universe.table.columns if column in names)
