"""Where a service stands, axis by axis: what is validated, and beside it what its drafts would make of it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.charts.levels import radar
from apps.kit.charts.scales import Scale
from apps.kit.style.french import percent, typographic
from apps.saisie.calcul import par_axe
from apps.saisie.entree import Entree
from scoring.universes.model import Format

VALIDE, BROUILLON = "Validé", "Avec les brouillons"
RATE = Scale(Format.PERCENT, "Taux de maturité", decimals=0)
FEWEST = 3
"""Axes under which a radar is no drawing."""


def draw(here: Entree, service: dict[str, Any]) -> None:
    """Draw one radar a questionnaire, and its table; a sentence where nothing is validated."""
    rows = par_axe(here.store, here.referentiel, service, here.jour)
    if rows["valide"].null_count() == rows.height:
        st.html(f'<p class="obs-lecture-vue">{typographic("Aucune réponse validée.")}</p>')
        if rows.is_empty():
            return
    with st.expander("Où en est ce service, axe par axe", key=f"saisie_profil_{service['id']}"):
        groups = rows.partition_by("questionnaire", maintain_order=True)
        for column, group in zip(st.columns(len(groups)), groups, strict=True):
            with column:
                _group(here.nomme(str(group["questionnaire"][0])), group)


def _group(questionnaire: str, rows: pl.DataFrame) -> None:
    moved = rows.filter(pl.col("valide").fill_null(-1.0) != pl.col("brouillon").fill_null(-1.0)).height > 0
    st.markdown(f"**{questionnaire}**")
    beside({VALIDE: "valide", **({BROUILLON: "brouillon"} if moved else {})}, questionnaire, rows)


def beside(names: Mapping[str, str], questionnaire: str, rows: pl.DataFrame) -> None:
    """Draw states of a service side by side: a radar where there are axes enough, and the table of its figures.

    Args:
        names: how each state is called -> its column of rates (%).
        questionnaire: whose axes.
        rows: ``axe, libelle_axe`` and these columns.
    """
    if rows.height >= FEWEST:
        long = pl.concat(
            [
                rows.select(cle="axe", valeur=column).with_columns(serie=pl.lit(name))
                for name, column in names.items()
            ]
        ).drop_nulls("valeur")
        spokes = [(axe, axe) for axe in rows["axe"]]
        drawn = radar(long, spokes, "valeur", 100.0, RATE)
        alt = f"{questionnaire}, axe par axe : les mêmes taux sont dans le tableau."
        st.vega_lite_chart(
            drawn, theme=None, width="stretch", key=f"profil_{questionnaire}", alt=typographic(alt)
        )
    body = "".join(
        f'<tr><th scope="row">{escape(row["axe"])} {escape(typographic(row["libelle_axe"]))}</th>'
        + "".join(f"<td>{percent(row[column])}</td>" for column in names.values())
        + "</tr>"
        for row in rows.iter_rows(named=True)
    )
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    st.html(
        f'<table class="obs-table"><thead><tr><th scope="col">Axe</th>{heads}</tr></thead><tbody>{body}</tbody></table>'
    )
