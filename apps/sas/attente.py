"""While the editors are asked: what is typed is told at once, what they say comes in its order afterwards."""

from __future__ import annotations

from datetime import datetime
from html import escape

import polars as pl
import streamlit as st

from apps.kit.style.french import number, typographic
from apps.sas import acces, editeurs
from apps.sas.editeurs import Complete
from apps.sas.questions import Question
from apps.sas.words import seats, when
from scoring.sas.recherche import Reponse

_FIRST = 3


def completer(asked: Question, now: datetime) -> Complete:
    """The answer, editors asked; the first typed slots are read while they answer."""
    shown = st.empty()

    def first(found: Reponse) -> None:
        shown.html(premiers(found, now))

    with st.spinner("Les agendas reliés sont interrogés…"):
        whole = editeurs.completer(acces.agendas(), asked, now, premiers=first)
    shown.empty()
    return whole


def premiers(found: Reponse, now: datetime) -> str:
    """The first rows of what is typed, to read out while the others come."""
    rows = found.resultats.filter(pl.col("palier") == 0)
    if rows.is_empty():
        return '<p class="obs-lecture">Rien dans l’offre saisie\u202f; les agendas reliés répondent…</p>'
    told = "".join(
        f"<li>{escape(row['nom'])} · {typographic(number(row['trajet_min']) + ' min')} · "
        f"{typographic(when(row['premier_creneau'], now, row['fuseau']))}</li>"
        for row in rows.head(_FIRST).iter_rows(named=True)
    )
    count = seats(int(rows["places"].sum()))
    return (
        f'<p class="obs-lecture">{typographic(count)} dans l’offre saisie\u202f; les agendas reliés répondent…</p>'
        f"<ol>{told}</ol>"
    )
