"""Copier dans le plan: the level that is advised becomes a step of the draft plan, at a quarter that one chooses.

The rules are those of the plan itself; what is planned already is told, never doubled; a copy is taken back as long as
nobody changed the step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from apps.kit import forms
from apps.kit.forms import Form, Submission, choice, told
from apps.kit.style.french import quarter, typographic
from apps.saisie.calcul import prochains_trimestres
from apps.saisie.criteres import Critere
from apps.saisie.entree import Entree, admise, entree
from apps.saisie.trajectoire import derniers_niveaux
from lake.errors import EditConflict, LakeError, Refused
from lake.store.saisie import feuilles, plans
from lake.store.saisie.plans import MOTIFS

_COPIES = "saisie.copies"


@dataclass(frozen=True)
class Planifie:
    """The draft plan of a questionnaire of a service, and what it may rest on.

    Attributes:
        etapes: criterion -> level -> quarter.
        motifs: criterion -> why it cannot be planned.
        jalons: criterion -> the milestones that its steps wait for, separated by ``|``.
        niveaux: criterion -> the level that is validated; None for an answer that has no level.
        rev: the revision of the plan's sheet.
        ferme: why nothing can be copied into it, in French; empty when something can.
    """

    etapes: Mapping[str, Mapping[int, str]]
    motifs: Mapping[str, str]
    jalons: Mapping[str, str]
    niveaux: Mapping[str, int | None]
    rev: int
    ferme: str


def planifie(here: Entree, service: Mapping[str, Any], questionnaire: str) -> Planifie:
    """The plan as it stands, for who reads the recommendations."""
    steps: dict[str, dict[int, str]] = {}
    reasons, waited = {}, {}
    for one in plans.etapes(here.store, service["id"], questionnaire):
        waited[one["critere"]] = one["jalons"]
        if one["niveau"] is None:
            reasons[one["critere"]] = one["motif"]
        else:
            steps.setdefault(one["critere"], {})[one["niveau"]] = one["trimestre"]
    sheet = feuilles.feuille(here.store, service["id"], f"PLAN-{questionnaire}")
    closed = ""
    if service["etat"] != "actif":
        closed = "Ce service n’a plus de plan : rien ne s’y copie."
    elif sheet["etat"] == "a_valider":
        closed = "Le plan attend sa validation : reprenez-le en brouillon pour y copier une étape."
    levels = derniers_niveaux(here.store, here.referentiel, service["code"], questionnaire)
    return Planifie(steps, reasons, waited, levels, sheet["rev"], closed)


def draw(here: Entree, service: dict[str, Any], one: Critere, level: int, plan: Planifie) -> None:
    """Draw where a level that is advised is copied into the plan, or why it cannot be."""
    if plan.ferme or not here.peut("planifier", service, one.questionnaire):
        return
    key = (service["id"], one.questionnaire, one.code, level)
    done = _copies().get(key)
    if done is not None and plan.etapes.get(one.code, {}).get(level) == done:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(
                f'<p class="obs-source">{typographic(f"Copié dans le plan, en brouillon : {quarter(done)}.")}</p>'
            )
            st.button(
                "Défaire", key=f"defaire_{one.code}_{level}", type="tertiary", on_click=_undone, args=key,
                help=f"Ôter du plan le niveau {level} de {one.code}",
            )  # fmt: skip
        return
    if level in plan.etapes.get(one.code, {}):
        return  # the line says when
    if why := obstacle(plan, one.code, level):
        st.html(f'<p class="obs-source">{escape(typographic(why))}</p>')
        return
    offered = {each: quarter(each) for each in prochains_trimestres(here.jour)}
    form = Form(
        "copier_plan",
        (choice("trimestre", f"Niveau {level}, atteint fin de", offered),),
        (forms.Action("copier", "Copier dans le plan"),),
        audience=admise,
        border=False,
        width=320,
    )
    # An expander, no popover: what it holds comes right after it under the Tab key.
    with st.expander("Copier dans le plan", key=f"copier_{one.code}_{level}", width=420):
        forms.draw(
            form,
            lambda sent: copier(here, service, one.questionnaire, one.code, level, sent),
            about=f"{service['id']}_{one.code}_{level}",
        )


def obstacle(plan: Planifie, code: str, level: int) -> str:
    """Why a level cannot be planned, in French, whatever its quarter; empty when it can."""
    now = plan.niveaux.get(code)
    if now is None:
        return f"{code} n’a pas de niveau validé : validez sa réponse pour la planifier."
    if level <= now:
        return f"{code} : le niveau {level} est déjà validé, il ne se planifie plus."
    if code in plan.motifs:
        return f"{code} est dit non planifiable ({MOTIFS[plan.motifs[code]]}) : ôtez ce motif dans le plan d’abord."
    return ""


def copier(
    here: Entree, service: Mapping[str, Any], questionnaire: str, code: str, level: int, sent: Submission
) -> str:
    """Put a level into the draft plan; what was done, in words.

    Raises:
        AccessDenied: no right to plan.
        Refused: the plan's own rules, beside the quarter.
    """
    due, plan = str(sent.values["trimestre"]), planifie(here, service, questionnaire)
    steps = dict(plan.etapes.get(code, {}))
    if level in steps:
        return f"{code} : le niveau {level} est déjà planifié, {quarter(steps[level])}. Rien n’est changé."
    if why := plan.ferme or obstacle(plan, code, level):
        raise Refused("trimestre", why)
    try:
        plans.planifier(
            here.store, service["id"], questionnaire, code, {**steps, level: due}, rev=plan.rev, par=here.email,
            jalons=plan.jalons.get(code, "").split("|"),
        )  # fmt: skip
    except Refused as error:
        raise Refused("trimestre", error.message, conseil=_bounds(steps, level)) from error
    except EditConflict as error:
        raise LakeError(
            "Quelqu’un vient de changer ce plan.", conseil="Recommencez : il est relu."
        ) from error
    _copies()[service["id"], questionnaire, code, level] = due
    return f"{code} : niveau {level} copié dans le plan, {quarter(due)}. C’est un brouillon, à valider avec le plan."


def _bounds(steps: Mapping[int, str], level: int) -> str:
    """Between which quarters a level stands, given those that are planned."""
    lower = [steps[each] for each in sorted(steps) if each < level]
    higher = [steps[each] for each in sorted(steps) if each > level]
    said = [
        *([f"pas avant {quarter(lower[-1])}"] if lower else []),
        *([f"au plus tard {quarter(higher[0])}"] if higher else []),
    ]
    return (
        f"Choisissez un trimestre, {' et '.join(said)} : d’autres niveaux y sont planifiés." if said else ""
    )


def _copies() -> dict[tuple[int, str, str, int], str]:
    """What this session copied: (service, questionnaire, criterion, level) -> quarter."""
    found: dict[tuple[int, str, str, int], str] = st.session_state.setdefault(_COPIES, {})
    return found


def _undone(number: int, questionnaire: str, code: str, level: int) -> None:
    """Take a copied step back, and it alone; one that was changed since stays."""
    here, due = entree(), _copies().pop((number, questionnaire, code, level), None)
    service = next((one for one in here.services() if one["id"] == number), None)
    try:
        if service is None:
            raise LakeError("Ce service n’est plus parmi ceux que vous suivez.")
        plan = planifie(here, service, questionnaire)
        steps = dict(plan.etapes.get(code, {}))
        if due is None or steps.get(level) != due:
            told.warn(f"{code} : cette étape a changé depuis, elle reste au plan. Rien n’est défait.")
            return
        del steps[level]
        plans.planifier(
            here.store, number, questionnaire, code, steps, rev=plan.rev, par=here.email,
            jalons=plan.jalons.get(code, "").split("|") if steps else (),
        )  # fmt: skip
        told.say(f"{code} : le niveau {level} n’est plus au plan.")
    except LakeError as error:
        told.warn(f"{code} : {error}")
