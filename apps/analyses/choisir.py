"""The third step: the gallery of what suits, with thumbnails drawn from the reader's own data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from apps.analyses import brouillon
from apps.analyses.brouillon import Brouillon
from apps.analyses.faits import facts
from apps.analyses.feuille import Feuille, feuille, opens
from apps.analyses.lecture import reads_of_reader
from apps.kit.charts.charts import Chart
from apps.kit.charts.figures import Figures
from apps.kit.data.data import Data
from apps.kit.maps import maps
from apps.kit.maps.maps import Map
from apps.kit.pages import captions
from apps.kit.pages.sheet import walk
from apps.kit.style.french import literal, typographic
from lake.errors import LakeError
from scoring.analyses.cadrage import Cadrage
from scoring.analyses.faits import Question
from scoring.analyses.rayons import Rayon
from scoring.analyses.recommander import gallery
from scoring.analyses.regles import Verdict
from scoring.analyses.spec import TYPES, Analyse, Graphique, Section
from scoring.universes.model import Universe
from scoring.universes.registry import universe

THUMBNAIL = 170
"""Height of a thumbnail, in pixels."""
DRAWN = 4
"""Thumbnails drawn; the others that suit are named."""


def draw(draft: Brouillon, chosen: Rayon, go: Callable[[int], None]) -> None:
    """Draw the gallery of a chart being made."""
    section = draft.section
    assert section is not None and section.graphique is not None
    chart = section.graphique
    data = reads_of_reader("creer")(opens(universe(chosen.univers)))
    found = data.universe(universe(chosen.univers))
    _filters(draft, chosen, found, chart)
    try:
        question = Question.of(found, chart.mesures, chart.axes, _facts(data, found, chart))
    except LakeError as error:
        st.info(literal(typographic(str(error))))
        return
    verdicts = gallery(question)
    suits = [one for one in verdicts if one.possible]
    if not suits:
        st.info(literal(typographic(f"Aucun graphique ne montre à la fois ces choix. {verdicts[0].raison}")))
    for rank, one in enumerate(suits):
        if rank % 2 == 0:  # row by row: on a telephone, and by keyboard, the best comes first
            columns = st.columns(2, gap="medium")
        with columns[rank % 2], st.container(border=True):
            _suiting(one, rank, draft, section, chart, data, go)
    others = [one for one in verdicts if not one.possible]
    with st.expander(typographic(f"Pourquoi pas… ({len(others)})"), key=f"pourquoi_pas_{section.id}"):
        for one in others:
            instead = f" Proposé : **{TYPES[one.propose]}**." if one.propose else ""
            st.markdown(f"**{TYPES[one.type]}.** {literal(typographic(one.raison))}{instead}")


def _facts(data: Data, found: Universe, chart: Graphique):  # type: ignore[no-untyped-def]
    start = Cadrage.of(chart).start(found, data.dates(found))
    return facts(data, found, chart.mesures, chart.axes, start)


def _filters(draft: Brouillon, chosen: Rayon, found: Universe, chart: Graphique) -> None:
    """What is counted and by what: the two lists that the gallery follows."""
    measures = {one.name: one.label for one in chosen.measures(found)}
    axes = {one.name: one.label for one in chosen.axes(found)}
    kept = [name for name in chart.mesures if name in measures]
    st.session_state["galerie_mesures"] = kept
    st.session_state["galerie_axes"] = [name for name in chart.axes if name in axes]
    left, right = st.columns(2, gap="medium")
    with left:
        st.multiselect(
            "Indicateurs d’observation",
            list(measures),
            format_func=lambda name: typographic(measures[name]),
            key="galerie_mesures",
            on_change=_asked,
            args=(draft,),
            placeholder="Choisir…",
        )
    with right:
        st.multiselect(
            "Axes d’analyse",
            list(axes),
            format_func=lambda name: typographic(axes[name]),
            key="galerie_axes",
            on_change=_asked,
            args=(draft,),
            placeholder="Choisir…",
        )


def _asked(draft: Brouillon) -> None:
    measures, axes = st.session_state["galerie_mesures"], st.session_state["galerie_axes"]
    if not measures:
        st.toast("Il faut au moins un indicateur : le dernier est gardé.")
        return

    def change(section: Section) -> Section:
        assert section.graphique is not None
        chart = replace(section.graphique, mesures=tuple(measures[:8]), axes=tuple(axes[:4]))
        return replace(section, graphique=chart)

    brouillon.changing(draft, change)


def _suiting(
    one: Verdict,
    rank: int,
    draft: Brouillon,
    section: Section,
    chart: Graphique,
    data: Data,
    go: Callable[[int], None],
) -> None:
    st.markdown(f"**{TYPES[one.type]}**{' · conseillé' if rank == 0 else ''}")
    captions.line(one.raison)
    if rank < DRAWN:
        thumbnail(replace(section, graphique=replace(chart, type=one.type)), data, f"vignette_{one.type}")
    st.button(
        f"Choisir : {TYPES[one.type].lower()}",
        key=f"type_{one.type}",
        type="primary" if rank == 0 else "secondary",
        on_click=_typed,
        args=(draft, one.type, go),
    )


def _typed(draft: Brouillon, kind: str, go: Callable[[int], None]) -> None:
    def change(section: Section) -> Section:
        assert section.graphique is not None
        return replace(section, graphique=replace(section.graphique, type=kind))

    brouillon.changing(draft, change)
    go(4)


def thumbnail(section: Section, data: Data, key: str) -> None:
    """A section as a small drawing of the reader's own data, under the same rules; in words where it has none."""
    made: Feuille = feuille(Analyse("Vignette", sections=(section,)), lambda _universe: data, "vignette")
    for built in walk(made.shown()[1]):
        piece = built.piece
        if isinstance(piece, Chart):
            with st.container(height=THUMBNAIL, border=False):  # its top: squeezed, its words would overlap
                st.vega_lite_chart(
                    dict(piece.spec),
                    theme=None,
                    width="stretch",
                    key=key,
                    alt=typographic(piece.reading or piece.title) or None,
                )
        elif isinstance(piece, Map):
            st.vega_lite_chart(
                {**piece.spec, "height": THUMBNAIL},
                theme=None,
                width="stretch",
                key=key,
                alt=piece.alt or None,
            )
            maps.corner(piece)
        elif isinstance(piece, Figures):
            words = [one.words() for one in piece.cards[:2]]
            st.markdown(literal(typographic(" ; ".join(words))))
        elif getattr(piece, "counted", ""):
            captions.line(getattr(piece, "counted", ""))
        return
