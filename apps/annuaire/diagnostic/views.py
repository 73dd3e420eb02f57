"""« Diagnostic » of a territory: who practises there, compared with whom, what changed, and what is missing."""

from __future__ import annotations

from datetime import date

import polars as pl
import streamlit as st

from apps.annuaire.diagnostic import territory as place
from apps.annuaire.diagnostic.densities import densities
from apps.annuaire.diagnostic.filter import Place
from apps.annuaire.diagnostic.map import carte
from apps.annuaire.diagnostic.words import METHODS, PEERS, rank_words
from apps.annuaire.words import people, who
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, Snapshot
from apps.kit.filters.inputs import Since
from apps.kit.filters.search import Kept
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Drawn, Note, Piece
from apps.kit.style import french
from apps.kit.style.french import typographic
from lake.catalog.territoires import COMMUNES
from lake.errors import LakeError
from scoring.annuaire import diagnostic as asked
from scoring.annuaire.changes import PERSON
from scoring.annuaire.compared import OWN, PARTNER
from scoring.annuaire.diagnostic import Diagnostic
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.model import Format

SINCE = Since("depuis", "Comparée à l'extraction du")


def read(view: View, day: date | None) -> pl.DataFrame:
    """The rows of an extraction under the professional filters (kept for the views of the page)."""
    selection = asked.everywhere(view.selection).without("profession").at(day)
    found: pl.DataFrame = view.data.kept(
        ("diagnostic", selection),
        [view.universe.table],
        lambda: asked.read(view.data.scan, selection, restrict=view.data.access.restrict),
    )
    return found


def diagnosis(view: View) -> Diagnostic | None:
    """The diagnosis of the territory (cached); None when it has no commune yet.

    Raises:
        LakeError: the territory does not exist, or the extraction compared with is not published.
    """
    choix = place.chosen(view)
    if choix is None:
        return None
    day, before = view.date, SINCE.read(view) if view.before else None
    name = ("diagnostic", choix, view.selection.only(_PROFESSIONAL).at(day), before)

    def compute() -> Diagnostic:
        return asked.diagnose(
            view.data.scan,
            choix,
            view.selection,
            read(view, day),
            None if before is None else (before, read(view, before)),
            departements=place.departements(view),
        )

    found: Diagnostic = view.data.cached(name, asked.TABLES, compute)
    return found


_PROFESSIONAL = ("profession", "specialite", "mode_exercice")


def found(view: View) -> Diagnostic | None:
    """:func:`diagnosis`, or None where there is none for any reason: the reading says why, once."""
    try:
        return diagnosis(view)
    except LakeError:
        return None


def summary(view: View) -> dict[str, object]:
    """The figures of the territory; empty when there is none."""
    shown = found(view)
    return shown.resume.row(0, named=True) if shown else {}


def question(view: View) -> str:
    """« Sur quels médecins peut compter : CC du Pays de Bitche ? »"""
    shown = found(view)
    return f"{shown.choix.nom} : quels {who(view)} ?" if shown else "Quel territoire diagnostiquer ?"


def reading(view: View) -> str:
    """How many, how dense, what changed; or why there is nothing."""
    try:
        shown = diagnosis(view)
    except LakeError as error:
        return " ".join(part for part in (error.message, error.conseil) if part)
    if shown is None:
        return place.EMPTY
    one = shown.resume.row(0, named=True)
    inhabitants = french.counted(one["population"], "habitant")
    said = (
        f"{people(one['professionnels'])} pour {inhabitants} dans {french.counted(one['communes'], 'commune')}, "
        f"soit {french.number(one['densite_pour_10000'], 1)} pour 10 000 habitants "
        f"(région : {french.number(one['densite_region_pour_10000'], 1)})."
    )
    if shown.avant is not None:
        came, left = one["arrivees"] + one["entrees"], one["departs"] + one["sorties"]
        moved = (
            f" Depuis le {french.long_date(shown.avant)} : "
            f"{french.counted(came, 'personne de plus', 'personnes de plus')}, "
            f"{french.number(left)} de moins, soit {french.signed(one['ecart'])}."
        )
        said += (
            moved
            if came or left
            else f" Personne n'est arrivé ni parti depuis le {french.long_date(shown.avant)}."
        )
    return said


def figures(view: View) -> Figures:
    """Persons, density, rank, communes without anyone."""
    shown = found(view)
    if shown is None:
        return Figures([])
    one = shown.resume.row(0, named=True)
    since = f"depuis le {french.long_date(shown.avant)}" if shown.avant else ""
    items = [
        Figure(
            "Professionnels",
            french.number(one["professionnels"]),
            french.change(one["fin"], one["debut"], since=since) if shown.avant else None,
            help=METHODS[0].definition,
        ),
        Figure(
            "Densité pour 10 000 hab.",
            french.number(one["densite_pour_10000"], 1),
            reference=f"Département : {french.number(one['densite_departement_pour_10000'], 1)} · "
            f"région : {french.number(one['densite_region_pour_10000'], 1)}",
            help=METHODS[0].definition,
        ),
    ]
    if shown.choix.pairs:
        noun = PEERS[shown.choix.pairs][1]
        own = shown.choix.territoire.maille is None and shown.choix.pairs == "epci"
        items.append(
            Figure(
                "Rang de la densité",
                rank_words(one["rang"]),
                reference=f"sur {french.number(one['pairs'])} {noun}{', lui compris' if own else ''} · médiane : "
                f"{french.number(one['mediane_pour_10000'], 1)}",
                help=METHODS[1].definition,
            )
        )
    far = one["distance_max_km"]
    items.append(
        Figure(
            "Communes sans personne",
            french.number(one["communes_sans"]),
            reference=f"{french.counted(one['population_sans'], 'habitant')}, jusqu'à {french.number(far, 1)} km"
            if one["communes_sans"] and far is not None
            else f"sur {french.counted(one['communes'], 'commune')}",
            good=-1,
            help=METHODS[3].definition,
        )
    )
    return Figures(items)


def messages(view: View) -> Drawn | Note:
    """What became of the list that the territory comes from: unknown codes, mergers, repetitions."""
    try:
        said = place.sentences(view)
    except LakeError:
        said = []

    def draw(view: View) -> None:
        st.info(typographic("  \n".join(said)))

    return Drawn(draw) if said else Note("")


def density_chart(view: View) -> Chart | Note:
    """Densities of the first professions here, in the département, in the region."""
    shown = found(view)
    if shown is None:
        return Note("")
    rows = shown.professions.filter(pl.col("professionnels") > 0)
    region = rows["densite_region_pour_10000"]
    under = rows.filter(pl.col("densite_pour_10000") < region).height
    return Chart(
        densities(rows),
        professions_table(shown),
        title="Mieux ou moins bien doté que la région ?",
        reading=f"Moins bien doté pour {french.number(under)} des "
        f"{french.counted(rows.height, 'profession présente', 'professions présentes')}.",
        counted=people(summary(view).get("professionnels")),  # type: ignore[arg-type]
        measures=METHODS[:1],
    )


def professions_table(shown: Diagnostic) -> Table:
    """Every profession: number, change, densities, rank, communes without."""
    columns = [Column("profession", "Profession"), Column("professionnels", "Nombre", Format.INTEGER)]
    if shown.avant is not None:
        columns.append(
            Column(
                "ecart",
                "Évolution",
                Format.INTEGER,
                change=True,
                help=f"Depuis le {french.long_date(shown.avant)}.",
            )
        )
    columns += [
        Column("densite_pour_10000", "Pour 10 000 hab.", Format.DECIMAL),
        Column("densite_departement_pour_10000", "Département", Format.DECIMAL),
        Column("densite_region_pour_10000", "Région", Format.DECIMAL),
    ]
    if shown.choix.pairs:
        total = shown.professions["pairs"].max()
        columns.append(
            Column(
                "rang",
                "Rang",
                Format.INTEGER,
                help=f"Sur {total} {PEERS[shown.choix.pairs][1]} ; 1 : la densité la plus forte.",
            )
        )
    columns.append(Column("communes_sans", "Communes sans", Format.INTEGER, help=METHODS[3].definition))
    present = shown.professions.filter((pl.col("professionnels") > 0) | (pl.col("debut").fill_null(0) > 0))
    return Table(present, tuple(columns), key="code_profession")


def professions(view: View) -> Table | Note:
    """How many of each profession."""
    shown = found(view)
    if shown is None:
        return Note("")
    table = professions_table(shown)
    absent = shown.professions.height - table.frame.filter(pl.col("professionnels") > 0).height
    return Table(
        table.frame,
        table.columns,
        key=table.key,
        title="Combien de chaque profession ?",
        reading=french.counted(absent, "profession de la région n’y a", "professions de la région n’y ont")
        + " personne."
        if absent
        else "Toutes les professions de la région y sont.",
        counted=people(summary(view).get("professionnels")),  # type: ignore[arg-type]
        measures=METHODS[:3],
    )


def without(view: View) -> Table | Note:
    """Communes where nobody practises, and how far the nearest is."""
    shown = found(view)
    if shown is None:
        return Note("")
    rows, one = shown.sans, summary(view)
    title = f"Quelles communes sont sans {_nobody(view)} ?"
    if not rows.height:
        return Note("", title, "Aucune : il y en a au moins un dans chaque commune du territoire.")
    first = rows.sort("distance_km", descending=True, nulls_last=True).row(0, named=True)
    said = (
        f"{french.counted(rows.height, 'commune', 'communes')} sur {one['communes']} ; la plus loin : "
        f"{first['commune']}, à {french.number(first['distance_km'], 1)} km."
    )
    return Table(
        rows,
        (
            Column("commune", "Commune"),
            Column("population", "Habitants", Format.INTEGER),
            Column("commune_proche", "Le plus proche"),
            Column("distance_km", "Distance (km)", Format.DECIMAL),
            Column("temps_min", "Temps (min)", Format.INTEGER, help="Estimé : détour 1,3 et 50 km/h."),
        ),
        key="code_commune",
        title=title,
        reading=said,
        counted=french.counted(rows.height, "commune"),
        measures=METHODS[3:],
    )


def _nobody(view: View) -> str:
    """``médecin``, ``médecin ni infirmier``, ``professionnel de santé``."""
    names = [view.word("profession", code).lower() for code in view.selection.values("profession")]
    return " ni ".join(names[:3]) or "professionnel de santé"


def several(view: View) -> Table | Note:
    """Who practises in several places."""
    shown = found(view)
    if shown is None:
        return Note("")
    rows = shown.lieux
    words = dict(view.data.frame(COMMUNES).select("code_commune", "commune").iter_rows())
    named = [
        pl.col(name)
        .list.eval(pl.element().replace_strict(words, default=pl.element()))
        .list.join(", ")
        .alias(name)
        for name in ("communes_ici", "communes_ailleurs")
    ]
    total = int(shown.resume.item(0, "professionnels"))
    share = french.share(rows.height / total) if total else french.ABSENT
    return Table(
        rows.with_columns(named),
        (
            Column("nom", "Nom"),
            Column("prenom", "Prénom"),
            Column("profession", "Profession"),
            Column("lieux", "Lieux", Format.INTEGER, help="Sites distincts dans la région, ici compris."),
            Column("communes_ici", "Communes d'ici"),
            Column("communes_ailleurs", "Communes d'ailleurs"),
        ),
        key=PERSON,
        title="Qui exerce en plusieurs lieux ?",
        reading=f"{people(rows.height)} sur {french.number(total)} ({share}), dont "
        f"{french.number(rows.filter(pl.col('communes_ailleurs').list.len() > 0).height)} aussi hors du territoire.",
        counted=people(rows.height),
        measures=METHODS[:1],
    )


def said(view: View) -> list[tuple[str, str]]:
    """The territory and the comparison, where no filter of an axis says them."""
    shown = found(view)
    if shown is None:
        return []
    words = []
    if place.kind(view) in (PARTNER, OWN, "region"):
        count = french.counted(len(shown.choix.territoire.communes), "commune")
        words.append(("Territoire", f"{shown.choix.nom} ({count})"))
    if shown.avant is not None:
        words.append(("Comparé au", french.long_date(shown.avant)))
    return words


def sheet(view: View, now: object = None) -> bytes:
    """The two-page PDF."""
    from apps.annuaire.diagnostic.sheet import two_pages  # the composer loads with the first PDF only

    return two_pages(view, now)  # type: ignore[arg-type]


def ground(view: View) -> Piece:
    """The map: of the territory, or on which it is picked."""
    return carte(view, found(view))


DIAGNOSTIC = Page(
    name="diagnostic",
    title="Diagnostic",
    question=question,
    reading=reading,
    universe=ANNUAIRE,
    filters=(
        Place(),
        Choice("profession", shared=True),
        Choice("specialite", shared=True),
        Choice("mode_exercice", shared=True),
        Snapshot(),
        SINCE,
    ),
    figures=figures,
    rows=(
        Block("messages", messages),
        (
            Block("densites", density_chart, 1.15),
            Block("carte", ground, 1.0, (Kept("zoom", "Département affiché"),)),
        ),
        Block("professions", professions),
        (Block("sans", without), Block("lieux", several, 1.15)),
    ),
    texts=place.OPTIONS,
    said=said,
    unfold=place.unfold,
    sheet=sheet,
)
