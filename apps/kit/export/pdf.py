"""A page as a PDF: the same pieces as on screen, set by typst, charts drawn as vectors by vl-convert.

No browser, no system library. Data reach the layout as JSON: nothing of them is ever evaluated. The font is
registered first: with a family it does not know, the renderer leaves *all text out without a word*.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typst
import vl_convert as vlc

from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure
from apps.kit.charts.tables import TOTAL, Table
from apps.kit.data.method import Method
from apps.kit.data.view import View
from apps.kit.maps import maps
from apps.kit.maps.maps import Map
from apps.kit.pages import captions, pieces
from apps.kit.pages.pieces import Drawn, Note, Piece
from apps.kit.shell.assets import asset_folder
from apps.kit.style import french, theme
from apps.kit.style.french import typographic
from lake.errors import SourceUnavailable

if TYPE_CHECKING:
    from apps.kit.pages.page import Page

LAYOUT = Path(__file__).with_name("report.typ")
SUITE = "Observatoire e-santé · Grand Est"
WIDTH = 640
"""Width of a chart in its own pixels; it then takes the width of the sheet."""
LINE = 115
"""Characters of a table's text across the sheet, about."""
ROWS, TWIN_ROWS = 40, 15
"""Rows printed of a table, and of the table beside a chart; the rest is in the CSV, and the sheet says so."""


def page_pdf(page: Page, view: View, *, now: datetime | None = None) -> bytes:
    """The PDF of a page under a selection.

    Args:
        page: the declaration.
        view: what the reader selected.
        now: moment printed at the foot; the present by default.

    Raises:
        SourceUnavailable: set-up has not installed the font.
    """
    return page.sheet(view, now) if page.sheet else compose(content(page, view, now=now))


def content(page: Page, view: View, *, now: datetime | None = None) -> dict[str, Any]:
    """What the PDF says, ready for the layout."""
    moment = now or datetime.now(ZoneInfo("Europe/Paris"))
    heard = view.listening()
    figures = page.figures(heard).items if page.figures else ()
    question, reading = page.ask(heard), page.reading(heard)
    listening = [(block, view.listening()) for block in page.blocks]
    built = [(pieces.built(block.build(seen), seen, block.name), seen) for block, seen in listening]
    names = dict.fromkeys(name for piece, _ in built for name in getattr(piece, "measures", ()))
    chosen = [*view.filters_in_words(), *view.options_in_words()]
    filters = " ; ".join(f"{label} : {words}" for label, words in chosen)
    return {
        "suite": SUITE,
        "editeur": SUITE,
        "police": theme.PRINT_FONT,
        "titre": question,
        "lecture": typographic(" ".join([reading, *heard.told()])),
        "filtres": typographic(filters) or "aucun",
        "pied": typographic(
            f"{view.source()} · {view.universe.table.licence} · édité le {french.long_date(moment.date())}"
        ),
        "chiffres": [printed_figure(figure) for figure in figures],
        "vues": [_piece(piece, seen) for piece, seen in built],
        "methode": [printed_method(view, name) for name in names],
    }


def compose(what: dict[str, Any], layout: Path = LAYOUT) -> bytes:
    """Set a content in a layout: a page's by default, or a typst file of an application.

    Raises:
        SourceUnavailable: set-up has not installed the font.
    """
    fonts = _fonts()
    made = typst.compile(
        str(layout),
        root=str(LAYOUT.parents[2]),
        font_paths=[fonts],
        ignore_system_fonts=True,
        sys_inputs={"contenu": json.dumps(what, ensure_ascii=False)},
    )
    assert isinstance(made, bytes)
    return made


def chart_svg(spec: dict[str, Any], width: int = WIDTH, height: int | None = None) -> str:
    """A Vega-Lite specification as SVG, its text in the printed font.

    Args:
        spec: the specification, its data inside.
        width: width in the chart's own pixels: the fewer, the larger its text on the sheet.
        height: another height than its own.

    Raises:
        SourceUnavailable: set-up has not installed the font.
    """
    _fonts()
    printed = copy.deepcopy({name: value for name, value in spec.items() if name != "usermeta"})
    printed["config"] = theme.vega_config(theme.PRINT_FONT)
    printed["width"] = width
    if height is not None:
        printed["height"] = height
    svg: str = vlc.vegalite_to_svg(printed)
    if "url(#obs-hachures)" in svg:
        svg = re.sub(r"(<svg[^>]*>)", rf"\1<defs>{theme.HATCH_PATTERN}</defs>", svg, count=1)
    return svg


@cache
def _fonts() -> str:
    folder = asset_folder("polices")
    if folder is None:
        raise SourceUnavailable(
            "La police des PDF (Source Sans) n’est pas installée.",
            conseil="Relancez l’installation des dépendances (pip install -r requirements.lock).",
        )
    vlc.register_font_directory(str(folder))
    return str(folder)


def printed_figure(figure: Figure) -> dict[str, Any]:
    """A key figure, as layouts expect it."""
    change = figure.change
    return {
        "libelle": typographic(figure.label),
        "valeur": figure.value,
        "evolution": change.text if change else "",
        "sens": (change.direction or 0) * figure.good if change else 0,
        "repere": typographic(figure.reference),
    }


def _piece(piece: Piece, view: View) -> dict[str, Any]:
    said: dict[str, Any] = {
        "titre": typographic(piece.title),
        "lecture": typographic(piece.reading),
        "texte": "",
        "coin": "",
        "svg": "",
        "alt": typographic(piece.reading or piece.title) or "graphique",
        "legende": [],
        "unite": "",
        "plan": None,
        "tableau": {"entetes": [], "droite": [], "lignes": [], "total": [], "suite": "", "largeurs": []},
        "legende-source": "",
    }
    if isinstance(piece, Note):
        said["texte"] = typographic(piece.text.replace("**", ""))
        return said
    if isinstance(piece, Chart):
        said["svg"] = chart_svg(piece.spec)
    elif isinstance(piece, Map):
        said["svg"] = chart_svg(maps.printable(view, piece.spec, piece.outlines or piece.mesh))
        said["coin"] = typographic(piece.corner)
        said["unite"] = typographic(piece.unit)
        shown = zip(piece.classes.colours, piece.classes.labels, strict=True)
        said["legende"] = [{"couleur": colour, "mots": words} for colour, words in shown]
        said["legende"].append({"couleur": "", "mots": "pas de donnée"})
    elif isinstance(piece, Drawn) and piece.printed is not None:
        said["plan"] = piece.printed()
    table = pieces.twin(piece)
    if table is not None:
        said["tableau"] = printed_table(table, ROWS if isinstance(piece, Table) else TWIN_ROWS)
        said["legende-source"] = typographic(
            " · ".join([captions.caption(view, piece.counted), *view.told()])
        )
    return said


def printed_table(table: Table, most: int) -> dict[str, Any]:
    """The first rows of a table in words, and how many are left to its CSV."""
    shown = table.frame.head(most).select(column.name for column in table.columns)
    rows = [
        [column.write(value) for column, value in zip(table.columns, row, strict=True)]
        for row in shown.iter_rows()
    ]
    total = []
    if table.total is not None:
        total = [TOTAL, *(column.write(table.total.get(column.name)) for column in table.columns[1:])]
    left = table.frame.height - shown.height
    more = f"{french.counted(left, 'autre ligne', 'autres lignes')} dans le CSV de la page." if left else ""
    return {
        "entetes": [column.label for column in table.columns],
        "droite": [column.format is not None for column in table.columns],
        "lignes": rows,
        "total": total,
        "suite": more,
        "largeurs": shares([column.label for column in table.columns], rows),
    }


def shares(headings: Sequence[str], rows: Sequence[Sequence[str]], line: int = LINE) -> list[int]:
    """How the columns of a printed table share the sheet: 0 for a column as wide as its content.

    A table that fits leaves the rest to its longest column; in one that does not, every column wraps in
    proportion to what it holds.

    Args:
        headings: headings of the columns.
        rows: cells, as written.
        line: characters that the table has across.
    """
    cells = [max((len(row[rank]) for row in rows), default=0) for rank in range(len(headings))]
    needs = [max(cell, len(heading)) for cell, heading in zip(cells, headings, strict=True)]
    if sum(needs) + 3 * len(needs) <= line:
        return [int(rank == cells.index(max(cells, default=0))) for rank in range(len(needs))]
    words = [max((len(word) for word in heading.split()), default=1) for heading in headings]
    return [min(45, max(cell, word, 4)) + 3 for cell, word in zip(cells, words, strict=True)]


def printed_method(view: View, name: str | Method) -> dict[str, str]:
    """How a figure is counted, as layouts expect it."""
    measure = captions.explained(view, name)
    return {
        "nom": measure.label,
        "definition": typographic(measure.definition),
        "limite": typographic(measure.ne_mesure_pas),
    }
