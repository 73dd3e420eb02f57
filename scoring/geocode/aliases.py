"""The several names that one name of the Base Adresse Nationale holds.

Towns write into a street's name what is not its name: the hamlet in brackets, "dit", a rural way's number, the other
language after a dash or a slash. Each form is a name under which the street may be asked.
"""

from __future__ import annotations

import re

import polars as pl

from scoring.geocode.vocabulary import ROADS

_SAYS_MORE = r"[(/,;]|\s[-–—]\s|(?i:\bdite?s?\b|\bn°|\bno \d|\bnum)"
_BRACKETS = re.compile(r"\(([^()]*)\)?")
_SPLIT = re.compile(r"\s*[/,;]\s*|\s+[-–—]\s+")
_SAID = re.compile(r"^(?P<kind>\S+)(?P<more>.*?)\s+dite?s?\s+(?P<name>.+)$", re.IGNORECASE)
_NUMBER = re.compile(r"\s*\bn(?:°|º|o|um[ée]ro)\s*\d+\w?\b|(?<=rural)\s+\d+\b", re.IGNORECASE)
# "Voie communale n°5 de Rosières à Dombasle": the way is known by its number.
_ROAD = re.compile(
    r"^((?:voie communale|chemin rural|chemin vicinal|route (?:départementale|nationale)|[CVR]\.?[CDNRV]\.?)"
    r"\s*(?:n(?:°|º|o)?\s*)?\d+\w?)\b.",
    re.IGNORECASE,
)
_PLACE = re.compile(r"^lieux?[- ]?dits?\b", re.IGNORECASE)


def other_names(names: pl.Series) -> pl.DataFrame:
    """The other names of names: ``nom``, ``autre`` (String), and ``localite``, what stands in brackets (nullable).

    Only distinct names that say more than a name are read, one by one, outside the engine.
    """
    told = names.unique().drop_nulls()
    told = told.filter(told.str.contains(_SAYS_MORE))
    rows = [(name, *found) for name in told.sort().to_list() for found in _others(name)]
    return pl.DataFrame(
        rows, schema={"nom": pl.String, "autre": pl.String, "localite": pl.String}, orient="row"
    )


def is_way(word: str) -> bool:
    """Whether a word as the BAN writes it is a kind of road."""
    return word.upper() in ROADS


def _others(name: str) -> list[tuple[str, str | None]]:
    """The other forms of one name, each with the hamlet that stands in brackets."""
    inside = [text.strip() for text in _BRACKETS.findall(name) if text.strip()]
    hamlet = inside[0] if inside else None
    bare = " ".join(_BRACKETS.sub(" ", name).split()).strip(" ,;-")
    forms: dict[str, None] = {bare: None}
    pieces = [piece.strip() for piece in _SPLIT.split(bare) if piece.strip()]
    if len(pieces) > 1:
        forms |= dict.fromkeys(pieces)
    for form in list(forms):
        if _PLACE.match(form):
            continue
        numbered = _SAID.match(form)
        if numbered and numbered["more"]:
            forms[f"{numbered['kind']}{numbered['more']}"] = None
        unnumbered = " ".join(_NUMBER.sub("", form).split())
        forms[unnumbered] = None
        road = _ROAD.match(form)
        if road:
            forms[road[1]] = None
        said = _SAID.match(unnumbered)
        if said and is_way(said["name"].split()[0]):
            # "Rue du Moulin dite Rue Basse": two whole names.
            forms |= {said["name"]: None, f"{said['kind']}{said['more']}": None}
        elif said:
            # "Chemin rural dit de la Fontaine": with and without "rural", the way itself and the name alone.
            forms[f"{said['kind']}{said['more']} {said['name']}"] = None
            forms[f"{said['kind']} {said['name']}"] = None
    return [(form, hamlet) for form in forms if form and (form != name or hamlet)]
