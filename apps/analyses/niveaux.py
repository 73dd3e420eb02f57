"""The tree of an axis: Afficher, Sélectionner, Imposer, one level a value, as real checkboxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from apps.kit.pages import captions
from apps.kit.style.french import counted, typographic
from lake.text import words
from scoring.analyses.arbre import COLUMNS, Arbre

MOST_ROWS = 50
"""Values drawn at once; a longer axis is searched."""
Changed = Callable[[Arbre], None]


def draw(axis: str, label: str, tree: Arbre, choices: Mapping[str, str], key: str, changed: Changed) -> None:
    """Draw the tree of an axis.

    Args:
        axis: name of the axis.
        label: its French label.
        tree: the levels now.
        choices: value -> what the reader sees.
        key: start of the widgets' keys.
        changed: called with the tree as it becomes.
    """
    shown = dict(choices)
    if len(choices) > MOST_ROWS:
        asked = st.text_input(typographic(f"Chercher ({label.lower()})"), key=f"{key}_{axis}_chercher")
        wanted = words(asked)
        shown = {code: text for code, text in choices.items() if wanted in words(text)}
    some = dict(list(shown.items())[:MOST_ROWS])
    captions.line(
        typographic(f"{counted(tree.selected(choices), 'élément sélectionné', 'éléments sélectionnés')}.")
    )
    if len(some) < len(shown):
        captions.line(f"{len(some)} valeurs sur {len(shown)} : cherchez pour voir les autres.")
    _row(axis, "Tout ce qui est montré", tuple(some), tree, f"{key}_{axis}", changed, "tous")
    for rank, (code, text) in enumerate(some.items()):
        _row(axis, text, (code,), tree, f"{key}_{axis}", changed, str(rank))


def _row(
    axis: str, text: str, codes: tuple[str, ...], tree: Arbre, key: str, changed: Changed, suffix: str
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(typographic(text).replace("[", r"\["), width=130)
        for column, word in COLUMNS.items():
            name = f"{key}_{suffix}_{column}"
            st.session_state[name] = tree.mark(codes, column) is True
            st.checkbox(
                word,
                key=name,
                help=None,
                on_change=partial(_ticked, name, tree, codes, column, changed),
            )


def _ticked(name: str, tree: Arbre, codes: tuple[str, ...], column: int, changed: Changed) -> None:
    changed(tree.setting(codes, column, bool(st.session_state[name])))
