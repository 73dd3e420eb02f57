"""One pass that sets the words of every widget in French type: labels, options, buttons, helps.

Names come from official files and labels from declarations, with straight apostrophes and plain spaces; a widget that
forgets to set them is one among hundreds. Streamlit's own functions are wrapped once, so that none can forget. Values
are never touched: only what ``format_func`` makes of them to be read. Typed with a straight apostrophe, a name is
found all the same (:mod:`apps.kit.shell.translations`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from apps.kit.style.french import set_in_type

LABELLED = (
    "button", "checkbox", "date_input", "download_button", "expander", "file_uploader", "form_submit_button",
    "link_button", "number_input", "page_link", "popover", "text_area", "text_input", "time_input", "toggle",
)  # fmt: skip
"""Elements whose first argument is their label; that of ``page_link`` is a named one."""
CHOICES = ("multiselect", "pills", "radio", "segmented_control", "select_slider", "selectbox")
"""Those that also offer options, read through ``format_func``."""
_WORDS = ("label", "help", "placeholder", "alt")
_DONE = "_en_francais"


def typeset() -> None:
    """Wrap Streamlit's widgets, once a process."""
    for name in (*LABELLED, *CHOICES):
        original = getattr(DeltaGenerator, name)
        if getattr(original, _DONE, False):
            continue
        setattr(DeltaGenerator, name, _wrapped(original, choices=name in CHOICES))
        # ``st.button`` is bound at import to the method as it was.
        setattr(st, name, getattr(st._main, name))


def _wrapped(original: Callable[..., Any], *, choices: bool) -> Callable[..., Any]:
    @wraps(original)
    def drawn(self: DeltaGenerator, *given: Any, **named: Any) -> Any:
        if given and isinstance(given[0], str) and original.__name__ != "page_link":
            given = (set_in_type(given[0]), *given[1:])
        for name in _WORDS:
            if isinstance(named.get(name), str):
                named[name] = set_in_type(named[name])
        if choices:
            said = named.get("format_func") or str
            named["format_func"] = lambda option: set_in_type(str(said(option)))
        return original(self, *given, **named)

    setattr(drawn, _DONE, True)
    return drawn
