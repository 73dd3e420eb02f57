"""The pages of the Ségur report."""

from __future__ import annotations

from typing import Any

from apps.kit.portal import declare
from apps.segur.notice import NOTICE
from apps.segur.services import SERVICES
from apps.segur.structures import STRUCTURES_PAGE
from apps.segur.synthese import SYNTHESE, TERRITORIES

PAGES = (SYNTHESE, TERRITORIES, *SERVICES, STRUCTURES_PAGE, NOTICE)


def pages(prefix: str = "") -> dict[str, list[Any]]:
    """The application's pages, for the portal or alone."""
    return declare(PAGES, prefix)
