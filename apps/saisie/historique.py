"""Historique: every version of a sheet, and two of them compared in three parts that add up."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st

from apps.kit.access import access
from apps.kit.data.data import open_lake
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, percent, signed, typographic
from apps.saisie import profil, recu
from apps.saisie.choix import choisir_service
from apps.saisie.comparaison import CLASSES, comparer
from apps.saisie.criteres import criteres_de
from apps.saisie.entree import admise, aide, entree, lien
from apps.saisie.personnes import personne
from apps.saisie.recu import NATURES
from apps.saisie.referentiels import lu
from lake.errors import AccessDenied, LakeError
from lake.store.saisie import feuilles, versions
from lake.store.saisie.frames import PARIS
from lake.store.saisie.versions import Version
from scoring.saisie.volets import version_de, volet_du
from scoring.universes.model import Format


def draw() -> None:
    """Draw the versions of a sheet and the comparison of two of them."""
    here = entree()
    code = st.query_params.get("s", "")
    if not code:
        choisir_service(here, "historique")
        aide("historique")
        return
    service = here.service(code)
    asked = list(dict.fromkeys(one.questionnaire for one in criteres_de(here, service)))
    sheets = [*asked, *(f"PLAN-{one}" for one in asked)]
    questionnaire = st.query_params.get("q", sheets[0] if sheets else "")
    if questionnaire not in sheets:
        raise LakeError(
            f"Le questionnaire « {questionnaire} » ne s’adresse pas à ce service.",
            conseil=f"Questionnaires de « {service['nom']} » : {', '.join(asked) or 'aucun'}.",
        )
    sheet = feuilles.feuille(here.store, service["id"], questionnaire)
    known = [] if sheet["id"] is None else versions.historique(here.store, sheet["id"])
    words = f"{service['nom']} · {here.nomme(questionnaire)} : {counted(len(known), 'version')}."
    links = " · ".join(lien("historique", here.nomme(name), s=code, q=name) for name in sheets)
    st.html(f'<p class="obs-lecture">{escape(typographic(words))} {links}</p>')
    if not known:
        st.html(f'<p class="obs-lecture-vue">{typographic("Aucune réponse validée : rien à comparer.")}</p>')
        aide("historique")
        return
    st.html("<ul>" + "".join(f"<li>{_line(one)}</li>" for one in known) + "</ul>")
    _receipt(code, questionnaire, [one.numero for one in known])
    if len(known) < 2 or questionnaire.startswith("PLAN-"):
        aide("historique")
        return
    numbers = [one.numero for one in known]
    left, right, _ = st.columns([1, 1, 4])
    with left:
        old = st.selectbox("De la version", numbers, index=1, key="historique_de")
    with right:
        new = st.selectbox("à la version", numbers, index=0, key="historique_a")
    by = {one.numero: one for one in known}
    _compare(here, service, questionnaire, by[old], by[new])
    aide("historique")


def _receipt(code: str, questionnaire: str, numbers: list[int]) -> None:
    """The sealed version as a PDF, to be kept or handed over."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.selectbox("Version", numbers, key="historique_recu", width=160)
        name = f"recepisse-{code}-{questionnaire}-v{number}.pdf"
        made = access.export(name, lambda: _made(code, questionnaire, number), admise)
        st.download_button("Récépissé scellé (PDF)", made, name, "application/pdf", key="historique_pdf")


def _made(code: str, questionnaire: str, number: int) -> bytes:
    here = entree()
    service = here.service(code)
    if not here.peut("voir", service, questionnaire.removeprefix("PLAN-")):
        raise AccessDenied("Cette feuille n’est pas parmi celles que vous suivez.")
    sheet = feuilles.feuille(here.store, service["id"], questionnaire)
    one = next(one for one in versions.historique(here.store, sheet["id"]) if one.numero == number)
    known = here.referentiel
    if one.version_referentiel != version_de(known, questionnaire):
        known = lu(open_lake().snapshot().scan, one.version_referentiel, volet_du(known, questionnaire))
    return recu.faire(replace(one, validee_par=personne(one.validee_par, "")), service, known)


def _line(one: Version) -> str:
    at = one.validee_le.astimezone(PARIS)
    who = personne(one.validee_par)
    said = (
        f"Version {one.numero} · {NATURES.get(one.nature, one.nature)} le {at:%d/%m/%Y} par {who} "
        f"({one.validee_org or 'sans organisation'}) · référentiel {one.version_referentiel} · "
        f"sceau {one.empreinte[:12]}"
    )
    return escape(typographic(said + (f" · {one.motif}" if one.motif else "")))


def _compare(here: Any, service: dict[str, Any], questionnaire: str, old: Version, new: Version) -> None:
    found = comparer(here.store, here.referentiel, service, questionnaire, old, new, here.jour)
    if found.ecart is not None:
        gap = found.ecart
        said = (
            f"De {percent(gap.avant)} à {percent(gap.apres)} : progrès {signed(gap.progres, Format.DECIMAL)} pt, "
            f"périmètre {signed(gap.perimetre, Format.DECIMAL)} pt, référentiel "
            f"{signed(gap.referentiel, Format.DECIMAL)} pt."
        )
        st.html(f'<p class="obs-lecture">{escape(typographic(said))}</p>')
    if found.axes.height:
        names = {f"Version {old.numero}": "avant", f"Version {new.numero}": "apres"}
        with st.expander("Axe par axe", expanded=True, key="historique_axes"):
            profil.beside(names, questionnaire, found.axes)
    counts = ", ".join(accorde(number, CLASSES[name]) for name, number in found.comptes.items() if number)
    st.html(f'<p class="obs-lecture-vue">{escape(typographic(counts))}.</p>')
    labels = dict(here.referentiel.criteres.select("critere", "libelle_critere").iter_rows())
    rows = "".join(
        f'<tr><th scope="row">{escape(code)} {escape(typographic(labels.get(code, "")))}</th>'
        f"<td>{escape(before)}</td><td>{escape(after)}</td><td>{escape(CLASSES[name])}</td></tr>"
        for code, before, after, name in found.lignes
    )
    st.html(
        '<table class="obs-table"><thead><tr><th scope="col">Critère</th><th scope="col">Avant</th>'
        f'<th scope="col">Après</th><th scope="col">Changement</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def accorde(number: int, words: str) -> str:
    """A count of what became of criteria, agreed: « 2 montés », « 1 critère ajouté », « 3 porteurs changés »."""
    if number < 2 or "puis" in words:
        return f"{number} {words}"
    return f"{number} {' '.join(f'{word}s' for word in words.split())}"


HISTORIQUE = Screen("historique", "Historique", "Qu’est-ce qui a changé ?", draw, admise, listed=False)
