"""Days of sign-in of an account of one's SAS, and who changed its agenda: days and counts, nothing of what was done."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import streamlit as st

from apps.kit.access import session
from apps.kit.charts import tables
from apps.kit.charts.tables import Column, Table
from apps.kit.style.french import counted, literal, long_date, typographic
from apps.sas import words
from lake.horaires.heures import local_day
from lake.store.accounts import accounts
from lake.store.accounts.identity import Compte
from lake.store.sas import roles, suivi


def draw(allowed: frozenset[str] | None) -> None:
    """The account to read, then its days.

    Args:
        allowed: the SAS that the reader administers; None for all.
    """
    store = session.store()
    here = {one.compte_id for one in roles.affectations(store) if allowed is None or one.sas in allowed}
    people = {one.id: one for one in accounts.everyone(store) if one.id in here}
    number = st.selectbox(
        "Compte", sorted(people, key=lambda one: people[one].name), index=None, placeholder="Choisir…",
        format_func=lambda one: f"{people[one].name} : {people[one].email}", key="sas_suivi_de",
    )  # fmt: skip
    if number is not None:
        _connexions(people[number])
        _changements(people[number], allowed)


def _connexions(compte: Compte) -> None:
    read = suivi.connexions(session.store(), compte)
    count = sum(read.jours.values())
    last = "jamais" if compte.connecte_le is None else f"le {long_date(local_day(compte.connecte_le))}"
    said = (
        f"{counted(count, 'connexion')} en {suivi.JOURS} jours ; dernière connexion : {last}. "
        f"Avant le {long_date(read.connu)} : non connu ici."
    )
    st.html(f'<p class="obs-lecture">{typographic(said)}</p>')
    if read.jours:
        frame = pl.DataFrame({"jour": list(read.jours), "nombre": list(read.jours.values())})
        shown = Table(
            frame.with_columns(pl.col("jour").cast(pl.Date)),
            (Column("jour", "Jour"), Column("nombre", "Connexions")),
        )
        tables.draw(shown, f"sas_connexions_{compte.id}")


def _changements(compte: Compte, allowed: frozenset[str] | None) -> None:
    store, today = session.store(), local_day(datetime.now(UTC))
    for identifiant, sas, last in suivi.agendas_du(store, compte):
        if allowed is not None and sas not in allowed:
            continue
        rows = suivi.changements(store, identifiant)
        days = (today - local_day(last)).days
        count = sum(one.nombre for one in rows)
        done = f"{counted(count, 'changement')} en {suivi.JOURS} jours, le dernier "
        said = f"Agenda {identifiant} ({words.named(sas)}) : {done}"
        said += "aujourd’hui." if days == 0 else f"il y a {counted(days, 'jour')}."
        if days >= suivi.DELAISSE:
            said += f" Agenda non tenu depuis {suivi.DELAISSE} jours ou plus."
        st.html(f'<p class="obs-lecture">{typographic(literal(said))}</p>')
        if rows:
            frame = pl.DataFrame(
                {
                    "jour": [one.jour for one in rows], "quoi": [one.quoi for one in rows],
                    "par": [one.par for one in rows], "nombre": [one.nombre for one in rows],
                }
            )  # fmt: skip
            columns = (
                Column("jour", "Jour"), Column("quoi", "Changement"), Column("par", "Par"),
                Column("nombre", "Nombre"),
            )  # fmt: skip
            tables.draw(Table(frame, columns), f"sas_changements_{identifiant}")
