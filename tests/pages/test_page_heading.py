"""A page has one first-level heading, whatever fails and wherever."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

REFUSED = "LakeError('L’adresse ne dit pas quoi ouvrir.', conseil='Ouvrez-la depuis la liste.')"
SAID = "L’adresse ne dit pas quoi ouvrir.  \nOuvrez-la depuis la liste."
SCRIPT = """
import streamlit as st
from apps.kit.access.access import Audience
from apps.kit.shell import screen
from apps.kit.style.errors import boundary, heading, page_boundary
from lake.errors import LakeError

def body():
    {body}

screen.draw(screen.Screen("essai", "Essai", {question!r}, body, {audience}))
"""


def drawn(body: str, question: str = "", audience: str = "Audience.EVERYONE") -> AppTest:
    script = SCRIPT.format(body=body.replace("\n", "\n    "), question=question, audience=audience)
    at = AppTest.from_string(script, default_timeout=30).run()
    assert not at.exception
    return at


def said(at: AppTest) -> tuple[list[str], list[str]]:
    return [one.value for one in at.title], [one.value for one in (*at.warning, *at.error)]


def test_what_fails_before_a_title_is_the_title() -> None:
    assert said(drawn(f"raise {REFUSED}")) == (["Cette demande n’a pas abouti"], [SAID])
    assert said(drawn("pass", audience="Audience.ADMINISTRATORS"))[0] == ["Accès refusé"]


def test_what_fails_after_the_title_leaves_it_alone() -> None:
    told = f"**Cette demande n’a pas abouti.** {SAID}"
    assert said(drawn(f"raise {REFUSED}", question="La page")) == (["La page"], [told])
    assert said(drawn(f"heading('Le sien')\nraise {REFUSED}")) == (["Le sien"], [told])


def test_a_part_that_fails_before_the_title_does_not_take_its_place() -> None:
    at = drawn(f"with boundary():\n    raise {REFUSED}\nheading('Le sien')")
    assert said(at) == (["Le sien"], [f"**Cette demande n’a pas abouti.** {SAID}"])


@pytest.mark.parametrize("outer", ["", "heading('Le sien')\n"])
def test_the_part_that_bears_the_title_heads_the_page_when_it_fails(outer: str) -> None:
    titles, words = said(drawn(f"{outer}with page_boundary():\n    raise {REFUSED}\nst.write('la suite')"))
    assert titles == (["Le sien"] if outer else ["Cette demande n’a pas abouti"])
    assert len(words) == 1
    assert SAID in words[0]


@pytest.mark.incident
def test_an_incident_heads_the_page_with_its_number() -> None:
    titles, words = said(drawn("raise ValueError('secret')"))
    assert titles == ["Un incident est survenu"]
    assert words[0].startswith("La page n’a pas pu être affichée. Incident n°")
    assert "secret" not in words[0]


def test_one_page_s_heading_is_not_the_next_one_s() -> None:
    drawn("heading('Le sien')")
    assert said(drawn(f"raise {REFUSED}"))[0] == ["Cette demande n’a pas abouti"]
