"""Options of a page that are typed or only kept: a search, the card that is open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import streamlit as st

from apps.kit.data import state
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.filters.filters import Option

PAUSE = "250ms"
"""Without a key struck for so long, what is typed is searched."""


@dataclass(frozen=True)
class Search(Option):
    """Words typed by the reader, kept in the address.

    The field sends them at each pause while typing, and on Enter.

    Attributes:
        placeholder: an example of what can be typed.
    """

    values: dict[str, str] = field(default_factory=dict)
    placeholder: str = ""

    def draw(self, view: View, *, bare: bool = False) -> None:
        """Draw the field."""
        key = f"recherche.{view.scope.id}.{self.name}"
        shown = view.option(self.name)
        # A space at the end is being typed: to take it away would stick the next word to this one.
        if st.session_state.get(key, "").strip() != shown:
            st.session_state[key] = shown

        def changed() -> None:
            set_option(view, self.name, st.session_state[key].strip())

        hidden: Literal["collapsed", "visible"] = "collapsed" if bare else "visible"
        st.text_input(
            self.label,
            label_visibility=hidden,
            key=key,
            placeholder=self.placeholder,
            on_change=changed,
            max_chars=120,
            type="search",
            live=PAUSE,
        )


@dataclass(frozen=True)
class Kept(Option):
    """A value that the page sets itself (the card that is open): nothing is drawn."""

    values: dict[str, str] = field(default_factory=dict)

    def draw(self, view: View, *, bare: bool = False) -> None:
        """Draw nothing."""


@dataclass(frozen=True)
class Clicked:
    """An axis that only clicks on views filter: nothing is drawn in the left bar, labels show what is chosen."""

    axis: str
    shared: bool = False

    @property
    def axes(self) -> tuple[str, ...]:
        """The axis."""
        return (self.axis,)

    def draw(self, view: View) -> None:
        """Draw nothing."""


def set_option(view: View, name: str, value: str) -> None:
    """Set one of the page's options, in a callback; an empty value removes it."""
    now = state.current(view.scope)
    options = {known: kept for known, kept in now.options.items() if known != name}
    if value:
        options[name] = value
    state.commit(view.scope, State(now.selection, options))
