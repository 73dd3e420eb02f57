"""Draws applications under one menu: every application in the portal, or one alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from apps.kit import style
from apps.kit.page import Page, draw
from apps.kit.theme import ACCENT, INK, SECONDARY
from lake.settings import Settings

NAME = "Observatoire e-santé"
TITLE = f"{NAME} · Grand Est"
DESCRIPTION = "Qui exerce où dans le Grand Est : cartes, chiffres et listes des professionnels de santé."

# The page's fonts do not reach an image: any sans-serif of the reader's machine does.
WORDMARK = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 178 36" width="178" height="36" role="img">
<title>{TITLE}</title>
<rect width="5" height="36" rx="2" fill="{ACCENT}"/>
<g font-family="'Source Sans 3','Source Sans Pro','Segoe UI',Helvetica,Arial,sans-serif" fill="{INK}">
<text x="14" y="15" font-size="16" font-weight="700">{NAME}</text>
<text x="14" y="32" font-size="14" fill="{SECONDARY}">Grand Est</text></g></svg>"""

Pages = dict[str, list[Any]]
_ADDRESSES: dict[tuple[str, str], str] = {}


def declare(pages: Sequence[Page], prefix: str = "") -> Pages:
    """Streamlit pages of declared pages, by section of the menu.

    Args:
        pages: the declarations, the first one being the application's home.
        prefix: put before each address in the portal (``annuaire`` gives ``annuaire-carte``).
    """
    sections: Pages = {}
    for page in pages:
        address = f"{prefix}-{page.name}" if prefix else page.name
        _ADDRESSES[page.universe.name, page.name] = address
        entry = st.Page(_drawer(page), title=page.title, url_path=address)
        sections.setdefault(page.section, []).append(entry)
    return sections


def address(page: str, universe: str) -> str:
    """The address of a page in the menu that this process serves, relative to the suite's root.

    Args:
        page: name of the page.
        universe: name of what it counts (two applications may both have a ``notice``).
    """
    return _ADDRESSES.get((universe, page), page)


def serve(menu: Mapping[str, Sequence[Any]]) -> None:
    """Draw the menu and the page chosen.

    Args:
        menu: drop-down -> its pages; an empty name for pages that stand in the menu itself.
    """
    st.set_page_config(layout="wide", initial_sidebar_state="auto")
    style.apply()
    st.logo(WORDMARK, size="large")
    chosen = st.navigation({name: list(pages) for name, pages in menu.items()}, position="top")
    if Settings.from_env().demo:
        st.html('<p class="obs-demo" role="note">Démonstration\u202f: les personnes sont fictives.</p>')
    chosen.run()


def _drawer(page: Page) -> Callable[[], None]:
    def drawn() -> None:
        draw(page)

    drawn.__name__ = page.name.replace("-", "_")
    return drawn
