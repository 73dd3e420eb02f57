"""The way down, back and across: links between a questionnaire, its axes, their criteria, and other pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from apps.convergence.words import address
from apps.kit.data.view import View
from apps.kit.pages.pieces import Drawn
from apps.kit.style.french import typographic
from apps.kit.style.theme import ACCENT, SECONDARY

CSS = f"""
<style>
  .obs-chemin ol, .obs-chemin ul {{ list-style: none; display: flex; flex-wrap: wrap; gap: .15rem .7rem;
    margin: 0 0 .35rem !important; padding: 0 !important; font-size: 14px; }}
  .obs-chemin li {{ margin: 0 !important; padding: 0 !important; }}
  .obs-chemin ol li + li::before {{ content: "›"; color: {SECONDARY}; margin-right: .7rem; }}
  .obs-chemin a {{ color: {ACCENT}; text-decoration: underline; display: inline-block; padding: .15rem 0; }}
</style>
"""

Step = tuple[str, str, Mapping[str, str]]
"""Words, page, options of its address."""


def trail(back: Sequence[Step], here: str, down: Sequence[Step], across: Sequence[Step]) -> Drawn:
    """Links as a view of a page.

    Args:
        back: what holds the present step, from the top.
        here: the present step, in words.
        down: what it holds.
        across: the same thing on other pages.
    """

    def link(view: View, step: Step) -> str:
        words, page, options = step
        target = escape(address(view, page, **options), quote=True)
        return f'<li><a href="{target}" target="_self">{escape(typographic(words))}</a></li>'

    def draw(view: View) -> None:
        path = "".join(link(view, step) for step in back)
        parts = [f'<ol>{path}<li aria-current="page">{escape(typographic(here))}</li></ol>']
        parts += [
            f'<ul aria-label="{label}">{"".join(link(view, step) for step in steps)}</ul>'
            for label, steps in (("Plus en détail", down), ("Sur les autres pages", across))
            if steps
        ]
        st.html(f'{CSS}<nav class="obs-chemin" aria-label="Où l’on est">{"".join(parts)}</nav>')

    return Drawn(draw)
