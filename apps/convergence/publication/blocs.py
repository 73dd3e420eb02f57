"""The bricks of the publication: what ``publication.typ`` knows how to set, as plain data.

A section holds sheets; a sheet has a title, a sentence, figures and rows; a row holds blocks side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from apps.kit.charts.tables import Table
from apps.kit.export.pdf import drawing, shares
from apps.kit.maps.maps import Classes
from apps.kit.pages.pieces import Note
from apps.kit.style import theme
from apps.kit.style.french import typographic

Bloc = dict[str, Any]
LIGNE = 135
"""Characters of a table across the sheet: its text is smaller than on a page's own PDF."""


def dessin(
    svg: str | Future[str], titre: str = "", *, alt: str = "", lecture: str = "", poids: float = 1.0
) -> Bloc:
    """A drawing (SVG), there or to come."""
    return {
        "genre": "dessin",
        "titre": typographic(titre),
        "lecture": typographic(lecture),
        "svg": svg,
        "alt": typographic(alt or lecture or titre) or "graphique",
        "poids": poids,
    }


def graphique(
    spec: dict[str, Any],
    titre: str = "",
    *,
    largeur: int,
    hauteur: int | None = None,
    alt: str = "",
    lecture: str = "",
    poids: float = 1.0,
) -> Bloc:
    """A chart of the pages; ``largeur`` is in its own pixels: the fewer, the larger its text."""
    if not spec:
        return texte(["Rien à dessiner dans cette campagne."], titre, poids=poids)
    return dessin(drawing(spec, largeur, hauteur), titre, alt=alt, lecture=lecture, poids=poids)


def texte(paragraphes: Sequence[str], titre: str = "", *, poids: float = 1.0) -> Bloc:
    """Paragraphs."""
    return {
        "genre": "texte",
        "titre": typographic(titre),
        "lecture": "",
        "paragraphes": [typographic(one) for one in paragraphes],
        "poids": poids,
    }


def tableau(
    entetes: Sequence[str],
    lignes: Sequence[Sequence[str]],
    titre: str = "",
    *,
    textes: int = 1,
    lecture: str = "",
    poids: float = 1.0,
    largeur: float = 1.0,
) -> Bloc:
    """A table of cells already written.

    Args:
        entetes: headings.
        lignes: cells, row by row.
        titre: its title.
        textes: how many columns, from the left, are text; the others are figures, aligned right.
        lecture: the sentence under the title.
        poids: share of the row's width.
        largeur: share of the sheet's width that this comes to (its columns wrap accordingly).
    """
    cells = [[typographic(cell) for cell in row] for row in lignes]
    return {
        "genre": "tableau",
        "titre": typographic(titre),
        "lecture": typographic(lecture),
        "entetes": [typographic(one) for one in entetes],
        "lignes": cells,
        "droite": [rank >= textes for rank in range(len(entetes))],
        "largeurs": shares(entetes, cells, round(LIGNE * largeur)),
        "poids": poids,
    }


def piece(table: Table | Note, *, poids: float = 1.0, largeur: float = 1.0, titre: str | None = None) -> Bloc:
    """A table, or the note in its place, of a page."""
    if isinstance(table, Note):
        return texte([table.text], table.title, poids=poids)
    names = [column.name for column in table.columns]
    rows = [
        [column.write(value) for column, value in zip(table.columns, row, strict=True)]
        for row in table.frame.select(names).iter_rows()
    ]
    made = tableau(
        [column.label for column in table.columns],
        rows,
        table.title if titre is None else titre,
        lecture=table.reading,
        poids=poids,
        largeur=largeur,
    )
    return {**made, "droite": [column.format is not None for column in table.columns]}


def plan(contenu: dict[str, Any]) -> Bloc:
    """A plan d'occupation des sols (``apps/kit/export/bands.typ``)."""
    return {"genre": "plan", "titre": "", "lecture": "", "plan": contenu, "poids": 1.0}


def series(names: Sequence[str]) -> Bloc:
    """The legend that several charts of the same series share."""
    entries = [
        {"couleur": colour, "mots": typographic(name)}
        for colour, name in zip(theme.SERIES, names, strict=False)
    ]
    return {"genre": "legende", "titre": "", "lecture": "", "entrees": entries, "unite": "", "poids": 1.0}


def maturity() -> Bloc:
    """What the colours of levels mean, in words."""
    entries = [{"couleur": colour, "mots": typographic(word)} for colour, word, _ in theme.MATURITY.values()]
    return {"genre": "legende", "titre": "", "lecture": "", "entrees": entries, "unite": "", "poids": 1.0}


def legende(classes: Classes, unite: str) -> Bloc:
    """The legend that several maps share."""
    entries = [
        {"couleur": colour, "mots": words}
        for colour, words in zip(classes.colours, classes.labels, strict=True)
    ]
    entries.append({"couleur": theme.NO_DATA, "mots": "pas de donnée"})
    return {
        "genre": "legende",
        "titre": "",
        "lecture": "",
        "entrees": entries,
        "unite": typographic(unite),
        "poids": 1.0,
    }


def chiffre(libelle: str, valeur: str, repere: str = "") -> dict[str, str]:
    """A key figure."""
    return {"libelle": typographic(libelle), "valeur": valeur, "repere": typographic(repere)}


def feuille(
    titre: str,
    lecture: str = "",
    *,
    chiffres: Sequence[dict[str, str]] = (),
    rangs: Sequence[Sequence[Bloc]] = (),
    sommaire: bool = True,
) -> dict[str, Any]:
    """A sheet; ``sommaire`` says whether the contents list it."""
    return {
        "titre": typographic(titre),
        "lecture": typographic(lecture),
        "chiffres": list(chiffres),
        "rangs": [list(row) for row in rangs if row],
        "sommaire": sommaire,
    }


def section(titre: str, feuilles: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A section: its title stands above its first sheet."""
    return {"titre": typographic(titre), "feuilles": list(feuilles)}
