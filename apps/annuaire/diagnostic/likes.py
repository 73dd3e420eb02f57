"""A territory beside others, and beside itself before: neighbours, peers, every extraction."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from apps.annuaire.diagnostic import territory as place
from apps.annuaire.diagnostic.views import ready, told
from apps.annuaire.diagnostic.words import METHODS, PEERS
from apps.kit.charts.charts import Chart, lines
from apps.kit.charts.figures import Figure
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from scoring.universes.accessibilite import ACCESSIBILITE, VALUE
from scoring.universes.diagnostic import COMPARAISON, LINKS
from scoring.universes.model import Format


def compared(view: View) -> pl.DataFrame:
    """The territory, its neighbours and its peers; empty for a whole region."""
    by = ["lien", "code_territoire", "territoire"]
    measures = ["population", "densite_km2", "professionnels", "densite_pour_10000", VALUE]
    rows = place.asking(view, COMPARAISON).query(measures, by)
    order = {name: rank for rank, name in enumerate(LINKS)}
    return rows.sort(
        pl.col("lien").replace_strict(order, return_dtype=pl.Int64), "densite_pour_10000", "territoire",
        descending=[False, True, False], nulls_last=True,
    )  # fmt: skip


def likes(view: View) -> Table | Note:
    """The territory beside its neighbours and its peers, and how the peers are chosen."""
    if not ready(view):
        return Note("")
    rows = compared(view)
    title = "Et les voisins, et les territoires semblables ?"
    if not rows.height:
        return Note("Une région entière n'a ni voisin ni semblable dans l'extraction.", title=title)
    here = rows.row(0, named=True)
    told_by = place.asking(view, COMPARAISON).notes()
    noun = PEERS[told_by["maille"]]
    lower = {
        link: rows.filter(
            (pl.col("lien") == link) & (pl.col("densite_pour_10000") < here["densite_pour_10000"])
        )
        for link in LINKS
    }
    counts = {link: rows.filter(pl.col("lien") == link).height for link in LINKS}
    return Table(
        rows.with_columns(pl.col("lien").replace_strict(LINKS)),
        (
            Column("territoire", noun[0].capitalize() if noun[0] != "EPCI" else "EPCI"),
            Column("lien", "Lien"),
            Column("population", "Habitants", Format.INTEGER),
            Column("densite_km2", "Hab. au km²", Format.DECIMAL, decimals=0),
            Column("professionnels", "Nombre", Format.INTEGER),
            Column("densite_pour_10000", "Pour 10 000 hab.", Format.DECIMAL),
            Column(
                VALUE, "Accessibilité", Format.DECIMAL, help="Professionnels à portée pour 10 000 habitants."
            ),
        ),
        key="code_territoire",
        title=title,
        reading=f"Mieux doté {_better(lower['voisin'].height, counts['voisin'], 'voisin')} et "
        f"{_better(lower['semblable'].height, counts['semblable'], 'semblable')}. Semblables : "
        f"{told_by['regle'] or 'densité inconnue'}.",
        counted=french.counted(rows.height, noun[0], noun[1]),
        measures=(*METHODS[:1], METHODS[4]),
    )


def _better(under: int, all_of_them: int, noun: str) -> str:
    """``que 5 de ses 8 voisins``, ``qu'aucun de ses 8 voisins``; ``que son seul voisin``."""
    if not all_of_them:
        return f"sans {noun} connu"
    if all_of_them == 1:
        return f"que son seul {noun}" if under else f"qu’aucun {noun} (un seul connu)"
    return (
        f"{f'que {french.number(under)}' if under else 'qu’aucun'} de ses {french.counted(all_of_them, noun)}"
    )


def printed(view: View, most: int) -> Table | Note:
    """:func:`likes` for a sheet: the territory, then as many neighbours as peers."""
    piece = likes(view)
    if isinstance(piece, Note):
        return piece
    parts = [piece.frame.filter(pl.col("lien") == word) for word in LINKS.values()]
    half = (most - 1) // 2
    room = [1, max(half, most - 1 - parts[2].height), max(half, most - 1 - parts[1].height)]
    return replace(piece, frame=pl.concat([part.head(n) for part, n in zip(parts, room, strict=True)]))


def history(view: View) -> Chart | Note:
    """How many at each extraction."""
    if not ready(view):
        return Note("")
    rows = every_date(view)
    if rows.height < 2:
        return Note("Une seule extraction est publiée : il n'y a pas encore d'histoire.", title="Et avant ?")
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    return Chart(
        lines(rows, "date_extraction", "professionnels", Scale(Format.INTEGER, "professionnels")),
        Table(
            rows.reverse(),
            (
                Column("date_extraction", "Extraction"),
                Column("professionnels", "Professionnels", Format.INTEGER),
                Column("densite_pour_10000", "Pour 10 000 hab.", Format.DECIMAL),
            ),
            key="date_extraction",
        ),
        title="Et avant ?",
        reading=f"De {french.number(first['professionnels'])} le {french.long_date(first['date_extraction'])} à "
        f"{french.number(last['professionnels'])} le {french.long_date(last['date_extraction'])}.",
        counted=french.counted(rows.height, "extraction"),
        measures=METHODS[:1],
    )


def every_date(view: View) -> pl.DataFrame:
    """The territory's persons and density at each extraction, oldest first."""
    words = told(view)
    mesh, codes = ("commune", words["communes"].split(","))
    if words["maille"] in (
        "departement",
        "region",
    ):  # these also count the activities whose commune is unknown
        mesh, codes = words["maille"], [words["code"]]
    selection = view.selection.only(place.PROFESSIONAL).with_filter(mesh, codes)
    whole = replace(view, state=State(selection, view.state.options))
    rows = whole.query(["professionnels", "densite_pour_10000"], ["date_extraction"])
    return rows.filter(pl.col("date_extraction") <= view.date)


def reach(view: View) -> Figure:
    """The potential accessibility of the territory, beside the region's."""
    codes = told(view)["communes"].split(",")
    who = view.selection.only(place.PROFESSIONAL)
    region = replace(view, state=State(who.at(view.date), view.state.options)).asking(ACCESSIBILITE)
    here = replace(region, state=State(region.selection.with_filter("commune", codes), view.state.options))
    return Figure(
        "Accessibilité potentielle",
        french.number(here.value(VALUE), 1),
        reference=f"à portée pour 10 000 hab. · région : {french.number(region.value(VALUE), 1)}",
        help=METHODS[4].definition,
    )
