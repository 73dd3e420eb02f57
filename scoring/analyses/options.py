"""What one drawing takes and others do not: kept when the type changes, and said to be unused meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

from scoring.analyses.spec import Graphique
from scoring.universes.model import Measure, Universe

NOMBRE, ATTENDU, EFFECTIF = "nombre", "attendu", "effectif"
OF_TYPE: Mapping[str, tuple[str, ...]] = {
    "classement": (NOMBRE,),
    "histogramme": (ATTENDU,),
    "repartition": (EFFECTIF,),
}
"""Type of the gallery -> the options that it takes."""
LABELS: Mapping[str, str] = {
    NOMBRE: "nombre de barres",
    ATTENDU: "repère attendu",
    EFFECTIF: "effectif à côté de chaque barre",
}


def unused(chart: Graphique, universe: Universe) -> list[str]:
    """What a chart keeps and its type does not draw, in words: ``nombre de barres (12)``.

    Args:
        chart: the chart.
        universe: what it counts: the names of measures are read there.
    """
    taken = OF_TYPE.get(chart.type, ())
    labels = {one.name: one.label for one in universe.measures}
    return [
        f"{LABELS.get(name, name)} ({labels.get(str(value), value)})"
        for name, value in chart.options.items()
        if name not in taken
    ]


def candidates(chart: Graphique, universe: Universe, option: str) -> list[Measure]:
    """The measures that an option may name: a mark stands on the scale of the bars, a count beside any."""
    if option == ATTENDU:
        drawn = [universe.measure(name) for name in chart.mesures]
        scale = {(one.format, one.unit) for one in drawn[:1]}
        return [one for one in universe.measures if one not in drawn and (one.format, one.unit) in scale]
    if option == EFFECTIF:
        return [one for one in universe.measures if one.name not in chart.mesures and not one.bounds]
    return []
