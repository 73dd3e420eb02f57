"""Key figures: what is counted now, how it moved, and what it is made of, closed by what no part holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from apps.kit.access import access
from apps.kit.charts.figures import Figure, Figures, Part
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.style import french
from apps.kit.views.base import (
    AXIS,
    MEASURE,
    Drawing,
    Refusal,
    ask,
    by_axis,
    in_order,
    known,
    named,
    view_type,
)
from apps.kit.views.dates import series
from apps.kit.views.rules import adds
from apps.kit.views.words import (
    DECIMALS,
    WORDS,
    label_of,
    last_complete,
    last_month,
    missing,
    moments,
    monthly,
    where,
    write,
)
from scoring.trends.months import Evolution, Synthese, synthese
from scoring.universes.model import Kind, Rhythm, Universe
from scoring.universes.rows import NON_RENSEIGNE

MOST_PARTS = 7


@view_type("chiffres")
class KeyFigures(Drawing):
    """One to four figures: the last month (or the date shown), what moved, and their parts along one axis.

    Each whole is asked on its own. Its parts are closed by what none of them holds (« Non réparti 240 »), never
    hidden; a distinct count on an axis where one may count twice says so instead, a rate has parts without shares.

    Attributes:
        measures: what is counted.
        parts: axis of the parts; none by default.
        title: title of the view.
    """

    measures: tuple[str, ...] = named("mesures", MEASURE)
    parts: str = named("parts", AXIS, default="")
    title: str = named("titre", default="")

    def refused(self, universe: Universe) -> Refusal | None:
        """Beyond four figures a reader keeps none: the table has them all."""
        del universe
        if len(self.measures) > 4:
            return Refusal("Plus de quatre chiffres ne se retiennent pas.", ("tableau",))
        return None

    def __call__(self, view: View) -> Figures:
        """The figures, with the table that says the same."""
        measures = known(view, self.measures)
        months = moved(view, measures) if monthly(view) else {}
        whole = beside(view, measures)
        items, rows = [], []
        for name in measures:
            figure = _of_month(view, name, months[name]) if name in months else _dated(view, name)
            if figure is None:
                continue
            pieces, closing = self._parts(view, name) if self.parts else ((), "")
            compared = " · ".join(one for one in (figure.reference, whole.get(name, "")) if one)
            items.append(
                Figure(**{**vars(figure), "reference": compared, "parts": pieces, "closing": closing})
            )
            rows += [(figure.label, "", figure.value), *((figure.label, p.label, p.value) for p in pieces)]
            if closing:
                rows.append((figure.label, closing, ""))
        table = (
            pl.DataFrame(rows, schema=["indicateur", "partie", "valeur"], orient="row")
            if rows
            else pl.DataFrame(schema={"indicateur": pl.String, "partie": pl.String, "valeur": pl.String})
        )
        columns = [Column("indicateur", "Indicateur"), Column("partie", "Partie"), Column("valeur", "Valeur")]
        if not self.parts:
            columns.pop(1)
        return Figures(
            items,
            table=Table(table, tuple(columns)),
            title=self.title,
            counted=f"{where(view)}, {moments(view, measures)}" if measures else "",
            measures=tuple(measures),
        )

    def _parts(self, view: View, measure: str) -> tuple[tuple[Part, ...], str]:
        frame, code, name = by_axis(view, [measure], self.parts, apart=())
        rows = in_order(view, frame.filter(pl.col(code) != NON_RENSEIGNE), self.parts, measure)
        total = ask(view, [measure]).item(0, measure)
        found = view.universe.measure(measure)
        shared = adds(view.universe, measure, self.parts)
        if rows.height > MOST_PARTS:
            _, many = label_of(view, self.parts)
            told = f"{MOST_PARTS} {many} sur {rows.height}"
            rows = rows.sort(measure, name, descending=[True, False], nulls_last=True).head(MOST_PARTS)
        else:
            told = ""
        made = tuple(
            Part(row[name], write(view, measure, row[measure])) for row in rows.iter_rows(named=True)
        )
        if found.kind is Kind.RATIO:
            return made, told
        if not shared:
            return made, " ; ".join(one for one in (told, "le même peut compter dans plusieurs parts") if one)
        left = float(total or 0) - sum(value or 0 for value in rows[measure].to_list())
        closed = f"Non réparti\u202f: {french.number(left)}" if left else "Les parts font le total."
        if told:
            closed = f"{told} ; autres\u202f: {french.number(left)}"
        return made, closed


def moved(view: View, measures: Sequence[str], at: date | None = None) -> dict[str, Synthese]:
    """A month of each measure and its two changes, the last one by default; empty when nothing is published."""
    month = at or last_month(view)
    if month is None:
        return {}
    frame = series(view, measures)
    months = frame[view.universe.time.name].alias("mois")
    # Columns put side by side: no plan to optimise, some thirty times a page.
    return {
        name: synthese(pl.DataFrame([months, frame[name].alias("valeur")]), month)
        for name in measures
        if name in frame.columns
    }


def beside(view: View, measures: Sequence[str]) -> dict[str, str]:
    """Each measure over every territory, in words (« France entière : 30,64 % »), for who looks at one of them.

    Empty where no territory is chosen, and where the reader's rights do not open the whole.
    """
    chosen = [axis for axis in WORDS if view.selection.values(axis)]
    selection = view.selection_apart(chosen)
    if not chosen or any(selection.values(axis) for axis in chosen):
        return {}
    if (day := last_month(view) if monthly(view) else view.date) is None:
        return {}
    found = view.data.answer(view.universe, selection.at(day), list(measures))
    if found.portee is not None or not found.frame.height:
        return {}
    place = where(view, apart=chosen)
    return {name: f"{place}\u202f: {write(view, name, found.frame.item(0, name))}" for name in measures}


def figures(*measures: str) -> KeyFigures:
    """Key figures for these measures (four at most): last month, since the month before, since a year."""
    return KeyFigures(measures)


def _dated(view: View, name: str) -> Figure | None:
    """A figure of a universe of dates: now, and since the date before."""
    if view.date is None:
        return None
    measure, value = view.universe.measure(name), view.value(name)
    change = None
    # A period of days is not one date: beside the day before, a sum of weeks would seem to have leapt.
    daily = view.universe.rhythm is Rhythm.DAILY
    if (before := view.before) is not None and not daily:
        since = f"depuis le {french.long_date(before)}"
        change = french.change(
            value, view.value(name, at=before), measure.format, since=since, decimals=DECIMALS
        )
    return Figure(measure.label, write(view, name, value), change, help=measure.definition)


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


def _of_month(view: View, name: str, found: Synthese) -> Figure:
    return _uncompared(view, name, found) or _figure(view, name, found)


def _uncompared(view: View, name: str, found: Synthese) -> Figure | None:
    """A month that is not whole is compared with none: the last whole one is, in its stead; None when it is whole."""
    whole = last_complete(view, [name])
    if found.valeur is None or found.mois != view.dates[0] or whole == found.mois:
        return None
    measure, told = view.universe.measure(name), f"{french.month(found.mois)} incomplet, non comparé"
    if whole is not None:
        before = moved(view, [name], whole)[name]
        change = french.change(
            before.valeur, before.mois_precedent.valeur, measure.format, since="en un mois", decimals=DECIMALS
        )
        told += f" ; {french.month(whole)} : {write(view, name, before.valeur)}, {change.text}"
    return Figure(
        measure.label, write(view, name, found.valeur), None, reference=told, help=measure.definition
    )


def _since_a_year(view: View, name: str, found: Synthese) -> str:
    measure, year = view.universe.measure(name), found.douze_mois
    if year.valeur is None or found.valeur is None:
        said = f"{french.month(year.reference)} : {french.ABSENT_WORDS}"
    else:
        said = french.change(
            found.valeur, year.valeur, measure.format, since="en un an", decimals=DECIMALS
        ).text
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
            return access.remedy("Aucun mois n’est publié", f"obs ingest {view.universe.name}")
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
    if year.valeur is None or missing(view, [measure]):
        return ""
    words = french.change(
        found.valeur, year.valeur, view.universe.measure(measure).format, decimals=DECIMALS
    ).words
    return f", {words} en un an"
