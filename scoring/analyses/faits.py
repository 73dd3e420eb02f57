"""What the rules of the gallery know of a question: its axes by nature, and how many values the answer holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scoring.universes.combining import adds
from scoring.universes.model import Axis, Kind, Measure, Order, Rhythm, Universe

MESHES = ("region", "departement", "epci", "commune")


@dataclass(frozen=True)
class Faits:
    """What the answer to a question looks like, under the default selection and the reader's rights.

    Attributes:
        dates: dates published; None when unknown.
        valeurs: axis -> how many of its values are observed; an axis left out is unknown.
        remplissage: share of the crossings of two axes that are observed.
        cellules: cells of the answer.
        plus_grande_part: the largest value over the whole, for one measure by one axis.
        negatif: whether a value is negative.
        nul: whether the whole is zero or empty.
        note: what must be said beside every verdict (a questionnaire taken by default).
        total: the first measure without the axes, asked on its own, as readers see it.
    """

    dates: int | None = None
    valeurs: Mapping[str, int] = field(default_factory=dict)
    remplissage: float | None = None
    cellules: int | None = None
    plus_grande_part: float | None = None
    negatif: bool = False
    nul: bool = False
    note: str = ""
    total: str = ""


@dataclass(frozen=True)
class Question:
    """Measures by axes of a universe, and what is known of the answer.

    Attributes:
        universe: what is counted.
        measures: the measures.
        axes: the axes, in order.
        faits: what is known of the answer.
    """

    universe: Universe
    measures: tuple[Measure, ...]
    axes: tuple[Axis, ...]
    faits: Faits

    @classmethod
    def of(cls, universe: Universe, measures: Sequence[str], axes: Sequence[str], faits: Faits) -> Question:
        """A question by its names.

        Raises:
            UnknownName: a measure or an axis does not exist.
        """
        return cls(
            universe,
            tuple(universe.measure(name) for name in measures),
            tuple(dict.fromkeys(universe.axis(name) for name in axes)),
            faits,
        )

    @property
    def timed(self) -> bool:
        """Whether time is one of the axes."""
        return self.universe.time in self.axes

    @property
    def monthly(self) -> bool:
        """Whether time is months."""
        return self.universe.rhythm is Rhythm.MONTHLY

    @property
    def others(self) -> tuple[Axis, ...]:
        """The axes but time."""
        return tuple(axis for axis in self.axes if axis is not self.universe.time)

    def count(self, axis: Axis) -> int | None:
        """How many values of an axis are observed; None when unknown."""
        return self.faits.valeurs.get(axis.name)

    def over(self, axis: Axis, most: int) -> bool:
        """Whether an axis is known to have more values than this."""
        found = self.count(axis)
        return found is not None and found > most

    def units(self) -> list[tuple[Measure, ...]]:
        """The measures by unit and format, in the order asked: one plot each."""
        found: dict[tuple[str, str], list[Measure]] = {}
        for measure in self.measures:
            found.setdefault((measure.format, measure.unit), []).append(measure)
        return [tuple(group) for group in found.values()]

    def adds(self, measure: Measure, axis: Axis) -> bool:
        """Whether a measure's values add up along an axis."""
        return adds(self.universe, measure, axis)

    def ratios(self) -> bool:
        """Whether every measure is a ratio."""
        return all(measure.kind is Kind.RATIO for measure in self.measures)


def is_territory(axis: Axis) -> bool:
    """Whether the values of an axis can be shown on a map."""
    return axis.territory in MESHES or axis.name in MESHES


def is_entity(axis: Axis) -> bool:
    """Whether the values of an axis are things one by one: a service, a structure, a product."""
    return bool(axis.parent) and not is_territory(axis) and axis.order is Order.NONE


def is_referential(axis: Axis) -> bool:
    """Whether the values of an axis follow one another by nature."""
    return axis.order is not Order.NONE and not is_territory(axis)


def edges(measure: Measure) -> tuple[float, float] | None:
    """The least and the most that a measure can be by nature; None when it has no bounds."""
    return measure.bounds
