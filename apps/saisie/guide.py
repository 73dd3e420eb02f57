"""The guide of the entry, as « ? » opens it from each screen."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from apps.kit.shell.screen import Screen
from apps.kit.style.french import typographic
from apps.saisie.interpretations import lectrice
from lake.text import words

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "saisie.md"


def ancre(title: str) -> str:
    """The anchor of a heading."""
    return words(title).replace(" ", "-")


def ancres(text: str) -> list[str]:
    """The anchors of a guide, in order."""
    return [ancre(title) for title in re.findall(r"^## (.+)$", text, re.MULTILINE)]


def draw() -> None:
    """Draw the guide, a heading an anchor."""
    for part in re.split(r"^## ", GUIDE.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        st.header(typographic(title), anchor=ancre(title))
        st.markdown(typographic(body))


AIDE = Screen("aide", "Guide", "Comment remplir la saisie ?", draw, lectrice, listed=False)
