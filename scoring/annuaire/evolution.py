"""The evolution of the directory under a selection: what its page and its command ask alike.

What is compared is the whole scope under the professional filters; the territories selected only say which of it
is shown. Someone who comes from the rest of the scope is then an entry, not an arrival.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from lake.catalog.territoires import DEPARTEMENTS, FUSIONS
from lake.errors import LakeError, UnknownName
from scoring.annuaire.behind import behind
from scoring.annuaire.changes import (
    PROFESSION,
    TERRITORY,
    WHOLE,
    Perimetre,
    divided,
    flows,
    movements,
    perimeter,
    summary,
)
from scoring.annuaire.counting import at_principal
from scoring.annuaire.inside import everywhere, inside
from scoring.annuaire.territory import MESHES
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.engine import detail
from scoring.universes.model import Scan
from scoring.universes.selection import Selection

OUTSIDE = "hors_selection"
"""The territory of all that is not selected: people come from it and leave to it; it is never shown."""


@dataclass(frozen=True)
class Comparaison:
    """Two extractions made comparable.

    Attributes:
        avant: date of the earlier one.
        apres: date of the later one.
        selection: the reader's filters.
        perimetre: the whole scope under the professional filters.
        ici: what :meth:`around` keeps of it; None for all of it.
    """

    avant: date
    apres: date
    selection: Selection
    perimetre: Perimetre
    ici: pl.DataFrame | None = None

    def cut(self, mesh: str) -> Perimetre:
        """The scope cut into the selected part of each territory of a mesh, and all the rest.

        Raises:
            UnknownName: the mesh does not exist.
        """
        if mesh not in (*MESHES, WHOLE):
            raise UnknownName("maille", mesh, [*MESHES, WHOLE])
        code = pl.lit(WHOLE) if mesh == WHOLE else pl.col(MESHES[mesh])
        scope = self.perimetre if self.ici is None else Perimetre(self.ici.lazy(), self.perimetre.personnes)
        return divided(scope, pl.when(inside(self.selection)).then(code).otherwise(pl.lit(OUTSIDE)))

    def around(self) -> pl.DataFrame:
        """The lines of the persons who were or are in the territories selected, with what they did elsewhere.

        The others are in no figure, nor in a journey: wholly outside, they go from nowhere to nowhere.
        """
        here = self.perimetre.lignes.filter(inside(self.selection)).select("_p").unique()
        return self.perimetre.lignes.join(here, on="_p", how="semi").collect()


def compare(
    scan: Scan,
    selection: Selection,
    avant: date,
    apres: date,
    *,
    principal: bool = False,
    restrict: pl.Expr | None = None,
) -> Comparaison:
    """Read two extractions.

    Args:
        scan: reads tables lazily.
        selection: filters; its own date is ignored.
        avant: date of the earlier extraction.
        apres: date of the later one.
        principal: each person is in his or her principal territory only: the territories add up.
        restrict: what the reader's rights impose.

    Raises:
        LakeError: the first is not before the second.
    """
    if avant >= apres:
        raise LakeError(
            f"L'extraction de départ ({avant:%d/%m/%Y}) n'est pas plus ancienne que celle d'arrivée "
            f"({apres:%d/%m/%Y}).",
            conseil="Choisissez une extraction de départ plus ancienne.",
        )
    asked = everywhere(selection)
    first, then = (detail(ANNUAIRE, scan, asked.at(day), restrict=restrict) for day in (avant, apres))
    if principal:
        first, then = at_principal(first), at_principal(then)
    scope = perimeter(first, then, scan(DEPARTEMENTS), fusions=scan(FUSIONS))
    return Comparaison(avant, apres, selection, scope)


def counts(compared: Comparaison, mesh: str = WHOLE, *, by_profession: bool = False) -> pl.DataFrame:
    """The figures of the territories selected.

    Returns:
        DataFrame: ``territoire`` (String, null where unknown), ``code_profession`` (if asked), then the counts of
        :func:`scoring.annuaire.changes.summary`. On the mesh ``perimetre``, one row: all that is selected; none when
        nobody was or is there.
    """
    moved = movements(compared.cut(mesh), TERRITORY, by_profession=by_profession).filter(
        pl.col(TERRITORY).ne_missing(OUTSIDE)
    )
    return summary(moved, (TERRITORY, PROFESSION) if by_profession else (TERRITORY,)).collect()


def journeys(compared: Comparaison, mesh: str) -> pl.DataFrame:
    """Where people moved from and to, around the territories selected.

    See :func:`scoring.annuaire.changes.flows`.

    Returns:
        DataFrame: ``origine``, ``destination`` (String; null where unknown, :data:`OUTSIDE` for the rest of the
        scope), ``personnes`` (Int64).
    """
    return flows(compared.cut(mesh), TERRITORY).collect()


NAMED = ("identification_nationale_pp", "nom_exercice", "prenom_exercice", "libelle_profession")
"""Columns that name the persons of a list."""


def named(compared: Comparaison, scan: Scan, *, restrict: pl.Expr | None = None) -> pl.DataFrame:
    """How both extractions name the persons of the scope: the distinct :data:`NAMED` of their rows."""
    asked = everywhere(compared.selection)
    rows = [
        detail(ANNUAIRE, scan, asked.at(day), restrict=restrict) for day in (compared.avant, compared.apres)
    ]
    return pl.concat(one.select(NAMED) for one in rows).unique().collect()


def people(compared: Comparaison, count: str, names: pl.DataFrame, mesh: str = WHOLE) -> pl.DataFrame:
    """The persons behind a figure of :func:`counts`: see :func:`scoring.annuaire.behind.behind`.

    Args:
        compared: the two extractions.
        count: the figure.
        names: result of :func:`named`.
        mesh: the mesh.

    Raises:
        UnknownName: there is no such figure, or mesh.
    """
    rows = behind(compared.cut(mesh), count, names.lazy(), TERRITORY)
    return rows.filter(pl.col(TERRITORY).ne_missing(OUTSIDE)).collect()
