"""« Données »: how fresh, how many, what was refused, where it comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import polars as pl

from apps.annuaire.words import about, people
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column, Table
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.filters.filters import Snapshot, Territory
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from lake.catalog.annuaire import TABLES as ANNUAIRE_TABLES
from lake.catalog.ban import ADRESSES
from lake.catalog.territoires import COMMUNES, CONTOURS
from lake.contract import Table as Contract
from lake.freshness import Freshness, aged, since
from scoring.universes.annuaire import ANNUAIRE, MOTIF_WORDS, PRECISION_WORDS
from scoring.universes.journal import COUNTS, EXECUTIONS, REJETS, STATUT
from scoring.universes.model import Format, Universe
from scoring.universes.selection import Selection

_TABLES = (*ANNUAIRE_TABLES, COMMUNES, CONTOURS, ADRESSES)


def age_in_days(view: View) -> int | None:
    """Days since the extraction shown."""
    return None if view.date is None else (datetime.now(UTC).date() - view.date).days


def reading(view: View) -> str:
    """How old the data are, and how many extractions there are."""
    age = age_in_days(view)
    if age is None:
        return "Aucune extraction n'est publiée : il n'y a encore rien à lire."
    fresh = _fresh(view, view.universe.table)
    said = (
        f"Extraction du {view.date_in_words()}, vieille de {french.counted(age, 'jour')} ; "
        f"{french.counted(len(view.dates), 'extraction publiée', 'extractions publiées')}."
    )
    return f"{said} La promesse est de {fresh.promise} jours : elle est dépassée." if fresh.late else said


def figures(view: View) -> Figures:
    """Lines, persons, located, rejected."""
    runs = _runs(view).filter(pl.col("statut") == "publiee")
    rejected = int(runs["rejetees"].sum()) if runs.height else None
    located = view.value("part_localises")
    return Figures(
        [
            Figure("Lignes d'activité", french.number(view.value("activites"))),
            Figure("Professionnels", french.number(view.value("professionnels"))),
            Figure("Localisés", french.share(located)),
            Figure(
                "Lignes rejetées",
                french.number(rejected),
                reference="toutes ingestions publiées de l'annuaire",
            ),
        ]
    )


def _runs(view: View) -> pl.DataFrame:
    """The directory's ingestions, newest first; empty when none is recorded."""
    journal = journal_of(view, EXECUTIONS)
    return journal.detail().sort("debut", descending=True)


def journal_of(view: View, universe: Universe) -> View:
    """The journal of the directory's ingestions, whatever territory and date are selected."""
    selection = Selection({"source": [view.universe.name]})
    return replace(view, universe=universe, state=State(selection, view.state.options))


def ledger(view: View) -> Table:
    """Every activity line accounted for: located (how), not located (why)."""
    by = ["geo_precision", "geo_motif"]
    frame = view.query(["activites"], by, total=True)
    rows = frame.head(-1).with_columns(
        sens=pl.when(pl.col("geo_motif").is_null())
        .then(pl.lit("localisées"))
        .otherwise(pl.lit("non localisées")),
        precision=pl.col("geo_precision").replace(PRECISION_WORDS),
        motif=pl.col("geo_motif").replace(MOTIF_WORDS),
    )
    order = {name: rank for rank, name in enumerate(PRECISION_WORDS)}
    rows = rows.sort(
        pl.col("geo_precision").replace_strict(order, return_dtype=pl.Int64), "geo_motif", nulls_last=True
    )
    total = int(frame["activites"][-1]) if frame.height else 0
    missing = int(rows.filter(pl.col("sens") == "non localisées")["activites"].sum())
    return Table(
        rows,
        (
            Column("sens", "Lignes"),
            Column("precision", "Précision"),
            Column("motif", "Motif"),
            Column("activites", "Nombre", Format.INTEGER),
        ),
        total={"activites": total},
        title="Pourquoi certains ne sont-ils pas localisés ?",
        reading=(
            f"{french.counted(missing, 'ligne')} sur {french.number(total)} n'ont pas d'adresse utilisable : "
            "elles comptent dans leur territoire, pas sur la carte des points."
        ),
        counted=french.counted(total, "ligne"),
        measures=("activites", "part_localises"),
    )


def unlocated(view: View) -> Table:
    """The EPCI by number of persons who cannot be located."""
    by = ["siren_epci", "epci"]
    frame = view.query(["professionnels", "part_localises"], by).with_columns(
        manquants=(pl.col("professionnels") * (1 - pl.col("part_localises"))).round().cast(pl.Int64)
    )
    rows = frame.filter(pl.col("manquants") > 0).with_columns(pl.col("epci").fill_null("Commune inconnue"))
    rows = rows.sort("manquants", "epci", descending=[True, False])
    whole = view.query(["professionnels", "part_localises"])
    count, share = whole.row(0)
    missing = round((count or 0) * (1 - (share or 0)))
    known = rows["siren_epci"].drop_nulls().len()
    return Table(
        rows,
        (
            Column("epci", "EPCI"),
            Column("manquants", "Non localisés", Format.INTEGER),
            Column("professionnels", "Professionnels", Format.INTEGER),
            Column("part_localises", "Part localisée", Format.SHARE),
        ),
        total={"manquants": missing, "professionnels": count, "part_localises": share},
        key="siren_epci",
        title="Où sont les non-localisés ?",
        reading=f"{people(missing)} sans activité localisée, dans {french.counted(known, 'EPCI', 'EPCI')}.",
        counted=people(missing),
        measures=("part_localises",),
    )


def _lines(view: View, table: Contract) -> int:
    return int(view.data.state.scan(table).select(pl.len()).collect().item())


def _published(view: View, table: Contract) -> date:
    """The day of the version shown: its log is read once, not at every filter."""
    return view.data.state.published(table).moment.date()


def _fresh(view: View, table: Contract) -> Freshness:
    """How fresh a table is: what it ages from is its version's, the day is today's."""
    start = view.data.cached(("fraicheur", table.name), [table], partial(since, table, view.data.state))
    return aged(table, start)


def tables(view: View) -> Table:
    """The tables behind these pages: when they were published, how many rows."""
    rows: list[tuple[object, ...]] = []
    for table in _TABLES:
        if view.data.version(table) is None:
            rows.append((table.title, None, None, "jamais publiée", table.licence))
            continue
        day = view.data.cached(("publiee", table.name), [table], partial(_published, view, table))
        state = _fresh(view, table).words
        count = view.data.cached(("lignes", table.name), [table], partial(_lines, view, table))
        rows.append((table.title, day, count, state, table.licence))
    frame = pl.DataFrame(rows, schema=["table", "publiee", "lignes", "etat", "licence"], orient="row")
    return Table(
        frame,
        (
            Column("table", "Table"),
            Column("publiee", "Publiée le"),
            Column("lignes", "Lignes", Format.INTEGER),
            Column("etat", "Fraîcheur"),
            Column("licence", "Source et licence"),
        ),
        title="De quand datent les données ?",
        counted=french.counted(frame.height, "table"),
    )


def runs(view: View) -> Table:
    """The ingestions of the directory and their counts, which close to the unit."""
    frame = _runs(view).with_columns(
        pl.col("statut").replace(dict(STATUT.words)), jour=pl.col("debut").dt.date()
    )
    counts = (Column(name, label, Format.INTEGER) for name, label in COUNTS.items())
    return Table(
        frame.select("jour", "date_donnees", "statut", *COUNTS, "duree_s", "fichiers", "message"),
        (
            Column("jour", "Ingérée le"),
            Column("date_donnees", "Extraction"),
            Column("statut", "Issue"),
            *counts,
            Column("duree_s", "Durée (s)", Format.DECIMAL),
            Column("fichiers", "Fichiers"),
            Column("message", "Message"),
        ),
        title="Que disent les rapports d'ingestion ?",
        reading="Lignes lues = publiées + doublons + hors région + rejetées, à l'unité.",
        counted=french.counted(frame.height, "ingestion"),
    )


def rejects(view: View) -> Table:
    """Rejected lines by reason."""
    rows = journal_of(view, REJETS).detail()
    frame = rows.group_by("motif").agg(
        lignes=pl.len().cast(pl.Int64),
        exemple=pl.col("ligne").min(),
        fichier=pl.col("fichier").sort().first(),
    )
    frame = frame.sort("lignes", "motif", descending=[True, False])
    return Table(
        frame,
        (
            Column("motif", "Motif"),
            Column("lignes", "Lignes", Format.INTEGER),
            Column("exemple", "Première ligne", Format.INTEGER),
            Column("fichier", "Fichier"),
        ),
        title="Quelles lignes ont été refusées ?",
        reading="Chaque ligne refusée est gardée avec son numéro et son motif.",
        counted=french.counted(
            int(frame["lignes"].sum()) if frame.height else 0, "ligne rejetée", "lignes rejetées"
        ),
    )


def sources(_view: View) -> Note:
    """Where the data come from, and what they do not measure."""
    return Note(
        "- **Annuaire santé** : Agence du Numérique en Santé, extractions en libre accès du RPPS, mises à jour chaque "
        "jour. Licence Ouverte 2.0.\n"
        "- **Adresses** : Base Adresse Nationale. Licence Ouverte 2.0.\n"
        "- **Territoires** : INSEE (COG 2026, populations municipales 2023), IGN et Etalab (contours), La Poste (codes "
        "postaux). Licence Ouverte 2.0.\n\n"
        "**Ne mesure pas** : le temps de présence, l'activité réelle, ni l'âge. Une personne inscrite sans lieu "
        "d'exercice n'est dans aucun territoire. Une personne qui exerce dans deux territoires compte dans chacun, "
        "et une seule fois dans le total.",
        title="D'où viennent les données ?",
    )


DONNEES = Page(
    name="donnees",
    title="Données",
    question=lambda view: about(view, "Que valent ces données ?"),
    reading=reading,
    universe=ANNUAIRE,
    filters=(Territory(), Snapshot()),
    figures=figures,
    rows=(
        (Block("localisation", ledger), Block("non-localises", unlocated)),
        Block("fraicheur", tables),
        Block("executions", runs),
        Block("rejets", rejects),
        Block("sources", sources),
    ),
)
