"""Filters of the left bar, and the removable labels of what is selected.

A filter is a declaration; the widget it draws is always set from the page's state first, so a label removed, a
click on a chart and a deep link all show in it. Its callback commits a new state and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, Protocol

import polars as pl
import streamlit as st

from apps.kit.data import state
from apps.kit.data.state import Scope, State, follow
from apps.kit.data.view import View
from apps.kit.style import french
from lake.catalog.territoires import COMMUNES, DEPARTEMENTS, EPCI
from scoring.universes.model import Rhythm
from scoring.universes.selection import Selection

PLACEHOLDER = "Choisir…"
_SLIDERS = "kit.curseurs"
LABELS_PER_AXIS = 6
"""Beyond, an axis shows one label for all its values."""


class Filter(Protocol):
    """What a page may put in its left bar."""

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes it filters."""

    @property
    def shared(self) -> bool:
        """Whether it carries over to the other pages."""

    def draw(self, view: View) -> None:
        """Draw its widgets."""


@dataclass(frozen=True)
class Choice:
    """Values of one axis.

    Attributes:
        axis: name of the axis.
        shared: whether it carries over to the other pages.
        label: heading; the axis' label by default.
        single: one value at most.
        help: what it means, on demand.
        default: values chosen when the address says nothing of the axis; emptied, it stays empty.
    """

    axis: str
    shared: bool = False
    label: str = ""
    single: bool = False
    help: str = ""
    default: tuple[str, ...] = ()

    @property
    def axes(self) -> tuple[str, ...]:
        """The axis."""
        return (self.axis,)

    def draw(self, view: View) -> None:
        """Draw a list in which the reader types to find."""
        frame = view.data.choices(view.universe, self.axis, view.date)
        axis = view.universe.axis(self.axis)
        labels = {
            code: axis.word(code) if code in axis.words else text
            for code, text in zip(frame["code"], frame["texte"], strict=True)
        }
        _multiselect(view, self.axis, self.label or axis.label, labels, self.help, single=self.single)


@dataclass(frozen=True)
class Territory:
    """The territory, from the département to the commune; a choice narrows the lists under it.

    Attributes:
        meshes: axes offered, from the largest to the smallest.
        shared: whether it carries over to the other pages.
    """

    meshes: tuple[str, ...] = ("departement", "epci", "commune")
    shared: bool = True

    @property
    def axes(self) -> tuple[str, ...]:
        """The territorial axes."""
        return self.meshes

    def draw(self, view: View) -> None:
        """Draw one list per mesh."""
        communes = view.data.frame(COMMUNES)
        departements = view.selection.values("departement")
        within = communes
        if departements:
            within = within.filter(pl.col("code_departement").is_in(departements))
        if "departement" in self.meshes:
            known = communes["code_departement"].unique()
            frame = view.data.frame(DEPARTEMENTS).filter(pl.col("code_departement").is_in(known.implode()))
            labels = dict(frame.sort("departement").select("code_departement", "departement").iter_rows())
            _multiselect(view, "departement", "Département", labels)
        if "epci" in self.meshes:
            known = within["siren_epci"].drop_nulls().unique()
            frame = view.data.frame(EPCI).filter(pl.col("siren_epci").is_in(known.implode()))
            labels = dict(frame.sort("epci").select("siren_epci", "epci").iter_rows())
            _multiselect(view, "epci", "EPCI", labels)
        if "commune" in self.meshes:
            epci = view.selection.values("epci")
            if epci:
                within = within.filter(pl.col("siren_epci").is_in(epci))
            named = within.sort("commune").select(
                "code_commune", pl.format("{} ({})", "commune", "code_departement")
            )
            _multiselect(view, "commune", "Commune", dict(named.iter_rows()))


def within_regions(view: View, selection: Selection) -> Selection:
    """The selection less the départements that are not in the chosen regions: together they would keep nothing."""
    regions, departements = selection.values("region"), selection.values("departement")
    if not regions or not departements:
        return selection
    known = dict(view.data.frame(DEPARTEMENTS).select("code_departement", "code_region").iter_rows())
    return selection.with_filter("departement", (d for d in departements if known.get(d) in regions))


@dataclass(frozen=True)
class Snapshot:
    """The date of a universe of snapshots: an extraction, a campaign.

    Attributes:
        label: heading.
        shared: dates carry over with the period.
    """

    label: str = "Extraction"
    shared: bool = True
    axes: tuple[str, ...] = ()

    def draw(self, view: View) -> None:
        """Draw the list of dates, newest first; the campaign being entered is offered, and never by default."""
        dates, live = view.dates, view.live
        if not dates:
            return
        key = _key(view.scope, "date")
        offered = dates if live is None else [live, *(day for day in dates if day != live)]
        shown = view.date if view.date in offered else dates[0]

        def said(day: date) -> str:
            return f"En cours (au {french.long_date(day)})" if day == live else french.long_date(day)

        follow(key, shown)
        st.selectbox(
            self.label,
            offered,
            format_func=said,
            key=key,
            on_change=_date_changed,
            args=(view.scope, key, dates[0]),
        )


@dataclass(frozen=True)
class Months:
    """A period of months of a monthly universe.

    Attributes:
        label: heading.
        default: months shown when nothing is asked; None for all.
        shared: the period carries over.
    """

    label: str = "Période"
    default: int | None = None
    shared: bool = True
    axes: tuple[str, ...] = ()

    def draw(self, view: View) -> None:
        """Draw the two-ended slider."""
        months = sorted(view.dates)
        if len(months) < 2:
            return
        first = months[-self.default] if self.default and self.default <= len(months) else months[0]
        start, end = view.selection.du or first, view.selection.au or months[-1]
        value = (_nearest(months, start), _nearest(months, end))
        # Streamlit takes a slider for two-ended by its ``value`` alone, and then refuses a value set from the
        # session: a slider whose period changed elsewhere is drawn anew under another key.
        drawn: dict[str, tuple[int, tuple[date, date]]] = st.session_state.setdefault(_SLIDERS, {})
        number, initial = drawn.get(view.scope.id, (0, value))
        if tuple(st.session_state.get(_key(view.scope, f"periode.{number}"), initial)) != value:
            number, initial = number + 1, value
        drawn[view.scope.id] = (number, initial)
        key = _key(view.scope, f"periode.{number}")
        st.select_slider(
            self.label,
            months,
            value=initial,
            format_func=lambda day: french.month(day, short=True),
            key=key,
            on_change=_period_changed,
            args=(view.scope, key, (first, months[-1])),
        )


@dataclass(frozen=True)
class Option:
    """One of the page's own options, kept in the address: the mesh of a map, what is counted.

    Attributes:
        name: name in the address.
        label: heading.
        values: value -> French label, the default first.
    """

    name: str
    label: str
    values: Mapping[str, str]
    axes: tuple[str, ...] = ()
    shared: bool = False

    def draw(self, view: View, *, bare: bool = False) -> None:
        """Draw a segmented control; ``bare`` keeps its heading for screen readers only."""
        key = _key(view.scope, f"option_{self.name}")
        follow(key, view.option(self.name))
        st.segmented_control(
            self.label,
            list(self.values),
            format_func=lambda value: self.values[value],
            key=key,
            required=True,
            label_visibility="collapsed" if bare else "visible",
            on_change=_option_changed,
            args=(view.scope, self.name, key, next(iter(self.values))),
        )


def labels(view: View) -> None:
    """Draw what is selected as labels that are removed by a click, and « Tout effacer »."""
    chosen = view.selection.filters
    if not chosen and not view.has_period():
        return
    with st.container(horizontal=True, gap="small", key="obs_etiquettes"):
        for name, values in chosen.items():
            axis = view.universe.axis(name)
            if len(values) > LABELS_PER_AXIS:
                many = axis.plural or f"{axis.label}s"
                _label(view.scope, f"{len(values)} {many}", name, None)
                continue
            for value in values:
                _label(view.scope, view.word(name, value), name, value)
        if view.has_period():
            text = french.period(view.selection.du, view.selection.au or view.date)
            _button(view.scope, f"{_plain(text)} ✕", "obs_etiquette_periode", lambda s: s.during(None, None))
        monthly = view.universe.rhythm is Rhythm.MONTHLY
        if chosen:
            # A period is not a filter: it stays, and « Réinitialiser » brings the default one back.
            name = "Effacer" if monthly else "Tout effacer"
            _button(view.scope, name, "obs_tout_effacer", lambda s: s.only(()), "tertiary")
        if monthly:
            _button(
                view.scope, "Réinitialiser", "obs_reinitialiser", lambda _: view.scope.fresh(), "tertiary"
            )


def _label(scope: Scope, text: str, name: str, value: str | None) -> None:
    key = f"obs_etiquette_{name}_{value or 'tous'}"
    _button(scope, f"{_plain(text)} ✕", key, lambda s: s.without(name, value))


def _button(
    scope: Scope,
    text: str,
    key: str,
    transform: Callable[[Selection], Selection],
    kind: Literal["secondary", "tertiary"] = "secondary",
) -> None:
    # No tooltip: with one, Streamlit puts the button twice in the page.
    st.button(text, key=key, type=kind, on_click=_apply, args=(scope, transform))


def _plain(text: str) -> str:
    """Text in which Markdown sees nothing to format."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#+-.!|~$:" else c for c in text)


def _multiselect(
    view: View,
    axis: str,
    label: str,
    labels: dict[str, str],
    help_text: str = "",
    *,
    single: bool = False,
    then: Callable[[Selection], Selection] = lambda selection: selection,
) -> None:
    key = _key(view.scope, axis)
    selected = list(view.selection.values(axis))
    # A value that an address asks and the list does not have stays visible, and removable.
    options = [*labels, *(value for value in selected if value not in labels)]
    follow(key, selected)
    st.multiselect(
        label,
        options,
        format_func=lambda code: labels.get(code) or view.word(axis, code),
        key=key,
        placeholder=PLACEHOLDER,
        help=french.typographic(help_text) or None,
        max_selections=1 if single else None,
        select_all=False,
        filter_mode="fuzzy",
        on_change=_values_changed,
        args=(view.scope, axis, key, then),
    )


def _key(scope: Scope, name: str) -> str:
    return f"filtre.{scope.id}.{name}"


def _nearest(months: Sequence[date], day: date) -> date:
    return min(months, key=lambda month: abs((month - day).days))


def _apply(scope: Scope, transform: Callable[[Selection], Selection]) -> None:
    now = state.current(scope)
    state.commit(scope, replace(now, selection=transform(now.selection)))


def _values_changed(
    scope: Scope, axis: str, key: str, then: Callable[[Selection], Selection] = lambda selection: selection
) -> None:
    values = tuple(st.session_state[key])
    _apply(scope, lambda s: then(s.with_filter(axis, values)))


def _date_changed(scope: Scope, key: str, latest: date) -> None:
    day = st.session_state[key]
    _apply(scope, lambda s: s.at(None if day == latest else day))


def _period_changed(scope: Scope, key: str, default: tuple[date, date]) -> None:
    start, end = st.session_state[key]
    _apply(scope, lambda s: s.during(None, None) if (start, end) == default else s.during(start, end))


def _option_changed(scope: Scope, name: str, key: str, default: str) -> None:
    value = st.session_state[key]
    now = state.current(scope)
    options = {n: v for n, v in now.options.items() if n != name}
    if value != default:
        options[name] = value
    state.commit(scope, State(now.selection, options))
