"""What a widget of the questionnaire saves when it changes: one answer, with the revision that was read."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from apps.kit.forms import told
from apps.saisie.criteres import ranger_conflit
from apps.saisie.entree import entree
from lake.errors import AccessDenied, EditConflict, LakeError
from lake.store.saisie import feuilles, services
from lake.store.saisie.feuilles import Reponse

NA, PORTE = "na", "porte"


def choisir(service: int, questionnaire: str, code: str, seen: int, key: str, rev: int) -> None:
    """Save the level that was chosen."""
    value = st.session_state.get(f"{key}_niveau")
    if value is None:
        return
    answer = Reponse(NA) if value == NA else Reponse("niveau", niveau=int(value))
    enregistrer(service, questionnaire, code, seen, answer, rev)


def justifier(service: int, questionnaire: str, code: str, seen: int, key: str, rev: int) -> None:
    """Save why a criterion does not apply."""
    text = str(st.session_state.get(f"{key}_pourquoi", ""))
    enregistrer(service, questionnaire, code, seen, Reponse(NA, justification_na=text), rev)


def porter(service: int, questionnaire: str, code: str, seen: int, key: str, rev: int) -> None:
    """Save who carries the criterion; nobody clears the answer."""
    carrier = st.session_state.get(f"{key}_porteur")
    enregistrer(
        service, questionnaire, code, seen, Reponse(PORTE, porte_par=carrier) if carrier else Reponse(), rev
    )


def retenir(service: int, questionnaire: str, code: str, seen: int, key: str, answer: dict[str, Any]) -> None:
    """Save whether the level is passed on; who leans on it is told."""
    keeps = bool(st.session_state.get(f"{key}_garde"))
    if keeps:
        leaning = services.appuyes(entree().store, service, code)
        if leaning:
            told.warn(f"{code} : {', '.join(leaning)} s’appuient sur cette réponse et ne compteront plus.")
    enregistrer(
        service, questionnaire, code, seen,
        Reponse("niveau", niveau=answer["niveau"], transmis=not keeps), answer["rev_n"],
    )  # fmt: skip


def taper(service: int, questionnaire: str, code: str, seen: int, key: str, kind: str, rev: int) -> None:
    """Save a number, a date or a text, once it can be read."""
    text = str(st.session_state.get(f"{key}_valeur", "")).strip()
    plain = text.replace("\u202f", "").replace("\xa0", "").replace(" ", "").replace(",", ".")
    if text and kind == "nombre" and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", plain):
        told.warn(f"{code} : « {text} » n’est pas un nombre. Écrivez 1 234,5.")
        return
    if text and kind == "date" and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        told.warn(f"{code} : « {text} » n’est pas une date. Écrivez 2027-01-31.")
        return
    value = plain if kind == "nombre" else text
    enregistrer(
        service, questionnaire, code, seen, Reponse("valeur", valeur=value) if text else Reponse(), rev
    )


def commenter(
    service: int, questionnaire: str, code: str, seen: int, key: str, answer: dict[str, Any]
) -> None:
    """Save the comments that differ from those first shown: an old tab never writes an old comment back."""
    inner, public = (str(st.session_state.get(f"{key}_{name}", "")) for name in ("interne", "public"))
    if (inner, public) == (answer.get("commentaire", ""), answer.get("commentaire_public", "")):
        return
    here = entree()
    try:
        feuilles.commenter(
            here.store, service, questionnaire, code, interne=inner, public=public,
            rev=answer.get("rev_c", 0), par=here.email, vue=seen,
        )  # fmt: skip
    except EditConflict as error:
        by = error.theirs.get("modifie_par") or "l’exploitant"
        told.warn(
            f"{code} : {by} a commenté entre-temps. Votre texte est gardé de côté : « {inner or public} »."
        )
    except LakeError as error:
        told.warn(f"{code} : {error}")


def enregistrer(service: int, questionnaire: str, code: str, seen: int, answer: Reponse, rev: int) -> None:
    """Save an answer; what is refused is told, and kept."""
    here, about = entree(), (service, questionnaire, code, seen)
    try:
        feuilles.repondre(here.store, service, questionnaire, code, answer, rev=rev, par=here.email, vue=seen)
        ranger_conflit(about, None)
    except EditConflict as error:
        ranger_conflit(about, (answer, error.theirs, error.revision))
    except AccessDenied as error:
        told.warn(str(error))
    except LakeError as error:
        told.warn(f"{code} : {error}")


def aller(axe: str) -> None:
    """Go to an axis."""
    st.query_params["axe"] = axe
