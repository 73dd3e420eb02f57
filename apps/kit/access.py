"""Who may see what: asked at the top of every page and of every fragment.

Today every page is public. Accounts will give readers a scope; pages already ask, so nothing else changes then.
A fragment's rerun skips the rest of the page: it asks again.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Access:
    """What a reader may see.

    Attributes:
        scope: part of every cache key, so that nothing computed for one scope is shown to another.
        restrict: predicate on the rows that this reader may see; None for all of them.
    """

    scope: str
    restrict: pl.Expr | None = None


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
