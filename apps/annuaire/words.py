"""What the directory's pages say of a selection, in French."""

from __future__ import annotations

from apps.kit.data.view import View
from apps.kit.style import french
from apps.kit.views.own import WORDS

_LINK_WORDS = {"de", "des", "du", "en", "à", "d'"}
_TERRITORIES = ("commune", "epci", "departement", "region")
MOST_NAMED = 4
"""Territories named one by one; beyond, they are counted."""
_SEVERAL = {
    "commune": ("commune", "communes"),
    "epci": ("EPCI", "EPCI"),
    "departement": ("département", "départements"),
    "region": ("région", "régions"),
}
_WHO = ("profession", "specialite", "mode_exercice")


def plural(label: str) -> str:
    """The plural of a profession's label: ``Masseur-Kinésithérapeute`` -> ``masseurs-kinésithérapeutes``.

    Only the words before a preposition agree (``techniciens de laboratoire médical``); acronyms stay.
    """
    words = label.split(" ")
    agreed = []
    agrees = True
    for word in words:
        agrees = agrees and word.lower() not in _LINK_WORDS
        parts = word.split("-")
        shown = [p if p.isupper() and len(p) > 1 else p.lower() for p in parts]
        agreed.append("-".join(_agree(p) for p in shown) if agrees else "-".join(shown))
    return " ".join(agreed)


def _agree(word: str) -> str:
    if word.isupper() or word.endswith(("s", "x", "z")):
        return word
    if word.endswith("al"):
        return word[:-1] + "ux"
    return f"{word}s"


def who(view: View) -> str:
    """Who the selection keeps: ``médecins (médecine générale, libéral)``."""
    professions = [plural(view.word("profession", code)) for code in view.selection.values("profession")]
    noun = french.listing(professions) or "professionnels de santé"
    rest = [
        view.word(axis, code).lower()
        for axis in ("specialite", "mode_exercice")
        for code in view.selection.values(axis)
    ]
    return f"{noun} ({', '.join(rest)})" if rest else noun


def where(view: View) -> str:
    """Where: the chosen territories, else the regions that are published."""
    for axis in _TERRITORIES:
        if values := view.selection.values(axis):
            if len(values) > MOST_NAMED:
                return french.counted(len(values), *_SEVERAL[axis])
            return french.listing(view.word(axis, value) for value in values)
    regions = view.query(["activites"], ["region"]).get_column("region").drop_nulls().to_list()
    return regions[0] if len(regions) == 1 else "France"


def about(view: View, question: str) -> str:
    """The question of a page, its territory named first: ``Bas-Rhin : où exercent les médecins ?``"""
    return f"{where(view)} : {question[0].lower()}{question[1:]}"


def people(count: float | int | None) -> str:
    """``4 871 personnes``."""
    return french.counted(int(count or 0), "personne")


def since(view: View) -> str:
    """``depuis le 31 décembre 2024``; empty for the first extraction."""
    return f"depuis le {french.long_date(view.before)}" if view.before else ""


# The option « maille » of a page: the axis chosen, and the column of its codes.
WORDS["maille"] = lambda s: s.view.option("maille")
WORDS["maille_code"] = lambda s: s.view.universe.axis(s.view.option("maille")).code or s.view.option("maille")
