"""« Mon agenda »: ranges that come back, weeks that differ, absences, unavailability; for who offers care."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import streamlit as st

from apps.kit import forms
from apps.kit.access import access, session
from apps.kit.data.communes import communes
from apps.kit.data.data import open_lake
from apps.kit.forms import Action, Field, Form, Kind, Section, Submission, choice, several, told
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, literal, long_date, typographic
from apps.sas import (
    acces,
    adhesion,
    attestation,
    copie,
    delegues,
    deplacement,
    ecarts,
    logiciels,
    modification,
    prevenu,
    profil,
    recoit,
    sorties,
)
from apps.sas.ecarts import hour_typed, said
from apps.sas.semaine import Semaine, summary
from apps.sas.words import when
from lake.errors import LakeError, MissingTable, Refused
from lake.horaires import creneaux, plages
from lake.horaires.heures import local_day, minutes_of, monday
from lake.horaires.plages import GENRES, MODALITES, bits, standard_duration
from lake.store.accounts import accounts
from lake.store.sas import agendas, lieux, planning, registre, roles
from lake.store.sas.planning import JOURS

_WEEKS = 8
_STARTS = {0: "cette semaine", 1: "la semaine prochaine", 2: "dans deux semaines", 3: "dans trois"}
_CYCLES = {1: "Toutes les semaines", 2: "Une semaine sur deux", 3: "Une sur trois", 4: "Une sur quatre"}


def _draw() -> None:
    identifiant = _chosen()
    if identifiant is None:
        return
    acces.require_agenda(identifiant)
    store, now = session.store(), datetime.now(UTC)
    person = registre.effecteur(store, identifiant)
    with store.reading() as connection:
        seen = agendas.of_one(connection, person["id"], now)
    zone = str(seen.effecteurs["fuseau"][0])
    st.header(typographic(literal(person["nom"])), anchor=False)
    adhesion.unproved(person["preuve"], person["sas"])
    sorties.told(person["sorti_le"], person["genre"])
    _available(person, now)
    lundi = _week(identifiant, seen, zone, now)
    copie.draw(identifiant, seen, lundi, now)
    left, right = st.columns(2)
    with left:
        st.subheader("Ajouter une plage", anchor=False)
        _add(identifiant, seen)
    with right:
        st.subheader("Plages en place", anchor=False)
        _ranges(identifiant, seen, now)
    if person["genre"] == "structure":
        with st.expander("Qui reçoit", key="sas_agenda_recoit"):
            recoit.draw(person, now)
    with st.expander("Absences prévues", key="sas_agenda_absences"):
        ecarts.absences(identifiant, zone, now)
    with st.expander("Une date qui diffère", key="sas_agenda_dates"):
        ecarts.dates(identifiant, seen)
    with st.expander("Périmètre des visites et durées types", key="sas_agenda_reglages"):
        ecarts.settings(identifiant)
    with st.expander("Fiche : ligne, actes, langues", key="sas_agenda_fiche"):
        profil.draw(person)
    with st.expander("Créneaux de mes logiciels", key="sas_agenda_logiciels"):
        logiciels.draw(person)
    with st.expander("Délégués", key="sas_agenda_delegues"):
        delegues.draw(person)
    with st.expander("Être prévenu des rendez-vous", key="sas_agenda_prevenu"):
        prevenu.draw(identifiant)
    with st.expander("Attestation de participation", key="sas_agenda_attestation"):
        attestation.draw(person)
    with st.expander("Quitter le SAS", key="sas_agenda_quitter"):
        modification.leaving(person)


def _chosen() -> str | None:
    """The agenda at hand: one's own, one that is delegated, or any that an administrator looks for."""
    store, person = session.store(), access.reader()
    mine = [] if person is None else roles.agendas_of(store, person.compte)
    if access.is_open() or (
        person is not None and roles.holds(store, person.compte, (roles.ADMINISTRATEUR, roles.REGIONAL))
    ):
        typed = st.text_input(
            "Identifiant (8 + RPPS, 1 + FINESS)", key="sas_agenda_de", value=mine[0] if mine else ""
        )
        typed = typed.strip()
        if not typed:
            st.html('<p class="obs-source">Donnez l’identifiant d’un effecteur pour ouvrir son agenda.</p>')
            return None
        if registre.effecteur(store, typed) is None:
            st.warning(typographic(literal(f"Aucun effecteur « {typed} ».")))
            return None
        return typed
    if not mine:
        st.info(
            "Aucun agenda n’est encore relié à votre compte : demandez-le à l’administrateur de votre SAS."
        )
        return None
    if len(mine) == 1:
        return mine[0]
    names = {one: registre.effecteur(store, one)["nom"] for one in mine}
    return str(st.selectbox("Agenda", mine, format_func=names.__getitem__, key="sas_agenda_de"))


def _available(person: Any, now: datetime) -> None:
    """The switch that hides every slot at once; bookings made stay."""
    off = person["indisponible_le"] is not None
    if off:
        since = local_day(person["indisponible_le"])
        hidden = (
            f"Indisponible depuis le {long_date(since)} : vos créneaux ne sont pas montrés aux régulateurs."
        )
        st.warning(typographic(hidden))
    st.button(
        "Je suis de nouveau disponible" if off else "Je ne suis pas disponible en ce moment",
        key="sas_indisponible",
        type="primary" if off else "secondary",
        on_click=_switch,
        args=(person["identifiant"], not off),
    )
    _places(person["identifiant"])
    coming = registre.of_effecteur(session.store(), person["identifiant"], now, now + timedelta(days=14))
    live = [row for row in coming if row["statut"] in ("booked", "pending")]
    if live:
        first = live[-1]
        soon = when(first["debut"], now, first["fuseau"])
        told_ = (
            f"{counted(len(live), 'rendez-vous', 'rendez-vous')} dans les deux semaines, le premier : {soon}."
        )
        st.html(f'<p class="obs-lecture">{typographic(told_)}</p>')


def _places(identifiant: str) -> None:
    """Of who receives in several places, the switch of each."""
    rows = registre.lieux(session.store(), identifiant)
    if len(rows) < 2:
        return
    towns = _towns()
    with st.container(horizontal=True):
        for row in rows:
            name = row["libelle"] or towns.get(row["code_commune"], row["code_commune"])
            off = row["indisponible_le"] is not None
            label = f"De nouveau disponible : {name}" if off else f"Pas disponible en ce moment : {name}"
            st.button(
                typographic(literal(label)), key=f"sas_lieu_{row['id']}", type="primary" if off else "tertiary",
                on_click=_close, args=(identifiant, row["id"], not off),
            )  # fmt: skip


def _towns() -> dict[str, str]:
    """The names of communes; none where the lake has no territories."""
    try:
        known = communes(open_lake())
    except MissingTable:
        return {}
    return dict(zip(known["code_commune"].to_list(), known["commune"].to_list(), strict=True))


def _close(identifiant: str, lieu: int, off: bool) -> None:
    try:
        acces.require_agenda(identifiant)
        lieux.fermer(session.store(), identifiant, lieu, off, auteur=acces.auteur())
    except LakeError as refusal:
        told.warn(str(refusal))


def _switch(identifiant: str, off: bool) -> None:
    try:
        acces.require_agenda(identifiant)
        planning.dire_indisponible(session.store(), identifiant, off, auteur=acces.auteur())
    except LakeError as refusal:
        told.warn(str(refusal))


def _week(identifiant: str, seen: agendas.Photo, zone: str, now: datetime) -> date:
    """The week chosen, hour by hour; returns its Monday."""
    first = monday(local_day(now, zone))
    names = {rank: f"Semaine du {long_date(first + timedelta(weeks=rank))}" for rank in range(_WEEKS)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rank = st.selectbox("Semaine", list(names), format_func=names.__getitem__, key="sas_semaine")
        hide = st.toggle(
            "Masquer les heures vides", value=_hidden(), key="sas_masquer", on_change=_keep_hidden
        )
    lundi = first + timedelta(weeks=rank)
    ranges = plages.occurrences(
        seen.series, seen.exceptions, lundi - timedelta(days=1), lundi + timedelta(days=6)
    )
    if not seen.effecteurs["deux_plages"][0]:
        ranges = ranges.filter(pl.col("genre") != "consultation")
    # What began on Sunday evening is drawn on Monday, and is of the week before.
    begun = ranges.filter(pl.col("date_locale") >= lundi)
    slots = creneaux.creneaux(begun, seen.absences, seen.taken)
    st.html(f'<p class="obs-lecture-vue">{summary(begun, slots)}</p>')
    st.html(Semaine(lundi, ranges, seen.absences, seen.taken, zone).html(hide=hide))
    st.html(f'<p class="obs-source">{_preview(seen, first)}</p>')
    return lundi


def _hidden() -> bool:
    """Whether this reader hides empty hours: his choice is kept, and holds on his next sign-in."""
    person = access.reader()
    return True if person is None else bool(person.compte.preferences.get(_HIDDEN, True))


def _keep_hidden() -> None:
    person = access.reader()
    if person is not None:
        chosen = {**person.compte.preferences, _HIDDEN: bool(st.session_state["sas_masquer"])}
        accounts.change(
            session.store(), person.compte.id, person.compte.email, preferences=json.dumps(chosen)
        )


_HIDDEN = "sas_heures_vides"


def _preview(seen: agendas.Photo, first: date) -> str:
    """The eight weeks to come, a count of seats each: weeks that differ are seen to differ."""
    ranges = plages.occurrences(
        seen.series, seen.exceptions, first, first + timedelta(weeks=_WEEKS) - timedelta(days=1)
    )
    slots = creneaux.creneaux(ranges, seen.absences, seen.taken)
    counts = []
    for rank in range(_WEEKS):
        lundi = first + timedelta(weeks=rank)
        week = slots.filter(pl.col("date_locale").is_between(lundi, lundi + timedelta(days=6)))
        counts.append(f"{lundi:%d/%m} : {int(week['capacite'].sum() or 0)}")
    return typographic("Places par semaine — " + " · ".join(counts))


_ADD = Form(
    "sas_plage",
    (
        several("jours", "Jours", dict(enumerate(JOURS, 1)), required=True, empty="Choisir…"),
        Section(
            (
                Field("debut", "De", check=hour_typed, most=8, note="Par exemple 14:00"),
                Field("fin", "À", check=hour_typed, most=8),
            ),
            beside=True,
        ),
        several("modalites", "Modalités", MODALITES, required=True, empty="Une au moins"),
        choice("genre", "Type", GENRES),
        Section(
            (
                choice("cycle", "Rythme", _CYCLES),
                choice("semaine", "À partir de", _STARTS),
            ),
            beside=True,
        ),
        Section(
            (
                Field("duree_min", "Durée d’une consultation (min)", Kind.NUMBER, required=False, least=5, top=240,
                      note="Vide : téléconsultation 10, cabinet 15, visite 30"),
                Field("capacite", "Patients sur la plage", Kind.NUMBER, required=False, least=1, top=500,
                      note="Vide : un par créneau"),
            ),
            beside=True,
        ),
        Section((Field("du", "Du", Kind.DATE), Field("au", "Au", Kind.DATE)), beside=True),
        Field("lendemain", "Se termine le lendemain", Kind.BOOLEAN),
    ),
    (Action("ajouter", "Ajouter"),),
    audience=acces.effecteurs,
)  # fmt: skip


def _add(identifiant: str, seen: agendas.Photo) -> None:
    today = local_day(datetime.now(UTC), str(seen.effecteurs["fuseau"][0]))
    forms.draw(
        _ADD,
        lambda sent: _added(sent, identifiant),
        about=identifiant,
        initial={"genre": "snp", "cycle": 1, "semaine": 0, "du": today, "au": today + timedelta(weeks=26)},
    )


def _added(sent: Submission, identifiant: str) -> str:
    """Add one series a day chosen: all of them, or none."""
    acces.require_agenda(identifiant)
    values, store = sent.values, session.store()
    start, end = minutes_of(values["debut"]), minutes_of(values["fin"], end=True)
    if values["lendemain"]:
        end += 24 * 60
    kinds = bits(values["modalites"])
    ancre = monday(values["du"]) + timedelta(weeks=values["semaine"])
    try:
        with store.writing():
            for jour in values["jours"]:
                planning.ajouter(
                    store, identifiant, jour=jour, debut_min=start, fin_min=end, du=values["du"], au=values["au"],
                    modalites=kinds, duree_min=int(values["duree_min"] or standard_duration(kinds)),
                    genre=values["genre"], cycle=values["cycle"], ancre=ancre,
                    capacite=int(values["capacite"]) if values["capacite"] else None, auteur=acces.auteur(),
                )  # fmt: skip
    except LakeError as refusal:
        raise Refused("fin" if "avant de commencer" in str(refusal) else "debut", str(refusal)) from refusal
    lost = (end - start) % int(values["duree_min"] or standard_duration(kinds))
    told_lost = (
        f" {lost} min ne remplissent pas un créneau."
        if lost and not values["capacite"] and values["genre"] == "snp"
        else ""
    )
    return f"{counted(len(values['jours']), 'plage ajoutée', 'plages ajoutées')}.{told_lost}"


def _ranges(identifiant: str, seen: agendas.Photo, now: datetime) -> None:
    today = local_day(now)
    rows = seen.series.filter(pl.col("au") >= today).sort("jour", "debut_min").to_dicts()
    if not rows:
        st.html('<p class="obs-source">Aucune plage : rien n’est offert tant que vous n’en ajoutez pas.</p>')
    for row in rows:
        text, buttons = st.columns([3, 2], vertical_alignment="center")
        text.html(f"<p>{typographic(said(row))}</p>")
        with buttons.container(horizontal=True):
            deplacement.button(st, row["serie"])
            modification.button(st, row["serie"])
            st.button(
                "Retirer",
                key=f"sas_retirer_{row['serie']}",
                on_click=_withdraw,
                args=(identifiant, row["serie"], today),
            )
        deplacement.draw(identifiant, row, seen, today)
        modification.draw(identifiant, row, today)


def _withdraw(identifiant: str, serie: int, today: date) -> None:
    try:
        acces.require_agenda(identifiant)
        touched = planning.retirer(session.store(), serie, des=today, auteur=acces.auteur())
    except LakeError as refusal:
        told.warn(str(refusal))
        return
    told.say("Plage retirée.")
    if touched:
        told.warn(
            "Rendez-vous gardés, à honorer ou à déplacer : "
            + ", ".join(one.reference for one in touched)
            + "."
        )


AGENDA = Screen(
    "sas-agenda", "Mon agenda", "Quand recevez-vous des patients du SAS ?", _draw, audience=acces.effecteurs
)
