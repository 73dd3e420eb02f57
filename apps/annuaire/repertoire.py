"""« Répertoire »: find a professional or an establishment, open the card, take the list away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

import polars as pl
import streamlit as st

from apps.annuaire import exports
from apps.annuaire.base import PEOPLE
from apps.annuaire.etablissement import draw_establishment
from apps.annuaire.fiche import choose, draw_card, named
from apps.annuaire.recherche import Answers, answers, asked, directory, places, registered
from apps.annuaire.words import about, people, where, who
from apps.kit.charts import tables
from apps.kit.charts.tables import Column, Table
from apps.kit.data import state
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, Option, Snapshot, Territory
from apps.kit.filters.inputs import Picked
from apps.kit.filters.search import Kept, Search, set_option
from apps.kit.pages.export import file_name, table_csv
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Drawn, empty
from apps.kit.style import french
from apps.kit.style.french import literal, typographic
from lake.catalog.finess import ETABLISSEMENTS as REGISTER
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.model import Format
from scoring.universes.repertoire import ETABLISSEMENTS, FAMILIES, PERSON

OFFERED = 50
"""Cards offered in the list to open; beyond, the reader narrows the search."""
SHOWN = 200
"""Rows sent to the browser: the best answers; the exports have them all."""
COLUMNS = (
    Column("nom", "Nom"),
    Column("prenom", "Prénom"),
    Column("profession", "Profession"),
    Column("specialite", "Spécialité"),
    Column("commune", "Commune"),
    Column("mode_exercice", "Mode d'exercice"),
    Column("activites", "Activités", Format.INTEGER),
)
SITES = (
    Column("nom", "Établissement"),
    Column("categorie", "Catégorie"),
    Column("commune", "Commune"),
    Column("adresse", "Adresse"),
    Column(
        "professionnels", "Professionnels", Format.INTEGER, help="Personnes de la sélection qui y exercent."
    ),
)
SITES_EXTRA = (
    Column("finess", "Numéro FINESS"),
    Column("code_postal", "Code postal"),
    Column("telephone", "Téléphone"),
    Column("longitude", "Longitude", Format.DECIMAL),
    Column("latitude", "Latitude", Format.DECIMAL),
    Column("geo_source", "Origine des coordonnées"),
    Column("professions", "Professions présentes"),
    Column("date_donnees", "Date des données"),
)
METHOD = (
    "**Recherche.** Chaque mot tapé commence un mot du nom, de la profession, de la spécialité, de la catégorie, de "
    "la commune ou du numéro ; accents, majuscules et traits d'union sont indifférents. Un métier se cherche aussi au "
    "féminin, au pluriel ou par son nom courant (infirmières, généraliste, hôpital, EHPAD). Quand moins de cinq "
    "réponses sont exactes, les noms proches suivent (une faute dans un mot de quatre lettres, deux à partir de huit)."
)
METHOD_PERSONS = (
    f"{METHOD}\n\n**Liste.** Une ligne par personne de l'extraction ; une personne absente du fichier ANS n'y est pas. "
    f"Au-delà de {exports.BULK} personnes, l'export demande d'accepter les conditions de réutilisation et s'inscrit au "
    "journal.\n\n*Un contact publié est celui du lieu d'exercice, pas de la personne.*"
)
METHOD_SITES = (
    f"{METHOD}\n\n**Liste.** Établissements ouverts du répertoire FINESS, dans les territoires choisis. Un "
    "professionnel y exerce si le lieu de l'une de ses activités porte le numéro FINESS de l'établissement. Un filtre "
    "de profession, de spécialité ou de mode ne garde que les établissements où quelqu'un y répond.\n\n"
    "*Ne mesure pas l'effectif : un salarié dont le lieu n'est pas renseigné, ou porte un autre numéro, manque.*"
)


@dataclass(frozen=True)
class Family(Picked):
    """The family of establishments: offered when they are listed; a list, for it is long."""

    def draw(self, view: View, *, bare: bool = False) -> None:
        """Draw the choice."""
        if view.option("quoi") == "etablissements":
            super().draw(view, bare=bare)


def sites(view: View) -> pl.DataFrame:
    """The establishments that answer the search and the family chosen."""
    asking = view.asking(ETABLISSEMENTS, recherche=asked(view), famille=view.option("famille"))
    return asking.detail()


def question(view: View) -> str:
    """« Qui sont les infirmiers (libéral), et où exercent-ils ? »"""
    return about(view, f"Qui sont les {who(view)}, et où les trouver ?")


def reading(view: View) -> str:
    """How many answer the search."""
    found, words = answers(view), view.option("q")
    if not asked(view):
        said = f"{where(view)} : {people(found.persons.height)}"
        if registered(view):
            said += f" et {french.counted(found.establishments.height, 'établissement')}"
        return f"{said}. Cherchez un nom, une commune, une profession ou un établissement."
    if not found.persons.height and not found.establishments.height:
        if found.communes.height:
            towns = french.counted(found.communes.height, "commune porte ce nom", "communes portent ce nom")
            return f"{where(view)} : aucun professionnel ni établissement pour « {words} » ; {towns}."
        return (
            f"{where(view)} : rien ne répond à « {words} ». Essayez un nom, une commune ou une profession, "
            "ou retirez un filtre."
        )
    said = _counts(found)
    if found.near:
        return f"{where(view)} : {said}, d'un nom proche de « {words} »."
    return f"{where(view)} : {said} pour « {words} »."


def _counts(found: Answers) -> str:
    """``3 personnes et 1 établissement``: what there is, never what there is not."""
    parts = []
    if found.persons.height:
        parts.append(people(found.persons.height))
    if found.establishments.height:
        parts.append(french.counted(found.establishments.height, "établissement"))
    return " et ".join(parts)


def opened(view: View) -> Drawn:
    """The communes that answer, and the cards that are open."""

    def draw(view: View) -> None:
        found = answers(view)
        if asked(view):
            told = f"{people(found.persons.height)}, {french.counted(found.establishments.height, 'établissement')}"
            st.html(f'<p class="obs-lecteur" role="status">{escape(typographic(told))}</p>')
        if found.communes.height:
            with st.container(horizontal=True, gap="small", key="obs_gestes_communes"):
                for code, name in found.communes.iter_rows():
                    st.button(
                        f"Voir la commune de {name}",
                        key=f"obs_commune_{code}",
                        type="tertiary",
                        on_click=_enter,
                        args=(view, code),
                    )
        if finess := view.option("etablissement"):
            draw_establishment(view, finess)
        if person := view.option("personne"):
            draw_card(view, person)

    return Drawn(draw, title="Qui cherchez-vous ?")


def _enter(view: View, code: str) -> None:
    """Narrow to a commune found by its name: the words typed have become a filter."""
    now = state.current(view.scope)
    selection = now.selection
    for axis in ("departement", "epci", "commune"):
        selection = selection.without(axis)
    options = {name: value for name, value in now.options.items() if name != "q"}
    state.commit(view.scope, State(selection.with_filter("commune", [code]), options))


def results(view: View) -> Drawn:
    """The list, a way to open a card, and the exports."""
    found = answers(view)
    if view.option("quoi") == "etablissements":
        return Drawn(_establishments)
    if asked(view) and not found.persons.height and found.establishments.height:
        return Drawn(_establishments_only)
    return Drawn(_professionals)


def _establishments_only(view: View) -> None:
    """What was typed names establishments: they are listed without a click, and the reader is told."""
    said = (
        f"Aucun professionnel ne répond à « {view.option('q')} » : voici les établissements qui y répondent."
    )
    st.info(literal(typographic(said)))
    _establishments(view)


def _professionals(view: View) -> None:
    rows = answers(view).persons
    if not rows.height:
        _nobody(view)
        return
    table = Table(rows, COLUMNS, key=PERSON, title="Professionnels", counted=people(rows.height))
    names = {row[PERSON]: named(row) for row in rows.head(OFFERED).iter_rows(named=True)}
    _with_opened(view, "personne", names, directory(view), PERSON, named)
    choose(view, "personne", "Ouvrir la fiche d'un professionnel", names)
    _list(view, table, "personne")
    exports.draw_foot(
        view,
        f"{view.source()} · {people(rows.height)}",
        METHOD_PERSONS,
        lambda: exports.draw_persons(view, table),
    )


def _establishments(view: View) -> None:
    if not registered(view):
        st.info(
            typographic(
                "Le répertoire des établissements n'est pas encore publié ici : la liste se remplira quand il le sera."
            )
        )
        return
    rows = sites(view)
    if not rows.height:
        _nobody(view)
        return
    counted = french.counted(rows.height, "établissement")
    table = Table(rows, SITES, key="finess", title="Établissements", counted=counted)
    names = {row["finess"]: _site(row) for row in rows.head(OFFERED).iter_rows(named=True)}
    _with_opened(view, "etablissement", names, places(view), "finess", _site)
    choose(view, "etablissement", "Ouvrir la fiche d'un établissement", names)
    _list(view, table, "etablissement")
    day = rows["date_donnees"].max()
    source = f"FINESS, {french.long_date(day)}" if day else "FINESS"  # type: ignore[arg-type]

    def download() -> None:
        whole = replace(table, columns=(*SITES, *SITES_EXTRA))
        title = f"Établissements ({source} ; {REGISTER.licence})"
        st.download_button(
            "CSV",
            data=view.data.access.export(
                file_name(view, "etablissements", "csv"), lambda: table_csv(whole, view, title)
            ),
            file_name=file_name(view, "etablissements", "csv"),
            mime="text/csv",
            key="obs_csv_etablissements",
            type="tertiary",
            on_click="ignore",
        )

    exports.draw_foot(view, f"{source} ; {view.source()} · {counted}", METHOD_SITES, download)


def _nobody(view: View) -> None:
    """Say that this list is empty, and where the answers are."""
    if not asked(view):
        empty(view)
        return
    found, listed = answers(view), view.option("quoi")
    others = (
        french.counted(found.persons.height, "professionnel y répond", "professionnels y répondent")
        if listed == "etablissements"
        else french.counted(
            found.establishments.height, "établissement y répond", "établissements y répondent"
        )
    )
    elsewhere = found.persons.height if listed == "etablissements" else found.establishments.height
    none = "Aucun établissement" if listed == "etablissements" else "Aucun professionnel"
    said = f"{none} ne répond à « {view.option('q')} »."
    advice = (
        f"{others} : voyez l'autre liste."
        if elsewhere
        else "Essayez un seul mot, ou retirez un filtre dans la colonne de gauche."
    )
    st.info(literal(typographic(f"{said} {advice}")))


def _list(view: View, table: Table, option: str) -> None:
    """The first rows; a row that is clicked opens its card."""
    shown = replace(table, frame=table.frame.head(SHOWN))
    rows = tables.identifiers(shown)
    key = f"liste_{option}_{abs(hash(tuple(rows)))}"
    tables.mark(rows, key, [view.option(option)])

    def clicked() -> None:
        picked = tables.picked(shown, key)
        set_option(view, option, picked[0] if picked else "")

    tables.draw(
        shown, key=key, height=420 if len(rows) > tables.WHOLE else None, on_select=clicked, single=True
    )
    if table.frame.height > SHOWN:
        said = (
            f"{french.number(SHOWN)} premières réponses sur {french.number(table.frame.height)} : précisez la "
            "recherche ; l'export les contient toutes."
        )
        st.html(f'<p class="obs-source">{escape(typographic(said))}</p>')


def _with_opened(view, option, names, rows, key, label) -> None:  # type: ignore[no-untyped-def]
    """The card that is open stays in the list of those offered, even when the search no longer finds it."""
    code = view.option(option)
    if code and code not in names:
        names |= {row[key]: label(row) for row in rows.filter(pl.col(key) == code).iter_rows(named=True)}


def _site(row: dict[str, str | None]) -> str:
    return " — ".join(part for part in (row["nom"], row["categorie"], row["commune"]) if part)


REPERTOIRE = Page(
    name="repertoire",
    title="Répertoire",
    question=question,
    reading=reading,
    universe=ANNUAIRE,
    filters=(
        Territory(),
        *PEOPLE,
        Choice("secteur"),
        Choice("genre_activite"),
        Snapshot(),
    ),
    rows=(
        Block(
            "fiches",
            opened,
            options=(
                Search(
                    "q", "Rechercher", placeholder="Nom, commune, profession, établissement : martin metz"
                ),
                Kept("personne", "Fiche d'un professionnel"),
                Kept("etablissement", "Fiche d'un établissement"),
            ),
        ),
        Block(
            "resultats",
            results,
            options=(
                Option(
                    "quoi", "Liste", {"professionnels": "Professionnels", "etablissements": "Établissements"}
                ),
                Family("famille", "Famille d'établissements", FAMILIES),
            ),
        ),
    ),
    printable=False,
)
