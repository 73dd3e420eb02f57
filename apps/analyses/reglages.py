"""The fourth step: title, axes, filters, options; the preview is the very section that will be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import streamlit as st

from apps.analyses import brouillon, niveaux
from apps.analyses.brouillon import Brouillon
from apps.analyses.dessin import rows
from apps.analyses.faits import facts
from apps.analyses.feuille import feuille, opens
from apps.analyses.lecture import reads_of_reader
from apps.analyses.liens import bound
from apps.kit.access import session
from apps.kit.charts.charts import Chart
from apps.kit.charts.tables import Table
from apps.kit.data.data import Data
from apps.kit.maps.maps import Map
from apps.kit.pages import captions, pieces, prose
from apps.kit.pages.sheet import Shown, figures_of, walk
from apps.kit.style import french
from apps.kit.style.errors import boundary, show
from apps.kit.style.french import literal, typographic
from apps.kit.views.bars import MOST
from lake.errors import LakeError
from lake.store.analyses import documents, drafting
from scoring.analyses import codec, options, references
from scoring.analyses.arbre import Arbre
from scoring.analyses.cadrage import Cadrage
from scoring.analyses.faits import Question
from scoring.analyses.lecture_json import AnalyseFautive
from scoring.analyses.rayons import Rayon
from scoring.analyses.recommander import gallery
from scoring.analyses.spec import MOST_HEADERS, MOST_HEADING, TYPES, Analyse, Graphique, Section
from scoring.universes.combining import applies
from scoring.universes.model import Universe
from scoring.universes.registry import universe

MOST_BARS = 100
"""Bars that an author may ask of a ranking."""
EDITORIAL = (
    "Imposer est un choix d’auteur, non un droit : qui duplique l’analyse peut le lever. Ce que chacun peut voir "
    "reste décidé par son profil."
)


def draw(draft: Brouillon, chosen: Rayon, saved: Callable[[int], None]) -> None:
    """Draw the settings of a chart being made, and its preview."""
    section = draft.section
    assert section is not None and section.graphique is not None
    data = reads_of_reader("creer")(opens(universe(chosen.univers)))
    found = data.universe(universe(chosen.univers))
    left, right = st.columns([2, 3], gap="large")
    with left:
        _title(draft, section)
        tabs = st.tabs(["Graphique", "Axes d’analyse", "Filtres d’observation", "Options avancées"])
        with tabs[0]:
            _type(draft, section.graphique, found, data)
        with tabs[1]:
            _trees(draft, section.graphique, found, data, list(section.graphique.axes), "axes")
        with tabs[2]:
            others = [axis.name for axis in chosen.axes(found) if axis.name not in section.graphique.axes]
            bearing = [name for name in others if _borne(section.graphique, found, name)]
            _trees(draft, section.graphique, found, data, bearing, "filtres")
        with tabs[3]:
            _headers(draft, section.graphique, found, chosen)
            _options(draft, section.graphique, found)
    with right:
        preview(section, data)
        _save(draft, section, saved)


def _borne(chart: Graphique, found: Universe, name: str) -> bool:
    axis = found.axis(name)
    return axis is not found.time and all(applies(found, found.measure(one), axis) for one in chart.mesures)


def _title(draft: Brouillon, section: Section) -> None:
    st.session_state["reglage_titre"] = section.titre
    st.text_input(
        "Titre du graphique",
        key="reglage_titre",
        max_chars=MOST_HEADING,
        placeholder="Une question : « Quelles régions… ? »",
        on_change=_changed,
        args=(draft, lambda one: replace(one, titre=st.session_state["reglage_titre"].strip())),
    )
    for name, label in (("introduction", "Introduction"), ("conclusion", "Conclusion")):
        key = f"reglage_{name}"
        st.session_state[key] = getattr(section, name)
        st.text_area(
            label,
            key=key,
            height=90,
            help="**gras**, *italique*, listes, liens. {{nom_de_mesure}} écrit le chiffre lui-même.",
            on_change=_changed,
            args=(draft, lambda one, name=name, key=key: replace(one, **{name: st.session_state[key]})),
        )


def _changed(draft: Brouillon, change: Callable[[Section], Section]) -> None:
    brouillon.changing(draft, change)


def _chart(change: Callable[[Graphique], Graphique]) -> Callable[[Section], Section]:
    def of(section: Section) -> Section:
        assert section.graphique is not None
        return replace(section, graphique=change(section.graphique))

    return of


def _type(draft: Brouillon, chart: Graphique, found: Universe, data: Data) -> None:
    start = Cadrage.of(chart).start(found, data.dates(found))
    question = Question.of(
        found, chart.mesures, chart.axes, facts(data, found, chart.mesures, chart.axes, start)
    )
    possible = [one.type for one in gallery(question) if one.possible]
    if chart.type not in possible:
        possible.insert(0, chart.type)
    st.session_state["reglage_type"] = chart.type
    st.selectbox(
        "Représentation",
        possible,
        format_func=lambda kind: TYPES[kind],
        key="reglage_type",
        on_change=lambda: _changed(
            draft, _chart(lambda one: replace(one, type=st.session_state["reglage_type"]))
        ),
    )


def _trees(
    draft: Brouillon, chart: Graphique, found: Universe, data: Data, axes: list[str], key: str
) -> None:
    axes = [name for name in axes if found.axis(name) is not found.time]
    if not axes:
        captions.line(
            "Aucun axe : le graphique montre l’ensemble." if key == "axes" else "Aucun filtre possible ici."
        )
        return
    captions.line(EDITORIAL)
    name = st.selectbox(
        "Axe", axes, format_func=lambda one: typographic(found.axis(one).label), key=f"{key}_axe"
    )
    frame = data.choices(found, name, data.dates(found)[0] if data.dates(found) else None)
    axis = found.axis(name)
    choices = {code: axis.word(code) if code in axis.words else text for code, text in frame.iter_rows()}

    def changed(tree: Arbre) -> None:
        _changed(draft, _chart(lambda one: replace(one, cadres={**one.cadres, name: tree})))

    niveaux.draw(name, axis.label, chart.cadres.get(name, Arbre()), choices, key, changed)


def _headers(draft: Brouillon, chart: Graphique, found: Universe, chosen: Rayon) -> None:
    measures = {one.name: one.label for one in chosen.measures(found)}
    st.session_state["reglage_en_tete"] = [name for name in chart.en_tete if name in measures]
    st.multiselect(
        "Modifier l’en-tête",
        list(measures),
        format_func=lambda name: typographic(measures[name]),
        key="reglage_en_tete",
        max_selections=MOST_HEADERS,
        placeholder="Aucun chiffre en tête",
        help="Chaque chiffre est demandé sans les axes du graphique, sous les mêmes filtres.",
        on_change=lambda: _changed(
            draft, _chart(lambda one: replace(one, en_tete=tuple(st.session_state["reglage_en_tete"])))
        ),
    )


def _options(draft: Brouillon, chart: Graphique, found: Universe) -> None:
    """What this representation takes and others do not; what it leaves unused is kept, and listed."""
    for name in options.OF_TYPE.get(chart.type, ()):
        key = f"reglage_option_{name}"
        if name == options.NOMBRE:
            st.session_state[key] = int(chart.options.get(name) or MOST)
            st.number_input(
                "Nombre de barres", 2, MOST_BARS, key=key, on_change=_chosen_option, args=(draft, name, key)
            )
            continue
        names = {one.name: one.label for one in options.candidates(chart, found, name)}
        st.session_state[key] = chart.options.get(name) if chart.options.get(name) in names else None
        label = options.LABELS[name]
        st.selectbox(
            label[0].upper() + label[1:],
            list(names),
            format_func=partial(_named, names),
            key=key,
            index=None,
            placeholder="Aucun",
            on_change=_chosen_option,
            args=(draft, name, key),
        )
    if kept := options.unused(chart, found):
        captions.line(
            f"Conservé, non utilisé par cette représentation : {french.listing(kept)}. Une représentation qui s’en "
            "sert le retrouve."
        )


def _named(names: Mapping[str, str], one: str) -> str:
    return typographic(names[one])


def _chosen_option(draft: Brouillon, name: str, key: str) -> None:
    value = st.session_state[key]

    def change(one: Graphique) -> Graphique:
        others = {each: said for each, said in one.options.items() if each != name}
        return replace(one, options=others if value is None else {**others, name: value})

    _changed(draft, _chart(change))


def preview(section: Section, data: Data) -> None:
    """The section as it will be read: same code, same CSV; its clicks filter nothing here."""
    made = feuille(Analyse("Aperçu", sections=(section,)), lambda _universe: data, "apercu")
    shown: Shown = made.shown()[1]
    with boundary():
        st.header(literal(typographic(shown.part.title)), anchor=False)
        if shown.view is None:
            prose.draw(shown.part.introduction)
            return
        if (found := figures_of(shown)) is not None:
            pieces.draw_figures(found)
        for built in walk(shown):
            piece = built.piece
            if isinstance(piece, Chart | Map | Table):
                piece = replace(piece, picks="")
            pieces.draw(piece, built.view, built.name.rpartition(".")[2])


def _save(draft: Brouillon, section: Section, saved: Callable[[int], None]) -> None:
    waiting = not section.titre
    st.button(
        "Enregistrer dans mes analyses",
        type="primary",
        key="enregistrer",
        disabled=waiting,
        on_click=_kept,
        args=(draft, saved),
    )
    if waiting:
        captions.line("Donnez d’abord un titre au graphique.")
    if error := st.session_state.pop("analyses.refus", None):
        show(error)


def _kept(draft: Brouillon, saved: Callable[[int], None]) -> None:
    """Keep the analysis; whatever refuses it, the draft stays."""
    try:
        now = brouillon.load(draft.id)
        if now is None:  # a second click on the same button: it is kept already
            return
        saved(keep(now))
    except LakeError as error:
        st.session_state["analyses.refus"] = error


def keep(draft: Brouillon) -> int:
    """Save what a draft holds, its texts bound to the figures they were written on; returns the analysis' number.

    Raises:
        LakeError: what is saved could not be read again, or the store refuses it; the draft is left as it is.
    """
    actor, store = brouillon.account(), session.store()
    analyse = codec.decode(draft.finished())
    reads = reads_of_reader("creer")
    faults = references.faults(analyse, lambda name: reads(opens(universe(name))).universe(universe(name)))
    if faults:
        raise AnalyseFautive(faults)
    shown = feuille(analyse, reads).shown()[1:]
    sections = []
    for section, part in zip(analyse.sections, shown, strict=True):
        if section.graphique is not None and part.view is not None:
            rows(section.graphique, part.view)  # too many cells are refused here, in words
            section = bound(section, part.view, par=actor.name)
        sections.append(section)
    document = codec.encode(replace(analyse, sections=tuple(sections)))
    if draft.analyse_id is None:
        number = documents.create(store, actor, document)
        drafting.drop(store, actor, draft.id)
        return number
    documents.save(store, actor, draft.analyse_id, document, base=draft.base)
    return draft.analyse_id
