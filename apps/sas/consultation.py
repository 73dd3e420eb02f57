"""« Consultation »: a place, a need, who can see somebody soon. For régulateurs.

The place stands in the session only: not in the address, not in the store, not in a draft.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape

import polars as pl
import streamlit as st

from apps.kit.access import access, session
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, literal, number, typographic
from apps.sas import acces, attente, carte, liste, questions
from apps.sas.editeurs import DITS, Complete
from apps.sas.questions import Locale, Question
from apps.sas.words import ZONE, seats, when
from lake.errors import LakeError
from lake.store.sas import roles
from lake.store.sas.profil import AGES
from scoring.sas.horizons import HORIZONS, LONGEST
from scoring.sas.ordre import RULE
from scoring.sas.plus_tot import RULE as SOONEST
from scoring.sas.plus_tot import soonest
from scoring.sas.recherche import PRESETS, Critere, Lieu, Reponse

_PLACE, _ASKED = "sas_lieu", "sas_question"
_LIST, _SOONEST, _MAP = "Liste", "Soin le plus tôt", "Carte"
_MODES = {"AMB": "Cabinet", "VR": "Téléconsultation", "HH": "Domicile"}
_PRECISION = {
    "numero": "au numéro",
    "rue": "à la rue",
    "lieu_dit": "au lieu-dit",
    "commune": "à la commune",
    "departement": "au département",
    "point": "au point",
}


def _draw() -> None:
    now = datetime.now(UTC)
    text = st.text_input(
        "Où se trouve le patient ?",
        key=_PLACE,
        placeholder="12 rue des Jardiniers, Nancy — ou une commune",
        help="Trouvée par l’observatoire lui-même. Ni cette adresse, ni le point trouvé ne sont gardés.",
        autocomplete="off",
    )
    local = _local()
    chosen = _presets(local)
    if not text.strip():
        st.html(f'<p class="obs-source">{typographic("Tapez une adresse ou une commune, puis Entrée.")}</p>')
        return
    lieu = _lieu(text)
    if lieu is None:
        return
    mine = local.get(chosen)
    asked = replace(_question(lieu, chosen, mine), critere=None if mine is None else mine.critere)
    whole = attente.completer(asked, now)
    found = whole.reponse
    _noted(asked, found, now, whole.muettes)
    _answer(asked, found, now)
    shape = st.segmented_control(
        "Présentation", [_LIST, _SOONEST, _MAP], default=_LIST, key="sas_forme", label_visibility="collapsed"
    )
    if shape == _MAP:
        carte.draw(asked, whole, now)
    elif shape == _SOONEST:
        st.html(f'<p class="obs-source">{typographic(SOONEST)}</p>')
        liste.draw(asked, replace(whole, reponse=soonest(found, now)), now)
    else:
        liste.draw(asked, whole, now)
    liste.unavailable(asked, now)
    if whole.sources:
        said = " · ".join(_source(name, state, whole) for name, state in whole.sources.items())
        st.html(f'<p class="obs-source">{escape(typographic(f"Agendas reliés : {said}."))}</p>')
    st.html(
        '<p class="obs-source">'
        + typographic(
            f"Offre saisie, lue à {now.astimezone(ZONE):%H:%M:%S} · ordre tiré avec la graine {found.graine} · "
            "aucune donnée du patient n’est gardée"
        )
        + "</p>"
    )


def _source(name: str, state: str, whole: Complete) -> str:
    """« Agenda lent : créneaux, lu à 14:02:10 »."""
    read = whole.lus.get(name)
    return f"{name}, {DITS[state]}" + ("" if read is None else f", lu à {read.astimezone(ZONE):%H:%M:%S}")


def _local() -> dict[str, Locale]:
    """The searches of the SAS in which the reader is régulateur."""
    person, store = access.reader(), session.store()
    mine = None if person is None else roles.territoires_of(store, person.compte, (roles.REGULATEUR,))
    return questions.locales(store, sorted(mine or ()))


def _presets(local: Mapping[str, Locale]) -> str:
    """The buttons of the searches made in advance, national then local; a press puts the filters back."""
    kept = st.session_state.setdefault("sas_preset", "medecine_generale")
    if kept not in PRESETS and kept not in local:
        kept = st.session_state["sas_preset"] = "medecine_generale"
    with st.container(horizontal=True):
        for code, critere in {**PRESETS, **{code: one.critere for code, one in local.items()}}.items():
            st.button(
                critere.titre,
                key=f"sas_preset_{code}",
                type="primary" if code == kept else "secondary",
                on_click=_reset,
                args=(code,),
            )
    return str(st.session_state["sas_preset"])


def _reset(code: str) -> None:
    st.session_state["sas_preset"] = code
    for name in (
        "sas_horizon",
        "sas_modalites",
        "sas_ouvertes",
        "sas_age",
        _ASKED,
        liste.CHOSEN,
        "sas_montres",
    ):
        st.session_state.pop(name, None)


def _lieu(text: str) -> Lieu | None:
    """The place that the text means, or what to choose from."""
    try:
        found, near = questions.lieu_of_text(acces.places(), text)
    except LakeError as error:
        st.warning(typographic(literal(str(error))))
        return None
    if found is None:
        st.warning(
            "Adresse introuvable." + (" Vouliez-vous dire :" if near else " Donnez au moins la commune.")
        )
        with st.container(horizontal=True):
            for name in near[:4]:
                st.button(name, key=f"sas_commune_{name}", on_click=_take, args=(name.rsplit(" (", 1)[0],))
        return None
    rho = "" if found.precision in ("numero", "point") else f", à {number(found.incertitude_km, 1)} km près"
    st.html(
        f'<p class="obs-lecture-vue">{escape(typographic(found.libelle))} · '
        f"{typographic(_PRECISION[found.precision] + rho)}</p>"
    )
    return found


def _take(name: str) -> None:
    st.session_state[_PLACE] = name


def _question(lieu: Lieu, preset: str, local: Locale | None) -> Question:
    """The question with its filters, those that a search of the SAS sets first; its seed is drawn once a demand and
    kept for paging, toggling and widening."""
    first = local or Locale(Critere())
    known = st.session_state.get(_ASKED)
    if not isinstance(known, Question) or known.lieu != lieu or known.preset != preset:
        known = Question(lieu, preset=preset, graine=questions.graine())
        st.session_state.pop(liste.CHOSEN, None)
        st.session_state.pop("sas_montres", None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        horizon = st.pills(
            "Horizon",
            list(HORIZONS),
            format_func=HORIZONS.__getitem__,
            default=first.horizon,
            key="sas_horizon",
        )
        modalites = st.pills(
            "Modalité",
            list(_MODES),
            format_func=_MODES.__getitem__,
            selection_mode="multi",
            default=[code for code in _MODES if code in first.modalites],
            key="sas_modalites",
        )
        ages = list(AGES)
        age = st.selectbox(
            "Âge du patient", ages, index=ages.index(first.age) if first.age else None, key="sas_age",
            format_func=AGES.__getitem__, placeholder="Tous", width=180,
            help=typographic("Écarte qui a dit ne pas recevoir cet âge. Il n’est gardé nulle part."),
        )  # fmt: skip
        first_open = st.toggle(
            "Structures ouvertes maintenant d’abord", value=True, key="sas_ouvertes",
            help=typographic("Parmi les structures seulement : aucune n’est cachée, aucun médecin ne change de rang."),
        )  # fmt: skip
    asked = replace(
        known,
        horizon=horizon or LONGEST,
        modalites=tuple(modalites),
        open_first=bool(first_open),
        age=age or "",
    )
    step = asked.territoire.elargissement_km
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = acces.places().typology(lieu.code_commune).mots
        around = (
            f"{asked.territoire.nom} ({asked.territoire.code}), dans un rayon de {number(asked.rayon_km)} km"
        )
        around += f" · {kind}" if kind else ""
        st.html(f'<p class="obs-lecture-vue">{typographic(around)}</p>', width="content")
        wider = replace(asked, elargi=asked.elargi + 1)
        if wider.rayon_km > asked.rayon_km:
            st.button(
                typographic(f"Élargir de {number(min(step, wider.rayon_km - asked.rayon_km))} km"),
                key="sas_elargir", type="tertiary", on_click=_widen, args=(wider,),
            )  # fmt: skip
    st.session_state[_ASKED] = asked
    return asked


def _widen(wider: Question) -> None:
    st.session_state[_ASKED] = wider


def _noted(asked: Question, found: Reponse, now: datetime, muettes: Sequence[str] = ()) -> None:
    """Keep that it was searched, once: a reload, a page, a change of rendering is no new search."""
    said = (
        *(asked.lieu.code_commune, asked.preset, asked.horizon, asked.modalites, asked.elargi),
        *(asked.graine, asked.age),
    )
    if st.session_state.get("sas_notee") != said:
        questions.noter(session.store(), asked, found, now, compte_id=acces.compte_id(), muettes=muettes)
        st.session_state["sas_notee"] = said


def _answer(asked: Question, found: Reponse, now: datetime) -> None:
    rows = found.resultats.filter(pl.col("palier") == 0)
    horizon = HORIZONS[asked.horizon][0].lower() + HORIZONS[asked.horizon][1:]
    if rows.is_empty():
        st.header(typographic(f"Aucune place {horizon}"), anchor=False)
        beyond = found.resultats.filter(pl.col("palier") == 1).height
        hint = (
            f"{counted(beyond, 'professionnel accepte', 'professionnels acceptent')} un patient en surnombre. "
            if beyond
            else ""
        )
        hint += "Élargissez le rayon, allongez l’horizon, ou retirez une modalité."
        st.html(f'<p class="obs-lecture">{typographic(hint)}</p>')
        return
    first = rows.sort("premier_creneau").row(0, named=True)
    earliest = when(first["premier_creneau"], now, first["fuseau"])
    st.header(
        typographic(f"{seats(int(rows['places'].sum()))} {horizon}, la première : {earliest}"), anchor=False
    )
    st.html(f'<p class="obs-lecture">{typographic(RULE)}</p>')
    _few(asked, found)


def _few(asked: Question, found: Reponse) -> None:
    """In a place that is not dense, where few are received in presence: what is offered at a distance, in its rank."""
    near, far = questions.a_distance(found)
    if near < questions.PEU and far and acces.places().typology(asked.lieu.code_commune).peu_dense:
        said = (
            f"Commune peu dense, et {seats(near) if near else 'aucune place'} en présence : {seats(far)} de "
            "téléconsultation sont dans la même liste, à leur rang."
        )
        st.html(f'<p class="obs-lecture">{typographic(said)}</p>')


CONSULTATION = Screen(
    "sas-consultation",
    "Consultation",
    "Qui peut recevoir ce patient ?",
    _draw,
    audience=acces.regulateurs,
)
