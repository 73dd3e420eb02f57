"""« Créer une analyse » in four steps: name, universe, drawing, settings. Steps already done stay reachable."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from apps.analyses import brouillon, choisir, reglages
from apps.analyses.brouillon import Brouillon
from apps.analyses.feuille import opens
from apps.analyses.lecture import reads_of_reader
from apps.analyses.lire import address
from apps.kit import forms
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.forms import Action, Done, Field, Form, Kind, Submission, told
from apps.kit.pages import captions
from apps.kit.shell.screen import Screen
from apps.kit.style import french
from apps.kit.style.french import literal, typographic
from apps.kit.views.words import last_complete
from lake.errors import AccessDenied, LakeError, MissingTable
from lake.store.analyses.reading import listed
from lake.text import fold
from scoring.analyses.rayons import Rayon, offered, rayon
from scoring.analyses.spec import MOST_TITLE, Graphique, Section, new_id
from scoring.universes.model import Rhythm
from scoring.universes.registry import universe

NAME, SAVED = "creer", "enregistree"
STEPS = ("Nom", "Univers", "Représentation", "Réglages")
MOST_SHORT = 300
"""Characters of the description typed in the first step."""
FORM = Form(
    "analyse_nom",
    (
        Field("titre", "Titre de l’analyse", most=MOST_TITLE),
        Field("description", "Description courte", Kind.LONG, required=False, most=MOST_SHORT),
    ),
    (Action("continuer", "Continuer"),),
    audience=Audience.SIGNED_IN,
)


def draw() -> None:
    """Draw the step that the address says; the first one where the draft is missing."""
    if (kept := st.query_params.get(SAVED, "")).isdecimal():
        st.success("Votre analyse est enregistrée.")
        where = escape(address(int(kept)), quote=True)
        st.html(f'<p><a href="{where}" target="_self">Lire l’analyse</a></p>')
        st.button("Créer une autre analyse", key="autre", on_click=st.query_params.clear)
        return
    draft, step = _where()
    _bar(draft, step)
    if draft is None or step == 1:
        _name(draft)
    elif step == 2 or not draft.rayon:
        _universes(draft)
    elif step == 3:
        choisir.draw(draft, rayon(draft.rayon), _go)
    else:
        reglages.draw(draft, rayon(draft.rayon), _saved)


def _where() -> tuple[Brouillon | None, int]:
    number = st.query_params.get("brouillon", "")
    draft = brouillon.load(int(number)) if number.isdecimal() else None
    said = st.query_params.get("etape", "")
    step = int(said) if said in ("1", "2", "3", "4") else 1
    if draft is None:
        return None, 1
    return draft, min(step, 4 if draft.section else 2)


def _go(step: int, draft: Brouillon | None = None) -> None:
    st.query_params["etape"] = str(step)
    if draft is not None:
        st.query_params["brouillon"] = str(draft.id)


def _bar(draft: Brouillon | None, step: int) -> None:
    """The steps: where the reader is, and those that can be gone back to."""
    with st.container(horizontal=True, gap="small", key="obs_etapes"):
        for rank, word in enumerate(STEPS, start=1):
            reached = draft is not None and (rank <= 2 or draft.section is not None)
            st.button(
                typographic(f"{rank}. {word}"),
                key=f"etape_{rank}",
                type="primary" if rank == step else "tertiary",
                disabled=not reached and rank != step,
                on_click=_go,
                args=(rank,),
            )


def _name(draft: Brouillon | None) -> None:
    initial = (
        {} if draft is None else {name: draft.document.get(name, "") for name in ("titre", "description")}
    )
    forms.draw(FORM, _named, about="" if draft is None else draft.id, initial=initial or None)


def _named(sent: Submission) -> Done:
    number = st.query_params.get("brouillon", "")
    draft = brouillon.load(int(number)) if number.isdecimal() else None
    titre, description = str(sent.values["titre"]), str(sent.values.get("description") or "")
    if draft is None:
        draft = brouillon.begin(titre, description)
        if any(fold(one.titre) == fold(titre) for one in listed(session.store(), sent.person.compte)):
            told.say("Vous avez déjà une analyse de ce nom : leurs dates les distingueront.")
    else:
        draft = draft.keep({**draft.document, "titre": titre, "description": description})
    _go(2, draft)
    return Done()


def _universes(draft: Brouillon) -> None:
    """Cards of what the reader may open, each with the date of its last data."""
    reads = reads_of_reader(NAME)
    groups: dict[str, list[Rayon]] = {}
    for one in offered():
        groups.setdefault(one.groupe, []).append(one)
    for group, rayons in groups.items():
        st.header(literal(typographic(group)), anchor=False)
        for rank, one in enumerate(rayons):
            if rank % 3 == 0:  # row by row: on a telephone, and by keyboard, the order stays
                columns = st.columns(3, gap="medium")
            with columns[rank % 3], st.container(border=True):
                _card(one, draft, reads)


def _card(one: Rayon, draft: Brouillon, reads: Any) -> None:
    st.markdown(f"**{literal(typographic(one.titre))}**")
    try:
        data = reads(opens(universe(one.univers)))
        found = data.universe(universe(one.univers))
        dates = data.dates(found)
    except AccessDenied:
        captions.line(
            "Non ouvert à votre profil : demandez l’accès à la personne responsable de votre compte."
        )
        return
    except MissingTable:
        dates = []
    if not dates:
        captions.line("Pas encore publié.")
        return
    captions.line(one.phrase)
    captions.line(_dated(one, View(one.titre, found, State(), data)))
    st.button("Choisir", key=f"rayon_{one.nom}", on_click=_chosen, args=(one, draft))


def _dated(one: Rayon, view: View) -> str:
    """The date of the last complete data of a rayon for this reader; what came since and is not complete is said."""
    say = french.month if view.universe.rhythm is Rhythm.MONTHLY else french.long_date
    last, newest = last_complete(view, [m.name for m in one.measures(view.universe)]), view.dates[0]
    if last == newest:
        return f"Données : {say(newest)}."
    told = f"{say(newest)} incomplet, non retenu"
    return f"Données : {say(last)} ({told})." if last is not None else f"Aucune donnée complète ({told})."


def begun(one: Rayon) -> Graphique:
    """A chart begun on a rayon: its first measure by its first axis, which the next step draws at once."""
    found = universe(one.univers)
    measure = one.measures(found)[0]
    axes = [axis.name for axis in one.axes(found)]
    by = (one.axe,) if one.axe in axes and (measure.axes is None or one.axe in measure.axes) else ()
    return Graphique(one.univers, "tableau" if by else "chiffres", (measure.name,), by, cadres=one.cadres)


def _chosen(one: Rayon, draft: Brouillon) -> None:
    try:
        draft.with_section(Section(new_id(), graphique=begun(one)), one.nom)
    except LakeError as error:
        st.toast(typographic(str(error)))
        return
    _go(3)


def _saved(number: int) -> None:
    """Where to go once the analysis is kept: the address tells it to the page's next run."""
    st.query_params.clear()
    st.query_params[SAVED] = str(number)


CREER = Screen(NAME, "Créer une analyse", "Créer une analyse", draw, Audience.SIGNED_IN)
