"""The seats of one professional: hold, book, move, log a call; then what is handed over."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.access import access, session
from apps.kit.style.french import literal, typographic
from apps.sas import acces, patient, profil
from apps.sas.fiche import Fiche
from apps.sas.questions import Question
from apps.sas.words import SHORT, hour, when
from lake.errors import LakeError
from lake.horaires.plages import codes
from lake.store.sas import recherches, rendez_vous
from lake.store.sas.recherches import CANAUX, ISSUES
from lake.store.sas.rendez_vous import TENUE
from lake.store.sas.sieges import Demande
from scoring.sas.recherche import Reponse, explained

_MOST = 12
MOVED = "sas_deplace"
"""The reference that the next seat taken replaces."""


def draw(row: dict[str, Any], asked: Question, found: Reponse, now: datetime) -> None:
    """The panel of one professional."""
    if not acces.regulateurs(access.reader()):
        return
    mine = found.slots.filter(
        pl.col("identifiant") == row["identifiant"], pl.col("lieu") == row["lieu"]
    ).sort("utile")
    with st.container(border=True, key="sas_panneau"):
        st.subheader(typographic(literal(row["nom"])), anchor=False)
        profil.panel(row["identifiant"])
        given = st.session_state.get("sas_donne")
        if given and given[0] == st.session_state.get("sas_cle"):
            _given(given[1])
        else:
            if mine.height:
                _seats(row, mine, asked, now)
            _call(row, asked)
        with st.expander("Pourquoi ce rang ?", key="sas_volet_pourquoi"):
            st.write(typographic(explained(row, found)))


def _seats(row: dict[str, Any], mine: pl.DataFrame, asked: Question, now: datetime) -> None:
    slots = mine.head(_MOST).to_dicts()
    names = [when(one["utile"], now, row["fuseau"]) + _left(one) for one in slots]
    rank = st.radio(
        "Quand ?",
        range(len(slots)),
        format_func=names.__getitem__,
        horizontal=True,
        key=f"sas_creneau_{_key()}",
    )
    slot = slots[rank]
    held = codes(slot["modalites"])
    modalite = held[0]
    if len(held) > 1:
        modalite = st.radio(
            "Comment ?", held, format_func=SHORT.__getitem__, horizontal=True, key=f"sas_comment_{_key()}"
        )
    moved = st.session_state.get(MOVED)
    with st.container(horizontal=True):
        label = f"Déplacer {moved} ici" if moved else "Réserver"
        if st.button(label, type="primary", key="sas_reserver"):
            _book(row, slot, modalite, asked, now, moved)
        if not moved and st.button(f"Tenir {int(TENUE.total_seconds()) // 60} minutes", key="sas_tenir"):
            _book(row, slot, modalite, asked, now, None, hold=True)


def _left(slot: dict[str, Any]) -> str:
    return f" ({slot['restantes']} places)" if slot["genre"] == "plage" else ""


def _key() -> str:
    return str(st.session_state.setdefault("sas_cle", uuid.uuid4().hex))


def _book(
    row: dict[str, Any],
    slot: dict[str, Any],
    modalite: str,
    asked: Question,
    now: datetime,
    moved: str | None,
    *,
    hold: bool = False,
) -> None:
    """Take the seat; a refusal says why and what is next, and the list is read again."""
    store = session.store()
    demande = Demande(
        row["identifiant"],
        slot["utile"],
        modalite,
        f"{_key()}|{slot['utile'].isoformat()}",
        slot["duree_min"],
        sas=asked.territoire.code,
        regulateur_id=acces.compte_id(),
        auteur=acces.auteur(),
        lieu=row["lieu"],
    )
    try:
        if moved:
            code = rendez_vous.deplacer(store, moved, demande, now=now)
            st.session_state.pop(MOVED, None)
        else:
            code = rendez_vous.reserver(store, demande, tenir=hold, now=now)
    except LakeError as refusal:
        st.error(typographic(literal(str(refusal))))
        return
    place = acces.places().commune(row["code_commune"])
    fiche = Fiche(
        code, slot["utile"], slot["utile"] + timedelta(minutes=slot["duree_min"]),
        row["fuseau"], row["nom"], row["libelle"] or (place.libelle if place else ""), modalite,
    )  # fmt: skip
    st.session_state["sas_donne"] = (_key(), {"fiche": fiche, "tenu": now + TENUE if hold else None})
    st.rerun()


def _given(given: dict[str, Any]) -> None:
    """What was taken: the reference, the text to read out, the files to hand over."""
    fiche: Fiche = given["fiche"]
    if given["tenu"] is not None:
        st.info(typographic(f"Place tenue jusqu’à {hour(given['tenu'], fiche.fuseau)} : {fiche.reference}."))
        with st.container(horizontal=True):
            if st.button("Confirmer", type="primary", key="sas_confirmer"):
                _settle(given, confirmed=True)
            if st.button("Relâcher", key="sas_relacher"):
                _settle(given, confirmed=False)
        return
    st.success(typographic(f"Réservé : {fiche.reference}."))
    st.code(fiche.texte, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        st.download_button(
            "Fiche à remettre",
            acces.export(fiche.slip),
            f"{fiche.reference}.txt",
            "text/plain",
            key="sas_fiche",
            on_click="ignore",
        )
        st.download_button(
            "Invitation (.ics)",
            acces.export(fiche.ics),
            f"{fiche.reference}.ics",
            "text/calendar",
            key="sas_ics",
            on_click="ignore",
        )
        st.button("Nouvelle recherche", key="sas_nouvelle", on_click=_again)
    patient.draw(fiche)


def _settle(given: dict[str, Any], *, confirmed: bool) -> None:
    fiche: Fiche = given["fiche"]
    try:
        if confirmed:
            rendez_vous.confirmer(session.store(), fiche.reference, auteur=acces.auteur())
            given["tenu"] = None
        else:
            rendez_vous.annuler(session.store(), fiche.reference, auteur=acces.auteur())
            _close()
    except LakeError as refusal:
        st.error(typographic(literal(str(refusal))))
        return
    st.rerun()


def _close() -> None:
    st.session_state.pop("sas_donne", None)
    st.session_state.pop("sas_choisi", None)


def _again() -> None:
    """The place leaves the session with the call that it was for."""
    _close()
    # Emptied, not forgotten: the browser keeps what it shows of a field that is forgotten.
    st.session_state["sas_lieu"] = ""
    patient.forget()
    for name in ("sas_question", "sas_horizon", "sas_modalites"):
        st.session_state.pop(name, None)


def _call(row: dict[str, Any], asked: Question) -> None:
    with (
        st.expander("Noter un appel", key="sas_volet_appel"),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        canal = st.selectbox(
            "Comment", list(CANAUX), format_func=CANAUX.__getitem__, key=f"sas_canal_{_key()}"
        )
        issue = st.selectbox("Issue", list(ISSUES), format_func=ISSUES.__getitem__, key=f"sas_issue_{_key()}")
        if st.button("Noter", key="sas_noter"):
            recherches.solliciter(
                session.store(),
                row["identifiant"],
                canal,
                issue,
                sas=asked.territoire.code,
                auteur=acces.auteur(),
            )
            st.success("Appel noté.")
