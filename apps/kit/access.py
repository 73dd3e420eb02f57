"""Who may see what: asked at the top of every page and of every fragment.

Today every page is public. Accounts will give readers a scope; pages already ask, so nothing else changes then.
A fragment's rerun skips the rest of the page: it asks again.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from starlette.requests import Request


@dataclass(frozen=True)
class Access:
    """What a reader may see.

    Attributes:
        scope: part of every cache key, so that nothing computed for one scope is shown to another.
        restrict: predicate on the rows that this reader may see; None for all of them.
        auteur: the reader's account, as the audit journal names it; None for an anonymous reader.
    """

    scope: str
    restrict: pl.Expr | None = None
    auteur: str | None = None


PUBLIC = Access(scope="public")


def require(page: str) -> Access:
    """The reader's access to a page.

    Args:
        page: name of the page.

    Raises:
        AccessDenied: the reader has no right to this page.
    """
    del page  # every page is public until accounts exist
    return PUBLIC


def require_request(request: Request, page: str) -> Access:
    """The access of whoever asks a route of ours for what a page shows (tiles, exports).

    A route is reached without the page: it asks by itself, from the request's own cookies.

    Args:
        request: the request.
        page: name of the page that the route serves.

    Raises:
        AccessDenied: the reader has no right to this page.
    """
    del request  # every page is public until accounts exist
    return require(page)
