"""Three-way merge of two people's changes to one analysis, section by section: pure, and nothing is lost.

A *document* is what JSON holds: fields of its own (``titre``, ``description``…) and ``sections``, each with an ``id``
that it keeps for life. What one side changed is taken; what both changed alike is taken once; what both changed
otherwise is a :class:`Conflict`, shown side by side and settled by a choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Document = dict[str, Any]
_ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "absent"})()  # noqa: ARG005
WHOLE, ORDER = "", "ordre"


class Side(StrEnum):
    """Whose text is kept."""

    MINE = "le mien"
    THEIRS = "l'autre"


@dataclass(frozen=True)
class Conflict:
    """What both changed otherwise.

    Attributes:
        section: its id; empty for the document's own fields.
        field: the field; ``""`` when one side removed the section that the other changed; ``ordre`` for the order.
        title: the section's title, to show; empty for the document's own fields.
        base: what both had read; None when it was absent.
        mine: what this side has; None when it removed it.
        theirs: what the other side saved; None when it removed it.
    """

    section: str
    field: str
    title: str
    base: Any
    mine: Any
    theirs: Any

    @property
    def key(self) -> tuple[str, str]:
        """What a choice names."""
        return self.section, self.field


@dataclass(frozen=True)
class Merged:
    """What a merge gives.

    Attributes:
        document: both sides' changes; this side's where a conflict still waits for its choice.
        conflicts: what waits for a choice.
        theirs: titles of the sections (« titre », « description »… for the document's own fields) that were taken
            from the other side.
    """

    document: Document
    conflicts: tuple[Conflict, ...]
    theirs: tuple[str, ...]


def merged(
    base: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    choices: Mapping[tuple[str, str], Side] | None = None,
) -> Merged:
    """Put two sets of changes together.

    Args:
        base: the document that both read.
        mine: this side's.
        theirs: the other side's, saved meanwhile.
        choices: ``(section, field)`` of a conflict -> the side that is kept.
    """
    work = _Work(dict(choices or {}))
    document = work.fields("", "", base, mine, theirs, leave=("sections",))
    kept: dict[str, dict[str, Any]] = {}
    old, own, other = (_by_id(one) for one in (base, mine, theirs))
    for number in dict.fromkeys((*own, *other)):
        section = work.section(number, old.get(number), own.get(number), other.get(number))
        if section is not None:
            kept[number] = section
    order = work.order(list(old), list(own), list(other))
    document["sections"] = [kept[number] for number in order if number in kept]
    return Merged(document, tuple(work.conflicts), tuple(dict.fromkeys(work.taken)))


class _Work:
    """One merge under way: what is chosen, what conflicts, what was taken from the other side."""

    def __init__(self, choices: Mapping[tuple[str, str], Side]) -> None:
        self.choices = choices
        self.conflicts: list[Conflict] = []
        self.taken: list[str] = []

    def value(self, section: str, title: str, field: str, base: Any, mine: Any, theirs: Any) -> Any:
        if _same(mine, theirs) or _same(theirs, base):
            return mine
        if not _same(mine, base):
            chosen = self.choices.get((section, field))
            if chosen is None:
                shown = (None if one is _ABSENT else one for one in (base, mine, theirs))
                self.conflicts.append(Conflict(section, field, title, *shown))
                return mine
            if chosen is Side.MINE:
                return mine
        self.taken.append(title or field)
        return theirs

    def fields(
        self,
        section: str,
        title: str,
        base: Mapping[str, Any],
        mine: Mapping[str, Any],
        theirs: Mapping[str, Any],
        leave: Sequence[str] = (),
    ) -> Document:
        found: Document = {}
        for field in dict.fromkeys((*mine, *theirs)):
            if field in leave:
                continue
            values = (one.get(field, _ABSENT) for one in (base, mine, theirs))
            value = self.value(section, title, field, *values)
            if value is not _ABSENT:
                found[field] = value
        return found

    def section(
        self, number: str, base: Document | None, mine: Document | None, theirs: Document | None
    ) -> Document | None:
        title = str((mine or theirs or {}).get("titre") or number)
        if mine is not None and theirs is not None:
            return self.fields(number, title, base or {}, mine, theirs)
        values = (_ABSENT if one is None else one for one in (base, mine, theirs))
        value = self.value(number, title, WHOLE, *values)
        # A section that one removed and the other changed stays until somebody chooses: nothing is lost.
        if value is _ABSENT and any(one.key == (number, WHOLE) for one in self.conflicts):
            return theirs
        return None if value is _ABSENT else value

    def order(self, base: list[str], mine: list[str], theirs: list[str]) -> list[str]:
        """The order of the sections: the side that moved some; each addition stays behind the one it followed."""
        everywhere = set(base) & set(mine) & set(theirs)
        common = [[number for number in one if number in everywhere] for one in (base, mine, theirs)]
        chosen = self.value("", "", ORDER, *common)
        lead, other = (theirs, mine) if chosen == common[2] and chosen != common[1] else (mine, theirs)
        found = list(lead)
        for place, number in enumerate(other):
            if number not in found:
                before = next((one for one in reversed(other[:place]) if one in found), None)
                found.insert(0 if before is None else found.index(before) + 1, number)
        return found


def _same(one: Any, other: Any) -> bool:
    # True == 1 in Python, and they are not the same choice in a document.
    if one is _ABSENT or other is _ABSENT:
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _by_id(document: Mapping[str, Any]) -> dict[str, Document]:
    return {str(section["id"]): section for section in document.get("sections") or ()}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """What differs between two documents, in French: « section 2 (graphique) », « titre », « ordre des sections »."""
    found = [
        field
        for field in dict.fromkeys((*before, *after))
        if field != "sections" and not _same(before.get(field, _ABSENT), after.get(field, _ABSENT))
    ]
    old, new = _by_id(before), _by_id(after)
    for rank, number in enumerate(new, start=1):
        if number not in old:
            found.append(f"section {rank} (ajoutée)")
            continue
        names = [
            name
            for name in dict.fromkeys((*old[number], *new[number]))
            if not _same(old[number].get(name, _ABSENT), new[number].get(name, _ABSENT))
        ]
        if names:
            found.append(f"section {rank} ({', '.join(names)})")
    found += [f"section {rank} (retirée)" for rank, number in enumerate(old, start=1) if number not in new]
    common = set(old) & set(new)
    if [one for one in old if one in common] != [one for one in new if one in common]:
        found.append("ordre des sections")
    return tuple(found)
