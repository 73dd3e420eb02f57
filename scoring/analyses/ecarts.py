"""What changed in the figures of an analysis since somebody was told: cells as readers see them, compared as written.

A difference that does not show at display precision is no difference: nobody is written to for the twelfth decimal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_CELLS = 2_000
"""Cells that are kept to be compared one by one; of a larger section only its digest is."""


@dataclass(frozen=True)
class Releve:
    """The figures of one section, as one reader saw them.

    Attributes:
        titre: title of the section.
        date: date of the figures, as written (« novembre 2022 »).
        filtres: the filters, in words.
        cellules: name of the cell -> value as written; empty beyond :data:`MOST_CELLS`.
        empreinte: digest of all the cells.
        nombre: how many cells.
    """

    titre: str
    date: str
    filtres: str
    cellules: Mapping[str, str] = field(hash=False)
    empreinte: str
    nombre: int

    @classmethod
    def of(cls, titre: str, date: str, filtres: str, cells: Iterable[tuple[str, str]]) -> Releve:
        """The figures of a section.

        Args:
            titre: its title.
            date: date of the figures.
            filtres: the filters, in words.
            cells: name and value as written, in any order; a name that comes twice is numbered.
        """
        named: dict[str, str] = {}
        for name, value in cells:
            rank, known = 2, name
            while known in named:
                known, rank = f"{name} ({rank})", rank + 1
            named[known] = value
        text = json.dumps(sorted(named.items()), ensure_ascii=False)
        kept = named if len(named) <= MOST_CELLS else {}
        return cls(titre, date, filtres, kept, hashlib.sha256(text.encode()).hexdigest(), len(named))

    def to_json(self) -> dict[str, Any]:
        """As the store keeps it."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Releve:
        """What the store kept; what an older version did not keep is empty."""
        return cls(
            str(said.get("titre", "")),
            str(said.get("date", ""))
            .removeprefix("jusqu’à ")
            .removeprefix("jusqu'à "),  # as it was first written
            str(said.get("filtres", "")),
            dict(said.get("cellules") or {}),
            str(said.get("empreinte", "")),
            int(said.get("nombre", 0)),
        )


@dataclass(frozen=True)
class Ecart:
    """What changed in one section.

    Attributes:
        titre: title of the section.
        nature: ``nouvelle date``, ``correction``, ``premier envoi`` or ``filtres``.
        date: date of the figures now.
        avant: date of those told before; empty for a first time.
        changees: (cell, value before, value now).
        nouvelles: (cell, value now) that were not there.
        parties: (cell, value before) that are there no more.
    """

    titre: str
    nature: str
    date: str
    avant: str
    changees: tuple[tuple[str, str, str], ...] = ()
    nouvelles: tuple[tuple[str, str], ...] = ()
    parties: tuple[tuple[str, str], ...] = ()

    @property
    def nombre(self) -> int:
        """How many cells changed, appeared or went."""
        return len(self.changees) + len(self.nouvelles) + len(self.parties)


FIRST, MOVED, CORRECTED = "premier envoi", "nouvelle date", "correction"


def compared(before: Releve | None, now: Releve) -> Ecart | None:
    """What changed in a section; None when a reader would see no difference.

    Args:
        before: what was told; None when nothing was.
        now: what is shown.
    """
    if before is None:
        return Ecart(now.titre, FIRST, now.date, "", nouvelles=tuple(now.cellules.items()))
    if before.empreinte == now.empreinte:
        return None
    nature = MOVED if before.date != now.date else CORRECTED
    old, new = before.cellules, now.cellules
    if not old or not new:
        return Ecart(now.titre, nature, now.date, before.date)
    return Ecart(
        now.titre,
        nature,
        now.date,
        before.date,
        tuple((name, old[name], new[name]) for name in new if name in old and old[name] != new[name]),
        tuple((name, value) for name, value in new.items() if name not in old),
        tuple((name, value) for name, value in old.items() if name not in new),
    )


def lines(ecart: Ecart, most: int = 8) -> list[str]:
    """A difference in French, one sentence a line; what is not listed is counted.

    Args:
        ecart: the difference.
        most: cells listed.
    """
    if ecart.nature == FIRST:
        head = f"Chiffres {dated(ecart.date)} :" if ecart.date else "Chiffres :"
    elif ecart.nature == MOVED:
        head = f"Nouvelle date : {ecart.date} (vous aviez {ecart.avant}) :"
    else:
        head = f"Chiffres corrigés, à la même date ({ecart.date}) :"
    said = [f"{name} : {was} → {value}" for name, was, value in ecart.changees]
    first = ecart.nature == FIRST
    said += [
        f"{name} : {value}" if first else f"{name} : {value} (nouveau)" for name, value in ecart.nouvelles
    ]
    said += [f"{name} : n’est plus publié (était {was})" for name, was in ecart.parties]
    if not said:
        return [head.removesuffix(" :") + " : le détail est dans l’analyse."]
    return [head, *said[:most], *_rest(len(said) - most)]


def dated(date: str) -> str:
    """A date as it follows « chiffres »: ``du 15 décembre 2020``, ``de novembre 2022``, ``d’avril 2022``."""
    if date.startswith(("de ", "jusqu")):  # a period is not of a day
        return date
    return f"du {date}" if date[:1].isdecimal() else f"d’{date}" if date[:1] in "aeio" else f"de {date}"


def _rest(left: int) -> Sequence[str]:
    if left <= 0:
        return ()
    return (f"… et {left} autre chiffre." if left == 1 else f"… et {left} autres chiffres.",)
