"""The link to what a reader sees: the address itself, or a short one where it is too long to be sent."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from apps.kit.access import links
from apps.kit.style.errors import boundary
from apps.kit.style.french import typographic
from lake.errors import UnknownName
from lake.store.sharing import Genre

LONGEST = 1_800
"""Characters of an address beyond which mailers and proxies cut it."""
_KEPT = "analyses.lien"


def follow() -> None:
    """Take the filters that a short link of the address stands for; it opens nothing by itself.

    The analysis is read with the reader's own rights, whoever made the link.

    Raises:
        UnknownName: there is no such link.
    """
    code = st.query_params.get(links.LINK, "")
    if not code:
        return
    found = links.find(code, Genre.VUE).contenu
    said = found.get("adresse") if isinstance(found, dict) else None
    if not isinstance(said, dict):
        raise UnknownName("lien partagé", code, ())
    st.query_params.from_dict({str(name): [str(one) for one in values] for name, values in said.items()})


def draw() -> None:
    """Draw the button that copies the link of what is shown; for a long address, the one that makes it short."""
    asked = {name: st.query_params.get_all(name) for name in st.query_params}
    if len(urlencode(asked, doseq=True)) <= LONGEST:
        st.session_state.pop(_KEPT, None)
        st.button("Copier le lien de cette vue", key="obs_copier_lien", type="tertiary", on_click=_copied)
        return
    st.button("Lien court de cette vue", key="analyse_lien_court", type="tertiary", on_click=_shorten)


def draw_short() -> None:
    """Draw the short link that was asked for."""
    asked = {name: st.query_params.get_all(name) for name in st.query_params}
    code, of = st.session_state.get(_KEPT, ("", None))
    if code and of == asked:  # another choice was made since: the link is not of what is shown
        st.html(
            f'<p class="obs-source">{typographic("Lien court : il garde vos filtres et n’ouvre aucun droit.")}</p>'
        )
        st.code(links.address(code), language=None, wrap_lines=True)


def _shorten() -> None:
    asked = {name: st.query_params.get_all(name) for name in st.query_params}
    with boundary():
        st.session_state[_KEPT] = (links.keep(Genre.VUE, {"adresse": asked}), asked)


def _copied() -> None:
    # The copy itself is done in the browser, which alone knows the address (apps/kit/shell/page.js).
    st.toast(typographic("Lien copié : il garde vos filtres."))
