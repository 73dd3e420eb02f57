"""The searches that a SAS makes often: made by its administrators, with what each would find today."""

from __future__ import annotations

from functools import partial

import streamlit as st

from apps.kit import forms
from apps.kit.access import access, session
from apps.kit.forms import Action, Field, Form, Submission, choice, several, told
from apps.kit.style.french import counted, literal, typographic
from apps.sas import acces, words
from apps.sas.questions import PORTEES
from lake.errors import AccessDenied, LakeError, Refused
from lake.horaires.plages import MODALITES, bits, codes
from lake.store.sas import presets
from lake.store.sas.presets import Preset
from lake.store.sas.profil import AGES

_GENRES = {"ps": "Professionnels", "structure": "Structures"}
_PARTS = (
    ("specialite", "Spécialité", "specialites"), ("acte", "Acte", "actes"), ("equipement", "Équipement", "equipements"),
    ("langue", "Langue", "langues"),
)  # fmt: skip
_NOTHING = ""


def draw(offered: dict[str, str]) -> None:
    """The searches of each SAS at hand, and the form that adds one.

    Args:
        offered: the SAS that the reader administers, code to name.
    """
    store = session.store()
    known = presets.declares(store)
    mine = [code for code in offered if code.startswith("SAS-")]
    for sas in mine:
        for one in presets.presets(store, sas):
            text, button = st.columns([4, 1], vertical_alignment="center")
            text.html(
                f"<p>{typographic(literal(f'{words.named(sas)} · {one.titre} : {said(one, known)}'))}</p>"
            )
            button.button(
                "Retirer", key=f"sas_preset_retirer_{one.id}", on_click=_take_away, args=(one.id, sas)
            )
    options = {
        name: {_NOTHING: "Sans critère"} | {code: f"{code} ({n})" for code, n in known[kind].items()}
        for name, _, kind in _PARTS
    }
    form = Form(
        "sas_recherche",
        (
            choice("sas", "SAS", {code: offered[code] for code in mine}),
            Field("titre", "Nom de la recherche", most=40),
            *(choice(name, label, options[name], required=False) for name, label, _ in _PARTS),
            choice("age", "Âge du patient", {_NOTHING: "Tous"} | dict(AGES), required=False),
            choice("genre", "Chez qui", {_NOTHING: "Tous"} | _GENRES, required=False),
            several("modalites", "Modalités", MODALITES, empty="Toutes"),
            choice("horizon", "Horizon", {_NOTHING: "Le plus long"} | dict(PORTEES), required=False),
        ),
        (Action("garder", "Ajouter cette recherche"),),
        audience=acces.administrateurs,
    )
    forms.draw(form, partial(_kept, set(mine)), initial={"sas": mine[0]} if mine else {})


def said(one: Preset, known: dict[str, dict[str, int]]) -> str:
    """« acte suture, 25 déclarés »; a criterion that nobody declares is said so, never widened."""
    parts = []
    for name, label, kind in _PARTS:
        if code := getattr(one, name):
            count = known[kind].get(code, 0)
            parts.append(f"{label.lower()} {code}, {counted(count, 'déclaré')}")
    if one.age:
        parts.append(f"patients : {AGES.get(one.age, one.age).lower()}")
    if one.genre:
        parts.append(_GENRES[one.genre].lower())
    parts += [MODALITES[code].lower() for code in codes(one.modalites)]
    if one.horizon:
        parts.append(
            PORTEES[one.horizon].lower() if one.horizon in PORTEES else f"horizon {one.horizon} retiré"
        )
    return " ; ".join(parts)


def _kept(mine: set[str], sent: Submission) -> str:
    values = sent.values
    if not acces.administrateurs(access.reader()) or values["sas"] not in mine:
        raise AccessDenied("Vous n'administrez pas ce SAS.")
    asked = {
        name: values[name] or ""
        for name in ("specialite", "acte", "equipement", "langue", "genre", "horizon", "age")
    }
    kinds = bits(values["modalites"] or [])
    try:
        presets.garder(
            session.store(),
            Preset(0, values["sas"], values["titre"], modalites=kinds, **asked),
            auteur=acces.auteur(),
        )
    except LakeError as refusal:
        raise Refused("titre", refusal.message, conseil=refusal.conseil) from refusal
    return f"« {values['titre']} » est proposée aux régulateurs : {words.named(values['sas'])}."


def _take_away(number: int, sas: str) -> None:
    if not acces.administrateurs(access.reader()):
        told.warn("Vous n'administrez plus de SAS.")
        return
    presets.retirer(session.store(), number, sas, auteur=acces.auteur())
    told.say("Recherche retirée.")
