"""Changing a range that is in place, from a day on; and leaving the SAS."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import streamlit as st

from apps.kit import forms
from apps.kit.access import session
from apps.kit.forms import Action, Field, Form, Kind, Section, Submission, several, told
from apps.kit.style.french import counted, long_date, typographic
from apps.sas import acces
from apps.sas.ecarts import hour_typed
from apps.sas.words import when
from lake.errors import LakeError, Refused
from lake.horaires.heures import DAY_MINUTES, clock, local_day, minutes_of
from lake.horaires.plages import MODALITES, bits, codes
from lake.store.sas import planning, registre

_EDITED = "sas_modifie"
_FORM = Form(
    "sas_modifier",
    (
        Field("des", "À partir du", Kind.DATE, note="Avant ce jour, la plage reste ce qu’elle était"),
        Section(
            (Field("debut", "De", check=hour_typed, most=8), Field("fin", "À", check=hour_typed, most=8)), beside=True
        ),
        several("modalites", "Modalités", MODALITES, required=True, empty="Une au moins"),
        Section(
            (
                Field("duree_min", "Durée d’une consultation (min)", Kind.NUMBER, least=5, top=240),
                Field("capacite", "Patients sur la plage", Kind.NUMBER, required=False, least=1, top=500,
                      note="Vide : un par créneau"),
            ),
            beside=True,
        ),
        Field("au", "Jusqu’au", Kind.DATE),
    ),
    (Action("modifier", "Enregistrer le changement"),),
    audience=acces.effecteurs,
)  # fmt: skip


def button(where: Any, serie: int) -> None:
    """The button that opens the change of a range."""
    where.button("Modifier", key=f"sas_modifier_{serie}", on_click=_open, args=(serie,))


def _open(serie: int) -> None:
    st.session_state[_EDITED] = None if st.session_state.get(_EDITED) == serie else serie


def draw(identifiant: str, row: dict[str, Any], today: date) -> None:
    """The form, under the range that is being changed."""
    if st.session_state.get(_EDITED) != row["serie"]:
        return
    with st.container(border=True):
        forms.draw(
            _FORM,
            lambda sent: _changed(sent, identifiant, row),
            about=f"{identifiant}-{row['serie']}",
            initial={
                "des": max(today, row["du"]), "debut": clock(row["debut_min"]), "fin": clock(row["fin_min"]),
                "modalites": codes(row["modalites"]), "duree_min": row["duree_min"], "capacite": row["capacite"],
                "au": row["au"],
            },
        )  # fmt: skip


def _changed(sent: Submission, identifiant: str, row: dict[str, Any]) -> str:
    acces.require_agenda(identifiant)
    values = sent.values
    start, end = minutes_of(values["debut"]), minutes_of(values["fin"], end=True)
    if row["fin_min"] > DAY_MINUTES and end <= start:
        end += DAY_MINUTES  # it ended the next day, and still does
    if values["des"] < local_day(datetime.now(UTC)):
        raise Refused("des", "Ce jour est passé.", conseil="Choisissez aujourd'hui ou un jour à venir.")
    if values["au"] < values["des"]:
        raise Refused("au", "La plage finirait avant de changer.")
    try:
        planning.modifier(
            session.store(), row["serie"], des=values["des"], debut_min=start, fin_min=end, au=values["au"],
            modalites=bits(values["modalites"]), duree_min=int(values["duree_min"]),
            capacite=int(values["capacite"]) if values["capacite"] else None, auteur=acces.auteur(),
        )  # fmt: skip
    except LakeError as refusal:
        raise Refused("fin" if "avant de commencer" in str(refusal) else "debut", str(refusal)) from refusal
    st.session_state.pop(_EDITED, None)
    kept = "Les dates retirées restent retirées, les rendez-vous pris restent pris."
    return f"Plage changée à partir du {long_date(values['des'])}. {kept}"


def leaving(person: Any) -> None:
    """How one leaves, what it does, what it leaves."""
    now = datetime.now(UTC)
    coming = registre.of_effecteur(
        session.store(), person["identifiant"], now, datetime.max.replace(tzinfo=UTC)
    )
    live = [row for row in reversed(coming) if row["statut"] in ("booked", "pending")]
    said = (
        "Vos plages à venir sont retirées aussitôt, vos heures passées sont gardées, et vous pourrez revenir. Les "
        "rendez-vous pris restent à honorer ou à déplacer."
    )
    st.html(f'<p class="obs-source">{typographic(said)}</p>')
    if live:
        listed = "".join(
            f"<li>{typographic(when(row['debut'], now, row['fuseau']))} · {row['reference']}</li>"
            for row in live[:20]
        )
        count = counted(len(live), "rendez-vous pris", "rendez-vous pris")
        st.html(f"<p>{count}\u202f:</p><ul>{listed}</ul>")
    sure = st.checkbox("Je quitte le SAS", key="sas_quitter_sur")
    st.button(
        "Quitter le SAS", key="sas_quitter", disabled=not sure, on_click=_leave, args=(person["identifiant"],)
    )


def _leave(identifiant: str) -> None:
    try:
        acces.require_agenda(identifiant)
        touched = planning.quitter(session.store(), identifiant, auteur=acces.auteur())
    except LakeError as refusal:
        told.warn(str(refusal))
        return
    told.say("Vous avez quitté le SAS.")
    if touched:
        told.warn(
            "Rendez-vous à honorer ou à déplacer : " + ", ".join(one.reference for one in touched) + "."
        )
