"""The LakeError family: every error a user may meet, worded in French.

A message says what happened, on what (file, line, column, table), and what to do next. One boundary renders
these on a page, one in the command line.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LakeError(Exception):
    """Base of the errors that are shown to users as they are.

    Args:
        message: one French sentence: what happened and on what.
        conseil: what the reader can do next, in French; empty when the message says it.
    """

    def __init__(self, message: str, *, conseil: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.conseil = conseil

    def __str__(self) -> str:
        return f"{self.message} {self.conseil}".strip()


class ContractError(LakeError):
    """Data breaks a table's contract, or a file breaks its source's layout."""


class BudgetExceeded(ContractError):
    """More lines were rejected than the source's rejection budget allows."""


class StaleTable(LakeError):
    """A table is older than its freshness promise where fresh data are required."""


class MissingTable(LakeError):
    """A table has never been published in this lake."""


class SourceUnavailable(LakeError):
    """A source file or a storage cannot be read or reached."""


class PublishConflict(LakeError):
    """Another writer published the same data at the same time."""


class RefusedCombination(LakeError):
    """A measure was asked in a combination that has no meaning (a sum of distinct counts, for instance)."""


class AccessDenied(LakeError):
    """The reader has no right to what was asked."""


class UnknownName(LakeError):
    """A name (measure, dimension, table, territory) does not exist; close names are suggested.

    Args:
        kind: what was looked for, with its French article-free noun ("mesure", "dimension").
        name: what was asked.
        known: the names that exist.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        choices = sorted(known)
        close = difflib.get_close_matches(name, choices, n=3, cutoff=0.5)
        conseil = (
            f"Vouliez-vous dire : {', '.join(close)} ?"
            if close
            else f"Valeurs possibles : {', '.join(choices[:40])}{'…' if len(choices) > 40 else ''}."
        )
        super().__init__(f"Nom inconnu ({kind}) : « {name} ».", conseil=conseil)
        self.kind = kind
        self.name = name
        self.suggestions = close
