"""The pages of Convergence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from apps.convergence.axes import AXES_PAGE
from apps.convergence.cartographie import CARTOGRAPHIE
from apps.convergence.choix import own_side, told_of_links
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
from apps.convergence.words import within
from apps.kit.data.view import View
from apps.kit.pages.page import Page
from apps.kit.shell.portal import declare

FINEST = {
    "domaines": ("domaine",),
    "indicateurs": ("service",),
    "editeurs": ("editeur",),
    "formule": ("service",),
}
"""The finest dimension of a page's figures: a regional reader sees them of their own regions only."""


def told(page: Page) -> Page:
    """A page within what its reader sees, after what its address asks and the campaign does not have."""
    by, reading, figures = FINEST.get(page.name, ()), told_of_links(page), page.figures
    question = page.question

    def bounded(build: Callable[[View], Any]) -> Callable[[View], Any]:
        return lambda view: build(within(view, *by))

    if not by:
        return replace(page, reading=reading)
    return replace(
        page,
        question=question if isinstance(question, str) else bounded(question),
        reading=bounded(reading),
        figures=None if figures is None else bounded(figures),
        rows=tuple(
            tuple(replace(one, build=bounded(one.build)) for one in row)
            if isinstance(row, tuple)
            else replace(row, build=bounded(row.build))
            for row in page.rows
        ),
    )


PAGES = tuple(
    replace(told(page), unfold=own_side, at_home=True)
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
