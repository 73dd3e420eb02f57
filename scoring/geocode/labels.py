"""Names of communes as registers write them: more or less than the name, abbreviated, with a postal code or CEDEX."""

from __future__ import annotations

import polars as pl

from scoring.geocode.normalise import ascii_capitals, each_word, joined, replace_words

_BOX = r"(?:CEDEX|CEDX|CDEX|CEDE|CDX|CX)"
# Before the name: country, postal code (glued or cut in two), department, "commune de".
_BEFORE = (
    r"^(?:(?:F|FR|FRANCE) )?(?:[0-9]{5} ?|[0-9]{2} [0-9]{3} |(?:[0-9]{4}|[0-9]{2}|2[AB]|9[78][0-9]) )+([A-Z])",
    rf"^{_BOX}(?: ?[0-9]{{1,2}})? (.)",
    r"^(?:(?:COMMUNE|MAIRIE) (?:DE|D|DU|DES)|VILLE DE) (.)",
    r"^(?:(?:LE|LA|LES|L) )+(.)",
)
# After it: CEDEX and all that follows, the postal code and what follows, the country, district numbers, "(54)".
_AFTER = (
    rf"(.) ?{_BOX}(?: ?[0-9]{{1,2}})?(?: .*)?$",
    r"(.) [0-9]{5}(?: .*)?$",
    r"(.) FRANCE$",
    r"^(PARIS|LYON|MARSEILLE)(?: [IVX]+(?:E|ER|EME)?(?: ARR.*)?| .*\bARR.*)$",
    r"(.)(?: [0-9]{1,3}(?:ERE?|E|I?EME)?(?: ARR.*)?)+$",
)
_WORDS = {
    "ST": "SAINT", "STE": "SAINTE", "STS": "SAINTS", "STES": "SAINTES", "S": "SUR", "SR": "SUR", "S S": "SOUS",
    "SS": "SOUS", "LEZ": "LES", "MT": "MONT", "CHAT": "CHATEAU", "GD": "GRAND", "GDE": "GRANDE", "HT": "HAUT",
    "HTE": "HAUTE", "VX": "VIEUX", "ND": "NOTRE DAME", "N D": "NOTRE DAME", "FG": "FAUBOURG", "FBG": "FAUBOURG",
    "MLN": "MOULIN",
}  # fmt: skip


def commune_label(text: pl.Expr) -> pl.Expr:
    """Key of a commune's name: plain words, SAINT for ST, no CEDEX, postal code, district or opening article.

    "67091 STRASBOURG CEDEX 9", "F-67000 STRASBOURG", "67-STRASBOURG", "STRASBOURG (67)" → "STRASBOURG"; "Paris 12e
    Arrondissement" → "PARIS"; "LE BAN ST MARTIN" → "BAN SAINT MARTIN"; "X S/Y" → "X SUR Y"; "X S/S Y" → "X SOUS Y".
    """
    written = (
        ascii_capitals(text)
        .str.replace_all(r"\bS\.? ?/ ?S\b[./]?", " SOUS ")
        .str.replace_all(r"\bS\.? ?/ ?-?", " SUR ")
    )
    bare = _words(written.str.replace_all(r"\([^)]*\)?", " "))
    words = pl.coalesce(bare, _words(written))
    for pattern in (*_BEFORE, *_AFTER):
        words = words.str.replace(pattern, "${1}")
    words = joined(replace_words(each_word(words), _WORDS))
    return words.str.replace(_BEFORE[-1], "${1}")


def _words(text: pl.Expr) -> pl.Expr:
    words = text.str.replace_all(r"[^A-Z0-9]+", " ").str.strip_chars(" ")
    return pl.when(words != "").then(words)
