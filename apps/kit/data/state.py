"""What a reader selected: one value, kept in the session and in the address.

The address is the truth whenever it says something the session did not write there itself: a deep link, a reload,
the browser's Back. A click in the menu arrives with an empty address: what carries over (territory, period) then
comes from the session, and is written to the address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import streamlit as st

from lake.errors import LakeError
from scoring.universes.parameters import Parameter
from scoring.universes.selection import Selection

_NOW = "kit.etat"
_PERIOD = ("date", "du", "au")


@dataclass(frozen=True)
class State:
    """What a page shows: the selection, and the page's own options (mesh of a map, measure shown…).

    Attributes:
        selection: filters and period.
        options: option name -> value, defaults left out.
    """

    selection: Selection = field(default_factory=Selection)
    options: Mapping[str, str] = field(default_factory=dict)

    def to_params(self) -> dict[str, list[str]]:
        """Query parameters of the address: the selection's, then the options'."""
        return {**self.selection.to_params(), **{name: [value] for name, value in self.options.items()}}


@dataclass(frozen=True)
class Scope:
    """What a page's state is made of.

    Attributes:
        page: what tells the page from every other: universe and name, and the part's name for a part of it.
        axes: axes that the page filters.
        shared: those of them that carry over to other pages.
        options: option name -> allowed values, the default first; no value listed means free text.
        period: whether the page has a date or period (which carry over).
        monthly: whether time is a period of months (``du``, ``au``), not a date: each carries over to its like.
        told: the options that carry over to other pages and that exports say: name -> heading, and the words of
            each value.
        parameters: the universe's parameters, each under its own name in the address (those that an option of the page
            already says are the option's).
        part: name of the part, in a page whose parts have their own selections; empty for what a page shares.
        defaults: axis -> values chosen when the address says nothing of it; a reader who empties the filter leaves
            ``region=`` there, which is not the same.
        universe: the universe of the page: pages of two applications may bear one name.
    """

    page: str
    axes: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    period: bool = True
    monthly: bool = False
    told: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    part: str = ""
    defaults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    universe: str = ""

    @property
    def name(self) -> str:
        """The page's name in the address, without its universe."""
        return self.page.split(".")[1] if "." in self.page else self.page

    def address(self, name: str) -> str:
        """A name of this state in the address: a part's names begin with its own."""
        return f"{self.part}.{name}" if self.part else name

    @property
    def id(self) -> str:
        """What tells the page from every other: its universe and its name."""
        return f"{self.universe}.{self.page}" if self.universe and "." not in self.page else self.page

    def fresh(self, selection: Selection | None = None) -> Selection:
        """A selection with the defaults where it says nothing: what an address without parameters shows."""
        found = selection or Selection()
        for name, values in self.defaults.items():
            if not found.values(name) and name not in found.emptied:
                found = found.with_filter(name, values)
        return found


@dataclass
class _Session:
    """What the session remembers: names and codes only."""

    page: str = ""
    parts: tuple[Scope, ...] = ()
    written: dict[str, list[str]] = field(default_factory=dict)
    shared: Selection = field(default_factory=Selection)
    options: dict[str, str] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    bare: dict[str, State] = field(default_factory=dict)
    refused: str = ""


def _session() -> _Session:
    if _NOW not in st.session_state:
        st.session_state[_NOW] = _Session()
    found: _Session = st.session_state[_NOW]
    return found


def begin(scope: Scope, parts: Sequence[tuple[Scope, State]] = ()) -> State:
    """The state that a page shows now; called once at the top of the page.

    An address that cannot be read is not an error page: what can be read is kept, and :func:`refusal` says what
    was left out.

    Args:
        scope: what the page's own state is made of.
        parts: the scopes of its parts and what each starts with; :func:`current` then gives the state of each.
    """
    session = _session()
    url = {name: st.query_params.get_all(name) for name in st.query_params}
    arriving = session.page != scope.id
    read = bool(url) and (arriving or url != session.written)
    session.refused, session.parts = "", tuple(part for part, _ in parts)
    mine = {name: values for name, values in url.items() if not _part_of(session.parts, name)}
    if read:
        state = _parse(scope, mine, session)
    elif not url and arriving:
        state = _carried(scope, session)
        session.bare[scope.id] = state
    elif not url and session.written:
        state = session.bare.get(scope.id, State())
    else:
        state = session.states.get(scope.id, State())
    for part, start in parts:
        own = {name.removeprefix(f"{part.part}."): url[name] for name in url if _part_of((part,), name)}
        if read:
            session.states[part.id] = _parse(part, own, session) if own else start
        elif not url and session.written and not arriving:
            session.states[part.id] = start
        else:
            session.states.setdefault(part.id, start)
        shown = session.states[part.id]
        session.states[part.id] = replace(shown, selection=part.fresh(shown.selection))
    state = replace(state, selection=scope.fresh(state.selection))
    session.page = scope.id
    _keep(scope, state, session)
    return state


def _part_of(parts: Iterable[Scope], name: str) -> bool:
    """Whether a name of the address is one of a part's."""
    return any(name.startswith(f"{part.part}.") for part in parts)


def commit(scope: Scope, state: State) -> None:
    """Make ``state`` what the page shows; called by the callbacks of filters, labels and charts.

    A filter that has a default and is no longer there was emptied by the reader: said so, else it would come back.
    """
    selection = state.selection
    for name in scope.defaults:
        if not selection.values(name):
            selection = selection.emptying(name)
    _keep(scope, replace(state, selection=selection), _session())


def current(scope: Scope) -> State:
    """The state as the last :func:`begin` or :func:`commit` left it."""
    return _session().states.get(scope.id, State())


def follow(key: str, value: object) -> None:
    """Have a widget show what the address says, before it is drawn: only a value that differs is written."""
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def carried_filters() -> dict[str, tuple[str, ...]]:
    """The filters that carry over from page to page, as the last pages left them."""
    return dict(_session().shared.filters)


def refusal() -> str:
    """What the address asked that could not be read, in French; empty when all was understood."""
    return _session().refused


def carried_params(shared: Iterable[str]) -> dict[str, list[str]]:
    """Query parameters that a link to another page takes along (:func:`streamlit.page_link`)."""
    session = _session()
    return {**session.shared.only(shared).to_params(), **{n: [v] for n, v in session.options.items()}}


def _keep(scope: Scope, state: State, session: _Session) -> None:
    session.states[scope.id] = state
    params = (session.states.get(session.page, State()) if scope.part else state).to_params()
    for part in session.parts:
        own = session.states.get(part.id, State()).to_params()
        params |= {part.address(name): values for name, values in own.items()}
    session.written = params
    if scope.part:
        _write(params)
        return
    kept = {name: session.shared.values(name) for name in session.shared.filters if name not in scope.axes}
    shared = {name: state.selection.values(name) for name in scope.shared}
    period = state.selection if scope.period else session.shared
    day = session.shared.date if scope.monthly else period.date
    du, au = (period.du, period.au) if scope.monthly else (session.shared.du, session.shared.au)
    emptied = (state.selection.emptied & set(scope.shared)) | (session.shared.emptied - set(scope.axes))
    session.shared = Selection({**kept, **shared}, day, du, au, emptied=emptied)
    for name in scope.told:
        if name in state.options:
            session.options[name] = state.options[name]
        elif session.options.get(name) in scope.options[name]:  # the default was chosen, where it could be
            session.options.pop(name)
    _write(params)


def _write(params: dict[str, list[str]]) -> None:
    if params != {name: st.query_params.get_all(name) for name in st.query_params}:
        st.query_params.from_dict(params)


def _carried(scope: Scope, session: _Session) -> State:
    """A page reached without parameters: the shared filters now, its own as they were left."""
    before = session.states.get(scope.id, State())
    own = {n: v for n, v in before.selection.filters.items() if n in scope.axes and n not in scope.shared}
    shared = {n: v for n, v in session.shared.filters.items() if n in scope.shared}
    period = session.shared if scope.period else Selection()
    period = period.at(None) if scope.monthly else period.during(None, None)
    said = before.selection.parameters
    emptied = (before.selection.emptied - set(scope.shared)) | (session.shared.emptied & set(scope.shared))
    emptied &= set(scope.defaults)  # elsewhere an emptied filter is no filter: nothing to say of it
    selection = Selection({**own, **shared}, period.date, period.du, period.au, said, emptied)
    options = {name: value for name, value in before.options.items() if name not in scope.told}
    for name in scope.told:
        if (value := session.options.get(name, "")) in scope.options[name][1:]:
            options[name] = value
    return State(selection, options)


def _parse(scope: Scope, url: Mapping[str, list[str]], session: _Session) -> State:
    names = {name: values for name, values in url.items() if name in scope.axes}
    settings = {p.name: p for p in scope.parameters if p.name not in scope.options}
    known = {*scope.axes, *scope.options, *settings, *_PERIOD}
    refused = [name for name in url if name not in known]
    selection = Selection.from_params(names)
    if scope.period:
        try:
            selection = Selection.from_params({**names, **{n: url[n] for n in _PERIOD if n in url}})
        except LakeError as error:
            session.refused = f"{session.refused} {error}".strip()
    for name in settings.keys() & url.keys():
        try:
            value = settings[name].check(url[name][-1])
        except LakeError as error:
            session.refused = f"{session.refused} {error}".strip()
        else:
            selection = selection.with_parameter(name, "" if value == settings[name].default else value)
    options = {}
    for name, allowed in scope.options.items():
        value = url.get(name, [""])[0]
        if value and (not allowed or value in allowed[1:]):
            options[name] = value
        elif value and value not in allowed:
            refused.append(f"{name}={value}")
    if refused:
        unread = ", ".join(refused)
        session.refused = (
            f"{session.refused} L’adresse contient ce que la page ne connaît pas : {unread}.".strip()
        )
    return State(selection, options)
