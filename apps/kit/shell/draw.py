"""Draws a declared page for the reader at hand: access, state, filters, answer, figures, views, parts."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from apps.kit.access.access import require
from apps.kit.data import state
from apps.kit.data.data import Data, data
from apps.kit.data.known import known, left_out
from apps.kit.data.state import Scope, State
from apps.kit.data.view import View
from apps.kit.filters import filters as bar
from apps.kit.pages import captions, pieces, prose
from apps.kit.pages.export import file_name
from apps.kit.pages.page import Block, Page, Row
from apps.kit.pages.sheet import Shown, figures_of, sheet
from apps.kit.shell.warmup import drawn
from apps.kit.style.errors import boundary, heading, page_boundary, show
from apps.kit.style.french import literal, typographic
from apps.kit.style.typeset import typeset
from lake.errors import LakeError
from scoring.universes.answer import family

typeset()
LOADING = "Lecture des données…"
WRITING = "Composition du PDF…"
HEAD_START_S = 0.5
"""Seconds that the page keeps its filters and its other views to itself while a map starts: the map's frame runs on the
thread of the browser that draws them, and would wait for all of them (measured: docs/performance.md)."""


def draw(page: Page) -> None:
    """Draw a page for the reader at hand: access, state, filters, answer, figures, views, parts."""
    with page_boundary():
        access = require(page.name, family(page.universe))
        scope = page.scope_for(access)
        scopes = [(page.scope_of(part), part.start) for part in page.parts]
        shown = _unfolded(page, scope, state.begin(scope, scopes))
        reads = data(access)
        asked = View(page.title, reads.universe(page.universe), shown, reads, scope, page.said)
        kept, told = known(asked)
        view = replace(asked, state=kept)
        told += left_out(view, state.carried_filters())

        def opened(universe: str) -> Data:
            # One run reads one set of versions, whatever the rights.
            return replace(reads, access=require(page.name, universe))

        own, *parts = sheet(page, view, opened, [state.current(part) for part, _ in scopes])
        above = st.container(key="obs_tete") if page.head else None
        # One for the page: each starts a thread, which waits for its turn among the threads of all the readers. Above
        # the page and out of its flow: nothing moves under the eyes when it comes and goes.
        with st.container(key="obs_attente").spinner(LOADING):
            # What answers goes first: filters, thousands of communes among them, take a browser a third of a second.
            with st.sidebar:
                st.empty()  # the bar's place: nothing moves aside when the filters come
            headed = _title(page, view.listening())
            answer, rows, starting = _ahead(page, view)
            if headed:
                with answer:
                    _answer(page, view.listening(), told)
            if starting:
                time.sleep(HEAD_START_S)
            with st.sidebar:
                _bar(page, view, [own, *parts])
            if above is not None:
                with above, boundary():
                    for each in page.head:
                        each.draw(view)
            for row, places in rows:
                _row(row, view, places=places)
            for part in parts:
                with boundary():
                    draw_part(part)
    drawn(page.name)


def draw_part(shown: Shown) -> None:
    """A part under its own heading, with its own filters."""
    part, view = shown.part, shown.view
    if part.title:
        st.header(literal(typographic(part.title)), anchor=False)
    if shown.refused is not None:
        st.info(literal(typographic(str(shown.refused))))
    if view is None:
        if part.is_text:
            prose.draw(part.introduction)
            prose.draw(part.conclusion)
        return
    if part.introduction:
        prose.draw(part.introduction)
    for each in part.filters:
        each.draw(view)
    heard = view.listening()
    if (figures := figures_of(replace(shown, view=heard))) is not None:
        pieces.draw_figures(figures)
        captions.draw_told(heard)
    for row in part.rows:
        _row(row, view, part.title)
    if part.conclusion:
        prose.draw(part.conclusion)


def _unfolded(page: Page, scope: Scope, shown: State) -> State:
    """What a short link of the address stands for, written to the address; a link that leads nowhere is told."""
    if page.unfold is None:
        return shown
    try:
        found = page.unfold(shown)
    except LakeError as error:
        show(error)
        found = State(shown.selection)
    if found != shown:
        state.commit(scope, found)
    return found


def _bar(page: Page, view: View, shown: Sequence[Shown]) -> None:
    with boundary():
        bar.labels(view)
        for each in page.filters:
            each.draw(view)
    with st.container(key="obs_actions", gap=None):
        st.button("Copier le lien de cette vue", key="obs_copier_lien", type="tertiary", on_click=_copied)
        if page.printable:
            st.download_button(
                "Cette page en PDF",
                data=_printing(page, view, shown),
                file_name=file_name(view, page.name, "pdf"),
                mime="application/pdf",
                key="obs_pdf",
                type="tertiary",
                on_click="ignore",
            )


def _copied() -> None:
    # The copy itself is done in the browser, which alone knows the address (apps/kit/shell/page.js).
    st.toast("Lien copié : il garde vos filtres.".replace(" :", "\u202f:"))


def _printing(page: Page, view: View, shown: Sequence[Shown]) -> Callable[[], bytes]:
    def compose() -> bytes:
        from apps.kit.export.pdf import page_pdf  # typst and the chart renderer load on the first PDF only

        return page_pdf(page, view, shown)

    return view.data.access.export(file_name(view, page.name, "pdf"), compose)


def _title(page: Page, view: View) -> bool:
    """Draw the page's title; whether it could be made: where it cannot, what happened heads the page."""
    made = False
    with page_boundary():
        heading(literal(page.ask(view)))
        made = True
    return made  # noqa: RET504 -- what fails is kept by the boundary: mypy has no way to know


def _answer(page: Page, view: View, told: Sequence[str]) -> None:
    with page_boundary():
        if said := [part for part in (state.refusal(), *told) if part]:
            st.info("  \n".join(literal(typographic(part)) for part in said))
        reading = typographic(page.reading(view))
        st.html(f'<p class="obs-lecture">{escape(reading)}</p>')
        if page.figures is not None:
            pieces.draw_figures(page.figures(view))
        captions.draw_told(view)


Places = Sequence[DeltaGenerator]


def _ahead(
    page: Page, view: View
) -> tuple[AbstractContextManager[Any], list[tuple[Row, Places | None]], bool]:
    """Draw what the page sends first, at its place.

    Returns:
        tuple: where the answer goes; the rows with the places of their views (None: where the page stands); whether
        what was drawn starts a frame of its own in the browser.
    """
    if not any(block.ahead for block in page.blocks):
        return nullcontext(), [(row, None) for row in page.rows], False
    answer, starting = st.container(), False
    rows = [(row, _places(row)) for row in page.rows]
    for row, places in rows:
        for place, block in zip(places, _blocks(row), strict=True):
            if block.ahead:
                with place, boundary():
                    starting |= _block(block, view.listening())
    return answer, list(rows), starting


def _blocks(row: Row) -> tuple[Block, ...]:
    return row if isinstance(row, tuple) else (row,)


def _places(row: Row) -> Places:
    blocks = _blocks(row)
    return (
        st.columns([block.weight for block in blocks], gap="medium") if len(blocks) > 1 else [st.container()]
    )


def _row(row: Row, view: View, under: str = "", *, places: Places | None = None) -> None:
    """Draw a row; what was drawn ahead at one of its places is left there."""
    for place, block in zip(places or _places(row), _blocks(row), strict=True):
        if places is None or not block.ahead:
            with place, boundary():
                _block(block, view.listening(), under)


def _block(block: Block, view: View, under: str = "") -> bool:
    """Draw a view under its heading and options; whether it starts a frame of its own in the browser."""
    piece = block.build(view)
    pieces.heading(piece, block.name if block.anchor else "", under)
    for option in block.options:
        option.draw(view, bare=True)
    starting = pieces.starts(piece, view, block.name)
    pieces.draw(piece, view, block.name)
    return starting
