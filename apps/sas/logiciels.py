"""« Créneaux de mes logiciels »: which slots of which editor's tool a professional lets régulateurs see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from apps.kit import forms
from apps.kit.access import access, session
from apps.kit.forms import Action, Field, Form, Submission, several, told
from apps.kit.style.french import counted, literal, typographic
from apps.sas import acces, editeurs
from apps.sas.words import TYPES
from lake.agendas.agregateur import AUCUN, CRENEAUX
from lake.errors import AccessDenied, LakeError
from lake.settings import Settings
from lake.store.sas import consentements, roles

_WHAT = (
    "Les régulateurs voient, à côté de vos plages, les créneaux que vous laissez lire dans votre logiciel d’agenda. "
    "Rien de coché : cet éditeur n’est pas interrogé pour vous. Un choix vaut dès la recherche suivante ; vos absences "
    "et votre indisponibilité cachent aussi ces créneaux."
)


def draw(person: Any) -> None:
    """The choices of a professional, editor by editor; the reader keeps this agenda."""
    settings = Settings.from_env()
    names = [name for name, _ in settings.sas_editeurs]
    if person["genre"] != "ps":
        st.html(f'<p class="obs-source">{typographic("Les éditeurs répondent pour des praticiens.")}</p>')
        return
    if not names:
        st.html(f'<p class="obs-source">{typographic("Aucun éditeur d’agendas n’est relié à ce SAS.")}</p>')
        return
    st.html(f'<p class="obs-source">{typographic(_WHAT)}</p>')
    who, store = person["identifiant"], session.store()
    known = editeurs.liens(settings, store)(who)
    if not _own(who):
        said = " · ".join(f"{name} : {_said(known.get(name, frozenset()))}" for name in names)
        st.html(f"<p>{typographic(literal(said))}. Le titulaire et ses délégués choisissent.</p>")
        return
    fields: tuple[Field, ...] = tuple(
        several(f"editeur_{rank}", name, TYPES, empty="Rien n’est montré") for rank, name in enumerate(names)
    )
    form = Form("sas_logiciels", fields, (Action("garder", "Garder ces choix"),), audience=acces.effecteurs)
    forms.draw(
        form, lambda sent: _kept(sent, who, names), about=who,
        initial={
            f"editeur_{rank}": [one for one in TYPES if one in known.get(name, ())] for rank, name in enumerate(names)
        },
    )  # fmt: skip
    for gone in sorted(set(consentements.tous(store).get(who, {})) - set(names)):
        said = f"{gone} n’est plus relié : rien ne lui est demandé."
        st.html(f'<p class="obs-source">{typographic(literal(said))}</p>')
    st.button("Interroger maintenant", key="sas_logiciels_essai", on_click=_asked, args=(who,))


def _said(kinds: frozenset[str]) -> str:
    return ", ".join(label.lower() for code, label in TYPES.items() if code in kinds) or "rien"


def _own(identifiant: str) -> bool:
    """A consent is the holder's and the delegates': who administers reads it."""
    person = access.reader()
    if person is None:
        return access.is_open()
    return identifiant in roles.agendas_of(session.store(), person.compte)


def _kept(sent: Submission, identifiant: str, names: list[str]) -> str:
    if not _own(identifiant):
        raise AccessDenied("Seuls le titulaire et ses délégués choisissent ce qui est montré.")
    settings, store = Settings.from_env(), session.store()
    before = editeurs.liens(settings, store)(identifiant)
    changed = []
    for rank, name in enumerate(names):
        kinds = frozenset(sent.values[f"editeur_{rank}"] or ())
        if kinds == before.get(name, frozenset()):
            continue
        consentements.consentir(store, identifiant, name, kinds, auteur=acces.auteur())
        editeurs.oublier(settings, name)
        changed.append(f"{name} : {_said(kinds)}")
    return f"Choix gardés. {' ; '.join(changed)}." if changed else "Rien n’a changé."


def _asked(identifiant: str) -> None:
    """Ask her editors at once: she sees what régulateurs will."""
    try:
        acces.require_agenda(identifiant)
        settings, now = Settings.from_env(), datetime.now(UTC)
        kinds = editeurs.liens(settings, session.store())(identifiant)
        read = editeurs.interroger(settings, identifiant, kinds, now)
    except LakeError as refusal:
        told.warn(str(refusal))
        return
    if not read.editeurs:
        told.say("Aucun éditeur n’est à interroger : rien n’est coché.")
    for name, state in read.editeurs.items():
        count = sum(one.editeur == name for one in read.creneaux)
        said = counted(count, "créneau", "créneaux") if state == CRENEAUX else editeurs.DITS[state]
        (told.say if state in (CRENEAUX, AUCUN) else told.warn)(f"{name} : {said} jusqu’à après-demain.")
