"""What an author proposes, preselects and imposes on an axis, and what a reader's choice then becomes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lake.errors import RefusedCombination
from scoring.universes.selection import Selection


@dataclass(frozen=True)
class Cadre:
    """The frame of one axis: imposed values are preselected, preselected ones are proposed.

    Attributes:
        axis: name of the axis.
        proposes: what a reader may choose; None for every value.
        preselectionnes: what is chosen when the reader says nothing.
        imposes: what a reader cannot take away.
    """

    axis: str
    proposes: frozenset[str] | None = None
    preselectionnes: tuple[str, ...] = ()
    imposes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not set(self.imposes) <= set(self.preselectionnes):
            raise ValueError(f"Cadre {self.axis}: an imposed value is preselected too.")
        if self.proposes is not None and not set(self.preselectionnes) <= self.proposes:
            raise ValueError(f"Cadre {self.axis}: a preselected value is proposed too.")

    def settle(self, selection: Selection) -> Selection:
        """The reader's selection within the frame.

        ====================  =============================================
        the reader            becomes
        ====================  =============================================
        says nothing          what is preselected
        empties the filter    what is imposed; nothing imposed: no filter, said
        chooses values        these and what is imposed
        chooses elsewhere     a refusal, in words
        ====================  =============================================

        Raises:
            RefusedCombination: a value chosen is not proposed. It is never taken for no filter.
        """
        chosen = selection.values(self.axis)
        if not chosen and self.axis not in selection.emptied:
            return selection.with_filter(self.axis, self.preselectionnes)
        self._refuse_others(chosen)
        if self.imposes:
            return selection.with_filter(self.axis, dict.fromkeys((*self.imposes, *chosen)))
        return selection

    def _refuse_others(self, chosen: Collection[str]) -> None:
        others = [] if self.proposes is None else [value for value in chosen if value not in self.proposes]
        if others:
            raise RefusedCombination(
                f"Ici ne se propose pas : {', '.join(others)} ({self.axis}).",
                conseil=f"Valeurs proposées : {', '.join(sorted(self.proposes or ())) or 'aucune'}.",
            )
