"""« Les créneaux des éditeurs se réservent-ils ? »: by editor and month, the lines whose slots could not be booked."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import streamlit as st

from apps.kit.access import session
from apps.kit.charts import tables
from apps.kit.charts.tables import Column, Table
from apps.kit.style.french import counted, month, share, typographic
from lake.store.sas import essais
from scoring.universes.model import Format

TITLE = "Les créneaux des éditeurs se réservent-ils ?"
_SOURCE = (
    "Une fiche est la ligne d’un éditeur qu’un régulateur ouvre pour y réserver ; elle compte une fois par demande, "
    f"dans tous les SAS. Moins de {essais.LEAST} fiches dans le mois : aucun taux n’est dit."
)
_COLUMNS = (
    Column("Mois", "Mois"),
    Column("Éditeur", "Éditeur"),
    Column("Taux", "Taux", Format.SHARE),  # beside its names: what a telephone shows
    Column("Introuvables", "Introuvables", Format.INTEGER),
    Column("Fiches ouvertes", "Fiches ouvertes", Format.INTEGER),
)


def draw() -> None:
    """The sentence of the month, and the table by editor and month, over thirteen months."""
    st.subheader(typographic(TITLE), anchor=False)
    found = essais.taux(session.store(), datetime.now(UTC) - essais.CONSERVATION)
    st.html(f'<p class="obs-lecture">{typographic(sentence(found))}</p>')
    if found.height:
        tables.draw(Table(table(found), _COLUMNS), "sas_essais")
    st.html(f'<p class="obs-source">{typographic(_SOURCE)}</p>')


def table(found: pl.DataFrame) -> pl.DataFrame:
    """The rates in words, the latest month first."""
    rows = found.to_dicts()
    return pl.DataFrame(
        {
            "Mois": [month(row["mois"]) for row in rows],
            "Éditeur": [row["editeur"] for row in rows],
            "Taux": [row["taux"] for row in rows],
            "Introuvables": [row["introuvables"] for row in rows],
            "Fiches ouvertes": [row["ouvertes"] for row in rows],
        },
        schema_overrides={"Taux": pl.Float64},
    )


def sentence(found: pl.DataFrame) -> str:
    """The editor whose slots are the least to be trusted in the latest month that has a rate."""
    told = found.drop_nulls("taux")
    if told.is_empty():
        every = int(found["ouvertes"].sum() or 0) if found.height else 0
        return (
            "Aucun créneau d’éditeur n’a encore été ouvert par un régulateur."
            if not every
            else f"{counted(every, 'fiche ouverte', 'fiches ouvertes')} : trop peu pour un taux."
        )
    last = told.filter(pl.col("mois") == told["mois"].max()).sort("taux", "editeur", descending=[True, False])
    worst = last.row(0, named=True)
    if not worst["introuvables"]:
        return f"En {month(worst['mois'])}, aucun créneau signalé introuvable."
    return (
        f"En {month(worst['mois'])}, {worst['editeur']} : {share(worst['taux'])} des fiches ouvertes avaient un "
        "créneau qui ne se réservait pas."
    )
