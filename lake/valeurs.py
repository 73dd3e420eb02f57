"""A number, a day or a text that somebody answers: read as people write it, kept in one form, said in French."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from lake.errors import Refused
from lake.words import decimal

NIVEAU, NOMBRE, JOUR, TEXTE = TYPES = ("niveau", "nombre", "date", "texte")
TEXTE_MAX = 2_000
"""Characters of a text."""
CHIFFRES = 15
"""Digits of a number: more would not be told apart once it is computed with."""
_NUMBER = re.compile(r"[-\u2212]?([0-9]{1,3}( [0-9]{3})+|[0-9]+)([.,][0-9]+)?")
_SPACES = re.compile(r"[ \u00a0\u2009\u202f]")


def valeur_lue(texte: str, type_reponse: str) -> str:
    """A value as it is kept: ``1234.5``, ``2027-01-31``, or the text; empty for nothing but spaces.

    Raises:
        Refused: it is not what the criterion asks; nothing is guessed (« ≈1000 » is no number).
    """
    given = texte.strip()
    if not given:
        return ""
    if type_reponse == NOMBRE:
        return _number(given)
    if type_reponse == JOUR:
        return _day(given)
    if len(given) > TEXTE_MAX:
        raise Refused("valeur", f"Texte trop long : {len(given)} caractères, {TEXTE_MAX} au plus.")
    return given


def valeur_dite(valeur: str, type_reponse: str, unite: str = "") -> str:
    """A kept value as people read it: « 1 234,5 personnes », « 31/01/2027 », the text; as it is where it is neither."""
    if type_reponse != TEXTE and valeur_ou_rien(valeur, type_reponse) != valeur:
        return valeur
    if type_reponse == NOMBRE:
        return decimal(valeur) + (f" {unite}" if unite else "")
    if type_reponse == JOUR:
        return f"{date.fromisoformat(valeur):%d/%m/%Y}"
    return valeur


def valeur_ou_rien(text: str | None, type_reponse: str | None) -> str | None:
    """The same, or None where it is refused or empty."""
    if text is None or type_reponse not in TYPES[1:]:
        return None
    try:
        return valeur_lue(text, type_reponse) or None
    except Refused:
        return None


# -- inside ------------------------------------------------------------------------------------------


def _number(given: str) -> str:
    plain = _SPACES.sub(" ", given)
    if not _NUMBER.fullmatch(plain):
        raise Refused("valeur", f"« {given} » n'est pas un nombre.", conseil="Écrivez 1 234,5.")
    plain = plain.replace(" ", "").replace(",", ".").replace("\u2212", "-")
    value = Decimal(plain)
    if len(value.normalize().as_tuple().digits) > CHIFFRES or abs(value) >= 10**CHIFFRES:
        raise Refused("valeur", f"« {given} » a trop de chiffres : {CHIFFRES} au plus.")
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _day(given: str) -> str:
    plain = re.sub(r"^([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})$", r"\3-\2-\1", given.removesuffix(" 00:00:00"))
    year, *rest = plain.split("-")
    try:
        found = date.fromisoformat("-".join([year, *(one.zfill(2) for one in rest)]))
    except ValueError:
        found = date.min
    if found.year >= 1900:
        return found.isoformat()
    raise Refused("valeur", f"« {given} » n'est pas un jour.", conseil="Écrivez 31/01/2027.")
