"""Questionnaire: one axis a view, one value widget a criterion, each answer saved by itself.

The store is the truth: every widget is seeded from it at each run. A callback saves with the revision that the page was
drawn with; what is refused is shown beside what is kept, and either choice is one click.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

import streamlit as st

from apps.kit.shell.screen import Screen
from apps.kit.style.errors import heading
from apps.kit.style.french import NNBSP, counted, literal, percent, signed, typographic
from apps.saisie import ameliorations, discussion, porteurs, presences, usages, voisins
from apps.saisie import criteres as asked_of
from apps.saisie.axe import tete
from apps.saisie.calcul import Gains, dit_etat, gains
from apps.saisie.choix import choisir_service, nom_de
from apps.saisie.criteres import NA, SQUARES, Critere, axes_de, criteres_de, mot, repondu
from apps.saisie.enregistrer import (
    aller,
    choisir,
    commenter,
    confirmer,
    confirmer_tout,
    effacer,
    garder_mienne,
    justifier,
    semer,
)
from apps.saisie.entree import Entree, admise, aide, ensemble, entree, lien
from apps.saisie.essai import et_si
from apps.saisie.fiches import sens, textes
from apps.saisie.frappe import journal, repere
from apps.saisie.personnes import personne
from lake.errors import LakeError
from lake.store.saisie import feuilles, fils
from lake.store.saisie.frames import PARIS
from lake.store.saisie.tables import COPIE
from scoring.saisie.volets import sujet_de
from scoring.universes.model import Format

KEYS = {0: "1", 1: "2", 2: "3", 3: "4", NA: "n"}
"""The key of each answer, read by its place on the keyboard: a level that does not exist leaves its key dead."""


def draw() -> None:
    """Draw one axis of a questionnaire."""
    here = entree()
    code = st.query_params.get("s", "")
    if not code:
        heading(typographic(f"Pour quel {nom_de(here.services())} répondez-vous ?"))
        choisir_service(here, "questionnaire", "Choisissez-le dans cette liste :")
        aide("questionnaire")
        return
    service = here.service(code)
    asked = criteres_de(here, service)
    named = list(dict.fromkeys(one.questionnaire for one in asked))
    questionnaire = st.query_params.get("q", named[0] if named else "")
    if questionnaire not in named:
        heading(literal(service["nom"]))
        raise LakeError(
            f"Le questionnaire « {questionnaire} » ne s’adresse pas à ce service.",
            conseil=f"Questionnaires de « {service['nom']} » : {', '.join(named) or 'aucun'}.",
        )
    criteria = [one for one in asked if one.questionnaire == questionnaire]
    drafted = feuilles.reponses(here.store, service["id"], questionnaire)
    sheet = feuilles.feuille(here.store, service["id"], questionnaire)
    axes = axes_de(criteria)
    asked_for = st.query_params.get("critere", "")
    named_one = next((one for one in criteria if one.code == asked_for), None)
    axe = st.query_params.get("axe", "") if named_one is None else named_one.axe
    axe = axe if axe in axes else next(iter(axes))
    heading(literal(typographic(f"{service['nom']} · {axe} {axes[axe]}".strip())))
    journal(here)
    if asked_for and named_one is None:
        st.info(
            typographic(f"Le critère {literal(asked_for)} n’est pas posé à ce service dans ce questionnaire.")
        )
    worth = gains(here.store, here.referentiel, service, questionnaire, here.jour)
    _head(service, questionnaire, criteria[0], sheet, drafted, criteria)
    here_criteria = [one for one in criteria if one.axe == axe]
    writes = here.peut("saisir", service, questionnaire) and sheet["etat"] != "a_valider"
    if writes:
        first = next(
            (one for one in here_criteria if not repondu(drafted.get(one.code, {}))), here_criteria[0]
        )
        presences.arriver(here, service, questionnaire, [one.code for one in here_criteria], first.code)
    presences.draw(here, service, questionnaire)
    left, middle, right = st.columns([1.1, 3, 1.3], gap="large")
    with left:
        _axes(here, service, questionnaire, axes, axe, drafted, criteria)
    with middle:
        drawn = ",".join(f"st-key-{_key(one)}_niveau" for one in here_criteria if one.niveaux)
        out = f"st-key-{_out(axe)}"
        place = "" if named_one is None else f"st-key-{_key(named_one)}"
        st.html(
            f'<span class="obs-saisie-axe" hidden data-criteres="{drawn}" data-suivant="{out}" '
            f'data-ici="{place}"></span>'
        )
        tete(here, here_criteria[0], levels=any(one.niveaux for one in here_criteria))
        alone = service["kind"] in ("si_regional", "produit")  # nothing carries a system, nor a product
        carriers = {} if alone else porteurs.offerts(here, service)
        spoken = fils.fil(here.store, service["id"], questionnaire)
        for one in here_criteria:
            _criterion(
                here, service, questionnaire, one, drafted.get(one.code, {}), sheet, worth, writes,
                carriers.get(one.code, {}),
            )  # fmt: skip
            discussion.draw(here, service, questionnaire, one.code, _key(one), spoken.get(one.code, []))
        if writes:
            _confirm_all(service, questionnaire, here_criteria, drafted, sheet)
        ameliorations.proposer(here, service, questionnaire, here_criteria)
        _next(criteria, drafted, axe)
    with right:
        if any(one.niveaux for one in here_criteria):
            et_si(here, service, questionnaire, here_criteria)
    aide("questionnaire")


def _head(
    service: dict[str, Any],
    questionnaire: str,
    first: Critere,
    sheet: dict[str, Any],
    drafted: dict[str, Any],
    criteria: list[Critere],
) -> None:
    done = sum(repondu(drafted.get(one.code, {})) for one in criteria)
    unsure = sheet["etat"] == "validee" and any(not one["confirmee"] for one in drafted.values())
    state = dit_etat(sheet["etat"], ouverte=sheet["id"] is not None)
    words = (
        f"{service['nom']} · {first.libelle_questionnaire} : "
        f"{counted(done, 'critère répondu', 'critères répondus')} sur {len(criteria)}, "
        f"{percent(100 * done / len(criteria))} ; {'à confirmer' if unsure else state}."
    )
    st.html(
        f'<p class="obs-lecture">{escape(typographic(words))} <span class="obs-saisie-relire">'
        f"{lien('validation', 'Relire et valider (v)', s=service['code'], q=questionnaire)}</span> · "
        f"{lien('plan', 'Plan', s=service['code'], q=questionnaire)} · "
        f"{lien('recommandations', 'Recommandations', s=service['code'], q=questionnaire)} · "
        f"{lien('historique', 'Historique', s=service['code'], q=questionnaire)}</p>"
    )
    if sheet["renvoi_motif"] and sheet["etat"] == "brouillon":
        st.warning(typographic(f"Renvoyée : {literal(sheet['renvoi_motif'])}"))
    if sheet["etat"] == "a_valider":
        st.info(typographic("Cette feuille attend sa validation : ses réponses ne changent pas d’ici là."))


def _axes(
    here: Entree,
    service: dict[str, Any],
    questionnaire: str,
    axes: dict[str, str],
    chosen: str,
    drafted: dict[str, Any],
    criteria: list[Critere],
) -> None:
    """The axes, each with its mark: to confirm, without answer, under what is expected, done."""
    items = ""
    for axe, name in axes.items():
        mine = [one for one in criteria if one.axe == axe]
        done = sum(repondu(drafted.get(one.code, {})) for one in mine)
        under = any(
            (level := one.niveau_de(drafted.get(one.code, {}))) is not None and level < one.attendu
            for one in mine
        )
        review = any(not drafted.get(one.code, {}).get("confirmee", True) for one in mine)
        mark = "●" if review else "○" if done < len(mine) else "⇣" if under else "✓"
        word = {
            "●": "à confirmer",
            "○": "à répondre",
            "⇣": "sous l’attendu",
            "✓": "répondu",
        }[mark]
        words = f"{mark} {axe} {name} · {done}/{len(mine)}, {word}"
        link = lien("questionnaire", words, s=service["code"], q=questionnaire, axe=axe)
        items += f"<li>{f'<strong>{link}</strong>' if axe == chosen else link}</li>"
    st.html(f'<ul class="obs-axes" style="list-style:none;padding:0">{items}</ul>')


def _key(one: Critere) -> str:
    return f"crit_{re.sub(r'[^A-Za-z0-9]', '_', one.code)}"


def _out(axe: str) -> str:
    return f"saisie_suivant_{re.sub(r'[^A-Za-z0-9]', '_', axe)}"


def _criterion(
    here: Entree,
    service: dict[str, Any],
    questionnaire: str,
    one: Critere,
    answer: dict[str, Any],
    sheet: dict[str, Any],
    worth: Gains,
    writes: bool,
    offered: Mapping[int, str],
) -> None:
    key = _key(one)
    about = (service["id"], questionnaire, one.code, sheet["derniere_version"])
    with st.container(key=key):
        st.markdown(f"#### {one.code} {literal(typographic(one.libelle))}")
        expected = f"Attendu à date : **{mot(one.attendu)} ({one.attendu})**" if one.degres else ""
        shape = "date, comme 31/01/2027" if one.type_reponse == "date" else one.type_reponse
        asked = f"Réponse : {shape}" + (f", en {one.unite}" if one.unite else "")
        said = [expected] if one.niveaux else [literal(asked), *([expected] if expected else [])]
        st.markdown(typographic(" · ".join(said)))
        if more := textes(here.referentiel, one.code):
            with st.expander("Comprendre ce critère", key=f"{key}_comprendre"):
                st.html(more)
        if one.niveaux:
            _choices(one, answer, key, about, writes, sens(here.referentiel, one.code))
        else:
            usages.saisir(one, answer, key, about, writes)
        _conflict(about, key, one)
        if one.degres:
            _towards(service, one, answer, worth)
        if one.niveaux:
            if service["kind"] != "produit":  # an editor reads its own products, and nobody beside them
                voisins.dire(one.code, sujet_de(service["kind"]))
            porteurs.draw(here, service, one, answer, key, about, writes, offered)
        _comment(answer, key, about, writes)
        _state(answer)
        if writes and answer.get("nature", "vide") != "vide":
            with st.container(horizontal=True):
                if not answer.get("confirmee", True):
                    st.button(
                        "Confirmer", key=f"{key}_confirmer",
                        on_click=confirmer, args=(*about, answer, answer.get("rev_n", 0)),
                    )  # fmt: skip
                st.button(
                    "Effacer ma réponse", key=f"{key}_effacer", type="tertiary",
                    on_click=effacer, args=(*about, answer.get("rev_n", 0)),
                )  # fmt: skip
        if writes:
            repere(service, questionnaire, one, answer, sheet["derniere_version"])


def _choices(
    one: Critere, answer: dict[str, Any], key: str, about: tuple[int, str, str, int], writes: bool,
    meanings: Mapping[int, str],
) -> None:  # fmt: skip
    options: list[Any] = [*one.niveaux, *([NA] if one.na else [])]
    nature = answer.get("nature", "vide")
    now = answer.get("niveau") if nature == "niveau" else NA if nature == NA else None
    semer(f"{key}_niveau", now if now in options else None)

    def named(value: Any) -> str:
        if value == NA:
            said = f"non applicable — {one.libelle_na}" if one.libelle_na else "non applicable"
            return f"{SQUARES[NA]} {KEYS[NA]} · {literal(typographic(said))}"
        ring = " · **attendu**" if value == one.attendu else ""
        words = literal(typographic(one.niveaux[value]))
        return f"{SQUARES[value]} {KEYS[value]} · **{value} {mot(value)}**{ring} — {words}"

    st.radio(
        f"Niveau de {one.code}", options, index=None, key=f"{key}_niveau", format_func=named,
        label_visibility="collapsed", disabled=not writes, on_change=choisir,
        args=(*about, key, answer.get("rev_n", 0)),
        captions=[literal(typographic(meanings.get(-1 if each == NA else each, ""))) for each in options]
        if meanings
        else None,
    )  # fmt: skip
    if nature == NA:
        semer(f"{key}_pourquoi", answer.get("justification_na", ""))
        st.text_input(
            "Pourquoi ne s’applique-t-il pas\u202f? (demandé à la validation)",
            key=f"{key}_pourquoi", max_chars=500, disabled=not writes, on_change=justifier,
            args=(*about, key, answer.get("rev_n", 0)),
        )  # fmt: skip


def _towards(service: dict[str, Any], one: Critere, answer: dict[str, Any], worth: Gains) -> None:
    """What separates the chosen level from the next one, and what it would bring."""
    level = one.niveau_de(answer)
    if level is None or level >= one.attendu:
        return
    above = [each for each in one.degres if each > level]
    if not above:
        return
    known = set(re.findall(r"\w+", one.degres[level].lower()))
    words = " ".join(
        literal(word) if re.sub(r"\W", "", word.lower()) in known else f"**{literal(word)}**"
        for word in typographic(one.degres[above[0]]).split()
    )
    gain = worth.points.get(one.code)
    brings = f" · ▲ {signed(gain, Format.DECIMAL)} pt {ensemble(service, 'pour')}" if gain else ""
    st.markdown(f"Pour atteindre {above[0]}{NNBSP}: {words}{brings}")


def _comment(answer: dict[str, Any], key: str, about: tuple[int, str, str, int], writes: bool) -> None:
    with st.expander(
        "Commenter",
        expanded=bool(answer.get("commentaire") or answer.get("commentaire_public")),
        key=f"{key}_commenter",
    ):
        semer(f"{key}_interne", answer.get("commentaire", ""))
        semer(f"{key}_public", answer.get("commentaire_public", ""))
        for name, label in (
            ("interne", "Commentaire interne"),
            ("public", "Commentaire publié avec la réponse"),
        ):
            st.text_area(
                label, key=f"{key}_{name}", max_chars=feuilles.COMMENTAIRE_MAX, height=80, disabled=not writes,
                on_change=commenter, args=(*about, key, answer),
            )  # fmt: skip


def _state(answer: dict[str, Any]) -> None:
    at = answer.get("modifie_le")
    if not isinstance(at, datetime):
        return
    local = at.astimezone(PARIS)
    who = personne(answer.get("modifie_par"))
    whence = "copiée d’un service semblable" if answer.get("origine") == COPIE else "reprise d’une campagne"
    unsure = "" if answer.get("confirmee", True) else f" · {whence} : à confirmer"
    words = f"Enregistré le {local:%d/%m/%Y} à {local.hour}{NNBSP}h{NNBSP}{local.minute:02d} · {who}{unsure}"
    st.html(f'<p class="obs-source">{escape(typographic(words))}</p>')


def _conflict(about: tuple[int, str, str, int], key: str, one: Critere) -> None:
    """What was refused beside what is kept: one click keeps either."""
    found = asked_of.conflit_de(about)
    if found is None:
        return
    mine, theirs, rev = found
    by = personne(theirs.get("modifie_par"), "l’exploitant")
    said = (
        f"**{literal(by)} a répondu entre-temps.** Enregistré : « {_word(one, theirs)} ». Votre réponse : "
        f"« {_word(one, {'nature': mine.nature, 'niveau': mine.niveau, 'valeur': mine.valeur})} », gardée de côté."
    )
    st.warning(typographic(said))
    with st.container(horizontal=True):
        st.button("Garder la mienne", key=f"{key}_mienne", on_click=garder_mienne, args=(*about, mine, rev))
        st.button(
            "Prendre la sienne", key=f"{key}_sienne", on_click=asked_of.ranger_conflit, args=(about, None)
        )


def _word(one: Critere, answer: Mapping[str, Any]) -> str:
    nature, level = answer.get("nature"), answer.get("niveau")
    if nature == "valeur":
        return literal(one.dite(answer["valeur"]))
    if nature == "niveau" and level is not None:
        return f"{level} {mot(level)}"
    return {"na": "non applicable", "porte": "porté par un autre service"}.get(str(nature), "sans réponse")


def _confirm_all(
    service: dict[str, Any],
    questionnaire: str,
    criteria: list[Critere],
    drafted: dict[str, Any],
    sheet: dict[str, Any],
) -> None:
    """Confirm in one gesture what an axis holds of a campaign, once it is all in sight; each answer stays a draft."""
    unsure = [one.code for one in criteria if not drafted.get(one.code, {}).get("confirmee", True)]
    if len(unsure) > 1:
        st.button(
            f"Confirmer les {len(unsure)} réponses reprises de cet axe", key="confirmer_axe",
            on_click=confirmer_tout,
            args=(service["id"], questionnaire, sheet["derniere_version"], {each: drafted[each] for each in unsure}),
        )  # fmt: skip


def _next(criteria: list[Critere], drafted: dict[str, Any], axe: str) -> None:
    """The next criterion without an answer, after this axis first; it wraps once."""
    empty = [one for one in criteria if not repondu(drafted.get(one.code, {})) and one.axe != axe]
    place = {one.code: rank for rank, one in enumerate(criteria)}
    here = max((place[one.code] for one in criteria if one.axe == axe), default=0)
    order = sorted(empty, key=lambda one: (place[one.code] < here, place[one.code]))
    done = (
        f"{len(criteria) - sum(not repondu(drafted.get(one.code, {})) for one in criteria)}/{len(criteria)}"
    )
    label = (
        f"{done} · prochain sans réponse : {order[0].code} (s)"
        if order
        else f"{done} · tout est répondu ailleurs"
    )
    st.button(
        label.replace(" :", "\u202f:"), key=_out(axe), disabled=not order, type="primary",
        on_click=aller, args=(order[0].axe if order else axe,),
    )  # fmt: skip


QUESTIONNAIRE = Screen("questionnaire", "Questionnaire", "", draw, admise, listed=False)
