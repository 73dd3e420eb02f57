"""The territory of a national universe: a tree of regions and départements, searched or unfolded.

One choice, two ways: a list in tree order in which the reader types, and the tree itself, whose branches are drawn
when they are opened. Choosing in one shows in the other, on maps, in tables and in the labels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl
import streamlit as st

from apps.kit.data import state
from apps.kit.data.view import View
from apps.kit.filters.filters import PLACEHOLDER, within_regions
from lake.catalog.territoires import DEPARTEMENTS, REGIONS
from scoring.universes.selection import Selection

REGION, DEPARTEMENT = "region", "departement"
Place = tuple[str, str]
"""An axis and a code."""


@dataclass(frozen=True)
class Branch:
    """A region and its départements.

    Attributes:
        code: code of the region.
        name: its name.
        departements: code -> name, by code.
    """

    code: str
    name: str
    departements: dict[str, str]


@dataclass(frozen=True)
class Regions:
    """The regions, and under each its départements.

    Attributes:
        shared: whether the territory carries over to the other pages.
    """

    shared: bool = True
    axes: tuple[str, ...] = (REGION, DEPARTEMENT)

    def draw(self, view: View) -> None:
        """Draw the list in which the reader types, then the tree, folded."""
        branches = tree(view)
        _search(view, branches)
        with st.expander("Arbre des territoires", key=_key(view, "arbre"), on_change="rerun") as unfolded:
            if unfolded.open:
                for branch in branches:
                    _branch(view, branch)


def tree(view: View) -> list[Branch]:
    """The regions by name, each with its départements by code (cached)."""
    made: list[Branch] = view.data.cached("arbre", [REGIONS, DEPARTEMENTS], lambda: _grown(view))
    return made


def _grown(view: View) -> list[Branch]:
    places = view.data.frame(DEPARTEMENTS).sort("code_departement")
    found = []
    for code, name in view.data.frame(REGIONS).sort("region").select("code_region", "region").iter_rows():
        inside = places.filter(pl.col("code_region") == code)
        found.append(Branch(code, name, dict(inside.select("code_departement", "departement").iter_rows())))
    return found


def chosen(view: View, selection: Selection, place: Place, *, keep: bool) -> Selection:
    """The selection after a place was ticked or unticked.

    Regions and départements filter together. A département ticked outside of the chosen regions would keep
    nothing: it takes their place. So does a region ticked with départements of other regions.

    Args:
        view: what the page shows.
        selection: the selection of this moment.
        place: what was ticked.
        keep: True for ticked.
    """
    axis, code = place
    values = selection.values(axis)
    if not keep:
        return selection.without(axis, code)
    if code in values:
        return selection
    added = selection.with_filter(axis, (*values, code))
    if axis == REGION:
        return within_regions(view, added)
    regions = added.values(REGION)
    owners = dict(view.data.frame(DEPARTEMENTS).select("code_departement", "code_region").iter_rows())
    return added if not regions or owners.get(code) in regions else added.without(REGION)


def _search(view: View, branches: Iterable[Branch]) -> None:
    names: dict[Place, str] = {}
    for branch in branches:
        names[REGION, branch.code] = branch.name
        names |= {
            (DEPARTEMENT, code): f"{branch.name} › {name} ({code})"
            for code, name in branch.departements.items()
        }
    selected = [(axis, value) for axis in (REGION, DEPARTEMENT) for value in view.selection.values(axis)]
    key = _key(view, "territoire")
    state.follow(key, selected)

    def changed() -> None:
        now = state.current(view.scope)
        before, after = set(selected), set(st.session_state[key])
        selection = now.selection
        for place in before - after:
            selection = chosen(view, selection, place, keep=False)
        for place in after - before:
            selection = chosen(view, selection, place, keep=True)
        state.commit(view.scope, replace(now, selection=selection))

    st.multiselect(
        "Territoire",
        # A value that an address asks and the tree does not have stays visible, and removable.
        [*names, *(place for place in selected if place not in names)],
        format_func=lambda place: names.get(place) or view.word(*place),
        key=key,
        placeholder=PLACEHOLDER,
        select_all=False,
        filter_mode="fuzzy",
        on_change=changed,
    )


def _branch(view: View, branch: Branch) -> None:
    inside = [code for code in branch.departements if code in view.selection.values(DEPARTEMENT)]
    whole = branch.code in view.selection.values(REGION)
    # Its label stays the same: with another one, the branch would fold.
    with st.expander(
        branch.name, type="compact", key=_key(view, f"branche.{branch.code}"), on_change="rerun"
    ) as unfolded:
        if unfolded.open:
            _box(view, (REGION, branch.code), "Toute la région", whole)
            for code, name in branch.departements.items():
                _box(view, (DEPARTEMENT, code), f"{name} ({code})", code in inside)


def _box(view: View, place: Place, label: str, ticked: bool) -> None:
    key = _key(view, "case." + ".".join(place))
    state.follow(key, ticked)

    def changed() -> None:
        now = state.current(view.scope)
        selection = chosen(view, now.selection, place, keep=st.session_state[key])
        state.commit(view.scope, replace(now, selection=selection))

    st.checkbox(label, key=key, on_change=changed)


def _key(view: View, name: str) -> str:
    return f"filtre.{view.scope.id}.{name}"
