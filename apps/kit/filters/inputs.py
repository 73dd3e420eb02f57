"""Options that the reader sets on the page: a number, a list of numbers, a word, an earlier extraction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import streamlit as st

from apps.kit.data.state import follow
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.filters.search import set_option
from apps.kit.style import french
from lake.errors import LakeError


@dataclass(frozen=True)
class Number(Option):
    """A number, kept in the address when it is not the default.

    Attributes:
        default: its value when the address does not say; None for « computed by the page ».
        low: least value.
        high: greatest value.
        step: step of the field's buttons.
        decimals: digits after the comma.
        help: what it is.
    """

    values: dict[str, str] = field(default_factory=dict)
    default: float | None = None
    low: float = 0.0
    high: float = 1_000.0
    step: float = 1.0
    decimals: int = 0
    help: str = ""

    def read(self, view: View) -> float | None:
        """Its value.

        Raises:
            LakeError: the address holds no number, or one out of bounds.
        """
        text = view.option(self.name)
        if not text:
            return self.default
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = float("nan")
        if not self.low <= value <= self.high:
            raise LakeError(
                f"« {self.label} » : « {text} » n'est pas un nombre de {self.low:g} à {self.high:g}.",
                conseil="Corrigez-le dans la colonne de gauche.",
            )
        return value

    def draw(self, view: View, *, bare: bool = False) -> None:
        """Draw the field."""
        key = f"nombre.{view.scope.id}.{self.name}"
        try:
            given = self.read(view)
        except LakeError:
            given = self.default
        shown = None if given is None else float(given)
        if key not in st.session_state or st.session_state[key] != shown:
            st.session_state[key] = shown

        def changed() -> None:
            value = st.session_state[key]
            kept = value is not None and value != self.default
            set_option(view, self.name, f"{value:.10g}" if kept else "")

        st.number_input(
            self.label,
            float(self.low),
            float(self.high),
            value=None,
            step=float(self.step),
            format=f"%.{self.decimals}f",
            key=key,
            help=french.typographic(self.help) or None,
            placeholder="Automatique" if self.default is None else None,
            label_visibility=_heading(bare),
            on_change=changed,
        )


@dataclass(frozen=True)
class Numbers(Option):
    """Several numbers in one field: ``5 ; 10 ; 15``, kept in the address as ``5;10;15``.

    Attributes:
        default: the numbers when the address does not say.
        help: what they are.
    """

    values: dict[str, str] = field(default_factory=dict)
    default: tuple[float, ...] = ()
    help: str = ""

    def read(self, view: View) -> tuple[float, ...]:
        """Their values.

        Raises:
            LakeError: what is written is not a list of numbers.
        """
        text = view.option(self.name)
        if not text:
            return self.default
        try:
            return tuple(float(part.strip().replace(",", ".")) for part in text.split(";") if part.strip())
        except ValueError as error:
            raise LakeError(
                f"« {self.label} » : « {text} » n'est pas une liste de nombres.",
                conseil="Séparez-les par des points-virgules : 5 ; 10 ; 15.",
            ) from error

    def draw(self, view: View, *, bare: bool = False) -> None:
        """Draw the field."""
        key = f"nombres.{view.scope.id}.{self.name}"
        follow(key, self._written(view.option(self.name)) or _listed(self.default))

        def changed() -> None:
            value = self._written(st.session_state[key])
            set_option(view, self.name, "" if value == _listed(self.default) else value.replace(" ", ""))

        st.text_input(
            self.label,
            key=key,
            help=french.typographic(self.help) or None,
            label_visibility=_heading(bare),
            on_change=changed,
            max_chars=80,
        )

    def _written(self, text: str) -> str:
        return " ; ".join(part.strip() for part in text.split(";") if part.strip())


@dataclass(frozen=True)
class Picked(Option):
    """One of a few values whose words are too long for buttons.

    Attributes:
        help: what it changes.
    """

    help: str = ""

    def draw(self, view: View, *, bare: bool = False) -> None:
        """Draw the list."""
        key = f"liste.{view.scope.id}.{self.name}"
        follow(key, view.option(self.name))

        def changed() -> None:
            value = st.session_state[key]
            set_option(view, self.name, "" if value == next(iter(self.values)) else value)

        st.selectbox(
            self.label,
            list(self.values),
            format_func=lambda value: self.values[value],
            key=key,
            help=french.typographic(self.help) or None,
            label_visibility=_heading(bare),
            on_change=changed,
        )


@dataclass(frozen=True)
class Since(Option):
    """An earlier date of the universe, compared with the one shown; the previous one by default."""

    values: dict[str, str] = field(default_factory=dict)

    def read(self, view: View) -> date | None:
        """The date compared with; None when the date shown has none before it.

        Raises:
            LakeError: the address asks a date that is not published, or not earlier.
        """
        text = view.option(self.name)
        if not text:
            return view.before
        earlier = self.offered(view)
        found = next((day for day in earlier if day.isoformat() == text), None)
        if found is None:
            known = french.listing(french.long_date(day) for day in earlier) or "aucune"
            raise LakeError(
                f"« {text} » n'est pas une extraction antérieure au {view.date_in_words()}.",
                conseil=f"Choisissez parmi : {known}.",
            )
        return found

    def offered(self, view: View) -> Sequence[date]:
        """The dates before the one shown, newest first."""
        return [day for day in view.dates if view.date is not None and day < view.date]

    def draw(self, view: View, *, bare: bool = False) -> None:
        """Draw the list."""
        earlier = self.offered(view)
        if not earlier:
            return
        key = f"depuis.{view.scope.id}.{self.name}"
        try:
            shown = self.read(view)
        except LakeError:
            shown = None
        follow(key, shown)

        def changed() -> None:
            day = st.session_state[key]
            set_option(view, self.name, "" if day is None or day == view.before else day.isoformat())

        st.selectbox(
            self.label,
            earlier,
            format_func=french.long_date,
            key=key,
            index=None,
            label_visibility=_heading(bare),
            on_change=changed,
        )


def _heading(bare: bool) -> Literal["visible", "collapsed"]:
    return "collapsed" if bare else "visible"


def _listed(values: Sequence[float]) -> str:
    return " ; ".join(f"{value:g}".replace(".", ",") for value in values)
