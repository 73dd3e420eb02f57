"""The territory that « Diagnostic » looks at: chosen in the left bar, picked on the map, or opened by a link.

An official territory and a few communes picked one by one are ordinary filters: they follow from page to page. A
longer list is kept at once under a short link, since an address cannot hold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.access import links
from apps.kit.data import state
from apps.kit.data.state import State
from apps.kit.data.view import View
from lake.catalog.territoires import COMMUNES, FUSIONS
from lake.errors import LakeError
from lake.store.sharing import Genre
from scoring.annuaire import compared as places
from scoring.annuaire.compared import OWN, PARTNER, Choix
from scoring.annuaire.diagnostic import covered
from scoring.annuaire.territory import MESHES, resolve

KINDS = {
    "epci": "EPCI",
    "commune": "Commune",
    "departement": "Département",
    PARTNER: "Territoire partenaire",
    OWN: "Mon territoire",
}
OPTIONS = ("genre", PARTNER, links.LINK, "nom")
"""Options of the page that say the territory."""
IN_ADDRESS = 40
"""Communes that an address holds; a longer list goes under a short link."""
MOST_BYTES = 1024 * 1024
AXES = ("commune", "epci", "departement")
_SAID = "annuaire.mon_territoire"
REFUSED = "annuaire.liste_refusee"
EMPTY = (
    "Aucune commune n'est choisie : cliquez sur la carte, cherchez une commune à gauche ou collez une liste."
)


def kind(view: View) -> str:
    """What kind of territory is chosen (see :data:`KINDS`); a région when nothing is."""
    if (asked := view.option("genre")) in KINDS:
        return asked
    if view.option(links.LINK):
        return OWN
    if view.option(PARTNER):
        return PARTNER
    for mesh in AXES:
        if values := view.selection.values(mesh):
            return mesh if len(values) == 1 else OWN
    return "region"


def codes(view: View) -> tuple[str, ...]:
    """The communes of the reader's own territory, as given.

    Raises:
        UnknownName: the short link leads nowhere.
    """
    if link := view.option(links.LINK):
        return tuple(content(link)["communes"])
    if chosen := view.selection.values("commune"):
        return chosen
    for mesh in ("epci", "departement"):
        if values := view.selection.values(mesh):
            rows = view.data.frame(COMMUNES).filter(pl.col(MESHES[mesh]).is_in(values))
            return tuple(rows["code_commune"].sort())
    return ()


def content(link: str) -> dict[str, Any]:
    """What a link to a territory holds: ``communes`` and ``nom``.

    Raises:
        UnknownName: it leads nowhere.
        LakeError: what it holds is not a list of communes.
    """
    found = links.find(link, Genre.TERRITOIRE)
    if not isinstance(found.contenu, dict) or not isinstance(found.contenu.get("communes"), list):
        raise LakeError("Ce lien ne mène pas à une liste de communes.", conseil="Demandez-en un nouveau.")
    return {"communes": [str(code) for code in found.contenu["communes"]], "nom": found.titre}


def departements(view: View) -> tuple[str, ...]:
    """The départements that the extraction shown covers (cached)."""
    day = view.date
    found: tuple[str, ...] = view.data.cached(
        ("departements couverts", day), [view.universe.table], lambda: covered(view.data.scan, day)
    )
    return found


def chosen(view: View) -> Choix | None:
    """The territory; None when the reader's own holds no commune yet.

    Raises:
        LakeError: the territory does not exist, or the link leads nowhere.
    """
    what = kind(view)
    scan, tables = view.data.scan, places.TABLES
    if what == OWN:
        given = codes(view)
        if not given:
            return None
        link = view.option(links.LINK)
        name = view.option("nom") or (content(link)["nom"] if link else "")
        own: Choix = view.data.cached(
            ("mon territoire", given, name, view.date),
            tables,
            lambda: places.own(scan, given, name, departements(view)),
        )
        return own
    if what == PARTNER and view.option(PARTNER):
        code = view.option(PARTNER)
        return _found(view, PARTNER, code)
    if what in AXES and view.selection.values(what):
        return _found(view, what, view.selection.values(what)[0])
    regions = view.data.frame(COMMUNES).filter(pl.col("code_departement").is_in(departements(view)))
    known = regions["code_region"].drop_nulls().mode().sort()
    if known.is_empty():
        raise LakeError(
            "Aucune extraction de l'annuaire n'est publiée.", conseil="Lancez : obs ingest annuaire."
        )
    return _found(view, "region", known[0])


def _found(view: View, what: str, code: str) -> Choix:
    scan = view.data.scan
    found: Choix = view.data.cached(
        ("territoire", what, code),
        places.TABLES,
        lambda: places.partner(scan, code) if what == PARTNER else places.official(scan, what, code),
    )
    return found


def unfold(now: State) -> State:
    """One territory at a time: a filter that came from another page replaces what was chosen here before."""
    if not any(now.selection.values(mesh) for mesh in AXES):
        return now
    genre = now.options.get("genre", "")
    dropped = {PARTNER, links.LINK} if genre == OWN or now.selection.values(genre) else set(OPTIONS)
    options = {name: value for name, value in now.options.items() if name not in dropped}
    return now if len(options) == len(now.options) else State(now.selection, options)


def without_territory(now: State) -> State:
    """A state without any territory."""
    selection = now.selection
    for mesh in MESHES:
        selection = selection.without(mesh)
    return State(selection, {n: v for n, v in now.options.items() if n not in (*OPTIONS, "zoom")})


def choose(view: View, what: str, value: str = "") -> None:
    """Make the page look at a territory; in a callback."""
    bare = without_territory(state.current(view.scope))
    if what in AXES and value:
        bare = State(bare.selection.with_filter(what, [value]), bare.options)
    elif value:
        bare = State(bare.selection, {**bare.options, what: value})
    else:
        bare = State(bare.selection, {**bare.options, "genre": what})
    state.commit(view.scope, bare)


def set_own(view: View, given: Sequence[str], *, listed: bool = False) -> None:
    """Make these communes the reader's own territory; in a callback. Nothing is lost: what became of them is said.

    Args:
        view: what the page shows.
        given: INSEE codes; none empties the territory, unless they come from a list.
        listed: whether they come from a list that was pasted or uploaded.

    Raises:
        LakeError: the list is empty or too long to be kept, or none of its codes is known.
    """
    now = state.current(view.scope)
    name, zoom = now.options.get("nom", ""), now.options.get("zoom", "")
    kept: list[str] = []
    st.session_state.pop(_SAID, None)
    if given or listed:
        found = resolve(given, view.data.frame(COMMUNES), view.data.frame(FUSIONS), departements(view))
        kept = list(found.communes)
        st.session_state[_SAID] = (found.communes, found.sentences())
    bare = without_territory(now)
    options = {**bare.options, **{n: v for n, v in (("nom", name), ("zoom", zoom)) if v}}
    if len(kept) > IN_ADDRESS:
        options[links.LINK] = links.keep(Genre.TERRITOIRE, {"communes": kept}, name)
        options.pop("nom", None)
        state.commit(view.scope, State(bare.selection, options))
    else:
        options["genre"] = OWN
        state.commit(view.scope, State(bare.selection.with_filter("commune", kept), options))


def sentences(view: View) -> list[str]:
    """What the reader must know about the list the territory comes from."""
    found = chosen(view)
    if found is None or kind(view) != OWN:
        return []
    communes, said = st.session_state.get(_SAID, ((), []))
    known = found.territoire.sentences()
    return known or (said if tuple(communes) == found.territoire.communes else [])


def tried(view: View, given: Sequence[str], *, listed: bool = False) -> None:
    """Set the territory in a callback; what is refused is told in the left bar, and nothing changes."""
    st.session_state.pop(REFUSED, None)
    try:
        set_own(view, given, listed=listed)
    except LakeError as error:
        st.session_state[REFUSED] = error
