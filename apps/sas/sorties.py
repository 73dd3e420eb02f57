"""« Sortis des registres »: the list of administrators, and what is said on the agenda of who left."""

from __future__ import annotations

from datetime import date

import polars as pl
import streamlit as st

from apps.kit.access import session
from apps.kit.charts import tables
from apps.kit.charts.tables import Column, Table
from apps.kit.style.french import listing, long_date, typographic
from apps.sas import words
from apps.sas.registres import A_FAIRE
from lake.store.sas import sorties


def draw(allowed: frozenset[str] | None) -> None:
    """The list, for administrators: who left, when, with which bookings."""
    left = [one for one in sorties.lister(session.store()) if allowed is None or one.sas in allowed]
    if not left:
        st.html(f"<p>{typographic('Tous les effecteurs sont dans l’annuaire ou FINESS.')}</p>")
        return
    st.html(f'<p class="obs-source">{typographic(A_FAIRE)}</p>')
    columns = {
        "Effecteur": [one.nom for one in left],
        "SAS": [words.named(one.sas) for one in left],
        "Registre": ["FINESS" if one.genre == "structure" else "Annuaire" for one in left],
        "Plus proposé depuis le": [long_date(one.le) for one in left],
        "Rendez-vous gardés": [listing([held.reference for held in one.gardes]) or "aucun" for one in left],
    }
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    tables.draw(Table(frame, tuple(Column(name, name) for name in columns)), f"sas_sorties_{len(left)}")


def told(sorti_le: date | None, genre: str) -> None:
    """On the agenda of who left: why nothing of it is offered."""
    if sorti_le is None:
        return
    where = "dans FINESS" if genre == "structure" else "dans l’annuaire"
    said = (
        f"Plus {where} depuis le {long_date(sorti_le)} : vos créneaux ne sont plus proposés à partir de ce jour. Ils "
        "reviendront d’eux-mêmes si le registre est corrigé."
    )
    st.warning(typographic(said))
