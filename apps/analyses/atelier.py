"""An analysis being changed in one tab: its draft, kept in the store at every change, undone and redone in the session.

The store may not answer: what is typed stays in the tab, the page says so, and the next change tries again.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from apps.analyses.brouillon import PENDING
from apps.kit.access import session
from lake.errors import EditConflict, LakeError, SourceUnavailable
from lake.store.accounts.identity import Compte
from lake.store.analyses import drafting
from lake.store.analyses.documents import Clash
from lake.store.analyses.drafting import Draft
from lake.store.analyses.merging import Document

STEPS = 20
"""Changes that can be undone in the tab; the history of what was saved goes further."""
_KEY = "analyses.atelier"


@dataclass
class Atelier:
    """A draft in one tab.

    Attributes:
        draft: number of the draft; 0 until something is changed.
        analysis: the analysis it changes; None for one that was never saved.
        base: revision that it was made from.
        document: as it is now.
        revision: of the draft, as this tab last kept it.
        undo: earlier states, the last one at the end.
        redo: states that were undone.
        token: names the fields of this work, the same from its first change to its save.
        generation: grows when the document changes otherwise than by typing: fields are drawn anew.
        unkept: why the last change is in this tab only; empty when it is kept.
        elsewhere: what another tab of the same person typed since; None when nothing.
        clash: what somebody else saved meanwhile, waiting for choices.
        refused: why the save was refused for good (a right withdrawn); empty otherwise.
    """

    draft: int
    analysis: int | None
    base: int
    document: Document
    revision: int
    undo: list[Document] = field(default_factory=list)
    redo: list[Document] = field(default_factory=list)
    token: str = ""
    generation: int = 0
    unkept: str = ""
    elsewhere: Document | None = None
    clash: Clash | None = None
    refused: str = ""

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The sections, in order."""
        found: list[dict[str, Any]] = self.document.setdefault("sections", [])
        return found

    def change(self, compte: Compte, document: Document, *, drawn: bool = False) -> None:
        """Take a change in, and keep it.

        Args:
            compte: whose draft.
            document: all of it, as it is from now on.
            drawn: whether fields must be drawn anew.
        """
        self.undo = [*self.undo, self.document][-STEPS:]
        self.redo = []
        self._set(compte, document, drawn)

    def back(self, compte: Compte) -> None:
        """Undo the last change of this tab."""
        if self.undo:
            self.redo.append(self.document)
            self._set(compte, self.undo.pop(), True)

    def again(self, compte: Compte) -> None:
        """Do again what was undone."""
        if self.redo:
            self.undo.append(self.document)
            self._set(compte, self.redo.pop(), True)

    def _set(self, compte: Compte, document: Document, drawn: bool) -> None:
        self.document = document
        self.generation += drawn
        self.keep(compte)

    def keep(self, compte: Compte) -> None:
        """Keep the draft in the store, or say why it is in this tab only."""
        try:
            if not self.draft:
                self._begin(compte)
                return
            self.revision = drafting.keep(
                session.store(), compte, self.draft, self.document, revision=self.revision, base=self.base
            )
            self.unkept = ""
        except EditConflict as conflict:
            if conflict.theirs:
                self.elsewhere, self.revision = conflict.theirs["document"], conflict.revision  # type: ignore[assignment]
            else:  # saved or given up in another tab: what is typed here is a new draft
                self._begin(compte)
        except SourceUnavailable as error:
            self.unkept = f"Ce que vous venez de changer n’est gardé que dans cet onglet : {error.message}"
        except LakeError as error:
            self.unkept = str(error)

    def _begin(self, compte: Compte) -> None:
        """Begin the draft in the store; one that another tab began meanwhile is shown beside this one."""
        made = drafting.begin(session.store(), compte, self.document, analysis=self.analysis, base=self.base)
        self.draft, self.revision, self.unkept = made.id, made.revision, ""
        if made.document != self.document:
            self.elsewhere = made.document

    def content(self) -> Document:
        """The document without the chart that is being made in another page."""
        return {name: value for name, value in self.document.items() if name != PENDING}

    def with_section(self, number: str, **fields: Any) -> Document:
        """The document with fields of one section changed."""
        found = deepcopy(self.document)
        for section in found.get("sections") or ():
            if section["id"] == number:
                section.update(fields)
        return found

    def moved(self, number: str, by: int) -> Document:
        """The document with a section moved up (−1) or down (1)."""
        found = deepcopy(self.document)
        order = found.get("sections") or []
        here = next(rank for rank, one in enumerate(order) if one["id"] == number)
        there = min(max(here + by, 0), len(order) - 1)
        order.insert(there, order.pop(here))
        return found

    def without(self, number: str) -> Document:
        """The document without a section."""
        found = deepcopy(self.document)
        found["sections"] = [one for one in found.get("sections") or () if one["id"] != number]
        return found


def at_work(draft: Draft) -> Atelier:
    """The work of this tab on a draft; begun from what the store holds when the tab opens."""
    known: Atelier | None = st.session_state.get(_KEY)
    if known is not None and known.draft == draft.id:
        if known.revision < draft.revision and not (known.unkept or known.elsewhere):
            # Changed on another page of this person (a chart made in four steps): this one goes on from there.
            known.undo = [*known.undo, known.document][-STEPS:]
            known.document, known.revision = draft.document, draft.revision
            known.generation += 1
        return known
    named = f"{draft.analyse_id or 0}x{draft.id}"
    made = Atelier(draft.id, draft.analyse_id, draft.base, draft.document, draft.revision, token=named)
    st.session_state[_KEY] = made
    return made


def opening(analysis: int, revision: int, document: Document) -> Atelier:
    """The work of this tab on what is saved: nothing is kept in the store until something changes."""
    known: Atelier | None = st.session_state.get(_KEY)
    if known is not None and not known.draft and (known.analysis, known.base) == (analysis, revision):
        return known
    made = Atelier(0, analysis, revision, document, 0, token=f"{analysis}r{revision}")
    st.session_state[_KEY] = made
    return made


def current() -> Atelier | None:
    """The work of this tab, when there is one: the store may not answer, it is still there."""
    found: Atelier | None = st.session_state.get(_KEY)
    return found


def closed() -> None:
    """Forget the work of this tab: it was saved, or given up."""
    st.session_state.pop(_KEY, None)
