"""What is proposed to improve an axis: proposed from the questionnaire, decided by an administrator."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st

from apps.kit import forms
from apps.kit.access.access import Audience
from apps.kit.forms import Field, Form, Kind, Submission, choice
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, literal, typographic
from apps.saisie import annonces
from apps.saisie.criteres import Critere
from apps.saisie.entree import Entree, admise, aide, entree, noms_regions
from apps.saisie.personnes import personne
from lake.store.saisie import ameliorations
from lake.store.saisie.ameliorations import DITS, ECARTEE, PORTEURS, PROPOSEE, RETENUE, Proposition
from lake.store.saisie.frames import PARIS
from scoring.saisie.volets import INDUSTRIELS, version_de, volet_de

WHOLE = "axe"
FORM = Form(
    "amelioration",
    (
        Field(
            "texte", "Ce que vous proposez", Kind.LONG, ameliorations.lu_texte, most=ameliorations.LONGUEUR_MAX,
            note="Lu par les administrateurs ; publié avec la campagne s’il est retenu, sous le nom de votre "
            "organisation, jamais le vôtre.",
        ),
        choice("critere", "Sur quoi", {}),
        choice("porteur", "À qui elle s’adresse", PORTEURS),
    ),
    (forms.Action("proposer", "Proposer"),),
    audience=admise,
    draft=True,
    border=False,
)  # fmt: skip


def proposer(here: Entree, service: dict[str, Any], questionnaire: str, criteria: list[Critere]) -> None:
    """Draw where one proposes to improve an axis, and what became of what was proposed there."""
    axe = criteria[0].axe
    known = [
        one
        for one in ameliorations.toutes(here.store, par=here.email)
        if one.axe == axe and one.region == service["region"] and one.volet == volet_de(service["kind"])
    ]
    if known:
        items = "".join(f"<li>{escape(typographic(_said(one)))}</li>" for one in known)
        title = counted(len(known), "amélioration proposée", "améliorations proposées")
        with st.expander(f"{title} sur cet axe", key=f"ameliorations_{axe}"):
            st.html(f"<ul>{items}</ul>")
    if not here.peut("commenter", service, questionnaire):
        return
    offered = {WHOLE: f"Tout l’axe {axe}"} | {one.code: f"{one.code} {one.libelle}" for one in criteria}
    form = replace(
        FORM,
        parts=tuple(
            choice("critere", one.label, offered) if isinstance(one, Field) and one.name == "critere" else one
            for one in FORM.parts
        ),
    )
    with st.expander("Proposer une amélioration", key=f"proposer_{axe}"):
        forms.draw(
            form,
            lambda sent: _proposed(here, service, questionnaire, axe, sent),
            about=f"{service['id']}_{axe}",
            initial={"critere": WHOLE},
        )


def _proposed(here: Entree, service: dict[str, Any], questionnaire: str, axe: str, sent: Submission) -> str:
    about = sent.values["critere"]
    ameliorations.proposer(
        here.store, service["id"], questionnaire, axe, sent.values["texte"], par=here.email,
        porteur=sent.values["porteur"], volet=volet_de(service["kind"]),
        version=version_de(here.referentiel, questionnaire), critere="" if about == WHOLE else about,
    )  # fmt: skip
    return f"Votre proposition sur {axe} est transmise aux administrateurs ; sa suite vous sera dite."


def _said(one: Proposition) -> str:
    """A proposal and what became of it, in one line."""
    about = one.critere or f"Axe {one.axe}"
    by = f"{one.propose_par or 'l’exploitant'}, le {one.propose_le.astimezone(PARIS):%d/%m/%Y}"
    then = DITS[one.statut] + (f" : {one.motif}" if one.motif else "")
    return f"{about} : « {one.texte} » ({by}) : {then}"


def draw() -> None:
    """Draw what is proposed, what is to be decided first."""
    here = entree()
    annonces.draw(here)
    known = ameliorations.toutes(here.store, par=here.email)
    waits = [one for one in known if one.statut == PROPOSEE]
    if not known:
        st.html(f'<p class="obs-lecture">{typographic("Aucune amélioration n’est proposée.")}</p>')
    else:
        left = f"dont {len(waits)} à décider" if waits else "toutes décidées"
        said = (
            f"{counted(len(known), 'proposition')}, {left}. Retenues, elles sont publiées avec la campagne."
        )
        st.html(f'<p class="obs-lecture">{escape(typographic(said))}</p>')
    regions = noms_regions(one.region for one in known if one.volet != INDUSTRIELS)
    axes = dict(here.referentiel.criteres.select("axe", "libelle_axe").unique().iter_rows())
    shown = [*waits, *(one for one in known if one.statut != PROPOSEE)][:LINES]
    for one in shown:
        with st.container(border=True):
            _decide(here, one, regions.get(one.region, "Un éditeur"), axes)
    if len(known) > LINES:
        more = (
            f"Et {counted(len(known) - LINES, 'autre proposition', 'autres propositions')}, plus anciennes."
        )
        st.html(f'<p class="obs-source">{typographic(more)}</p>')
    aide("ameliorations-proposees")


LINES = 40
"""Proposals shown at most: those to decide, then the newest."""
DECIDER = Form(
    "amelioration_suite",
    (
        Field(
            "motif", "Pourquoi l’écarter", required=False, most=500,
            note="Pour l’écarter seulement : qui l’a proposée le lira.",
        ),
    ),
    (forms.Action("retenir", "Retenir"), forms.Action("ecarter", "Écarter", main=False)),
    audience=Audience.ADMINISTRATORS,
    border=False,
)  # fmt: skip


def _decide(here: Entree, one: Proposition, region: str, axes: dict[str, str]) -> None:
    about = f"{one.axe} {axes.get(one.axe, '')}".strip() + (f", {one.critere}" if one.critere else "")
    st.markdown(f"**{literal(typographic(about))}**")
    by = (
        f"{one.propose_par or 'L’exploitant'}, {region}, le {one.propose_le.astimezone(PARIS):%d/%m/%Y} ; "
        f"adressée {PORTEURS[one.porteur][0].lower()}{PORTEURS[one.porteur][1:]}."
    )
    text = escape(typographic(one.texte)).replace("\n", "<br>")
    st.html(f'<p>{text}</p><p class="obs-source">{escape(typographic(by))}</p>')
    if one.axe not in axes:
        gone = "Son axe n’est plus dans la version en vigueur : retenue, elle n’est pas publiée."
        st.html(f'<p class="obs-source">{typographic(gone)}</p>')
    if one.statut == PROPOSEE:
        forms.draw(DECIDER, lambda sent: _decided(here, one, sent), about=one.id)
        return
    day = "" if one.decide_le is None else f" le {one.decide_le.astimezone(PARIS):%d/%m/%Y}"
    word = "Retenue" if one.statut == RETENUE else "Écartée"
    said = f"{word}{day} par {personne(one.decide_par, 'l’exploitant')}" + (
        f" : {one.motif}" if one.motif else ""
    )
    st.html(f'<p class="obs-source"><strong>{escape(typographic(said))}</strong></p>')
    with st.expander("Changer d’avis", key=f"amelioration_{one.id}"):
        forms.draw(DECIDER, lambda sent: _decided(here, one, sent), about=one.id)


def _decided(here: Entree, one: Proposition, sent: Submission) -> str:
    keep = sent.action == "retenir"
    ameliorations.decider(
        here.store, one.id, RETENUE if keep else ECARTEE, par=here.email, vu=one.statut,
        motif="" if keep else sent.values.get("motif") or "",
    )  # fmt: skip
    if keep:
        return f"La proposition sur {one.axe} est retenue : elle sera publiée avec la campagne."
    return f"La proposition sur {one.axe} est écartée, et qui l’a proposée le lira."


AMELIORATIONS = Screen(
    "ameliorations",
    "Améliorations proposées",
    "Quelles améliorations retenir ?",
    draw,
    Audience.ADMINISTRATORS,
)
