"""The head of a service's card: who answers for it, where it stands, who leans on it, and where to go from there."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from apps.kit.style.french import counted, typographic
from apps.saisie.calcul import etapes_en_retard, etat_du_service
from apps.saisie.entree import Entree, lien
from apps.saisie.valides import valides
from lake.store.saisie import acteurs, ensembles, pieces
from lake.store.saisie.frames import PARIS
from lake.store.saisie.suivi import suivis

NATURES = {
    "infrastructure": "Service d’infrastructure",
    "metier": "Service métier",
    "si_regional": "Système d’information régional",
    "editeur": "Éditeur",
    "produit": "Produit",
}
HYPHEN = "\N{NON-BREAKING HYPHEN}"
STATUTS = {"actif": "actif", "a_decommissionner": "à décommissionner", "archive": "archivé"}


def draw(here: Entree, service: dict[str, Any]) -> None:
    """Draw the head of the card of a service."""
    people = suivis(here.store)[service["id"]]
    team = {one["compte_id"] for one in membres(here, service)}
    said = (
        f"{NATURES[service['kind']]}, {STATUTS[service['etat']]}, créé le "
        f"{service['cree_le'].astimezone(PARIS):%d/%m/%Y}, code {service['code'].replace('-', HYPHEN)}. "
        f"Responsable : {people.responsable or 'à nommer'}. {counted(len(team), 'membre')}."
    )
    st.html(f'<p class="obs-lecture">{escape(typographic(said))}</p>')
    st.html(f'<p class="obs-source">{" · ".join(_links(here, service))}</p>')


def membres(here: Entree, service: dict[str, Any]) -> list[dict[str, Any]]:
    """The grants on a service, and on the whole that it is part of: see :func:`acteurs.equipe`."""
    system = ensembles.systeme(here.store, service["region"])
    numbers = dict.fromkeys(one for one in (service["id"], system) if one is not None)
    return [one for number in numbers for one in acteurs.equipe(here.store, number)]


def _links(here: Entree, service: dict[str, Any]) -> list[str]:
    """What one does with a service, in the order of the guide, each with what it holds."""
    code = service["code"]
    sheets = etat_du_service(here.store, here.referentiel, here.who, service)
    valid = valides(here.store, here.referentiel, service["region"])
    late = etapes_en_retard(valid, here.referentiel, [code]).height
    files = len(pieces.lister(here.store, service["id"], par=here.email))
    found = [
        lien("questionnaire", f"{here.nomme(name)} {done}/{total}", s=code, q=name)
        for name, done, total in sheets.select("questionnaire", "saisis", "visibles").iter_rows()
    ]
    plan = f"Plan, {counted(late, 'étape')} en retard" if late else "Plan"
    return [
        *found,
        lien("historique", "Historique", s=code),
        lien("recommandations", "Recommandations", s=code),
        f'<a href="#pieces" target="_self">{typographic(f"Pièces ({files})")}</a>',
        lien("plan", plan, s=code),
        lien("equipe", "Équipe", s=code),
        *(
            [lien("semblable", "Partir d’un service semblable", s=code)]
            if here.peut("saisir", service)
            and any(one["kind"] == service["kind"] and one["id"] != service["id"] for one in here.services())
            else []
        ),
    ]
