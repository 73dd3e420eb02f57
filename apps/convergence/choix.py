"""The filters that Convergence's pages share: the side, values listed by the campaign, the quarter that plays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from apps.convergence.chiffres import axes, quarters, questionnaires, volet
from apps.convergence.words import quarter
from apps.kit.access import access
from apps.kit.data import state
from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, Filter, Option, Snapshot
from apps.kit.filters.search import set_option
from apps.kit.pages.page import Page
from apps.kit.style.errors import boundary
from scoring.universes.convergence import CONVERGENCE, VOLET, VOLET_WORDS
from scoring.universes.rows import NON_RENSEIGNE

STEP_S = 1.2
"""Seconds between two quarters while the projection plays."""


def _vendor() -> bool:
    """Whether the reader sees products only: the regions' services are not theirs."""
    person = access.reader()
    return person is not None and person.compte.profil == "industriel"


def own_side(shown: state.State) -> state.State:
    """A vendor's pages show the vendors' side, whatever address led to them: the other holds nothing of theirs."""
    if not _vendor() or volet(shown.selection) != VOLET:
        return shown
    return replace(shown, selection=shown.selection.with_filter("volet", ("industriels",)))


@dataclass(frozen=True)
class Side:
    """The side: the regions' services, or the vendors' products."""

    axes: tuple[str, ...] = ("volet",)
    shared: bool = True

    def draw(self, view: View) -> None:
        """Draw the switch, for those who have a choice."""
        if _vendor():
            return
        key = f"filtre.{view.scope.page}.volet"
        state.follow(key, volet(view.selection))

        def changed() -> None:
            value = st.session_state[key]
            now = state.current(view.scope)
            # Questionnaires, axes and services of one side mean nothing on the other.
            chosen = now.selection.only(("volet",)).with_filter("volet", () if value == VOLET else (value,))
            state.commit(view.scope, replace(now, selection=chosen, options={}))

        st.segmented_control(
            "Volet",
            list(VOLET_WORDS),
            format_func=lambda value: VOLET_WORDS[value],
            key=key,
            required=True,
            on_change=changed,
        )


@dataclass(frozen=True)
class Listed(Option):
    """An option whose values come from the campaign, kept in the address.

    Attributes:
        choices: the page's view -> value: label; the first one is the default.
        compact: a row of buttons; a list to type in by default.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    choices: Callable[[View], Mapping[str, str]] = field(default=lambda _view: {})
    compact: bool = False

    def known(self, view: View) -> Mapping[str, str]:
        """The values of the list. What rights leave out of it is not said of the views that it serves."""
        return self.choices(view.listening())

    def unread(self, view: View) -> str:
        """What the address asks that the campaign does not have: said, never counted; empty otherwise."""
        asked, known = view.option(self.name), self.known(view)
        if not asked or asked in known:
            return ""
        if not known:
            return f"« {asked} » n'existe pas ici ({self.label.lower()})."
        return f"« {asked} » n'existe pas ici ({self.label.lower()}) : {known[self.chosen(view)]} est montré."

    def chosen(self, view: View) -> str:
        """The value of the address when the campaign has it, else the first one."""
        known = self.known(view)
        value = view.option(self.name)
        return value if value in known else next(iter(known), "")

    def draw(self, view: View, *, bare: bool = False) -> None:
        """Draw the list or the row of buttons."""
        known = self.known(view)
        if not known:
            return
        key = f"liste.{view.scope.page}.{self.name}"
        state.follow(key, self.chosen(view))
        first = next(iter(known))

        def changed() -> None:
            value = st.session_state[key]
            set_option(view, self.name, "" if value in (None, first) else value)

        drawn: Any = st.segmented_control if self.compact else st.selectbox
        more: dict[str, Any] = {"required": True} if self.compact else {"filter_mode": "fuzzy"}
        drawn(
            self.label,
            list(known),
            format_func=lambda value: known.get(value, value),
            key=key,
            label_visibility="collapsed" if bare else "visible",
            on_change=changed,
            **more,
        )


@dataclass(frozen=True)
class Horizon(Option):
    """The quarter of the projection, as a slider that plays; the campaign's own date by default."""

    name: str = "horizon"
    label: str = "Projection"
    values: Mapping[str, str] = field(default_factory=dict)

    def chosen(self, view: View) -> str:
        """The quarter projected, empty at date."""
        value = view.option(self.name)
        return value if value in quarters(view) else ""

    def draw(self, view: View, *, bare: bool = False) -> None:
        """Draw the slider and its « Lecture » button."""
        steps = ["", *quarters(view)]
        if len(steps) < 2:
            return
        key = f"horizon.{view.scope.page}"
        playing = f"{key}.lecture"
        shown = self.chosen(view)
        state.follow(key, shown)

        def changed() -> None:
            st.session_state[playing] = False
            set_option(view, self.name, st.session_state[key])

        def toggled() -> None:
            st.session_state[playing] = not st.session_state.get(playing)
            if st.session_state[playing] and self.chosen(view) == steps[-1]:
                set_option(view, self.name, "")

        st.select_slider(
            self.label,
            steps,
            format_func=lambda value: quarter(value) if value else "À date",
            key=key,
            label_visibility="collapsed" if bare else "visible",
            on_change=changed,
        )
        on = bool(st.session_state.get(playing))
        st.button(
            "Arrêter" if on else "Lecture, trimestre par trimestre",
            key=f"{key}.bouton",
            type="tertiary",
            on_click=toggled,
        )
        if on:
            _play(view, self.name, steps, shown, playing)


def _play(view: View, name: str, steps: list[str], shown: str, playing: str) -> None:
    """Go to the next quarter after a while, until the last one."""
    following = steps.index(shown) + 1
    if following >= len(steps):
        st.session_state[playing] = False
        return
    drawn = {"first": True}

    @st.fragment(run_every=STEP_S)
    def tick() -> None:
        with boundary():
            view.data.access.still()
            if drawn["first"]:
                drawn["first"] = False
                return
            set_option(view, name, steps[following])
            st.rerun()

    tick()


HORIZON = Horizon()
QUESTIONNAIRE = Listed(
    "questionnaire",
    "Questionnaire",
    # The services' questionnaires come first: the regional one concerns one system a region.
    choices=lambda view: dict(sorted(questionnaires(view).items(), key=lambda pair: pair[0] == "QR")),
    compact=True,
)
AXIS = Listed(
    "axe", "Axe", choices=lambda view: dict(sorted(axes(view).items(), key=lambda one: one[0] < "QS"))
)


def shared_filters(*more: Filter, horizon: bool = False) -> tuple[Filter, ...]:
    """The left bar of most pages."""
    return (
        Side(),
        Snapshot("Campagne"),
        *((HORIZON,) if horizon else ()),
        Choice("region", shared=True),
        Choice("domaine", shared=True),
        Choice("kind", shared=True),
        Choice("type_service", shared=True),
        Choice("editeur", shared=True),
        *more,
    )


def told_of_links(page: Page) -> Callable[[View], str]:
    """The sentence of a page, after what its address asks and the campaign does not have."""
    options = [one for block in page.blocks for one in block.options] + list(page.filters)
    listed = [one for one in options if isinstance(one, Listed)]
    axes = [one.axis for one in page.filters if isinstance(one, Choice)]

    def reading(view: View) -> str:
        said = [one.unread(view) for one in listed]
        for name in axes:
            known = set(view.data.choices(CONVERGENCE, name, view.date)["code"])
            for code in view.selection.values(name):
                if code not in known and code != NON_RENSEIGNE:
                    said.append(
                        f"« {code} » n'existe pas dans cette campagne ({CONVERGENCE.axis(name).label.lower()})."
                    )
        return " ".join([*(one for one in said if one), page.reading(view)])

    return reading
