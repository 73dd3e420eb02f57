"""« Déplacer » a range: its day and its hour under the arrow keys, the effect read before anything changes.

A slider and a row of days: the arrow keys move them by a quarter of an hour and by a day, a finger or a mouse drags
them. Its length stays; what would meet another range is told as the hand moves.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.access import session
from apps.kit.forms import told
from apps.kit.style.french import counted, long_date, typographic
from apps.sas import acces
from lake.errors import LakeError
from lake.horaires import plages
from lake.horaires.heures import DAY_MINUTES, clock, local_day
from lake.store.sas import agendas, planning, registre
from lake.store.sas.planning import JOURS

_MOVED = "sas_deplace"
STEP = timedelta(minutes=15)
"""How far an arrow key goes."""
_AHEAD = 366


def button(where: Any, serie: int) -> None:
    """The button that opens the gesture."""
    where.button("Déplacer", key=f"sas_deplacer_{serie}", on_click=_open, args=(serie,))


def _open(serie: int) -> None:
    st.session_state[_MOVED] = None if st.session_state.get(_MOVED) == serie else serie


def draw(identifiant: str, row: dict[str, Any], seen: agendas.Photo, today: date) -> None:
    """The gesture, under the range that moves; what it would do; the press that does it."""
    if st.session_state.get(_MOVED) != row["serie"]:
        return
    serie, length = row["serie"], row["fin_min"] - row["debut_min"]
    with st.container(border=True, key=f"sas_deplacement_{serie}"):
        day = st.radio(
            "Jour", list(range(1, 8)), index=row["jour"] - 1, horizontal=True, key=f"sas_deplacer_jour_{serie}",
            format_func=lambda one: JOURS[one - 1],
        )  # fmt: skip
        latest = DAY_MINUTES - 15 if row["fin_min"] > DAY_MINUTES else DAY_MINUTES - length
        start = st.slider(
            "Début (flèches : un quart d’heure)", time(0), _time(max(latest, row["debut_min"])),
            _time(row["debut_min"]), step=STEP, format="HH:mm", key=f"sas_deplacer_debut_{serie}",
        )  # fmt: skip
        since = st.date_input(
            "À partir du", max(today, row["du"]), min_value=today, max_value=max(row["au"], today),
            key=f"sas_deplacer_des_{serie}", format="DD/MM/YYYY", width=220,
        )  # fmt: skip
        begins = 60 * start.hour + start.minute
        moved = {"jour": day, "debut_min": begins, "fin_min": begins + length}
        same = all(row[name] == value for name, value in moved.items())
        why = "" if same else meets(seen, row, moved, since)
        st.html(
            f'<p class="obs-lecture-vue" role="status">{typographic(preview(identifiant, row, moved, since))}</p>'
        )
        if why:
            st.html(f'<p class="obs-refus">{typographic(why)}</p>')
        keep, drop = st.columns([1, 3])
        keep.button(
            "Déplacer la plage", key=f"sas_deplacer_fait_{serie}", type="primary", disabled=same or bool(why),
            on_click=_move, args=(identifiant, serie, since, moved),
        )  # fmt: skip
        drop.button(
            "Laisser où elle est",
            key=f"sas_deplacer_non_{serie}",
            type="tertiary",
            on_click=_open,
            args=(serie,),
        )


def preview(identifiant: str, row: dict[str, Any], moved: dict[str, int], since: date) -> str:
    """« Lundi 14:00–18:00 devient mardi 15:00–19:00, pour la première fois le mardi 8 décembre 2026. … »."""
    was = f"{JOURS[row['jour'] - 1].capitalize()} {clock(row['debut_min'])}–{clock(row['fin_min'])}"
    if all(row[name] == value for name, value in moved.items()):
        return f"{was} : choisissez un autre jour ou une autre heure."
    first = first_day(row, moved["jour"], since)
    then = f"{JOURS[moved['jour'] - 1]} {clock(moved['debut_min'])}–{clock(moved['fin_min'])}"
    said = f"{was} devient {then}"
    said += (
        f", pour la première fois le {long_date(first, weekday=True)}." if first else " : elle finit avant."
    )
    now = datetime.now(UTC)
    coming = registre.of_effecteur(session.store(), identifiant, now, datetime.max.replace(tzinfo=UTC))
    kept = [
        one for one in coming
        if one["serie_id"] == row["serie"] and one["statut"] in ("booked", "pending")
        and local_day(one["debut"], one["fuseau"]) >= since
    ]  # fmt: skip
    if kept:
        said += f" {counted(len(kept), 'rendez-vous pris reste', 'rendez-vous pris restent')} à son heure."
    return said if len(kept) < 2 else said.replace("à son heure", "à leur heure")


def first_day(row: dict[str, Any], jour: int, since: date) -> date | None:
    """The first day of a series moved to another day of the week; None when it ends before."""
    for ahead in range(_AHEAD):
        day: date = max(since, row["du"]) + timedelta(days=ahead)
        if day > row["au"]:
            return None
        monday = day - timedelta(days=day.weekday())
        weeks = (monday - row["ancre"]).days // 7
        if day.isoweekday() == jour and weeks % row["cycle"] == row["rang"]:
            return day
    return None


def meets(seen: agendas.Photo, row: dict[str, Any], moved: dict[str, int], since: date) -> str:
    """Which other range of the same person it would share time with, in French; empty for none."""
    if row["genre"] != "snp" or seen.effecteurs["genre"][0] != "ps":
        return ""
    others = seen.series.filter(pl.col("genre") == "snp", pl.col("serie") != row["serie"])
    new = {**row, **moved, "serie": -1, "du": max(since, row["du"])}
    frame = pl.DataFrame([{name: new[name] for name in plages.SERIES}], schema=dict(plages.SERIES))
    met = plages.conflicting(others, seen.exceptions, frame)
    if not met:
        return ""
    other = others.filter(pl.col("serie") == met[-1]).row(0, named=True)
    hours = f"{clock(other['debut_min'])} à {clock(other['fin_min'])}"
    return f"Elle chevaucherait celle du {JOURS[other['jour'] - 1]}, {hours}."


def _time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60) if minutes < DAY_MINUTES else time(23, 59)


def _move(identifiant: str, serie: int, since: date, moved: dict[str, int]) -> None:
    try:
        acces.require_agenda(identifiant)
        planning.modifier(
            session.store(), serie, des=since, auteur=acces.auteur(), jour=moved["jour"],
            debut_min=moved["debut_min"], fin_min=moved["fin_min"],
        )  # fmt: skip
    except LakeError as refusal:
        told.warn(str(refusal))
        return
    st.session_state.pop(_MOVED, None)
    hours = f"{clock(moved['debut_min'])}–{clock(moved['fin_min'])}"
    told.say(
        f"Plage déplacée : {JOURS[moved['jour'] - 1]} {hours}, à partir du {long_date(since)}. Les rendez-vous pris "
        "restent pris."
    )
