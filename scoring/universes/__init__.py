"""The semantic layer: what can be counted, by what, and how it may be combined."""

from __future__ import annotations

from lake.errors import UnknownName
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Universe

UNIVERSES: dict[str, Universe] = {universe.name: universe for universe in (ANNUAIRE, CONVERGENCE)}


def universe(name: str) -> Universe:
    """A universe by name.

    Raises:
        UnknownName: there is none; close names are suggested.
    """
    if name not in UNIVERSES:
        raise UnknownName("univers", name, UNIVERSES)
    return UNIVERSES[name]
