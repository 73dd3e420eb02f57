"""Reading what was typed: normal form, checks, comparison with what was kept meanwhile. No Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from apps.kit.forms.form import Action, Field, Form, Kind, Values
from lake.errors import LakeError, Refused

WHOLE = ""
"""Under which name a refusal of the whole form stands."""


@dataclass(frozen=True)
class Refusal:
    """Why a field (or the whole form) is refused.

    Attributes:
        message: why, in one French sentence.
        advice: what to do.
    """

    message: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


@dataclass(frozen=True)
class Entry:
    """What was typed, once read.

    Attributes:
        values: field -> value as the store keeps it, of the fields that were asked.
        refused: field -> why; :data:`WHOLE` for what no single field is to blame for.
    """

    values: Values
    refused: Mapping[str, Refusal] = field(default_factory=dict)


def plain(one: Field, value: Any) -> Any:
    """A value in the normal form of its kind, before any check: spaces around a text mean nothing."""
    if one.kind in (Kind.TEXT, Kind.EMAIL, Kind.CODE):
        return str(value or "").strip()
    if one.kind is Kind.LONG:
        text = str(value or "").replace("\r\n", "\n").replace("\r", "\n")
        return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
    if one.kind is Kind.PASSWORD:
        return str(value or "")
    if one.kind is Kind.SEVERAL:
        return list(value or ())
    if one.kind is Kind.BOOLEAN:
        return bool(value)
    if one.kind in (Kind.CHOICE, Kind.RADIO) and value is None and "" in one.offered():
        return ""  # an option that says nothing in particular (« Sans ») is what nothing means
    return value


def missing(one: Field, value: Any) -> bool:
    """Whether nothing was typed."""
    return one.kind is not Kind.BOOLEAN and (value is None or value in ("", []))


def read(form: Form, typed: Values, action: Action) -> Entry:
    """Read a form: every field that is asked, then what they say together.

    Args:
        form: the form.
        typed: field -> what its widget holds.
        action: the button; some need no check.
    """
    plains = {one.name: plain(one, typed.get(one.name)) for one in form.fields()}
    asked = form.asked(plains)
    if not action.checked:
        return Entry({one.name: plains[one.name] for one in asked})
    values: dict[str, Any] = {}
    refused: dict[str, Refusal] = {}
    for one in asked:
        try:
            values[one.name] = _checked(one, plains[one.name])
        except LakeError as error:
            refused[one.name] = Refusal(error.message, error.conseil)
    if not refused and form.check is not None:
        try:
            form.check(values)
        except LakeError as error:
            refused = dict([blamed(form, error)])
    return Entry(values, refused)


def blamed(form: Form, error: LakeError) -> tuple[str, Refusal]:
    """The field that an error blames, if it is one of the form's, and why."""
    name = error.champ if isinstance(error, Refused) else WHOLE
    known = {one.name for one in form.fields()}
    return (name if name in known else WHOLE), Refusal(error.message, error.conseil)


def _checked(one: Field, value: Any) -> Any:
    if missing(one, value):
        if not one.required or one.locked:
            return value
        if one.check is not None and one.kind in (Kind.TEXT, Kind.LONG):
            one.check(value)  # the store says best what it misses
        typed = one.kind not in (Kind.CHOICE, Kind.RADIO, Kind.SEVERAL, Kind.DATE, Kind.FILE)
        raise LakeError("À remplir." if typed else "À choisir.")
    if one.most and isinstance(value, str) and len(value) > one.most:
        raise LakeError(f"Trop long : {len(value)} caractères, {one.most} au plus.")
    if one.kind in (Kind.CHOICE, Kind.RADIO, Kind.SEVERAL):
        offered = one.offered()
        gone = [each for each in (value if one.kind is Kind.SEVERAL else [value]) if each not in offered]
        if gone:
            raise LakeError("Ce choix n'est plus proposé.", conseil="Choisissez de nouveau.")
    return value if one.check is None else one.check(value)


# -- what a draft writes ---------------------------------------------------------------------------------


def written(one: Field, value: Any) -> Any:
    """A value as JSON writes it."""
    return value.isoformat() if isinstance(value, date) else value


def unwritten(one: Field, value: Any) -> Any:
    """A value out of JSON; None where it is not of the field's kind any more."""
    try:
        if one.kind is Kind.DATE:
            return None if value is None else date.fromisoformat(value)
        if one.kind is Kind.NUMBER:
            return None if value is None else (value if isinstance(value, int) else float(value))
    except (TypeError, ValueError):
        return None
    if one.kind in (Kind.CHOICE, Kind.RADIO):
        return value if value in one.offered() else None
    if one.kind is Kind.SEVERAL:
        offered = one.offered()
        return [each for each in value if each in offered] if isinstance(value, list) else []
    return plain(one, value)


# -- what somebody else kept meanwhile -------------------------------------------------------------------


@dataclass(frozen=True)
class Merge:
    """Three states of one thing, compared field by field.

    Attributes:
        send: field -> value: what the reader changed and may be kept.
        conflicts: field -> what somebody else kept there, where both changed it and differ.
    """

    send: Values
    conflicts: Values


def merge(seen: Values, mine: Values, theirs: Values) -> Merge:
    """Compare what the reader saw, what it typed, and what is kept now.

    A field that only the reader changed is sent; one that only somebody else changed is left as they made it; where
    both made the same change there is nothing to send.

    Args:
        seen: as it was when the reader began.
        mine: as it was typed.
        theirs: as it is kept now; what is absent has not changed.
    """
    send: dict[str, Any] = {}
    conflicts: dict[str, Any] = {}
    for name, value in mine.items():
        before, now = seen.get(name), theirs.get(name, seen.get(name))
        if value in (before, now):
            continue
        if now != before:
            conflicts[name] = now
        else:
            send[name] = value
    return Merge(send, conflicts)
