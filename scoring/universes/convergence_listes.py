"""What Convergence lists: its services, answers, planned steps, milestones, improvements, criteria and changes.

Each is a universe of its own: the rows of a list are :func:`scoring.universes.engine.detail`, its counts are measures,
and both pass through the reader's rights as rates do. They share the axes, the parameters and the campaign of the
``convergence`` universe.
"""

from __future__ import annotations

from scoring.convergence.history import INCHANGE
from scoring.convergence.plans import ABANDONNEE, AVANCEE, REPOUSSEE, SANS_OBJET
from scoring.universes.convergence_projets import AMELIORATIONS_PROPOSEES, JALONS_DECLARES, PLANS_DECLARES
from scoring.universes.convergence_reponses import (
    CRITERES,
    ETATS,
    EVOLUTIONS,
    FORMULES,
    REPONSES_DONNEES,
    SERVICES_DECLARES,
)
from scoring.universes.convergence_usages import USAGES_DECLARES

__all__ = [
    "ABANDONNEE",
    "AMELIORATIONS_PROPOSEES",
    "AVANCEE",
    "CRITERES",
    "ETATS",
    "EVOLUTIONS",
    "FORMULES",
    "INCHANGE",
    "JALONS_DECLARES",
    "LISTES",
    "PLANS_DECLARES",
    "REPONSES_DONNEES",
    "REPOUSSEE",
    "SANS_OBJET",
    "SERVICES_DECLARES",
    "USAGES_DECLARES",
]

LISTES = (
    SERVICES_DECLARES,
    REPONSES_DONNEES,
    FORMULES,
    PLANS_DECLARES,
    JALONS_DECLARES,
    AMELIORATIONS_PROPOSEES,
    CRITERES,
    EVOLUTIONS,
    USAGES_DECLARES,
)
"""The universes of this module."""
