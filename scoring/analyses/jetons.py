"""Live figures in prose: ``{{mesure}}`` is the figure itself, asked anew each time the text is read.

``{{psc_taux_adoption}}`` is its value under the section's filters, ``{{psc_taux_adoption|region=44}}`` under another
one, ``{{psc_taux_adoption|ecart}}`` how it moved, ``{{psc_taux_adoption|date}}`` when it is counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

FORMES = ("valeur", "ecart", "date")
_TOKEN = re.compile(r"\{\{\s*([^{}|]{1,80}?)\s*((?:\|[^{}|]{1,80}){0,6})\}\}")


@dataclass(frozen=True)
class Jeton:
    """A live figure.

    Attributes:
        mesure: what is counted.
        forme: one of :data:`FORMES`.
        filtres: axis -> values, over the section's own.
        texte: as it is typed.
        faute: what cannot be read of it, in French.
    """

    mesure: str
    forme: str = "valeur"
    filtres: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texte: str = ""
    faute: str = ""


def jetons(text: str) -> list[Jeton]:
    """The live figures of a text, in order."""
    return [_read(found) for found in _TOKEN.finditer(text)]


def replaced(text: str, write: Callable[[Jeton], str]) -> str:
    """A text with each live figure written."""
    return _TOKEN.sub(lambda found: write(_read(found)), text)


def _read(found: re.Match[str]) -> Jeton:
    forme, filtres, faute = "valeur", {}, ""
    for said in (part.strip() for part in found.group(2).split("|") if part.strip()):
        name, sign, values = said.partition("=")
        if sign:
            filtres[name.strip()] = tuple(one.strip() for one in values.split(",") if one.strip())
        elif said in FORMES:
            forme = said
        else:
            faute = f"« {said} » : écrivez {', '.join(FORMES)}, ou un filtre (region=44)."
    return Jeton(found.group(1), forme, filtres, found.group(0), faute)
