"""The territory that « Diagnostic » looks at: chosen in the left bar, picked on the map, or opened by a link.

An official territory and a few communes picked one by one are ordinary filters: they follow from page to page. A
longer list is kept at once under a short link, since an address cannot hold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from apps.kit import french, links, state
from apps.kit.errors import show
from apps.kit.filters import PLACEHOLDER
from apps.kit.french import typographic
from apps.kit.state import State
from apps.kit.view import View
from lake.catalog.territoires import COMMUNES, DEPARTEMENTS, EPCI, FUSIONS, PARTENAIRES
from lake.errors import LakeError
from lake.store.sharing import Genre
from scoring import annuaire_territoire as places
from scoring.annuaire_diagnostic import covered
from scoring.annuaire_territoire import OWN, PARTNER, Choix
from scoring.territory import MESHES, read_codes, resolve

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
_AXES = ("commune", "epci", "departement")
_SAID = "annuaire.mon_territoire"
_REFUSED = "annuaire.liste_refusee"
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
    for mesh in _AXES:
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
    if what in _AXES and view.selection.values(what):
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
    if not any(now.selection.values(mesh) for mesh in _AXES):
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
    if what in _AXES and value:
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


@dataclass(frozen=True)
class Place:
    """The filter of the left bar that chooses the territory."""

    axes: tuple[str, ...] = _AXES
    shared: bool = True

    def draw(self, view: View) -> None:
        """Draw the kind of territory, then the territory."""
        what = kind(view)
        key = f"territoire.{view.scope.page}.genre"
        shown = what if what in KINDS else None
        if st.session_state.get(key) != shown:
            st.session_state[key] = shown
        st.selectbox(
            "Territoire",
            list(KINDS),
            format_func=lambda one: KINDS[one],
            key=key,
            index=None,
            placeholder="Toute la région",
            on_change=_kind_changed,
            args=(view, key),
        )
        if what == OWN:
            _own(view)
        elif what in KINDS:
            labels = _labels(view, what)
            value = view.option(PARTNER) if what == PARTNER else next(iter(view.selection.values(what)), "")
            _list(view, what, labels, value)


def _kind_changed(view: View, key: str) -> None:
    what = st.session_state[key]
    if what == OWN:
        try:  # what is shown is where one's own territory starts from
            found = chosen(view)
        except LakeError:
            found = None
        start = found.territoire.communes if found and found.territoire.maille != "region" else ()
        if len(start) <= IN_ADDRESS:
            set_own(view, start)
            return
    if what is None:
        state.commit(view.scope, without_territory(state.current(view.scope)))
    else:
        choose(view, what)


def _labels(view: View, what: str) -> dict[str, str]:
    around = departements(view)

    def compute() -> dict[str, str]:
        communes = view.data.frame(COMMUNES).filter(pl.col("code_departement").is_in(around))
        if what == "commune":
            text = pl.format("{} ({})", "commune", "code_departement")
            return dict(communes.sort("commune").select("code_commune", text).iter_rows())
        if what == PARTNER:
            return dict(
                view.data.frame(PARTENAIRES)
                .sort("nom")
                .select("code", "nom")
                .unique()
                .sort("nom")
                .iter_rows()
            )
        table, code = (EPCI, "siren_epci") if what == "epci" else (DEPARTEMENTS, "code_departement")
        known = communes[code].drop_nulls().unique()
        rows = view.data.frame(table).filter(pl.col(code).is_in(known.implode()))
        return dict(rows.sort(what).select(code, what).iter_rows())

    found: dict[str, str] = view.data.cached(("listes", what, around), places.TABLES, compute)
    return found


def _list(view: View, what: str, labels: dict[str, str], value: str) -> None:
    key = f"territoire.{view.scope.page}.{what}"
    options = [*labels, *([value] if value and value not in labels else [])]
    if st.session_state.get(key) != (value or None):
        st.session_state[key] = value or None

    def changed() -> None:
        choose(view, what, st.session_state[key] or "")

    st.selectbox(
        KINDS[what],
        options,
        format_func=lambda code: labels.get(code, code),
        key=key,
        index=None,
        placeholder=PLACEHOLDER,
        filter_mode="fuzzy",
        on_change=changed,
    )


def _own(view: View) -> None:
    """The reader's own territory: communes one by one, a list, a name, a link."""
    try:
        given = codes(view)
    except LakeError:
        given = ()
    if len(given) <= IN_ADDRESS:
        labels = _labels(view, "commune")
        key = f"territoire.{view.scope.page}.communes"
        if st.session_state.get(key) != list(given):
            st.session_state[key] = list(given)
        st.multiselect(
            "Communes",
            [*labels, *(code for code in given if code not in labels)],
            format_func=lambda code: labels.get(code, code),
            key=key,
            placeholder="Ajouter une commune…",
            select_all=False,
            filter_mode="fuzzy",
            on_change=lambda: tried(view, st.session_state[key]),
        )
    else:
        st.html(f'<p class="obs-source">{french.counted(len(given), "commune")} dans cette liste.</p>')
    _pasted(view)
    _uploaded(view)
    _named(view, given)


def tried(view: View, given: Sequence[str], *, listed: bool = False) -> None:
    """Set the territory in a callback; what is refused is told in the left bar, and nothing changes."""
    st.session_state.pop(_REFUSED, None)
    try:
        set_own(view, given, listed=listed)
    except LakeError as error:
        st.session_state[_REFUSED] = error


def _pasted(view: View) -> None:
    key = f"territoire.{view.scope.page}.liste"

    def use() -> None:
        tried(view, read_codes(st.session_state[key]), listed=True)

    with st.expander("Coller ou déposer une liste", expanded=not view.selection.values("commune")):
        st.text_area(
            "Codes INSEE",
            key=key,
            placeholder="67482, 67447…",
            max_chars=400_000,
            height=90,
            help=typographic("Séparés par des espaces, des virgules ou des retours à la ligne."),
        )
        st.button("Utiliser cette liste", key="obs_liste", on_click=use)


def _uploaded(view: View) -> None:
    key = f"territoire.{view.scope.page}.fichier"

    def read() -> None:
        file = st.session_state[key]
        if file is None:
            return
        raw = file.getvalue()
        if len(raw) > MOST_BYTES or b"\0" in raw:
            st.session_state[_REFUSED] = LakeError(
                f"Le fichier {file.name} n'est pas une liste de codes INSEE, ou dépasse 1 Mo.",
                conseil="Déposez un fichier CSV ou texte : un code par ligne, ou une colonne code_commune.",
            )
            return
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
        tried(view, read_codes(text), listed=True)

    st.file_uploader("Fichier CSV ou texte", type=["csv", "txt"], key=key, on_change=read, max_upload_size=1)
    if (refused := st.session_state.pop(_REFUSED, None)) is not None:
        show(refused)


def _named(view: View, given: Sequence[str]) -> None:
    if not given:
        return
    link = view.option(links.LINK)
    name = view.option("nom")
    if not name and link:
        try:
            name = content(link)["nom"]
        except LakeError:
            return
    key = f"territoire.{view.scope.page}.nom"
    if st.session_state.get(key) != name:
        st.session_state[key] = name

    def renamed() -> None:
        now = state.current(view.scope)
        options = {n: v for n, v in now.options.items() if n != "nom"}
        text = " ".join(st.session_state[key].split())
        state.commit(view.scope, State(now.selection, {**options, "nom": text} if text else options))

    def keep() -> None:
        found = chosen(view)
        if found is None:
            return
        bare = without_territory(state.current(view.scope))
        try:
            code = links.keep(
                Genre.TERRITOIRE, {"communes": list(found.territoire.communes)}, view.option("nom")
            )
        except LakeError as error:
            st.session_state[_REFUSED] = error
            return
        state.commit(view.scope, State(bare.selection, {**bare.options, links.LINK: code}))

    st.text_input("Nom du territoire", key=key, max_chars=80, placeholder="Facultatif", on_change=renamed)
    if not link or view.option("nom"):
        st.button("Créer un lien court", key="obs_lien_court", on_click=keep)
    else:
        links.draw(link)
