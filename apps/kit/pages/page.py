"""The declared page: a question, a sentence that answers it, figures, views; drawn here, exported elsewhere.

A page is a value. What it shows is built by functions of the :class:`~apps.kit.data.view.View` that return pieces
(figures, chart, map, table, note); screen, CSV and PDF are renderings of the same pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from html import escape

import streamlit as st

from apps.kit.access.access import require
from apps.kit.charts.figures import Figures
from apps.kit.data import state
from apps.kit.data.data import data
from apps.kit.data.state import Scope, State
from apps.kit.data.view import View
from apps.kit.filters import filters as bar
from apps.kit.filters.filters import Filter, Option
from apps.kit.pages import pieces
from apps.kit.pages.arrange import SUFFIX
from apps.kit.pages.export import file_name
from apps.kit.pages.pieces import Piece
from apps.kit.style.errors import boundary, show
from apps.kit.style.french import literal, typographic
from lake.errors import LakeError
from scoring.universes.model import Rhythm, Universe

LOADING = "Lecture des données…"
WRITING = "Composition du PDF…"


@dataclass(frozen=True)
class Block:
    """One view of a page.

    Attributes:
        name: name of the view, unique on the page; part of keys and file names.
        build: makes the piece from what the reader selected.
        weight: share of its row's width, beside other blocks.
        options: options drawn above the view (mesh of a map…).
        anchor: whether a link may lead to the view (``…/notice#absents``).
    """

    name: str
    build: Callable[[View], Piece]
    weight: float = 1.0
    options: tuple[Option, ...] = ()
    anchor: bool = False


Row = Block | tuple[Block, ...]


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

    def __post_init__(self) -> None:
        names = [block.name for block in self.blocks]
        if len(names) != len(set(names)):
            raise ValueError(f"Page {self.name}: two views bear the same name.")

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Every view, in reading order."""
        return tuple(block for row in self.rows for block in (row if isinstance(row, tuple) else (row,)))

    @cached_property
    def scope(self) -> Scope:
        """What the page's state is made of."""
        options = [option for block in self.blocks for option in block.options]
        options += [f for f in self.filters if isinstance(f, Option)]
        return Scope(
            page=self.name,
            axes=tuple(dict.fromkeys(axis for f in self.filters for axis in f.axes)),
            shared=tuple(dict.fromkeys(axis for f in self.filters if f.shared for axis in f.axes)),
            monthly=self.universe.rhythm is Rhythm.MONTHLY,
            options={
                **{option.name: tuple(option.values) for option in options},
                **dict.fromkeys(self.texts, ()),
                **dict.fromkeys((block.name + SUFFIX for block in self.blocks), ()),
            },
            told={option.name: (option.label, option.values) for option in options if option.shared},
            parameters=self.universe.parameters,
        )

    def ask(self, view: View) -> str:
        """The page's question under a selection."""
        return typographic(self.question if isinstance(self.question, str) else self.question(view))


def draw(page: Page) -> None:
    """Draw a page for the reader at hand: access, state, filters, answer, figures, views."""
    with boundary():
        access = require(page.name, page.universe.name)
        shown = _unfolded(page, state.begin(page.scope))
        reads = data(access)
        view = View(page.title, reads.universe(page.universe), shown, reads, page.scope, page.said)
        with st.sidebar:
            _bar(page, view)
        if page.head:
            with st.container(key="obs_tete"), boundary():
                for each in page.head:
                    each.draw(view)
        _answer(page, view)
        for row in page.rows:
            _row(row, view)


def _unfolded(page: Page, shown: State) -> State:
    """What a short link of the address stands for, written to the address; a link that leads nowhere is told."""
    if page.unfold is None:
        return shown
    try:
        found = page.unfold(shown)
    except LakeError as error:
        show(error)
        found = State(shown.selection)
    if found != shown:
        state.commit(page.scope, found)
    return found


def _bar(page: Page, view: View) -> None:
    with boundary():
        bar.labels(view)
        for each in page.filters:
            each.draw(view)
    with st.container(key="obs_actions", gap=None):
        st.button("Copier le lien de cette vue", key="obs_copier_lien", type="tertiary", on_click=_copied)
        if page.printable:
            st.download_button(
                "Cette page en PDF",
                data=_printing(page, view),
                file_name=file_name(view, page.name, "pdf"),
                mime="application/pdf",
                key="obs_pdf",
                type="tertiary",
                on_click="ignore",
            )


def _copied() -> None:
    # The copy itself is done in the browser, which alone knows the address (apps/kit/shell/page.js).
    st.toast("Lien copié : il garde vos filtres.".replace(" :", "\u202f:"))


def _printing(page: Page, view: View) -> Callable[[], bytes]:
    def compose() -> bytes:
        from apps.kit.export.pdf import page_pdf  # typst and the chart renderer load on the first PDF only

        return page_pdf(page, view)

    return view.data.access.export(file_name(view, page.name, "pdf"), compose)


def _answer(page: Page, view: View) -> None:
    with boundary():
        st.title(literal(page.ask(view)), anchor=False)
        if refused := state.refusal():
            st.info(literal(typographic(refused)))
        with st.spinner(LOADING):
            reading = typographic(page.reading(view))
        st.html(f'<p class="obs-lecture">{escape(reading)}</p>')
        if page.figures is not None:
            pieces.draw_figures(page.figures(view))


def _row(row: Row, view: View) -> None:
    blocks = row if isinstance(row, tuple) else (row,)
    places = (
        st.columns([block.weight for block in blocks], gap="medium") if len(blocks) > 1 else [st.container()]
    )
    for place, block in zip(places, blocks, strict=True):
        with place, boundary():
            _block(block, view)


def _block(block: Block, view: View) -> None:
    with st.spinner(LOADING):
        piece = block.build(view)
    pieces.heading(piece, block.name if block.anchor else "")
    for option in block.options:
        option.draw(view, bare=True)
    pieces.draw(piece, view, block.name)
