"""« Répertoire »: find a professional, open the card, take the list away."""

from __future__ import annotations

import polars as pl
import streamlit as st

from apps.annuaire.fiche import draw_card
from apps.annuaire.words import people, where, who
from apps.kit import french, tables
from apps.kit.filters import Choice, Snapshot, Territory
from apps.kit.page import Block, Page
from apps.kit.pieces import Drawn
from apps.kit.search import Kept, Search, set_option
from apps.kit.tables import Column, Table
from apps.kit.view import View
from lake.catalog.territoires import COMMUNES
from scoring.repertoire import PERSON, persons, search
from scoring.universes import engine
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.model import Format

OFFERED = 50
"""Cards offered in the list to open; beyond, the reader narrows the search."""

COLUMNS = (
    Column("nom", "Nom"),
    Column("prenom", "Prénom"),
    Column("profession", "Profession"),
    Column("specialite", "Spécialité"),
    Column("commune", "Commune"),
    Column("mode_exercice", "Mode d'exercice"),
    Column("activites", "Activités", Format.INTEGER),
)


def directory(view: View) -> pl.DataFrame:
    """The persons of the selection (cached), one row each: see :func:`scoring.repertoire.persons`."""
    selection = view.data.dated(view.universe, view.selection)

    def compute() -> pl.DataFrame:
        rows = engine.detail(view.universe, view.data.scan, selection, restrict=view.data.access.restrict)
        return persons(rows, view.data.scan(COMMUNES)).collect()

    found: pl.DataFrame = view.data.cached(
        ("repertoire", view.universe.name, selection), [view.universe.table, COMMUNES], compute
    )
    return found


def found(view: View) -> pl.DataFrame:
    """The persons of the selection that the search keeps."""
    return search(directory(view).lazy(), view.option("q")).collect()


def question(view: View) -> str:
    """« Qui sont les infirmiers (libéral) ? »"""
    return f"Qui sont les {who(view)} ?"


def reading(view: View) -> str:
    """How many answer the search."""
    rows = found(view)
    words = view.option("q")
    if not rows.height:
        return f"{where(view)} : personne ne répond à « {words} ». Essayez un nom, une commune ou une profession."
    said = f"{where(view)} : {people(rows.height)}"
    return f"{said} pour « {words} »." if words else f"{said}. Cherchez par nom, commune ou profession."


def results(view: View) -> Drawn:
    """The list, and a way to open a card."""
    rows = found(view)
    table = Table(
        rows.drop("texte"),
        COLUMNS,
        key=PERSON,
        title="Professionnels",
        counted=people(rows.height),
        measures=("professionnels",),
    )

    def draw(view: View) -> None:
        names = {row[PERSON]: _named(row) for row in rows.head(OFFERED).iter_rows(named=True)}
        opened = view.option("personne")
        if opened and opened not in names:
            known = directory(view).filter(pl.col(PERSON) == opened)
            names |= {row[PERSON]: _named(row) for row in known.iter_rows(named=True)}
        key = f"fiche.{view.scope.page}"
        shown = opened if opened in names else None
        if st.session_state.get(key) != shown:
            st.session_state[key] = shown

        def chosen() -> None:
            set_option(view, "personne", st.session_state[key] or "")

        st.selectbox(
            "Ouvrir une fiche",
            list(names),
            index=None,
            format_func=lambda code: names.get(code, code),
            placeholder="Choisir un nom…",
            key=key,
            on_change=chosen,
            filter_mode="fuzzy",
        )
        if shown:
            draw_card(view, shown)
        tables.draw(table, key=f"resultats_{abs(hash((view.selection, view.option('q'))))}", height=420)

    return Drawn(
        draw,
        table,
        title="Qui cherchez-vous ?",
        counted=people(rows.height),
        measures=("professionnels",),
    )


def _named(row: dict[str, str | None]) -> str:
    name = " ".join(part for part in (row["nom"], row["prenom"]) if part)
    return " — ".join(part for part in (name or french.ABSENT, row["profession"], row["commune"]) if part)


REPERTOIRE = Page(
    name="repertoire",
    title="Répertoire",
    question=question,
    reading=reading,
    universe=ANNUAIRE,
    filters=(
        Territory(),
        Choice("profession", shared=True),
        Choice("specialite", shared=True),
        Choice("mode_exercice", shared=True),
        Choice("secteur"),
        Choice("genre_activite"),
        Snapshot(),
    ),
    rows=(
        Block(
            "professionnels",
            results,
            options=(
                Search("q", "Rechercher", placeholder="Nom, commune, profession… par exemple : martin metz"),
                Kept("personne", "Fiche ouverte"),
            ),
        ),
    ),
    printable=False,
)
