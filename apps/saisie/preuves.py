"""The files given as proofs, on a card: each is taken by who still may, and says whether it was analysed and how long
it is valid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from html import escape
from typing import Any

import streamlit as st

from apps.kit import forms
from apps.kit.access import access
from apps.kit.data.data import open_lake
from apps.kit.forms import Field, Form, Kind, Submission
from apps.kit.style.french import NBSP, counted, long_date, typographic
from apps.saisie.choix import nom_de
from apps.saisie.entree import Entree, admise, adresse, entree
from lake.settings import Settings
from lake.store.saisie import pieces, validites
from lake.store.saisie.validites import Validite, fin, validite

ANALYSES = {"saine": "analysée, saine", "non_analysee": "non analysée"}
LOCKED = "Vous pouvez prendre ces pièces, pas en joindre."
_UNTIL = Field(
    "valable_au", "Valable jusqu’au", Kind.DATE, required=False, since=validites.PREMIER, until=validites.DERNIER,
    note="Ce jour compris. Vide : sans fin.",
)  # fmt: skip
GIVE = Form(
    "piece",
    (
        Field(
            "fichier",
            "Joindre une preuve",
            Kind.FILE,
            types=tuple(pieces.TYPES),
            note="2 Mo au plus ici. Pas de macros, pas de page web.",
        ),
        _UNTIL,
    ),
    (forms.Action("joindre", "Joindre", main=False),),
    audience=admise,
)
DATE = Form(
    "piece_validite",
    (replace(_UNTIL, note="Ce jour compris. Vide : sans fin."),),
    (
        forms.Action("enregistrer", "Enregistrer"),
        forms.Action("retirer", "Retirer de la liste", checked=False, main=False),
    ),
    audience=admise,
    border=False,
    note="Retirée, elle n’est plus proposée ni à renouveler ; ce qui a été validé avec elle la garde.",
)


def draw(here: Entree, service: dict[str, Any]) -> None:
    """Draw the proofs of a service, and where one is given; who may not reads and takes them."""
    st.subheader("Pièces", anchor="pieces")
    writes = here.peut("saisir", service)
    known = pieces.lister(here.store, service["id"], par=here.email)
    lost = pieces.perdues(open_lake().objects, known)
    for one in known:
        if one["id"] in lost:
            gone = f"{one['nom']} · introuvable : l’exploitant peut la recopier d’une sauvegarde."
            st.html(f'<p class="obs-lecture-vue">{escape(typographic(gone))}</p>')
            continue
        words = f"{one['nom']} · {one['octets'] // 1024 + 1} Kio · {ANALYSES[one['etat']]}"
        until = valable(fin(one), here.jour)
        taken = access.export(one["nom"], lambda number=one["id"]: _taken(number), admise)  # type: ignore[misc]
        st.download_button(
            typographic(words), taken, one["nom"], "application/octet-stream", key=f"piece_{one['id']}"
        )
        # Under the button, never in it: on a telephone its end would be cut.
        if writes:
            _until(here, one, until or "Dire jusqu’à quand elle est valable")
        elif until:
            st.html(f'<p class="obs-source">{escape(typographic(until))}</p>')
    if not known:
        st.html(f'<p class="obs-lecture-vue">{typographic("Aucune pièce.")}</p>')
    forms.draw(
        GIVE, lambda sent: _given(here, service, sent), about=service["id"], locked="" if writes else LOCKED
    )


def _until(here: Entree, one: dict[str, Any], words: str) -> None:
    """Until when a proof is valid, in words that open where it is changed, or taken off the list."""
    with st.expander(typographic(words[0].upper() + words[1:]), key=f"validite_{one['id']}"):
        forms.draw(
            DATE,
            lambda sent: _dated(here, one, sent),
            about=one["id"],
            initial={"valable_au": fin(one)},
            revision=one["rev"],
        )


def valable(au: date | None, jour: date) -> str:
    """A validity in words: « valable jusqu’au 31 décembre 2026 », « périmée depuis le 1er janvier 2027 »."""
    where = validite(au, jour)
    if au is None or where is Validite.SANS_FIN:
        return ""
    if where is Validite.PERIMEE:
        return f"périmée depuis le {_day(au + timedelta(days=1))}"
    return f"valable jusqu’au {_day(au)}"


def a_renouveler(here: Entree, mine: list[dict[str, Any]]) -> str:
    """What is to be renewed among the services that somebody answers for, as one line that leads to the first; empty
    where nothing is."""
    able = {one["id"]: one for one in mine if here.peut("saisir", one)}
    due = validites.a_renouveler(here.store, able, here.jour)
    if not due:
        return ""
    first, places = due[0], len({one["service_id"] for one in due})
    service = able[first["service_id"]]
    until = valable(fin(first), here.jour)
    if len(due) == 1:
        words = f"Renouveler « {first['nom']} », {service['nom']} : {until}"
    else:
        words = (
            f"Renouveler {counted(len(due), 'pièce')}, dans {counted(places, nom_de(mine))} : "
            f"d’abord « {first['nom']} », {service['nom']}, {until}"
        )
    where = adresse("commencer", s=service["code"]) + "#pieces"
    return f'<a href="{escape(where)}" target="_self">{escape(typographic(words))}</a>'


def _day(day: date) -> str:
    return long_date(day).replace(" ", NBSP)


def _taken(number: int) -> bytes:
    here = entree()
    return pieces.prendre(here.store, open_lake().objects, number, par=here.email)[1]


def _given(here: Entree, service: dict[str, Any], sent: Submission) -> str:
    given = sent.values["fichier"]
    settings = Settings.from_env()
    until = sent.values.get("valable_au")
    pieces.deposer(
        here.store,
        open_lake().objects,
        service["id"],
        given.name,
        given.content,
        par=here.email,
        clamd=settings.clamd,
        valable_au=until,
    )
    said = f"« {given.name} » est joint" + ("" if settings.clamd else ", sans analyse antivirus")
    return said + (f" ; {valable(until, here.jour)}." if until else ".")


def _dated(here: Entree, piece: Mapping[str, Any], sent: Submission) -> str:
    if sent.action == "retirer":
        pieces.retirer(here.store, piece["id"], par=here.email)
        return f"« {piece['nom']} » est retirée de la liste."
    until = sent.values.get("valable_au")
    validites.dater(here.store, piece["id"], until, rev=sent.revision or piece["rev"], par=here.email)
    return f"« {piece['nom']} » : {valable(until, here.jour) or 'sans fin'}."
