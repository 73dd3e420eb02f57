"""« Claire Martin est sur A05.1 »: told beside the questionnaire and on the dashboard, and never a lock.

What others do is read from the store every few seconds at most for the whole process, whoever asks; what this process
marks is known at once. An answer marks its criterion in its own transaction, and only when that says something new.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import streamlit as st

from apps.kit.style.french import NNBSP, typographic
from apps.saisie.entree import Entree
from lake.errors import LakeError
from lake.store.saisie import presences
from lake.store.saisie.frames import PARIS
from lake.store.saisie.presences import FRAICHE, Presence, Vu

RELIRE_S = 5.0
"""Seconds during which what was read of the others is good enough."""
REDIRE = timedelta(seconds=20)
"""How long one is known to be on a criterion before it is written again."""
_DIT = "saisie.presence"


@dataclass
class _Connues:
    """What one process knows of a store."""

    lues_a: float = float("-inf")
    toutes: dict[tuple[int, int, str], Presence] = field(default_factory=dict)
    verrou: threading.Lock = field(default_factory=threading.Lock)


_CONNUES: dict[str, _Connues] = {}


def arriver(
    here: Entree, service: Mapping[str, Any], questionnaire: str, codes: Iterable[str], vers: str
) -> None:
    """Mark the reader on an axis that it may answer: where it just was if that is there, else on one criterion.

    Args:
        here: the entry.
        service: whose sheet.
        questionnaire: the sheet.
        codes: the criteria of the axis.
        vers: the one to be on.
    """
    vu = qui(here)
    if vu is None:
        return
    known = st.session_state.get(_DIT)
    where = (
        known[2] if known and known[:2] == (service["id"], questionnaire) and known[2] in set(codes) else vers
    )
    if not _nouveau(service["id"], questionnaire, where):
        return
    try:
        presences.marquer(here.store, service["id"], questionnaire, where, vu, par=here.email)
    except LakeError:
        return  # who is there is only told: the page goes on
    note(here, service["id"], questionnaire, where)


def a_marquer(here: Entree, service: int, questionnaire: str, critere: str) -> Any:
    """What an answer marks in its own transaction; None when it is known already."""
    vu = qui(here)
    return presences.avec(critere, vu) if vu and _nouveau(service, questionnaire, critere) else None


def note(here: Entree, service: int, questionnaire: str, critere: str) -> None:
    """Know at once, in this process, what was just written."""
    vu, moment = qui(here), datetime.now(UTC)
    if vu is None:
        return
    st.session_state[_DIT] = (service, questionnaire, critere, moment)
    known = _CONNUES.setdefault(str(here.store), _Connues())
    with known.verrou:
        known.toutes[vu.seance, service, questionnaire] = Presence(
            vu, here.nom, service, questionnaire, critere, moment
        )


def autres(here: Entree, now: datetime | None = None) -> list[Presence]:
    """The others who are on a criterion now; nobody where the store does not answer."""
    known = _CONNUES.setdefault(str(here.store), _Connues())
    with known.verrou:
        if time.monotonic() - known.lues_a > RELIRE_S:
            known.lues_a = time.monotonic()
            try:
                found = presences.presentes(here.store)
            except LakeError:
                found = []
            known.toutes = {(one.vu.seance, one.service, one.questionnaire): one for one in found}
        every = list(known.toutes.values())
    moment = now or datetime.now(UTC)
    mine = here.who.compte_id
    return [one for one in every if one.vu.compte != mine and moment - one.vue_le < FRAICHE]


def draw(here: Entree, service: Mapping[str, Any], questionnaire: str) -> None:
    """Say who else is on this questionnaire, and where."""
    found = [
        one for one in autres(here) if (one.service, one.questionnaire) == (service["id"], questionnaire)
    ]
    if found:
        _say([f"{one.nom} est sur {one.critere}" for one in found], found)


def partout(here: Entree, mine: Iterable[Mapping[str, Any]]) -> None:
    """Say who else is at work on the services that the reader sees."""
    known = {one["id"]: one for one in mine}
    found = [
        one
        for one in autres(here)
        if one.service in known and here.peut("voir", dict(known[one.service]), one.questionnaire)
    ]
    if found:
        _say([f"{one.nom} est sur {known[one.service]['nom']}, {one.critere}" for one in found], found)


def qui(here: Entree) -> Vu | None:
    """The reader as others see it; None for who has no session."""
    return None if here.seance is None or here.who.compte_id is None else Vu(here.seance, here.who.compte_id)


# -- inside ------------------------------------------------------------------------------------------


def _nouveau(service: int, questionnaire: str, critere: str) -> bool:
    known = st.session_state.get(_DIT)
    if known is None or known[:3] != (service, questionnaire, critere):
        return True
    return bool(datetime.now(UTC) - known[3] > REDIRE)


def _say(words: list[str], found: list[Presence]) -> None:
    at = max(one.vue_le for one in found).astimezone(PARIS)
    said = f"{' ; '.join(dict.fromkeys(words))} (à {at.hour}{NNBSP}h{NNBSP}{at.minute:02d})."
    st.html(f'<p class="obs-lecture-vue obs-presence">{escape(typographic(said))}</p>')
