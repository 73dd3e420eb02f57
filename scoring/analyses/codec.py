"""A saved analysis from and to JSON: strict, every fault at once with its path, older versions brought up to date.

Written here rather than with a validation library: every message is a French sentence with the nearest names, and the
names of measures and axes are checked apart (:mod:`scoring.analyses.references`), for a renamed measure makes one
section to repair and never the analysis unreadable.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from scoring.analyses.arbre import IMPOSER, Arbre
from scoring.analyses.lecture_json import AnalyseFautive, Faute, Membres
from scoring.analyses.spec import (
    GENRES,
    MOST_AXES,
    MOST_BYTES,
    MOST_DESCRIPTION,
    MOST_EXCERPT,
    MOST_HEADERS,
    MOST_HEADING,
    MOST_MEASURES,
    MOST_PROSE,
    MOST_SECTIONS,
    MOST_TITLE,
    PERIODES,
    TYPES,
    VERSION,
    Analyse,
    Graphique,
    Lien,
    Origine,
    Periode,
    Section,
)

STEPS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""Version -> pure function that brings a document of that version to the next one; nothing is rewritten on reading."""
MOST_MONTHS, MOST_NUMBER = 120, 500


class VersionPlusRecente(AnalyseFautive):
    """A document written by a newer version of the suite: shown read-only, never saved over.

    Args:
        version: its version.
    """

    def __init__(self, version: int) -> None:
        super().__init__(
            [
                Faute(
                    "version",
                    f"Cette analyse a été écrite par une version plus récente de l’observatoire (format {version}, "
                    f"celle-ci lit jusqu’au format {VERSION}) : elle s’ouvre en lecture seule.",
                )
            ]
        )


def decode(document: object) -> Analyse:
    """The analysis of a document.

    Args:
        document: what JSON gave, or its text.

    Raises:
        VersionPlusRecente: it was written by a newer version.
        AnalyseFautive: it has faults; all of them are listed.
    """
    analyse, fautes = read(document)
    if analyse is None or fautes:
        raise AnalyseFautive(fautes)
    return analyse


def read(document: object) -> tuple[Analyse | None, list[Faute]]:
    """The analysis of a document, and its faults; None when nothing can be made of it.

    Raises:
        VersionPlusRecente: it was written by a newer version.
    """
    fautes: list[Faute] = []
    size = len(_text(document).encode("utf-8"))
    if size > MOST_BYTES:
        return None, [
            Faute("", f"{-(-size // 1024)} Kio : {MOST_BYTES // 1024} au plus. Raccourcissez les textes.")
        ]
    if isinstance(document, str | bytes):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError) as error:
            return None, [Faute("", f"Ce n’est pas du JSON : {_where(error)}.")]
    m = Membres.de(document, "", fautes)
    if m is None:
        return None, fautes
    version = m.entier("version", moins=1, plus=10**6, obligatoire=True)
    if fautes:
        return None, fautes
    if version > VERSION:
        raise VersionPlusRecente(version)
    current = dict(m.brut)
    for step in range(version, VERSION):
        current = STEPS[step](current)
    m = Membres(current, "", fautes, ["version"])
    return _analyse(m), fautes


def _where(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"ligne {error.lineno}, colonne {error.colno}"
    return "texte illisible"


def _text(document: object) -> str:
    if isinstance(document, bytes):
        return document.decode("utf-8", "replace")
    return document if isinstance(document, str) else json.dumps(document, ensure_ascii=False, default=str)


def _analyse(m: Membres) -> Analyse:
    genre = m.texte("genre", parmi=GENRES, defaut="analyse")
    titre = m.texte("titre", plus=MOST_TITLE, obligatoire=True)
    description = m.texte("description", plus=MOST_DESCRIPTION)
    origine = _origine(m)
    sections = m.liste(
        "sections", lambda one, path: _section(one, path, m.fautes), plus=MOST_SECTIONS, mots="sections"
    )
    seen: set[str] = set()
    for rank, one in enumerate(sections):
        if one.id in seen:
            m.faute(f"sections[{rank}].id", f"« {one.id} » nomme déjà une autre section.")
        seen.add(one.id)
    m.fermer("d’une analyse")
    return Analyse(titre, description, sections, genre, origine)


def _origine(parent: Membres) -> Origine | None:
    found = parent.prendre("origine")
    if found is None:
        return None
    m = Membres.de(found, parent.a("origine"), parent.fautes)
    if m is None:
        return None
    made = Origine(
        m.texte("objet", plus=MOST_TITLE, obligatoire=True),
        m.entier("revision", moins=0, plus=10**9, obligatoire=True),
    )
    m.fermer("d’une origine")
    return made


def _section(value: object, chemin: str, fautes: list[Faute]) -> Section | None:
    m = Membres.de(value, chemin, fautes)
    if m is None:
        return None
    ident = m.texte("id", plus=20, obligatoire=True)
    if ident and not (ident.isascii() and ident.isalnum() and ident == ident.lower()):
        m.faute("id", f"« {ident} » : des lettres minuscules et des chiffres seulement.")
    made = Section(
        ident,
        m.texte("titre", plus=MOST_HEADING),
        m.texte("introduction", plus=MOST_PROSE),
        m.texte("conclusion", plus=MOST_PROSE),
        _graphique(m),
        _lien(m),
    )
    m.fermer("d’une section")
    return made


def _graphique(parent: Membres) -> Graphique | None:
    found = parent.prendre("graphique")
    if found is None:
        return None
    m = Membres.de(found, parent.a("graphique"), parent.fautes)
    if m is None:
        return None
    made = Graphique(
        m.texte("univers", plus=60, obligatoire=True),
        m.texte("type", parmi=TYPES, obligatoire=True, defaut="tableau"),
        m.textes("mesures", moins=1, plus=MOST_MEASURES),
        m.textes("axes", plus=MOST_AXES),
        m.textes("en_tete", plus=MOST_HEADERS),
        m.table("cadres", lambda one, path: _arbre(one, path, m.fautes)),
        _periode(m),
        m.table("parametres", lambda one, path: _said(one, path, m.fautes)),
        m.table("options", lambda one, path: _option(one, path, m.fautes)),
    )
    m.fermer("d’un graphique")
    return made


def _arbre(value: object, chemin: str, fautes: list[Faute]) -> Arbre | None:
    m = Membres.de(value, chemin, fautes)
    if m is None:
        return None
    nouveaux = m.entier("nouveaux", moins=0, plus=1, defaut=1)
    noeuds = m.table("noeuds", lambda one, path: _level(one, path, fautes))
    m.fermer("d’un cadre")
    return Arbre(noeuds, nouveaux)


def _level(value: object, chemin: str, fautes: list[Faute]) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= IMPOSER:
        return value
    fautes.append(
        Faute(chemin, "Un niveau de 0 à 3 est attendu (0 rien, 1 Afficher, 2 Sélectionner, 3 Imposer).")
    )
    return None


def _said(value: object, chemin: str, fautes: list[Faute]) -> str | None:
    if isinstance(value, str):
        return value
    fautes.append(Faute(chemin, "Un texte est attendu."))
    return None


def _option(value: object, chemin: str, fautes: list[Faute]) -> str | int | None:
    if isinstance(value, str) and len(value) <= MOST_HEADING:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_NUMBER:
        return value
    fautes.append(Faute(chemin, f"Un texte court ou un nombre de 0 à {MOST_NUMBER} est attendu."))
    return None


def _periode(parent: Membres) -> Periode:
    found = parent.prendre("periode")
    m = None if found is None else Membres.de(found, parent.a("periode"), parent.fautes)
    if m is None:
        return Periode()
    genre = m.texte("genre", parmi=PERIODES, obligatoire=True, defaut="derniere")
    months = m.entier("nombre", moins=1, plus=MOST_MONTHS)
    du, au = m.jour("du"), m.jour("au")
    if genre == "derniers_mois" and not months:
        m.faute("nombre", "Le nombre de mois est obligatoire.")
    if genre == "fixe" and au is None:
        m.faute("au", "La fin de la période est obligatoire (AAAA-MM-JJ).")
    if du is not None and au is not None and du > au:
        m.faute("du", "La période commence après sa fin : échangez les deux dates.")
    made = Periode(genre, months, du, au, m.booleen("imposee"))
    m.fermer("d’une période")
    return made


def _lien(parent: Membres) -> Lien | None:
    found = parent.prendre("lien")
    m = None if found is None else Membres.de(found, parent.a("lien"), parent.fautes)
    if m is None:
        return None
    made = Lien(
        m.texte("le", plus=40, obligatoire=True),
        m.texte("par", plus=MOST_TITLE),
        m.table("versions", lambda one, path: _version(one, path, m.fautes)),
        m.texte("date", plus=10),
        m.texte("portee", plus=64),
        m.texte("cellules", plus=64, obligatoire=True),
        m.liste(
            "extrait", lambda one, path: _cellule(one, path, m.fautes), plus=MOST_EXCERPT, mots="cellules"
        ),
    )
    m.fermer("d’un lien")
    return made


def _version(value: object, chemin: str, fautes: list[Faute]) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    fautes.append(Faute(chemin, "Un numéro de version est attendu."))
    return None


def _cellule(value: object, chemin: str, fautes: list[Faute]) -> tuple[str, str] | None:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) for one in value):
        return value[0], value[1]
    fautes.append(Faute(chemin, "Une cellule est une liste : son nom, sa valeur écrite."))
    return None


# -- writing -----------------------------------------------------------------------------------------


def encode(analyse: Analyse) -> dict[str, Any]:
    """An analysis as JSON; what has its default value is left out."""
    return {
        "version": VERSION,
        "genre": analyse.genre,
        "titre": analyse.titre,
        **_some(
            description=analyse.description,
            origine=None
            if analyse.origine is None
            else {"objet": analyse.origine.objet, "revision": analyse.origine.revision},
        ),
        "sections": [encode_section(one) for one in analyse.sections],
    }


def encode_section(section: Section) -> dict[str, Any]:
    """A section as JSON."""
    return {
        "id": section.id,
        **_some(titre=section.titre, introduction=section.introduction),
        "graphique": None if section.graphique is None else encode_chart(section.graphique),
        **_some(conclusion=section.conclusion, lien=None if section.lien is None else _link(section.lien)),
    }


def encode_chart(chart: Graphique) -> dict[str, Any]:
    """A chart as JSON."""
    return {
        "univers": chart.univers,
        "type": chart.type,
        "mesures": list(chart.mesures),
        **_some(
            axes=list(chart.axes),
            en_tete=list(chart.en_tete),
            cadres={
                axis: {"nouveaux": tree.nouveaux, "noeuds": dict(tree.noeuds)}
                for axis, tree in chart.cadres.items()
            },
            periode=None if chart.periode == Periode() else _period(chart.periode),
            parametres=dict(chart.parametres),
            options=dict(chart.options),
        ),
    }


def _period(period: Periode) -> dict[str, Any]:
    return {
        "genre": period.genre,
        **_some(
            nombre=period.nombre,
            du=period.du.isoformat() if period.du else "",
            au=period.au.isoformat() if period.au else "",
            imposee=period.imposee,
        ),
    }


def _link(lien: Lien) -> dict[str, Any]:
    return {
        "le": lien.le,
        **_some(par=lien.par, versions=dict(lien.versions), date=lien.date, portee=lien.portee),
        "cellules": lien.cellules,
        **_some(extrait=[list(one) for one in lien.extrait]),
    }


def _some(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def text(analyse: Analyse) -> str:
    """An analysis as the text that is kept: two-space indents, members in their order, UTF-8 letters as they are."""
    return json.dumps(encode(analyse), ensure_ascii=False, indent=2) + "\n"


def refuse_too_large(analyse: Analyse) -> None:
    """Refuse to save what could not be read again.

    Raises:
        AnalyseFautive: too many sections, texts too long, too many bytes; every fault is said.
    """
    _, fautes = read(encode(analyse))
    if fautes:
        raise AnalyseFautive(fautes)


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two documents say the same, whatever the order of their members."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
