"""The declaration of « Diagnostic »: its filters, its views, its sheet."""

from __future__ import annotations

from datetime import datetime

from apps.annuaire.base import PEOPLE
from apps.annuaire.diagnostic import territory as place
from apps.annuaire.diagnostic import views
from apps.annuaire.diagnostic.filter import Place
from apps.annuaire.diagnostic.likes import history, likes
from apps.kit.data.view import View
from apps.kit.filters.filters import Snapshot
from apps.kit.filters.search import Kept
from apps.kit.pages.page import Block, Page
from scoring.universes.annuaire import ANNUAIRE


def sheet(view: View, now: datetime | None = None) -> bytes:
    """The two-page PDF."""
    from apps.annuaire.diagnostic.sheet import two_pages  # the composer loads with the first PDF only

    return two_pages(view, now)


DIAGNOSTIC = Page(
    name="diagnostic",
    title="Diagnostic",
    question=views.question,
    reading=views.reading,
    universe=ANNUAIRE,
    filters=(
        Place(),
        *PEOPLE,
        Snapshot(),
        place.SINCE,
    ),
    figures=views.figures,
    rows=(
        Block("messages", views.messages),
        (
            Block("densites", views.density_chart, 1.15),
            Block("carte", views.ground, 1.0, (Kept("zoom", "Département affiché"),)),
        ),
        Block("professions", views.professions),
        (Block("semblables", likes, 1.4), Block("histoire", history)),
        (Block("sans", views.without), Block("lieux", views.several, 1.15)),
    ),
    texts=place.OPTIONS,
    said=views.said,
    unfold=place.unfold,
    sheet=sheet,
)
