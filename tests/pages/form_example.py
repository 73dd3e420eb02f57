"""Forms for the tests of the kit: what an application declares, with a memory for store."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from apps.kit.access.session import Reader
from apps.kit.forms import Action, Done, Field, Form, Kind, Section, Submission, Values, draw, told
from lake.errors import EditConflict, LakeError, Refused

KEPT: dict[str, Any] = {}
"""What is kept: field -> value, ``revision`` and how many times it was written."""
SENT: list[Submission] = []


def level(text: str) -> str:
    """A rule of the store."""
    if not text.isdigit():
        raise LakeError(f"« {text} » n'est pas un niveau.", conseil="De 0 à 3.")
    return text


def _together(values: Values) -> None:
    if values.get("du") and values["du"] > date(2026, 6, 30):
        raise Refused("du", "Ce trimestre est clos.")


SERVICE = Form(
    "service",
    (
        Field("nom", "Nom", check=str.strip, most=40),
        Section(
            (Field("niveau", "Niveau", check=level), Field("du", "À partir du", Kind.DATE, required=False)),
            title="Maturité",
            beside=True,
        ),
        Field("porte", "Porté par un autre service", Kind.BOOLEAN),
        Section(
            (Field("porteur", "Porteur", Kind.CHOICE, options={1: "SSO", 2: "ROR"}),),
            shown=lambda values: values["porte"],
        ),
        Field("secret", "Secret", Kind.PASSWORD, required=False),
    ),
    (Action("valider", "Valider"), Action("renvoyer", "Renvoyer", checked=False, main=False)),
    check=_together,
    audience=lambda person: granted(person),
    draft=True,
)
PLAIN = Form(
    "simple",
    (Field("nom", "Nom"), Field("mois", "Mois", Kind.SEVERAL, options={"1": "janvier", "2": "février"})),
)


GRANTED: set[str] = {"anne@ex.fr"}
"""Who may write the service: an application's own rule."""


def granted(person: Reader | None) -> bool:
    """Whether a person holds the grant."""
    return person is not None and person.compte.email in GRANTED


def send(sent: Submission) -> Done | str:
    """Write it, unless somebody wrote since."""
    SENT.append(sent)
    if sent.values.get("nom") == "interdit":
        raise Refused("nom", "Ce nom est réservé.", conseil="Choisissez-en un autre.")
    if sent.values.get("nom") == "panne":
        raise ZeroDivisionError
    if sent.revision is not None and sent.revision != KEPT["revision"]:
        raise EditConflict({name: KEPT[name] for name in sent.changed}, KEPT["revision"])
    KEPT.update(sent.changed, revision=KEPT.get("revision", 0) + 1)
    return f"Service {sent.values['nom']} enregistré."


def page() -> None:
    """An edited service."""
    told.draw()
    initial = {name: value for name, value in KEPT.items() if name != "revision"}
    draw(SERVICE, send, about=7, initial=initial, revision=KEPT["revision"], preview=_preview)


def _preview(values: Values) -> None:
    st.caption(f"Aperçu : {values['nom']}, {values['niveau']}")


def simple() -> None:
    """A form that makes something, without drafts."""
    told.draw()
    draw(PLAIN, send)


def locked() -> None:
    """The same service, read only."""
    draw(
        SERVICE, send, about=7, initial=KEPT, revision=1, locked="Vos droits ne permettent plus d'écrire ici."
    )
