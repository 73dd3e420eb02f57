"""The pages of the Ségur report."""

from __future__ import annotations

from typing import Any

from apps.kit.portal import declare
from apps.segur.services import SERVICES

PAGES = SERVICES


def pages(prefix: str = "") -> dict[str, list[Any]]:
    """The application's pages, for the portal or alone."""
    return declare(PAGES, prefix)
