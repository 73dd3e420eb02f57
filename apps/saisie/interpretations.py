"""Questions d'interprétation: what teams ask of the national experts on a criterion, and what these answer.

An expert reads the threads that were opened, and nothing else of the service: not even its name. A team reads its own,
those that it closed again too, under the version of the questions that each was asked in.
"""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from apps.kit import forms
from apps.kit.access.session import Reader
from apps.kit.data.data import open_lake
from apps.kit.forms import Field, Form, Kind, Submission, told
from apps.kit.shell.screen import Screen
from apps.kit.style.errors import heading
from apps.kit.style.french import NNBSP, counted, literal, typographic
from apps.saisie import annonces, referentiels
from apps.saisie.entree import Entree, admise, aide, entree, lien, noms_regions
from apps.saisie.personnes import personne
from lake.errors import AccessDenied, LakeError
from lake.store.saisie import interpretations
from lake.store.saisie.frames import PARIS
from lake.store.saisie.interpretations import NATIONAL, Fil
from lake.words import number_in
from scoring.saisie.volets import version_de

TITLE = "Quelles questions d’interprétation ?"
NATURES = {"si_regional": "le système d’information", "infrastructure": "un service d’infrastructure",
           "metier": "un service métier", "produit": "un produit"}  # fmt: skip
_PERDU = "saisie.interpretation.perdue"


def lectrice(person: Reader | None) -> bool:
    """Whether a reader has questions to read here: whom the entry admits, and the national experts."""
    if person is None:
        return False
    expert = person.compte.profil == "expert_national" and "convergence" in person.droits.univers
    return expert or admise(person)


def draw() -> None:
    """Draw the questions that the reader may read, or one of them."""
    here = entree()
    asked = st.query_params.get("fil", "")
    if asked:
        _one(here, asked)
    else:
        heading(typographic(TITLE))
        annonces.draw(here)
        _every(here)
    aide("questions-d-interpretation")


def _every(here: Entree) -> None:
    known = interpretations.fils(here.store, here.email)
    regions = _regions(known)
    if not known:
        said = (
            "Aucune question n’est ouverte. Une équipe en ouvre une depuis la discussion d’un critère, dans le "
            "questionnaire."
        )
        st.html(f'<p class="obs-lecture">{escape(typographic(said))}</p>')
        return
    waits = sum(one.attend for one in known)
    verb = "attend une réponse" if waits == 1 else "attendent une réponse"
    said = f"{counted(len(known), 'question')}, " + (
        f"dont {waits} {verb}." if waits else "aucune n’attend de réponse."
    )
    st.html(f'<p class="obs-lecture">{escape(typographic(said))}</p>')
    with st.container(horizontal=True):
        criterion = st.selectbox(
            "Critère", sorted({one.critere for one in known}), index=None, placeholder="Tous", width=220,
            key="interpretations_critere",
        )  # fmt: skip
        region = st.selectbox(
            "Région", sorted({one.region for one in known}, key=lambda code: regions[code]), index=None,
            placeholder="Toutes", width=260, key="interpretations_region",
            format_func=lambda code: literal(typographic(regions[code])),
        )  # fmt: skip
    shown = [one for one in known if criterion in (None, one.critere) and region in (None, one.region)]
    names = referentiels.libelles(open_lake().snapshot().scan, {one.version for one in shown})
    if not shown:
        st.html(f'<p class="obs-lecture-vue">{typographic("Aucune question pour ce choix.")}</p>')
        return
    items = ""
    for one in shown:
        words = f"{one.critere} {names.get((one.version, one.critere), '')}, {_whose(one, regions)}"
        first = one.messages[0]["texte"]
        items += (
            f"<li>{lien('interpretations', words.replace(' ,', ','), fil=str(one.id))}<br>"
            f'<span class="obs-source">{escape(typographic(_state(one)))}</span><br>'
            f"{escape(typographic(first if len(first) <= 160 else first[:159].rstrip() + '…'))}</li>"
        )
    st.html(f"<ol>{items}</ol>")


def _one(here: Entree, asked: str) -> None:
    back = lien("interpretations", "Toutes les questions d’interprétation")
    try:
        one = interpretations.fil(here.store, number_in(asked) or 0, here.email)
    except AccessDenied as error:
        heading(typographic(TITLE))
        st.warning(literal(typographic(str(error))))
        if lost := st.session_state.get(_PERDU, {}).get(asked):
            st.html(f"<p>{typographic('Ce que vous aviez écrit, à reprendre où vous voulez :')}</p>")
            st.code(lost, language=None, wrap_lines=True)
        st.html(f'<p class="obs-source">{back}</p>')
        return
    regions, names = _regions([one]), referentiels.libelles(open_lake().snapshot().scan, {one.version})
    heading(literal(typographic(f"{one.critere} {names.get((one.version, one.critere), '')}".strip())))
    asked_in = f"Posée par {_whose(one, regions)}, sous la version {one.version} des questions."
    st.html(
        f'<p class="obs-lecture">{escape(typographic(f"{asked_in} {_state(one)}."))}</p>'
        f'<p class="obs-source">{back}{_to_the_sheet(here, one)}</p>'
    )
    st.html(
        '<ul style="list-style:none;padding:0">'
        + "".join(f"<li>{_line(each)}</li>" for each in one.messages)
        + "</ul>"
    )
    if one.ecrit:
        forms.draw(REPONDRE, lambda sent: _answered(here, one, sent), about=one.id)
    if one.equipe and one.ecrit and one.visibilite == NATIONAL:
        refermer(one.critere, f"fil_{one.id}", (one.service, one.questionnaire, one.critere, one.version))


REPONDRE = Form(
    "interpretation",
    (
        Field(
            "texte", "Votre réponse", Kind.LONG, interpretations.lu_texte, most=interpretations.LONGUEUR_MAX,
            note="Lue par l’équipe du service et par les experts nationaux, jamais publiée.",
        ),
    ),
    (forms.Action("envoyer", "Envoyer"),),
    audience=lectrice,
    draft=True,
)  # fmt: skip


def ouvrir(
    here: Entree, service: dict[str, Any], questionnaire: str, critere: str, key: str, count: int
) -> None:
    """Draw where a team opens a criterion's thread to the national experts: what they will read is said first."""
    read = "le message" if count == 1 else f"les {count} messages"
    said = (
        f"Question d’interprétation ? Les experts nationaux liront {read} de ce fil et le nom de votre région, et y "
        "répondront. Ni le nom du service, ni ses réponses, ni ses pièces. Rien n’est publié, et vous pourrez le "
        "refermer."
    )
    st.html(f'<p class="obs-source">{escape(typographic(said))}</p>')
    st.button(
        "Ouvrir ce fil aux experts nationaux", key=f"{key}_ouvrir", type="tertiary", on_click=_opened,
        args=(service["code"], questionnaire, critere),
    )  # fmt: skip


def refermer(critere: str, key: str, about: tuple[int, str, str, str]) -> None:
    """Draw where a team takes a thread back for itself."""
    st.button(
        "Refermer à l’équipe", key=f"{key}_refermer", type="tertiary", on_click=_closed, args=about,
        help=typographic(f"Les experts nationaux ne liront plus ce fil sur {critere} ; ce qu’ils y ont écrit y reste."),
    )  # fmt: skip


# -- inside ------------------------------------------------------------------------------------------


def _opened(code: str, questionnaire: str, critere: str) -> None:
    here = entree()
    try:
        service = here.service(code)
        interpretations.ouvrir(
            here.store, service["id"], questionnaire, critere, version_de(here.referentiel, questionnaire),
            par=here.email, ou=_place(service["region"], service["kind"]),
        )  # fmt: skip
        told.say(f"{critere} : ce fil est ouvert aux experts nationaux.")
    except LakeError as error:
        told.warn(f"{critere} : {error}")


def _closed(service: int, questionnaire: str, critere: str, version: str) -> None:
    here = entree()
    try:
        interpretations.refermer(here.store, service, questionnaire, critere, version, par=here.email)
        told.say(f"{critere} : ce fil n’est plus lu que par l’équipe ; ce que les experts y ont écrit reste.")
    except LakeError as error:
        told.warn(f"{critere} : {error}")


def _answered(here: Entree, one: Fil, sent: Submission) -> str:
    try:
        interpretations.repondre(here.store, one.id, sent.values["texte"], par=here.email)
    except AccessDenied:
        # Closed meanwhile: the page shows the thread no more, and gives back what was typed.
        st.session_state.setdefault(_PERDU, {})[str(one.id)] = sent.values["texte"]
        raise
    return f"{one.critere} : votre réponse est envoyée."


def _place(region: str, kind: str) -> str:
    return "un éditeur" if kind == "produit" else noms_regions([region])[region]


def _regions(known: list[Fil]) -> dict[str, str]:
    names = noms_regions(one.region for one in known if one.kind != "produit")
    return {one.region: names.get(one.region, "Un éditeur") for one in known}


def _whose(one: Fil, regions: dict[str, str]) -> str:
    """Whose question it is: the service for its team, its nature for an expert."""
    if one.equipe:
        return f"« {one.nom} » ({regions[one.region]})"
    return regions[one.region] if one.kind == "produit" else f"{NATURES[one.kind]}, {regions[one.region]}"


def _state(one: Fil) -> str:
    day = f"{one.change_le.astimezone(PARIS):%d/%m/%Y}"
    if one.visibilite != NATIONAL:
        return f"Refermée à l’équipe le {day}"
    if one.regle:
        return "Réglée"
    return f"Attend une réponse, ouverte le {day}" if one.attend else "Répondue"


def _line(one: dict[str, Any]) -> str:
    at = one["cree_le"].astimezone(PARIS)
    who = personne(one["auteur"], one["organisation"] or "l’équipe")
    if one["national"]:
        who = f"{who} (expert national)"
    head = f"{who}, le {at:%d/%m/%Y} à {at.hour}{NNBSP}h{NNBSP}{at.minute:02d}"
    text = escape(typographic(one["texte"])).replace("\n", "<br>")
    return f'<span class="obs-source">{escape(typographic(head))}</span><br>{text}'


def _to_the_sheet(here: Entree, one: Fil) -> str:
    """The way back to the questionnaire, where the criterion is still asked; in words where it is not."""
    if not one.equipe:
        return ""
    if one.critere in here.referentiel.questionnaires:
        about = {"s": one.code, "q": one.questionnaire, "critere": one.critere}
        link = lien("questionnaire", "Le critère au questionnaire", **about)
        return f" · {link}"
    return escape(typographic(f" · {one.critere} n’est plus posé dans la version en vigueur"))


INTERPRETATIONS = Screen("interpretations", "Questions d’interprétation", "", draw, lectrice)
