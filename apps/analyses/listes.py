"""« Mes analyses » and « Analyses ANS »: what a reader may open, with its dates and badges; one statement for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from apps.analyses.feuille import opens
from apps.analyses.mots import CREER, LIRE, MODIFIER, badges, day, link, reader
from apps.kit.access import access, session
from apps.kit.access.access import Audience
from apps.kit.access.redirect import go
from apps.kit.forms import told
from apps.kit.shell.screen import Screen
from apps.kit.style.errors import boundary
from apps.kit.style.french import counted, typographic
from lake.store.analyses import binned, documents, drafting
from lake.store.analyses.reading import OWN, Line, listed, opened
from lake.text import fold
from scoring.universes.registry import UNIVERSES, universe

SEARCH_FROM, SHOWN = 10, 60
ORDERS = {"date": "Dernière modification", "titre": "Titre"}


def _mine() -> None:
    person = reader()
    store = session.store()
    lines = [one for one in listed(store, person.compte) if one.genre != "modele"]
    _new(drafting.new_ones(store, person.compte))
    kept = _sought([one for one in lines if one.supprime_le is None])
    own = [one for one in kept if one.right == OWN]
    shared = [one for one in kept if one.right != OWN]
    if not lines:
        st.info("Vous n’avez pas encore d’analyse : créez-en une, ou dupliquez un modèle des Analyses ANS.")
    _listed("Les miennes", own)
    _listed("Partagées avec moi", shared)
    _bin([one for one in lines if one.supprime_le is not None])


def _new(drafts: Sequence[drafting.Draft]) -> None:
    for one in drafts:
        title = str(one.document.get("titre") or "sans titre")
        st.html(
            f"<p>{typographic('Brouillon jamais enregistré :')} "
            f"{link(title, MODIFIER, None, brouillon=str(one.id))} "
            f'<span class="obs-source">({day(one.modifie_le)})</span></p>'
        )
    with st.container(horizontal=True):
        st.button("Créer une analyse", key="analyse_creer", type="primary", on_click=partial(go, f"/{CREER}"))
        st.button("Nouvelle analyse vide", key="analyse_nouvelle", on_click=_begin)


def _begin() -> None:
    with boundary():
        made = drafting.begin(session.store(), reader().compte, {"version": 1, "titre": "", "sections": []})
        go(f"/{MODIFIER}?brouillon={made.id}")


def _sought(lines: list[Line]) -> list[Line]:
    """The lines that answer the search, in the order chosen; a short list is not searched."""
    if len(lines) <= SEARCH_FROM:
        return lines
    with st.container(horizontal=True):
        words = st.text_input("Rechercher", key="analyses_recherche", placeholder="Titre, auteur")
        order = st.selectbox("Trier par", list(ORDERS), format_func=ORDERS.__getitem__, key="analyses_tri")
    sought = fold(words or "").split()
    found = [one for one in lines if all(word in fold(f"{one.titre} {one.owner}") for word in sought)]
    return sorted(found, key=lambda one: fold(one.titre)) if order == "titre" else found


def closed(document: Mapping[str, Any]) -> tuple[int, int]:
    """How many charts of an analysis the reader at hand may not open, and how many there are."""
    names = [
        str(section["graphique"].get("univers"))
        for section in document.get("sections") or ()
        if isinstance(section.get("graphique"), dict)
    ]
    shut = [name for name in names if name in UNIVERSES and not access.may_open(opens(universe(name)))]
    return len(shut), len(names)


def _shut(count: int) -> str:
    return "n’est pas ouverte" if count == 1 else "ne sont pas ouvertes"


def _listed(title: str, lines: Sequence[Line], notes: Mapping[int, str] | None = None) -> None:
    if not lines:
        return
    st.header(title, anchor=False)
    items = "".join(_item(one, (notes or {}).get(one.id, "")) for one in lines[:SHOWN])
    st.html(f'<ul class="obs-cartes">{items}</ul>')
    if len(lines) > SHOWN:
        st.html(
            f'<p class="obs-source">{typographic(f"{SHOWN} sur {len(lines)} : cherchez les autres.")}</p>'
        )


def _item(one: Line, more: str = "") -> str:
    said = [f"Mise à jour le {day(one.modifie_le)}", counted(one.sections, "section")]
    if one.right != OWN and one.owner:
        said.append(f"par {one.owner}")
    if more:
        said.append(more)
    marks = badges(one)
    note = f'<span class="obs-reserve">{escape(typographic(", ".join(marks)))}</span>' if marks else ""
    return (
        f"<li><strong>{link(one.titre, LIRE, one.id)}</strong> {note}"
        f"<p>{escape(typographic(' · '.join(said)))}</p></li>"
    )


def _bin(lines: Sequence[Line]) -> None:
    if not lines:
        return
    st.header("Corbeille", anchor=False)
    st.html('<p class="obs-source">Une analyse supprimée se rétablit pendant trente jours.</p>')
    for one in lines:
        assert one.supprime_le is not None
        with st.container(horizontal=True, vertical_alignment="center", key=f"obs_corbeille_{one.id}"):
            said = (
                f"{escape(one.titre)} <span class='obs-source'>(supprimée le {day(one.supprime_le)})</span>"
            )
            st.html(f"<p>{said}</p>", width="stretch")
            st.button("Rétablir", key=f"retablir_{one.id}", on_click=partial(_restore, one.id))


def _restore(number: int) -> None:
    with boundary():
        binned.restore(session.store(), reader().compte, number)
        told.say("L’analyse est rétablie, avec ses partages et ses abonnements.")


def _models() -> None:
    person = reader()
    store = session.store()
    lines, notes = [], {}
    for one in listed(store, person.compte):
        if one.genre != "modele":
            continue
        shut, charts = closed(opened(store, person.compte, one.id).document)
        if shut and shut == charts:
            continue  # nothing of it is open to this profile: not even its title is told
        lines.append(one)
        if shut:
            notes[one.id] = f"{counted(shut, 'section')} sur {one.sections} {_shut(shut)} à votre profil"
    if not lines:
        st.info(
            typographic(access.remedy("Aucun modèle n’est publié pour votre profil", "obs analyse modeles"))
        )
        return
    _listed("Les analyses de référence", lines, notes)
    st.html(
        '<p class="obs-source">Un modèle se lit tel quel, ou se duplique dans vos analyses\u202f: vous saurez quand il '
        "change.</p>"
    )


def copied(number: int, genre: str = "") -> None:
    """Copy an analysis into the reader's own and open it for changes."""
    with boundary():
        made = documents.copy(session.store(), reader().compte, number, genre=genre)
        told.say("Cette copie est à vous ; l’original continue d’être corrigé sans elle.")
        go(f"/{MODIFIER}?id={made}")


MINE = Screen("mes", "Mes analyses", "Mes analyses", _mine, Audience.SIGNED_IN)
MODELS = Screen("modeles", "Analyses ANS", "Analyses ANS", _models, Audience.SIGNED_IN)
