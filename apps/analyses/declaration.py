"""The pages of analyses: key indicators, models, one's own, creating, reading, changing, the bar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apps.analyses.abonner import LEAVING
from apps.analyses.barre import BAR, KEY_INDICATORS, entries
from apps.analyses.creer import CREER
from apps.analyses.lire import LIRE
from apps.analyses.listes import MINE, MODELS
from apps.analyses.modifier import EDITING
from apps.kit.access import access
from apps.kit.pages.page import Page
from apps.kit.shell.portal import HIDDEN, declare_screens

SCREENS = (KEY_INDICATORS, MODELS, MINE, CREER, BAR, LIRE, EDITING, LEAVING)
PAGES: tuple[Page, ...] = ()
"""No page about one universe: what readers compose is in the store."""


def pages(prefix: str = "") -> dict[str, list[Any]]:
    """The application's pages, for the portal or alone; none on an open network, where nobody is signed in."""
    if access.is_open():
        return {}
    screens = (SCREENS[0], *entries(), *SCREENS[1:])  # pinned pages come after the key indicators
    named = [replace(one, name=f"{prefix}-{one.name}" if prefix else one.name) for one in screens]
    # In the menu of who may open them; at their address, which says that it is refused, for the others.
    return {HIDDEN if access.reader() is None else "": declare_screens(named)}
