"""One filter for a whole analysis: the same values in every section that bears the axis, said before it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import streamlit as st

from apps.kit.data import state
from apps.kit.data.view import View
from apps.kit.filters.filters import PLACEHOLDER, Choice
from apps.kit.forms import told
from apps.kit.pages import captions
from apps.kit.pages.sheet import Shown
from apps.kit.style import french
from apps.kit.style.french import literal, typographic
from scoring.analyses.faits import MESHES


@dataclass
class Commun:
    """An axis that several sections bear, and may be filtered by.

    Attributes:
        label: its French label.
        axis: its name, in each of these sections.
        views: section's rank (from 1) -> what it shows now.
        choices: values that one of them proposes at least: code -> what readers see.
    """

    label: str
    axis: str
    views: dict[int, View] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)

    def proposed(self, rank: int) -> Mapping[str, str]:
        """The values that one section proposes: its author's frame, under what is imposed on its other axes."""
        view = self.views[rank]
        frame = view.data.choices(view.universe, self.axis, view.date)
        axis = view.universe.axis(self.axis)
        return {
            c: axis.word(c) if c in axis.words else t
            for c, t in zip(frame["code"], frame["texte"], strict=True)
        }

    def kept(self, values: Sequence[str]) -> dict[int, tuple[str, ...]]:
        """What each section takes of these values; one that proposes none of them is left as it is."""
        found = {rank: tuple(one for one in values if one in self.proposed(rank)) for rank in self.views}
        return found if not values else {rank: some for rank, some in found.items() if some}


def common(shown: Sequence[Shown]) -> list[Commun]:
    """The axes that two sections at least can be filtered by.

    The same axis is that of the same universe; a territory is the same everywhere, for its code is an official one.
    A name alone is no equivalence: the « service » of two universes is not one thing.
    """
    found: dict[tuple[str, str], Commun] = {}
    for rank, one in enumerate(shown, start=1):
        if one.view is None:
            continue
        for wanted in one.part.filters:
            if isinstance(wanted, Choice):
                axis = one.view.universe.axis(wanted.axis)
                where = "" if axis.name in MESHES else one.view.universe.name
                held = found.setdefault((where, axis.name), Commun(axis.label, axis.name))
                held.views[rank] = one.view
    several = [each for each in found.values() if len(each.views) > 1]
    for each in several:
        for rank in each.views:
            each.choices |= each.proposed(rank)
    return several


def draw(shown: Sequence[Shown]) -> None:
    """Draw the filter of the whole analysis; nothing where no axis is shared."""
    axes = common(shown)
    if not axes:
        return
    with st.expander("Un filtre pour toute l’analyse", key="analyse_filtre_commun"):
        names = {f"{one.axis}.{rank}": one for rank, one in enumerate(axes)}
        asked = next(iter(names))
        if len(names) > 1:
            asked = (
                st.selectbox(
                    "Axe",
                    list(names),
                    format_func=lambda one: typographic(names[one].label),
                    key="ensemble_axe",
                )
                or asked
            )
        one = names[asked]
        values = st.multiselect(
            typographic(one.label),
            list(one.choices),
            format_func=lambda code: literal(typographic(one.choices[code])),
            key=f"ensemble_{asked}",
            placeholder=PLACEHOLDER,
        )
        captions.line(_said(one, values))
        with st.container(horizontal=True):
            st.button(
                "Appliquer à toute l’analyse",
                key="ensemble_appliquer",
                type="primary",
                on_click=partial(_apply, one, tuple(values)),
            )
            st.button(
                "Revenir aux filtres de l’auteur",
                key="ensemble_revenir",
                on_click=partial(_reset, tuple(shown)),
            )


def _said(one: Commun, values: Sequence[str]) -> str:
    """What the button will do, before it is pressed."""
    takes = one.kept(values)
    aside = [rank for rank in one.views if rank not in takes]
    if not values:
        return f"Sans choix, le filtre est vidé dans {_sections(list(takes), 'la', 'les')}."
    if not takes:
        return "Aucune section ne propose ces valeurs."
    said = f"S’applique {_sections(list(takes), 'à la', 'aux')}."
    if not aside:
        return said
    verb = "propose" if len(aside) == 1 else "proposent"
    return f"{said} {_sections(aside, 'La', 'Les')} ne les {verb} pas."


def _sections(ranks: Sequence[int], one: str, many: str) -> str:
    if len(ranks) == 1:
        return f"{one} section {ranks[0]}"
    return f"{many} sections {french.listing(str(rank) for rank in ranks)}"


def _apply(one: Commun, values: tuple[str, ...]) -> None:
    takes = one.kept(values)
    for rank, some in takes.items():
        scope = one.views[rank].scope
        now = state.current(scope)
        state.commit(scope, replace(now, selection=now.selection.with_filter(one.axis, some)))
    if takes:
        told.say(f"Le filtre est appliqué {_sections(list(takes), 'à la', 'aux')}.")


def _reset(shown: tuple[Shown, ...]) -> None:
    for one in shown:
        if one.view is not None:
            state.commit(one.view.scope, one.part.start)
    told.say("Chaque section est revenue aux filtres de son auteur.")
