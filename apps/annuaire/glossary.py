"""The words of the directory's figures: one definition a word, shown by Méthode and by the Notice.

A word means one thing on every page. Two figures that differ bear two words: a *person* is not a *head*.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from apps.kit.data.method import Method
from apps.kit.data.view import View
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note, Piece, twin
from lake.errors import LakeError


@dataclass(frozen=True)
class Word:
    """A word of the pages.

    Attributes:
        word: as it is written, singular.
        pattern: how it is met on a page (a regular expression, letter case apart).
        meaning: its definition.
    """

    word: str
    pattern: str
    meaning: str

    @property
    def method(self) -> Method:
        """The definition as Méthode shows it."""
        return Method(self.word, self.meaning)


PERSON = Word(
    "Professionnel (ou personne)",
    r"\bprofessionnels?\b|\bpersonnes?\b",
    "Personne distincte, par son identifiant national, qui a au moins une activité dans la sélection : elle compte "
    "pour une, et une fois dans chaque territoire où elle exerce.",
)
HEAD = Word(
    "Tête",
    r"\btêtes?\b",
    "Une personne partagée également entre les communes où elle exerce : 1/k dans chacune de k communes. Les têtes "
    "d'un territoire sont donc moins nombreuses que ses professionnels, et s'additionnent.",
)
NOBODY = Word(
    "Commune sans personne",
    r"\bcommunes? (?:sur [\d\s\u202f]+ )?sans (?:personne|professionnel)",
    "Commune où personne de la sélection n'a d'activité dont la commune soit connue ; les communes sans habitant "
    "comptent aussi.",
)
DENSITY = Word(
    "Densité",
    r"\bdensités?\b",
    "Professionnels distincts du territoire pour 10 000 habitants (population municipale INSEE 2023).",
)
LOCATED = Word(
    "Localisé",
    r"\b(?:non )?localisée?s?\b",
    "Placé à une adresse trouvée : au numéro, à la rue ou au lieu-dit. Ce qui n'est placé qu'à sa commune n'est pas "
    "localisé.",
)
ARRIVAL = Word(
    "Arrivée, départ",
    r"\barrivées?\b|\bdéparts?\b",
    "Une personne arrive quand elle n'était nulle part dans la région à la première date, et part quand elle n'y est "
    "plus nulle part à la seconde. Un départ est une disparition de l'extraction.",
)
REACH = Word(
    "Accessibilité potentielle",
    r"\baccessibilité\b|\bà portée\b",
    "Têtes que les habitants d'une commune atteignent, pour 10 000 habitants, plus loin comptant moins. Ce n'est pas "
    "l'indicateur officiel de la DREES (APL).",
)
UPDATED = Word(
    "À jour, en retard",
    r"\bà jour\b|\ben retard\b|\bdépassée\b",
    "La promesse de fraîcheur court de la date des données (l'extraction), non de leur publication ici.",
)
WORDS = (PERSON, HEAD, NOBODY, DENSITY, LOCATED, ARRIVAL, REACH, UPDATED)
"""Every word, in the order of the Notice."""


def met(text: str) -> list[Word]:
    """The words that a text uses."""
    return [one for one in WORDS if re.search(one.pattern, text, re.IGNORECASE)]


_BARE = {"questions", "messages", "fiches", "fiche", "actions"}
"""Views without figures, which have no Méthode."""


def defined(page: Page) -> Page:
    """The page, whose Méthode defines the words that it uses: each view its own, the first one the page's too."""
    first = next((one for one in page.blocks if not one.anchor and one.name not in _BARE), None)
    rows: list[Block | tuple[Block, ...]] = []
    for row in page.rows:
        blocks = row if isinstance(row, tuple) else (row,)
        made = tuple(
            replace(block, build=Explained(block.build, page if block is first else None)) for block in blocks
        )
        rows.append(made if isinstance(row, tuple) else made[0])
    return replace(page, rows=tuple(rows))


@dataclass(frozen=True)
class Explained:
    """A view whose Méthode defines the words that it uses.

    Attributes:
        drawing: the view.
        page: the page whose own words it defines too; None for its own alone.
    """

    drawing: Callable[[View], Piece]
    page: Page | None

    def __call__(self, view: View) -> Piece:
        """What the view shows, its words defined."""
        piece = self.drawing(view)
        if isinstance(piece, Note):
            return piece
        table = twin(piece)
        said = [piece.title, piece.reading, *(column.label for column in (table.columns if table else ()))]
        if self.page is not None:
            said += _spoken(self.page, view)
        words = [one.method for one in met(" ".join(said))]
        known = tuple(piece.measures)
        return replace(piece, measures=(*known, *(one for one in words if one not in known)))


def _spoken(page: Page, view: View) -> Sequence[str]:
    """What a page says above its views."""
    try:
        items = page.figures(view).items if page.figures else ()
        return [page.reading(view), *(one.label for one in items), *(one.reference for one in items)]
    except LakeError:
        return []
