"""Draws a page of the suite without a browser (Streamlit's AppTest) and reads what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from apps.kit.data.data import open_lake
from lake.settings import Settings
from lake.tables import Lake

SCRIPT = """
import importlib, streamlit as st
from apps.kit.shell.draw import draw
module = importlib.import_module("apps.{app}.declaration")
draw(next(page for page in module.PAGES if page.name == "{page}"))
"""


@dataclass
class Drawn:
    """What a page says.

    Attributes:
        at: the test application, to act on its widgets.
        title: the question.
        reading: the sentence under it.
        figures: label -> value.
        html: every piece of HTML of the page.
    """

    at: AppTest
    title: str = ""
    reading: str = ""
    figures: dict[str, str] = field(default_factory=dict)
    html: str = ""


def draw_page(app: str, page: str, lake: Path, **params: list[str]) -> Drawn:
    """Draw a page on a lake with these query parameters.

    Raises:
        AssertionError: the page showed an error or an incident.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBS_LAKE", str(lake))
        if open_lake().root != Lake(Settings.from_env()).root:
            open_lake.clear()  # a process opens one lake; tests draw several, and some open one by themselves
        at = AppTest.from_string(SCRIPT.format(app=app, page=page), default_timeout=60)
        for name, values in params.items():
            at.query_params[name] = values
        at.run()
    assert not at.exception, at.exception
    assert not at.error, [error.value for error in at.error]
    return read(at)


def read(at: AppTest) -> Drawn:
    """What the application says now."""
    html = "\n".join(element.proto.body for element in at.get("html"))
    drawn = Drawn(at, title=at.title[0].value if at.title else "", html=html)
    if found := re.search(r'<p class="obs-lecture">(.*?)</p>', html, re.DOTALL):
        drawn.reading = unescape(found.group(1))
    pairs = re.findall(r'<dt>(.*?)</dt><dd class="obs-valeur">(.*?)</dd>', html, re.DOTALL)
    drawn.figures = {unescape(label): unescape(value) for label, value in pairs}
    return drawn
