"""Saving what is changed: texts bound to their figures, others' changes merged, conflicts side by side, history."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from apps.analyses import lecture
from apps.analyses.atelier import Atelier, closed, current
from apps.analyses.liens import bound
from apps.analyses.mots import LIRE, MES, moment, reader
from apps.kit.access import session
from apps.kit.access.redirect import go
from apps.kit.forms import told
from apps.kit.style.errors import boundary
from apps.kit.style.french import listing, literal, typographic
from lake.errors import AccessDenied, LakeError, SourceUnavailable, UnknownName
from lake.store.analyses import documents, drafting, history
from lake.store.analyses.documents import Clash, Saved
from lake.store.analyses.merging import ORDER, Document, Side
from scoring.analyses.codec import decode, encode
from scoring.analyses.lecture_json import AnalyseFautive

MINE, THEIRS = "Garder le mien", "Garder l’autre"


def save() -> None:
    """Save the draft of this tab (a button's callback)."""
    work = current()
    if work is not None:
        _save(work, {})


def _save(work: Atelier, choices: dict[tuple[str, str], Side]) -> None:
    with boundary():
        person = reader()
        store = session.store()
        try:
            document = _bound(work, person.name)
            if work.analysis is None:
                number = documents.create(store, person.compte, document, genre=_genre(document))
                drafting.drop(store, person.compte, work.draft)
                done = Saved(1, document)
            else:
                number = work.analysis
                done = documents.save(store, person.compte, number, document, base=work.base, choices=choices)
        except Clash as clash:
            work.clash = clash
            return
        except AnalyseFautive as error:
            for fault in error.fautes[:5]:
                told.warn(str(fault))
            return
        except (AccessDenied, UnknownName) as error:
            work.refused = str(error)
            return
        except SourceUnavailable as error:
            work.unkept = f"L’analyse n’est pas enregistrée ; votre brouillon reste ici. {error}"
            return
        except LakeError as error:
            told.warn(str(error))
            return
        closed()
        if done.taken:
            told.say(
                f"Vos changements et ceux de {done.author or 'quelqu’un'} ({listing(done.taken)}) sont réunis."
            )
        else:
            told.say(f"L’analyse est enregistrée, révision {done.revision}.")
        go(f"/{LIRE}?id={number}")


def save_as(name: str) -> None:
    """Save the draft of this tab under another name, as this person's own (a button's callback)."""
    work = current()
    if work is None:
        return
    with boundary():
        person = reader()
        store = session.store()
        document = {**_bound(work, person.name), "titre": name.strip()}
        try:
            if work.analysis is None:
                raise LakeError("jamais enregistrée")
            number = documents.copy(store, person.compte, work.analysis, document=document, title=name)
        except (AccessDenied, LakeError):
            # The original is no longer this person's to read, or never was saved: its draft still is its own.
            number = documents.create(store, person.compte, document, genre=_genre(document))
        drafting.drop(store, person.compte, work.draft)
        closed()
        told.say("La copie est enregistrée dans vos analyses.")
        go(f"/{LIRE}?id={number}")


def abandon() -> None:
    """Give the draft of this tab up (a button's callback)."""
    work = current()
    if work is None:
        return
    with boundary():
        drafting.drop(session.store(), reader().compte, work.draft)
        closed()
        told.say("Le brouillon est abandonné.")
        go(f"/{MES}" if work.analysis is None else f"/{LIRE}?id={work.analysis}")


def _genre(document: Document) -> str:
    return "indicateurs" if document.get("genre") == "indicateurs" else "analyse"


def _bound(work: Atelier, author: str) -> Document:
    """The draft as it is saved: texts that changed are bound to the figures they stand beside.

    Raises:
        AnalyseFautive: the document has faults, each with its path.
    """
    analyse = decode(work.content())
    before = _before(work)
    try:
        _made, parts = lecture.opened(analyse, f"brouillon{work.token}", texts=("id", "brouillon"))
    except LakeError:
        return work.content()  # nothing of it is open: texts are bound to nothing
    sections = [
        bound(section, part.view, par=author)
        if part.view is not None and _told(work, section.id) != before.get(section.id)
        else section
        for section, part in zip(analyse.sections, parts[1:], strict=True)
    ]
    document: Document = json.loads(json.dumps(encode(replace(analyse, sections=tuple(sections)))))
    return document


def _before(work: Atelier) -> dict[str, dict[str, Any]]:
    if work.analysis is None:
        return {}
    try:
        old = history.document(session.store(), reader().compte, work.analysis, work.base)
    except LakeError:
        return {}
    return {str(one["id"]): _plain(one) for one in old.get("sections") or ()}


def _told(work: Atelier, number: str) -> dict[str, Any]:
    return next(_plain(one) for one in work.sections if one["id"] == number)


def _plain(section: dict[str, Any]) -> dict[str, Any]:
    """What a section says, without the figures it was bound to."""
    return {name: value for name, value in section.items() if name != "lien" and value not in (None, "")}


# -- two editors ---------------------------------------------------------------------------------------


def draw_conflicts(work: Atelier) -> None:
    """Draw what both changed, side by side; nothing is saved until each has its choice."""
    clash = work.clash
    assert clash is not None
    who = clash.author or "Quelqu’un"
    st.warning(
        typographic(
            f"{who} a enregistré la même chose entre-temps : choisissez. Rien n’est perdu, l’historique garde tout."
        )
    )
    choices: dict[tuple[str, str], Side] = {}
    for rank, one in enumerate(clash.conflicts):
        with st.container(border=True, key=f"obs_conflit_{rank}"):
            what = "Ordre des sections" if one.field == ORDER else one.field or "Section retirée d’un côté"
            st.html(f"<h2>{typographic(literal(f'{one.title} : {what}' if one.title else what))}</h2>")
            mine, theirs = st.columns(2)
            with mine:
                st.html("<p><strong>Le vôtre</strong></p>")
                st.text(_readable(one.mine))
            with theirs:
                st.html(f"<p><strong>{typographic(literal(f'Celui de {who}'))}</strong></p>")
                st.text(_readable(one.theirs))
            said = st.radio("Choix", [MINE, THEIRS], key=f"conflit_{rank}", index=None, horizontal=True)
            if said is not None:
                choices[one.key] = Side.MINE if said == MINE else Side.THEIRS
    ready = len(choices) == len(clash.conflicts)
    with st.container(horizontal=True):
        st.button(
            "Enregistrer avec ces choix",
            key="conflit_enregistrer",
            type="primary",
            disabled=not ready,
            on_click=partial(_settle, choices),
        )
        st.button("Revenir au brouillon", key="conflit_revenir", on_click=_reopen)


def _settle(choices: dict[tuple[str, str], Side]) -> None:
    work = current()
    if work is not None:
        work.clash = None
        _save(work, choices)


def _reopen() -> None:
    work = current()
    if work is not None:
        work.clash = None


def _readable(value: Any) -> str:
    if value is None:
        return "(retirée)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


# -- history -------------------------------------------------------------------------------------------


def draw_history(work: Atelier) -> None:
    """Draw the saves of the analysis, newest first; an older one can be taken back as a new save."""
    assert work.analysis is not None
    steps = history.steps(session.store(), reader().compte, work.analysis)
    for one in steps:
        with st.container(horizontal=True, vertical_alignment="center", key=f"obs_revision_{one.revision}"):
            by = f", {one.author}" if one.author else ""
            why = f" ({one.motif})" if one.motif else ""
            said = f"Révision {one.revision}, le {moment(one.le)}{by}{why}"
            st.html(f"<p>{typographic(literal(said))}</p>", width="stretch")
            if one.revision != steps[0].revision:
                st.button(
                    "Restaurer",
                    key=f"restaurer_{one.revision}",
                    help=f"Restaurer la révision {one.revision}",
                    on_click=partial(_take_back, one.revision, steps[0].revision),
                )


def _take_back(revision: int, base: int) -> None:
    work = current()
    if work is None or work.analysis is None:
        return
    with boundary():
        store, compte = session.store(), reader().compte
        history.take_back(store, compte, work.analysis, revision, base=base)
        drafting.drop(store, compte, work.draft)
        closed()
        told.say(f"La révision {revision} est restaurée, comme une nouvelle révision.")
        go(f"/{LIRE}?id={work.analysis}")
