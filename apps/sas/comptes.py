"""« Comptes du SAS »: who is what in which SAS, since when; the charter; accounts in bulk. For administrators."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from apps.kit import forms
from apps.kit.access import access, session
from apps.kit.charts import tables
from apps.kit.charts.tables import Column, Table
from apps.kit.forms import Action, Field, Form, Kind, Submission, choice, several, told
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, listing, literal, long_date, typographic
from apps.sas import acces, charte, historique, importer, inactifs, recurrentes, relances, sorties, words
from lake.errors import AccessDenied, LakeError, Refused
from lake.store.accounts import accounts, identity, links
from lake.store.sas import adhesion, registre, roles
from lake.store.sas.roles import ADMINISTRATEUR, REGION, REGIONAL, ROLES

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
        st.subheader("Importer des comptes", anchor=False)
        importer.draw(allowed, _offered(None))
    _unproved(allowed)
    with st.expander("Connexions et changements d’un compte", key="sas_comptes_connexions"):
        historique.draw(allowed)
    with st.expander("Liens d’activation", key="sas_comptes_activations"):
        importer.activations(allowed)
    with st.expander("Effecteurs sans créneau", key="sas_comptes_sans_creneau"):
        relances.draw(allowed)
    with st.expander("Sortis des registres", key="sas_comptes_sorties"):
        sorties.draw(allowed)
    with st.expander("Recherches récurrentes du SAS", key="sas_comptes_recurrentes"):
        recurrentes.draw(_offered(allowed))
    with st.expander("Comptes inactifs", key="sas_comptes_inactifs"):
        inactifs.draw(allowed)
    if person is not None:
        with st.expander("Charte", key="sas_comptes_charte"):
            charte.draw(person)


def _offered(allowed: frozenset[str] | None) -> dict[str, str]:
    known = words.every()
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
        sas = st.selectbox(
            "SAS", [_ALL, *sorted({one.sas for one in rows}, key=words.named)], key="sas_comptes_sas",
            format_func=lambda one: one if one == _ALL else words.named(one),
        )  # fmt: skip
    kept = [
        one for one in rows if role in (_ALL, one.role) and sas in (_ALL, one.sas) and one.compte_id in people
    ]
    persons = len({one.compte_id for one in kept})
    st.html(f'<p class="obs-lecture">{counted(persons, "personne")}, {counted(len(kept), "rôle")}.</p>')
    links_of = links.activations(store)
    columns = {
        "Personne": [people[one.compte_id].name for one in kept],
        "Adresse électronique": [people[one.compte_id].email for one in kept],
        "Rôle": [ROLES.get(one.role, one.role) for one in kept],
        "SAS": [words.named(one.sas) for one in kept],
        "État": [importer.state(people[one.compte_id], links_of) for one in kept],
        "Dernière connexion": [_day(people[one.compte_id].connecte_le) for one in kept],
        "Agenda changé": [_day(changed.get(one.compte_id)) for one in kept],
    }
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    shown = Table(frame, tuple(Column(name, name) for name in columns))
    tables.draw(shown, f"sas_comptes_{role}_{sas}_{len(kept)}")
    labels = {
        f"{one.compte_id}|{one.sas}|{one.role}": f"{people[one.compte_id].name} : {ROLES[one.role]}, "
        + words.named(one.sas)
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
        told.say(f"{ROLES.get(role, role)} retiré : {words.named(sas)}.")
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
            several("sas", "SAS", _offered(allowed), required=True, empty="Un ou plusieurs"),
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
        with store.writing():  # in all of them, or in none
            for sas in values["sas"]:
                roles.affecter(
                    store, None if person is None else person.compte, compte.id, sas, values["role"]
                )
    except LakeError as refusal:
        raise Refused("role", str(refusal)) from refusal
    return f"{compte.name} est {ROLES[values['role']]} pour : {listing([words.named(one) for one in values['sas']])}."


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
        parts = (
            row["nom"],
            f"RPPS {row['identifiant'][1:]}",
            words.named(row["sas"]),
            who.email if who else "sans compte",
        )
        said = " · ".join(parts)
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
            raise AccessDenied(f"Vous n'administrez pas le SAS {words.named(sas)}.")
        adhesion.prouver(session.store(), identifiant, "administrateur", auteur=acces.auteur())
        told.say("RPPS vérifié : ses créneaux sont montrés.")
    except LakeError as refusal:
        told.warn(str(refusal))


COMPTES = Screen(
    "sas-comptes", "Comptes du SAS", "Qui fait quoi, dans quel SAS ?", _draw, audience=acces.administrateurs
)
