"""Texts of pages: read once, drawn alike on screen, in PDFs and in mails; nothing of them runs or fetches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from apps.kit.pages.prose import html, markdown, parse, printed

HOSTILE = (
    "<script>alert(1)</script> ![x](http://ailleurs/p.png) [ici](javascript:alert(1)) [là](https://a.fr) "
    ":material/home: $x$"
)


def words(text: str) -> str:
    return "".join(run.text for paragraph in parse(text) for run in paragraph.runs)


def test_every_rendering_says_the_same_words() -> None:
    text = "- **Un mois** manquant : `obs x`\n- *deux*\n\n1. un\n2. deux\n\nfin"
    assert html(text) == (
        "<ul><li><strong>Un mois</strong> manquant\u202f: <code>obs x</code></li><li><em>deux</em></li></ul>"
        "<ol><li>un</li><li>deux</li></ol><p>fin</p>"
    )
    assert markdown(text) == "- **Un mois** manquant\u202f: `obs x`\n\n- *deux*\n\n1. un\n\n2. deux\n\nfin"
    assert [paragraph["marque"] for paragraph in printed(text)] == ["•", "•", "1.", "2.", ""]
    assert printed("**a** b")[0]["morceaux"][0] == {
        "mots": "a", "gras": True, "italique": False, "code": False, "lien": "",
    }  # fmt: skip


def test_what_an_author_types_neither_runs_nor_fetches() -> None:
    made = html(HOSTILE)
    assert "<script" not in made
    assert "<img" not in made
    assert 'href="javascript' not in made
    assert '<a href="https://a.fr" rel="noopener">là</a>' in made
    assert "&lt;script&gt;" in made
    shown = MarkdownIt("commonmark").render(markdown(HOSTILE))
    assert "<script" not in shown
    assert "<img" not in shown
    assert "\\:material" in markdown(HOSTILE)
    assert "\\$x\\$" in markdown(HOSTILE)


@pytest.mark.parametrize("text", ["# titre", "> cité", "+ plus", "3) trois", "a * b * c", "un_deux_trois"])
def test_marks_that_are_not_read_are_shown_as_they_are(text: str) -> None:
    said = MarkdownIt("commonmark").render(markdown(text))
    assert not any(tag in said for tag in ("<h1", "<em>", "<strong>"))


@given(st.text(alphabet="ab*_`[]()<>!#-+1. \n&:$\\~", max_size=40))
def test_no_text_makes_markup_that_was_not_read(text: str) -> None:
    made = html(text)
    for tag in ("<script", "<img", "<h1", "<b>", "<a href"):
        assert tag not in made
    assert parse(text) is not None
    assert "<img" not in MarkdownIt("commonmark").render(markdown(text))
    assert words(text) is not None
