"""« Vision par structure »: one establishment at a time, among those of the territory."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from apps.kit.access import access
from apps.kit.charts.tables import Column, Table, found
from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, Months
from apps.kit.filters.regions import Regions
from apps.kit.filters.search import Clicked, Search
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.style.worded import worded
from apps.kit.views.base import measure_column
from apps.kit.views.figures import KeyFigures
from apps.kit.views.words import last_month, where
from apps.segur.synthese import rates, volumes
from lake.catalog.segur import STRUCTURES, TYPES_ACTEUR
from lake.errors import MissingTable
from scoring.universes.segur import SEGUR

SHOWN = (
    "insi_recuperations", "dmp_documents", "mss_boites_actives", "mss_messages_emis", "certificats_insi",
    "asp_logiciels_installes",
)  # fmt: skip


def question(view: View) -> str:
    """« Où en est Clinique 1, Moselle ? », or « Quelles structures avancent ? »"""
    chosen = view.selection.values("structure")
    if chosen:
        return f"Où en est {french.listing(view.word('structure', one) for one in chosen)} ?"
    return f"Quelles structures avancent ? {where(view)}"


def reading(view: View) -> str:
    """How many structures say something this month."""
    month = last_month(view)
    if month is None:
        return access.remedy("Aucun mois n’est publié", "obs ingest segur")
    count = listed(view).height
    said = f"{where(view)}, {french.month(month)} : {french.counted(count, 'structure')}."
    if view.selection.values("structure"):
        return f"{said} Les tableaux du bas ne comptent que la structure choisie."
    return f"{said} Choisissez-en une dans la liste pour voir tous ses indicateurs."


def listed(view: View) -> pl.DataFrame:
    """The structures of the selection at the last month of the period, whatever the one chosen.

    Returns:
        DataFrame: ``code_structure``, ``structure``, ``type``, ``departement`` (String), then the measures shown.
    """
    month = last_month(view)
    known = [m.name for m in view.universe.measures]
    measures = [name for name in SHOWN if name in known]
    selection = view.selection_apart(["structure"]).during(month, month)
    rows = view.data.query(view.universe, selection, measures, ["code_structure", "structure"])
    try:
        names = view.data.frame(STRUCTURES)
    except MissingTable:
        names = STRUCTURES.empty()
    places = names.select(
        code_structure=pl.col("structure"),
        type=pl.col("type_acteur").replace(TYPES_ACTEUR),
        departement="code_departement",
    ).pipe(worded, lambda code: view.word("departement", code), "departement")
    joined = rows.drop_nulls("code_structure").join(places, on="code_structure", how="left")
    return joined.select("code_structure", "structure", "type", "departement", *measures).sort("structure")


def structures(view: View) -> Table:
    """The list, searched by name, type or département; a row chooses a structure."""
    rows = listed(view)
    measures = rows.columns[4:]
    table = Table(
        rows,
        (
            Column("structure", "Structure"),
            Column("type", "Type"),
            Column("departement", "Département"),
            *(measure_column(view, name) for name in measures),
        ),
        key="code_structure",
        title="Les structures du territoire",
        picks="structure",
        measures=tuple(measures),
    )
    words = view.option("q")
    kept = found(table, words) if words else rows
    said = f"« {words} » : {french.counted(kept.height, 'structure')}." if words else ""
    return replace(
        table, frame=kept, reading=said, counted=f"{where(view)}, {french.counted(kept.height, 'structure')}"
    )


def chosen_rates(view: View) -> Table | Note:
    """The rates of the structure chosen."""
    if not view.selection.values("structure"):
        return Note("Cochez une structure dans la liste : tous ses indicateurs s’affichent ici.")
    return rates("Ses taux")(view)


def chosen_volumes(view: View) -> Table | Note:
    """The counts of the structure chosen."""
    return volumes("Ses volumes")(view) if view.selection.values("structure") else Note("")


STRUCTURES_PAGE = Page(
    name="structures",
    title="Vision par structure",
    section="Structures",
    question=question,
    reading=reading,
    universe=SEGUR,
    head=(Months(),),
    filters=(Regions(), Choice("type_acteur"), Choice("editeur"), Clicked("structure")),
    figures=KeyFigures(
        ("insi_structures_actives", "dmp_structures_alimentantes", "certificats_etablissements")
    ),
    rows=(
        Block(
            "structures",
            structures,
            options=(
                Search("q", "Rechercher", placeholder="Nom, type, département… par exemple : ehpad moselle"),
            ),
        ),
        Block("taux", chosen_rates),
        Block("volumes", chosen_volumes),
    ),
)
