"""Afficher, Sélectionner, Imposer: one level a value, and what a reader's choice becomes under them.

A value has one level, so that the three columns of the tree can never contradict one another: what is imposed is
preselected, what is preselected is shown. What is imposed is editorial, not a right: who duplicates the analysis may
lift it; rights stay in :mod:`scoring.droits`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lake.errors import RefusedCombination
from scoring.universes.selection import Selection
from scoring.universes.settle import Cadre

RIEN, AFFICHER, SELECTIONNER, IMPOSER = range(4)
COLUMNS = {AFFICHER: "Afficher", SELECTIONNER: "Sélectionner", IMPOSER: "Imposer"}
"""The columns of the tree, by the level that they set."""


def ticked(level: int, column: int) -> int:
    """The level of a value once a column is ticked: what it needs is ticked too."""
    return max(level, column)


def unticked(level: int, column: int) -> int:
    """The level of a value once a column is unticked: what needs it is unticked too."""
    return min(level, column - 1)


@dataclass(frozen=True)
class Arbre:
    """The levels of an axis' values.

    Attributes:
        noeuds: value -> level, 0 to 3.
        nouveaux: level of the values that are not listed (published later, for instance): 0 or 1.
    """

    noeuds: Mapping[str, int] = field(default_factory=dict)
    nouveaux: int = AFFICHER

    def __post_init__(self) -> None:
        if self.nouveaux not in (RIEN, AFFICHER):
            raise ValueError("Values that are not listed are shown or not: level 0 or 1.")
        if any(not RIEN <= level <= IMPOSER for level in self.noeuds.values()):
            raise ValueError("A level goes from 0 to 3.")
        object.__setattr__(self, "noeuds", MappingProxyType(dict(sorted(self.noeuds.items()))))

    def __hash__(self) -> int:
        return hash((tuple(self.noeuds.items()), self.nouveaux))

    def __reduce__(self) -> tuple[type[Arbre], tuple[dict[str, int], int]]:
        return Arbre, (dict(self.noeuds), self.nouveaux)

    def level(self, code: str) -> int:
        """The level of a value."""
        return self.noeuds.get(code, self.nouveaux)

    def at_least(self, level: int) -> tuple[str, ...]:
        """The values listed at this level or above."""
        return tuple(code for code, found in self.noeuds.items() if found >= level)

    @property
    def preselectionnes(self) -> tuple[str, ...]:
        """S: what is chosen when the reader says nothing."""
        return self.at_least(SELECTIONNER)

    @property
    def imposes(self) -> tuple[str, ...]:
        """I: what the reader cannot take away."""
        return self.at_least(IMPOSER)

    @property
    def proposes(self) -> frozenset[str] | None:
        """A: what the reader may choose; None for every value but those at level 0."""
        return None if self.nouveaux else frozenset(self.at_least(AFFICHER))

    def bounds(self, known: Iterable[str]) -> tuple[str, ...]:
        """A, among the values that exist; empty when nothing is left out: no filter is needed."""
        if self.nouveaux and not any(level == RIEN for level in self.noeuds.values()):
            return ()
        return tuple(code for code in known if self.level(code) >= AFFICHER)

    def setting(self, codes: Iterable[str], column: int, on: bool) -> Arbre:
        """The same tree with a column ticked or unticked for these values (a branch, what a search shows)."""
        change = ticked if on else unticked
        levels = {code: change(self.level(code), column) for code in codes}
        return Arbre({**self.noeuds, **levels}, self.nouveaux)

    def mark(self, codes: Iterable[str], column: int) -> bool | None:
        """How the box of a branch stands: all of its values have the column, none has, or some (None)."""
        found = {self.level(code) >= column for code in codes}
        return None if len(found) == 2 else found == {True}

    def selected(self, codes: Iterable[str]) -> int:
        """How many of these values are selected: « 14 éléments sélectionnés »."""
        return sum(self.level(code) >= SELECTIONNER for code in codes)

    def settle(self, axis: str, selection: Selection) -> Selection:
        """What a reader's selection becomes on an axis: always within A, never without I.

        Raises:
            RefusedCombination: a value chosen is not proposed; it is never taken for no filter.
        """
        self.refuse_others(axis, selection.values(axis))
        return Cadre(axis, self.proposes, self.preselectionnes, self.imposes).settle(selection)

    def refuse_others(self, axis: str, chosen: Iterable[str]) -> None:
        """Refuse values that are not proposed.

        Raises:
            RefusedCombination: one of them is not; the values that are proposed are listed.
        """
        others = [code for code in chosen if self.level(code) == RIEN]
        if others:
            listed = ", ".join(sorted(self.at_least(AFFICHER)))
            raise RefusedCombination(
                f"Ici ne se propose pas : {', '.join(others)} ({axis}).",
                conseil=f"Valeurs proposées : {listed}." if listed and not self.nouveaux else "",
            )
