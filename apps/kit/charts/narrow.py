"""Tables on a telephone: the name and the first figures of a row stand in the width of the screen.

Streamlit draws a table on a canvas, as wide as its headings: under « Logiciels Ségur commandés, novembre 2022 » the
first figure stood beyond the edge. No style sheet reaches a canvas, so the browser says that its screen is narrow
(``page.js``), columns are given a width, and headings say only what tells them apart; the whole heading is read when it
is pressed, in the caption and in every export.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

NAME_PX, FIGURE_PX, CHANGE_PX = 138, 93, 124
"""Widths of the column that names the rows, of one of figures, of one of « hausse +0,7 pt »: two figures beside a name
at 390 pixels."""
LONG = 12
"""Letters that a heading of figures shows in that width."""


def narrow() -> bool:
    """Whether the reader's screen is narrow, as their browser said when it opened the page."""
    return bool(st.context.cookies.get("obs_ecran") == "etroit")


def short_headings(labels: Sequence[str]) -> list[str]:
    """Headings of the columns of figures, without what several of them say alike.

    The date that they all bear goes, then the first words that a long heading shares with another one.

    Args:
        labels: « Logiciels Ségur commandés, novembre 2022 », « Logiciels Ségur payés, novembre 2022 »…

    Returns:
        list: « Commandés », « Payés »…; never twice the same, never empty.
    """
    bare = [label.split(", ")[0] for label in labels]
    dates = {label.partition(", ")[2] for label in labels}
    found = bare if len(dates) == 1 and len(set(bare)) == len(set(labels)) else list(labels)
    words = [label.split(" ") for label in found]
    made = []
    for rank, own in enumerate(words):
        shared = max((_alike(own, other) for other in words[:rank] + words[rank + 1 :]), default=0)
        kept = own[min(shared, len(own) - 1) :] if len(found[rank]) > LONG else own
        text = " ".join(kept)
        made.append(text[:1].upper() + text[1:])
    return made if len(set(made)) == len(set(labels)) else found


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many first words two headings share; none where one of them is the beginning of the other."""
    pairs = zip(one, other, strict=False)
    return next((rank for rank, (mine, its) in enumerate(pairs) if mine != its), 0)
