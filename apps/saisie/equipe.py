"""Équipe et droits: who may do what on a service, and to whom one hands it on."""

from __future__ import annotations

import json
from html import escape
from typing import Any

import streamlit as st

from apps.kit import forms
from apps.kit.forms import Field, Form, Kind, Submission, choice, several, told
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, listing, typographic
from apps.saisie.choix import choisir_service
from apps.saisie.entree import Entree, admise, aide, entree
from lake.droits_saisie import ROLES, Objet, may, may_give
from lake.errors import LakeError
from lake.store.accounts import accounts, tree
from lake.store.saisie import acteurs, ensembles


def draw() -> None:
    """Draw the team of a service, and the form that gives a grant."""
    here = entree()
    code = st.query_params.get("s", "")
    if not code:
        choisir_service(here, "equipe")
        aide("qui-peut-quoi")
        return
    service = here.service(code)
    team = acteurs.equipe(here.store, service["id"])
    words = f"{service['nom']} : {counted(len(team), 'habilitation')}."
    system = ensembles.systeme(here.store, service["region"])
    if system is not None and system != service["id"]:
        above = [
            f"{one['prenom']} {one['nom']} ({ROLES[one['role']]})"
            for one in acteurs.equipe(here.store, system)
        ]
        whole = "de l’éditeur" if service["kind"] == "produit" else "du système d’information"
        words += f" Celles {whole} valent aussi ici : {listing(above)}." if above else ""
    st.html(f'<p class="obs-lecture">{escape(typographic(words))}</p>')
    objet = Objet(service["region"], service["id"])
    delegates = may("deleguer", objet, here.who)
    for one in team:
        left, right = st.columns([4, 1])
        with left:
            st.html(f"<p>{escape(typographic(_words(one)))}</p>")
        with right:
            if delegates:
                st.button(
                    "Retirer", key=f"retirer_{one['compte_id']}_{one['role']}", on_click=_withdrawn,
                    args=(one["compte_id"], service["id"], one["role"]),
                )  # fmt: skip
    roles = {role: name for role, name in ROLES.items() if may_give(objet, role, here.who)}
    people = _people(here)
    if delegates and roles and people:
        form = Form(
            "habiliter",
            (
                choice("compte", "À qui", people),
                choice("role", "Rôle", roles),
                several(
                    "questionnaires",
                    "Questionnaires (aucun choisi : tous)",
                    {name: name for name in dict.fromkeys(here.referentiel.questionnaires.values())},
                ),
                Field("peut_valider", "Valide aussi", Kind.BOOLEAN),
                Field("peut_deleguer", "Donne des habilitations à son tour", Kind.BOOLEAN),
            ),
            (forms.Action("habiliter", "Habiliter"),),
            audience=admise,
        )
        forms.draw(form, lambda sent: _given(here, service, sent), about=service["id"])
    elif not delegates:
        st.html(
            f'<p class="obs-lecture-vue">{typographic("Vous lisez cette équipe ; vous ne la changez pas.")}</p>'
        )
    aide("qui-peut-quoi")


def _people(here: Entree) -> dict[int, str]:
    """The accounts that one commands: everyone's for an administrator."""
    known = accounts.everyone(here.store)
    if not here.who.tout:
        assert here.who.compte_id is not None
        known = [one for _, one in tree.under(known, here.who.compte_id)]
    return {one.id: f"{one.name} ({one.email})" for one in known if one.etat == "actif"}


def _words(one: dict[str, Any]) -> str:
    names = json.loads(one["questionnaires"]) if one["questionnaires"] else []
    more = [*([f"sur {listing(names)}"] if names else [])]
    more += ["valide"] if one["peut_valider"] else []
    more += ["délègue"] if one["peut_deleguer"] else []
    return f"{one['prenom']} {one['nom']} · {ROLES[one['role']]}" + (f" ({', '.join(more)})" if more else "")


def _given(here: Entree, service: dict[str, Any], sent: Submission) -> str:
    acteurs.donner(
        here.store,
        sent.values["compte"],
        service["id"],
        sent.values["role"],
        par=here.email,
        questionnaires=sent.values["questionnaires"] or None,
        peut_valider=sent.values["peut_valider"],
        peut_deleguer=sent.values["peut_deleguer"],
    )
    return f"{accounts.get(here.store, sent.values['compte']).name} : {ROLES[sent.values['role']]}."


def _withdrawn(compte: int, service: int, role: str) -> None:
    here = entree()
    try:
        acteurs.retirer(here.store, compte, service, role, par=here.email)
        told.say("Habilitation retirée ; ce qui a été saisi reste.")
    except LakeError as error:
        told.warn(str(error))


EQUIPE = Screen("equipe", "Équipe", "Qui peut quoi ?", draw, admise)
