"""French agreement of the words of messages and reports with the counts they give."""

from __future__ import annotations

import re


def agreed(count: int, sentence: str) -> str:
    """Make the words of a sentence agree with a count: French plurals start at two.

    Args:
        count: what the words agree with.
        sentence: its endings that depend on the count stand in brackets: ``3 commune(s) sans contour``,
            ``ne figure(nt)``.
    """
    return re.sub(r"\((s|x|nt)\)", r"\1" if count >= 2 else "", sentence)


def grouped(count: int) -> str:
    """A count as the French write it: its figures by three, a thin space between (``1 829``)."""
    return f"{count:,}".replace(",", "\u202f")


def decimal(text: str) -> str:
    """A decimal number, digit for digit, as the French write it (``1234.5``: ``1 234,5``)."""
    whole, _, part = text.removeprefix("-").partition(".")
    return ("\u2212" if text.startswith("-") else "") + grouped(int(whole)) + (f",{part}" if part else "")


def number_in(text: str) -> int | None:
    """The number that an address gives; None where it gives none that a row can have.

    ``²`` is a digit to Python and no number; one of ten digits is more than a column holds.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
