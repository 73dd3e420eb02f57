"""One boundary for a page's errors: the known are explained, the unknown get an incident number."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from apps.kit.style.french import literal, typographic
from lake.errors import AccessDenied, LakeError, MissingTable

_log = logging.getLogger("observatoire.incident")


def incident_number() -> str:
    """A short number that a reader can quote and an operator can find in the log."""
    return secrets.token_hex(4).upper()


CALL = "Prévenez l’exploitant de l’Observatoire."
_COMMAND = re.compile(r"\bobs [a-z]")


def for_readers(advice: str) -> str:
    """An advice as a page gives it: what only an operator can run becomes whom to tell."""
    return CALL if _COMMAND.search(advice) else advice


def sentence(error: LakeError) -> str:
    """What happened and what to do next, in one line of a page."""
    return " ".join(part for part in (error.message, for_readers(error.conseil)) if part)


def explain(error: Exception) -> tuple[str, str, str]:
    """Title, message and advice for an error; an unexpected one is logged under its incident number.

    Returns:
        tuple: (title, what happened, what to do next), in French.
    """
    if isinstance(error, AccessDenied):
        return "Accès refusé", error.message, error.conseil or "Demandez l’accès à votre référent."
    if isinstance(error, MissingTable):
        return "Pas encore de données", error.message, for_readers(error.conseil)
    if isinstance(error, LakeError):
        return "Cette demande n’a pas abouti", error.message, for_readers(error.conseil)
    number = incident_number()
    _log.error("Incident %s", number, exc_info=error)
    return (
        "Un incident est survenu",
        f"La page n’a pas pu être affichée. Incident n° {number}.",
        "Rechargez la page. Si l’incident se répète, transmettez ce numéro à l’exploitant.",
    )


def show(error: Exception) -> None:
    """Draw an error in place of what failed."""
    title, message, advice = explain(error)
    body = "  \n".join(literal(typographic(part)) for part in (message, advice) if part)
    known = isinstance(error, LakeError)
    (st.warning if known else st.error)(f"**{title}.** {body}")


@contextmanager
def boundary() -> Iterator[None]:
    """Draw what fails inside as a message; the rest of the page goes on."""
    try:
        yield
    except Exception as error:  # Streamlit's own control flow derives from BaseException and passes
        show(error)
