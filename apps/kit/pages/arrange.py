"""How a reader arranges a table: words searched, columns hidden, rows kept by the values of a column.

What is arranged is kept in the address with the rest, one parameter a view, and the exports hold the same table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

import polars as pl
import streamlit as st

from apps.kit.charts.tables import Column, Table, found, identifiers
from apps.kit.data import state
from apps.kit.data.view import View
from apps.kit.filters.search import set_option
from apps.kit.pages import picking
from apps.kit.style import french
from scoring.universes.model import Format

SUFFIX = ".tableau"
"""Ending of the parameter that holds how a view's table is arranged."""
_WORDS, _HIDDEN = "q", "sans"
Bounds = tuple[float | None, float | None]


@dataclass(frozen=True)
class Arrangement:
    """What a reader made of a table.

    Attributes:
        words: words that a row must hold.
        hidden: names of columns not shown.
        bounds: column -> lowest and highest value kept, as written (shares in %); None for no bound.
    """

    words: str = ""
    hidden: tuple[str, ...] = ()
    bounds: Mapping[str, Bounds] = field(default_factory=dict)

    def text(self) -> str:
        """The value of the address' parameter; empty when nothing is arranged."""
        parts = [(_WORDS, self.words)] if self.words else []
        parts += [(_HIDDEN, name) for name in self.hidden]
        for name, (low, high) in self.bounds.items():
            if low is not None or high is not None:
                parts.append((f".{name}", f"{_number(low)}..{_number(high)}"))
        return urlencode(parts)

    @classmethod
    def read(cls, text: str, columns: Sequence[Column]) -> Arrangement:
        """Read a parameter; what these columns do not know is left out, and the first column is never hidden."""
        numbers = {f".{c.name}": c.name for c in columns if c.format is not None}
        words, hidden, bounds = "", [], {}
        for name, value in parse_qsl(text):
            if name == _WORDS:
                words = value
            elif name == _HIDDEN and value in {c.name for c in columns[1:]}:
                hidden.append(value)
            elif name in numbers:
                low, _, high = value.partition("..")
                bounds[numbers[name]] = (_value(low), _value(high))
        return cls(words, tuple(dict.fromkeys(hidden)), bounds)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _value(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def arrangement(view: View, name: str, table: Table) -> Arrangement:
    """How the reader arranged the table of a view."""
    return Arrangement.read(view.option(name + SUFFIX), table.columns)


def arranged(table: Table, view: View, name: str) -> Table:
    """The table as the reader arranged it: on screen, in the CSV and in the PDF.

    The total stays that of every row: the line says how many are shown.
    """
    how = arrangement(view, name, table)
    if how == Arrangement():
        return table
    frame = found(table, how.words) if how.words else table.frame
    for column in table.columns:
        low, high = how.bounds.get(column.name, (None, None))
        scale = 100 if column.format is Format.SHARE else 1
        if low is not None:
            frame = frame.filter(pl.col(column.name) * scale >= low)
        if high is not None:
            frame = frame.filter(pl.col(column.name) * scale <= high)
    counted = table.counted
    if frame.height != table.frame.height:
        rows = french.counted(frame.height, "ligne montrée", "lignes montrées")
        counted = f"{counted}, {rows} sur {french.number(table.frame.height)}".removeprefix(", ")
    columns = tuple(c for c in table.columns if c.name not in how.hidden)
    return replace(table, frame=frame, columns=columns, counted=counted)


def tools(table: Table, view: View, name: str) -> None:
    """Draw what arranges a table.

    Args:
        table: the whole table, not arranged.
        view: what the page shows.
        name: name of the view.
    """
    how = arrangement(view, name, table)
    opened = st.popover(
        "Arranger", type="tertiary", key=f"obs_arranger_{view.scope.address(name)}", on_change="rerun"
    )
    if not opened.open:
        return
    with opened:
        _words(view, name, how)
        if table.picks and not picking.is_time(view, table.picks):
            _values(view, name, table)
        _shown(view, name, table, how)
        _bounds(view, name, table, how)


def _keep(view: View, name: str, how: Arrangement) -> None:
    set_option(view, name + SUFFIX, how.text())


def _key(view: View, name: str, what: str) -> str:
    return f"arranger.{view.scope.id}.{name}.{what}"


def _words(view: View, name: str, how: Arrangement) -> None:
    key = _key(view, name, "mots")
    state.follow(key, how.words)
    st.text_input(
        "Chercher dans le tableau",
        key=key,
        max_chars=120,
        on_change=lambda: _keep(view, name, replace(how, words=st.session_state[key].strip())),
    )


def _values(view: View, name: str, table: Table) -> None:
    axis = view.universe.axis(table.picks)
    words = dict(zip(identifiers(table), table.frame[_named(table)].cast(pl.String), strict=True))
    chosen = list(picking.selected(view, table.picks))
    key = _key(view, name, "valeurs")
    state.follow(key, chosen)

    def changed() -> None:
        now = state.current(view.scope)
        kept = picking.applied(view, now.selection, table.picks, st.session_state[key])
        state.commit(view.scope, replace(now, selection=kept))

    st.multiselect(
        f"Garder : {axis.label.lower()}".replace(" :", "\u202f:"),
        [*words, *(code for code in chosen if code not in words)],
        format_func=lambda code: words.get(code) or view.word(table.picks, code),
        key=key,
        placeholder="Choisir…",
        select_all=False,
        on_change=changed,
    )


def _named(table: Table) -> str:
    return next((c.name for c in table.columns if c.format is None), table.columns[0].name)


def _shown(view: View, name: str, table: Table, how: Arrangement) -> None:
    labels = {c.name: c.label for c in table.columns[1:]}
    key = _key(view, name, "colonnes")
    state.follow(key, [one for one in labels if one not in how.hidden])

    def changed() -> None:
        hidden = tuple(one for one in labels if one not in st.session_state[key])
        _keep(view, name, replace(how, hidden=hidden))

    st.multiselect(
        "Colonnes montrées",
        list(labels),
        format_func=lambda one: labels[one],
        key=key,
        placeholder="Choisir…",
        select_all=False,
        on_change=changed,
    )


def _bounds(view: View, name: str, table: Table, how: Arrangement) -> None:
    numbers = {c.name: c for c in table.columns if c.format is not None}
    if not numbers:
        return
    asked = next(iter(how.bounds), next(iter(numbers)))
    column = st.selectbox(
        "Filtrer une colonne",
        list(numbers),
        index=list(numbers).index(asked),
        format_func=lambda one: numbers[one].label,
        key=_key(view, name, "colonne"),
    )
    shape = "%.0f" if numbers[column].format is Format.INTEGER else "%g"
    unit = " (%)" if numbers[column].format is Format.SHARE else ""
    keys = [_key(view, name, f"{end}.{column}") for end in ("de", "a")]
    for key, value in zip(keys, how.bounds.get(column, (None, None)), strict=True):
        state.follow(key, value)

    def changed() -> None:
        low, high = (st.session_state[key] for key in keys)
        _keep(view, name, replace(how, bounds={**how.bounds, column: (low, high)}))

    for place, key, label in zip(st.columns(2), keys, ("Au moins", "Au plus"), strict=True):
        place.number_input(
            label + unit, value=None, key=key, format=shape, on_change=changed, placeholder="—"
        )
