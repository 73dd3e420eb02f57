"""What differs in an agenda: absences, dates, perimeter and standard durations."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import streamlit as st

from apps.kit import forms
from apps.kit.access import session
from apps.kit.forms import Action, Field, Form, Kind, Section, Submission, choice, several, told
from apps.kit.style.french import long_date, typographic
from apps.sas import acces, perimetre
from apps.sas.words import held, when
from lake.errors import LakeError, Refused
from lake.horaires.heures import clock, local_day, minutes_of, moment, monday
from lake.horaires.plages import GENRES, MODALITES
from lake.store.sas import agendas, perimetres, planning, registre
from lake.store.sas.planning import JOURS


def hour_typed(text: str) -> str:
    """An hour as it is kept; ``24:00`` for the day's end.

    Raises:
        ContractError: it is none.
    """
    return clock(minutes_of(text, end=True))


def said(row: dict[str, Any]) -> str:
    """A series in words."""
    first = row["ancre"] + timedelta(weeks=row["rang"])
    # The next of its weeks: the one it began with may be months ago.
    behind = max((monday(local_day(datetime.now(UTC))) - first).days // 7, 0)
    first += timedelta(weeks=row["cycle"] * -(-behind // row["cycle"]))
    rhythm = "" if row["cycle"] == 1 else f", une semaine sur {row['cycle']} à partir du {first:%d/%m}"
    seats = "" if row["capacite"] is None else f", {row['capacite']} patients"
    return (
        f"{JOURS[row['jour'] - 1].capitalize()} {clock(row['debut_min'])}–{clock(row['fin_min'])}{rhythm}, "
        f"{GENRES[row['genre']].lower()}, {held(row['modalites'], 'ps').lower()}, {row['duree_min']} min{seats}, "
        f"jusqu’au {row['au']:%d/%m/%Y}"
    )


_KINDS = {"supprimee": "Pas de plage", "deplacee": "Autres heures", "ajoutee": "En plus"}
_EMPTY = "Vide : minuit"
_ABSENCE = Form(
    "sas_absence",
    (
        Section(
            (Field("du", "Du", Kind.DATE), Field("de", "À", check=hour_typed, most=8, required=False, note=_EMPTY)),
            beside=True,
        ),
        Section(
            (Field("au", "Au", Kind.DATE), Field("a", "À", check=hour_typed, most=8, required=False, note=_EMPTY)),
            beside=True,
        ),
    ),
    (Action("prevoir", "Prévoir cette absence"),),
    audience=acces.effecteurs,
)  # fmt: skip


def absences(identifiant: str, zone: str, now: datetime) -> None:
    """The absences planned, and the form that plans one."""
    for row in registre.absences_of(session.store(), identifiant, now):
        text, button = st.columns([4, 1], vertical_alignment="center")
        span = f"De {when(row['debut'], now, zone)} jusqu’à {when(row['fin'], now, zone)}"
        text.html(f"<p>{typographic(span)}</p>")
        button.button("Annuler", key=f"sas_retour_{row['id']}", on_click=_back, args=(identifiant, row["id"]))
    forms.draw(_ABSENCE, lambda sent: _away(sent, identifiant, zone), about=identifiant)


def _back(identifiant: str, absence: int) -> None:
    try:
        acces.require_agenda(identifiant)
        planning.revenir(session.store(), absence, auteur=acces.auteur())
        told.say("Absence annulée : vos créneaux sont de nouveau offerts.")
    except LakeError as refusal:
        told.warn(str(refusal))


def _away(sent: Submission, identifiant: str, zone: str) -> str:
    acces.require_agenda(identifiant)
    values = sent.values

    def at(day: date, hour: str, minutes: int, *, end: bool = False) -> datetime:
        wanted = minutes_of(hour, end=True) if hour else minutes
        days, rest = divmod(wanted, 24 * 60)
        return moment(
            datetime.combine(day + timedelta(days=days), time()) + timedelta(minutes=rest), zone, end=end
        )

    begin, end = at(values["du"], values["de"], 0), at(values["au"], values["a"], 24 * 60, end=True)
    try:
        touched = planning.absenter(session.store(), identifiant, begin, end, auteur=acces.auteur())
    except LakeError as refusal:
        raise Refused("au", str(refusal)) from refusal
    kept = ", ".join(one.reference for one in touched)
    return "Absence prévue." + (f" Rendez-vous gardés, à déplacer : {kept}." if kept else "")


def dates(identifiant: str, seen: agendas.Photo) -> None:
    """The form that makes one date of a series differ."""
    rows = {row["serie"]: said(row) for row in seen.series.sort("jour", "debut_min").to_dicts()}
    form = Form(
        "sas_date",
        (
            choice("serie", "Plage", rows),
            Field("jour", "Date", Kind.DATE),
            choice(
                "genre",
                "Ce jour-là",
                _KINDS,
            ),
            Field(
                "debut", "De", check=hour_typed, most=8, shown=lambda values: values["genre"] != "supprimee"
            ),
            Field("fin", "À", check=hour_typed, most=8, shown=lambda values: values["genre"] != "supprimee"),
        ),
        audience=acces.effecteurs,
    )
    if rows:
        forms.draw(
            form, lambda sent: _differs(sent, identifiant), about=identifiant, initial={"genre": "supprimee"}
        )


def _differs(sent: Submission, identifiant: str) -> str:
    acces.require_agenda(identifiant)
    values = sent.values
    changed = values["genre"] != "supprimee"
    try:
        touched = planning.differer(
            session.store(), values["serie"], values["jour"], values["genre"], auteur=acces.auteur(),
            debut_min=minutes_of(values["debut"]) if changed else None,
            fin_min=minutes_of(values["fin"], end=True) if changed else None,
        )  # fmt: skip
    except LakeError as refusal:
        raise Refused("jour", str(refusal)) from refusal
    kept = ", ".join(one.reference for one in touched)
    return f"Le {long_date(values['jour'])} diffère." + (f" Rendez-vous gardés : {kept}." if kept else "")


def settings(identifiant: str) -> None:
    """How far one drives to a home, how long consultations last."""
    known = {one["id"]: one for one in registre.lieux(session.store(), identifiant)}
    chosen = next(iter(known))
    if len(known) > 1:  # each place has its own
        names = {
            number: one["libelle"] or perimetre.nom(one["code_commune"]) for number, one in known.items()
        }
        chosen = st.selectbox("Lieu", list(known), format_func=names.__getitem__, key="sas_reglages_lieu")
    place = known[chosen]
    listed = perimetres.lu(place["perimetre_communes"])
    form = Form(
        "sas_reglages",
        (
            Field("perimetre_min", "Visites à domicile : minutes de route", Kind.NUMBER, least=0, top=120),
            several(
                "communes",
                "Ou ces communes seulement",
                perimetre.proposees(place, listed),
                required=False,
                note="Vide : toutes les communes à ces minutes de route.",
            ),
            Section(
                tuple(
                    Field(f"duree_{code.lower()}", f"{label} (min)", Kind.NUMBER, least=5, top=240)
                    for code, label in MODALITES.items()
                ),
                beside=True,
            ),
        ),
        audience=acces.effecteurs,
    )
    numbers = ["perimetre_min", *(f"duree_{code.lower()}" for code in MODALITES)]
    forms.draw(
        form,
        lambda sent: _set(sent, identifiant, place["id"]),
        about=f"{identifiant}|{place['id']}",
        initial={name: int(place[name]) for name in numbers} | {"communes": listed},
    )
    perimetre.draw(place)


def _set(sent: Submission, identifiant: str, lieu: int) -> str:
    acces.require_agenda(identifiant)
    values = sent.values
    perimetres.regler(
        session.store(), identifiant, lieu=lieu, perimetre_min=float(values["perimetre_min"]),
        communes=values.get("communes") or (),
        durees={code: int(values[f"duree_{code.lower()}"]) for code in MODALITES}, auteur=acces.auteur(),
    )  # fmt: skip
    return "Réglages enregistrés. Les rendez-vous déjà pris ne bougent pas."
