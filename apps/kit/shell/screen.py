"""Pages that are not about a universe: home, sign-in, account, administration.

They share with declared pages (:mod:`apps.kit.pages.page`) the error boundary, the access check and the menu; what they
show is theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from apps.kit.access import access
from apps.kit.access.access import Admitted, Audience
from apps.kit.forms import told
from apps.kit.style.errors import heading, page_boundary
from apps.kit.style.french import typographic


@dataclass(frozen=True)
class Screen:
    """One page of the front door.

    Attributes:
        name: its address.
        title: title in the menu, short.
        question: title on the page; empty for what draws its own.
        draw: draws what stands under the title.
        audience: who may open it.
        listed: whether the menu shows it to those who may open it.
        reading: one sentence under the title.
        home: whether the bare address of the suite opens it.
    """

    name: str
    title: str
    question: str
    draw: Callable[[], None]
    audience: Admitted = Audience.EVERYONE
    listed: bool = True
    reading: str = ""
    home: bool = False


def draw(screen: Screen) -> None:
    """Draw a screen for the reader at hand."""
    with page_boundary():
        access.require_audience(screen.audience)
        if screen.question:
            heading(typographic(screen.question))
        if screen.reading:
            st.html(f'<p class="obs-lecture">{typographic(screen.reading)}</p>')
        told.draw()
        screen.draw()
