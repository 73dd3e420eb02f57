"""What a widget of the questionnaire saves when it changes: one answer, with the revision that was read."""

from __future__ import annotations

from typing import Any

import streamlit as st

from apps.kit.forms import told
from apps.saisie import presences
from apps.saisie.criteres import ranger_conflit
from apps.saisie.entree import entree
from apps.saisie.personnes import personne
from lake.errors import AccessDenied, EditConflict, LakeError, Refused, SourceUnavailable
from lake.store.saisie import feuilles, services
from lake.store.saisie.feuilles import Reponse
from lake.valeurs import valeur_lue

NA, PORTE = "na", "porte"
_MIENS = "saisie.miens"


def semer(key: str, value: Any) -> None:
    """Show in a widget what is kept, where it shows something else.

    A value that is set anew at each run is sent to the browser, where it erases a newer gesture.
    """
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def choisir(service: int, questionnaire: str, code: str, seen: int, key: str, rev: int) -> None:
    """Save the level that was chosen, where no journal of the browser carries it (:mod:`apps.saisie.frappe`)."""
    value = st.session_state.get(f"{key}_niveau")
    if value is None or st.session_state.get("saisie_frappe"):
        return
    before = feuilles.reponses(entree().store, service, questionnaire).get(code, {})
    passed = bool(before.get("transmis", True))
    answer = Reponse(NA) if value == NA else Reponse("niveau", niveau=int(value), transmis=passed)
    _prudent(service, questionnaire, code, seen, answer, rev)


def confirmer(
    service: int, questionnaire: str, code: str, seen: int, answer: dict[str, Any], rev: int
) -> None:
    """Save as one's own an answer that was carried over."""
    same = Reponse(
        answer["nature"], answer["niveau"], answer["porte_par_id"], answer["valeur"], bool(answer["transmis"]),
        answer["justification_na"],
    )  # fmt: skip
    _prudent(service, questionnaire, code, seen, same, rev)


def confirmer_tout(service: int, questionnaire: str, seen: int, answers: dict[str, dict[str, Any]]) -> None:
    """Save as one's own several answers that were carried over: each by itself, as they were shown."""
    for code, answer in answers.items():
        confirmer(service, questionnaire, code, seen, answer, answer.get("rev_n", 0))


def effacer(service: int, questionnaire: str, code: str, seen: int, rev: int) -> None:
    """Clear an answer."""
    _prudent(service, questionnaire, code, seen, Reponse(), rev)


def justifier(service: int, questionnaire: str, code: str, seen: int, key: str, rev: int) -> None:
    """Save why a criterion does not apply."""
    text = str(st.session_state.get(f"{key}_pourquoi", ""))
    _prudent(service, questionnaire, code, seen, Reponse(NA, justification_na=text), rev)


def porter(service: int, questionnaire: str, code: str, seen: int, key: str, rev: int) -> None:
    """Save who carries the criterion; nobody clears the answer."""
    carrier = st.session_state.get(f"{key}_porteur")
    _prudent(
        service, questionnaire, code, seen, Reponse(PORTE, porte_par=carrier) if carrier else Reponse(), rev
    )


def retenir(service: int, questionnaire: str, code: str, seen: int, key: str, answer: dict[str, Any]) -> None:
    """Save whether the level is passed on; who leans on it is told."""
    keeps = bool(st.session_state.get(f"{key}_garde"))
    if keeps:
        leaning = services.appuyes(entree().store, service, code)
        if leaning:
            told.warn(f"{code} : {', '.join(leaning)} s’appuient sur cette réponse et ne compteront plus.")
    _prudent(
        service, questionnaire, code, seen,
        Reponse("niveau", niveau=answer["niveau"], transmis=not keeps), answer["rev_n"],
    )  # fmt: skip


def taper(service: int, questionnaire: str, code: str, seen: int, key: str, kind: str, rev: int) -> None:
    """Save a number, a date or a text, once it can be read."""
    text = str(st.session_state.get(f"{key}_valeur", ""))
    try:
        value = valeur_lue(text, kind)
    except Refused as error:
        told.warn(f"{code} : {error}")
        return
    _prudent(service, questionnaire, code, seen, Reponse("valeur", valeur=value) if value else Reponse(), rev)


def commenter(
    service: int, questionnaire: str, code: str, seen: int, key: str, answer: dict[str, Any]
) -> None:
    """Save the comments that differ from those first shown: an old tab never writes an old comment back."""
    inner, public = (str(st.session_state.get(f"{key}_{name}", "")) for name in ("interne", "public"))
    if (inner, public) == (answer.get("commentaire", ""), answer.get("commentaire_public", "")):
        return
    here = entree()
    seen_there = presences.a_marquer(here, service, questionnaire, code)
    try:
        feuilles.commenter(
            here.store, service, questionnaire, code, interne=inner, public=public,
            rev=answer.get("rev_c", 0), par=here.email, vue=seen, avec=seen_there,
        )  # fmt: skip
        if seen_there:
            presences.note(here, service, questionnaire, code)
    except EditConflict as error:
        by = personne(str(error.theirs.get("modifie_par") or ""), "l’exploitant")
        told.warn(
            f"{code} : {by} a commenté entre-temps. Votre texte est gardé de côté : « {inner or public} »."
        )
    except LakeError as error:
        told.warn(f"{code} : {error}")


def enregistrer(service: int, questionnaire: str, code: str, seen: int, answer: Reponse, rev: int) -> None:
    """Save an answer; what is refused is told, and kept.

    What this session wrote since the page was drawn is no conflict: its own revision is known here.

    Raises:
        SourceUnavailable: the store does not answer.
    """
    here, about = entree(), (service, questionnaire, code, seen)
    written: dict[tuple[int, str, str], int] = st.session_state.setdefault(_MIENS, {})
    known = max(rev, written.get(about[:3], 0))
    seen_there = presences.a_marquer(here, service, questionnaire, code)
    try:
        written[about[:3]] = feuilles.repondre(
            here.store,
            service,
            questionnaire,
            code,
            answer,
            rev=known,
            par=here.email,
            vue=seen,
            avec=seen_there,
        )
        if seen_there:
            presences.note(here, service, questionnaire, code)
        ranger_conflit(about, None)
    except EditConflict as error:
        ranger_conflit(about, (answer, error.theirs, error.revision))
    except SourceUnavailable:
        raise
    except AccessDenied as error:
        told.warn(str(error))
    except LakeError as error:
        told.warn(f"{code} : {error}")


def _prudent(service: int, questionnaire: str, code: str, seen: int, answer: Reponse, rev: int) -> None:
    """The same, for a widget: that the store does not answer is told."""
    try:
        enregistrer(service, questionnaire, code, seen, answer, rev)
    except SourceUnavailable as error:
        told.warn(f"{code}, non enregistré : {error}")


def garder_mienne(service: int, questionnaire: str, code: str, seen: int, answer: Reponse, rev: int) -> None:
    """Save over theirs what was refused, once it was seen beside it."""
    _prudent(service, questionnaire, code, seen, answer, rev)


def aller(axe: str) -> None:
    """Go to an axis."""
    st.query_params.pop("critere", None)
    st.query_params["axe"] = axe
