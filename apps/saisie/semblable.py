"""Partir d’un service semblable: what another service of the same nature answered, line by line, before it is copied.

Each line says what copying would do; what is copied is a draft to be confirmed, and nothing answered is written over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.forms import told
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, typographic
from apps.saisie.choix import choisir_service
from apps.saisie.criteres import Critere, criteres_de, mot
from apps.saisie.entree import Entree, admise, aide, entree, lien, noms_regions
from apps.saisie.valides import valides
from lake.errors import LakeError
from lake.store.saisie import copies, feuilles
from lake.store.saisie.feuilles import Reponse
from lake.text import fold
from scoring.saisie.volets import REGIONS, volet_de


@dataclass(frozen=True)
class Ligne:
    """A criterion asked here that the like service answered.

    Attributes:
        critere: which one.
        mienne, sienne: what is answered here, and there, in words.
        copie: what would be written; None where nothing would.
        sort: what copying would do, in words.
    """

    critere: Critere
    mienne: str
    sienne: str
    copie: Reponse | None
    sort: str


def semblables(here: Entree, service: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The services that one may be copied from: of the same nature, seen by the reader, with validated answers.

    Those of the same type first, then those of the same region, by name.
    """
    mine = [one for one in here.services() if one["kind"] == service["kind"] and one["id"] != service["id"]]
    if not mine:
        return []
    answered = set(valides(here.store, here.referentiel).reponses["service"])
    kept = [one for one in mine if one["code"] in answered]

    def rank(one: Mapping[str, Any]) -> tuple[bool, bool, str]:
        alike = bool(service["type_service"]) and one["type_service"] == service["type_service"]
        return (not alike, one["region"] != service["region"], fold(one["nom"]))

    return sorted(kept, key=rank)


def proposees(here: Entree, service: Mapping[str, Any], source: Mapping[str, Any]) -> list[Ligne]:
    """What copying a service's validated answers to another would do, in the referential's order."""
    numbers = {one["code"]: one for one in here.services()}
    rows = valides(here.store, here.referentiel).reponses.filter(pl.col("service") == source["code"])
    theirs = {row["critere"]: row for row in rows.iter_rows(named=True)}
    asked = [one for one in criteres_de(here, service) if one.code in theirs]
    drafts = {
        name: feuilles.reponses(here.store, int(service["id"]), name)
        for name in dict.fromkeys(one.questionnaire for one in asked)
    }
    allowed = {
        name
        for name in drafts
        if here.peut("voir", dict(source), name) and here.peut("saisir", dict(service), name)
    }
    found: list[Ligne] = []
    for one in asked:
        row, draft = theirs[one.code], drafts[one.questionnaire].get(one.code, {"nature": "vide"})
        if one.questionnaire not in allowed:
            continue
        said = _dite(one, row, numbers)
        if draft["nature"] != "vide":
            found.append(Ligne(one, _ecrite(one, draft), said, None, "gardée : vous y avez répondu"))
            continue
        answer, why = _copie(one, row, numbers)
        found.append(Ligne(one, "", said, answer, why or "sera copiée, à confirmer"))
    refused = copies.refus(
        here.store, int(service["id"]),
        {(one.critere.questionnaire, one.critere.code): one.copie for one in found if one.copie is not None},
    )  # fmt: skip

    def told_of(one: Ligne) -> Ligne:
        no = refused.get((one.critere.questionnaire, one.critere.code))
        if no is None:
            return one
        return replace(one, copie=None, sort=f"non copiée : {no.partition(' : ')[2] or no}")

    return [told_of(one) for one in found]


def draw() -> None:
    """Choose a like service, read what it would give, copy it."""
    here = entree()
    code = st.query_params.get("s", "")
    if not code:
        choisir_service(here, "semblable", "Quel service remplir à partir d’un autre ?")
        aide("partir-d-un-service-semblable")
        return
    service = here.service(code)
    back = lien("commencer", f"Retour à la fiche de « {service['nom']} »", s=code)
    offered = {one["code"]: one for one in semblables(here, service)}
    if not offered:
        none = "Aucun service de même nature, parmi ceux que vous suivez, n’a de réponse validée."
        st.html(f'<p class="obs-lecture">{escape(typographic(none))} {back}</p>')
        aide("partir-d-un-service-semblable")
        return
    st.html(f'<p class="obs-lecture">{escape(typographic(service["nom"]))} · {back}</p>')
    regions = noms_regions(dict.fromkeys(one["region"] for one in offered.values())) if (
        volet_de(service["kind"]) == REGIONS
    ) else {}  # fmt: skip

    def named(other: str) -> str:
        one = offered[other]
        about = [
            one["type_service"] or "",
            regions.get(one["region"], "") if one["region"] != service["region"] else "",
        ]
        more = ", ".join(part for part in about if part)
        return typographic(f"{one['nom']} ({more})" if more else one["nom"])

    chosen = st.selectbox(
        "Copier de", list(offered), index=None, key="semblable_de", format_func=named,
        placeholder="Choisir un service…", width=480,
    )  # fmt: skip
    if chosen is not None:
        _preview(here, service, offered[chosen])
    aide("partir-d-un-service-semblable")


def _preview(here: Entree, service: dict[str, Any], source: dict[str, Any]) -> None:
    """What copying would do, line by line, and the button that does it."""
    rows = proposees(here, service, source)
    ready = [one for one in rows if one.copie is not None]
    if not rows:
        none = f"« {source['nom']} » n’a répondu à rien de ce qui est posé ici, ou vous ne pouvez pas y répondre."
        st.html(f'<p class="obs-lecture-vue">{escape(typographic(none))}</p>')
        return
    left = len(rows) - len(ready)
    said = f"{counted(len(ready), 'réponse')} à copier" if ready else "Rien à copier"
    said += f", {counted(left, 'ligne')} qui {'n’est' if left == 1 else 'ne sont'} pas." if left else "."
    said += " Chacune reste à confirmer dans le questionnaire : rien ne compte, et rien ne se valide, avant."
    st.html(f'<p class="obs-lecture-vue">{escape(typographic(said))}</p>')
    st.button(
        f"Copier {counted(len(ready), 'réponse')}" if ready else "Copier", key="semblable_copier", type="primary",
        disabled=not ready, on_click=_copied, args=(service["code"], source["code"]),
    )  # fmt: skip
    titles = ("Critère", "La vôtre", "La sienne", "Copier")
    head = "".join(f'<th scope="col">{escape(typographic(one))}</th>' for one in titles)
    body = ""
    for one in rows:
        cells = (one.mienne or "sans réponse", one.sienne, one.sort)
        body += f'<tr><th scope="row">{escape(typographic(f"{one.critere.code} {one.critere.libelle}"))}</th>'
        body += "".join(
            f'<td data-titre="{escape(typographic(title))}">{escape(typographic(cell))}</td>'
            for title, cell in zip(titles[1:], cells, strict=True)
        )
        body += "</tr>"
    st.html(
        f'<div class="obs-deborde"><table class="obs-table obs-lignes"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _copied(code: str, source: str) -> None:
    """Copy what can be, as it stands now: what was answered meanwhile stays."""
    try:
        here = entree()
        service, other = here.service(code), here.service(source)
        rows = proposees(here, service, other)
        done = copies.copier(
            here.store, other["id"], service["id"],
            {(one.critere.questionnaire, one.critere.code): one.copie for one in rows if one.copie is not None},
            par=here.email,
        )  # fmt: skip
    except LakeError as error:
        told.warn(str(error))
        return
    names = list(dict.fromkeys(one.critere.questionnaire for one in rows if one.copie is not None))
    if not done:
        told.say("Rien à copier : tout est déjà répondu.")
        return
    where = ", ".join(here.nomme(name) for name in names)
    told.say(
        f"{counted(done, 'réponse copiée', 'réponses copiées')} de « {other['nom']} », à confirmer : {where}."
    )


def _copie(
    one: Critere, row: Mapping[str, Any], numbers: Mapping[str, Mapping[str, Any]]
) -> tuple[Reponse | None, str]:
    """What would be written of an answer; or why nothing would."""
    if row["nature"] == "valeur":
        return None, "non copiée : un nombre, un jour ou un texte est propre à chaque service"
    if row["nature"] == "na":
        return (
            (Reponse("na"), "") if one.na else (None, "non copiée : « non applicable » n’est pas permis ici")
        )
    if row["porte_par"] is not None:
        carrier = numbers.get(row["porte_par"])
        if carrier is None:
            return None, "non copiée : son porteur n’est pas parmi les services que vous suivez"
        return Reponse("porte", porte_par=int(carrier["id"])), ""
    if row["niveau"] is None or row["niveau"] not in one.niveaux:
        return None, "non copiée : ce niveau n’existe pas ici"
    return Reponse("niveau", niveau=int(row["niveau"]), transmis=True), ""


def _dite(one: Critere, row: Mapping[str, Any], numbers: Mapping[str, Mapping[str, Any]]) -> str:
    if row["nature"] == "valeur":
        return one.dite(str(row["valeur"]))
    if row["nature"] == "na":
        return "non applicable"
    if row["porte_par"] is not None:
        carrier = numbers.get(row["porte_par"])
        return f"porté par « {carrier['nom']} »" if carrier is not None else "porté par un autre service"
    return f"{row['niveau']} {mot(row['niveau'])}"


def _ecrite(one: Critere, draft: Mapping[str, Any]) -> str:
    if draft["nature"] == "niveau":
        return f"{draft['niveau']} {mot(draft['niveau'])}"
    if draft["nature"] == "valeur":
        return one.dite(str(draft["valeur"]))
    return {"na": "non applicable", "porte": "porté par un autre service"}[str(draft["nature"])]


SEMBLABLE = Screen(
    "semblable",
    "Partir d’un service semblable",
    "Que reprendre d’un service semblable ?",
    draw,
    admise,
    listed=False,
)
