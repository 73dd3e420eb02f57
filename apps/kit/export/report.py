"""Several pages as one PDF: contents, pages, methods once; and a page outside a browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from apps.kit.charts.tables import Table
from apps.kit.data.data import Data
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.export.pdf import compose, content
from apps.kit.pages.page import Page
from apps.kit.pages.sheet import sheet, tables_of, view_of

__all__ = ["report_pdf", "tables_of_page", "tables_with_views", "view_of"]

Say = Callable[[str, float], None]


def report_pdf(
    title: str,
    reading: str,
    pages: Sequence[Page],
    data: Data,
    state: State,
    *,
    say: Say = lambda _sentence, _share: None,
    now: datetime | None = None,
) -> bytes:
    """The PDF of several pages under one state.

    Args:
        title: title of the report.
        reading: sentence under it.
        pages: the pages, in order (two at least).
        data: cached reads.
        state: what the reader selected; each page keeps what it knows.
        say: progress (what is being done, share done from 0 to 1).
        now: moment printed at the foot; the present by default.

    Raises:
        SourceUnavailable: set-up has not installed the font.
    """
    parts: list[dict[str, Any]] = []
    for rank, page in enumerate(pages):
        say(page.title, rank / (len(pages) + 1))
        parts.append(content(page, view_of(page, data, state), now=now))
    say("Mise en page", len(pages) / (len(pages) + 1))
    methods = {one["nom"]: one for part in parts for one in part["methode"]}
    whole = {
        **parts[0],
        "titre": title,
        "lecture": reading,
        "parties": parts,
        "methode": list(methods.values()),
    }
    made = compose(whole, now=now)
    say("Terminé", 1.0)
    return made


def tables_of_page(page: Page, view: View) -> list[tuple[str, Table]]:
    """The tables of a page's views: name of the view, its figures. Views without figures are left out."""
    return [(name, table) for name, table, _ in tables_with_views(page, view)]


def tables_with_views(page: Page, view: View) -> list[tuple[str, Table, View]]:
    """:func:`tables_of_page`, each with the view that made it: it tells what the reader's rights narrowed there."""
    return tables_of(sheet(page, view))
