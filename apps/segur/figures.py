"""Key figures of the report: the last month of the period, and what moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from apps.kit.charts.figures import Figure, Figures
from apps.kit.data.view import View
from apps.kit.style import french
from apps.segur.words import DECIMALS, last_month, missing, where, write
from scoring.trends.months import Evolution, Synthese, synthese
from scoring.universes.model import Kind

Build = Callable[[View], Figures]


def series(view: View, measures: Sequence[str]) -> pl.DataFrame:
    """Every published month of these measures under the filters, whatever the period.

    Returns:
        DataFrame: ``mois`` (Date) then the measures; a month without data is a row of nulls.
    """
    known = [m.name for m in view.universe.measures]
    return view.query([name for name in measures if name in known], ["mois"], apart=["mois"])


def moved(view: View, measures: Sequence[str]) -> dict[str, Synthese]:
    """The last month of each measure and its two changes; empty when nothing is published."""
    month = last_month(view)
    if month is None:
        return {}
    frame = series(view, measures)
    return {
        name: synthese(frame.select("mois", valeur=pl.col(name)), month)
        for name in measures
        if name in frame.columns
    }


def figures(*measures: str) -> Build:
    """Key figures for these measures (four at most): last month, since the month before, since a year."""

    def build(view: View) -> Figures:
        return Figures([_figure(view, name, found) for name, found in moved(view, measures).items()])

    return build


def _figure(view: View, name: str, found: Synthese) -> Figure:
    measure = view.universe.measure(name)
    change = french.change(
        found.valeur, found.mois_precedent.valeur, measure.format, since="en un mois", decimals=DECIMALS
    )
    return Figure(
        measure.label,
        write(view, name, found.valeur),
        change,
        reference=_since_a_year(view, name, found),
        help=measure.definition,
    )


def _since_a_year(view: View, name: str, found: Synthese) -> str:
    measure, year = view.universe.measure(name), found.douze_mois
    if year.valeur is None or found.valeur is None:
        said = f"{french.month(year.reference)} : {french.ABSENT_WORDS}"
    else:
        moved_by = french.change(
            found.valeur, year.valeur, measure.format, since="en un an", decimals=DECIMALS
        )
        said = moved_by.text
    if measure.kind is Kind.FLOW and view.has_period():
        return f"{said} · sur la période : {write(view, name, view.value(name))}"
    return said


def reading(measure: str, *others: str) -> Callable[[View], str]:
    """The sentence of a page: where, which month, how much, and how it moved in a year.

    Args:
        measure: what the sentence says.
        others: other measures of the page, told when their last month is not complete.
    """

    def said(view: View) -> str:
        month = last_month(view)
        if month is None:
            return "Aucun mois n’est publié : lancez obs ingest segur."
        found = moved(view, [measure]).get(measure)
        label = view.universe.measure(measure).label
        if found is None or found.valeur is None:
            start = f"{where(view)}, {french.month(month)}. {label} : {french.ABSENT_WORDS}."
        else:
            value = write(view, measure, found.valeur)
            start = f"{where(view)}, {french.month(month)}. {label} : {value}{_trend(view, measure, found)}."
        return " ".join(part for part in (start, missing(view, [measure, *others])) if part)

    return said


def _trend(view: View, measure: str, found: Synthese) -> str:
    year: Evolution = found.douze_mois
    if year.valeur is None:
        return ""
    words = french.change(
        found.valeur, year.valeur, view.universe.measure(measure).format, decimals=DECIMALS
    ).words
    return f", {words} en un an"
