"""What an application adds to the gallery: rows, series and sentences that its pages' views name.

A view is data as far as its measures, axes and words go. What is an application's own beyond them (the steps of the
plans that slipped, the services of the same types) is a function captured under a name: the view names it, JSON says
the name, and the codec refuses a name that nobody captured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from string import Formatter
from typing import Any, TypeVar

import polars as pl

from apps.kit.charts.charts import Chart, bars
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table
from apps.kit.data.method import Methods
from apps.kit.data.view import View
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.views.bars import MOST
from apps.kit.views.base import AXIS, MEASURE, Drawing, named, view_type

_F = TypeVar("_F", bound=Callable[..., Any])


class Named(dict[str, Callable[..., Any]]):
    """Functions of one kind, captured by name; called with a name, the decorator that captures one.

    Args:
        kind: what they are, as a refusal says it (« série »).
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def __setitem__(self, name: str, function: Callable[..., Any]) -> None:
        """Capture a function; a module that is read again (``make dev``) takes its own names back.

        Raises:
            ValueError: a function of another module bears the name.
        """
        known = self.get(name)
        if known is not None and known.__module__ != function.__module__:
            raise ValueError(f"Two functions are named {name!r} ({self.kind}).")
        super().__setitem__(name, function)

    def update(self, more: Mapping[str, Callable[..., Any]]) -> None:  # type: ignore[override]
        """Capture several functions (see :meth:`__setitem__`)."""
        for name, function in more.items():
            self[name] = function

    def __call__(self, name: str) -> Callable[[_F], _F]:
        """Decorator: captures the function under this name (see :meth:`__setitem__`)."""

        def captured(function: _F) -> _F:
            self[name] = function
            return function

        return captured


@dataclass(frozen=True)
class Shown:
    """What a sentence is about.

    Attributes:
        view: what the reader selected.
        frame: the rows that the view shows.
        measure: the measure that it is about; empty for a table.
        moment: the moment that it is about, in the universe's own terms; empty for the date shown.
    """

    view: View
    frame: pl.DataFrame
    measure: str = ""
    moment: str = ""

    def said(self, text: str) -> str:
        """A text, its names between braces replaced: « Les régions, {moment} »."""
        return text.format_map({name: WORDS[name](self) for name in placeholders(text)})

    def columns(self, columns: Sequence[Column]) -> tuple[Column, ...]:
        """Those of these columns that the rows have; names, headings and helps are texts (:data:`WORDS`)."""
        said = (
            replace(one, name=self.said(one.name), label=self.said(one.label), help=self.said(one.help))
            for one in columns
        )
        return tuple(column for column in said if column.name in self.frame.columns)

    def methods(self, measures: Sequence[str], names: Sequence[str]) -> Methods:
        """What explains the figures: named methods, then measures."""
        return (*(one for name in names for one in METHODS[name](self.view)), *measures)

    def counted(self, nouns: Sequence[str], text: str = "") -> str:
        """How many rows, or what a text says is counted."""
        return self.said(text) if text else french.counted(self.frame.height, *nouns)


WORDS = Named("mot d’un texte")
"""Name between braces -> its words: (:class:`Shown`) -> str."""
ROWS = Named("tableau de lignes")
"""Name -> the rows of a table: (view) -> DataFrame."""
METHODS = Named("méthode")
"""Name -> what explains figures that no measure explains, or that the counting base chosen does: (view) -> Methods."""


def placeholders(text: str) -> list[str]:
    """The names between the braces of a text."""
    return [name for _, name, _, _ in Formatter().parse(text) if name is not None]


@view_type("lignes", own=True)
class Rows(Drawing):
    """Rows of an application, one by one, with the columns that a reader needs of them.

    Attributes:
        rows: their name (:data:`ROWS`).
        columns: the columns, in reading order.
        title: title of the view.
        nouns: what a row is, singular and plural (the plural only where an « s » does not make it).
        reading: sentence under the title.
        nothing: what is said where there is no row, in the table's place; the kit's own words by default.
        key: column that tells a row from the others; none by default.
        measures: measures whose method is told.
        counted: how many, where rows are not what is counted.
        total: name of the rows whose first one is the last line of the table; none by default.
        methods: methods told before those of the measures (:data:`METHODS`).
        picks: axis that a click on a row filters; none by default.
        lines: lines of text that a row shows.
    """

    rows: str = named("lignes", among=ROWS)
    columns: tuple[Column, ...] = named("colonnes")
    title: str = named("titre", among=WORDS)
    nouns: tuple[str, ...] = named("noms", default=("ligne",))
    reading: str = named("lecture", among=WORDS, default="")
    nothing: str = named("sinon", among=WORDS, default="")
    key: str = named("cle", among=WORDS, default="")
    measures: tuple[str, ...] = named("mesures", MEASURE, default=())
    counted: str = named("compte", among=WORDS, default="")
    total: str = named("total", among=ROWS, default="")
    methods: tuple[str, ...] = named("methodes", among=METHODS, default=())
    picks: str = named("filtre", AXIS, default="")
    lines: int = named("lignes_de_texte", default=1)

    def __call__(self, view: View) -> Table | Note:
        """The table; a note where there is nothing to list and the view says what that means."""
        frame = ROWS[self.rows](view)
        shown = Shown(view, frame)
        if self.nothing and not frame.height:
            return Note(shown.said(self.nothing), title=shown.said(self.title))
        return Table(
            frame,
            shown.columns(self.columns),
            total=next(ROWS[self.total](view).iter_rows(named=True), None) if self.total else None,
            key=shown.said(self.key),
            title=shown.said(self.title),
            reading=shown.said(self.reading),
            picks=self.picks,
            counted=shown.counted(self.nouns, self.counted),
            measures=shown.methods(self.measures, self.methods),
            lines=self.lines,
        )


@view_type("barres", own=True)
class Bars(Drawing):
    """Rows of an application as bars, longest first; clicks on bars filter an axis.

    Attributes:
        rows: their name (:data:`ROWS`); longest first.
        name: column of the names.
        value: column of what the bars are as long as.
        unit: what is counted, plural.
        columns: columns of the table.
        title: title of the view.
        nouns: what a row is, singular and plural.
        reading: sentence under the title.
        picks: axis that a click filters.
        key: column of its codes.
        methods: methods told (:data:`METHODS`).
        most: bars drawn.
    """

    rows: str = named("lignes", among=ROWS)
    name: str = named("nom")
    value: str = named("valeur", among=WORDS)
    unit: str = named("unite", among=WORDS)
    columns: tuple[Column, ...] = named("colonnes")
    title: str = named("titre", among=WORDS)
    nouns: tuple[str, ...] = named("noms")
    reading: str = named("lecture", among=WORDS)
    picks: str = named("filtre", AXIS)
    key: str = named("cle")
    methods: tuple[str, ...] = named("methodes", among=METHODS, default=())
    most: int = named("nombre", default=MOST)

    def __call__(self, view: View) -> Chart:
        """The bars, and the same figures as a table."""
        frame = ROWS[self.rows](view)
        value = Shown(view, frame).said(self.value)
        shown = Shown(view, frame, value)
        return Chart(
            bars(
                frame,
                self.name,
                value,
                Scale(title=shown.said(self.unit)),
                code=self.key,
                most=self.most,
            ),
            Table(frame, shown.columns(self.columns), key=self.key),
            title=shown.said(self.title),
            reading=shown.said(self.reading),
            picks=self.picks,
            counted=shown.counted(self.nouns),
            measures=shown.methods((), self.methods),
        )


@view_type("texte", own=True)
class Text(Drawing):
    """A text of a page: a definition, a method, a limit (see :mod:`apps.kit.pages.prose`).

    Attributes:
        text: the text.
        title: title of the view.
        reading: sentence under the title.
    """

    text: str = named("texte")
    title: str = named("titre", default="")
    reading: str = named("lecture", among=WORDS, default="")

    def __call__(self, view: View) -> Note:
        """The note."""
        return Note(self.text, title=self.title, reading=Shown(view, pl.DataFrame()).said(self.reading))
