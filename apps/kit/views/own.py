"""What an application adds to the gallery: rows, series and sentences that its pages' views name.

A view is data as far as its measures, axes and words go. What is an application's own beyond them (the steps of the
plans that slipped, the services of the same types) is a function captured under a name: the view names it, JSON says
the name, and the codec refuses a name that nobody captured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from string import Formatter
from typing import Any, TypeVar

import polars as pl

from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.views.base import MEASURE, Drawing, named, view_type

_F = TypeVar("_F", bound=Callable[..., Any])


class Named(dict[str, Callable[..., Any]]):
    """Functions of one kind, captured by name; called with a name, the decorator that captures one.

    Args:
        kind: what they are, as a refusal says it (« série »).
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def __call__(self, name: str) -> Callable[[_F], _F]:
        """Decorator: the function under this name.

        Raises:
            ValueError: another function bears it.
        """

        def captured(function: _F) -> _F:
            if self.get(name, function) is not function:
                raise ValueError(f"Two functions are named {name!r} ({self.kind}).")
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
        """Those of these columns that the rows have, their headings said."""
        return tuple(
            replace(column, label=self.said(column.label), help=self.said(column.help))
            for column in columns
            if column.name in self.frame.columns
        )

    def counted(self, nouns: Sequence[str], text: str = "") -> str:
        """How many rows, or what a text says is counted."""
        return self.said(text) if text else french.counted(self.frame.height, *nouns)


WORDS = Named("mot d’un texte")
"""Name between braces -> its words: (:class:`Shown`) -> str."""
ROWS = Named("tableau de lignes")
"""Name -> the rows of a table: (view) -> DataFrame."""


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
    """

    rows: str = named("lignes", among=ROWS)
    columns: tuple[Column, ...] = named("colonnes")
    title: str = named("titre", among=WORDS)
    nouns: tuple[str, ...] = named("noms", default=("ligne",))
    reading: str = named("lecture", among=WORDS, default="")
    nothing: str = named("sinon", among=WORDS, default="")
    key: str = named("cle", default="")
    measures: tuple[str, ...] = named("mesures", MEASURE, default=())
    counted: str = named("compte", among=WORDS, default="")
    total: str = named("total", among=ROWS, default="")

    def __call__(self, view: View) -> Table | Note:
        """The table; a note where there is nothing to list and the view says what that means."""
        frame = ROWS[self.rows](view)
        shown = Shown(view, frame)
        if self.nothing and not frame.height:
            return Note(shown.said(self.nothing), title=shown.said(self.title))
        return Table(
            frame,
            shown.columns(self.columns),
            total=ROWS[self.total](view).row(0, named=True) if self.total else None,
            key=self.key,
            title=shown.said(self.title),
            reading=shown.said(self.reading),
            counted=shown.counted(self.nouns, self.counted),
            measures=self.measures,
        )


@view_type("texte", own=True)
class Text(Drawing):
    """A text of a page: a definition, a method, a limit (see :mod:`apps.kit.pages.prose`).

    Attributes:
        text: the text.
        title: title of the view.
    """

    text: str = named("texte")
    title: str = named("titre", default="")

    def __call__(self, view: View) -> Note:
        """The note."""
        del view
        return Note(self.text, title=self.title)
