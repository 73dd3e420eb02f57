"""What may be added by what, and the words of a refusal: the rules that views share."""

from __future__ import annotations

from collections.abc import Sequence

from apps.kit.views.base import AXIS, MEASURE, Drawing, Refusal, names_of
from scoring.universes import combining
from scoring.universes.model import Kind, Universe

BARS, TABLE, CURVE, RANKING = "histogramme", "tableau", "courbe", "classement"


def adds(universe: Universe, measure: str, axis: str) -> bool:
    """Whether a measure's values add up along an axis: parts, shares and « Autres » then have a meaning."""
    return combining.adds(universe, universe.measure(measure), universe.axis(axis))


def refusal_of(drawing: Drawing, universe: Universe) -> Refusal | None:
    """Why a view does not suit a universe: a measure that its source does not tell by an axis, then the view's rules.

    Args:
        drawing: the view; those that an option offers are all looked at.
        universe: what its measures and axes are names of.
    """
    for name in names_of(drawing, MEASURE):
        measure = universe.measure(name)
        for axis in names_of(drawing, AXIS):
            if not combining.applies(universe, measure, universe.axis(axis)):
                label = universe.axis(axis).label.lower()
                return Refusal(f"« {measure.label} » n’existe pas par {label} : sa source ne le dit pas.")
    return drawing.refused(universe)


def not_additive(universe: Universe, measure: str, axes: Sequence[str]) -> Refusal | None:
    """Why a measure has no parts along these axes; None when it has."""
    for axis in axes:
        if not adds(universe, measure, axis):
            found = universe.measure(measure)
            why = {
                Kind.RATIO: "est un rapport : ses valeurs ne s’additionnent pas",
                Kind.DISTINCT: "est un compte distinct : le même peut compter dans plusieurs parts",
                Kind.STOCK: "est un état : il ne s’additionne pas d’un mois à l’autre",
            }.get(found.kind, "ne s’additionne pas")
            return Refusal(f"« {found.label} » {why}.", (BARS, RANKING, TABLE))
    return None


def one_unit(universe: Universe, measures: Sequence[str]) -> Refusal | None:
    """Why these measures do not share one scale; None when they do."""
    units = {(universe.measure(name).format, universe.measure(name).unit) for name in measures}
    formats = {shape for shape, _ in units}
    if len(formats) > 1:
        names = ", ".join(f"« {universe.measure(name).label} »" for name in measures)
        return Refusal(f"{names} n’ont pas la même unité : une échelle ne peut pas les porter.", (TABLE,))
    return None


def needs_time(universe: Universe, axis: str) -> Refusal | None:
    """Why a view by value cannot run along this axis."""
    if universe.axis(axis) is universe.time:
        return Refusal("Le temps se lit de gauche à droite, mois après mois.", (CURVE, "colonnes"))
    return None
