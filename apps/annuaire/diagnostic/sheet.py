"""The two-page sheet of a diagnosis: what an elected official takes to a meeting."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from apps.annuaire.diagnostic import territory as place
from apps.annuaire.diagnostic import views as page
from apps.annuaire.diagnostic.densities import densities
from apps.annuaire.diagnostic.likes import history, printed, reach
from apps.annuaire.diagnostic.map import communes_of, drawn
from apps.annuaire.diagnostic.words import METHODS
from apps.kit.charts.charts import Chart
from apps.kit.charts.tables import Table
from apps.kit.data.view import View
from apps.kit.export import pdf
from apps.kit.maps import maps
from apps.kit.pages.pieces import Note
from apps.kit.style import french, theme
from apps.kit.style.french import typographic
from lake.errors import LakeError

LAYOUT = Path(__file__).with_name("sheet.typ")
PROFESSIONS, WITHOUT, SEVERAL, LIKES, DRAWN = 20, 12, 10, 15, 7
"""Rows printed of each table, and professions drawn; the page's CSV files have them all, and the sheet says so."""


def two_pages(view: View, now: datetime | None = None) -> bytes:
    """The PDF of the diagnosis on screen: always two pages, whatever the territory.

    Raises:
        LakeError: there is no territory to diagnose.
        SourceUnavailable: set-up has not installed the font.
    """
    if place.empty(view):
        raise LakeError("Aucune commune n'est choisie.", conseil="Choisissez un territoire.")
    page.told(view)  # a territory that does not exist is refused here, in words
    return pdf.compose(content(view, now or datetime.now(ZoneInfo("Europe/Paris"))), LAYOUT)


def content(view: View, now: datetime) -> dict[str, Any]:
    """What the sheet says, ready for its layout."""
    filters = " ; ".join(f"{label} : {words}" for label, words in view.filters_in_words()[:8])
    tables = [page.professions(view), page.without(view), page.several(view), printed(view, LIKES)]
    before = history(view)
    spec, classes = drawn(view, communes_of(view), 300)
    present = page.by_profession(view).filter(pl.col("professionnels") > 0)
    return {
        "suite": pdf.SUITE,
        "police": theme.PRINT_FONT,
        "titre": typographic(page.told(view)["nom"]),
        "question": typographic(page.question(view)),
        "lecture": typographic(page.reading(view)),
        "filtres": typographic(filters) or "aucun",
        "remarques": [typographic(one) for one in place.sentences(view)],
        "pied": typographic(
            f"{view.source()} · {view.universe.table.licence} · édité le {french.long_date(now.date())}"
        ),
        "chiffres": [pdf.printed_figure(one) for one in (*page.figures(view).items, reach(view))],
        "densites": pdf.chart_svg(densities(present, DRAWN)) if present.height else "",
        "carte": pdf.chart_svg(maps.printable(view, spec, "commune")),
        "legende": [
            {"couleur": colour, "mots": words}
            for colour, words in zip(classes.colours, classes.labels, strict=True)
        ],
        "histoire": {
            "titre": typographic(before.title),
            "lecture": typographic(before.reading if isinstance(before, Chart) else before.text),
            "courbe": pdf.chart_svg(before.spec, height=150) if isinstance(before, Chart) else "",
        },
        "tableaux": [
            _table(piece, most)
            for piece, most in zip(tables, (PROFESSIONS, WITHOUT, SEVERAL, LIKES), strict=True)
        ],
        "methode": [pdf.printed_method(view, one) for one in METHODS],
    }


def _table(piece: Table | Note, most: int) -> dict[str, Any]:
    said = {"titre": typographic(piece.title), "lecture": typographic(piece.reading)}
    if isinstance(piece, Note):
        said["lecture"] = said["lecture"] or typographic(piece.text)
        return {**said, "entetes": [], "droite": [], "lignes": [], "suite": ""}
    return {**said, **pdf.printed_table(piece, most)}
