"""The pages of the Ségur report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apps.kit.pages.page import Page
from apps.kit.shell.portal import declare
from apps.segur.analyses import RANKING, WHY
from apps.segur.notice import NOTICE
from apps.segur.objectifs import TARGETS
from apps.segur.referencement import REFERENCING
from apps.segur.services import SERVICES
from apps.segur.structures import STRUCTURES_PAGE
from apps.segur.synthese import SYNTHESE, TERRITORIES
from apps.segur.telecharger import download_page

REPORT = (SYNTHESE, TERRITORIES, *SERVICES, STRUCTURES_PAGE, TARGETS, WHY, RANKING, NOTICE)


def _at_home(page: Page) -> Page:
    """A page on which a regional reader lands on their own regions."""
    return replace(page, at_home=True)


PAGES = tuple(map(_at_home, (*REPORT, REFERENCING, download_page(REPORT))))


def pages(prefix: str = "") -> dict[str, list[Any]]:
    """The application's pages, for the portal or alone."""
    return declare(PAGES, prefix)
