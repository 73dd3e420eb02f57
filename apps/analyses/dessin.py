"""A saved chart as views of the gallery, and the rows that its files hold."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import polars as pl

from apps.kit.data.view import View
from apps.kit.pages.pieces import Note, Piece
from apps.kit.views.bars import Histogram, Ranked
from apps.kit.views.base import Drawing, Refusal, ask, own
from apps.kit.views.dates import BeforeAfter, Columns, Curve, Multiples
from apps.kit.views.figures import KeyFigures
from apps.kit.views.heat import Heat
from apps.kit.views.maps import TerritoryMap
from apps.kit.views.parts import Breakdown, Levels, Ring, Stacked
from apps.kit.views.radar import Radar
from apps.kit.views.spread import Scatter, Spread
from apps.kit.views.tables import Listing, Values, explained
from apps.kit.views.words import write
from lake.errors import LakeError
from scoring.analyses.faits import Faits, Question
from scoring.analyses.regles import verdict
from scoring.analyses.spec import MOST_HEADERS, Graphique
from scoring.universes.model import Universe


@dataclass(frozen=True)
class Suited:
    """A view that suits what it shows; else its table, with the reason: never an error on a page.

    Attributes:
        drawing: the view.
        values: the same figures as a table.
        refusal: why the view does not suit; None when it does.
    """

    drawing: Drawing
    values: Values | None
    refusal: Refusal | None = None

    def __call__(self, view: View) -> Piece:
        """The view, or its table."""
        if self.refusal is None:
            return self.drawing(view)
        if self.values is None:
            return Note(self.refusal.reason)
        return explained(self.values, self.refusal, view)


def views_of(chart: Graphique, universe: Universe) -> list[Suited]:
    """The views of a chart: one, or one a unit where its measures have two.

    Args:
        chart: the chart, whose names the universe knows.
        universe: what is counted.
    """
    question = Question.of(universe, chart.mesures, chart.axes, Faits())
    found = verdict(chart.type, question)
    values = Values(chart.mesures, chart.axes[0], more=chart.axes[1:3]) if chart.axes else None
    if not found.possible:
        instead = (found.propose,) if found.propose else ()
        return [Suited(KeyFigures(chart.mesures), values, Refusal(found.raison, instead))]
    if chart.type in ("histogramme", "courbe") and len(question.others) == (chart.type == "histogramme"):
        groups = [tuple(measure.name for measure in group) for group in question.units()]
        return [Suited(_drawing(replace(chart, mesures=group), question), values) for group in groups]
    return [Suited(_drawing(chart, question), values)]


def _drawing(chart: Graphique, q: Question) -> Drawing:
    first, axes, time = chart.mesures[0], chart.axes, q.universe.time
    others = [name for name in axes if q.universe.axis(name) is not time]
    target, most = chart.options.get("attendu"), chart.options.get("nombre")
    match chart.type:
        case "chiffres":
            return KeyFigures(chart.mesures, axes[0] if axes else "")
        case "histogramme":
            return Histogram(chart.mesures, axes[0], targets=target if isinstance(target, str) else "")
        case "colonnes":
            return Columns(first)
        case "courbe":
            return Curve(chart.mesures, series=others[0] if others else "")
        case "multiples":
            return Multiples(first, others[0])
        case "avant-apres":
            return BeforeAfter(first, others[0])
        case "radar":
            return Radar(chart.mesures, axes[0])
        case "liste":
            return Listing(axes[0], chart.mesures, attributes=axes[1:])
        case "classement":
            return (
                Ranked(first, axes[0], most=most)
                if isinstance(most, int) and most
                else Ranked(first, axes[0])
            )
        case "carte":
            return TerritoryMap(first, axes[0])
        case "chaleur":
            rows, columns = axes if q.universe.axis(axes[0]) is not time else axes[::-1]
            return Heat(first, rows, columns)
        case "evaluation":
            return Levels(first, axes[0], axes[1])
        case "repartition":
            count = chart.options.get("effectif")
            return Breakdown(
                chart.mesures, nested(q.universe, axes), count=count if isinstance(count, str) else ""
            )
        case "camembert":
            return Ring(first, axes[0])
        case "empilees":
            return Stacked(first, axes[0], axes[1])
        case "distribution":
            return Spread(first, axes[0])
        case "nuage":
            return Scatter(first, chart.mesures[1], axes[0])
    return Values(chart.mesures, axes[0], more=axes[1:])


def nested(universe: Universe, axes: Sequence[str]) -> tuple[str, ...]:
    """A hierarchy from its widest axis: one axis alone brings those that stand in its values."""
    found = list(axes)
    while len(axes) == 1:
        below = [
            a.name for a in universe.axes if a.parent == found[-1] and a.code is None and not a.territory
        ]
        if not below or below[0] in found or len(found) == 3:
            break
        found.append(below[0])
    return tuple(found)


def header(chart: Graphique) -> KeyFigures | None:
    """The header's figures as a view; None when there are none."""
    return KeyFigures(chart.en_tete[:MOST_HEADERS]) if chart.en_tete else None


def dimensions(chart: Graphique, universe: Universe) -> list[str]:
    """The dimensions of a chart's rows, in the order asked; a chart of two dates has time after its axis."""
    names = list(chart.axes)
    if chart.type == "avant-apres" and universe.time.name not in names:
        names.append(universe.time.name)
    return names


def rows(chart: Graphique, view: View) -> pl.DataFrame:
    """Every row of a chart under a selection, those that its drawing folds included: what its CSV holds.

    Returns:
        DataFrame: the dimensions in the order asked, then the measures; no total. Raw values: the engine's own.
    """
    names, time = dimensions(chart, view.universe), view.universe.time
    timed = [name for name in names if view.universe.axis(name) is time]
    alone = [name for name in names if name not in timed]
    whole = own(view, alone[0]) if len(alone) == 1 or chart.type in ("empilees", "evaluation") else []
    frame = ask(view, chart.mesures, names, apart=[*timed, *whole])
    if chart.type == "avant-apres":
        frame = frame.filter(pl.col(time.name).is_in(list({view.before, view.date} - {None})))
    return frame


def written(chart: Graphique, view: View) -> list[tuple[str, str]]:
    """The cells of a chart and its header as readers see them: names joined, value at display precision."""
    cells = _cells(rows(chart, view), chart.mesures, view)
    if chart.en_tete:
        with suppress(LakeError):  # the header says so itself
            cells += _cells(ask(view, chart.en_tete), chart.en_tete, view)
    return cells


def _cells(frame: pl.DataFrame, measures: Sequence[str], view: View) -> list[tuple[str, str]]:
    keys = [name for name in frame.columns if name not in measures]
    found = []
    for row in frame.iter_rows(named=True):
        names = [str(row[key]) if row[key] is not None else "—" for key in keys]
        for measure in measures:
            label = view.universe.measure(measure).label
            found.append((" · ".join([*names, label]), write(view, measure, row[measure])))
    return found
