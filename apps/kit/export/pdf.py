"""A page as a PDF: the same pieces as on screen, set by typst, charts drawn as vectors by vl-convert.

No browser, no system library. Data reach the layout as JSON: nothing of them is ever evaluated. The font is
registered first: with a family it does not know, the renderer leaves *all text out without a word*.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import typst

from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import TOTAL, Table, exported, folded_cells
from apps.kit.data.kept import Kept
from apps.kit.data.method import Method
from apps.kit.data.view import View
from apps.kit.export.renderer import RENDERER, renumbered
from apps.kit.maps import maps
from apps.kit.maps.maps import Map
from apps.kit.pages import captions, pieces, prose
from apps.kit.pages.nothing import nothing
from apps.kit.pages.page import Page
from apps.kit.pages.pieces import Drawn, Note
from apps.kit.pages.sheet import Built, Shown, figures_of, sentence, sheet, walk
from apps.kit.shell.assets import asset_folder
from apps.kit.style import french, theme
from apps.kit.style.french import typographic
from lake.errors import SourceUnavailable
from lake.settings import Settings

LAYOUT = Path(__file__).with_name("report.typ")
SUITE = "Observatoire e-santé · Grand Est"
DEMONSTRATION = "Démonstration : les personnes sont fictives."
"""Written on each page of a PDF made from demonstration data."""
WIDTH = 640
"""Width of a chart in its own pixels; it then takes the width of the sheet."""
LINE = 115
"""Characters of a table's text across the sheet, about."""
ROWS, TWIN_ROWS = 40, 15
"""Rows printed of a table, and of the table beside a chart; the rest is in the CSV, and the sheet says so."""

_svgs: Kept[tuple[Any]] = Kept(1_000, 48 * 2**20, lambda held: len(held[0]))
"""The drawings made last, by what they are made from."""
_under_way: dict[bytes, Future[str]] = {}
"""Those being drawn: whoever asks for the same waits for the same."""
_asking = Lock()


def page_pdf(
    page: Page,
    view: View,
    shown: Sequence[Shown] | None = None,
    *,
    now: datetime | None = None,
    mark: str = "",
) -> bytes:
    """The PDF of a page under a selection.

    Args:
        page: the declaration.
        view: what the reader selected.
        shown: the page as the reader sees it, its parts included; made from the view by default.
        now: moment printed at the foot; the present by default.
        mark: what each page bears at its top (« Brouillon »); by default, that figures of a campaign being entered
            are provisional.

    Raises:
        SourceUnavailable: set-up has not installed the font.
    """
    if page.sheet:
        return page.sheet(view, now)
    return compose(
        {**content(page, view, shown, now=now), "marque": typographic(mark or view.provisional)}, now=now
    )


def content(
    page: Page, view: View, shown: Sequence[Shown] | None = None, *, now: datetime | None = None
) -> dict[str, Any]:
    """What the PDF says, ready for the layout."""
    moment = now or datetime.now(ZoneInfo("Europe/Paris"))
    own, *parts = shown or sheet(page, view)
    heard = view.listening()
    figures = figures_of(replace(own, view=heard))
    question, reading = page.ask(heard), sentence(page, heard)
    built = list(walk(own))
    views = [printed_view(one) for one in built]
    for part in parts:
        views.append(_part(part))
        built += (inside := list(walk(part)))
        views += [printed_view(one) for one in inside]
        if part.part.conclusion and part.view is not None:
            views.append({**_blank(), "texte": prose.printed(part.part.conclusion)})
    names = dict.fromkeys(
        (name, one.view.universe.name) for one in built for name in getattr(one.piece, "measures", ())
    )
    read = {one.view.universe.name: one.view for one in built}
    filters = _filters(view)
    sources = view.source()
    if page.parts and not page.rows:  # an analysis: each part has its own filters, its own source and date
        filters = "ceux de chaque partie"
        sources = " ; ".join(dict.fromkeys(one.view.source() for one in parts if one.view)) or sources
    return {
        "suite": SUITE,
        "editeur": SUITE,
        "police": theme.PRINT_FONT,
        "titre": question,
        "lecture": typographic(" ".join([reading, *heard.told()])),
        "filtres": typographic(filters) or "aucun",
        "pied": typographic(
            f"{sources} · {view.universe.table.licence} · édité le {french.long_date(moment.date())}"
        ),
        "chiffres": [printed_figure(figure) for figure in (figures.cards if figures else ())],
        "autres-chiffres": list(figures.others) if figures else [],
        "vues": views,
        "methode": [printed_method(read[universe], name) for name, universe in names],
    }


def _filters(view: View) -> str:
    chosen = [*view.filters_in_words(), *view.options_in_words()]
    return " ; ".join(f"{label} : {words}" for label, words in chosen)


def _part(shown: Shown) -> dict[str, Any]:
    """The heading of a part: its title, its text, its filters and its key figures."""
    said = {**_blank(), "titre": typographic(shown.part.title)}
    if shown.view is None:
        if shown.part.is_text:
            return {**said, "texte": prose.printed(f"{shown.part.introduction}\n\n{shown.part.conclusion}")}
        return {**said, "lecture": typographic(str(shown.refused))}
    figures = figures_of(shown)
    filters = _filters(shown.view)
    return {
        **said,
        "texte": prose.printed(shown.part.introduction),
        "lecture": typographic(f"Filtres : {filters}" if filters else ""),
        "chiffres": [printed_figure(figure) for figure in (figures.cards if figures else ())],
    }


def compose(what: dict[str, Any], layout: Path = LAYOUT, *, now: datetime | None = None) -> bytes:
    """Set a content in a layout: a page's by default, or a typst file of an application.

    The same content at the same moment gives the same bytes.

    Args:
        what: the content; a drawing still to come is waited for.
        layout: how it is set; each page shows ``bandeau`` where it is not empty
            (the mark of the content, ``marque``, and whether it is a demonstration).
        now: moment written in the file; the present by default.

    Raises:
        SourceUnavailable: set-up has not installed the font.
    """
    fonts = _fonts()
    told = (what.get("marque", ""), typographic(DEMONSTRATION) if Settings.from_env().demo else "")
    banner = " · ".join(one for one in told if one)
    made = typst.compile(
        str(layout),
        root=str(LAYOUT.parents[2]),
        font_paths=[fonts],
        ignore_system_fonts=True,
        sys_inputs={"contenu": json.dumps({"bandeau": banner, **what}, ensure_ascii=False, default=_waited)},
        timestamp=int((now or datetime.now(ZoneInfo("Europe/Paris"))).timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def _waited(value: Any) -> str:
    if not isinstance(value, Future):
        raise TypeError(f"{type(value).__name__} is no content")
    svg: str = value.result()
    return svg


def chart_svg(spec: dict[str, Any], width: int = WIDTH, height: int | None = None) -> str:
    """A Vega-Lite specification as SVG, its text in the printed font: :func:`drawing`, waited for."""
    return drawing(spec, width, height).result()


def drawing(spec: dict[str, Any], width: int = WIDTH, height: int | None = None) -> Future[str]:
    """A Vega-Lite specification as SVG to come, its text in the printed font; :func:`compose` waits for it.

    Args:
        spec: the specification, its data inside.
        width: width in the chart's own pixels: the fewer, the larger its text on the sheet.
        height: another height than its own.

    Raises:
        SourceUnavailable: set-up has not installed the font.
    """
    fonts = _fonts()
    printed = {name: value for name, value in spec.items() if name != "usermeta"}
    printed["config"] = theme.vega_config(theme.PRINT_FONT)
    printed["width"] = width
    if height is not None:
        printed["height"] = height
    # The same specification is the same drawing, whoever asks it: nothing else is in it.
    key = hashlib.sha256(json.dumps(printed, ensure_ascii=False).encode()).digest()
    with _asking:
        if (held := _svgs.get(key)) is not None:
            known: Future[str] = Future()
            known.set_result(held[0])
            return known
        if key in _under_way:
            return _under_way[key]
        made = _under_way[key] = Future()
    RENDERER.draw(printed, fonts).add_done_callback(partial(_drawn, key, made))
    return made


def _drawn(key: bytes, made: Future[str], answer: Future[str]) -> None:
    error = answer.exception()
    if error is None:
        svg = renumbered(_hatched(answer.result()))
        _svgs.put(key, (svg,))
        made.set_result(svg)
    else:
        made.set_exception(error)
    with _asking:
        del _under_way[key]


def _hatched(svg: str) -> str:
    if "url(#obs-hachures)" not in svg:
        return svg
    return re.sub(r"(<svg[^>]*>)", rf"\1<defs>{theme.HATCH_PATTERN}</defs>", svg, count=1)


@cache
def _fonts() -> str:
    folder = asset_folder("polices")
    if folder is None:
        raise SourceUnavailable(
            "La police des PDF (Source Sans) n’est pas installée.",
            conseil="Relancez l’installation des dépendances (pip install -r requirements.lock).",
        )
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
        "parts": [{"nom": typographic(part.label), "valeur": part.value} for part in figure.parts],
        "cloture": typographic(figure.closing),
    }


def _blank() -> dict[str, Any]:
    return {
        "titre": "",
        "lecture": "",
        "texte": [],
        "coin": "",
        "svg": "",
        "alt": "graphique",
        "legende": [],
        "unite": "",
        "plan": None,
        "chiffres": [],
        "tableau": {"entetes": [], "droite": [], "lignes": [], "total": [], "suite": "", "largeurs": []},
        "legende-source": "",
    }


def printed_view(one: Built) -> dict[str, Any]:
    """A view, as the layout expects it; a view that nothing answers says so and draws nothing."""
    piece, view = one.piece, one.view
    said = {
        **_blank(),
        "titre": typographic(pieces.title_under(piece, one.shown.part.title)),
        "lecture": typographic(piece.reading),
        "alt": typographic(piece.reading or piece.title) or "graphique",
    }
    if isinstance(piece, Note):
        return {**said, "texte": prose.printed(piece.text)}
    table = pieces.twin(piece)
    if table is not None and not table.frame.height:
        return {**said, "lecture": typographic(nothing(view))}
    if isinstance(piece, Chart):
        said["svg"] = drawing(piece.spec)
    elif isinstance(piece, Map):
        said["svg"] = drawing(maps.printable(view, piece.spec, piece.outlines or piece.mesh))
        said["coin"] = typographic(piece.corner)
        said["unite"] = typographic(piece.unit)
        shown = zip(piece.classes.colours, piece.classes.labels, strict=True)
        said["legende"] = [{"couleur": colour, "mots": words} for colour, words in shown]
        said["legende"].append({"couleur": "", "mots": "pas de donnée"})
    elif isinstance(piece, Figures):
        said["chiffres"] = [printed_figure(figure) for figure in piece.cards]
    elif isinstance(piece, Drawn) and piece.printed is not None:
        said["plan"] = piece.printed()
    if table is not None:
        if not isinstance(piece, Figures):
            most = ROWS if isinstance(piece, Table) else TWIN_ROWS
            said["tableau"] = printed_table(table, most, newest=over_time(table, view))
        said["legende-source"] = typographic(
            " · ".join([captions.caption(view, pieces.counted(piece)), *view.told()])
        )
    return said


def over_time(table: Table, view: View) -> bool:
    """Whether a table reads month after month: cut short, it keeps the newest."""
    first = table.columns[0]
    return first.month or first.name == view.universe.time.name


def printed_table(table: Table, most: int, *, newest: bool = False) -> dict[str, Any]:
    """Rows of a table in words, and how many are left to its CSV.

    Args:
        table: the piece.
        most: rows printed at most.
        newest: whether the last rows are kept instead of the first: those of a table in the order of time.
    """
    ordered = table.frame
    columns = exported(table)
    if newest and ordered.height > most and _backwards(table):
        newest = False
    cut = ordered.tail(most) if newest else ordered.head(most)
    shown, marks = cut.select(column.name for column in columns), folded_cells(replace(table, frame=cut))
    rows = [
        [
            (marks[column.name][rank] if column.name in marks else None) or column.write(value)
            for column, value in zip(columns, row, strict=True)
        ]
        for rank, row in enumerate(shown.iter_rows())
    ]
    total = []
    if table.total is not None:
        total = [TOTAL, *(column.write(table.total.get(column.name)) for column in columns[1:])]
    left = table.frame.height - shown.height
    which = ("ligne plus ancienne", "lignes plus anciennes") if newest else ("autre ligne", "autres lignes")
    more = f"{french.counted(left, *which)} dans le CSV de la page." if left else ""
    return {
        "entetes": [column.label for column in columns],
        "droite": [column.format is not None for column in columns],
        "lignes": rows,
        "total": total,
        "suite": more,
        "largeurs": shares([column.label for column in columns], rows),
    }


def _backwards(table: Table) -> bool:
    """Whether the rows already run from the newest to the oldest."""
    days = table.frame[table.columns[0].name].drop_nulls()
    return days.len() > 1 and bool(days[0] > days[-1])


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
