"""Commencer: the region's information system first, then its services; each then has a card."""

from __future__ import annotations

from typing import Any

import streamlit as st

from apps.kit import forms
from apps.kit.forms import Field, Form, Kind, Submission, choice
from apps.kit.shell.screen import Screen
from apps.kit.style.errors import heading
from apps.kit.style.french import literal, typographic
from apps.saisie import fiche_service
from apps.saisie.entree import Entree, admise, aide, entree, lien, noms_regions
from apps.saisie.fiche_service import NATURES
from lake.droits_saisie import Objet, may
from lake.store.saisie import ensembles, services
from scoring.saisie.volets import PRODUITS


def draw() -> None:
    """Draw the card of a service, or what is created first."""
    here = entree()
    code = st.query_params.get("s", "")
    if code:
        service = here.service(code)
        heading(literal(service["nom"]))
        fiche_service.draw(here, service)
        aide("la-fiche-d-un-service")
        return
    heading(typographic("Par où commencer ?"))
    seen = here.services()
    systems = [one for one in seen if one["kind"] == "si_regional"]
    regions = here.regions()
    open_regions = [region for region in regions if ensembles.systeme(here.store, region) is None]
    if open_regions:
        st.subheader("Le système d’information de la région", anchor=False)
        forms.draw(_system_form(open_regions), lambda sent: _system(here, sent))
    creates = [one for one in systems if may("creer", Objet(one["region"], one["id"]), here.who)]
    if creates:
        st.subheader("Un service", anchor=False)
        if not any(one["kind"] == "infrastructure" for one in seen):
            st.html(
                '<p class="obs-lecture-vue">'
                + typographic(
                    "Commencez par les services d’infrastructure : les autres s’appuieront sur eux."
                )
                + "</p>"
            )
        forms.draw(_service_form([one["region"] for one in creates]), lambda sent: _service(here, sent, seen))
    editors = _editors(here)
    if not open_regions and not creates and not editors:
        st.html(
            '<p class="obs-lecture">'
            + typographic(
                "La saisie des produits de votre éditeur est ouverte : demandez une habilitation à qui en répond."
                if here.editeurs()
                else "Vous ne créez pas de service : demandez-le au responsable du système d’information de la région."
            )
            + "</p>"
        )
    if any(one["kind"] not in PRODUITS for one in seen):
        st.html(f'<p class="obs-source">{lien("appuis", "Qui s’appuie sur qui")}</p>')
    aide("commencer")


def _editors(here: Entree) -> bool:
    """What an editor's own begin with: the editor once, then its products. Whether there is anything to begin."""
    names = here.editeurs()
    known = {name: ensembles.editeur(here.store, name) for name in names}
    absent = [name for name, one in known.items() if one is None]
    there = [one for one in known.values() if one is not None and here.peut("creer", one)]
    if absent:
        st.subheader("L’éditeur", anchor=False)
        form = Form(
            "creer_editeur",
            (choice("nom", "Éditeur dont vous décrivez les produits", {name: name for name in absent}),),
            (forms.Action("ouvrir", "Ouvrir la saisie de ses produits"),),
            audience=admise,
        )
        forms.draw(form, lambda sent: _editor(here, sent))
    if there:
        st.subheader("Un produit", anchor=False)
        form = Form(
            "creer_produit",
            (
                choice("region", "Éditeur", {one["region"]: one["nom"] for one in there}),
                Field("nom", "Nom du produit", most=200),
                Field("description", "Ce qu’il fait", Kind.LONG, required=False, most=2000),
            ),
            (forms.Action("creer", "Créer le produit"),),
            audience=admise,
            draft=True,
        )
        forms.draw(form, lambda sent: _product(here, sent))
    return bool(absent or there)


def _editor(here: Entree, sent: Submission) -> str:
    services.creer(
        here.store, region="", kind="editeur", nom=sent.values["nom"], par=here.email,
        responsable_id=here.who.compte_id,
    )  # fmt: skip
    return f"La saisie des produits de « {sent.values['nom']} » est ouverte : décrivez le premier."


def _product(here: Entree, sent: Submission) -> str:
    services.creer(
        here.store, region=sent.values["region"], kind="produit", nom=sent.values["nom"],
        description=sent.values.get("description") or "", par=here.email, responsable_id=here.who.compte_id,
    )  # fmt: skip
    return f"« {sent.values['nom']} » est créé ; il n’est publié qu’une fois son questionnaire validé."


def _system_form(regions: list[str]) -> Form:
    return Form(
        "creer_si",
        (
            choice("region", "Région", noms_regions(regions)),
            Field("nom", "Nom du système d’information", most=200),
        ),
        (forms.Action("terminer", "Terminer"),),
        audience=admise,
        draft=True,
    )


def _service_form(regions: list[str]) -> Form:
    return Form(
        "creer_service",
        (
            choice("region", "Région", noms_regions(regions)),
            choice("kind", "Nature", NATURES),
            Field("nom", "Nom du service", most=200),
            Field("description", "Ce qu’il fait", Kind.LONG, required=False, most=2000),
        ),
        (forms.Action("creer", "Créer le service"),),
        audience=admise,
        draft=True,
    )


def _system(here: Entree, sent: Submission) -> str:
    services.creer(
        here.store,
        region=sent.values["region"],
        kind="si_regional",
        nom=sent.values["nom"],
        par=here.email,
        responsable_id=here.who.compte_id,
    )
    return f"« {sent.values['nom']} » est créé. Décrivez maintenant ses services d’infrastructure."


def _service(here: Entree, sent: Submission, seen: list[dict[str, Any]]) -> str:
    services.creer(
        here.store,
        region=sent.values["region"],
        kind=sent.values["kind"],
        nom=sent.values["nom"],
        description=sent.values.get("description") or "",
        par=here.email,
        responsable_id=here.who.compte_id,
    )
    name = sent.values["nom"]
    twin = next((one for one in seen if one["nom"].casefold() == name.casefold()), None)
    more = f" Attention : « {twin['nom']} » existe déjà ({twin['code']})." if twin else ""
    return f"« {name} » est créé ; il n’est publié qu’une fois une feuille validée.{more}"


COMMENCER = Screen("commencer", "Commencer", "", draw, admise)
