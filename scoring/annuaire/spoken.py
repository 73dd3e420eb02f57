"""The words people type for the directory's own: a profession by who does it, an establishment by its usual name.

The register says « Infirmier », « Médecine générale », « Etablissement d'hébergement pour personnes âgées
dépendantes »; people type *infirmières*, *généraliste*, *EHPAD*. Each typed word stands for itself, and for the words
of the register given here: another gender or number of it, the specialty of who practises it, an everyday name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

SMALL_WORDS = frozenset("a au aux d de des du en et l la le les un une".split())
"""Words that join others: they may be missing from what is found, as long as another word is typed."""

Meaning = tuple[str, ...]
"""Words that an entry must all hold."""

PHRASES: dict[tuple[str, ...], tuple[Meaning, ...]] = {
    ("medecin", "famille"): (("medecine", "generale"),),
    ("medecin", "traitant"): (("medecine", "generale"),),
    ("medecin", "generaliste"): (("medecine", "generale"),),
    ("maison", "retraite"): (("hebergement", "agees"),),
    ("maison", "medicale"): (("maison", "sante"),),
    ("maison", "pluridisciplinaire"): (("maison", "sante"),),
    ("laboratoire", "analyses"): (("laboratoire",),),
}
"""Expressions that mean something together (small words left out, plurals and feminines already undone)."""

WORDS: dict[str, tuple[Meaning, ...]] = {
    "generaliste": (("medecine", "generale"),),
    "docteur": (("medecin",),),
    "toubib": (("medecin",),),
    "interniste": (("medecine", "interne"),),
    "urgentiste": (("medecine", "urgence"),),
    "reanimateur": (("reanimation",),),
    "anesthesiste": (("anesthesie",),),
    "pediatre": (("pediatrie",),),
    "psychiatre": (("psychiatrie",),),
    "pedopsychiatre": (("psychiatrie", "enfant"),),
    "geriatre": (("geriatrie",),),
    "radiologue": (("radio", "diagnostic"),),
    "obstetricien": (("obstetrique",),),
    "orl": (("orl",),),
    "phlebologue": (("medecine", "vasculaire"),),
    "angiologue": (("medecine", "vasculaire"),),
    "cancerologue": (("oncologie",),),
    "radiotherapeute": (("oncologie", "radiotherapie"),),
    "diabetologue": (("endocrinologie",),),
    "traumatologue": (("traumatologie",),),
    "infectiologue": (("infectieuses",),),
    "kine": (("kinesitherapeute",),),
    "masseur": (("kinesitherapeute",),),
    "dentaire": (("dentiste",),),
    "podologue": (("podologue",),),
    "accoucheur": (("sage", "femme"), ("obstetrique",)),
    "maieuticien": (("sage", "femme"),),
    "lunetier": (("opticien",),),
    "apothicaire": (("pharmacien",),),
    "nutritionniste": (("dieteticien",),),
    "hopital": (("hospitalier",), ("hopital",), ("soins", "pluridisciplinaire"), ("soins", "chirurgicaux")),
    "hopitaux": (("hospitalier",), ("hopital",), ("soins", "pluridisciplinaire")),
    "hosto": (("hospitalier",), ("hopital",)),
    "chu": (("hospitalier", "universitaire"), ("hospitalier", "regional")),
    "chr": (("hospitalier", "regional"),),
    "ch": (("hospitalier",),),
    "clinique": (("soins", "pluridisciplinaire"), ("soins", "chirurgicaux"), ("soins", "medicaux")),
    "ehpad": (("hebergement", "agees"),),
    "msp": (("maison", "sante"),),
    "cds": (("centre", "sante"),),
    "dispensaire": (("centre", "sante"),),
    "labo": (("laboratoire",),),
    "ime": (("medico", "educatif"),),
    "ssiad": (("soins", "domicile"),),
    "had": (("hospitalisation", "domicile"),),
}
"""One word, without plural or feminine, and what it stands for in the register."""

_GENDERS = (
    ("iere", "ier"),
    ("ienne", "ien"),
    ("euse", "eur"),
    ("trice", "teur"),
    ("ologiste", "ologie"),
    ("ologue", "ologie"),
    ("ologue", "ologue"),
    ("ale", "al"),
    ("elle", "el"),
    ("ante", "ant"),
    ("ive", "if"),
    ("ee", "e"),
)


def singular(word: str) -> str:
    """A word without its plural: ``infirmieres`` -> ``infirmiere``, ``hopitaux`` -> ``hopital``."""
    if len(word) > 5 and word.endswith("aux"):
        return f"{word[:-3]}al"
    return word[:-1] if len(word) > 3 and word.endswith(("s", "x")) and not word.endswith("ss") else word


def forms(word: str) -> tuple[str, ...]:
    """The word's singular, then the masculine or the specialty that its ending tells; the word itself left out."""
    one = singular(word)
    found = [
        one,
        *(one[: -len(end)] + other for end, other in _GENDERS if one.endswith(end) and len(one) > len(end)),
    ]
    return tuple(dict.fromkeys(form for form in found if form != word))


def meanings(word: str) -> tuple[Meaning, ...]:
    """What a typed word may stand for besides itself.

    Args:
        word: folded (:func:`scoring.annuaire.persons.fold`).
    """
    found: list[Meaning] = [(form,) for form in forms(word)]
    for form in (word, *forms(word)):
        found += WORDS.get(form, ())
    return tuple(dict.fromkeys(found))


def read(words: Sequence[str]) -> list[tuple[str, tuple[Meaning, ...], bool]]:
    """The words of a search, with what each stands for and whether it may be missing.

    Args:
        words: folded, in the order typed.

    Returns:
        A triple a word, or an expression (its first word then stands for it): the word, its meanings, whether
        it may be missing.
    """
    bare = [word for word in words if word not in SMALL_WORDS]
    if not bare:
        return [(word, (), False) for word in words]
    roots = {word: {word, *forms(word)} for word in bare}
    taken: set[str] = set()
    read_as: list[tuple[str, tuple[Meaning, ...], bool]] = []
    for first, second in pairwise(bare):
        if first in taken:
            continue
        for (one, other), meaning in PHRASES.items():
            if one in roots[first] and other in roots[second]:
                read_as.append((" ".join((first, second)), meaning, False))
                taken |= {first, second}
    for word in words:
        if word not in taken:
            read_as.append((word, meanings(word), word in SMALL_WORDS))
    return read_as


def usual_names(label: str) -> str:
    """Everyday names of a category of establishments, to be found by: ``Hôpital des armées`` -> ``hopital``."""
    said = label.casefold()
    return " ".join(name for pattern, name in _USUAL if re.search(pattern, said))


_USUAL = (
    (r"hospitalier|hôpital", "hopital"),
    (r"soins (pluri|chirurg|médi|obst)", "clinique hopital"),
    (r"hébergement pour personnes âgées", "ehpad maison de retraite"),
    (r"maison de santé", "msp maison medicale"),
    (r"biologie médicale", "labo analyses"),
    (r"officine", "pharmacie"),
)
