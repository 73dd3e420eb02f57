"""Edit mode: title, description and sections of an analysis, kept as a draft at every change, merged at the save."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from apps.analyses import inserer, lecture
from apps.analyses.atelier import Atelier, at_work, current, opening
from apps.analyses.brouillon import PENDING
from apps.analyses.enregistrer import abandon, draw_conflicts, draw_history, save, save_as
from apps.analyses.feuille import Feuille
from apps.analyses.mots import CREER, LIRE, link, links, moment, number_asked, reader
from apps.kit.access import access, session
from apps.kit.access.access import Audience
from apps.kit.access.redirect import go
from apps.kit.pages.sheet import Shown
from apps.kit.shell.draw import draw_part
from apps.kit.shell.screen import Screen
from apps.kit.style.errors import boundary, heading, show
from apps.kit.style.french import literal, typographic
from lake.errors import LakeError, SourceUnavailable
from lake.store.accounts.identity import Compte
from lake.store.analyses import drafting
from lake.store.analyses.drafting import Draft
from lake.store.analyses.reading import opened
from lake.words import number_in
from scoring.analyses import codec
from scoring.analyses.lecture_json import AnalyseFautive
from scoring.analyses.rayons import offered
from scoring.analyses.spec import (
    MOST_DESCRIPTION,
    MOST_HEADING,
    MOST_PROSE,
    MOST_SECTIONS,
    MOST_TITLE,
    Analyse,
    new_id,
)

DRAFT = "brouillon"


def _draw() -> None:
    person = reader()
    try:
        work = _work(person.compte)
    except SourceUnavailable as error:
        kept = current()
        if kept is None:
            raise
        show(error)  # the store is down: what this tab holds is still there
        work = kept
    _notes(work, person.compte)
    heading(literal(typographic(str(work.document.get("titre") or "Analyse sans titre"))))
    if work.clash is not None:
        draw_conflicts(work)
        return
    readable = _opened(work)
    _actions(work, readable)
    _field(work, "titre", "Titre", MOST_TITLE, required=True)
    _field(work, "description", "Description", MOST_DESCRIPTION, lines=3)
    shown = _shown(readable)
    for rank, section in enumerate(work.sections):
        with st.container(border=True, key=f"obs_section_{section['id']}"), boundary():
            _section(work, rank, section, shown.get(str(section["id"])))
    _more(work)
    if work.analysis is not None:
        with st.expander("Historique", key="atelier_historique"), boundary():
            draw_history(work)


def _work(compte: Compte) -> Atelier:
    """The draft that the address asks: begun from what is saved, or one that was never saved."""
    store = session.store()
    if (said := number_in(st.query_params.get(DRAFT, ""))) is not None:
        kept = drafting.load(store, compte, said)
        if kept is None:
            raise LakeError(
                "Ce brouillon n’existe plus : il a été enregistré ou abandonné.",
                conseil="Retrouvez l’analyse dans « Mes analyses ».",
            )
        return at_work(kept)
    number = number_asked()
    draft: Draft | None = drafting.of_analysis(store, compte, number)
    if draft is not None:
        return at_work(draft)  # what was typed stays offered, even where the right to save it was withdrawn
    found = opened(store, compte, number)
    if not found.editable:
        raise LakeError(
            "Cette analyse ne vous est ouverte qu’en lecture.",
            conseil="Dupliquez-la dans vos analyses pour la modifier.",
        )
    try:
        codec.decode(found.document)
    except codec.VersionPlusRecente as error:  # saving it would lose what this version does not know
        raise LakeError(
            "Cette analyse a été enregistrée par une version plus récente de l’observatoire : elle se lit seulement.",
            conseil="Attendez la mise à jour de ce serveur pour la modifier.",
        ) from error
    except AnalyseFautive:
        pass  # what is to be repaired is repaired here
    return opening(number, found.revision, found.document)


def _notes(work: Atelier, compte: Compte) -> None:
    if work.unkept:
        st.warning(typographic(work.unkept))
        st.button("Réessayer", key="brouillon_reessayer", on_click=_keep)
    if work.refused:
        st.error(typographic(work.refused))
        st.info(typographic("Votre brouillon est gardé : enregistrez-le sous un autre nom, ou emportez-le."))
    if work.elsewhere is not None:
        st.warning(typographic("Un autre de vos onglets a changé ce brouillon : lequel gardez-vous ?"))
        with st.container(horizontal=True):
            st.button("Celui de cet onglet", key="brouillon_ici", on_click=partial(_elsewhere, False))
            st.button("Celui de l’autre onglet", key="brouillon_ailleurs", on_click=partial(_elsewhere, True))
    if work.analysis is None or work.unkept:
        return
    for name, since in drafting.present(session.store(), compte, work.analysis):
        st.info(
            typographic(
                f"Ouvert aussi par {name}, dernière saisie le {moment(since)} : rien n’est verrouillé."
            )
        )


def _keep() -> None:
    if (work := current()) is not None:
        work.keep(reader().compte)


def _elsewhere(theirs: bool) -> None:
    work = current()
    if work is None or work.elsewhere is None:
        return
    other, work.elsewhere = work.elsewhere, None
    work.change(reader().compte, other if theirs else work.document, drawn=True)


def _actions(work: Atelier, readable: Readable | None) -> None:
    said = "Brouillon gardé à chaque changement, vu de vous seul."
    if work.analysis is not None:
        said += f" Il part de la révision {work.base}."
    st.html(f'<p class="obs-source">{typographic(said)}</p>')
    if work.analysis is not None:
        links([link("Passer en mode lecture", LIRE, work.analysis)])
    with st.container(horizontal=True, key="obs_atelier"):
        st.button("Enregistrer", key="atelier_enregistrer", type="primary", on_click=save)
        st.button(
            "Annuler",
            key="atelier_annuler",
            disabled=not work.undo,
            on_click=_undo,
            help="Défait le dernier changement",
        )
        st.button("Rétablir", key="atelier_retablir", disabled=not work.redo, on_click=_redo)
        st.button("Abandonner le brouillon", key="atelier_abandonner", on_click=abandon)
        st.download_button(
            "Emporter (JSON)",
            access.export("analyse.json", partial(_written, work.content()), Audience.SIGNED_IN),
            "analyse.json",
            "application/json",
            key="atelier_json",
            on_click="ignore",
        )
        if readable is not None:
            _analyse, made, parts = readable
            mark = "Brouillon, non enregistré" if work.draft or work.analysis is None else ""
            st.download_button(
                "PDF du brouillon" if mark else "PDF",
                made.view.data.access.export("brouillon.pdf", partial(lecture.printed, made, parts, mark)),
                "brouillon.pdf" if mark else f"analyse{work.analysis}.pdf",
                "application/pdf",
                key="atelier_pdf",
                on_click="ignore",
            )
    with st.expander("Enregistrer sous…", key="atelier_enregistrer_sous"):
        name = st.text_input("Nom de la copie", key="atelier_nom", max_chars=MOST_TITLE)
        st.button(
            "Enregistrer la copie",
            key="atelier_copie",
            disabled=not (name or "").strip(),
            on_click=save_as,
            args=(name,),
        )


def _written(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def _undo() -> None:
    if (work := current()) is not None:
        work.back(reader().compte)


def _redo() -> None:
    if (work := current()) is not None:
        work.again(reader().compte)


def _field(
    work: Atelier, name: str, label: str, most: int, *, lines: int = 1, required: bool = False
) -> None:
    """A field of the document itself."""
    key = f"atelier_{work.token}_{work.generation}_{name}"

    def changed() -> None:
        _change(lambda one: {**deepcopy(one.document), name: st.session_state[key]})

    text = str(work.document.get(name) or "")
    if lines > 1:
        st.text_area(label, text, key=key, max_chars=most, on_change=changed, height=90)
    else:
        st.text_input(label, text, key=key, max_chars=most, on_change=changed)
    if required and not text.strip():
        st.html('<p class="obs-source">Le titre est obligatoire pour enregistrer.</p>')


def _section(work: Atelier, rank: int, section: dict[str, Any], shown: Shown | None) -> None:
    number = str(section["id"])
    st.header(f"Section {rank + 1}", anchor=False)
    _text(work, section, "titre", "Titre de la section", MOST_HEADING)
    _text(work, section, "introduction", "Introduction", MOST_PROSE, lines=True)
    if section.get("graphique") is not None:
        if shown is None:
            st.warning(typographic("Ce graphique est à réparer : ses réglages ci-dessous disent pourquoi."))
        else:
            with boundary():
                draw_part(shown)
        st.button(
            f"Modifier le graphique de la section {rank + 1}",
            key=f"section_regler_{number}",
            on_click=partial(_draw_one, number),
        )
        with st.expander("Réglages du graphique", key=f"section_reglages_{number}"):
            _chart(work, section)
    _text(work, section, "conclusion", "Conclusion", MOST_PROSE, lines=True)
    inserer.draw(section, f"inserer_{number}", partial(_insert, number))
    with st.container(horizontal=True, key=f"obs_section_actions_{number}"):
        last = rank == len(work.sections) - 1
        for name, label, off, act in (
            ("haut", "Monter", not rank, partial(_move, number, -1)),
            ("bas", "Descendre", last, partial(_move, number, 1)),
            ("oter", "Supprimer", False, partial(_remove, number)),
        ):
            said = f"{label} la section {rank + 1}"
            st.button(said, key=f"section_{name}_{number}", disabled=off, on_click=act)


def _text(
    work: Atelier, section: dict[str, Any], name: str, label: str, most: int, *, lines: bool = False
) -> None:
    number = str(section["id"])
    key = f"atelier_{work.token}_{work.generation}_{number}_{name}"

    def changed() -> None:
        _change(lambda one: one.with_section(number, **{name: st.session_state[key]}))

    text = str(section.get(name) or "")
    if lines:
        help_text = "**gras**, *italique*, listes, liens ; {{mesure}} écrit un chiffre vivant."
        st.text_area(label, text, key=key, max_chars=most, on_change=changed, height=100, help=help_text)
    else:
        st.text_input(label, text, key=key, max_chars=most, on_change=changed)


def _chart(work: Atelier, section: dict[str, Any]) -> None:
    """The chart's own settings, as the schema writes them."""
    number = str(section["id"])
    key = f"atelier_{work.token}_{work.generation}_{number}_graphique"
    text = json.dumps(section["graphique"], ensure_ascii=False, indent=2)

    def changed() -> None:
        try:
            chart = json.loads(st.session_state[key])
        except ValueError:
            st.session_state[f"{key}_faute"] = "Ce n’est pas du JSON : rien n’est changé."
            return
        st.session_state.pop(f"{key}_faute", None)
        _change(lambda one: one.with_section(number, graphique=chart))

    st.text_area("Graphique (JSON)", text, key=key, on_change=changed, height=220)
    if said := st.session_state.get(f"{key}_faute"):
        st.error(typographic(said))
    _, faults = codec.read(_readable(work))
    rank = next(place for place, one in enumerate(work.sections) if one["id"] == number)
    for fault in faults:
        if str(fault).startswith(f"sections[{rank}]"):
            st.error(literal(typographic(str(fault))))


def _change(make: Callable[[Atelier], dict[str, Any]]) -> None:
    work = current()
    if work is not None:
        with boundary():
            work.change(reader().compte, make(work))


def _move(number: str, by: int) -> None:
    if (work := current()) is not None:
        work.change(reader().compte, work.moved(number, by), drawn=True)


def _remove(number: str) -> None:
    if (work := current()) is not None:
        work.change(reader().compte, work.without(number), drawn=True)


def _insert(number: str, name: str, token: str) -> None:
    """Put a live figure at the end of a section's text."""
    work = current()
    section = next((one for one in work.sections if str(one["id"]) == number), None) if work else None
    if work is not None and section is not None:
        text = f"{section.get(name) or ''} {token}".strip()
        work.change(reader().compte, work.with_section(number, **{name: text}), drawn=True)


def _more(work: Atelier) -> None:
    full = len(work.sections) >= MOST_SECTIONS
    with st.container(horizontal=True):
        st.button("Ajouter un graphique", key="section_graphique", disabled=full, on_click=_draw_one)
        st.button("Ajouter un texte", key="section_texte", disabled=full, on_click=_add)
    if full:
        st.html(f'<p class="obs-source">{MOST_SECTIONS} sections au plus.</p>')


def _add() -> None:
    work = current()
    if work is None:
        return
    found = deepcopy(work.document)
    blank = {"id": new_id(), "titre": "", "introduction": "", "conclusion": "", "graphique": None}
    found["sections"] = [*(found.get("sections") or []), blank]
    work.change(reader().compte, found, drawn=True)


def _draw_one(number: str = "") -> None:
    """Leave for the four steps: to make a chart, or to change that of a section; the draft goes along."""
    work = current()
    if work is None:
        return
    document, step = work.content(), 2
    section = next((one for one in work.sections if one["id"] == number), None)
    if section is not None:
        name = next((one.nom for one in offered() if one.univers == section["graphique"]["univers"]), "")
        document, step = {**document, PENDING: {"rayon": name, "section": section}}, 4 if name else 2
    work.change(reader().compte, document)
    if not work.unkept and work.elsewhere is None:
        go(f"/{CREER}?brouillon={work.draft}&etape={step}")


def _readable(work: Atelier) -> dict[str, Any]:
    """The draft as something that can be drawn: it may lack its title."""
    document = work.content()
    return {**document, "titre": str(document.get("titre") or "").strip() or "Sans titre"}


Readable = tuple[Analyse, Feuille, list[Shown]]
"""A draft that can be drawn: what it says, its page, its parts under what its author chose here."""


def _opened(work: Atelier) -> Readable | None:
    """The draft as it would be read; None while something in it cannot be."""
    analyse, _faults = codec.read(_readable(work))
    if analyse is None:
        return None
    try:
        made, parts = lecture.opened(analyse, f"brouillon{work.token}", texts=("id", DRAFT))
    except LakeError as error:
        show(error)
        return None
    return analyse, made, parts


def _shown(readable: Readable | None) -> dict[str, Shown]:
    """The charts of the draft as they would be read, by section; texts stay in their fields."""
    if readable is None:
        return {}
    analyse, _made, parts = readable
    return {
        section.id: replace(part, part=replace(part.part, title="", introduction="", conclusion=""))
        for section, part in zip(analyse.sections, parts[1:], strict=True)
        if section.graphique is not None and part.view is not None
    }


EDITING = Screen("modifier", "Modifier une analyse", "", _draw, Audience.SIGNED_IN, listed=False)
