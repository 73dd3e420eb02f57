"""Recommandations: what brings most, what silence hides, what one would ask; and a request to an editor."""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, percent, quarter, signed, typographic
from apps.saisie import copier
from apps.saisie.choix import choisir_service
from apps.saisie.conseils import Conseils, a_demander, a_l_editeur, conseils
from apps.saisie.criteres import Critere, criteres_de, mot
from apps.saisie.entree import Entree, admise, aide, ensemble, entree, lien
from apps.saisie.jalons import a_venir, par_axe
from apps.saisie.trajectoire import retard_de
from lake.store.saisie import services
from scoring.saisie.volets import volet_de
from scoring.universes.model import Format

LINES = 10
"""Criteria listed at most: the first ones are the ones to begin with."""


def draw() -> None:
    """Draw the advice on a service's questionnaire, or the request to an editor."""
    here = entree()
    if editor := st.query_params.get("editeur", ""):
        _request(here, editor)
        aide("recommandations")
        return
    code = st.query_params.get("s", "")
    if not code:
        choisir_service(here, "recommandations")
        aide("recommandations")
        return
    service = here.service(code)
    asked = [one for one in criteres_de(here, service) if one.degres]
    named = list(dict.fromkeys(one.questionnaire for one in asked))
    questionnaire = st.query_params.get("q", named[0] if named else "")
    criteria = {one.code: one for one in asked if one.questionnaire == questionnaire}
    found = conseils(here.store, here.referentiel, service, questionnaire, here.jour)
    links = " · ".join(lien("recommandations", here.nomme(name), s=code, q=name) for name in named)
    st.html(
        f'<p class="obs-lecture">{escape(typographic(_silence(service, here.nomme(questionnaire), found)))} {links}</p>'
    )
    st.subheader("Ce qui rapporte le plus", anchor=False)
    _worth(here, service, questionnaire, found, criteria)
    _questions(here, service)
    _editors(here, service)
    aide("recommandations")


def _silence(service: dict[str, Any], named: str, found: Conseils) -> str:
    """The region's rate, and what this service's missing answers leave open."""
    bounds = found.bornes
    if bounds.taux is None:
        return f"{service['nom']} · {named} : personne n’a encore répondu {ensemble(service, 'dans')}."
    said = f"{service['nom']} · {named} : {percent(bounds.taux)} {ensemble(service, 'dans')}"
    if not bounds.manquantes or bounds.bas is None or bounds.haut is None:
        return f"{said} ; aucune réponse ne manque ici."
    missing = counted(bounds.manquantes, "réponse manquante", "réponses manquantes")
    return f"{said}, entre {percent(bounds.bas)} et {percent(bounds.haut)} selon ses {missing}."


def _worth(
    here: Entree, service: dict[str, Any], questionnaire: str, found: Conseils, criteria: dict[str, Critere]
) -> None:
    """What brings most, a line each, with where it is copied into the plan."""
    rank, milestones = 0, par_axe(volet_de(service["kind"]))
    plan = copier.planifie(here, service, questionnaire)
    if plan.ferme and here.peut("planifier", service, questionnaire) and not found.prochains.is_empty():
        to = lien("plan", "Le plan", s=service["code"], q=questionnaire)
        st.html(f'<p class="obs-source">{escape(typographic(plan.ferme))} {to}</p>')
    for row in found.prochains.head(LINES).iter_rows(named=True):
        one = criteria.get(row["critere"])
        if one is None:
            continue
        words = (
            f"{one.code} {one.libelle} : {row['niveau']} {mot(row['niveau'])} → {row['suivant']} "
            f"{mot(row['suivant'])}, ▲ {signed(row['gain'], Format.DECIMAL)} pt {ensemble(service, 'pour')}"
        )
        more = [f"Pour l’atteindre : {one.degres[row['suivant']]}"]
        advice = here.referentiel.fiches.filter(
            pl.col("objet") == "critere", pl.col("code") == one.code, pl.col("champ") == "recommandation"
        )
        more += advice.sort("ordre")["texte"].to_list()
        if row["porte"]:
            more.append("D’autres services s’appuient sur lui.")
        due = found.planifies.get((one.code, row["suivant"]))
        if due:
            late = retard_de(due, here.jour)
            more.append(f"Déjà planifié {quarter(due)}{'' if late is None else ', échu'}.")
        if coming := a_venir(milestones.get(one.axe, {}), here.jour)[:2]:
            more.append(f"Jalons attendus sur cet axe : {', '.join(each.dit for each in coming)}.")
        link = lien("questionnaire", words, s=service["code"], q=questionnaire, axe=one.axe)
        rank += 1
        said = f"<li>{link}<br>{escape(typographic(' · '.join(more)))}</li>"
        with st.container(gap=None):
            st.html(f'<ol start="{rank}">{said}</ol>')
            copier.draw(here, service, one, row["suivant"], plan)
    names = {one["code"]: one["nom"] for one in here.services()}
    for critere, carrier in found.portes.items():
        words = f"{critere} est porté par « {names.get(carrier, carrier)} » : c’est lui qu’il faut faire progresser"
        link = (
            lien("recommandations", words, s=carrier, q=questionnaire) if carrier in names else escape(words)
        )
        rank += 1
        st.html(f'<ol start="{rank}"><li>{link}</li></ol>')
    if not rank:
        said = "Rien à recommander : chaque critère répondu atteint ce qui est attendu."
        st.html(f'<p class="obs-lecture-vue">{typographic(said)}</p>')


def _questions(here: Entree, service: dict[str, Any]) -> None:
    seen = [one["code"] for one in here.services()]
    asked = a_demander(here.store, here.referentiel, seen, service["code"])
    if not asked:
        return
    st.subheader("Questions à se poser", anchor=False)
    items = "".join(
        f"<li>{escape(typographic(f'{critere} : {text}' if critere else text))}</li>"
        for critere, text in asked
    )
    st.html(f"<ul>{items}</ul>")
    st.html(
        f'<p class="obs-lecture-vue">{typographic("Elles n’empêchent rien : un commentaire y répond.")}</p>'
    )


def _editors(here: Entree, service: dict[str, Any]) -> None:
    editors = list(dict.fromkeys(editor for editor, _ in services.solutions(here.store, service["id"])))
    if not editors:
        return
    st.subheader("Demander à l’éditeur", anchor=False)
    items = "".join(
        f"<li>{lien('recommandations', f'Ce qui dépend de {one}', editeur=one)}</li>" for one in editors
    )
    st.html(f"<ul>{items}</ul>")


def _request(here: Entree, editor: str) -> None:
    """What an editor's solutions hold back, as a page to send."""
    found = a_l_editeur(here.store, here.referentiel, here.services(), editor, here.jour)
    total = float(found["gain"].sum())
    count = len({name for names in found["services"] for name in names})
    if not count:
        said = (
            f"Rien à demander à {editor} : aucun critère sous l’attendu parmi vos services qui l’emploient."
        )
        st.html(f'<p class="obs-lecture">{escape(typographic(said))}</p>')
        return
    said = (
        f"{editor} : {counted(found.height, 'évolution')} pour {counted(count, 'service')}, "
        f"▲ {signed(total, Format.DECIMAL)} pt en tout."
    )
    st.html(f'<p class="obs-lecture">{escape(typographic(said))}</p>')
    labels = dict(here.referentiel.criteres.select("critere", "libelle_critere").iter_rows())
    words = {
        (critere, level): text
        for critere, level, text in here.referentiel.niveaux.select(
            "critere", "niveau", "libelle_niveau"
        ).iter_rows()
    }
    body = "".join(
        f'<tr><th scope="row">{escape(row["critere"])} {escape(labels.get(row["critere"], ""))}</th>'
        f"<td>{row['niveau']} → {row['suivant']} : {escape(words.get((row['critere'], row['suivant']), ''))}</td>"
        f"<td>{escape(', '.join(row['services']))}</td>"
        f"<td>{escape(signed(row['gain'], Format.DECIMAL))}</td></tr>"
        for row in found.iter_rows(named=True)
    )
    st.html(
        '<table class="obs-table"><thead><tr><th scope="col">Critère</th><th scope="col">Ce qui est attendu</th>'
        '<th scope="col">Services</th><th scope="col">Points</th></tr></thead>'
        f"<tbody>{typographic(body)}</tbody></table>"
    )


RECOMMANDATIONS = Screen(
    "recommandations", "Recommandations", "Par où progresser ?", draw, admise, listed=False
)
