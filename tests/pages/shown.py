"""What a screen shows and its words do not say: which button is the main one, what is closed, what is already filled.

Added to the text of an approved reading: a field that opens on another value, a button that lost its weight and a
drawing that changed are lines of its difference.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.pages.test_approved_readings import reading
from tests.pages.test_every_page_in_french import elements

WEIGHTS = {"primary": "principal", "tertiary": "discret"}
FILLED = (
    "checkbox", "date_input", "multiselect", "number_input", "radio", "selectbox", "text_area", "text_input",
    "time_input", "toggle",
)  # fmt: skip
"""Elements that hold a value."""


def whole(at: AppTest) -> str:
    """The reading of a screen, then what its widgets show."""
    return "\n".join([reading(at).rstrip("\n"), *widgets(at), *drawings(at)]) + "\n"


def widgets(at: AppTest) -> Iterator[str]:
    """The widgets that do not look as they would by themselves: their weight, whether they are closed, their value."""
    for element in elements(at._tree):
        proto = getattr(element, "proto", None)
        if proto is None:
            continue
        marks = [WEIGHTS[weight]] if (weight := str(getattr(proto, "type", ""))) in WEIGHTS else []
        if getattr(proto, "disabled", False) is True:
            marks.append("désactivé")
        if element.type in FILLED and (value := element.value) not in (None, "", [], False):
            marks.append(f"vaut {_said(value)}")
        if marks:
            yield f"{element.type} · {' '.join(str(proto.label).split())} · {', '.join(marks)}"


def drawings(at: AppTest) -> Iterator[str]:
    """A fingerprint of each image that the page holds in itself."""
    for element in elements(at._tree):
        body = getattr(getattr(element, "proto", None), "body", "")
        for data in re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', body):
            drawn = base64.b64decode(data)
            boxes, lines = drawn.count(b"<rect"), drawn.count(b"<path")
            yield f"image · {boxes} cases, {lines} traits, empreinte {hashlib.sha256(drawn).hexdigest()[:12]}"


def _said(value: Any) -> str:
    return (
        ", ".join(str(one) for one in value)
        if isinstance(value, list | tuple)
        else " ".join(str(value).split())
    )
