"""What the gallery must know of an answer: asked of the engine, under the reader's rights."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from apps.kit.data.data import Data
from apps.kit.style import french
from lake.errors import LakeError, RefusedCombination
from scoring.analyses.faits import Faits
from scoring.universes.combining import applies
from scoring.universes.model import Rhythm, Universe
from scoring.universes.selection import Selection

QUESTIONNAIRE = "questionnaire"


def facts(
    data: Data,
    universe: Universe,
    measures: Sequence[str],
    axes: Sequence[str],
    selection: Selection | None = None,
) -> Faits:
    """How many values the axes of a question have, how full it is, how many dates there are.

    A mean of Convergence over several questionnaires has no meaning: the gallery then takes one of them, and says so.

    Args:
        data: the reader's reads.
        universe: what is counted.
        measures: names of measures.
        axes: names of axes.
        selection: the filters; none by default.
    """
    asked, note = selection or Selection(), ""
    dates = len(data.dates(universe, asked))
    told = all(
        applies(universe, universe.measure(measure), universe.axis(axis))
        for measure in measures
        for axis in axes
    )
    if not told or not dates:
        return Faits(dates=dates)
    try:
        frame = _answer(data, universe, measures, axes, asked)
    except RefusedCombination:
        chosen = _questionnaire(data, universe, measures, axes, asked)
        if chosen is None:
            return Faits(dates=dates)
        asked, frame = chosen
        note = f"Choisissez un questionnaire : {asked.values(QUESTIONNAIRE)[0]} est pris ici."
    keys = {universe.axis(name).name: universe.axis(name).code or universe.axis(name).name for name in axes}
    known = pl.any_horizontal(pl.col(list(measures)).is_not_null())
    seen = frame.filter(known).drop_nulls(list(keys.values()))
    values = {name: seen[key].n_unique() for name, key in keys.items()}
    crossings = 1
    for count in values.values():
        crossings *= count
    first = seen[measures[0]].drop_nulls() if seen.height else pl.Series([], dtype=pl.Float64)
    whole = float(first.sum() or 0)
    largest = first.max()
    lowest = first.min()
    return Faits(
        dates=dates,
        valeurs=values,
        remplissage=seen.height / crossings if len(keys) == 2 and crossings else None,
        cellules=frame.height * len(measures),
        plus_grande_part=float(largest) / whole if whole and isinstance(largest, int | float) else None,
        negatif=isinstance(lowest, int | float) and lowest < 0,
        nul=not whole,
        note=note,
        total=_total(data, universe, measures[0], asked) if axes else "",
    )


def _total(data: Data, universe: Universe, name: str, asked: Selection) -> str:
    """The whole of a measure, in words; empty where it has no meaning."""
    measure = universe.measure(name)
    try:
        value = _answer(data, universe, [name], [], asked).item(0, name)
    except RefusedCombination:
        return ""
    return f"{french.write(value, measure.format, 2)} {measure.unit}".strip()


def _answer(
    data: Data, universe: Universe, measures: Sequence[str], axes: Sequence[str], asked: Selection
) -> pl.DataFrame:
    """The figures that the drawing would show: those of the last month where time is none of the axes."""
    over_time = any(universe.axis(name) is universe.time for name in axes)
    if universe.rhythm is Rhythm.MONTHLY and not over_time and asked.du is None:
        month = data.dates(universe)[0]
        asked = asked.at(None).during(month, month)
    # By code: two values may bear one name (the axis A06 of two questionnaires).
    return data.query(universe, asked, measures, [universe.axis(name).code or name for name in axes])


def _questionnaire(
    data: Data, universe: Universe, measures: Sequence[str], axes: Sequence[str], asked: Selection
) -> tuple[Selection, pl.DataFrame] | None:
    """The same question for one questionnaire, the first that has an answer (QU before the others)."""
    if all(axis.name != QUESTIONNAIRE for axis in universe.axes):
        return None
    known = sorted(data.choices(universe, QUESTIONNAIRE)["code"].to_list(), reverse=True)
    for code in known:
        one = asked.with_filter(QUESTIONNAIRE, [code])
        try:
            frame = _answer(data, universe, measures, axes, one)
        except LakeError:
            continue
        if frame.height:
            return one, frame
    return None
