"""The left bar of « Diagnostic »: the kind of territory, the territory, one's own list, name and link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import streamlit as st

from apps.annuaire.diagnostic.territory import (
    AXES,
    IN_ADDRESS,
    KINDS,
    MOST_BYTES,
    REFUSED,
    asking,
    choose,
    codes,
    content,
    kind,
    set_own,
    tried,
    without_territory,
)
from apps.kit.access import links
from apps.kit.data import state
from apps.kit.data.state import State, follow
from apps.kit.data.view import View
from apps.kit.filters.filters import PLACEHOLDER
from apps.kit.style import french
from apps.kit.style.errors import show
from apps.kit.style.french import typographic
from lake.errors import LakeError
from lake.store.sharing import Genre
from scoring.annuaire.territory import read_codes
from scoring.universes.diagnostic import COMMUNES as PLACES
from scoring.universes.diagnostic import OWN, PARTENAIRES, PARTNER


@dataclass(frozen=True)
class Place:
    """The filter of the left bar that chooses the territory."""

    axes: tuple[str, ...] = AXES
    shared: bool = True

    def draw(self, view: View) -> None:
        """Draw the kind of territory, then the territory."""
        what = kind(view)
        key = f"territoire.{view.scope.page}.genre"
        follow(key, what if what in KINDS else None)
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
            start = codes(view)
        except LakeError:
            start = ()
        if len(start) <= IN_ADDRESS:
            set_own(view, start)
            return
    if what is None:
        state.commit(view.scope, without_territory(state.current(view.scope)))
    else:
        choose(view, what)


def _labels(view: View, what: str) -> dict[str, str]:
    if what == PARTNER:
        rows = asking(view, PARTENAIRES).query(["communes"], ["code_partenaire", "partenaire"])
        return dict(rows.sort("partenaire").select("code_partenaire", "partenaire").iter_rows())
    rows = asking(view, PLACES, territory="").query(["population"], _BY[what]).drop_nulls(_BY[what][0])
    text = pl.format("{} ({})", "commune", "code_departement") if what == "commune" else pl.col(what)
    return dict(rows.sort(what).select(_BY[what][0], text).iter_rows())


_BY = {
    "commune": ["code_commune", "commune", "code_departement"],
    "epci": ["siren_epci", "epci"],
    "departement": ["code_departement", "departement"],
}


def _list(view: View, what: str, labels: dict[str, str], value: str) -> None:
    key = f"territoire.{view.scope.page}.{what}"
    options = [*labels, *([value] if value and value not in labels else [])]
    follow(key, value or None)

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
        follow(key, list(given))
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


def _pasted(view: View) -> None:
    key = f"territoire.{view.scope.page}.liste"

    def use() -> None:
        tried(view, read_codes(st.session_state[key]), listed=True)

    with st.expander(
        "Coller ou déposer une liste", expanded=not view.selection.values("commune"), key=f"{key}.ouvert"
    ):
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
            st.session_state[REFUSED] = LakeError(
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
    if (refused := st.session_state.pop(REFUSED, None)) is not None:
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
    follow(key, name)

    def renamed() -> None:
        now = state.current(view.scope)
        options = {n: v for n, v in now.options.items() if n != "nom"}
        text = " ".join(st.session_state[key].split())
        state.commit(view.scope, State(now.selection, {**options, "nom": text} if text else options))

    def keep() -> None:
        kept = codes(view)
        if not kept:
            return
        bare = without_territory(state.current(view.scope))
        try:
            code = links.keep(Genre.TERRITOIRE, {"communes": list(kept)}, view.option("nom"))
        except LakeError as error:
            st.session_state[REFUSED] = error
            return
        state.commit(view.scope, State(bare.selection, {**bare.options, links.LINK: code}))

    st.text_input("Nom du territoire", key=key, max_chars=80, placeholder="Facultatif", on_change=renamed)
    if not link or view.option("nom"):
        st.button("Créer un lien court", key="obs_lien_court", on_click=keep)
    else:
        links.draw(link)
