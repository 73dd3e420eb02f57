"""« Référencement »: the software referenced by the programme, one sheet a software with its history.

The layout is ours: the agency's own list has no open format. The page stands in Ségur, whose rights open it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from apps.kit.charts.figures import Figures
from apps.kit.charts.tables import Column, Table, found
from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, Snapshot
from apps.kit.filters.search import Clicked, Search
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.views.figures import KeyFigures
from apps.kit.views.gallery import Ranked
from lake.catalog.referencement import CORRESPONDANCES, SERVICES_SOCLES
from lake.errors import MissingTable
from lake.text import folded
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format, Universe
from scoring.universes.referencement import REFERENCEMENT
from scoring.universes.segur import SEGUR

COUNTS = ("referencements", "logiciels", "editeurs")
ELSEWHERE: dict[str, Universe] = {"segur": SEGUR, "convergence": CONVERGENCE}
_INTEGRATES = tuple(f"integre_{name}" for name in SERVICES_SOCLES)


def question(view: View) -> str:
    """« Logiciel X est-il référencé ? », or how many are."""
    chosen = view.selection.values("produit")
    if chosen:
        named = french.listing(view.word("produit", one) for one in chosen)
        return f"{named} : où et depuis quand ?"
    return "Quels logiciels sont référencés Ségur ?"


def reading(view: View) -> str:
    """The three counts, each with its own word: they are never one another."""
    row: dict[str, Any] = view.values(COUNTS)
    said = [
        french.counted(row[name] or 0, one, many)
        for name, one, many in (
            ("referencements", "référencement", "référencements"),
            ("logiciels", "logiciel", "logiciels"),
            ("editeurs", "société", "sociétés"),
        )
    ]
    return (
        f"Au {french.long_date(view.date) if view.date else ''} : {said[0]} en vigueur, de {said[1]}, de {said[2]}. "
        "Un logiciel de deux couloirs a deux référencements et reste un logiciel."
    )


def listed(view: View) -> pl.DataFrame:
    """The software of the selection, whatever the one chosen.

    Returns:
        DataFrame: ``code_produit``, ``produit``, ``societe``, ``editeur``, ``couloirs``, ``etats``, ``services``
        (String: words joined), ``referencements``, ``versions`` (Int64), sorted by name.
    """
    key = ["code_produit", "produit", "societe", "editeur"]
    rows = view.query(["referencements", "versions"], key, apart=("produit",))
    for column, axis in (("couloirs", "couloir"), ("etats", "etat")):
        rows = rows.join(_words(view, axis, column), on="code_produit", how="left")
    services = view.query(["referencements"], ["code_produit", *_INTEGRATES], apart=("produit",))
    named = [
        pl.when((pl.col(f"integre_{name}") == "true") & (pl.col("referencements") > 0)).then(pl.lit(label))
        for name, label in SERVICES_SOCLES.items()
    ]
    integrated = services.select("code_produit", pl.concat_list(named).alias("services")).explode("services")
    joined = integrated.drop_nulls().unique(maintain_order=True).group_by("code_produit").agg("services")
    rows = rows.join(
        joined.with_columns(pl.col("services").list.sort().list.join(", ")), on="code_produit", how="left"
    )
    columns = ["code_produit", "produit", "societe", "editeur", "couloirs", "etats", "services"]
    return rows.select(*columns, "referencements", "versions").sort("produit", "code_produit")


def software(view: View) -> Table:
    """The list, searched by name, company, couloir or service; a row opens the sheet under it."""
    rows = listed(view)
    table = Table(
        rows,
        (
            Column("produit", "Logiciel"),
            Column("editeur", "Éditeur"),
            Column("couloirs", "Couloirs"),
            Column("etats", "États"),
            Column("services", "Services socles intégrés"),
            Column("referencements", "Référencements", Format.INTEGER),
        ),
        key="code_produit",
        title="Les logiciels",
        picks="produit",
        measures=("referencements", "logiciels"),
    )
    words = view.option("q")
    kept = found(table, words) if words else rows
    said = f"« {words} » : {french.counted(kept.height, 'logiciel')}." if words else ""
    counted = f"{french.counted(kept.height, 'logiciel')}, retirés compris"
    return replace(table, frame=kept, reading=said, counted=counted)


def history(view: View) -> Table | Note:
    """Every line of the software chosen: version, couloir, dispositif, what it is and since when."""
    if not view.selection.values("produit"):
        return Note("Cochez un logiciel dans la liste : son historique s’affiche ici.")
    by = [
        "produit",
        "couloir",
        "dispositif",
        "version",
        "vague",
        "etat",
        "date_referencement",
        "date_retrait",
    ]
    rows = view.query(["versions", "referencements"], by)
    shown = rows.with_columns(
        couloir=_worded(view, "couloir"),
        etat=_worded(view, "etat"),
        **{one: _dated(one) for one in ("date_referencement", "date_retrait")},
    ).sort("date_referencement", "version", descending=True, nulls_last=True)
    current = int(rows["referencements"].sum())
    return Table(
        shown,
        (
            Column("produit", "Logiciel"),
            Column("version", "Version"),
            Column("couloir", "Couloir"),
            Column("dispositif", "Dispositif"),
            Column("vague", "Vague"),
            Column("etat", "État"),
            Column("date_referencement", "Référencé le"),
            Column("date_retrait", "Retiré ou suspendu le"),
        ),
        title="Son historique",
        reading=f"{french.counted(rows.height, 'version publiée', 'versions publiées')}, dont "
        f"{french.counted(current, 'référencement en vigueur', 'référencements en vigueur')}.",
        counted=french.counted(rows.height, "ligne du catalogue", "lignes du catalogue"),
        measures=("referencements", "versions"),
    )


def elsewhere(view: View) -> Table | Note:
    """The companies of the selection in Ségur and Convergence: matched by declared name or the same name, or not."""
    companies = listed(view).filter(_chosen(view))
    known = companies.select("societe", "editeur").unique(maintain_order=True)
    if known.is_empty():
        return Note("")
    frame = matched(view, known)
    alone = frame.filter(pl.all_horizontal(pl.col(*ELSEWHERE).is_null())).height
    said = (
        "Chaque société est reconnue ailleurs."
        if not alone
        else f"{french.counted(alone, 'société n’est reconnue', 'sociétés ne sont reconnues')} nulle part ailleurs : "
        "rien n’est deviné, un autre nom se déclare à l’ingestion."
    )
    return Table(
        frame,
        (
            Column("editeur", "Société du catalogue"),
            *(Column(name, f"Éditeur dans {one.title}") for name, one in ELSEWHERE.items()),
        ),
        key="societe",
        title="Les mêmes sociétés ailleurs",
        reading=said,
        counted=french.counted(frame.height, "société"),
    )


def matched(view: View, companies: pl.DataFrame) -> pl.DataFrame:
    """The editors that companies are in the other universes, among those that the reader may see.

    Args:
        view: the reader's.
        companies: ``societe``, ``editeur`` (String).

    Returns:
        DataFrame: the same, and a column for each universe (String, null where nothing matches).
    """
    try:
        declared = view.data.frame(CORRESPONDANCES)
    except MissingTable:
        declared = CORRESPONDANCES.empty()
    for name, universe in ELSEWHERE.items():
        try:
            known = view.data.choices(universe, "editeur").select(
                nom=pl.col("texte").fill_null(pl.col("code"))
            )
        except MissingTable:
            known = pl.DataFrame(schema={"nom": pl.String})
        said = (
            declared.filter(pl.col("univers") == name)
            .select("societe", "nom")
            .join(known, on="nom", how="semi")
        )
        same = companies.join(
            known.with_columns(_cle=folded(pl.col("nom"))),
            left_on=folded(pl.col("editeur")),
            right_on="_cle",
            how="inner",
        ).select("societe", "nom")
        both = (
            pl.concat([said, same]).unique(maintain_order=True).group_by("societe").agg(pl.col("nom").sort())
        )
        companies = companies.join(
            both.select("societe", pl.col("nom").list.join(", ").alias(name)), on="societe", how="left"
        )
    return companies.sort("editeur")


def _chosen(view: View) -> pl.Expr:
    codes = view.selection.values("produit")
    return pl.col("code_produit").is_in(list(codes)) if codes else pl.lit(True)


def _words(view: View, axis: str, column: str) -> pl.DataFrame:
    """The values of an axis that each software stands in, in words, joined."""
    rows = view.query(["versions"], ["code_produit", axis], apart=("produit",))
    named = rows.select("code_produit", _worded(view, axis).alias(column)).unique(maintain_order=True)
    return named.group_by("code_produit").agg(pl.col(column).sort().str.join(", "))


def _worded(view: View, axis: str) -> pl.Expr:
    return pl.col(axis).replace(dict(view.universe.axis(axis).words))


def _dated(column: str) -> pl.Expr:
    return pl.col(column).str.to_date("%Y-%m-%d", strict=False)


def figures(view: View) -> Figures:
    """Référencements, software and companies in force; the reading says why they differ."""
    return KeyFigures((*COUNTS, "part_dmp"))(view)


REFERENCING = Page(
    name="referencement",
    title="Référencement",
    section="Référencement",
    question=question,
    reading=reading,
    universe=REFERENCEMENT,
    filters=(
        Snapshot("Catalogue"),
        Choice("couloir"),
        Choice("dispositif"),
        Choice("etat"),
        Choice("vague"),
        Choice("editeur"),
        *(Choice(name) for name in _INTEGRATES),
        Clicked("produit"),
    ),
    figures=figures,
    rows=(
        Block(
            "logiciels",
            software,
            options=(
                Search("q", "Rechercher", placeholder="Nom, éditeur, couloir… par exemple : dossier hôpital"),
            ),
        ),
        Block("historique", history),
        Block("societes", elsewhere),
        (
            Block(
                "couloirs",
                Ranked(measure="referencements", axis="couloir", title="Référencements par couloir"),
            ),
            Block(
                "dispositifs", Ranked(measure="referencements", axis="dispositif", title="…et par dispositif")
            ),
        ),
    ),
)
