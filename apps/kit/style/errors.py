"""One boundary for a page's errors: the known are explained, the unknown get an incident number.

A page keeps a first-level heading whatever fails: what reads a page aloud lands on it. Titles are drawn by
:func:`heading`, and a page that fails before its own is headed by what happened.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

from apps.kit.style.french import literal, typographic
from lake.damage import panicked
from lake.errors import AccessDenied, DamagedLake, LakeError, MissingTable

_log = logging.getLogger("observatoire.incident")


def incident_number() -> str:
    """A short number that a reader can quote and an operator can find in the log."""
    return secrets.token_hex(4).upper()


CALL = "Prévenez l’exploitant de l’Observatoire."
_HEADED: ContextVar[list[str] | None] = ContextVar("headed", default=None)
"""The headings of the page being drawn; None outside a page."""
_COMMAND = re.compile(r"\bobs [a-z]")


def for_readers(advice: str) -> str:
    """An advice as a page gives it: what only an operator can run becomes whom to tell."""
    return CALL if _COMMAND.search(advice) else advice


def sentence(error: LakeError) -> str:
    """What happened and what to do next, in one line of a page."""
    return " ".join(part for part in (error.message, for_readers(error.conseil)) if part)


def explain(error: BaseException) -> tuple[str, str, str]:
    """Title, message and advice for an error; an unexpected one is logged under its incident number.

    Returns:
        tuple: (title, what happened, what to do next), in French.
    """
    if isinstance(error, AccessDenied):
        return "Accès refusé", error.message, error.conseil or "Demandez l’accès à votre référent."
    if isinstance(error, MissingTable):
        # Which table and where it rests are the operator's: they are in the log.
        _log.warning("%s", error.message)
        return (
            "Pas encore de données",
            "Ce que montre cette vue n’a encore jamais été livré.",
            for_readers(error.conseil),
        )
    if isinstance(error, DamagedLake):  # what to do about it is the operator's: it is in the log
        number = incident_number()
        _log.error("Incident %s : %s", number, error)
        return (
            "Des données sont illisibles",
            error.message,
            f"Les autres pages restent lisibles. Transmettez ce numéro à l’exploitant : {number}.",
        )
    if isinstance(error, LakeError):
        return "Cette demande n’a pas abouti", error.message, for_readers(error.conseil)
    number = incident_number()
    _log.error("Incident %s", number, exc_info=error)
    return (
        "Un incident est survenu",
        f"La page n’a pas pu être affichée. Incident n° {number}.",
        "Rechargez la page. Si l’incident se répète, transmettez ce numéro à l’exploitant.",
    )


def heading(text: str) -> None:
    """Draw the title of the page."""
    headed = _HEADED.get()
    if headed is not None:
        headed.append(text)
    st.title(text, anchor=False)


def show(error: BaseException) -> None:
    """Draw an error in place of what failed."""
    _draw(error, *explain(error))


def _draw(error: BaseException, title: str, *said: str) -> None:
    body = "  \n".join(literal(typographic(part)) for part in said if part)
    (st.warning if isinstance(error, LakeError) else st.error)(f"**{title}.** {body}" if title else body)


@contextmanager
def boundary() -> Iterator[None]:
    """Draw what fails inside as a message; the rest of the page goes on."""
    try:
        yield
    except BaseException as error:
        if _passes(error):
            raise
        show(error)


@contextmanager
def page_boundary() -> Iterator[None]:
    """The boundary of a page, or of the part of it that bears its title: what fails before a title is the title."""
    opened = None
    headed = _HEADED.get()
    if headed is None:
        headed = []
        opened = _HEADED.set(headed)
    try:
        yield
    except BaseException as error:
        if _passes(error):
            raise
        title, *said = explain(error)
        if not headed:
            heading(title)
            title = ""
        _draw(error, title, *said)
    finally:
        if opened is not None:
            _HEADED.reset(opened)


def _passes(error: BaseException) -> bool:
    """Whether an error is none of a page's: Streamlit's own control flow, which derives from BaseException.

    A panic of Polars' Rust code derives from it too, and would end the thread of the page without a word: the page
    would wait for ever.
    """
    return not isinstance(error, Exception) and not panicked(error)
