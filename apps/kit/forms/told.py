"""What the last action did, said once at the top of the page that follows; see ``Done``."""

from __future__ import annotations

import streamlit as st

from apps.kit.forms.filling import Done
from apps.kit.style.french import literal, typographic

_TOLD = "formulaires.dit"


def tell(done: Done) -> None:
    """Say what was done, at the top of the next run."""
    st.session_state.setdefault(_TOLD, []).append(done)


def say(text: str) -> None:
    """Say what was done."""
    tell(Done((text,)))


def warn(text: str) -> None:
    """Say what could not be done."""
    tell(Done(warned=(text,)))


def draw() -> None:
    """Say it, once: what could not be done, what was, what is to be handed over."""
    told: list[Done] = st.session_state.pop(_TOLD, [])
    for shown, parts in ((st.warning, "warned"), (st.success, "said")):
        if lines := dict.fromkeys(one for done in told for one in getattr(done, parts)):
            shown("  \n".join(typographic(literal(one)) for one in lines))
    if texts := [one for done in told for one in done.shown]:
        st.code("\n".join(texts), language=None, wrap_lines=True)
