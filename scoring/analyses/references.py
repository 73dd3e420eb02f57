"""The names that an analysis uses, checked against the universes: what is unknown makes one section « à réparer »."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lake.errors import LakeError, UnknownName
from scoring.analyses.jetons import jetons
from scoring.analyses.lecture_json import Faute
from scoring.analyses.spec import Analyse, Graphique, Section
from scoring.universes.combining import applies
from scoring.universes.model import Universe

ALIAS: Mapping[tuple[str, str], str] = {}
"""(universe, former name) -> name now: measures and axes that were renamed since analyses were saved."""
Universes = Callable[[str], Universe]
"""Name -> universe; raises UnknownName with the nearest names."""


def up_to_date(analyse: Analyse, alias: Mapping[tuple[str, str], str] = ALIAS) -> Analyse:
    """The same analysis, its former names replaced by those of today; nothing is written on reading."""
    return replace(analyse, sections=tuple(_renamed(one, alias) for one in analyse.sections))


def _renamed(section: Section, alias: Mapping[tuple[str, str], str]) -> Section:
    chart = section.graphique
    if chart is None or not alias:
        return section

    def now(name: str) -> str:
        return alias.get((chart.univers, name), name)

    return replace(
        section,
        graphique=replace(
            chart,
            mesures=tuple(map(now, chart.mesures)),
            axes=tuple(map(now, chart.axes)),
            en_tete=tuple(map(now, chart.en_tete)),
            cadres={now(axis): tree for axis, tree in chart.cadres.items()},
        ),
    )


def faults(analyse: Analyse, universes: Universes) -> list[Faute]:
    """The unknown names of an analysis, each with its path and the nearest names."""
    found: list[Faute] = []
    for rank, section in enumerate(analyse.sections):
        of_chart = section_faults(section, universes, f"sections[{rank}]")
        found += of_chart or prose_faults(section, universes, f"sections[{rank}]")
    return found


def prose_faults(section: Section, universes: Universes, path: str) -> list[Faute]:
    """The live figures of a section's texts that name nothing; its chart is drawn all the same."""
    found = []
    for name, text in (("introduction", section.introduction), ("conclusion", section.conclusion)):
        for token in jetons(text):
            if section.graphique is None:
                said = f"« {token.texte} » : un chiffre vivant demande un graphique dans sa section."
                found.append(Faute(f"{path}.{name}", said))
                continue
            universe = universes(section.graphique.univers)
            wrong = [_missing(f"{path}.{name}", universe.measure, token.mesure)]
            wrong += [_missing(f"{path}.{name}", universe.axis, axis) for axis in token.filtres]
            wrong += [Faute(f"{path}.{name}", token.faute)] if token.faute else []
            found += [one for one in wrong if one is not None]
    return found


def section_faults(section: Section, universes: Universes, path: str = "") -> list[Faute]:
    """The unknown names of a section, and what its figures cannot bear; none when it can be drawn."""
    chart = section.graphique
    if chart is None:
        return []
    at = f"{path}.graphique" if path else "graphique"
    try:
        universe = universes(chart.univers)
    except UnknownName as error:
        return [Faute(f"{at}.univers", str(error))]
    unknown = _unknown(chart, universe, at)
    return unknown or _unbearable(chart, universe, at)


def _unknown(chart: Graphique, universe: Universe, at: str) -> list[Faute]:
    asked = [(f"mesures[{rank}]", universe.measure, name) for rank, name in enumerate(chart.mesures)]
    asked += [(f"en_tete[{rank}]", universe.measure, name) for rank, name in enumerate(chart.en_tete)]
    found = [one for path, look, name in asked if (one := _missing(f"{at}.{path}", look, name))]
    axes = [(f"axes[{rank}]", name) for rank, name in enumerate(chart.axes)]
    axes += [(f"cadres.{name}", name) for name in chart.cadres]
    found += [one for path, name in axes if (one := _missing(f"{at}.{path}", universe.axis, name))]
    for name, value in chart.parametres.items():
        try:
            universe.parameter(name).check(value)
        except LakeError as error:
            found.append(Faute(f"{at}.parametres.{name}", str(error)))
    for name in ("attendu", "effectif"):
        if (said := chart.options.get(name)) and (
            one := _missing(f"{at}.options.{name}", universe.measure, str(said))
        ):
            found.append(one)
    return found


def _missing(path: str, look: Callable[[str], object], name: str) -> Faute | None:
    try:
        look(name)
    except UnknownName as error:
        return Faute(path, str(error))
    return None


def _unbearable(chart: Graphique, universe: Universe, at: str) -> list[Faute]:
    """Axes, shown or imposed, that a measure's source does not tell: an unfiltered figure would be another one."""
    found = []
    imposed = [name for name, tree in chart.cadres.items() if tree.imposes]
    for rank, name in enumerate(chart.mesures):
        measure = universe.measure(name)
        for axis in dict.fromkeys((*chart.axes, *imposed)):
            if not applies(universe, measure, universe.axis(axis)):
                label = universe.axis(axis).label.lower()
                told = ", ".join(one.name for one in universe.axes if applies(universe, measure, one))
                found.append(
                    Faute(
                        # The member to change: the frame where the chart does not show the axis.
                        f"{at}.mesures[{rank}]" if axis in chart.axes else f"{at}.cadres.{axis}",
                        f"« {measure.label} » n’existe pas par {label} : sa source ne le dit pas. Ses axes : {told}.",
                    )
                )
    for name in chart.cadres:
        if universe.axis(name) is universe.time:
            found.append(Faute(f"{at}.cadres.{name}", "Le temps se fixe par « periode »."))
    return found
