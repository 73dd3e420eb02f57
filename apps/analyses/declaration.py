"""The pages of analyses: key indicators, models, one's own, reading, changing, sharing, the bar."""

from __future__ import annotations

from typing import Any

from apps.analyses.abonner import LEAVING
from apps.analyses.barre import BAR, KEY_INDICATORS
from apps.analyses.lire import READING
from apps.analyses.listes import MINE, MODELS
from apps.analyses.modifier import EDITING
from apps.kit.access import access
from apps.kit.pages.page import Page
from apps.kit.shell.portal import HIDDEN, declare_screens

SCREENS = (KEY_INDICATORS, MODELS, MINE, BAR, READING, EDITING, LEAVING)
PAGES: tuple[Page, ...] = ()
"""None is declared: what these screens draw, their readers declared."""


def pages(prefix: str = "") -> dict[str, list[Any]]:
    """The application's pages, for the portal or alone; their addresses bear its name either way."""
    del prefix
    entries = declare_screens(SCREENS)
    # A visitor finds each at its address, refused; a drop-down of hidden pages would be drawn empty.
    return {HIDDEN if access.reader() is None else "": entries}
