"""What may be added by what, and the words of a refusal: the rules that views share."""

from __future__ import annotations

from collections.abc import Sequence

from apps.kit.views.base import Refusal
from scoring.universes.model import Kind, Universe

BARS, TABLE, CURVE, RANKING = "histogramme", "tableau", "courbe", "classement"


def adds(universe: Universe, measure: str, axis: str) -> bool:
    """Whether a measure's values add up along an axis: parts, shares and « Autres » then have a meaning.

    A distinct count adds up where the axis declares that each of its subjects stands in exactly one value.
    """
    found, along = universe.measure(measure), universe.axis(axis)
    over_time = along is universe.time
    if found.kind is Kind.DISTINCT and not over_time:
        subject = getattr(found, "subject", "")
        return bool(subject) and subject in getattr(along, "partitions", ())
    return found.additive(over_time=over_time)


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
