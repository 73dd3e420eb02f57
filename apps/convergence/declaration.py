"""The pages of Convergence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apps.convergence.axes import AXES_PAGE
from apps.convergence.cartographie import CARTOGRAPHIE
from apps.convergence.choix import own_side
from apps.convergence.dependances import DEPENDANCES
from apps.convergence.domaines import DOMAINES
from apps.convergence.editeurs import EDITEURS
from apps.convergence.emporter import EMPORTER
from apps.convergence.formule import FORMULE
from apps.convergence.indicateurs import INDICATEURS
from apps.convergence.maturite import MATURITE
from apps.convergence.moyennes import MOYENNES
from apps.convergence.plan import PLAN
from apps.convergence.synthese import SYNTHESE
from apps.kit.shell.portal import declare

PAGES = tuple(
    replace(page, unfold=own_side)
    for page in (
        SYNTHESE,
        AXES_PAGE,
        DOMAINES,
        INDICATEURS,
        MATURITE,
        MOYENNES,
        EDITEURS,
        PLAN,
        FORMULE,
        DEPENDANCES,
        CARTOGRAPHIE,
        EMPORTER,
    )
)


def pages(prefix: str = "") -> dict[str, list[Any]]:
    """The application's pages, for the portal or alone."""
    return declare(PAGES, prefix)
