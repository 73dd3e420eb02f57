"""« Données »: how fresh, how many, what was refused, where it comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import polars as pl

from apps.annuaire.words import about, people
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.filters.filters import Snapshot, Territory
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.views.own import ROWS, WORDS, Rows, Shown, Text
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


@ROWS("donnees.localisation")
def ledger(view: View) -> pl.DataFrame:
    """Every activity line accounted for: located (how), not located (why)."""
    rows = view.query(["activites"], ["geo_precision", "geo_motif"]).with_columns(
        sens=pl.when(pl.col("geo_motif").is_null())
        .then(pl.lit("localisées"))
        .otherwise(pl.lit("non localisées")),
        precision=pl.col("geo_precision").replace(PRECISION_WORDS),
        motif=pl.col("geo_motif").replace(MOTIF_WORDS),
    )
    order = {name: rank for rank, name in enumerate(PRECISION_WORDS)}
    return rows.sort(
        pl.col("geo_precision").replace_strict(order, return_dtype=pl.Int64), "geo_motif", nulls_last=True
    )


ROWS["donnees.lignes"] = lambda view: view.query(["activites"])


def _no_address(shown: Shown) -> str:
    missing = int(shown.frame.filter(pl.col("sens") == "non localisées")["activites"].sum())
    total = int(shown.view.value("activites") or 0)
    return (
        f"{french.counted(missing, 'ligne')} sur {french.number(total)} n'ont pas d'adresse utilisable : "
        "elles comptent dans leur territoire, pas sur la carte des points."
    )


def _missing() -> pl.Expr:
    share = 1 - pl.col("part_localises").fill_null(0)
    return (pl.col("professionnels") * share).round().cast(pl.Int64).alias("manquants")


@ROWS("donnees.non-localises")
def unlocated(view: View) -> pl.DataFrame:
    """The EPCI by number of persons who cannot be located."""
    frame = view.query(["professionnels", "part_localises"], ["siren_epci", "epci"]).with_columns(_missing())
    rows = frame.filter(pl.col("manquants") > 0).with_columns(pl.col("epci").fill_null("Commune inconnue"))
    return rows.sort("manquants", "epci", descending=[True, False])


@ROWS("donnees.personnes")
def everyone(view: View) -> pl.DataFrame:
    """All persons, and those who cannot be located, as one row."""
    return view.query(["professionnels", "part_localises"]).with_columns(_missing())


def _lost(shown: Shown) -> str:
    return people(int(everyone(shown.view)["manquants"].sum()))


def _lines(view: View, table: Contract) -> int:
    return int(view.data.state.scan(table).select(pl.len()).collect().item())


def _published(view: View, table: Contract) -> date:
    """The day of the version shown: its log is read once, not at every filter."""
    return view.data.state.published(table).moment.date()


def _fresh(view: View, table: Contract) -> Freshness:
    """How fresh a table is: what it ages from is its version's, the day is today's."""
    start = view.data.cached(("fraicheur", table.name), [table], partial(since, table, view.data.state))
    return aged(table, start)


@ROWS("donnees.tables")
def tables(view: View) -> pl.DataFrame:
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
    return pl.DataFrame(rows, schema=["table", "publiee", "lignes", "etat", "licence"], orient="row")


@ROWS("donnees.executions")
def runs(view: View) -> pl.DataFrame:
    """The ingestions of the directory and their counts, which close to the unit."""
    frame = _runs(view).with_columns(
        pl.col("statut").replace(dict(STATUT.words)), jour=pl.col("debut").dt.date()
    )
    return frame.select("jour", "date_donnees", "statut", *COUNTS, "duree_s", "fichiers", "message")


@ROWS("donnees.rejets")
def rejects(view: View) -> pl.DataFrame:
    """Rejected lines by reason."""
    frame = journal_of(view, REJETS).detail().group_by("motif")
    counts = frame.agg(
        lignes=pl.len().cast(pl.Int64),
        exemple=pl.col("ligne").min(),
        fichier=pl.col("fichier").sort().first(),
    )
    return counts.sort("lignes", "motif", descending=[True, False])


WORDS.update(
    {
        "sans_adresse": _no_address,
        "lignes": lambda s: french.counted(int(s.view.value("activites") or 0), "ligne"),
        "personnes_non_localisees": _lost,
        "epci_connus": lambda s: french.counted(s.frame["siren_epci"].drop_nulls().len(), "EPCI", "EPCI"),
        "lignes_rejetees": lambda s: french.counted(
            int(s.frame["lignes"].sum()) if s.frame.height else 0, "ligne rejetée", "lignes rejetées"
        ),
    }
)
LOCATED = Rows(
    "donnees.localisation",
    (
        Column("sens", "Lignes"),
        Column("precision", "Précision"),
        Column("motif", "Motif"),
        Column("activites", "Nombre", Format.INTEGER),
    ),
    "Pourquoi certains ne sont-ils pas localisés ?",
    reading="{sans_adresse}",
    measures=("activites", "part_localises"),
    counted="{lignes}",
    total="donnees.lignes",
)
UNLOCATED = Rows(
    "donnees.non-localises",
    (
        Column("epci", "EPCI"),
        Column("manquants", "Non localisés", Format.INTEGER),
        Column("professionnels", "Professionnels", Format.INTEGER),
        Column("part_localises", "Part localisée", Format.SHARE),
    ),
    "Où sont les non-localisés ?",
    reading="{personnes_non_localisees} sans activité localisée, dans {epci_connus}.",
    key="siren_epci",
    measures=("part_localises",),
    counted="{personnes_non_localisees}",
    total="donnees.personnes",
)
FRESH = Rows(
    "donnees.tables",
    (
        Column("table", "Table"),
        Column("publiee", "Publiée le"),
        Column("lignes", "Lignes", Format.INTEGER),
        Column("etat", "Fraîcheur"),
        Column("licence", "Source et licence"),
    ),
    "De quand datent les données ?",
    ("table",),
)
RUNS = Rows(
    "donnees.executions",
    (
        Column("jour", "Ingérée le"),
        Column("date_donnees", "Extraction"),
        Column("statut", "Issue"),
        *(Column(name, label, Format.INTEGER) for name, label in COUNTS.items()),
        Column("duree_s", "Durée (s)", Format.DECIMAL),
        Column("fichiers", "Fichiers"),
        Column("message", "Message"),
    ),
    "Que disent les rapports d'ingestion ?",
    ("ingestion",),
    "Lignes lues = publiées + doublons + hors région + rejetées, à l'unité.",
)
REJECTED = Rows(
    "donnees.rejets",
    (
        Column("motif", "Motif"),
        Column("lignes", "Lignes", Format.INTEGER),
        Column("exemple", "Première ligne", Format.INTEGER),
        Column("fichier", "Fichier"),
    ),
    "Quelles lignes ont été refusées ?",
    reading="Chaque ligne refusée est gardée avec son numéro et son motif.",
    counted="{lignes_rejetees}",
)
SOURCES = Text(
    "- **Annuaire santé** : Agence du Numérique en Santé, extractions en libre accès du RPPS, mises à jour chaque "
    "jour. Licence Ouverte 2.0.\n"
    "- **Adresses** : Base Adresse Nationale. Licence Ouverte 2.0.\n"
    "- **Territoires** : INSEE (COG 2026, populations municipales 2023), IGN et Etalab (contours), La Poste (codes "
    "postaux). Licence Ouverte 2.0.\n\n"
    "**Ne mesure pas** : le temps de présence, l'activité réelle, ni l'âge. Une personne inscrite sans lieu "
    "d'exercice n'est dans aucun territoire. Une personne qui exerce dans deux territoires compte dans chacun, "
    "et une seule fois dans le total.",
    "D'où viennent les données ?",
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
        (Block("localisation", LOCATED), Block("non-localises", UNLOCATED)),
        Block("fraicheur", FRESH),
        Block("executions", RUNS),
        Block("rejets", REJECTED),
        Block("sources", SOURCES),
    ),
)
