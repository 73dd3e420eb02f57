"""Draws applications under one menu: every application in the portal, or one alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Literal
from urllib.parse import quote, urlencode, urlsplit

import streamlit as st

from apps.kit.access import access
from apps.kit.access.redirect import is_local
from apps.kit.pages.page import Page
from apps.kit.shell import screen
from apps.kit.shell.draw import draw
from apps.kit.shell.screen import Screen
from apps.kit.shell.warmup import PROGRESS
from apps.kit.style import style
from apps.kit.style.errors import heading, incident_number, page_boundary
from apps.kit.style.french import typographic
from apps.kit.style.theme import ACCENT, INK, SECONDARY
from apps.kit.style.typeset import typeset
from lake.damage import panicked
from lake.errors import SourceUnavailable
from lake.settings import Settings

_log = logging.getLogger("observatoire.incident")
typeset()
NAME = "Observatoire e-santé"
TITLE = f"{NAME} · Grand Est"
DESCRIPTION = "Qui exerce où dans le Grand Est : cartes, chiffres et listes des professionnels de santé."

# The page's fonts do not reach an image: any sans-serif of the reader's machine does, in the width given.
WORDMARK = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 178 36" width="178" height="36" role="img">
<title>{TITLE}</title>
<rect width="5" height="36" rx="2" fill="{ACCENT}"/>
<g font-family="'Source Sans 3','Source Sans Pro','Segoe UI',Helvetica,Arial,sans-serif" fill="{INK}">
<text x="14" y="15" font-size="16" font-weight="700" textLength="162" lengthAdjust="spacingAndGlyphs">{NAME}</text>
<text x="14" y="32" font-size="14" fill="{SECONDARY}">Grand Est</text></g></svg>"""

Pages = dict[str, list[Any]]
# Section of the pages that are not for this reader: at their address, out of the menu.
HIDDEN = "\u200b"
_ADDRESSES: dict[tuple[str, str], str] = {}


def declare(pages: Sequence[Page], prefix: str = "") -> Pages:
    """Streamlit pages of declared pages, by section of the menu.

    Args:
        pages: the declarations, the first one being the application's home.
        prefix: put before each address in the portal (``annuaire`` gives ``annuaire-carte``).
    """
    sections: Pages = {}
    families = {page.universe.name: page.universe.opened_by or page.universe.name for page in pages}
    opened = {name: access.may_open(rights) for name, rights in families.items()}
    for page in pages:
        address = f"{prefix}-{page.name}" if prefix else page.name
        _ADDRESSES[page.universe.name, page.name] = address
        if opened[page.universe.name]:
            entry = st.Page(_drawer(page), title=page.title, url_path=address)
            sections.setdefault(page.section, []).append(entry)
        else:
            sections.setdefault(HIDDEN, []).append(_refused(page.title, address))
    return sections


def address(page: str, universe: str) -> str:
    """The address of a page in the menu that this process serves, relative to the suite's root.

    Args:
        page: name of the page.
        universe: name of what it counts (two applications may both have a ``notice``).
    """
    return _ADDRESSES.get((universe, page), page)


def declare_screens(screens: Sequence[Screen]) -> list[Any]:
    """Streamlit pages of the front door: those that are not for this reader answer that they are refused."""
    entries = []
    for each in screens:
        if access.admits(each.audience):
            shown: Literal["visible", "hidden"] = "visible" if each.listed else "hidden"
            entries.append(
                st.Page(
                    _screen(each), title=each.title, url_path=each.name, visibility=shown, default=each.home
                )
            )
        else:
            entries.append(_refused(each.title, each.name))
    return entries


def _refused(title: str, address: str) -> Any:
    """A page at its own address that says it is refused: leaving it out would say, in English, it does not exist."""

    def refused() -> None:
        with page_boundary():
            heading("Accès refusé")
            error = access.refusal(address)
            st.html(f'<p class="obs-lecture">{escape(typographic(str(error)))}</p>')
            if access.reader() is None:
                back = _here(address)
                st.html(
                    f'<p><a href="./connexion?retour={quote(back, safe="")}" target="_self">Se connecter</a> · '
                    '<a href="./inscription" target="_self">Demander une inscription</a></p>'
                )

    return st.Page(refused, title=title, url_path=address, visibility="hidden")


def _here(address: str) -> str:
    """The address at hand with its filters, as a path of this server."""
    pairs = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    path = f"/{address}?{urlencode(pairs)}" if pairs else f"/{address}"
    return path if is_local(path) else "/"


def open_suite(make: Callable[[], Mapping[str, Sequence[Any]]], footer: str = "") -> None:
    """Draw the menu made for the reader at hand; where it cannot be made, one page says so at every address.

    Args:
        make: makes the menu: it asks the store who reads.
        footer: HTML under every page.
    """
    with PROGRESS.drawing():
        _open_suite(make, footer)


def _open_suite(make: Callable[[], Mapping[str, Sequence[Any]]], footer: str) -> None:
    try:
        made = make()
    except BaseException as error:  # Streamlit's own control flow, a BaseException too, passes
        if not isinstance(error, Exception) and not panicked(error):
            raise
        here = st.context.url
        address = urlsplit(here if isinstance(here, str) else "").path.strip("/").rpartition("/")[2]
        page = _unavailable(error)
        pages = [st.Page(page, title="Indisponible", default=True)]
        if address:
            pages.append(st.Page(page, title="Indisponible", url_path=address, visibility="hidden"))
        serve({"": pages}, footer)
        return
    serve(made, footer)


def _unavailable(error: BaseException) -> Callable[[], None]:
    """A page that says that the store does not answer, without its address: readers have no use for it."""

    def unavailable() -> None:
        heading("Service momentanément indisponible")
        number = incident_number()
        _log.error("Incident %s", number, exc_info=error)
        cause = (
            "La base des comptes ne répond pas"
            if isinstance(error, SourceUnavailable)
            else "L’observatoire n’a pas pu vous reconnaître"
        )
        st.error(
            typographic(
                f"**{cause}.** Rien de ce qui est enregistré n’est perdu. Rechargez la page dans quelques minutes ; si "
                f"cela dure, transmettez à l’exploitant le numéro d’incident {number}."
            )
        )

    return unavailable


def serve(menu: Mapping[str, Sequence[Any]], footer: str = "") -> None:
    """Draw the menu and the page chosen.

    Args:
        menu: drop-down -> its pages; an empty name for pages that stand in the menu itself.
        footer: HTML under every page.
    """
    st.set_page_config(layout="wide", initial_sidebar_state="auto")
    style.apply()
    st.logo(WORDMARK, size="large")
    sections = {name: list(pages) for name, pages in menu.items()}
    # A drop-down of hidden pages would be drawn empty: they stand with the pages of the menu itself.
    hidden = sections.pop(HIDDEN, [])
    if hidden:
        sections = {"": [], **sections}
        sections[""].extend(hidden)
    _open_bare(sections)
    chosen = st.navigation(sections, position="top")
    if Settings.from_env().demo:
        st.html('<p class="obs-demo" role="note">Démonstration\u202f: les personnes sont fictives.</p>')
    chosen.run()
    if footer:
        st.html(footer)


def _open_bare(sections: dict[str, list[Any]]) -> None:
    """Give the bare address a page of its own that draws the first one.

    Streamlit makes the first page the default, and a default page no longer answers at its own address: every link to
    it would say that it does not exist.
    """
    pages = [page for section in sections.values() for page in section]
    if not pages or not all(page.url_path for page in pages):
        return  # one of them is the home already
    first = next((page for page in pages if page._visibility == "visible"), pages[0])
    opening = st.Page(first._page, title=first.title, url_path="ouverture", default=True, visibility="hidden")
    sections[""] = [opening, *sections.get("", [])]


def _screen(each: Screen) -> Callable[[], None]:
    def drawn() -> None:
        screen.draw(each)

    drawn.__name__ = each.name.replace("-", "_")
    return drawn


def _drawer(page: Page) -> Callable[[], None]:
    def drawn() -> None:
        draw(page)

    drawn.__name__ = page.name.replace("-", "_")
    return drawn
