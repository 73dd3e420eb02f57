"""The digest of figures as written, and what moved between two of them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

Cells = Sequence[tuple[str, str]]
"""Names joined (« Normandie · Taux »), value as written at display precision; « — » where there is none."""
_NUMBER = re.compile(r"^([+\-−]?)([0-9][0-9\s\u202f\u00a0]*)(?:,([0-9]+))?\s*(%?)$")


def digest(cells: Cells) -> str:
    """The digest of cells, whatever their order: rounding below what is displayed never moves it."""
    return hashlib.sha256(json.dumps(sorted(cells), ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Ecart:
    """A figure that moved.

    Attributes:
        nom: its names, joined.
        avant: as it was written; empty when it is new.
        maintenant: as it is written now; empty when it is gone.
    """

    nom: str
    avant: str
    maintenant: str

    def __str__(self) -> str:
        """``Normandie · Taux : 29,80 % → 30,10 % (+0,30 pt)``."""
        delta = difference(self.avant, self.maintenant)
        said = f"{self.avant or 'absent'} → {self.maintenant or 'absent'}"
        return f"{self.nom} : {said}{f' ({delta})' if delta else ''}"


def moved(before: Cells, now: Cells) -> list[Ecart]:
    """What moved between two sets of cells, in the order of the first."""
    old, new = dict(before), dict(now)
    return [
        Ecart(name, old.get(name, ""), new.get(name, ""))
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name)
    ]


def difference(before: str, now: str) -> str:
    """The signed difference of two written values, in points for two shares; empty when one is no number."""
    sides = [_NUMBER.match(text.strip()) for text in (before, now)]
    if sides[0] is None or sides[1] is None or sides[0].group(4) != sides[1].group(4):
        return ""
    places = max(len(side.group(3) or "") for side in sides if side is not None)
    values = [
        int(re.sub(r"\s", "", side.group(2)) + (side.group(3) or "").ljust(places, "0"))
        * (-1 if side.group(1) in ("-", "−") else 1)
        for side in sides
        if side is not None
    ]
    delta = values[1] - values[0]
    digits = f"{abs(delta):0{places + 1}d}"
    whole, part = (digits[:-places], digits[-places:]) if places else (digits, "")
    grouped = f"{int(whole):,}".replace(",", "\u202f")
    unit = "\u202fpt" if sides[0].group(4) else ""
    return f"{'+' if delta >= 0 else '−'}{grouped}{f',{part}' if part else ''}{unit}"
