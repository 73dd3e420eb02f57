"""A text in a cell of a file that a spreadsheet may open: written so that nothing runs it, read back as it was.

An apostrophe makes text again of what a spreadsheet would run. A text that already begins with apostrophes before such
a sign takes one more: what is read back is then what was written, whatever it was.
"""

from __future__ import annotations

import re

import polars as pl

_RUN = r"^('*[=+\-@\t\r\n＝＋－＠])"
_WRITTEN = r"^'('*[=+\-@\t\r\n＝＋－＠])"


def inerte(texte: str) -> str:
    """The text as a file holds it: one that a spreadsheet would run takes an apostrophe."""
    return re.sub(_RUN, r"'\1", texte)


def lue(texte: str) -> str:
    """The text that :func:`inerte` wrote."""
    return re.sub(_WRITTEN, r"\1", texte)


def lues(textes: pl.Expr) -> pl.Expr:
    """The same, of a column."""
    return textes.str.replace(_WRITTEN, "${1}")
