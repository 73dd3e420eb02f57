"""The draft behind the steps of a new chart: kept in the store at every change, so that nothing typed is lost."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from apps.kit.access import session
from apps.kit.style.french import typographic
from lake.errors import AccessDenied, EditConflict, LakeError
from lake.store.accounts.identity import Compte
from lake.store.analyses import drafting
from scoring.analyses import codec
from scoring.analyses.spec import VERSION, Section

PENDING = "en_cours"
"""Member of a draft: the chart that is being made, before it is a section."""


def account() -> Compte:
    """Who is signed in.

    Raises:
        AccessDenied: nobody is any more.
    """
    person = session.reader()
    if person is None:
        raise AccessDenied(
            "Votre session est terminée.", conseil="Connectez-vous de nouveau : le brouillon est gardé."
        )
    return person.compte


@dataclass(frozen=True)
class Brouillon:
    """A draft as it is now.

    Attributes:
        id: its number.
        analyse_id: the analysis that it changes; None for a new one.
        document: what is typed so far.
        revision: of the draft.
        base: revision of the analysis that it started from.
    """

    id: int
    analyse_id: int | None
    document: dict[str, Any]
    revision: int
    base: int = 0

    @property
    def rayon(self) -> str:
        """Name of the rayon chosen in step 2; empty before."""
        return str((self.document.get(PENDING) or {}).get("rayon", ""))

    @property
    def section(self) -> Section | None:
        """The section being made; None before step 3."""
        found = (self.document.get(PENDING) or {}).get("section")
        return None if found is None else read_section(found)

    def keep(self, document: dict[str, Any]) -> Brouillon:
        """Keep the draft as it is now.

        Raises:
            EditConflict: another tab changed it since.
        """
        number = drafting.keep(session.store(), account(), self.id, document, revision=self.revision)
        return replace(self, document=document, revision=number)

    def with_section(self, section: Section, rayon: str = "") -> Brouillon:
        """The same draft, the section being made changed."""
        document = copy.deepcopy(self.document)
        document[PENDING] = {"rayon": rayon or self.rayon, "section": codec.encode_section(section)}
        return self.keep(document)

    def finished(self) -> dict[str, Any]:
        """The document to save: the section being made is the last one, or takes the place of the one it changes."""
        document = copy.deepcopy(self.document)
        pending = document.pop(PENDING, None)
        if pending and pending.get("section"):
            sections = list(document.get("sections") or [])
            made = pending["section"]
            places = [rank for rank, one in enumerate(sections) if one.get("id") == made["id"]]
            if places:
                sections[places[0]] = made
            else:
                sections.append(made)
            document["sections"] = sections
        return document


def read_section(document: object) -> Section | None:
    """A section of a draft; None when nothing can be made of it."""
    found, faults = codec.read({"version": VERSION, "titre": "x", "sections": [document]})
    return found.sections[0] if found is not None and found.sections and not faults else None


def begin(titre: str, description: str) -> Brouillon:
    """A new draft, made when the first step is over: no orphan before."""
    document = {
        "version": VERSION,
        "genre": "analyse",
        "titre": titre,
        "description": description,
        "sections": [],
    }
    return _of(drafting.begin(session.store(), account(), document))


def load(number: int) -> Brouillon | None:
    """A draft of the person at hand; None when it was saved or given up, or is another's."""
    found = drafting.load(session.store(), account(), number)
    return None if found is None else _of(found)


def _of(draft: drafting.Draft) -> Brouillon:
    return Brouillon(draft.id, draft.analyse_id, dict(draft.document), draft.revision, draft.base)


def changing(draft: Brouillon, change: Callable[[Section], Section]) -> None:
    """Change the section being made, from a widget: what another tab did meanwhile is told, nothing is lost."""
    try:
        now = load(
            draft.id
        )  # two widgets left at once both speak: the second one changes what the first one kept
        if now is None or now.section is None:
            return
        now.with_section(change(now.section))
    except EditConflict:
        st.toast(typographic("Un autre onglet a changé ce brouillon : le voici tel qu’il est gardé."))
    except LakeError as error:
        st.toast(typographic(str(error)))
