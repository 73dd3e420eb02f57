"""The LakeError family: every error a user may meet, worded in French.

A message says what happened, on what (file, line, column, table), and what to do next. One boundary renders
these on a page, one in the command line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping


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


class DeliveryFell(ContractError):
    """A delivery loses more than its source allows, compared with what is published."""


class StaleTable(LakeError):
    """A table is older than its freshness promise where fresh data are required."""


class MissingTable(LakeError):
    """A table has never been published in this lake."""


class DamagedLake(LakeError):
    """A file of the lake is cut, altered or missing: the message names it, the advice says how to go on."""


class SourceUnavailable(LakeError):
    """A source file or a storage cannot be read or reached."""


class PublishConflict(LakeError):
    """Another writer published the same data at the same time."""


class RefusedCombination(LakeError):
    """A measure was asked in a combination that has no meaning (a sum of distinct counts, for instance)."""


class Refused(LakeError):
    """What was typed in one field is refused.

    Args:
        champ: the field, by the name that the store gives it.
        message: why, in one French sentence.
        conseil: what to type instead.
    """

    def __init__(self, champ: str, message: str, *, conseil: str = "") -> None:
        super().__init__(message, conseil=conseil)
        self.champ = champ


class EditConflict(LakeError):
    """Somebody else changed the same thing since it was read.

    Args:
        theirs: what is kept now, by field.
        revision: its revision now.
    """

    def __init__(self, theirs: Mapping[str, object], revision: int) -> None:
        super().__init__(
            "Quelqu'un d'autre vient de changer la même chose.",
            conseil="Comparez les deux saisies, puis choisissez.",
        )
        self.theirs = dict(theirs)
        self.revision = revision


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


_CAUSES = (
    (r"NoSuchBucket|specified bucket does not exist", "le bucket n'existe pas"),
    (
        r"InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|ExpiredToken|AccessDenied|Forbidden|40[13] "
        r"|lacked the necessary privileges|valid authentication|Unable to locate credentials",
        "identifiants ou droits refusés",
    ),
    (
        r"Permission denied|os error 13|Read-only file system|os error 30",
        "droits insuffisants sur le dossier",
    ),
    (
        r"Could not connect|Connection refused|error sending request|tcp connect|dns error|Name or service"
        r"|EndpointConnection|Connect ?timeout|timed? ?out|Connection reset|Connection was closed",
        "le serveur ne répond pas",
    ),
    (r"NotADirectory|Not a directory|os error 20\b", "un fichier occupe la place d'un dossier"),
    (r"No such file|os error 2\b|NoSuchKey|404|not found", "un fichier manque"),
)


def cause_of(said: str) -> str:
    """What a library says, as a few French words (its own words, shortened, when unknown)."""
    plain = " ".join(re.sub(r"\x1b\[[0-9;]*m", "", said).split())
    for pattern, words in _CAUSES:
        if re.search(pattern, plain, re.IGNORECASE):
            return words
    return plain if len(plain) <= 160 else f"{plain[:160]}…"


def known_cause(said: str) -> str:
    """What a storage library says, in French only: an unknown cause is left for ``--debug``."""
    words = cause_of(said)
    return words if any(words == known for _, known in _CAUSES) else "cause technique : --debug la montre"


def storage_full(said: str) -> bool:
    """Whether a storage library says that there is no room left."""
    return (
        re.search(r"No space left|os error 28|quota|StorageFull|EntityTooLarge", said, re.IGNORECASE)
        is not None
    )
