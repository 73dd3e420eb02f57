"""The pages of Convergence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

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
from apps.kit.pages.page import Block, Page
from apps.kit.shell.portal import declare

_Made = TypeVar("_Made")
FINEST = {
    "domaines": ("domaine",),
    "indicateurs": ("service",),
    "editeurs": ("editeur",),
    "formule": ("service",),
}
"""The finest dimension of a page's figures: a regional reader sees them of their own regions only."""


@dataclass(frozen=True)
class Within(Generic[_Made]):
    """A view, or words, of a page whose figures are finer than what is open of other regions.

    Attributes:
        drawing: what is drawn.
        by: the finest dimension of the page's figures.
    """

    drawing: Callable[[View], _Made]
    by: tuple[str, ...]

    def __call__(self, view: View) -> _Made:
        """What the view shows of the reader's own regions."""
        return self.drawing(within(view, *self.by))


def told(page: Page) -> Page:
    """A page within what its reader sees, after what its address asks and the campaign does not have."""
    by, reading = FINEST.get(page.name, ()), told_of_links(page)
    if not by:
        return replace(page, reading=reading)

    def bounded(block: Block) -> Block:
        return replace(block, build=Within(block.build, by))

    return replace(
        page,
        question=page.question if isinstance(page.question, str) else Within(page.question, by),
        reading=Within(reading, by),
        figures=None if page.figures is None else Within(page.figures, by),
        rows=tuple(
            tuple(bounded(one) for one in row) if isinstance(row, tuple) else bounded(row)
            for row in page.rows
        ),
    )


PAGES = tuple(
    replace(told(page), unfold=own_side, at_home=True, heard=())
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
