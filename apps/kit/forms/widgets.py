"""A widget a kind of field, each with Streamlit's own accessible one: a label in sight, a help, a limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from apps.kit.forms.form import Attached, Field, Kind
from apps.kit.style.french import typographic

_OPTIONAL = frozenset(
    {Kind.TEXT, Kind.LONG, Kind.EMAIL, Kind.CHOICE, Kind.RADIO, Kind.DATE, Kind.NUMBER, Kind.FILE}
)
Changed = Callable[[], None]


def label_of(one: Field) -> str:
    """What stands above a field: what need not be filled says so."""
    optional = not one.required and not one.locked and one.kind in _OPTIONAL
    return typographic(f"{one.label} (facultatif)" if optional else one.label)


def draw(one: Field, key: str, first: Any, *, locked: bool, changed: Changed | None) -> None:
    """Draw the widget of a field.

    Args:
        one: the field.
        key: key of the widget; its value is then in the session under it.
        first: what it shows before the reader touches it; constant while the form is filled.
        locked: whether it can be changed.
        changed: called when its value changes; None inside ``st.form``, which tells values when it is sent.
    """
    told: dict[str, Any] = {} if changed is None else {"on_change": changed}
    given: dict[str, Any] = {
        "key": key,
        "help": typographic(one.help) or None,
        "disabled": locked or one.locked,
        "width": one.width or "stretch",
        **told,
    }
    label = label_of(one)
    kind = one.kind
    if kind in (Kind.TEXT, Kind.EMAIL, Kind.PASSWORD, Kind.CODE):
        st.text_input(
            label,
            first or "",
            max_chars=one.most or None,
            type="password" if kind is Kind.PASSWORD else "default",
            autocomplete=one.autocomplete or {Kind.CODE: "one-time-code", Kind.EMAIL: "email"}.get(kind),
            **given,
        )
    elif kind is Kind.LONG:
        st.text_area(label, first or "", max_chars=one.most or None, **given)
    elif kind in (Kind.CHOICE, Kind.RADIO):
        _choice(one, label, first, given)
    elif kind is Kind.SEVERAL:
        offered = one.offered()
        st.multiselect(
            label,
            list(offered),
            [each for each in first or () if each in offered],
            format_func=lambda each: offered.get(each, str(each)),
            max_selections=one.most or None,
            placeholder=one.empty,
            **given,
        )
    elif kind is Kind.DATE:
        st.date_input(label, first, min_value=one.since, max_value=one.until, format="DD/MM/YYYY", **given)
    elif kind is Kind.NUMBER:
        st.number_input(label, min_value=one.least, max_value=one.top, value=first, **given)
    elif kind is Kind.BOOLEAN:
        given["width"] = one.width or "content"
        st.checkbox(label, bool(first), **given)
    else:
        st.file_uploader(label, type=list(one.types), max_upload_size=2, **given)


def _choice(one: Field, label: str, first: Any, given: dict[str, Any]) -> None:
    offered = one.offered()
    names = list(offered)
    index = names.index(first) if first in offered else None

    def said(each: Any) -> str:
        return offered.get(each, str(each))

    if one.kind is Kind.RADIO:
        st.radio(label, names, index=index, format_func=said, **given)
    else:
        st.selectbox(label, names, index=index, format_func=said, placeholder=one.empty, **given)


def value_of(one: Field, held: Any) -> Any:
    """What a widget holds, as the value of a field: a file is its name and its bytes."""
    if one.kind is Kind.FILE and held is not None:
        return Attached(str(held.name).replace("\\", "/").rpartition("/")[2], held.getvalue())
    return held
