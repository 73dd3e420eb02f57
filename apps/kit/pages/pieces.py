"""What a view can be: chart, map, table, note; and how each is drawn on screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import streamlit as st

from apps.kit.charts import charts, figures, tables
from apps.kit.charts.charts import Chart, Generation
from apps.kit.charts.figures import Figures
from apps.kit.charts.sent import sent
from apps.kit.charts.tables import Table
from apps.kit.data import state
from apps.kit.data.method import Methods
from apps.kit.data.view import View
from apps.kit.maps import maps, points, tile_map
from apps.kit.maps.maps import Map
from apps.kit.maps.points import Points
from apps.kit.maps.tile_map import TileMap
from apps.kit.pages import arrange, captions, picking, prose
from apps.kit.pages.nothing import nothing
from apps.kit.style.french import literal, typographic

_GENERATIONS = "kit.generations"
ARRANGED = 5
"""Rows from which a table can be searched and filtered."""


@dataclass(frozen=True)
class Note:
    """Text of a page (see :mod:`apps.kit.pages.prose`): a definition, a method, a limit."""

    text: str
    title: str = ""
    reading: str = ""


@dataclass(frozen=True)
class Drawn:
    """The escape hatch: a view that draws itself, with the table that says the same.

    Attributes:
        draw: draws on the page; eighty lines at most.
        table: the same figures, for the twin, the CSV and the PDF; None for what has no figures.
        printed: the drawing for the PDF, as the bands, cells and chips that ``bands.typ`` sets; None where the
            table says it all.
        twinned: whether the table can be opened under the view (it does not show one already).
    """

    draw: Callable[[View], None]
    table: Table | None = None
    title: str = ""
    reading: str = ""
    counted: str = ""
    measures: Methods = ()
    printed: Callable[[], dict[str, Any]] | None = None
    twinned: bool = True


Piece = Chart | Map | Points | TileMap | Table | Note | Drawn | Figures


def twin(piece: Piece) -> Table | None:
    """The table that says what a piece shows; None for a note."""
    if isinstance(piece, Table):
        return piece
    return None if isinstance(piece, Note) else piece.table


def built(piece: Piece, view: View, name: str) -> Piece:
    """A view as the reader arranged it: what screens show and exports hold."""
    return arrange.arranged(piece, view, name) if isinstance(piece, Table) else piece


def heading(piece: Piece, anchor: str = "", under: str = "") -> None:
    """Draw a view's title, where a link may lead (``anchor``), and its reading.

    Args:
        piece: the view.
        anchor: where a link may lead; empty for nowhere.
        under: title of the part that it stands in: one level above, and never said twice.
    """
    if title := title_under(piece, under):
        drawn = st.subheader if under else st.header
        drawn(literal(typographic(title)), anchor=anchor or False)
    if piece.reading:
        st.html(f'<p class="obs-lecture-vue">{escape(typographic(piece.reading))}</p>')


def title_under(piece: Piece, under: str) -> str:
    """The title of a view as it is drawn under the title of its part; empty where it would repeat it."""
    return "" if typographic(piece.title) == typographic(under) else piece.title


def counted(piece: Piece) -> str:
    """What the caption of a piece counts; a chart that keeps the first bars says how many there are."""
    if isinstance(piece, Note):
        return ""
    left = charts.left_out(piece) if isinstance(piece, Chart) else ""
    return ", ".join(part for part in (piece.counted, left) if part)


def draw_figures(items: Figures) -> None:
    """Draw the key figures."""
    figures.draw(items)


def draw(piece: Piece, view: View, name: str) -> None:
    """Draw a view and, under it, its caption and actions."""
    whole = twin(piece)
    if isinstance(piece, Note):
        prose.draw(piece.text)
        return
    if whole is not None and not whole.frame.height:
        empty(view)
        return
    piece = built(piece, view, name)
    assert not isinstance(piece, Note)
    table = twin(piece)
    if isinstance(piece, Chart):
        _chart(piece, view, name)
    elif isinstance(piece, Map):
        _map(piece, view, name)
    elif isinstance(piece, Points):
        _points(piece, view, name)
    elif isinstance(piece, TileMap):
        _tile_map(piece, view, name)
    elif isinstance(piece, Table):
        _table(piece, view, name)
    elif isinstance(piece, Figures):
        figures.draw(piece)
    else:
        piece.draw(view)
    if table is not None:
        captions.draw(
            view,
            name,
            replace(table, title=piece.title or table.title),
            twin=not isinstance(piece, Table) and getattr(piece, "twinned", True),
            counted=counted(piece),
            measures=piece.measures,
            tools=_tools(whole, view, name) if isinstance(piece, Table) else None,
        )


def _tools(table: Table | None, view: View, name: str) -> Callable[[], None] | None:
    """What arranges a table, where there is enough of it to arrange."""
    if table is None or table.frame.height < ARRANGED or name + arrange.SUFFIX not in view.scope.options:
        return None
    return lambda: arrange.tools(table, view, name)


def empty(view: View) -> None:
    """Say that there is nothing to show, why, and what to change."""
    st.info(literal(typographic(nothing(view))))


def _chart(piece: Chart, view: View, name: str) -> None:
    alt = typographic(piece.alt or piece.reading or piece.title)
    if not piece.picks:
        st.vega_lite_chart(
            sent(piece.spec),
            theme=None,
            width="stretch",
            key=f"vue_{view.scope.address(name)}",
            alt=alt or None,
        )
        return
    generation = followed(view, name, piece.picks)
    key = f"vue_{view.scope.address(name)}_{generation.number}"
    st.vega_lite_chart(
        sent(charts.with_selected(piece.spec, generation.initial)),
        theme=None,
        width="stretch",
        key=key,
        alt=alt or None,
        on_select=_reporter(view, name, piece.picks, key),
        selection_mode=charts.PICK,
    )


def _map(piece: Map, view: View, name: str) -> None:
    maps.corner(piece)
    # The container lets a small screen cut the blank above and under the map (its height is fixed).
    with st.container(key=f"obs_choroplethe_{view.scope.address(name)}"):
        if not piece.picks:
            st.vega_lite_chart(
                sent(piece.spec),
                theme=None,
                width="stretch",
                key=f"vue_{view.scope.address(name)}",
                alt=typographic(piece.alt) or None,
            )
        else:
            generation = followed(view, name, piece.picks)
            key = f"vue_{view.scope.address(name)}_{generation.number}"
            st.vega_lite_chart(
                sent(charts.with_selected(piece.spec, generation.initial)),
                theme=None,
                width="stretch",
                key=key,
                alt=typographic(piece.alt) or None,
                on_select=_reporter(view, name, piece.picks, key),
                selection_mode=charts.PICK,
            )
    maps.legend(piece)


def _points(piece: Points, view: View, name: str) -> None:
    # Its key changes with what it shows: the map then moves to the territory chosen.
    key = f"vue_{view.scope.address(name)}_{abs(hash(view.selection))}"
    if not piece.option:
        points.draw(piece, key)
        return

    def report() -> None:
        now = state.current(view.scope)
        code = points.clicked(key)
        options = {n: v for n, v in now.options.items() if n != piece.option}
        state.commit(view.scope, replace(now, options={**options, piece.option: code} if code else options))

    points.draw(piece, key, report)


def starts(piece: Piece, view: View, name: str) -> bool:
    """Whether a view is about to start a frame of its own, on the browser's thread that also draws the page."""
    return isinstance(piece, TileMap) and _tile_map_key(view, name) not in st.session_state


def _tile_map_key(view: View, name: str) -> str:
    return f"vue_{view.scope.address(name)}"


def _tile_map(piece: TileMap, view: View, name: str) -> None:
    def report(clicked: dict[str, object]) -> None:
        now = state.current(view.scope)
        chosen = {piece.option: clicked.get("point"), piece.place_option: clicked.get("lieu")}
        options = {n: v for n, v in now.options.items() if n not in chosen}
        options |= {n: str(v) for n, v in chosen.items() if n and v}
        state.commit(view.scope, replace(now, options=options))

    tile_map.draw(piece, _tile_map_key(view, name), report)


def _table(piece: Table, view: View, name: str) -> None:
    if not piece.picks:
        tables.draw(
            piece,
            f"vue_{view.scope.address(name)}_{abs(hash((view.selection, tuple(view.state.options.items()))))}",
        )
        return
    # Streamlit remembers row *numbers*: the key changes with the rows, the selection is told by their codes.
    rows = tables.identifiers(piece)
    key = f"vue_{view.scope.address(name)}_{abs(hash(tuple(rows)))}"
    tables.mark(rows, key, picking.selected(view, piece.picks))

    def report() -> None:
        # What is chosen and not among these rows stays chosen.
        codes = [one for one in picking.selected(view, piece.picks) if one not in rows]
        codes += tables.picked(piece, key)
        now = state.current(view.scope)
        state.commit(
            view.scope, replace(now, selection=picking.applied(view, now.selection, piece.picks, codes))
        )

    tables.draw(piece, key, on_select=report)


def followed(view: View, name: str, axis: str) -> Generation:
    """The generation of a filtering view that shows the page's selection."""
    generations: dict[str, Generation] = st.session_state.setdefault(_GENERATIONS, {})
    known = f"{view.scope.id}.{name}"
    before = generations.get(known, Generation())
    # Streamlit forgets the clicks of a chart that another page took away: it is drawn anew with them.
    gone = f"vue_{view.scope.address(name)}_{before.number}" not in st.session_state
    if gone and set(before.reported) != set(before.initial):
        before = Generation(before.number, before.initial, before.initial)
    found = before.follow(picking.selected(view, axis))
    generations[known] = found
    return found


def _reporter(view: View, name: str, axis: str, key: str) -> Callable[[], None]:
    def report() -> None:
        codes = charts.picked(st.session_state.get(key))
        generations: dict[str, Generation] = st.session_state.setdefault(_GENERATIONS, {})
        known = f"{view.scope.id}.{name}"
        generations[known] = generations.get(known, Generation()).told(codes)
        now = state.current(view.scope)
        state.commit(view.scope, replace(now, selection=picking.applied(view, now.selection, axis, codes)))

    return report
