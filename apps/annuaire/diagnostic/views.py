"""« Diagnostic » of a territory: who practises there, compared with whom, what changed, and what is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from apps.annuaire.diagnostic import territory as place
from apps.annuaire.diagnostic.densities import AROUND, densities
from apps.annuaire.diagnostic.map import carte, communes_of
from apps.annuaire.diagnostic.words import METHODS, PEERS, rank_words
from apps.annuaire.words import people, who
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.pieces import Drawn, Note, Piece
from apps.kit.style import french
from apps.kit.style.errors import sentence
from apps.kit.style.french import typographic
from lake.errors import LakeError
from scoring.universes.diagnostic import (
    BY_PROFESSION,
    LIEUX,
    OWN,
    PARTNER,
    PERSON,
    WHOLE,
)
from scoring.universes.model import Format


def ready(view: View) -> bool:
    """Whether there is a territory to diagnose; the reading says why not, once."""
    try:
        return not place.empty(view) and bool(place.asking(view).notes())
    except LakeError:
        return False


def summary(view: View) -> dict[str, Any]:
    """The figures of the territory.

    Raises:
        LakeError: the territory does not exist, or the extraction compared with is not published.
    """
    return place.asking(view).values(WHOLE)


def told(view: View) -> dict[str, str]:
    """The territory in words: its name, whom it is ranked among, the extraction compared with."""
    return place.asking(view).notes()


def since(view: View) -> date | None:
    """The extraction compared with; None without."""
    day = told(view).get("avant")
    return date.fromisoformat(day) if day else None


def around(view: View) -> dict[str, str]:
    """What the territory is compared with, and its word: a département with the region, the region with nothing."""
    mesh = told(view)["maille"]
    larger = list(AROUND).index(mesh) + 1 if mesh in AROUND else 0
    return dict(list(AROUND.items())[larger:])


def question(view: View) -> str:
    """« Sur quels médecins peut compter : CC du Pays de Bitche ? »"""
    return f"{told(view)['nom']} : quels {who(view)} ?" if ready(view) else "Quel territoire diagnostiquer ?"


def reading(view: View) -> str:
    """How many, how dense, what changed; or why there is nothing."""
    try:
        if place.empty(view):
            return place.EMPTY
        one, before = summary(view), since(view)
    except LakeError as error:
        return sentence(error)
    inhabitants = french.counted(one["population"], "habitant")
    said = (
        f"{people(one['professionnels'])} pour {inhabitants} dans {french.counted(one['communes'], 'commune')}, "
        f"soit {french.number(one['densite_pour_10000'], 1)} pour 10 000 habitants"
        + (f" (région : {french.number(one['densite_region_pour_10000'], 1)})." if around(view) else ".")
    )
    if before is not None:
        came, left = one["arrivees"] + one["entrees"], one["departs"] + one["sorties"]
        moved = (
            f" Depuis le {french.long_date(before)} : "
            f"{french.counted(came, 'personne de plus', 'personnes de plus')}, "
            f"{french.number(left)} de moins, soit {french.signed(one['ecart'])}."
        )
        said += (
            moved
            if came or left
            else f" Personne n'est arrivé ni parti depuis le {french.long_date(before)}."
        )
    return said


def figures(view: View) -> Figures:
    """Persons, density, rank, communes without anyone."""
    if not ready(view):
        return Figures([])
    one, before, pairs = summary(view), since(view), told(view)["pairs"]
    when = f"depuis le {french.long_date(before)}" if before else ""
    items = [
        Figure(
            "Professionnels",
            french.number(one["professionnels"]),
            french.change(one["fin"], one["debut"], since=when) if before else None,
            help=METHODS[0].definition,
        ),
        Figure(
            "Densité pour 10 000 hab.",
            french.number(one["densite_pour_10000"], 1),
            reference=" · ".join(
                f"{word if rank == 0 else word.lower()} : {french.number(one[f'densite_{mesh}_pour_10000'], 1)}"
                for rank, (mesh, word) in enumerate(around(view).items())
            ),
            help=METHODS[0].definition,
        ),
    ]
    if pairs:
        noun = PEERS[pairs][1]
        own = not told(view)["maille"] and pairs == "epci"
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
    if not ready(view):
        return Note("")
    table = professions_table(view)
    rows = table.frame.filter(pl.col("professionnels") > 0)
    if around(view):
        under = rows.filter(pl.col("densite_pour_10000") < pl.col("densite_region_pour_10000")).height
        title = "Mieux ou moins bien doté que la région ?"
        told_of = f"Moins bien doté pour {french.number(under)} des "
        told_of += f"{french.counted(rows.height, 'profession présente', 'professions présentes')}."
    else:
        title = "Quelles densités, profession par profession ?"
        told_of = french.counted(rows.height, "profession présente", "professions présentes") + "."
    return Chart(
        densities(rows),
        table,
        title=title,
        reading=told_of,
        counted=people(summary(view)["professionnels"]),
        measures=METHODS[:1],
    )


def by_profession(view: View) -> pl.DataFrame:
    """Every profession of the scope, the most numerous here first."""
    rows = place.asking(view).query(BY_PROFESSION, ["code_profession", "profession"], apart=["profession"])
    return rows.sort("professionnels", "code_profession", descending=[True, False])


def professions_table(view: View) -> Table:
    """Every profession: number, change, densities, rank, communes without."""
    rows, before, pairs = by_profession(view), since(view), told(view)["pairs"]
    columns = [Column("profession", "Profession"), Column("professionnels", "Nombre", Format.INTEGER)]
    if before is not None:
        columns.append(
            Column(
                "ecart",
                "Évolution",
                Format.INTEGER,
                change=True,
                help=f"Depuis le {french.long_date(before)}.",
            )
        )
    columns.append(Column("densite_pour_10000", "Pour 10 000 hab.", Format.DECIMAL))
    columns += [
        Column(f"densite_{mesh}_pour_10000", word, Format.DECIMAL) for mesh, word in around(view).items()
    ]
    rows = rows.drop([f"densite_{mesh}_pour_10000" for mesh in AROUND if mesh not in around(view)])
    if pairs:
        total = rows["pairs"].drop_nulls().to_list()[:1]
        columns.append(
            Column(
                "rang",
                "Rang",
                Format.INTEGER,
                help=f"Sur {french.number(next(iter(total), None))} {PEERS[pairs][1]} ; 1 : la densité la plus forte.",
            )
        )
    columns.append(Column("communes_sans", "Communes sans", Format.INTEGER, help=METHODS[3].definition))
    present = rows.filter((pl.col("professionnels") > 0) | (pl.col("debut").fill_null(0) > 0))
    return Table(present, tuple(columns), key="code_profession")


def professions(view: View) -> Table | Note:
    """How many of each profession."""
    if not ready(view):
        return Note("")
    table = professions_table(view)
    absent = by_profession(view).height - table.frame.filter(pl.col("professionnels") > 0).height
    return Table(
        table.frame,
        table.columns,
        key=table.key,
        title="Combien de chaque profession ?",
        reading=french.counted(absent, "profession de la région n’y a", "professions de la région n’y ont")
        + " personne."
        if absent
        else "Toutes les professions de la région y sont.",
        counted=people(summary(view)["professionnels"]),
        measures=METHODS[:3],
    )


def without(view: View) -> Table | Note:
    """Communes where nobody practises, and how far the nearest is."""
    if not ready(view):
        return Note("")
    one = summary(view)
    rows = communes_of(view).filter(pl.col("professionnels") == 0)
    rows = rows.sort("population", "code_commune", descending=[True, False])
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
    if not ready(view):
        return Note("")
    asked = place.asking(view, LIEUX)
    rows = asked.detail()
    elsewhere = rows.filter("hors").height
    total = int(summary(view)["professionnels"])
    share = french.share(rows.height / total) if total else french.ABSENT
    return Table(
        rows,
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
        f"{french.number(elsewhere)} aussi hors du territoire.",
        counted=people(rows.height),
        measures=METHODS[:1],
    )


def said(view: View) -> list[tuple[str, str]]:
    """The territory and the comparison, where no filter of an axis says them."""
    if not ready(view):
        return []
    words, before = [], since(view)
    if place.kind(view) in (PARTNER, OWN, "region"):
        count = french.counted(len(told(view)["communes"].split(",")), "commune")
        words.append(("Territoire", f"{told(view)['nom']} ({count})"))
    if before is not None:
        words.append(("Comparé au", french.long_date(before)))
    return words


def ground(view: View) -> Piece:
    """The map: of the territory, or on which it is picked."""
    return carte(view, ready=ready(view))
