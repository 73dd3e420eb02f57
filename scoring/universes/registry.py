"""Every universe by its name: what the command line and the checks go through.

No universe imports this module: those whose rows are made import the scoring they need, which imports the model.
"""

from __future__ import annotations

from lake.errors import UnknownName
from scoring.universes.accessibilite import ACCESSIBILITE
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.apl import APL
from scoring.universes.comptes import COMPTES
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.convergence_listes import LISTES
from scoring.universes.diagnostic import COMMUNES, COMPARAISON, DIAGNOSTIC, LIEUX
from scoring.universes.evolution import EVOLUTION, PERSONNES, TRAJETS
from scoring.universes.journal import EXECUTIONS, REJETS
from scoring.universes.localisation import CORRIGES, LOCALISATION, SANS_IDENTIFIANT, SITES
from scoring.universes.model import Scan, Universe
from scoring.universes.referencement import REFERENCEMENT
from scoring.universes.repertoire import ETABLISSEMENTS
from scoring.universes.sas import SAS_UNIVERSES
from scoring.universes.segur import SEGUR

_DIRECTORY = (
    ACCESSIBILITE, APL, EVOLUTION, TRAJETS, PERSONNES, LOCALISATION, SITES, SANS_IDENTIFIANT, CORRIGES,
    DIAGNOSTIC, COMMUNES, LIEUX, COMPARAISON, ETABLISSEMENTS, EXECUTIONS, REJETS,
)  # fmt: skip
"""Universes made from the directory: the figures of its pages, on the command line too. Those that only list persons
are left out: to count who bears a name would tell a reader of one region who practises in another."""
UNIVERSES: dict[str, Universe] = {
    universe.name: universe
    for universe in (
        ANNUAIRE,
        *_DIRECTORY,
        SEGUR,
        REFERENCEMENT,
        CONVERGENCE,
        *LISTES,
        COMPTES,
        *SAS_UNIVERSES,
    )
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


def opened_by(name: str) -> str:
    """The universe whose rights open a universe: its own name, or the directory's for what is made from it.

    Raises:
        UnknownName: there is none.
    """
    return universe(name).opened_by or name
