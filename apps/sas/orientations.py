"""« Mes orientations »: the seats that a régulateur took, to cancel, to move, to say whether they were honoured."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import streamlit as st

from apps.kit.access import session
from apps.kit.forms import told
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, typographic
from apps.sas import acces, recoit
from apps.sas.reservation import MOVED
from apps.sas.words import SHORT, when
from lake.errors import LakeError
from lake.store.sas import registre, rendez_vous
from lake.store.sas.rendez_vous import PASSAGES, STATUTS

_SINCE = timedelta(days=7)


def _draw() -> None:
    now = datetime.now(UTC)
    rows = registre.of_regulateur(session.store(), acces.compte_id(), now - _SINCE)
    coming = [row for row in rows if row["debut"] >= now and row["statut"] in ("pending", "booked")]
    st.html(
        f'<p class="obs-lecture">{typographic(counted(len(coming), "rendez-vous à venir", "rendez-vous à venir"))}, '
        f"{counted(len(rows), 'orientation')} en sept jours.</p>"
    )
    if moved := st.session_state.get(MOVED):
        st.info(typographic(f"{moved} attend sa nouvelle place : cherchez-la dans « Consultation »."))
    names = recoit.noms({row["praticien"] for row in rows if row["praticien"]})
    for row in rows:
        _row(row, now, names)
    if not rows:
        st.html('<p class="obs-source">Rien encore : vos réservations viendront ici.</p>')


def _row(row: Any, now: datetime, names: Mapping[str, str]) -> None:
    columns = st.columns([2, 3, 2, 1.5, 3], vertical_alignment="center")
    who = f"{row['nom']} ({names[row['praticien']]})" if row["praticien"] else row["nom"]
    texts = (row["reference"], f"{when(row['debut'], now, row['fuseau'])} · {who}", SHORT[row["modalite"]],
             STATUTS[row["statut"]])  # fmt: skip
    for column, text in zip(columns[:-1], texts, strict=True):
        column.html(f"<p>{escape(typographic(text))}</p>")
    labels = {"cancelled": "Annuler", "fulfilled": "Honoré", "noshow": "Non honoré"}
    late = row["debut"] <= now
    with columns[-1].container(horizontal=True):
        for statut in PASSAGES[row["statut"]] & labels.keys():
            if (statut == "cancelled") != late:
                st.button(
                    labels[statut],
                    key=f"sas_{statut}_{row['reference']}",
                    on_click=_change,
                    args=(row["reference"], statut),
                )
        if row["statut"] == "booked" and not late:
            st.button(
                "Déplacer", key=f"sas_deplacer_{row['reference']}", on_click=_move, args=(row["reference"],)
            )


def _change(reference: str, statut: str) -> None:
    try:
        rendez_vous.changer(session.store(), reference, statut, auteur=acces.auteur())
        told.say(f"{reference} : {STATUTS[statut].lower()}.")
    except LakeError as refusal:
        told.warn(str(refusal))


def _move(reference: str) -> None:
    st.session_state[MOVED] = reference


ORIENTATIONS = Screen(
    "sas-orientations",
    "Mes orientations",
    "Que sont devenues vos orientations ?",
    _draw,
    audience=acces.regulateurs,
)
