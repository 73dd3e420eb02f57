"""A page as one reader sees it: its views and those of its parts, each with what it reads.

Screen, CSV, PDF and mail walk the same sheet: what one of them shows, the others hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from apps.kit.charts.figures import Figures
from apps.kit.charts.tables import Table
from apps.kit.data.bounded import Bounded
from apps.kit.data.data import Data
from apps.kit.data.known import known
from apps.kit.data.state import Scope, State
from apps.kit.data.view import View
from apps.kit.pages.page import Block, Page, Part
from apps.kit.pages.pieces import Note, Piece, built, twin
from apps.kit.style.french import typographic
from apps.kit.views.base import MEASURE, Drawing, names_of
from lake.errors import AccessDenied, DamagedLake, LakeError, RefusedCombination
from scoring.universes.answer import family

Reads = Callable[[str], Data]
"""Universe whose rights open what is read -> the reads of a reader who has them; raises AccessDenied otherwise."""


@dataclass(frozen=True)
class Shown:
    """A part as a reader sees it.

    Attributes:
        part: its declaration; the page's own views make a part without name.
        view: what its views read; None when the reader may not open it.
        refused: why not; with a view, why what the reader chose is not what it shows.
    """

    part: Part
    view: View | None
    refused: LakeError | None = None

    def name(self, block: Block) -> str:
        """The name of a view, unique on the page: part of keys and of files' names."""
        return f"{self.part.name}.{block.name}" if self.part.name else block.name


@dataclass(frozen=True)
class Built:
    """A view of a sheet, as the reader arranged it.

    Attributes:
        shown: the part it belongs to.
        name: its name, unique on the page.
        piece: what it shows.
        view: what it read.
    """

    shown: Shown
    name: str
    piece: Piece
    view: View


def settled(scope: Scope, state: State) -> State:
    """Of a state, what a page knows."""
    selection = state.selection.only(scope.axes)
    if not scope.period:
        selection = selection.at(None).during(None, None)
    options = {name: value for name, value in state.options.items() if name in scope.options}
    return State(scope.fresh(selection), options)


def view_of(page: Page, data: Data, state: State) -> View:
    """What the views that share a page's selection read under a state, of which only what the page knows is kept."""
    kept = settled(page.scope, state)
    if page.unfold is not None:
        kept = page.unfold(kept)
    view = View(page.title, data.universe(page.universe), kept, data, page.scope, page.said)
    return replace(view, state=known(view)[0])


def sheet(page: Page, view: View, reads: Reads | None = None, states: Sequence[State] = ()) -> list[Shown]:
    """A page as a reader sees it.

    Args:
        page: the declaration.
        view: what the views that share its selection read.
        reads: the reads of each universe under the reader's rights; those of the page's own by default, which may
            only read its parts of the same universe.
        states: the state of each part; what each starts with by default.
    """
    own = Part("", page.universe, page.rows, filters=page.filters, figures=page.figures)
    found = [Shown(own, view)]
    for rank, part in enumerate(page.parts):
        if part.is_text:
            found.append(Shown(part, None))
            continue
        try:
            data = _reads(view, page, part, reads)
        except LakeError as error:
            found.append(Shown(part, None, error))
            continue
        found.append(_within(page, part, data, states[rank] if states else part.start))
    return found


def _within(page: Page, part: Part, data: Data, state: State) -> Shown:
    """A part within what its author imposes: a choice out of it is refused, what was to be shown first stays."""
    universe, refused = data.universe(part.universe), None
    if part.cadrage is not None:
        dates = data.dates(universe)
        measures = tuple(name for block in part.blocks for name in _counted(block))
        data = Bounded.of(data, part.cadrage, measures)
        try:
            state = replace(state, selection=part.cadrage.settle(state.selection, universe, dates))
        except RefusedCombination as error:
            state, refused = part.start, error
    view = View(part.title or page.title, universe, state, data, page.scope_of(part))
    return Shown(part, view, refused)


def _counted(block: Block) -> Iterator[str]:
    """The measures of a view that is data; none of a function."""
    drawing = getattr(block.build, "drawing", block.build)
    if isinstance(drawing, Drawing):
        yield from names_of(drawing, MEASURE)


def _reads(view: View, page: Page, part: Part, reads: Reads | None) -> Data:
    if reads is not None:
        return reads(family(part.universe))
    if part.universe.name != page.universe.name:
        raise LakeError(
            f"« {part.title or part.name} » compte un autre univers, dont les droits n’ont pas été demandés."
        )
    return view.data


def walk(shown: Shown) -> Iterator[Built]:
    """The views of a part, one after the other; none of a part that the reader may not open."""
    if shown.view is None:
        return
    for block in shown.part.blocks:
        heard = shown.view.listening()  # what rights narrowed is told under each view
        yield Built(shown, shown.name(block), _made(block, heard), heard)


def _made(block: Block, view: View) -> Piece:
    """What a view shows; why it cannot, when these filters leave it without an answer."""
    try:
        return built(block.build(view), view, block.name)
    except (AccessDenied, DamagedLake):  # lost data are no empty answer
        raise
    except LakeError as error:
        return Note(str(error))


def figures_of(shown: Shown) -> Figures | None:
    """The key figures of a part; none where these filters leave them without an answer."""
    if shown.part.figures is None or shown.view is None:
        return None
    try:
        return shown.part.figures(shown.view)
    except (AccessDenied, DamagedLake):  # lost data are no empty answer
        raise
    except LakeError as error:
        return Figures((), reading=str(error))


def sentence(page: Page, view: View) -> str:
    """The sentence that answers a page's question; why nothing does, where these filters leave it without an answer."""
    try:
        return typographic(page.reading(view))
    except (AccessDenied, DamagedLake):  # lost data are no empty answer
        raise
    except LakeError as error:
        return typographic(str(error))


def tables_of(sheet: Sequence[Shown]) -> list[tuple[str, Table, View]]:
    """The tables of a sheet: name of each view, its figures, what it read. Views without figures are left out."""
    found = []
    for shown in sheet:
        for one in walk(shown):
            table = twin(one.piece)
            if table is not None and table.frame.height:
                title = getattr(one.piece, "title", "") or table.title
                found.append((one.name, replace(table, title=title), one.view))
    return found
