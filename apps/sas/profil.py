"""The sheet of an effecteur: how the SAS reaches it, what it does, in which languages.

The line is shown to members of the SAS alone; no public page, file or published table has a place for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from apps.kit import forms
from apps.kit.access import access, session
from apps.kit.forms import Action, Field, Form, Kind, Submission, several
from apps.kit.style.french import listing, literal, typographic
from apps.sas import acces
from lake.errors import ContractError, Refused
from lake.store.sas import profil, roles
from lake.store.sas.profil import ACTES, AGES, EQUIPEMENTS, LANGUES, Profil, telephone, told
from lake.text import fold


def _line(text: str) -> str:
    return telephone(text) if text.strip() else ""


def draw(person: Any) -> None:
    """The sheet as it stands, and the form that changes it."""
    known = profil.lire(session.store(), person["identifiant"])
    form = Form(
        "sas_fiche",
        (
            Field("ligne", "Ligne professionnelle", check=_line, most=20, required=False,
                  note="Lue par les régulateurs du SAS seulement"),
            several("langues", "Langues parlées", _options(LANGUES, known.langues)),
            several("actes", "Actes", _options(ACTES, known.actes)),
            several("equipements", "Équipements", _options(EQUIPEMENTS, known.equipements)),
            several("ages", "Âges reçus", AGES, empty="Tous",
                    note="Rien de coché : tous. Les recherches d’un autre âge ne vous proposent pas."),
            *(
                (Field("deux_plages", "Montrer aussi ses heures ordinaires", Kind.BOOLEAN,
                       note="Dans cet agenda seulement ; rien n’est effacé"),)
                if _administers(person)
                else ()
            ),
        ),
        (Action("enregistrer", "Enregistrer la fiche"),),
        audience=acces.effecteurs,
    )  # fmt: skip
    forms.draw(
        form,
        lambda sent: _kept(sent, person, known),
        about=person["identifiant"],
        initial={
            "ligne": told(known.ligne_pro) if known.ligne_pro else "", "langues": list(known.langues),
            "actes": list(known.actes), "equipements": list(known.equipements), "deux_plages": known.deux_plages,
            "ages": list(known.ages),
        },
    )  # fmt: skip


def lines(identifiant: str) -> list[str]:
    """What a régulateur reads of an effecteur before calling: its line first."""
    if not acces.regulateurs(access.reader()):
        return []
    known = profil.lire(session.store(), identifiant)
    speaks = [name.lower() for name in profil.named(known.langues, LANGUES)]
    found = []
    if known.ligne_pro:
        found.append(f"Ligne professionnelle : {told(known.ligne_pro)}")
    if speaks:
        found.append(f"Parle {listing(speaks)}")
    if known.ages:
        found.append(f"Reçoit : {listing(AGES[code].lower() for code in known.ages)}")
    for title, codes, labels in (
        ("Actes", known.actes, ACTES),
        ("Équipements", known.equipements, EQUIPEMENTS),
    ):
        if codes:
            found.append(f"{title} déclarés : {listing(profil.named(codes, labels)).lower()}")
    return [typographic(literal(one)) for one in found]


def _options(labels: Mapping[str, str], kept: Sequence[str]) -> dict[str, str]:
    """The dictionary's words in French order, and what a file declared beside them."""
    every = dict(labels) | {code: code for code in kept if code not in labels}
    return dict(sorted(every.items(), key=lambda one: fold(one[1])))


def _administers(person: Any) -> bool:
    if access.is_open():
        return True
    reader = access.reader()
    return reader is not None and roles.holds(
        session.store(), reader.compte, (roles.ADMINISTRATEUR, roles.REGIONAL), person["sas"]
    )


def _kept(sent: Submission, person: Any, known: Profil) -> str:
    acces.require_agenda(person["identifiant"])
    values = sent.values
    both = bool(values.get("deux_plages", known.deux_plages)) if _administers(person) else known.deux_plages
    said = Profil(
        values["ligne"] or "",
        tuple(values["langues"]),
        tuple(values["actes"]),
        tuple(values["equipements"]),
        both,
        tuple(values["ages"]),
    )
    try:
        profil.decrire(session.store(), person["identifiant"], said, auteur=acces.auteur())
    except ContractError as refusal:
        raise Refused("langues", str(refusal)) from refusal
    return "Fiche enregistrée."


def panel(identifiant: str) -> None:
    """The sheet, in the panel of a régulateur."""
    if found := lines(identifiant):
        st.html('<p class="obs-source">' + "<br>".join(found) + "</p>")
