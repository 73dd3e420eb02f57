"""« Notice »: where the directory comes from, how each figure is counted, what it does not say."""

from __future__ import annotations

import polars as pl

from apps.annuaire import glossary
from apps.annuaire.questions import ABSENT, GAP, NOTICE, bases
from apps.annuaire.words import about
from apps.kit.charts.tables import Column
from apps.kit.data.view import View
from apps.kit.filters.filters import Snapshot, Territory
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.views.own import ROWS, WORDS, Rows, Text
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.model import Kind

REGISTERS = (
    (
        "Ordres nationaux des professions",
        "chaque jour",
        "Inscriptions, spécialités, activités de leurs membres",
    ),
    ("Service de santé des armées", "chaque jour", "Professionnels militaires"),
    ("FINESS", "chaque jour", "Établissements où l'on exerce"),
    ("Cartes CPx (CPS, CPF, CPE)", "chaque jour", "Validité des cartes, activités qu'elles portent"),
    ("MSSanté", "chaque jour", "Boîtes de messagerie sécurisée de santé"),
    ("Agences régionales de santé", "chaque semaine", "Professions sans ordre (anciennement ADELI)"),
)
"""The registers that feed the national extraction: who, how often, what. Source: Agence du Numérique en Santé."""
_ADDS = {
    Kind.FLOW: "oui",
    Kind.STOCK: "oui, à une date",
    Kind.DISTINCT: "non",
    Kind.RATIO: "non : se recalcule",
}


def reading(view: View) -> str:
    """What the extraction holds, in one sentence."""
    people, lines, sites = (view.value(name) for name in ("professionnels", "activites", "sites"))
    return (
        f"Extraction du {view.date_in_words()} : {french.counted(int(people or 0), 'personne')}, "
        f"{french.counted(int(lines or 0), 'activité')}, {french.counted(int(sites or 0), 'site')}."
    )


ROWS["notice.registres"] = lambda _view: pl.DataFrame(
    list(REGISTERS), schema=["registre", "rythme", "apport"], orient="row"
)
ROWS["notice.bases"] = lambda _view: pl.DataFrame(bases(), schema=["base", "regle"], orient="row")
ROWS["notice.mots"] = lambda _view: pl.DataFrame(
    [(one.word, one.meaning) for one in glossary.WORDS], schema=["mot", "sens"], orient="row"
)


@ROWS("notice.mesures")
def measures(view: View) -> pl.DataFrame:
    """How each figure is counted: the universe's own declarations."""
    rows = [
        (one.label, one.definition, one.ne_mesure_pas, _adds(one.name, one.kind), one.name)
        for one in view.universe.measures
    ]
    return pl.DataFrame(
        rows, schema=["chiffre", "definition", "ne_mesure_pas", "additif", "mesure"], orient="row"
    )


def _adds(name: str, kind: Kind) -> str:
    return "oui, par territoire" if name == "professionnels_principal" else _ADDS[kind]


WORDS["ecart_carte"] = lambda s: GAP.short(s.view)
REGISTERED = Rows(
    "notice.registres",
    (
        Column("registre", "Registre"),
        Column("rythme", "Transmission"),
        Column("apport", "Ce qu'il apporte"),
    ),
    "À quel rythme les registres alimentent-ils l'annuaire ?",
    ("registre",),
    "L'Agence du Numérique en Santé publie chaque jour l'extraction nationale ; l'Observatoire en ingère une tous les "
    "quinze jours.",
)
BASES = Rows(
    "notice.bases",
    (Column("base", "Base de comptage"), Column("regle", "Territoires et total")),
    "Que compte-t-on, et quand les territoires s'additionnent-ils ?",
    ("base",),
    "La base se choisit dans la colonne de gauche de la Carte et de la Qualité ; elle suit de page en page et s'écrit "
    "dans l'adresse et dans les exports. Les autres pages comptent des personnes.",
    measures=("professionnels_principal",),
)
MEASURES = Rows(
    "notice.mesures",
    (
        Column("chiffre", "Chiffre"),
        Column("definition", "Comment il est compté", width=350),
        Column("additif", "S'additionne"),
        Column("ne_mesure_pas", "Limite", width=300),
        Column("mesure", "Nom dans les fichiers"),
    ),
    "Comment chaque chiffre est-il compté ?",
    ("chiffre",),
    "Ces définitions sont celles que le calcul applique : la page les lit, elle ne les recopie pas.",
    lines=3,
)
MEANINGS = Rows(
    "notice.mots",
    (Column("mot", "Mot"), Column("sens", "Ce qu'il veut dire, sur toutes les pages", width=650)),
    "Que veulent dire les mots de ces pages ?",
    ("mot",),
    "Un mot a un seul sens : deux chiffres différents portent deux mots.",
    lines=3,
)
LIMITS = Text(
    "- **Le temps de présence** : une personne compte pour une, à temps plein ou un jour par mois. L'extraction ne "
    "publie ni volume d'activité, ni âge.\n"
    "- **L'accès aux soins** : les habitants consultent aussi ailleurs ; une densité ne le voit pas. La page "
    "Accessibilité s'en approche, sans être l'indicateur officiel de la DREES ; elle le met à côté quand il est "
    "ingéré.\n"
    "- **Les vrais trajets** : les distances vont de centre de commune à centre de commune.\n"
    "- **Les installations et les cessations** : entre deux extractions, une disparition peut être un retard de "
    "saisie ou une carte expirée.\n"
    "- **Les lieux multiples non déclarés** : un cabinet secondaire n'apparaît que s'il est déclaré.",
    "Que ne disent pas ces chiffres ?",
)

NOTICE_PAGE = Page(
    name=NOTICE,
    title="Notice",
    question=lambda view: about(view, "D'où viennent ces chiffres, et que ne disent-ils pas ?"),
    reading=reading,
    universe=ANNUAIRE,
    filters=(Territory(), Snapshot()),
    rows=(
        # First: a link that leads to them lands on them, whatever is still being drawn below.
        (
            Block(ABSENT.anchor, Text(ABSENT.answer, ABSENT.label), anchor=True),
            Block(GAP.anchor, Text(GAP.answer, GAP.label, "{ecart_carte}"), anchor=True),
        ),
        Block("registres", REGISTERED, anchor=True),
        Block("base", BASES, anchor=True),
        Block("mots", MEANINGS, anchor=True),
        Block("mesures", MEASURES, anchor=True),
        Block("limites", LIMITS, anchor=True),
    ),
)
