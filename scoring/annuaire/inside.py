"""A selection's territories as predicates: what is inside, and the same selection everywhere."""

from __future__ import annotations

from functools import reduce

import polars as pl

from scoring.annuaire.territory import MESHES
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.rows import predicate
from scoring.universes.selection import Selection


def inside(selection: Selection) -> pl.Expr:
    """Rows of the territories selected, over ``code_commune``, ``siren_epci``, ``code_departement``, ``code_region``.

    Returns:
        Expr: Boolean, never null; always true when no territory is selected.
    """
    bounds = [
        predicate(ANNUAIRE.axis(mesh), selection.values(mesh), pl.col(column)).fill_null(False)
        for mesh, column in MESHES.items()
        if selection.values(mesh)
    ]
    return reduce(lambda a, b: a & b, bounds, pl.lit(True))


def chosen(selection: Selection) -> bool:
    """Whether a territory is selected."""
    return any(selection.values(mesh) for mesh in MESHES)


def everywhere(selection: Selection) -> Selection:
    """The same selection without its territories."""
    for mesh in MESHES:
        selection = selection.without(mesh)
    return selection
