"""Read mode of an analysis: its sections drawn by the renderer of every page, each with its filters, CSV and method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

import streamlit as st

from apps.analyses import ensemble, vue
from apps.analyses.feuille import Feuille, Reads, feuille, opens
from apps.kit.access.access import require
from apps.kit.data import state
from apps.kit.data.data import Data, data
from apps.kit.data.state import State
from apps.kit.pages import captions
from apps.kit.pages.sheet import Shown
from apps.kit.shell.draw import WRITING, draw_part
from apps.kit.style import french
from apps.kit.style.errors import boundary, heading
from apps.kit.style.french import literal, typographic
from lake.errors import AccessDenied, LakeError
from scoring.analyses.spec import Analyse
from scoring.universes.registry import UNIVERSES, universe

NUMBER = "id"
"""The name of the address that says which analysis is read."""


def reads_of_reader(page: str) -> Reads:
    """The reads of the reader at hand, by universe: one state of the lake, each universe's own rights.

    Args:
        page: name of the page, as the journal notes it.
    """
    kept: list[Data] = []

    def read(universe: str) -> Data:
        access = require(page, universe)
        if not kept:
            kept.append(data(access))
            kept[0].state  # noqa: B018 -- settled once, for every universe
        return replace(kept[0], access=access, told=[])

    return read


def opened(
    analyse: Analyse, name: str, *, texts: Sequence[str] = (NUMBER,), reads: Reads | None = None
) -> tuple[Feuille, list[Shown]]:
    """An analysis under what the reader chose in the address: its parts, settled and ready to be drawn.

    Args:
        analyse: what is saved.
        name: name of the page, unique in the suite (``analyse12``).
        texts: names of the address that are the page's own.
        reads: the reads of a reader, by universe; those of the reader at hand by default.

    Raises:
        AccessDenied: the reader opens none of its universes.
    """
    made = feuille(analyse, reads or reads_of_reader(name), name, tuple(texts))
    page = made.page
    scopes = [(page.scope_of(part), part.start) for part in page.parts]
    own = state.begin(page.scope, scopes)
    made = replace(made, view=replace(made.view, state=State(options=own.options)))
    return made, made.shown([state.current(scope) for scope, _ in scopes])


def draw(
    analyse: Analyse,
    name: str,
    *,
    texts: Sequence[str] = (NUMBER,),
    dates: Callable[[], None] | None = None,
    actions: Callable[[], None] | None = None,
    under: Callable[[], None] | None = None,
    after: Callable[[], None] | None = None,
    printable: bool = True,
    linked: bool = True,
) -> Feuille:
    """Draw an analysis for the reader at hand.

    Args:
        analyse: what is saved.
        name: name of the page, unique in the suite (``analyse12``): two analyses never share what is chosen in them.
        texts: names of the address that are the page's own.
        dates: draws what stands under the title.
        actions: draws what may be done with it, side by side, before its PDF.
        under: draws what stands between the actions and the sections: a choice to confirm.
        after: draws what stands below the sections: who opens an analysis comes for its figures.
        printable: whether its PDF is offered.
        linked: whether the link to what is shown is offered.
    """
    made, shown = opened(analyse, name, texts=texts)
    heading(literal(typographic(analyse.titre)))
    if said := state.refusal():
        st.info(literal(typographic(said)))
    if analyse.description:
        st.html(f'<p class="obs-lecture">{escape(typographic(analyse.description))}</p>')
    if dates is not None:
        dates()
    if said := closed(shown):
        captions.line(said)
    with st.container(horizontal=True, vertical_alignment="center", key="obs_analyse_actions"):
        if actions is not None:
            actions()
        if printable:
            file = f"{name}.pdf"
            st.download_button(
                "Cette analyse en PDF",
                data=made.view.data.access.export(file, lambda: printed(made, shown)),
                file_name=file,
                mime="application/pdf",
                key="obs_pdf",
                type="tertiary",
                on_click="ignore",
            )
            if any(section.graphique is not None for section in analyse.sections):
                bundle = f"{name}.zip"
                reads = _settled(made)
                st.download_button(
                    "Lot à rejouer",
                    data=made.view.data.access.export(bundle, lambda: _bundled(made.analyse, reads)),
                    file_name=bundle,
                    mime="application/zip",
                    key="obs_lot",
                    type="tertiary",
                    on_click="ignore",
                    help="L’analyse enregistrée, ses chiffres, son PDF et la version de chaque table : qui exploite "
                    "l’Observatoire la rejoue, et dit si tout est identique.",
                )
        if linked:
            vue.draw()
    if linked:
        vue.draw_short()
    if under is not None:
        under()
    ensemble.draw(shown[1:])
    if not analyse.sections:
        st.info("Cette analyse n’a pas encore de graphique.")
    for part in shown[1:]:
        with boundary():
            draw_part(part)
    if after is not None:
        after()
    return made


def closed(shown: Sequence[Shown]) -> str:
    """How many sections the reader does not open: ``2 sections sur 5 ne sont pas ouvertes à votre profil.``"""
    parts = shown[1:]
    shut = sum(isinstance(one.refused, AccessDenied) and one.view is None for one in parts)
    if not shut:
        return ""
    verb = "n’est pas ouverte" if shut == 1 else "ne sont pas ouvertes"
    return f"{french.counted(shut, 'section', 'sections')} sur {len(parts)} {verb} à votre profil."


def _settled(made: Feuille) -> Reads:
    """The reads of an analysis asked for now: a file is made later, where nobody is signed in."""
    kept: dict[str, Data | LakeError] = {}
    for section in made.analyse.sections:
        if section.graphique is not None and section.graphique.univers in UNIVERSES:
            name = opens(universe(section.graphique.univers))
            try:
                kept[name] = made.reads(name)
            except AccessDenied as error:
                kept[name] = error

    def read(name: str) -> Data:
        found = kept.get(name)
        if isinstance(found, Data):
            return found
        raise found if found is not None else AccessDenied("Cet univers n’est pas de cette analyse.")

    return read


def _bundled(analyse: Analyse, reads: Reads) -> bytes:
    from apps.analyses.lot import bundle, rendered  # typst and the chart renderer load on the first file only

    now = datetime.now(ZoneInfo("Europe/Paris")).replace(microsecond=0)
    return bundle(analyse, reads, rendered(analyse, reads, now=now), now=now)


def printed(made: Feuille, shown: Sequence[Shown], mark: str = "") -> bytes:
    """The PDF of an analysis under what its reader chose; each page bears ``mark``."""
    from apps.kit.export.pdf import page_pdf  # typst and the chart renderer load on the first PDF only

    with st.spinner(WRITING):
        return page_pdf(made.page, made.view, shown, mark=mark)
