"""Plan de convergence: a quarter for each level to come, what it waits for, and what the plan makes of the rate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from apps.kit.forms import told
from apps.kit.shell.screen import Screen
from apps.kit.style import french
from apps.kit.style.french import counted, literal, percent, typographic
from apps.saisie import trait
from apps.saisie.calcul import etapes_en_retard, prochains_trimestres
from apps.saisie.choix import choisir_service
from apps.saisie.criteres import Critere, criteres_de, mot
from apps.saisie.enregistrer import semer
from apps.saisie.entree import Entree, admise, aide, ensemble, entree, lien
from apps.saisie.jalons import Jalon, nommes, par_axe, trop_tard
from apps.saisie.trajectoire import courbes, derniers_niveaux, retard_de
from apps.saisie.valides import valides
from lake.catalog.convergence import trimestre_acheve
from lake.errors import EditConflict, LakeError
from lake.store.saisie import feuilles, plans, versions
from lake.store.saisie.frames import PARIS
from lake.store.saisie.plans import MOTIFS
from scoring.saisie.volets import volet_de

REACHED, NONE, TOP = "atteint", "aucun", 3
FRESH = 2
"""Quarters after which a validated plan is to be looked at again."""
_MIENS = "saisie.plan.miens"


def draw() -> None:
    """Draw the plan of one questionnaire of a service."""
    here = entree()
    code = st.query_params.get("s", "")
    if not code:
        choisir_service(here, "plan", dits=retards_dits(here))
        aide("plan-de-convergence")
        return
    service = here.service(code)
    if service["etat"] == "a_decommissionner":
        st.html(
            '<p class="obs-lecture">'
            + typographic(
                "À décommissionner : ce service n’a plus de plan. Ses étapes sont gardées, non publiées."
            )
            + "</p>"
        )
        aide("plan-de-convergence")
        return
    asked = criteres_de(here, service)
    named = list(dict.fromkeys(one.questionnaire for one in asked))
    questionnaire = st.query_params.get("q", named[0] if named else "")
    criteria = [one for one in asked if one.questionnaire == questionnaire]
    if not criteria:
        raise LakeError(
            f"Le questionnaire « {questionnaire} » ne s’adresse pas à ce service.",
            conseil=f"Questionnaires de « {service['nom']} » : {', '.join(named) or 'aucun'}.",
        )
    about = f"{service['nom']} · {here.nomme(questionnaire)}."
    st.html(
        f'<p class="obs-lecture">{escape(typographic(about))} '
        + " · ".join(lien("plan", here.nomme(name), s=code, q=name) for name in named)
        + f" · {lien('validation', 'Relire et valider le plan', s=code, q=f'PLAN-{questionnaire}')}</p>"
    )
    levels = derniers_niveaux(here.store, here.referentiel, code, questionnaire)
    steps: dict[str, dict[int, str]] = {}
    reasons: dict[str, str] = {}
    waited: dict[str, str] = {}
    for step in plans.etapes(here.store, service["id"], questionnaire):
        waited[step["critere"]] = step["jalons"]
        if step["niveau"] is None:
            reasons[step["critere"]] = step["motif"]
        else:
            steps.setdefault(step["critere"], {})[step["niveau"]] = step["trimestre"]
    sheet = feuilles.feuille(here.store, service["id"], f"PLAN-{questionnaire}")
    writes = here.peut("planifier", service, questionnaire) and sheet["etat"] != "a_valider"
    if old := a_actualiser(here, sheet["id"]):
        st.warning(typographic(old))
    milestones = par_axe(volet_de(service["kind"]))
    left, right = st.columns([3, 1.2], gap="large")
    with left:
        hide = st.toggle("Masquer ce qui est atteint", key="plan_masquer")
        for one in (each for each in criteria if each.degres):
            level = levels.get(one.code)
            if hide and level is not None and level >= one.attendu:
                continue
            _criterion(
                here,
                service,
                one,
                level,
                steps.get(one.code, {}),
                reasons.get(one.code, ""),
                sheet["rev"],
                writes,
                milestones.get(one.axe, {}),
                waited.get(one.code, ""),
            )
        _apart([one for one in criteria if not one.degres])
    with right:
        _curve(here, service, questionnaire)
    aide("plan-de-convergence")


def _criterion(
    here: Entree,
    service: dict[str, Any],
    one: Critere,
    level: int | None,
    steps: dict[int, str],
    reason: str,
    rev: int,
    writes: bool,
    milestones: Mapping[str, Jalon],
    waited: str,
) -> None:
    key = f"plan_{re.sub(r'[^A-Za-z0-9]', '_', one.code)}"
    st.markdown(f"**{one.code}** {literal(typographic(one.libelle))}")
    typed = not one.niveaux
    if level is None:
        what = "Aucune valeur validée" if typed else "Aucun niveau validé (sans réponse ou non applicable)"
        said = f"{what} : rien à planifier."
        st.html(f'<p class="obs-lecture-vue">{typographic(said)}</p>')
        return
    quarters = prochains_trimestres(here.jour)
    # What is reached is said once, by its highest level: a narrow screen then shows what is left to plan.
    coming = {each: words for each, words in one.degres.items() if each > level}
    # A level keeps its column from one criterion to the next.
    columns = dict(zip([REACHED, *range(1, TOP + 1), NONE], st.columns(TOP + 2), strict=True))
    with columns[REACHED]:
        words = one.degres.get(level, "")
        more = f" ({words})" if typed else ""
        st.html(
            f'<p title="{escape(words)}">✓ {level} {mot(level)}{escape(typographic(more))}, {REACHED}</p>'
        )
    for each, words in coming.items():
        with columns[each]:
            now = steps.get(each)
            late = retard_de(now, here.jour) if now else None
            offered = [*([now] if now and now not in quarters else []), *quarters]
            semer(f"{key}_{each}", now)
            st.selectbox(
                # A value is planned by what it must reach: the words of its threshold, not only their level.
                f"{each} {mot(each)}" + (f" : {literal(words)}" if typed else ""),
                offered, index=None, key=f"{key}_{each}", format_func=french.quarter, placeholder="—",
                help=None if typed else words,
                disabled=not writes or bool(reason), on_change=_planned,
                args=(service["id"], one.questionnaire, one.code, key, tuple(one.degres), level, rev),
            )  # fmt: skip
            if late is not None:
                said = "échue ce trimestre" if late == 0 else f"en retard de {counted(late, 'trimestre')}"
                st.html(f'<p class="obs-source"><strong>{typographic(said)}</strong></p>')
    if not coming:
        return
    with columns[NONE]:
        semer(f"{key}_motif", reason or None)
        st.selectbox(
            "Non planifiable", list(MOTIFS), index=None, key=f"{key}_motif", format_func=MOTIFS.__getitem__,
            placeholder="—", disabled=not writes or bool(steps), on_change=_reasoned,
            args=(service["id"], one.questionnaire, one.code, key, rev),
        )  # fmt: skip
    if (steps or reason) and (milestones or waited):
        _awaited(service, one, key, steps, reason, rev, writes, milestones, waited)


def _awaited(
    service: dict[str, Any],
    one: Critere,
    key: str,
    steps: dict[int, str],
    reason: str,
    rev: int,
    writes: bool,
    milestones: Mapping[str, Jalon],
    waited: str,
) -> None:
    """Which milestones of the axis these steps wait for; one that comes after them is told."""
    chosen = [code for code in waited.split("|") if code]
    semer(f"{key}_jalons", chosen)
    st.multiselect(
        f"{one.code} attend, de la feuille de route", [*milestones, *(c for c in chosen if c not in milestones)],
        key=f"{key}_jalons", placeholder="Aucun jalon", disabled=not writes,
        format_func=lambda code: literal(nommes(milestones, code)[0]), on_change=_waiting,
        args=(service["id"], one.questionnaire, one.code, key, steps, reason, rev),
    )  # fmt: skip
    if late := trop_tard(milestones, chosen, steps):
        st.html(f'<p class="obs-source"><strong>{escape(typographic(late))}</strong></p>')


def retards_dits(here: Entree) -> dict[str, str]:
    """What is overdue in the plans of each service, in words: code -> « 6 étapes en retard »."""
    valid = valides(here.store, here.referentiel)
    late = etapes_en_retard(valid, here.referentiel, [one["code"] for one in here.services()])
    counts = late.group_by("service").len().iter_rows()
    return {code: counted(many, "étape en retard", "étapes en retard") for code, many in counts}


def a_actualiser(here: Entree, number: int | None) -> str:
    """Why a validated plan is to be looked at again, in French: its last version has more than two quarters."""
    known = [] if number is None else versions.historique(here.store, number)
    if not known:
        return ""
    day = known[0].validee_le.astimezone(PARIS).date()
    age = trimestre_acheve(here.jour) - trimestre_acheve(day)
    if age <= FRESH:
        return ""
    return (
        f"Plan à actualiser : sa dernière version est du {day:%d/%m/%Y}, il y a {counted(age, 'trimestre')}."
    )


def _apart(criteria: list[Critere]) -> None:
    """Say which criteria have no plan: a value without thresholds has no level to reach."""
    if not criteria:
        return
    named = ", ".join(f"{one.code} {one.libelle}" for one in criteria)
    said = (
        f"Sans plan : {named}. Leur réponse est un nombre, un jour ou un texte sans seuil : aucun niveau à atteindre, "
        "aucun taux à faire monter."
    )
    st.html(f'<p class="obs-lecture-vue">{escape(typographic(said))}</p>')


def _curve(here: Entree, service: dict[str, Any], questionnaire: str) -> None:
    """The rate of the region now, planned, and probable."""
    seen = [one["code"] for one in here.services() if here.peut("voir", one, questionnaire)]
    found = courbes(here.store, here.referentiel, service["region"], questionnaire, here.jour, vus=seen)
    with st.container(border=True):
        whose = "vos produits" if service["kind"] == "produit" else "la région"
        st.markdown(f"**Ce que disent les plans de {whose}**")
        if found is None:
            none = f"Aucune réponse validée {ensemble(service, 'dans')}."
            st.html(f'<p class="obs-lecture-vue">{typographic(none)}</p>')
            return
        coming = list(found.a_venir)
        rows = "".join(
            f'<tr><th scope="row">{escape(french.quarter(quarter))}</th><td>{percent(planned)}</td>'
            + (f"<td>{percent(probable)}</td>" if found.probable else "")
            + (f"<td>{percent(coming[rank])}</td></tr>" if coming else "</tr>")
            for rank, (quarter, planned, probable) in enumerate(found.points)
        )
        now = f"Aujourd’hui, tous services confondus : {percent(found.taux)}."
        if all(abs(one - found.taux) < 0.05 for one in [*(point[1] for point in found.points), *coming]):
            still = f"{now} Aucun plan validé ne le fait monter dans les deux ans."
            st.html(f'<p class="obs-lecture-vue">{typographic(still)}</p>')
            return
        short = "" if found.probable else " Pas assez d’historique pour dire ce qui est probable."
        likely = '<th scope="col">Probable</th>' if found.probable else ""
        likely += f'<th scope="col">{trait.A_VENIR}</th>' if coming else ""
        trait.draw(found)
        st.html(
            f'<p class="obs-lecture-vue">{typographic(now + short)}</p>'
            f'<table class="obs-table"><thead><tr><th scope="col">Fin de</th><th scope="col">Prévu</th>'
            f"{likely}</tr></thead><tbody>{rows}</tbody></table>"
        )


def _planned(
    service: int, questionnaire: str, code: str, key: str, levels: tuple[int, ...], level: int, rev: int
) -> None:
    steps = {
        each: str(quarter)
        for each in levels
        if each > level and (quarter := st.session_state.get(f"{key}_{each}")) is not None
    }
    _save(service, questionnaire, code, steps, "", rev, key)


def _reasoned(service: int, questionnaire: str, code: str, key: str, rev: int) -> None:
    _save(service, questionnaire, code, {}, st.session_state.get(f"{key}_motif") or "", rev, key)


def _waiting(
    service: int, questionnaire: str, code: str, key: str, steps: dict[int, str], reason: str, rev: int
) -> None:
    _save(service, questionnaire, code, steps, reason, rev, key)


def _save(
    service: int, questionnaire: str, code: str, steps: dict[int, str], reason: str, rev: int, key: str
) -> None:
    here = entree()
    # What this session wrote since the page was drawn is no conflict with itself.
    written: dict[tuple[int, str], int] = st.session_state.setdefault(_MIENS, {})
    known = max(rev, written.get((service, questionnaire), 0))
    try:
        written[service, questionnaire] = plans.planifier(
            here.store, service, questionnaire, code, steps, rev=known, par=here.email, non_planifiable=reason,
            jalons=st.session_state.get(f"{key}_jalons") or (),
        )  # fmt: skip
    except EditConflict:
        told.warn(f"{code} : quelqu’un d’autre a changé ce plan entre-temps. Relisez-le, puis recommencez.")
    except LakeError as error:
        told.warn(f"{code} : {error}")


PLAN = Screen(
    "plan",
    "Plan de convergence",
    "Quand atteindre chaque niveau ?",
    draw,
    admise,
    listed=False,
)
