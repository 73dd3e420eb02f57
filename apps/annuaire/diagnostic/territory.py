"""The territory that « Diagnostic » looks at: chosen in the left bar, picked on the map, or opened by a link.

An official territory and a few communes picked one by one are ordinary filters: they follow from page to page. A
longer list is kept at once under a short link, since an address cannot hold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from apps.kit.access import links
from apps.kit.data import state
from apps.kit.data.state import State
from apps.kit.data.view import View
from apps.kit.filters.inputs import Since
from lake.errors import LakeError
from lake.store.sharing import Genre
from scoring.universes.annuaire import TERRITOIRES
from scoring.universes.diagnostic import DIAGNOSTIC, OWN, PARTNER
from scoring.universes.model import Universe

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
PROFESSIONAL = ("profession", "specialite", "mode_exercice")
SINCE = Since("depuis", "Comparée à l'extraction du")
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


def named(view: View) -> str:
    """The territory as the universe's question names it; empty for the whole region.

    Raises:
        UnknownName: the short link leads nowhere.
        LakeError: what it holds is not a list of communes.
    """
    if link := view.option(links.LINK):
        return f"communes={','.join(content(link)['communes'])}"
    if kind(view) == PARTNER and view.option(PARTNER):
        return f"{PARTNER}={view.option(PARTNER)}"
    for mesh in AXES:
        if values := view.selection.values(mesh):
            # Communes picked one by one are a territory of one's own even when there is only one.
            noun = "communes" if mesh == "commune" and kind(view) == OWN else mesh
            return f"{noun}={','.join(values)}"
    return ""


def asking(view: View, universe: Universe = DIAGNOSTIC, territory: str | None = None) -> View:
    """A question about the territory: the professional filters, the territory, the comparison.

    Args:
        view: what the page shows.
        universe: what is asked of it.
        territory: another one than the page's.

    Raises:
        LakeError: the link leads nowhere.
    """
    selection = view.selection.only(PROFESSIONAL)
    bare = replace(view, state=State(selection.at(view.date), view.state.options))
    before = SINCE.read(view) if view.before else None
    link = view.option(links.LINK)
    name = view.option("nom") or (content(link)["nom"] if link else "")
    return bare.asking(
        universe,
        territoire=named(view) if territory is None else territory,
        nom=name if kind(view) == OWN else "",
        depuis=before.isoformat() if before else "",
    )


def codes(view: View) -> tuple[str, ...]:
    """The communes of the reader's own territory; none when nothing is chosen yet.

    Raises:
        LakeError: the link leads nowhere, or none of its codes is known.
    """
    if not named(view):
        return ()
    return tuple(asking(view).notes()["communes"].split(","))


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
    """The départements that the extraction shown covers."""
    return tuple(asking(view, territory="").notes()["departements"].split(","))


def empty(view: View) -> bool:
    """Whether the reader's own territory holds no commune yet."""
    return kind(view) == OWN and not named(view)


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
    for mesh in TERRITOIRES:
        selection = selection.without(mesh.name)
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
        found = asking(view, territory=f"communes={','.join(given)}").notes()
        kept = found["communes"].split(",")
        st.session_state[_SAID] = (tuple(kept), found.get("liste", "").splitlines())
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
    if kind(view) != OWN or empty(view):
        return []
    found = asking(view).notes()
    communes, said = st.session_state.get(_SAID, ((), []))
    return found.get("liste", "").splitlines() or (said if tuple(communes) == codes(view) else [])


def tried(view: View, given: Sequence[str], *, listed: bool = False) -> None:
    """Set the territory in a callback; what is refused is told in the left bar, and nothing changes."""
    st.session_state.pop(REFUSED, None)
    try:
        set_own(view, given, listed=listed)
    except LakeError as error:
        st.session_state[REFUSED] = error
