"""Texts of pages in a small Markdown, parsed once to a tree that screen, PDF and mail each draw.

Bold, italic, code, links, lists and paragraphs; no HTML, no image, no address but http(s) and mailto. What is not in
the list is shown as the text it is: what an author types can neither run nor fetch anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

import streamlit as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from apps.kit.style.french import literal, typographic

SCHEMES = ("http://", "https://", "mailto:")


@dataclass(frozen=True)
class Run:
    """Words of one style.

    Attributes:
        text: the words.
        bold: in bold.
        italic: in italic.
        code: a command or a name, as it is typed.
        link: where they lead; empty for nowhere.
    """

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    link: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, or an item of a list.

    Attributes:
        runs: its words.
        marker: what stands before an item (``•``, ``1.``); empty for a paragraph.
    """

    runs: tuple[Run, ...]
    marker: str = ""


@cache
def _reader() -> MarkdownIt:
    made = _Reader("commonmark", {"html": False})
    made.disable(
        ["image", "html_block", "html_inline", "reference", "heading", "lheading", "hr", "fence", "code"]
    )
    return made


class _Reader(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 -- the library's name
        """Only addresses that a reader may follow."""
        return url.startswith(SCHEMES)


def parse(text: str) -> tuple[Paragraph, ...]:
    """The paragraphs of a text."""
    made: list[Paragraph] = []
    lists: list[int | None] = []
    # An image is the text it is: not the link that would be left of it.
    for token in _reader().parse(text.replace("![", "!\\[")):
        if token.type == "bullet_list_open":
            lists.append(None)
        elif token.type == "ordered_list_open":
            lists.append(int(token.attrGet("start") or 1))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open" and lists and lists[-1] is not None:
            lists[-1] += 1
        elif token.type == "inline":
            marker = "" if not lists else "•" if lists[-1] is None else f"{lists[-1] - 1}."
            made.append(Paragraph(tuple(_runs(token.children or [])), marker))
    return tuple(made)


def _runs(tokens: Sequence[Token]) -> Iterator[Run]:
    bold = italic = 0
    link = ""
    for token in tokens:
        bold += {"strong_open": 1, "strong_close": -1}.get(token.type, 0)
        italic += {"em_open": 1, "em_close": -1}.get(token.type, 0)
        if token.type == "link_open":
            link = str(token.attrGet("href") or "")
        elif token.type == "link_close":
            link = ""
        elif token.type in ("softbreak", "hardbreak"):
            yield Run(" ")
        elif token.type == "code_inline":
            yield Run(token.content, bold > 0, italic > 0, True, link)
        elif token.content:
            yield Run(typographic(token.content), bold > 0, italic > 0, False, link)


def html(text: str) -> str:
    """A text as HTML: paragraphs and lists, everything of the author escaped."""
    parts: list[str] = []
    opened = ""
    for paragraph in parse(text):
        kind = "" if not paragraph.marker else "ul" if paragraph.marker == "•" else "ol"
        if kind != opened:
            parts += [f"</{opened}>"] if opened else []
            parts += [f"<{kind}>"] if kind else []
            opened = kind
        inside = "".join(_html(run) for run in paragraph.runs)
        parts.append(f"<li>{inside}</li>" if kind else f"<p>{inside}</p>")
    return "".join([*parts, f"</{opened}>" if opened else ""])


def _html(run: Run) -> str:
    made = escape(run.text)
    for tag, put in (("code", run.code), ("em", run.italic), ("strong", run.bold)):
        made = f"<{tag}>{made}</{tag}>" if put else made
    return f'<a href="{escape(run.link, quote=True)}" rel="noopener">{made}</a>' if run.link else made


def markdown(text: str) -> str:
    """A text as Markdown written anew from what was read of it: nothing else of it can be read as Markdown."""
    parts = []
    for paragraph in parse(text):
        inside = "".join(_markdown(run) for run in paragraph.runs)
        if not paragraph.marker:
            inside = re.sub(r"^([#>+-]|\d+(?=[.)]))", r"\\\1", inside)
        marker = {"": "", "•": "- "}.get(paragraph.marker, f"{paragraph.marker} ")
        parts.append(f"{marker}{inside}")
    return "\n\n".join(parts)


def _markdown(run: Run) -> str:
    if run.code:
        made = f"`{run.text.replace('`', '')}`"
    else:
        made = re.sub(r"([*_~]|!$)", r"\\\1", literal(run.text))  # a « ! » before a link would make an image
        made = re.sub(r":(?=[a-z][a-z0-9_+-]*[:/\\])", r"\\:", made)  # the emoji and icons of Streamlit
    core = made.strip()
    if core and (run.bold or run.italic):
        sign = "*" * (2 * run.bold + run.italic)
        made = made.replace(core, f"{sign}{core}{sign}", 1)
    return f"[{made}]({run.link})" if run.link else made


def draw(text: str) -> None:
    """Draw a text on a page."""
    if text:
        st.markdown(markdown(text))


def printed(text: str) -> list[dict[str, Any]]:
    """A text as the layout of PDFs expects it."""
    return [
        {
            "marque": paragraph.marker,
            "morceaux": [
                {
                    "mots": run.text,
                    "gras": run.bold,
                    "italique": run.italic,
                    "code": run.code,
                    "lien": run.link,
                }
                for run in paragraph.runs
            ],
        }
        for paragraph in parse(text)
    ]
