"""How the DREES's workbooks name their sheets, columns and units: read by name, never by position."""

from __future__ import annotations

import re

from lake.catalog.apl import CONSULTATIONS, ETP
from lake.text import fold

SHEET = re.compile(r"^\s*APL\s*(20[0-9]{2})\s*$", re.IGNORECASE)
"""A sheet of figures: ``APL 2022``."""
CODE, NAME = "code commune insee", "commune"
HEADER_ROW, UNITS_ROW = 9, 10
"""Where the header and the units stand in the published files; they are looked for by what they say."""
HEADER_WITHIN = 40
"""Rows of a sheet in which the header is looked for."""
WORDS = (
    ("generaliste", "10"),
    ("dentiste", "40"),
    ("sage-femme", "50"),
    ("sages-femmes", "50"),
    ("infirmi", "60"),
    ("kinesitherapeute", "70"),
)
"""What names a profession in ``APL aux …`` -> its code."""


def plain(cell: object) -> str:
    """A cell as text without accents, capitals or repeated spaces."""
    return " ".join(fold("" if cell is None else str(cell)).split())


def is_value(header: str) -> bool:
    """Whether a column is the indicator itself: those narrowed to professionals under an age are not."""
    return header.startswith("apl aux ") and " ans " not in f"{header} "


def profession(header: str) -> str | None:
    """The code of the profession that a column of the indicator is about."""
    return next((code for word, code in WORDS if word in header), None)


def unit(text: str) -> str | None:
    """The unit that a cell of the row of units announces; None when it is neither of the known ones."""
    words = plain(text)
    if "consultation" in words:
        return CONSULTATIONS
    per = words.replace(" ", "")
    if ("etp" in words.split() or "equivalent" in words) and "100000" in per:
        return ETP
    return None
