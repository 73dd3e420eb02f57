"""« Qualité »: how many are located, how, why not the others, and the file that corrects them."""

from __future__ import annotations

import polars as pl
import streamlit as st

from apps.annuaire.base import BASE, PEOPLE, counted
from apps.annuaire.questions import ABSENT, GAP, answers
from apps.annuaire.words import about, where
from apps.kit.charts import tables
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column, Table
from apps.kit.data.method import Method
from apps.kit.data.view import View
from apps.kit.filters.filters import Option, Snapshot, Territory
from apps.kit.pages.export import file_name, table_csv
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Drawn, Note
from apps.kit.style import french
from apps.kit.views.own import METHODS, ROWS, WORDS, Rows, Shown
from lake.catalog.annuaire import PRECISIONS_LOCALISEES
from lake.catalog.corrections import LAYOUT
from lake.text import folded
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.localisation import (
    APPLIED,
    CORRIGES,
    COUNTS,
    LOCALISATION,
    NO_SITE,
    PARTS,
    SANS_IDENTIFIANT,
    SITES,
    TO_COME,
    USELESS,
)
from scoring.universes.model import Format

MESH_WORDS = {"departement": "Départements", "epci": "EPCI", "commune": "Communes", "region": "Région"}
NOUNS = {"departement": "Département", "epci": "EPCI", "commune": "Commune", "region": "Région"}
UNKNOWN = {
    "departement": "Département inconnu",
    "epci": "EPCI inconnu",
    "commune": "Commune inconnue",
    "region": "Région inconnue",
}
STATES = {
    APPLIED: "appliquée",
    TO_COME: "à la prochaine ingestion",
    USELESS: "devenue inutile",
    NO_SITE: "site absent de l'extraction",
}
FILE = "Fichier de correction à compléter"
METHOD = Method(
    "Registre de localisation",
    "À toute maille : total = au numéro + à la rue + au lieu-dit + adresse absente + adresse introuvable + commune "
    "inconnue. La différence est calculée, pas supposée. Une personne (ou un site) est localisée comme l'est sa "
    "meilleure activité dans le territoire. Un point corrigé par un exploitant est localisé : au numéro si des "
    "coordonnées ont été données, sinon comme l'adresse donnée a été trouvée.",
    "Ne mesure pas l'exactitude du point : une adresse trouvée au numéro peut être ancienne.",
)
CORRECTING = Method(
    "Fichier de correction",
    "Une ligne par site non localisé. Complétez longitude et latitude (degrés), ou adresse ; écrivez oui dans "
    "retirer pour lever une correction. Rendu à l'exploitant, le fichier est vérifié ligne à ligne "
    "et appliqué à la prochaine ingestion de l'annuaire.",
)


def asking(view: View) -> View:
    """The question of the page: the ledger of locations on its counting base."""
    return view.asking(LOCALISATION, base=counted(view).base.value)


def ledger(view: View, mesh: str | None = None) -> pl.DataFrame:
    """The ledger of a mesh: code, name, the figures, and their ``difference`` (total less every part)."""
    by = [] if mesh is None else [view.universe.axis(mesh).code or mesh, mesh]
    parts = pl.sum_horizontal(PARTS)
    found = asking(view).query(COUNTS, by).filter(pl.col("total") > 0 if by else pl.lit(True))
    return found.with_columns(difference=pl.col("total") - parts)


def whole(view: View) -> dict[str, int]:
    """The ledger of all that is selected."""
    return dict(ledger(view).row(0, named=True))


def identity(view: View) -> str:
    """The closing identity in figures: ``3 782 = 3 580 + 159 + 19 + 12 + 11 + 1, différence 0``."""
    total = whole(view)
    sign = "=" if not total["difference"] else "≠"
    parts = " + ".join(french.number(total[name]) for name in PARTS)
    return f"{french.number(total['total'])} {sign} {parts}, différence {french.number(total['difference'])}"


def question(view: View) -> str:
    """« Combien d'activités sont localisées ? »"""
    many = counted(view).many
    of = "d'" if many.startswith("a") else "de "
    return about(view, f"Combien {of}{many} sont {counted(view).placed}s, et pourquoi pas les autres ?")


def reading(view: View) -> str:
    """How many are not located, and why, in one sentence."""
    base, total = counted(view), whole(view)
    share = total["non_localises"] / total["total"] if total["total"] else None
    lost = total["non_localises"]
    if not lost:
        agreed = "toutes localisées" if base.feminine else "tous localisés"
        return f"{where(view)} : {base.count(total['total'])}, {agreed}."
    verb = french.plural(lost, "n'est pas", "ne sont pas")
    noun = french.plural(lost, base.placed)
    return (
        f"{where(view)} : {base.count(lost)} sur {french.number(total['total'])} ({french.share(share)}) "
        f"{verb} {noun} ; {french.number(total['places_commune'])} au centre de leur commune, "
        f"{french.number(total['non_places'])} nulle part sur la carte."
    )


def figures(view: View) -> Figures:
    """Located, then the three reasons."""
    base, total = counted(view), whole(view)
    located = sum(total[name] for name in PRECISIONS_LOCALISEES)
    return Figures(
        [
            Figure(
                f"{base.located.capitalize()}s",
                french.share(located / total["total"] if total["total"] else None),
                reference=f"{french.number(located)} sur {base.count(total['total'])}",
                help=view.universe.measure(base.part).definition,
            ),
            Figure(
                "Adresse absente",
                french.number(total["adresse_absente"]),
                reference="aucune voie publiée",
                help="Le registre ne donne aucune voie : il n'y a rien à chercher.",
            ),
            Figure(
                "Adresse introuvable",
                french.number(total["introuvable"]),
                reference="commune connue, voie non trouvée",
                help="La commune est connue, la voie n'y est pas trouvée dans la Base Adresse Nationale.",
            ),
            Figure(
                "Commune inconnue",
                french.number(total["commune_inconnue"]),
                reference=f"différence du registre : {french.number(total['difference'])}",
                help="Ni le code, ni le code postal, ni le nom ne disent la commune.",
            ),
        ]
    )


@ROWS("qualite.registre")
def registre(view: View) -> pl.DataFrame:
    """Every territory's ledger, by name."""
    mesh = view.option(MESH.name)
    frame = ledger(view, mesh).sort(folded(pl.col(mesh)), nulls_last=True)
    return frame.with_columns(pl.col(mesh).fill_null(UNKNOWN[mesh]))


@ROWS("qualite.total")
def everything(view: View) -> pl.DataFrame:
    """The ledger of all that is selected, with the share not located, as one row."""
    return ledger(view).with_columns(
        part=pl.when(pl.col("total") > 0).then(pl.col("non_localises") / pl.col("total"))
    )


@ROWS("qualite.non-localises")
def lost_epci(view: View) -> pl.DataFrame:
    """The EPCI by number not located, the most first."""
    frame = ledger(view, "epci").filter(pl.col("non_localises") > 0)
    return frame.with_columns(
        pl.col("epci").fill_null(UNKNOWN["epci"]), part=pl.col("non_localises") / pl.col("total")
    ).sort("non_localises", "epci", descending=[True, False])


def _most_lost(shown: Shown) -> str:
    known = shown.frame.drop_nulls("siren_epci")
    if not known.height:
        return "Tout est localisé."
    lost = counted(shown.view).count(known["non_localises"][0])
    return f"{known['epci'][0]} vient en tête : {lost} à localiser."


def _lost(shown: Shown) -> str:
    known = shown.frame.drop_nulls("siren_epci").height
    lost = counted(shown.view).count(whole(shown.view)["non_localises"])
    return f"{french.counted(known, 'EPCI', 'EPCI')}, {lost}"


def sites(view: View) -> pl.DataFrame:
    """The sites to correct, in the layout of the correction file."""
    return view.asking(SITES).detail()


def to_correct(view: View) -> Drawn | Note:
    """The sites not located, and the file to complete."""
    frame = sites(view)
    if not frame.height:
        return Note("Aucun site à corriger sous ces filtres.", title="Quels sites corriger ?")
    nameless = view.asking(SANS_IDENTIFIANT).value("activites")
    lines = int(frame["activites"].sum())
    left = (
        f" Sans identifiant de site, donc hors du fichier : {french.counted(int(nameless), 'activité')}."
        if nameless
        else ""
    )
    title = "Quels sites corriger ?"
    shown = Table(
        frame,
        (
            Column("raison_sociale", "Site"),
            Column("adresse_publiee", "Adresse publiée"),
            Column("commune", "Commune"),
            Column("motif", "Motif"),
            Column("professions", "Professions"),
            Column("activites", "Activités", Format.INTEGER),
            Column("identifiant_structure", "Identifiant"),
        ),
        title=title,
    )
    file = Table(frame, tuple(Column(name, name) for name in LAYOUT), title=FILE)

    def draw(view: View) -> None:
        st.download_button(
            FILE,
            data=view.data.access.export(
                file_name(view, "a-corriger", "csv"), lambda: table_csv(file, view, FILE)
            ),
            file_name=file_name(view, "a-corriger", "csv"),
            mime="text/csv",
            key="obs_fichier_correction",
            on_click="ignore",
        )
        tables.draw(shown, f"vue_a-corriger_{abs(hash(view.selection))}")

    return Drawn(
        draw,
        file,
        title=title,
        reading=f"{french.counted(frame.height, 'site')}, {french.counted(lines, 'activité')} : complétez le fichier, "
        f"rendez-le à l'exploitant, la prochaine ingestion l'applique.{left}",
        counted=french.counted(frame.height, "site"),
        measures=(CORRECTING,),
        twinned=False,
    )


@ROWS("qualite.corrections")
def corrections(view: View) -> pl.DataFrame:
    """The corrections in force, and what became of each."""
    frame = view.asking(CORRIGES).detail()
    degrees = pl.format("{} ; {}", pl.col("latitude").round(5), pl.col("longitude").round(5))
    return frame.with_columns(
        issue=pl.col("etat").replace(STATES),
        site=pl.coalesce("raison_sociale", "id_site"),
        # A site may have several addresses corrected.
        cle=pl.concat_str("id_site", "adresse_registre", separator=" "),
        jour=pl.col("enregistree_le").dt.date(),
        point=pl.coalesce("adresse", degrees.str.replace_all(".", ",", literal=True)),
    )


def _applied(shown: Shown) -> str:
    applied = shown.frame.filter(pl.col("etat") == APPLIED).height
    return (
        f"{french.counted(shown.frame.height, 'correction')} en vigueur, {french.counted(applied, 'appliquée')} dans "
        "l'extraction affichée."
    )


MESH = Option("maille", "Maille", MESH_WORDS)
METHODS["localisation"] = lambda _view: (METHOD,)
METHODS["correction"] = lambda _view: (CORRECTING,)
WORDS.update(
    {
        "maille_nom": lambda s: NOUNS[s.view.option(MESH.name)],
        "identite": lambda s: f"{identity(s.view)}. {counted(s.view).sums}",
        "total_compte": lambda s: counted(s.view).count(whole(s.view)["total"]),
        "localises": lambda s: f"{counted(s.view).located}s",
        "plus_a_localiser": _most_lost,
        "a_localiser": _lost,
        "corrections_dites": _applied,
    }
)
LEDGER = Rows(
    "qualite.registre",
    (
        Column("{maille}", "{maille_nom}"),
        Column("total", "{base}", Format.INTEGER),
        Column("numero", "Au numéro", Format.INTEGER),
        Column("rue", "À la rue", Format.INTEGER),
        Column("lieu_dit", "Au lieu-dit", Format.INTEGER),
        Column("adresse_absente", "Adresse absente", Format.INTEGER),
        Column("introuvable", "Introuvable", Format.INTEGER),
        Column("commune_inconnue", "Commune inconnue", Format.INTEGER),
        Column("difference", "Différence", Format.INTEGER, help="Total moins toutes les parts : 0."),
        Column(
            "places_commune",
            "dont à la commune",
            Format.INTEGER,
            help="Parmi les non localisés, placés au centre de leur commune.",
        ),
    ),
    "Le registre ferme-t-il ?",
    reading="{identite}",
    key="{maille_code}",
    counted="{total_compte}",
    total="qualite.total",
    methods=("localisation", "base.effectif"),
)
LOST = Rows(
    "qualite.non-localises",
    (
        Column("epci", "EPCI"),
        Column("non_localises", "Non {localises}", Format.INTEGER),
        Column("part", "Part", Format.SHARE, help="Part des {base_noms} du territoire."),
        Column("places_commune", "dont à la commune", Format.INTEGER),
        Column("total", "{base}", Format.INTEGER),
    ),
    "Où sont les non-{localises} ?",
    reading="{plus_a_localiser}",
    key="siren_epci",
    counted="{a_localiser}",
    total="qualite.total",
    methods=("localisation",),
)
CORRECTIONS = Rows(
    "qualite.corrections",
    (
        Column("site", "Site"),
        Column("commune", "Commune"),
        Column("point", "Point ou adresse", help="Latitude ; longitude, ou l'adresse donnée."),
        Column("issue", "Dans cette extraction"),
        Column("activites", "Activités", Format.INTEGER),
        Column("jour", "Donnée le"),
        Column("commentaire", "Commentaire"),
    ),
    "Que deviennent les corrections ?",
    ("correction",),
    "{corrections_dites}",
    "Aucune correction n'est en vigueur sous ces filtres.",
    "cle",
    methods=("correction",),
)

QUALITE = Page(
    name="qualite",
    title="Qualité",
    question=question,
    reading=reading,
    universe=ANNUAIRE,
    filters=(
        Territory(),
        *PEOPLE,
        Snapshot(),
        BASE,
    ),
    figures=figures,
    rows=(
        Block("questions", answers((GAP, ABSENT))),
        Block("registre", LEDGER, options=(MESH,)),
        Block("non-localises", LOST),
        Block("a-corriger", to_correct),
        Block("corrections", CORRECTIONS),
    ),
)
