"""Key figures: four at most as cards, each with its change, its reference and its parts; two by two when narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from apps.kit.charts.tables import Table
from apps.kit.data.method import Methods
from apps.kit.style.french import Change, typographic

MOST = 4


@dataclass(frozen=True)
class Part:
    """A part of a figure: its name, its value as written."""

    label: str
    value: str


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
        parts: what it is made of, along one axis.
        closing: what closes the parts to the figure (« Non réparti 240 »), or why nothing does.
    """

    label: str
    value: str
    change: Change | None = None
    reference: str = ""
    good: int = 1
    link: tuple[str, str] | None = None
    help: str = ""
    parts: tuple[Part, ...] = ()
    closing: str = ""

    def words(self) -> str:
        """The figure in one sentence, as read aloud."""
        parts = [f"{self.label} : {self.value}", self.change.words if self.change else "", self.reference]
        return typographic(", ".join(part for part in parts if part))


@dataclass(frozen=True)
class Figures:
    """Key figures, in reading order: the piece above a page's views, or a view of its own.

    A reader retains four: beyond, the others stand under the cards, in one line each.

    Attributes:
        items: the figures.
        table: the same figures as a table; None where the page's views hold them.
        title: subtitle of the view.
        reading: one sentence that reads them aloud.
        counted: what the caption counts.
        measures: names of the measures shown, or methods, for the method.
    """

    items: tuple[Figure, ...]
    table: Table | None = None
    title: str = ""
    reading: str = ""
    counted: str = ""
    measures: Methods = ()

    def __init__(
        self,
        items: Sequence[Figure],
        table: Table | None = None,
        *,
        title: str = "",
        reading: str = "",
        counted: str = "",
        measures: Methods = (),
    ) -> None:
        members = {
            "table": table,
            "title": title,
            "reading": reading,
            "counted": counted,
            "measures": measures,
        }
        for name, value in {"items": tuple(items), **members}.items():
            object.__setattr__(self, name, value)

    @property
    def cards(self) -> tuple[Figure, ...]:
        """The figures drawn large."""
        return self.items[:MOST]

    @property
    def others(self) -> tuple[str, ...]:
        """What stands under the cards: the figures beyond four, each as one sentence."""
        return tuple(figure.words() for figure in self.items[MOST:])


def draw(figures: Figures) -> None:
    """Draw the figures as one description list."""
    cells = "".join(_cell(figure) for figure in figures.cards)
    st.html(f'<dl class="obs-chiffres" data-nombre="{len(figures.cards)}">{cells}</dl>')
    if figures.others:
        lines = "".join(f"<li>{escape(words)}</li>" for words in figures.others)
        st.html(f'<ul class="obs-autres-chiffres">{lines}</ul>')


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
    if figure.parts:
        items = "".join(
            f"<li><span>{escape(typographic(part.label))}</span> <b>{escape(part.value)}</b></li>"
            for part in figure.parts
        )
        lines.append(f'<dd class="obs-parts"><ul>{items}</ul></dd>')
    if figure.closing:
        lines.append(f'<dd class="obs-repere">{escape(typographic(figure.closing))}</dd>')
    title = f' title="{escape(typographic(figure.help), quote=True)}"' if figure.help else ""
    return f"<div{title}>{''.join(lines)}</div>"


def _tone(change: Change, good: int) -> str:
    if not change.direction or not good:
        return "obs-stable"
    return "obs-hausse" if change.direction * good > 0 else "obs-baisse"
