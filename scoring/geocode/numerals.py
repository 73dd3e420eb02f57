"""Numbers that are written in words or in Roman figures, read as a whole: "VINGT ET UN" is 21, never 20 and 1.

A reader of numerals, not a table of replacements: it takes the longest run of words that is one number, cardinal
or ordinal, up to 999,999, and writes it in figures. What it cannot read wholly stays as it is written, so that two
different numbers never meet.

* "QUATRE VINGT DIX SEPT" → 97, "MILLE NEUF CENT QUARANTE CINQ" → 1945, "DIX NEUF CENT QUARANTE" → 1940;
* "CENT CINQUANTE DEUXIEME" → 152, "PREMIER" → 1, "SECONDE" → 2, "VINGT ET UNIEME" → 21;
* "HENRI IV" → HENRI 4, "JEAN XXIII" → JEAN 23, "XXE" → 20, but "V" alone is a letter unless a sovereign bears it;
* NEUF is 9 in a larger number, before a month, after a plural article ("LES NEUF FONTAINES") or a sovereign's name;
  else it is *new*;
* UN is 1 in a larger number or before a month ("UN MAI"); else it is an article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

_ONES = dict(
    zip(
        "UN DEUX TROIS QUATRE CINQ SIX SEPT HUIT NEUF DIX ONZE DOUZE TREIZE QUATORZE QUINZE SEIZE".split(),
        range(1, 17),
        strict=True,
    )
)
_TENS = {
    "VINGT": 20, "TRENTE": 30, "QUARANTE": 40, "CINQUANTE": 50, "SOIXANTE": 60, "SEPTANTE": 70, "HUITANTE": 80,
    "OCTANTE": 80, "NONANTE": 90,
}  # fmt: skip
# Ordinals that are not the cardinal and "IEME".
_IRREGULAR = {
    "PREMIER": "UN", "PREMIERE": "UN", "SECOND": "DEUX", "SECONDE": "DEUX", "UNIEME": "UN", "CINQUIEME": "CINQ",
    "NEUVIEME": "NEUF", "QUATRIEME": "QUATRE", "MILLIEME": "MILLE",
}  # fmt: skip
_GLUED = {
    "DIXSEPT": ("DIX", "SEPT"),
    "DIXHUIT": ("DIX", "HUIT"),
    "DIXNEUF": ("DIX", "NEUF"),
    "QUATREVINGT": ("QUATRE", "VINGT"),
    "QUATREVINGTS": ("QUATRE", "VINGT"),
}
_CARDINALS = (*_ONES, *_TENS, "CENT", "MILLE")
_ORDINALS = {
    **{re.sub("E$", "", word) + "IEME": word for word in _CARDINALS if word not in ("UN", "CINQ", "NEUF")},
    **_IRREGULAR,
}
_PLURALS = {"VINGTS": "VINGT", "CENTS": "CENT", "UNE": "UN", "MIL": "MILLE"}
MONTHS = "JANVIER FEVRIER MARS AVRIL MAI JUIN JUILLET AOUT SEPTEMBRE OCTOBRE NOVEMBRE DECEMBRE".split()
_SHORT_MONTHS = {
    "JANV": "JANVIER", "FEV": "FEVRIER", "FEVR": "FEVRIER", "AVR": "AVRIL", "JUIL": "JUILLET", "SEPT": "SEPTEMBRE",
    "OCT": "OCTOBRE", "NOV": "NOVEMBRE", "DEC": "DECEMBRE",
}  # fmt: skip
_PLURAL_ARTICLES = ("LES", "DES", "AUX")
# Names that sovereigns and popes bear, after which even one Roman letter is a number.
SOVEREIGNS = frozenset(
    "ALBERT ALEXANDRE BENOIT BONIFACE CHARLES CLEMENT EDOUARD ELISABETH FERDINAND FERRY FRANCOIS FREDERIC GEORGE "
    "GEORGES GREGOIRE GUILLAUME GUSTAVE HENRI HENRY INNOCENT JACQUES JEAN JULES LEON LEOPOLD LOUIS NAPOLEON NICOLAS "
    "PAUL PHILIPPE PIE RAYMOND RENE ROBERT SIXTE STANISLAS THIBAUT THIEBAUT URBAIN VICTOR".split()
)
_ROMAN = re.compile(
    r"^(M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))(ER|RE|ERE|EME|IEME|E)?$"
)
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
# Words that these letters make by chance ("DIX" is a number, but in words).
_NO_ROMAN = frozenset(
    {"DIX", "MIX", "MIL", "CIL", "LIC", "DIXIEME", "VIE", "XE", "CIE", "MIE", "DIE", "LIE", "ME"}
)
# What makes a text worth reading word by word.
_WORTH = (
    r"\b(?:"
    + "|".join(
        sorted({*_CARDINALS, *_ORDINALS, *_PLURALS, *_GLUED, *_SHORT_MONTHS}, key=lambda w: (-len(w), w))
    )
    + r"|[MDCLXVI]{2,9}(?:E|EME|IEME)?|IER|IERE|IRE|[IVX])\b"
)


def figures(values: pl.Series) -> pl.Series:
    """Plain upper-case words with their numerals in figures; nulls stay null.

    Each distinct value that holds a numeral is read once, outside the engine; the others are not looked at.
    """
    worth = values.filter(values.str.contains(_WORTH).fill_null(False)).unique()
    if worth.is_empty():
        return values
    read = [in_figures(text) for text in worth.to_list()]
    return values.replace(worth, pl.Series(read, dtype=pl.String))


def in_figures(text: str) -> str:
    """Words with every numeral in figures (see the module)."""
    words: list[str] = []
    for word in text.split(" "):
        words += _GLUED.get(word, (word,))
    out: list[str] = []
    at = 0
    while at < len(words):
        word, before = words[at], out[-1] if out else ""
        number, after = _number(words, at)
        if number is not None and after - at == 1 and not _alone(words, at, before):
            number = None
        if number is None:
            after = at + 1
            roman = _roman(word, before)
            out.append(word if roman is None else str(roman))
        elif word in _SHORT_MONTHS and before.isdigit():
            # "4 SEPT": a month after a day.
            after = at + 1
            out.append(_SHORT_MONTHS[word])
        else:
            out.append(str(number))
        if out[-1] in _SHORT_MONTHS and before.isdigit():
            out[-1] = _SHORT_MONTHS[out[-1]]
        at = after
    return " ".join(out)


def _alone(words: Sequence[str], at: int, before: str) -> bool:
    """Whether a word that may be a number is one without company."""
    after = words[at + 1] if at + 1 < len(words) else ""
    if words[at] == "NEUF":
        return after in MONTHS or before in _PLURAL_ARTICLES or before in SOVEREIGNS
    if words[at] in ("UN", "UNE"):
        return after in MONTHS and before != "ET"
    return words[at] != "MIL"


def _number(words: Sequence[str], at: int) -> tuple[int | None, int]:
    """The number that begins at a word and where it ends; None when none does."""
    value, here, ended = _below_thousand(words, at)
    if value is None:
        if _cardinal(words, at) != "MILLE":
            return None, at
        value, ended = 1, False
    if ended:
        return value, here
    following = _cardinal(words, here)
    if following == "CENT" and 11 <= value <= 19:
        rest, end, _ = _below_hundred(words, here + 1) if not _is_ordinal(words, here) else (None, 0, True)
        return value * 100 + (rest or 0), end if rest is not None else here + 1
    if following != "MILLE":
        return value, here
    if _is_ordinal(words, here):
        return value * 1000, here + 1
    rest, end, _ = _below_thousand(words, here + 1)
    return value * 1000 + (rest or 0), end if rest is not None else here + 1


def _below_thousand(words: Sequence[str], at: int) -> tuple[int | None, int, bool]:
    """A number under 1,000: value, where it ends, whether an ordinal ended it."""
    value, here, ended = _below_hundred(words, at)
    hundreds = 1
    if value is not None:
        if ended or not 2 <= value <= 9 or _cardinal(words, here) != "CENT":
            return value, here, ended
        hundreds = value
    elif _cardinal(words, at) == "CENT":
        here = at
    else:
        return None, at, False
    if _is_ordinal(words, here):
        return hundreds * 100, here + 1, True
    start = here + 1
    if start + 1 < len(words) and words[start] == "ET" and _below_hundred(words, start + 1)[0] is not None:
        start += 1
    rest, end, ended = _below_hundred(words, start)
    if rest is None:
        return hundreds * 100, here + 1, False
    return hundreds * 100 + rest, end, ended


def _below_hundred(words: Sequence[str], at: int) -> tuple[int | None, int, bool]:
    """A number under 100: value, where it ends, whether an ordinal ended it."""
    word = _cardinal(words, at)
    if word in _ONES:
        value, here, ended = _ONES[word], at + 1, _is_ordinal(words, at)
        following = _cardinal(words, here)
        if word == "QUATRE" and not ended and following == "VINGT":
            value, here, ended = 80, at + 2, _is_ordinal(words, at + 1)
            return (value, here, ended) if ended else _with_units(words, value, here, 19)
        if word == "DIX" and not ended and following in ("SEPT", "HUIT", "NEUF"):
            return 10 + _ONES[following], here + 1, _is_ordinal(words, here)
        return value, here, ended
    if word in _TENS:
        value = _TENS[word]
        if _is_ordinal(words, at):
            return value, at + 1, True
        return _with_units(words, value, at + 1, 19 if value == 60 else 9)
    return None, at, False


def _with_units(words: Sequence[str], tens: int, at: int, most: int) -> tuple[int, int, bool]:
    """Tens and what follows them: "ET UN", "CINQ", "DIX SEPT"."""
    start = at
    if at + 1 < len(words) and words[at] == "ET" and _cardinal(words, at + 1) in ("UN", "ONZE"):
        start = at + 1
    if _cardinal(words, start) in _ONES:
        units, end, ended = _below_hundred(words, start)
        if units is not None and units <= most:
            return tens + units, end, ended
    return tens, at, False


def _cardinal(words: Sequence[str], at: int) -> str:
    """The cardinal behind a word of number; empty when it is none."""
    if at >= len(words):
        return ""
    word = _PLURALS.get(words[at], words[at])
    word = _ORDINALS.get(word, word)
    return word if word in _ONES or word in _TENS or word in ("CENT", "MILLE") else ""


def _is_ordinal(words: Sequence[str], at: int) -> bool:
    return at < len(words) and words[at] in _ORDINALS


def _roman(word: str, before: str) -> int | None:
    """The value of Roman figures; one letter counts after a sovereign's name only."""
    found = _ROMAN.match(word)
    if not found or not found[1] or word in _NO_ROMAN:
        return None
    letters = found[1]
    small = set(letters) <= {"I", "V", "X"}
    one_letter = len(letters) == 1
    if one_letter and not (before in SOVEREIGNS or word in ("IER", "IERE", "IRE")):
        return None
    if not small and len(letters) < 4:
        return None
    total = 0
    for letter, following in zip(letters, [*letters[1:], ""], strict=True):
        value = _ROMAN_VALUES[letter]
        total += -value if following and _ROMAN_VALUES[following] > value else value
    return total
