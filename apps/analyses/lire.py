"""One analysis of the store, by its number: read mode for who may read it."""

from __future__ import annotations

from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import streamlit as st

from apps.analyses import lecture
from apps.analyses.brouillon import account
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.pages import captions
from apps.kit.shell.screen import Screen
from apps.kit.style import french
from apps.kit.style.french import typographic
from lake.errors import UnknownName
from lake.store.analyses import reading
from lake.store.analyses.reading import Analyse
from scoring.analyses import codec

PARIS = ZoneInfo("Europe/Paris")


def address(number: int) -> str:
    """The address of an analysis, from another page of this application."""
    here = st.context.url
    page = urlsplit(here if isinstance(here, str) else "").path.rstrip("/").rpartition("/")[2]
    prefix = "analyses-" if page.startswith("analyses-") else ""
    return f"./{prefix}lire?{lecture.NUMBER}={number}"


def draw() -> None:
    """Draw the analysis that the address names."""
    number = st.query_params.get(lecture.NUMBER, "")
    if not number.isdecimal():
        st.info("Choisissez une analyse dans la liste.")
        return
    try:
        kept = reading.opened(session.store(), account(), int(number))
    except UnknownName:
        st.info("Cette analyse n’existe pas, ou n’est pas partagée avec vous.")
        return
    lecture.draw(codec.decode(kept.document), f"analyse{kept.id}", under=lambda: _dates(kept))


def _dates(kept: Analyse) -> None:
    moment = kept.modifie_le.astimezone(PARIS)
    by = f" par {kept.author}" if kept.author and kept.right != reading.OWN else ""
    captions.line(
        typographic(f"Dernière modification le {french.long_date(moment.date())} à {moment:%H:%M}{by}.")
    )


LIRE = Screen("lire", "Lire une analyse", "", draw, Audience.SIGNED_IN, listed=False)
