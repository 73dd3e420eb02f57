"""What a screen says, as a test writes it."""

from __future__ import annotations


def plain(text: str) -> str:
    """A text with ordinary spaces where French typography has narrow or no-break ones."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")
