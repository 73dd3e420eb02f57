"""The declared page: a question, a sentence that answers it, figures, views; a value, drawn and exported elsewhere.

What it shows is built by views (:mod:`apps.kit.views`) or functions of the :class:`~apps.kit.data.view.View` that
return pieces (figures, chart, map, table, note); screen, CSV and PDF are renderings of the same pieces.

Most pages have one universe and one selection that all their views share. The parts of a page may each have their
own instead: a page of the first kind is one part that is the whole page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from apps.kit.access.access import Access
from apps.kit.charts.figures import Figures
from apps.kit.data.state import Scope, State
from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, Filter, Option
from apps.kit.pages.arrange import SUFFIX
from apps.kit.pages.pieces import Piece
from apps.kit.style.french import typographic
from scoring.analyses.cadrage import Cadrage
from scoring.universes.model import Rhythm, Universe


@dataclass(frozen=True)
class Block:
    """One view of a page.

    Attributes:
        name: name of the view, unique on the page; part of keys and file names.
        build: makes the piece from what the reader selected: a view of the gallery, or a function for what is one of
            a kind (eighty lines at most).
        weight: share of its row's width, beside other blocks.
        options: options drawn above the view (mesh of a map…).
        anchor: whether a link may lead to the view (``…/notice#absents``).
        ahead: whether it is sent to the browser before the filters and the answer, at its own place: what the reader
            came for, where it takes the browser long.
    """

    name: str
    build: Callable[[View], Piece]
    weight: float = 1.0
    options: tuple[Option, ...] = ()
    anchor: bool = False
    ahead: bool = False


Row = Block | tuple[Block, ...]


@dataclass(frozen=True)
class Part:
    """A part of a page that has its own universe and its own selection.

    Attributes:
        name: name of the part, unique on the page, stable: it is put before its names in the address
            (``k3f.region=44``) and its views' names in files.
        universe: what is counted.
        rows: its views.
        title: its heading.
        introduction: text before its views.
        conclusion: text after them.
        filters: filters drawn under its heading.
        figures: its key figures.
        start: what it shows before the reader chooses anything.
        cadrage: what its author imposes on every question that it asks; None for nothing.
        is_text: whether it only says something: nothing is asked of its universe.
    """

    name: str
    universe: Universe
    rows: Sequence[Row] = field(default_factory=tuple)
    title: str = ""
    introduction: str = ""
    conclusion: str = ""
    filters: tuple[Filter, ...] = ()
    figures: Callable[[View], Figures] | None = None
    start: State = field(default_factory=State)
    cadrage: Cadrage | None = None
    is_text: bool = False

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Its views, in reading order."""
        return blocks_of(self.rows)


def blocks_of(rows: Iterable[Row]) -> tuple[Block, ...]:
    """Every view of rows, in reading order."""
    return tuple(block for row in rows for block in (row if isinstance(row, tuple) else (row,)))


@dataclass(frozen=True)
class Page:
    """The declaration of a page.

    Attributes:
        name: name in the address, unique in its application.
        title: title in the menu, short.
        question: title on the page: names the question.
        reading: the sentence that reads the answer aloud, made from figures.
        universe: what is counted.
        filters: filters of the left bar.
        head: filters above the title, under the menu (a time slider).
        figures: at most four key figures.
        rows: views, from the main one down; a tuple stands side by side.
        texts: options of the page that hold any text (the identifier of a card, words searched).
        section: drop-down of the menu under which the page stands; empty for none.
        printable: whether the page offers its PDF.
        said: what the reader chose besides filters of axes, in words (``[("Territoire", "Pays de Bitche")]``):
            written in exports and where nothing answers.
        unfold: the state that a short link of the address stands for; raises LakeError when it leads nowhere.
        sheet: sets the page's PDF in a layout of its own, at the moment given.
        parts: parts that each have their own universe and selection, under the views that share the page's.
        at_home: whether a regional reader lands on their own regions (the filter can be emptied: the whole then shows,
            as far as it is open).
        heard: parameters of its universe that its address may say; None for all of them. A page whose views ask with
            parameters of their own hears none: what is said would be told beside figures that it did not change.
    """

    name: str
    title: str
    question: str | Callable[[View], str]
    reading: Callable[[View], str]
    universe: Universe
    filters: tuple[Filter, ...] = ()
    head: tuple[Filter, ...] = ()
    figures: Callable[[View], Figures] | None = None
    rows: Sequence[Row] = field(default_factory=tuple)
    texts: tuple[str, ...] = ()
    section: str = ""
    printable: bool = True
    said: Callable[[View], list[tuple[str, str]]] | None = None
    unfold: Callable[[State], State] | None = None
    sheet: Callable[[View, datetime | None], bytes] | None = None
    parts: tuple[Part, ...] = ()
    at_home: bool = False
    heard: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for names in ([block.name for block in self.blocks], [part.name for part in self.parts]):
            if len(names) != len(set(names)):
                raise ValueError(f"Page {self.name}: two views bear the same name.")
        views = {block.name for block in self.blocks}
        for part in self.parts:
            # In the address a part's names begin with its own, as a table's begins with its view's.
            if not part.name.isalnum() or part.name in views:
                raise ValueError(f"Page {self.name}: {part.name!r} cannot name a part beside its views.")

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The views that share the page's universe and selection, in reading order."""
        return blocks_of(self.rows)

    @property
    def ident(self) -> str:
        """What tells the page from those of other universes that bear its name (« synthese », « notice »)."""
        return f"{self.universe.name}.{self.name}"

    def scope_of(self, part: Part) -> Scope:
        """What a part's state is made of; nothing of it carries over to other pages."""
        made = _scope(f"{self.ident}.{part.name}", part.universe, part.filters, part.blocks)
        return replace(made, shared=(), told={}, part=part.name)

    @cached_property
    def scope(self) -> Scope:
        """What the state that the page's views share is made of."""
        made = _scope(self.ident, self.universe, self.filters, self.blocks)
        heard = [one for one in made.parameters if self.heard is None or one.name in self.heard]
        options = {**made.options, **dict.fromkeys(self.texts, ())}
        return replace(made, options=options, parameters=tuple(heard))

    def scope_for(self, access: Access) -> Scope:
        """What the state is made of for a reader: those of a region start with it."""
        droits = access.lecture.droits
        if not self.at_home or droits is None or droits.regions is None or "region" not in self.scope.axes:
            return self.scope
        own = {"region": tuple(sorted(droits.regions))}
        return replace(self.scope, defaults={**self.scope.defaults, **own})

    def ask(self, view: View) -> str:
        """The page's question under a selection."""
        return typographic(self.question if isinstance(self.question, str) else self.question(view))


def _scope(ident: str, universe: Universe, filters: Sequence[Filter], blocks: Sequence[Block]) -> Scope:
    options = [option for block in blocks for option in block.options]
    options += [f for f in filters if isinstance(f, Option)]
    return Scope(
        page=ident,
        axes=tuple(dict.fromkeys(axis for f in filters for axis in f.axes)),
        shared=tuple(dict.fromkeys(axis for f in filters if f.shared for axis in f.axes)),
        monthly=universe.rhythm is Rhythm.MONTHLY,
        options={
            **{option.name: tuple(option.values) for option in options},
            **dict.fromkeys((block.name + SUFFIX for block in blocks), ()),
        },
        told={option.name: (option.label, option.values) for option in options if option.shared},
        parameters=universe.parameters,
        defaults={f.axis: f.default for f in filters if isinstance(f, Choice) and f.default},
    )
