"""Key figures: at most four, each with its change and its reference; two by two on a small screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from apps.kit.style.french import Change, typographic

MOST = 4


@dataclass(frozen=True)
class Figure:
    """One key figure.

    Attributes:
        label: what it is, short ("Densité pour 10 000 hab.").
        value: the figure as written on screen.
        change: how it moved, if there is something to compare with.
        reference: what it is compared with ("Région : 8,8 · médiane EPCI : 7,4").
        good: 1 when a rise is good news, −1 when a fall is, 0 when neither (the colour says it; the sign and the
            words always say the movement).
        link: a question the figure raises and the address that answers it ("43 non localisés : pourquoi ?").
        help: how it is counted, on demand.
    """

    label: str
    value: str
    change: Change | None = None
    reference: str = ""
    good: int = 1
    link: tuple[str, str] | None = None
    help: str = ""

    def words(self) -> str:
        """The figure in one sentence, as read aloud."""
        parts = [f"{self.label} : {self.value}", self.change.words if self.change else "", self.reference]
        return typographic(", ".join(part for part in parts if part))


@dataclass(frozen=True)
class Figures:
    """The key figures of a page, in reading order.

    Raises:
        ValueError: more than four: a reader does not retain them.
    """

    items: tuple[Figure, ...]

    def __init__(self, items: Sequence[Figure]) -> None:
        if len(items) > MOST:
            raise ValueError(f"A page shows at most {MOST} key figures, not {len(items)}.")
        object.__setattr__(self, "items", tuple(items))


def draw(figures: Figures) -> None:
    """Draw the figures as one description list."""
    cells = "".join(_cell(figure) for figure in figures.items)
    st.html(f'<dl class="obs-chiffres" data-nombre="{len(figures.items)}">{cells}</dl>')


def _cell(figure: Figure) -> str:
    lines = [
        f"<dt>{escape(typographic(figure.label))}</dt>",
        f'<dd class="obs-valeur">{escape(figure.value)}</dd>',
    ]
    if figure.change is not None:
        tone = _tone(figure.change, figure.good)
        lines.append(
            f'<dd class="obs-evolution {tone}"><span aria-hidden="true">{escape(figure.change.text)}</span>'
            f'<span class="obs-lecteur">{escape(figure.change.words)}</span></dd>'
        )
    if figure.reference:
        lines.append(f'<dd class="obs-repere">{escape(typographic(figure.reference))}</dd>')
    if figure.link is not None:
        text, address = figure.link
        lines.append(
            f'<dd class="obs-repere"><a href="{escape(address, quote=True)}" target="_self">'
            f"{escape(typographic(text))}</a></dd>"
        )
    title = f' title="{escape(typographic(figure.help), quote=True)}"' if figure.help else ""
    return f"<div{title}>{''.join(lines)}</div>"


def _tone(change: Change, good: int) -> str:
    if not change.direction or not good:
        return "obs-stable"
    return "obs-hausse" if change.direction * good > 0 else "obs-baisse"
