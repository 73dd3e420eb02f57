"""« Copier cette semaine vers… »: what would be added, and what would not, before anything is.

No dragging: choosing weeks in a list does it by keyboard, with a screen reader and on a telephone alike, and the
reasons for what cannot be copied are read before.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from html import escape

import streamlit as st

from apps.kit.access import session
from apps.kit.forms import told
from apps.kit.style.french import counted, long_date, typographic
from apps.sas import acces
from apps.sas.words import held
from lake.errors import LakeError
from lake.horaires.heures import clock, local_day, monday
from lake.horaires.plages import GENRES
from lake.store.sas import copie
from lake.store.sas.agendas import Photo
from lake.store.sas.copie import Copie

_AHEAD = 13
"""Weeks to come that are offered."""
_MOST = 30
"""Ranges told one by one."""


def draw(identifiant: str, seen: Photo, lundi: date, now: datetime) -> None:
    """The weeks that may receive the one on screen, the preview, and the press that copies."""
    first = monday(local_day(now, str(seen.effecteurs["fuseau"][0])))
    weeks = {
        week: f"Semaine du {long_date(week)}"
        for week in (first + timedelta(weeks=rank) for rank in range(_AHEAD))
        if week != lundi
    }
    chosen = st.multiselect(
        "Copier cette semaine vers…", list(weeks), format_func=weeks.__getitem__,
        placeholder="Une semaine ou plusieurs", key=f"sas_copier_{lundi.isoformat()}",
    )  # fmt: skip
    if not chosen:
        return
    try:
        lines = copie.preparer(seen, lundi, sorted(chosen), now)
    except LakeError as refusal:
        st.warning(typographic(str(refusal)))
        return
    good = sum(not one.refus for one in lines)
    st.button(
        f"Copier {counted(good, 'plage')}" if good else "Rien à copier", key="sas_copier", type="primary",
        disabled=not good, on_click=_copied, args=(identifiant, lundi, sorted(chosen), lines),
    )  # fmt: skip
    st.html(preview(lines))


def preview(lines: list[Copie]) -> str:
    """What becomes of each range, day by day; those that are there already are counted."""
    if not lines:
        return '<p class="obs-source">Cette semaine n’a aucune plage : il n’y a rien à copier.</p>'
    told_ = [one for one in lines if one.refus != copie.DEJA]
    rows = "".join(
        f"<li>{escape(long_date(one.jour, weekday=True))}, {clock(one.debut_min)}–{clock(one.fin_min)}, "
        f"{escape(GENRES[one.genre].lower())}, {escape(held(one.modalites, 'ps').lower())} : "
        + (f"non copiée, {escape(one.refus)}" if one.refus else "<strong>sera ajoutée</strong>")
        + "</li>"
        for one in told_[:_MOST]
    )
    ends = []
    if more := len(told_) - _MOST if len(told_) > _MOST else 0:
        ends.append(f"et {counted(more, 'autre')}")
    if there := len(lines) - len(told_):
        ends.append(f"{counted(there, 'plage y est déjà', 'plages y sont déjà')}")
    end = f'<p class="obs-source">{typographic(" ; ".join(ends))}.</p>' if ends else ""
    return (f'<ul class="obs-source sas-copie">{typographic(rows)}</ul>' if rows else "") + end


def _copied(identifiant: str, lundi: date, weeks: list[date], lines: list[Copie]) -> None:
    try:
        acces.require_agenda(identifiant)
        done = copie.copier(session.store(), identifiant, lundi, weeks, vues=lines, auteur=acces.auteur())
    except LakeError as refusal:
        told.warn(str(refusal))
        return
    good = sum(not one.refus for one in done)
    left = len(done) - good
    said = f"{counted(good, 'plage copiée', 'plages copiées')}."
    told.say(
        said if not left else f"{said} {counted(left, 'autre ne l’a pas été', 'autres ne l’ont pas été')}."
    )
    st.session_state.pop(f"sas_copier_{lundi.isoformat()}", None)
