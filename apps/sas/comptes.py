"""« Comptes du SAS »: who is what in which SAS, since when; the charter; accounts in bulk. For administrators."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from apps.kit import forms
from apps.kit.access import access, invitations, session
from apps.kit.charts import tables
from apps.kit.charts.tables import Column, Table
from apps.kit.forms import Action, Field, Form, Kind, Submission, choice, told
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, literal, long_date, typographic
from apps.sas import acces, charte, inactifs, recurrentes, relances
from lake.errors import AccessDenied, LakeError, Refused, SourceUnavailable
from lake.horaires.heures import local_day, midnight
from lake.store.accounts import accounts, identity
from lake.store.accounts.identity import STATES
from lake.store.sas import adhesion, inscriptions, registre, roles
from lake.store.sas.roles import ADMINISTRATEUR, REGION, REGIONAL, ROLES
from scoring.sas.rayons import territoires

_ALL = "Tous"


def _draw() -> None:
    person = access.reader()
    if person is not None and not charte.signed(person):
        return
    allowed = (
        None
        if person is None
        else roles.territoires_of(session.store(), person.compte, (ADMINISTRATEUR, REGIONAL))
    )
    _table(allowed)
    left, right = st.columns(2)
    with left:
        st.subheader("Donner un rôle", anchor=False)
        _give(allowed)
    with right:
        st.subheader("Importer des effecteurs", anchor=False)
        _import(allowed)
    _unproved(allowed)
    with st.expander("Effecteurs sans créneau"):
        relances.draw(allowed)
    with st.expander("Recherches récurrentes du SAS"):
        recurrentes.draw(_offered(allowed))
    with st.expander("Comptes inactifs"):
        inactifs.draw(allowed)
    if person is not None:
        with st.expander("Charte"):
            charte.draw(person)


def _offered(allowed: frozenset[str] | None) -> dict[str, str]:
    known = {one.code: f"{one.code} · {one.nom}" for one in territoires().values()}
    if allowed is None:
        return {REGION: "Toute la région", **known}
    return {code: known.get(code, code) for code in sorted(allowed)}


def _table(allowed: frozenset[str] | None) -> None:
    store = session.store()
    people = {one.id: one for one in accounts.everyone(store)}
    changed = registre.derniers_changements(store)
    rows = [one for one in roles.affectations(store) if allowed is None or one.sas in allowed]
    with st.container(horizontal=True):
        role = st.selectbox(
            "Rôle", [_ALL, *ROLES], format_func=lambda one: ROLES.get(one, one), key="sas_comptes_role"
        )
        sas = st.selectbox("SAS", [_ALL, *sorted({one.sas for one in rows})], key="sas_comptes_sas")
    kept = [
        one for one in rows if role in (_ALL, one.role) and sas in (_ALL, one.sas) and one.compte_id in people
    ]
    persons = len({one.compte_id for one in kept})
    st.html(f'<p class="obs-lecture">{counted(persons, "personne")}, {counted(len(kept), "rôle")}.</p>')
    columns = {
        "Personne": [people[one.compte_id].name for one in kept],
        "Adresse électronique": [people[one.compte_id].email for one in kept],
        "Rôle": [ROLES.get(one.role, one.role) for one in kept],
        "SAS": [one.sas for one in kept],
        "État": [STATES[people[one.compte_id].etat] for one in kept],
        "Dernière connexion": [_day(people[one.compte_id].connecte_le) for one in kept],
        "Agenda changé": [_day(changed.get(one.compte_id)) for one in kept],
    }
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    shown = Table(frame, tuple(Column(name, name) for name in columns))
    tables.draw(shown, f"sas_comptes_{role}_{sas}_{len(kept)}")
    labels = {
        f"{one.compte_id}|{one.sas}|{one.role}": f"{people[one.compte_id].name} : {ROLES[one.role]}, {one.sas}"
        for one in kept
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox(
            "Retirer un rôle",
            list(labels),
            format_func=labels.__getitem__,
            index=None,
            placeholder="Choisir…",
            key="sas_role_de",
        )
        st.button(
            "Retirer ce rôle",
            key="sas_role_retirer",
            on_click=_take_back,
            args=(picked,),
            disabled=picked is None,
        )


def _day(moment: Any) -> str:
    return "jamais" if moment is None else long_date(moment.date())


def _take_back(picked: str) -> None:
    number, sas, role = picked.split("|")
    person = access.reader()
    try:
        _require()
        roles.retirer(session.store(), None if person is None else person.compte, int(number), sas, role)
        told.say(f"{ROLES.get(role, role)} retiré dans {sas}.")
    except LakeError as refusal:
        told.warn(str(refusal))


def _require() -> None:
    if not acces.administrateurs(access.reader()):
        raise AccessDenied("Vous n'administrez plus de SAS.")


def _give(allowed: frozenset[str] | None) -> None:
    form = Form(
        "sas_role",
        (
            Field("email", "Adresse électronique du compte", Kind.EMAIL, identity.address, most=254),
            choice("role", "Rôle", ROLES),
            choice("sas", "SAS", _offered(allowed)),
        ),
        (Action("donner", "Donner ce rôle"),),
        audience=acces.administrateurs,
    )
    forms.draw(form, _given)


def _given(sent: Submission) -> str:
    _require()
    store, person, values = session.store(), access.reader(), sent.values
    compte = accounts.find(store, values["email"])
    if compte is None:
        raise Refused("email", "Aucun compte à cette adresse.")
    try:
        roles.affecter(
            store, None if person is None else person.compte, compte.id, values["sas"], values["role"]
        )
    except AccessDenied as refusal:
        raise Refused("role", str(refusal)) from refusal
    return f"{compte.name} est {ROLES[values['role']]} dans {values['sas']}."


def _unproved(allowed: frozenset[str] | None) -> None:
    """Those who joined by themselves, and whom nothing proves yet: their slots are shown to nobody."""
    store = session.store()
    rows = adhesion.a_prouver(store, allowed)
    if not rows:
        return
    people = {one.id: one for one in accounts.everyone(store)}
    st.subheader("RPPS à vérifier", anchor=False)
    st.html('<p class="obs-source">Leurs créneaux ne sont montrés à personne tant que rien ne le prouve.</p>')
    for row in rows:
        who = people.get(row["compte_id"])
        said = f"{row['nom']} · RPPS {row['identifiant'][1:]} · {row['sas']} · {who.email if who else 'sans compte'}"
        text, button = st.columns([4, 1], vertical_alignment="center")
        text.html(f"<p>{typographic(literal(said))}</p>")
        button.button(
            "RPPS vérifié",
            key=f"sas_prouver_{row['id']}",
            on_click=_proved,
            args=(row["identifiant"], row["sas"]),
        )


def _proved(identifiant: str, sas: str) -> None:
    person = access.reader()
    try:
        _require()
        if person is not None and not roles.holds(
            session.store(), person.compte, (ADMINISTRATEUR, REGIONAL), sas
        ):
            raise AccessDenied(f"Vous n'administrez pas {sas}.")
        adhesion.prouver(session.store(), identifiant, "administrateur", auteur=acces.auteur())
        told.say("RPPS vérifié : ses créneaux sont montrés.")
    except LakeError as refusal:
        told.warn(str(refusal))


_FILE = Form(
    "sas_fichier",
    (
        Field("fichier", "Fichier CSV : rpps, email", Kind.FILE, types=("csv",)),
        Field("essai", "Vérifier seulement", Kind.BOOLEAN),
        Field("le", "Envoyer les liens d’activation le", Kind.DATE, required=False, note="Vide : aussitôt"),
    ),
    (Action("importer", "Importer"),),
    audience=acces.administrateurs,
)


def _import(allowed: frozenset[str] | None) -> None:
    where = (
        "Noms et lieux viennent des agendas chargés. Chaque compte créé reçoit son lien d’activation, le jour que vous "
        "dites ; un lien qui expire sans servir est renvoyé une fois."
    )
    st.html(f'<p class="obs-source">{typographic(where)}</p>')
    forms.draw(_FILE, lambda sent: _imported(sent, allowed), initial={"essai": True})


def _imported(sent: Submission, allowed: frozenset[str] | None) -> str:
    _require()
    store, person = session.store(), access.reader()
    lines = inscriptions.lire(store, sent.values["fichier"].content, allowed)
    refused = [one for one in lines if one.refus]
    for one in refused[:20]:
        told.warn(f"Ligne {one.numero} : {one.refus}.")
    good = len(lines) - len(refused)
    left = counted(len(refused), "ligne refusée", "lignes refusées")
    if sent.values["essai"]:
        return f"{counted(good, 'compte serait créé', 'comptes seraient créés')}, {left}."
    made = inscriptions.creer(
        store, lines, responsable_id=None if person is None else person.compte.id, auteur=acces.auteur()
    )
    _invited(made, sent.values["le"])
    return f"{counted(len(made), 'compte créé', 'comptes créés')}, {left}."


def _invited(numbers: list[int], day: date | None) -> None:
    """The links that open the accounts just made: sent, kept until their day, or to hand over."""
    store = session.store()
    on = None if day is None else midnight(day)
    people = {one.id: one for one in accounts.everyone(store)}
    for number in numbers:
        try:
            link = invitations.invite(store, people[number], auteur=acces.auteur(), on=on)
        except SourceUnavailable as refusal:
            told.warn(f"{people[number].email} : {refusal}")
            continue
        if link:
            told.warn(f"Sans serveur de courriel, remettez ce lien à {people[number].email} : {link}")
    if on is not None and numbers:
        told.say(f"Les liens d’activation partiront le {long_date(local_day(on))}.")


COMPTES = Screen(
    "sas-comptes", "Comptes du SAS", "Qui fait quoi, dans quel SAS ?", _draw, audience=acces.administrateurs
)
