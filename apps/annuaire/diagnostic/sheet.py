"""The two-page sheet of a diagnosis: what an elected official takes to a meeting."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from apps.annuaire.diagnostic import views as page
from apps.annuaire.diagnostic.densities import densities
from apps.annuaire.diagnostic.map import drawn
from apps.annuaire.diagnostic.territory import sentences
from apps.annuaire.diagnostic.words import METHODS
from apps.kit.charts.tables import Table
from apps.kit.data.view import View
from apps.kit.export import pdf
from apps.kit.maps import maps
from apps.kit.pages.pieces import Note
from apps.kit.style import french, theme
from apps.kit.style.french import typographic
from lake.errors import LakeError
from scoring.annuaire.diagnostic import Diagnostic

LAYOUT = Path(__file__).with_name("sheet.typ")
PROFESSIONS, WITHOUT, SEVERAL, DRAWN = 20, 14, 13, 7
"""Rows printed of each table, and professions drawn; the page's CSV files have them all, and the sheet says so."""


def two_pages(view: View, now: datetime | None = None) -> bytes:
    """The PDF of the diagnosis on screen: always two pages, whatever the territory.

    Raises:
        LakeError: there is no territory to diagnose.
        SourceUnavailable: set-up has not installed the font.
    """
    shown = page.diagnosis(view)
    if shown is None:
        raise LakeError("Aucune commune n'est choisie.", conseil="Choisissez un territoire.")
    return pdf.compose(content(view, shown, now or datetime.now(ZoneInfo("Europe/Paris"))), LAYOUT)


def content(view: View, shown: Diagnostic, now: datetime) -> dict[str, Any]:
    """What the sheet says, ready for its layout."""
    filters = " ; ".join(f"{label} : {words}" for label, words in view.filters_in_words()[:8])
    tables = [page.professions(view), page.without(view), page.several(view)]
    spec, classes = drawn(view, shown, 300)
    present = shown.professions.filter(pl.col("professionnels") > 0)
    return {
        "suite": pdf.SUITE,
        "police": theme.PRINT_FONT,
        "titre": typographic(shown.choix.nom),
        "question": page.DIAGNOSTIC.ask(view),
        "lecture": typographic(page.reading(view)),
        "filtres": typographic(filters) or "aucun",
        "remarques": [typographic(one) for one in sentences(view)],
        "pied": typographic(
            f"{view.source()} · {view.universe.table.licence} · édité le {french.long_date(now.date())}"
        ),
        "chiffres": [pdf.printed_figure(one) for one in page.figures(view).items],
        "densites": pdf.chart_svg(densities(present, DRAWN)) if present.height else "",
        "carte": pdf.chart_svg(maps.printable(view, spec, "commune")),
        "legende": [
            {"couleur": colour, "mots": words}
            for colour, words in zip(classes.colours, classes.labels, strict=True)
        ],
        "tableaux": [
            _table(piece, most) for piece, most in zip(tables, (PROFESSIONS, WITHOUT, SEVERAL), strict=True)
        ],
        "methode": [pdf.printed_method(view, one) for one in METHODS],
    }


def _table(piece: Table | Note, most: int) -> dict[str, Any]:
    said = {"titre": typographic(piece.title), "lecture": typographic(piece.reading)}
    if isinstance(piece, Note):
        return {**said, "entetes": [], "droite": [], "lignes": [], "suite": ""}
    return {**said, **pdf.printed_table(piece, most)}
