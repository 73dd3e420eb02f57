"""The actions of a scenario: written on the page, kept in the address, shared by a short link."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from apps.annuaire import reach as acces
from apps.kit.access import links
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.filters.filters import PLACEHOLDER
from apps.kit.filters.search import set_option
from apps.kit.style import french
from apps.kit.style.errors import show
from apps.kit.style.french import typographic
from lake.errors import LakeError
from lake.store.sharing import Genre
from scoring.reach.scenario import Mouvement, read_moves, written
from scoring.universes.accessibilite import TOTALE, VALUE
from scoring.universes.selection import Selection

ACTIONS = "actions"
OPTIONS = (ACTIONS, links.LINK)
"""Options of the page that say the scenario."""
KINDS = {"ajouter": "Ajouter", "retirer": "Retirer", "deplacer": "Déplacer"}
MOST = 60
"""Actions of a scenario: what an address holds."""
_REFUSED = "annuaire.action_refusee"
_SHARED = "annuaire.scenario_partage"
_DATES = ("date", "du", "au")


def moves(view: View) -> tuple[Mouvement, ...]:
    """The actions of the page.

    Raises:
        LakeError: the address holds something else.
    """
    return read_moves(view.option(ACTIONS))


def names(view: View) -> dict[str, str]:
    """The communes that a scenario may name: code -> ``Sarrebourg (57)``, by name."""
    asked = acces.everywhere(acces.asking(view))
    rows = asked.query(["population"], ["code_commune", "commune", "code_departement"]).drop_nulls(
        "code_commune"
    )
    text = pl.format("{} ({})", "commune", "code_departement")
    return dict(rows.sort("commune", "code_commune").select("code_commune", text).iter_rows())


def words(view: View, move: Mouvement) -> str:
    """``ajouter 2 à Sarrebourg (57)``."""
    known = names(view)
    heads = french.number(abs(move.effectif), 0 if move.effectif == int(move.effectif) else 2)
    here = known.get(move.commune, move.commune)
    if move.vers is not None:
        return f"déplacer {heads} de {here} vers {known.get(move.vers, move.vers)}"
    return f"ajouter {heads} à {here}" if move.effectif > 0 else f"retirer {heads} à {here}"


def said(view: View) -> list[tuple[str, str]]:
    """The scenario in words, for exports."""
    try:
        done = [words(view, move) for move in moves(view)]
    except LakeError:
        done = []
    return [("Scénario", french.listing(done))] if done else []


def unfold(now: State) -> State:
    """The whole state that a short link stands for.

    Raises:
        UnknownName: the link leads nowhere.
        LakeError: what it holds is no scenario.
    """
    link = now.options.get(links.LINK)
    if not link:
        return now
    kept = links.find(link, Genre.SCENARIO).contenu
    params = kept.get("adresse") if isinstance(kept, dict) else None
    if not isinstance(params, dict):
        raise LakeError("Ce lien ne mène pas à un scénario.", conseil="Demandez-en un nouveau.")
    found = {str(name): [str(one) for one in values] for name, values in params.items()}
    axes = {axis for one in acces.FILTERS for axis in one.axes}
    filters = {name: values for name, values in found.items() if name in axes or name in _DATES}
    options = {name: values[0] for name, values in found.items() if name not in filters and values}
    return State(Selection.from_params(filters), options)


def share(view: View) -> str:
    """Keep the scenario under a short link: filters, parameters, population, threshold, extraction and actions.

    Raises:
        SourceUnavailable: the store does not answer.
    """
    options = dict(view.state.options)
    if not acces.by_age(view):
        options[acces.POPULATION.name] = (
            TOTALE  # ages ingested later must not change a scenario already shared
        )
    dated = State(view.selection.at(view.date), options)
    return links.keep(Genre.SCENARIO, {"adresse": dated.to_params()})


def draw(view: View) -> None:
    """Draw the editor: the actions of the scenario, one more, and the short link."""
    try:
        known = moves(view)
    except LakeError as error:
        show(error)
        known = ()
    _listed(view, known)
    _form(view, known)
    if (refused := st.session_state.pop(_REFUSED, None)) is not None:
        show(refused)
    if known:
        _shared(view)


def _listed(view: View, known: Sequence[Mouvement]) -> None:
    for rank, move in enumerate(known):
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", key=f"obs_action_{rank}"
        ):
            st.html(f"<p class='obs-coin'>{_escaped(words(view, move))}</p>", width="stretch")
            st.button(
                "Retirer du scénario",
                key=f"obs_retirer_{rank}",
                type="tertiary",
                on_click=_set,
                args=(view, [m for i, m in enumerate(known) if i != rank]),
            )


def _escaped(text: str) -> str:
    said = typographic(text)
    return escape(said[0].upper() + said[1:])


def _form(view: View, known: Sequence[Mouvement]) -> None:
    labels = names(view)

    def key(name: str) -> str:
        return f"scenario.{view.scope.page}.{name}"

    kind = st.segmented_control(
        "Action",
        list(KINDS),
        format_func=lambda one: KINDS[one],
        key=key("genre"),
        default="ajouter",
        required=True,
    )
    columns = st.columns([1, 2.4, 2.4] if kind == "deplacer" else [1, 4.8])
    options: dict[str, Any] = {
        "format_func": lambda code: labels.get(code, code),
        "index": None,
        "placeholder": PLACEHOLDER,
        "filter_mode": "fuzzy",
    }
    with columns[0]:
        st.number_input("Combien", 0.5, 500.0, 1.0, step=1.0, format="%g", key=key("effectif"))
    with columns[1]:
        st.selectbox(
            "De la commune" if kind == "deplacer" else "Commune", list(labels), key=key("commune"), **options
        )
    if kind == "deplacer":
        with columns[2]:
            st.selectbox("Vers la commune", list(labels), key=key("vers"), **options)

    def add() -> None:
        memory = st.session_state
        what, here, there = (memory.get(key(name)) for name in ("genre", "commune", "vers"))
        heads = float(memory.get(key("effectif")) or 0)
        if not here or (what == "deplacer" and not there):
            memory[_REFUSED] = LakeError("Il manque une commune.", conseil="Choisissez-la dans la liste.")
            return
        try:
            one = (
                Mouvement(here, heads, there)
                if what == "deplacer"
                else Mouvement(here, heads if what == "ajouter" else -heads)
            )
            after = [*known, one]
            if len(after) > MOST:
                raise LakeError(f"Un scénario compte au plus {MOST} actions.", conseil="Retirez-en une.")
            acces.asking(view, actions=written(after)).value(VALUE)  # refused here, it changes nothing
        except LakeError as error:
            memory[_REFUSED] = named(view, error)
            return
        _set(view, after)

    st.button("Ajouter au scénario", key="obs_ajouter_action", type="primary", on_click=add)


def named(view: View, error: LakeError) -> LakeError:
    """The same error, with the names of the communes that it tells by their codes."""
    text = error.message
    for code, name in names(view).items():
        if code in text:
            text = text.replace(f"commune {code}", f"commune {name}")
    return LakeError(text, conseil=error.conseil)


def _set(view: View, after: Sequence[Mouvement]) -> None:
    set_option(view, ACTIONS, written(after))


def _shared(view: View) -> None:
    mark = repr(sorted(view.state.to_params().items()))
    known, code = st.session_state.get(_SHARED, ("", ""))

    def keep() -> None:
        try:
            st.session_state[_SHARED] = (mark, share(view))
        except LakeError as error:
            st.session_state[_REFUSED] = error

    if known == mark and code:
        links.draw(code)
    else:
        st.button("Créer un lien court", key="obs_lien_scenario", on_click=keep)
