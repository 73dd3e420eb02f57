"""The semantic layer: what can be counted, by what, and how it may be combined."""

from __future__ import annotations

from lake.errors import UnknownName
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.comptes import COMPTES
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.convergence_listes import LISTES
from scoring.universes.model import Scan, Universe
from scoring.universes.segur import SEGUR

UNIVERSES: dict[str, Universe] = {
    universe.name: universe for universe in (ANNUAIRE, SEGUR, CONVERGENCE, *LISTES, COMPTES)
}


def universe(name: str, scan: Scan | None = None) -> Universe:
    """A universe by name.

    Args:
        name: its name on the command line.
        scan: reads a lake: a universe whose measures are data is the one that this lake's catalogue describes
            (the packaged catalogue without it).

    Raises:
        UnknownName: there is none; close names are suggested.
    """
    if name not in UNIVERSES:
        raise UnknownName("univers", name, UNIVERSES)
    found = UNIVERSES[name]
    return found if scan is None or found.from_lake is None else found.from_lake(scan)
