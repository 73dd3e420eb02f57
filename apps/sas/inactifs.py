"""Accounts of régulateurs that nobody uses: told at thirty and seven days, then without role; who answers for them."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import streamlit as st

from apps.kit.access import session
from apps.kit.charts import tables
from apps.kit.charts.tables import Column, Table
from apps.kit.style.french import counted, long_date, plural, typographic
from apps.sas import words
from lake.store.accounts import accounts
from lake.store.sas import inactifs
from lake.store.sas.inactifs import DELAI, PREAVIS


def draw(allowed: frozenset[str] | None) -> None:
    """The régulateurs without sign-in for long, what happens to them and when."""
    store, now = session.store(), datetime.now(UTC)
    people = {one.id: one for one in accounts.everyone(store)}
    rows = [one for one in inactifs.lister(store, now=now) if allowed is None or one.sas in allowed]
    days = " et ".join(str(one) for one in PREAVIS)
    said = (
        f"Un Régulateur-OSNP sans connexion depuis {DELAI} jours perd son rôle ; il en est averti {days} jours avant. "
        "Le dernier d’un SAS le garde : nommez-en un autre. Ses rendez-vous restent, sans son nom."
    )
    st.html(f'<p class="obs-source">{typographic(said)}</p>')
    if not rows:
        st.html(f"<p>{typographic('Aucun compte inactif.')}</p>")
        return
    st.html(f"<p>{counted(len(rows), 'compte')} {plural(len(rows), 'inactif', 'inactifs')}.</p>")
    columns = {
        "Personne": [people[one.compte_id].name for one in rows],
        "SAS": [words.named(one.sas) for one in rows],
        "Dernière connexion": [
            "jamais" if one.vu_le is None else long_date(one.vu_le.date()) for one in rows
        ],
        "Perd son rôle le": [
            "dernier du SAS : gardé" if one.dernier else long_date(one.fin.date()) for one in rows
        ],
        "Responsable": [
            people[owner].name
            if (owner := people[one.compte_id].responsable_id) in people
            else "l’exploitant"
            for one in rows
        ],
    }
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    tables.draw(Table(frame, tuple(Column(name, name) for name in columns)), f"sas_inactifs_{len(rows)}")
