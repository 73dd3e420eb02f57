"""While the editors are asked: what is typed is told at once, what they say comes in its order afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

import polars as pl
import streamlit as st

from apps.kit.style.french import listing, number, typographic
from apps.sas import acces, editeurs
from apps.sas.editeurs import Complete
from apps.sas.questions import Question
from apps.sas.words import seats, when
from scoring.sas.recherche import Reponse

_FIRST = 3


def completer(asked: Question, now: datetime) -> Complete:
    """The answer, editors asked; what is typed, then what each gives, is read while the others answer."""
    shown = st.empty()

    def first(found: Reponse, venus: Sequence[str]) -> None:
        shown.html(premiers(found, now, venus))

    with st.spinner("Les agendas reliés sont interrogés…"):
        whole = editeurs.completer(acces.agendas(), asked, now, premiers=first)
    shown.empty()
    return whole


def premiers(found: Reponse, now: datetime, venus: Sequence[str] = ()) -> str:
    """The first rows of what is known, to read out while the others come.

    Args:
        found: the answer as it stands.
        now: the moment.
        venus: the editors that gave slots of it.
    """
    rows = found.resultats.filter(pl.col("palier") == 0)
    where = escape("dans l’offre saisie" + (f" et chez {listing(venus)}" if venus else ""))
    rest = "d’autres agendas répondent" if venus else "les agendas reliés répondent"
    if rows.is_empty():
        return f'<p class="obs-lecture">Rien {where}\u202f; {rest}…</p>'
    told = "".join(
        f"<li>{escape(row['nom'])} · {typographic(number(row['trajet_min']) + ' min')} · "
        f"{typographic(when(row['premier_creneau'], now, row['fuseau']))}</li>"
        for row in rows.head(_FIRST).iter_rows(named=True)
    )
    count = seats(int(rows["places"].sum()))
    return f'<p class="obs-lecture">{typographic(count)} {where}\u202f; {rest}…</p><ol>{told}</ol>'
