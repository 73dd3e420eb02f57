"""A saved analysis: frozen values, and the limits of what is kept.

An analysis is a document of sections; a section is a title, an introduction, a chart and a conclusion. Its chart says
what is counted (measures of a universe), by what (axes), drawn how (a type of the gallery), within which frame (what
the author shows, preselects and imposes). The JSON form is read and written by :mod:`scoring.analyses.codec`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from scoring.analyses.arbre import Arbre

VERSION = 1
"""Version that is written; older ones are brought to it when they are read."""
MOST_SECTIONS, MOST_CELLS, MOST_BYTES = 24, 20_000, 256 * 1024
"""Sections of an analysis, cells of one question, bytes of the document."""
MOST_TITLE, MOST_HEADING, MOST_DESCRIPTION, MOST_PROSE = 200, 120, 2_000, 4_000
"""Characters of a title, of a section's title, of the description, of an introduction or a conclusion."""
MOST_MEASURES, MOST_AXES, MOST_HEADERS, MOST_EXCERPT = 8, 4, 4, 200

GENRES = {"analyse": "Analyse", "indicateurs": "Indicateurs clés", "modele": "Modèle"}
TYPES = {
    "chiffres": "Chiffres clés",
    "histogramme": "Histogramme",
    "colonnes": "Colonnes mensuelles",
    "courbe": "Courbe",
    "multiples": "Petits multiples",
    "avant-apres": "Avant / après",
    "radar": "Radar",
    "liste": "Liste",
    "tableau": "Tableau",
    "classement": "Classement",
    "carte": "Cartographie",
    "chaleur": "Carte de chaleur",
    "evaluation": "Évaluation des services",
    "repartition": "Répartition par périmètre fonctionnel",
    "camembert": "Anneau",
    "empilees": "Barres empilées",
    "distribution": "Distribution",
    "nuage": "Nuage de points",
}
"""Types of the gallery, as readers name them."""
PERIODES = ("derniere", "derniers_mois", "fixe")
_CONSONANTS = "bcdfghjklmnpqrstvwxz"


def new_id() -> str:
    """The identifier of a new section: six consonants, so that it never makes a word, stable for life."""
    return "".join(secrets.choice(_CONSONANTS) for _ in range(6))


@dataclass(frozen=True)
class Periode:
    """When a chart is counted.

    Attributes:
        genre: ``derniere`` (the last date or month), ``derniers_mois`` (``nombre`` months, up to the last), ``fixe``
            (from ``du`` to ``au``; a snapshot universe shows ``au``).
        nombre: months of ``derniers_mois``.
        du: first month of ``fixe``.
        au: last month, or the date, of ``fixe``.
        imposee: whether the reader may not leave it.
    """

    genre: str = "derniere"
    nombre: int = 0
    du: date | None = None
    au: date | None = None
    imposee: bool = False


@dataclass(frozen=True)
class Graphique:
    """What a section draws.

    Attributes:
        univers: name of the universe.
        type: a type of :data:`TYPES`.
        mesures: what is counted, in order.
        axes: by what, in order: what the type makes of each is said in :mod:`scoring.analyses.regles`.
        en_tete: measures of the header, asked without the axes.
        cadres: axis -> levels of its values. Of an axis of the chart, the values drawn; of another, a filter.
        periode: when.
        parametres: parameters of the universe.
        options: what one type takes and others do not; kept when the type changes, so that changing it back gives the
            same chart.
    """

    univers: str
    type: str
    mesures: tuple[str, ...]
    axes: tuple[str, ...] = ()
    en_tete: tuple[str, ...] = ()
    cadres: Mapping[str, Arbre] = field(default_factory=dict)
    periode: Periode = field(default_factory=Periode)
    parametres: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Lien:
    """The figures that a text was written on.

    Attributes:
        le: when, ISO moment in UTC.
        par: who, as written at the foot of the page; may be empty.
        versions: version of each table read.
        date: the last date of the figures (ISO).
        portee: hash of the rights under which they were read.
        cellules: digest of the cells, as written.
        extrait: the cells themselves: names of the values and of the measure, joined; the value as written.
    """

    le: str
    par: str
    versions: Mapping[str, int]
    date: str
    portee: str
    cellules: str
    extrait: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Section:
    """One section.

    Attributes:
        id: six consonants, stable for life.
        titre: its title; the question that its chart answers when empty.
        introduction: text before the chart.
        conclusion: text after it.
        graphique: its chart; None for a note.
        lien: the figures its texts were written on; None when nobody said so.
    """

    id: str
    titre: str = ""
    introduction: str = ""
    conclusion: str = ""
    graphique: Graphique | None = None
    lien: Lien | None = None


@dataclass(frozen=True)
class Origine:
    """What an analysis was duplicated from.

    Attributes:
        objet: identifier of the other one: its number in the store, or the name of a shipped model.
        revision: its revision then.
    """

    objet: str
    revision: int


@dataclass(frozen=True)
class Analyse:
    """A saved analysis.

    Attributes:
        titre: its title.
        description: what it is for.
        sections: its sections, in reading order.
        genre: one of :data:`GENRES`.
        origine: what it was duplicated from.
    """

    titre: str
    description: str = ""
    sections: tuple[Section, ...] = ()
    genre: str = "analyse"
    origine: Origine | None = None

    def section(self, ident: str) -> Section | None:
        """A section by its identifier; None when there is none."""
        return next((one for one in self.sections if one.id == ident), None)
