"""One way to fold French text, for comparing and searching: « Cœur », « CŒUR » and « coeur » are one word.

Four functions, two for Python strings and two for Polars expressions, that agree on every text:
:func:`fold` and :func:`folded` keep punctuation, :func:`words` and :func:`folded_words` keep letters and digits only.
The geocoder spells addresses in its own way, on purpose (:mod:`scoring.geocode.normalise`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import polars as pl

LETTERS: Mapping[str, str] = {
    "œ": "oe",
    "æ": "ae",
    "ß": "ss",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "‐": "-",
    "‑": "-",
    "–": "-",
    "—": "-",
}
"""Signs that a canonical decomposition leaves whole, and what is typed for them."""

_TYPED = str.maketrans(dict(LETTERS))
_ACCENTS = re.compile(r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")


def fold(text: str) -> str:
    """Lower case, without accents or ligatures; punctuation stays, typographic signs as they are typed."""
    bare = unicodedata.normalize("NFKD", text.lower().translate(_TYPED))
    return _ACCENTS.sub("", bare).lower().translate(_TYPED)


def words(text: str) -> str:
    """The folded letters and digits, one space between words (``L'Haÿ-les-Roses``: ``l hay les roses``)."""
    return re.sub(r"[^a-z0-9]+", " ", fold(text)).strip()


def column_name(label: str) -> str:
    """A heading as the name of a column (``Non applicable``: ``non_applicable``)."""
    return words(label).replace(" ", "_")


def tidy(text: pl.Expr) -> pl.Expr:
    """A cell on one line: control characters and runs of blanks become one space; null when nothing is left."""
    bare = text.str.replace_all(r"[\p{Cc}\s]+", " ").str.strip_chars(" ")
    return pl.when(bare != "").then(bare)


def folded(text: pl.Expr) -> pl.Expr:
    """:func:`fold` as an expression (String -> String; null stays null)."""
    signs, typed = list(LETTERS), list(LETTERS.values())
    bare = text.str.to_lowercase().str.replace_many(signs, typed).str.normalize("NFKD")
    return bare.str.replace_all(_ACCENTS.pattern, "").str.to_lowercase().str.replace_many(signs, typed)


def folded_words(text: pl.Expr) -> pl.Expr:
    """:func:`words` as an expression (String -> String; null gives an empty text, as a search wants it)."""
    return folded(text.fill_null("")).str.replace_all(r"[^a-z0-9]+", " ").str.strip_chars()
