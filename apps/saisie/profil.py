"""Where a service stands, axis by axis: what is validated, and beside it what its drafts would make of it."""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.charts.levels import radar
from apps.kit.charts.scales import Scale
from apps.kit.style.french import percent, typographic
from apps.saisie.calcul import superpose
from apps.saisie.entree import Entree
from apps.saisie.valides import valides
from lake.store.saisie.frames import brouillons
from scoring.saisie.effet import Etat, taux_par_axe
from scoring.universes.model import Format

VALIDE, BROUILLON = "Validé", "Avec les brouillons"
RATE = Scale(Format.PERCENT, "Taux de maturité", decimals=0)
FEWEST = 3
"""Axes under which a radar is no drawing."""


def par_axe(here: Entree, service: dict[str, Any]) -> pl.DataFrame:
    """The rates of a service: ``questionnaire, axe, libelle_axe, valide, brouillon`` (%), in the referential's order.

    An axis without any answer that counts is not there: it is no zero.
    """
    valid, drafts = valides(here.store, here.referentiel), brouillons(here.store)
    columns = ["service", "critere", "niveau", "non_applicable", "porte_par", "transmis"]
    done = Etat(
        services=valid.services.lazy(),
        reponses=valid.reponses.filter(pl.col("nature") != "valeur").select(columns).lazy(),
        referentiel=here.referentiel.criteres.lazy(),
        preliminaires=valid.preliminaires.lazy(),
        perimetre="tous",
        au=here.jour,
    )
    then = superpose(drafts, valid, here.referentiel, service=service["code"], jour=here.jour)
    subject = "si_regional" if service["kind"] == "si_regional" else "service"
    axes = here.referentiel.criteres.filter(pl.col("sujet") == subject).sort("ordre")
    axes = axes.unique(["questionnaire", "axe"], keep="first", maintain_order=True)
    now = taux_par_axe(done, service["code"]).rename({"taux": "valide"})
    drafted = taux_par_axe(then, service["code"]).rename({"taux": "brouillon"})
    return (
        axes.select("questionnaire", "axe", "libelle_axe")
        .join(now, on="axe", how="left", maintain_order="left")
        .join(drafted, on="axe", how="left", maintain_order="left")
        .with_columns(pl.col("valide", "brouillon") * 100)
        .filter(pl.col("valide").is_not_null() | pl.col("brouillon").is_not_null())
    )


def draw(here: Entree, service: dict[str, Any]) -> None:
    """Draw one radar a questionnaire, and its table; a sentence where nothing is validated."""
    rows = par_axe(here, service)
    if rows["valide"].null_count() == rows.height:
        st.html(f'<p class="obs-lecture-vue">{typographic("Aucune réponse validée.")}</p>')
        if rows.is_empty():
            return
    with st.expander("Où en est ce service, axe par axe", expanded=False):
        groups = rows.partition_by("questionnaire", maintain_order=True)
        for column, group in zip(st.columns(len(groups)), groups, strict=True):
            with column:
                _group(str(group["questionnaire"][0]), group)


def _group(questionnaire: str, rows: pl.DataFrame) -> None:
    moved = rows.filter(pl.col("valide").fill_null(-1.0) != pl.col("brouillon").fill_null(-1.0)).height > 0
    st.markdown(f"**{questionnaire}**")
    if rows.height >= FEWEST:
        names = {VALIDE: "valide", **({BROUILLON: "brouillon"} if moved else {})}
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
        f"<td>{percent(row['valide'])}</td>"
        + (f"<td>{percent(row['brouillon'])}</td></tr>" if moved else "</tr>")
        for row in rows.iter_rows(named=True)
    )
    more = f'<th scope="col">{BROUILLON}</th>' if moved else ""
    st.html(
        f'<table class="obs-table"><thead><tr><th scope="col">Axe</th><th scope="col">{VALIDE}</th>{more}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )
