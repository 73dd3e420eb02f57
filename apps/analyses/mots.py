"""Words that the screens of analyses share: moments, badges, rights, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import streamlit as st

from apps.kit.access import access
from apps.kit.access.session import Reader
from apps.kit.style.french import typographic
from lake.errors import AccessDenied, LakeError
from lake.store.analyses.reading import Line
from lake.words import number_in

PARIS = ZoneInfo("Europe/Paris")
INDICATEURS, MODELES, MES = "analyses-indicateurs", "analyses-modeles", "analyses-mes"
LIRE, MODIFIER, BARRE = "analyses-lire", "analyses-modifier", "analyses-barre"
CREER = "analyses-creer"
PAGE = "page-"
"""Begins the address of a pinned page in the menu: its number follows, never its name (two may bear one name)."""
NUMBER = "id"
"""The name of the address that says which analysis is asked."""
BADGES = {"a_relire": "texte à relire", "a_reparer": "à réparer"}
GENRES = {"analyse": "Analyse", "indicateurs": "Page d’indicateurs", "modele": "Modèle"}


def moment(at: datetime) -> str:
    """« 15/06/2022 à 11:44 », in Paris."""
    return at.astimezone(PARIS).strftime("%d/%m/%Y à %H:%M")


def day(at: datetime) -> str:
    """« 15/06/2022 », in Paris."""
    return at.astimezone(PARIS).strftime("%d/%m/%Y")


def address(page: str, number: int | None = None, **more: str) -> str:
    """The address of a page of ours, relative to the suite's root."""
    asked = {**({} if number is None else {NUMBER: str(number)}), **more}
    return f"./{page}?{urlencode(asked)}" if asked else f"./{page}"


def link(label: str, page: str, number: int | None = None, **more: str) -> str:
    """A link to a page of ours, as HTML."""
    href = escape(address(page, number, **more), quote=True)
    return f'<a href="{href}" target="_self">{escape(typographic(label))}</a>'


def links(pairs: Mapping[str, str] | list[str]) -> None:
    """Draw links side by side."""
    items = list(pairs.values()) if isinstance(pairs, Mapping) else pairs
    st.html(f'<p class="obs-source">{" · ".join(items)}</p>')


def badges(line: Line) -> list[str]:
    """What a list says of an analysis besides its title and date."""
    found = [BADGES[one] for one in line.badges if one in BADGES]
    if line.shares:
        found.append(f"partagée ({line.shares})")
    if line.draft:
        found.append("brouillon non publié")
    if line.followed:
        found.append("suivie")
    if line.pinned:
        found.append("dans la barre")
    return found


def reader() -> Reader:
    """The person signed in.

    Raises:
        AccessDenied: nobody is.
    """
    person = access.reader()
    if person is None:
        raise AccessDenied("Votre session est terminée.", conseil="Connectez-vous de nouveau.")
    return person


def number_asked() -> int:
    """The analysis that the address asks.

    Raises:
        LakeError: the address names none.
    """
    said = number_in(st.query_params.get(NUMBER, ""))
    if said is None:
        raise LakeError(
            "L’adresse ne dit pas quelle analyse ouvrir.", conseil="Ouvrez-la depuis « Mes analyses »."
        )
    return said
