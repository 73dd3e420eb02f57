"""Time: columns of one measure, curves of several, small multiples of one by an axis, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from apps.kit.charts.charts import MOST_SERIES, Chart, columns, lines
from apps.kit.charts.dates import multiples
from apps.kit.charts.levels import dots
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.pieces import Piece
from apps.kit.style import french
from apps.kit.views.base import (
    AXIS,
    MEASURE,
    Drawing,
    Refusal,
    in_words,
    known,
    measure_column,
    named,
    own,
    scale,
    view_type,
)
from apps.kit.views.colours import colours
from apps.kit.views.rules import one_unit
from apps.kit.views.tables import Values, explained
from apps.kit.views.words import DECIMALS, label_of, monthly, values_counted, where, write
from scoring.universes.model import Kind, Measure, Rhythm, Universe
from scoring.universes.rows import NON_RENSEIGNE

MOST_PANELS = 24
_MOST_ROWS = 60


def series(view: View, measures: Sequence[str], by: Sequence[str] = ()) -> pl.DataFrame:
    """Every published date of these measures under the filters, whatever the period.

    Returns:
        DataFrame: the time axis (Date), the axes asked, then the measures; a month without data is a row of nulls.
    """
    time = view.universe.time.name
    return view.query(known(view, measures), [time, *by], apart=[time])


def when(view: View) -> Column:
    """The column of time."""
    time = view.universe.time
    return Column(time.name, time.label, month=monthly(view))


def dates_word(view: View, count: int) -> str:
    """``24 mois``, ``3 campagnes``."""
    one, many = label_of(view, view.universe.time.name)
    return french.counted(count, one, many)


def _day(view: View, day: Any) -> str:
    return french.month(day) if monthly(view) else french.long_date(day)


@view_type("colonnes")
class Columns(Drawing):
    """A measure month by month; clicks on months set the period of the whole page.

    Attributes:
        measure: what the columns are as tall as.
        title: title of the view; the measure's label by default.
    """

    measure: str = named("mesure", MEASURE)
    title: str = named("titre", default="")

    def refused(self, universe: Universe) -> Refusal | None:
        """A rate is read on a curve: columns invite to add."""
        found = universe.measure(self.measure)
        if found.kind is Kind.RATIO:
            return Refusal(
                f"« {found.label} » est un taux : des colonnes inviteraient à l’additionner.", ("courbe",)
            )
        return None

    def __call__(self, view: View) -> Piece:
        """The columns; a rate as a curve."""
        if self.refused(view.universe):
            return Curve((self.measure,), self.title)(view)
        found, time = view.universe.measure(self.measure), view.universe.time.name
        frame = series(view, [self.measure])
        seen = frame.drop_nulls(self.measure)
        # Months before an indicator begins are no gaps.
        gaps = frame.filter(pl.col(time) >= seen[time].min()).height - seen.height if seen.height else 0
        one, many = label_of(view, time)
        holes = f" {french.counted(gaps, f'{one} manque', f'{many} manquent')}." if gaps else ""
        top = seen.sort(self.measure, time, descending=[True, False]).head(1)
        said, months = "", monthly(view)
        if top.height:
            value = write(view, self.measure, top.item(0, self.measure))
            said = (
                f"Le plus haut : {value} {'en' if months else 'le'} {_day(view, top.item(0, time))}.{holes}"
            )
        return Chart(
            columns(frame, time, self.measure, scale(view, self.measure), picks=months, months=months),
            Table(frame, (when(view), measure_column(view, self.measure, timed=False))),
            title=self.title or f"{found.label}, {'mois par mois' if months else 'date par date'}",
            reading=said,
            picks=time if months else "",
            counted=f"{where(view)}, {dates_word(view, seen.height)}",
            measures=(self.measure,),
        )


@view_type("courbe")
class Curve(Drawing):
    """One to four measures of one format over time, or one by an axis of six values at most.

    A missing month breaks the line. Two dates are shown before and after; seven series and more as small multiples.

    Attributes:
        measures: measures of one format; a single one with a series.
        title: title of the view.
        series: axis whose values are the lines; none by default.
    """

    measures: tuple[str, ...] = named("mesures", MEASURE)
    title: str = named("titre", default="")
    series: str = named("serie", AXIS, default="")

    def refused(self, universe: Universe) -> Refusal | None:
        """Measures of several formats, or several of them by an axis."""
        if self.series and len(self.measures) > 1:
            return Refusal("Une courbe par valeur ne montre qu’une mesure.", ("multiples", "tableau"))
        if len(self.measures) > 4:
            return Refusal("Plus de quatre courbes ne se suivent pas.", ("tableau",))
        return one_unit(universe, self.measures)

    def __call__(self, view: View) -> Piece:
        """The curves, or what shows them better."""
        if refusal := self.refused(view.universe):
            return explained(Values(self.measures, view.universe.time.name, self.title), refusal, view)
        return self._by_series(view) if self.series else self._of_measures(view)

    def _of_measures(self, view: View) -> Chart:
        time = view.universe.time.name
        frame = series(view, self.measures)
        names = {name: view.universe.measure(name).label for name in self.measures if name in frame.columns}
        long = frame.unpivot(
            list(names), index=time, variable_name="serie", value_name="valeur"
        ).with_columns(pl.col("serie").replace(names))
        seen = frame.filter(pl.any_horizontal(pl.col(list(names)).is_not_null())).height
        shown = scale(view, self.measures[0])
        if len(names) > 1:
            shown = Scale(shown.format, "", DECIMALS)
        several = "serie" if len(names) > 1 else ""
        daily = view.universe.rhythm is Rhythm.DAILY
        return Chart(
            # A day is noisy, and the last ones often end together, near zero: their names stand below.
            lines(long, time, "valeur", shown, series=several, zero=True, months=monthly(view), legend=daily),
            Table(frame, (when(view), *(measure_column(view, name, timed=False) for name in names))),
            title=self.title or french.listing(names.values()),
            counted=f"{where(view)}, {dates_word(view, seen)}",
            measures=tuple(names),
        )

    def _by_series(self, view: View) -> Piece:
        measure, axis, time = self.measures[0], self.series, view.universe.time.name
        frame = in_words(view, _by_time(view, measure, axis), axis)
        code = view.universe.axis(axis).code or "__code"
        codes = frame[code].unique(maintain_order=True).to_list()
        days = frame[time].n_unique()
        if len(codes) > MOST_SERIES:
            return Multiples(measure, axis, self.title)(view)
        if days == 2 and not monthly(view):
            return BeforeAfter(measure, axis, self.title)(view)
        names = dict(frame.select(code, axis).unique(maintain_order=True).iter_rows())
        own_colours = {names[key]: colour for key, colour in colours(view, axis, codes).items()}
        return Chart(
            lines(
                frame,
                time,
                measure,
                scale(view, measure),
                series=axis,
                zero=True,
                months=monthly(view),
                colours=own_colours,
            ),
            _time_table(view, frame, measure, axis, code),
            title=self.title or f"{view.universe.measure(measure).label} par {label_of(view, axis)[0]}",
            counted=f"{where(view)}, {dates_word(view, days)}",
            measures=(measure,),
        )


def _by_time(view: View, measure: str, axis: str) -> pl.DataFrame:
    found = view.universe.axis(axis)
    return series(view, [measure], [name for name in (found.code, axis) if name]).filter(
        pl.col(found.code or axis).is_not_null()
    )


def _time_table(view: View, frame: pl.DataFrame, measure: str, axis: str, code: str) -> Table:
    return Table(
        frame.sort(axis, view.universe.time.name),
        (
            Column(axis, view.universe.axis(axis).label),
            when(view),
            measure_column(view, measure, timed=False),
        ),
        key=code,
    )


@view_type("multiples")
class Multiples(Drawing):
    """One measure over time by an axis of seven to twenty-four values: one small curve each, on one scale.

    Attributes:
        measure: what the curves show.
        axis: what there is a curve of.
        title: title of the view.
    """

    measure: str = named("mesure", MEASURE)
    axis: str = named("axe", AXIS)
    title: str = named("titre", default="")

    def __call__(self, view: View) -> Chart:
        """The curves of those whose last value is the highest; how many are left out is said."""
        time = view.universe.time.name
        frame = in_words(view, _by_time(view, self.measure, self.axis), self.axis)
        code = view.universe.axis(self.axis).code or "__code"
        last = frame.drop_nulls(self.measure).sort(time).group_by(code, maintain_order=True).last()
        order = last.sort(self.measure, self.axis, descending=[True, False])
        kept = order.head(MOST_PANELS)[self.axis].to_list()
        shown = frame.filter(pl.col(self.axis).is_in(kept))
        whole = series(view, [self.measure]).select(time, self.measure)
        one, _ = label_of(view, self.axis)
        said = "Le trait gris est l’ensemble, demandé à part."
        if order.height > len(kept):
            said = f"{len(kept)} courbes sur {order.height} : les dernières valeurs les plus hautes. {said}"
        return Chart(
            multiples(
                shown,
                time,
                self.measure,
                self.axis,
                scale(view, self.measure),
                whole,
                kept,
                months=monthly(view),
            ),
            _time_table(view, frame, self.measure, self.axis, code),
            title=self.title or f"{view.universe.measure(self.measure).label} par {one}",
            reading=said,
            counted=f"{where(view)}, {values_counted(view, self.axis, order[code])}",
            measures=(self.measure,),
        )


def _furthest(wide: pl.DataFrame, name: str, measure: Measure) -> str:
    """Who moved most: ``Pays de la Loire a le plus avancé (+3,2 pt) ; … a le plus reculé``."""
    moved = wide.drop_nulls("ecart").sort("ecart", name)
    if moved.height < 2:
        return ""
    said = []
    for row, verb, right in (
        (moved.row(-1, named=True), "avancé", 1),
        (moved.row(0, named=True), "reculé", -1),
    ):
        if row["ecart"] * right > 0:
            amount = french.signed(row["ecart"], measure.format, DECIMALS)
            said.append(f"{row[name]} a le plus {verb} ({amount})")
    return f"{' ; '.join(said)}." if said else "Rien n’a bougé."


@view_type("avant-apres")
class BeforeAfter(Drawing):
    """One measure by an axis at two dates: the date shown and the one before, joined by a line.

    Attributes:
        measure: what moves.
        axis: what there is a row of.
        title: title of the view.
    """

    measure: str = named("mesure", MEASURE)
    axis: str = named("axe", AXIS)
    title: str = named("titre", default="")

    def __call__(self, view: View) -> Piece:
        """The two dates; the ranking where there is no date before."""
        now, before = view.date, view.before
        if now is None or before is None:
            return explained(
                Values((self.measure,), self.axis, self.title),
                Refusal("Une seule date est publiée : il n’y a pas d’avant.", ("classement",)),
                view,
            )
        moments = [before, now]
        sides = [self._at(view, day) for day in moments]
        code = view.universe.axis(self.axis).code or "__code"
        wide = sides[1].join(
            sides[0].select(code, avant=self.measure), on=code, how="left", maintain_order="left"
        )
        wide = wide.with_columns(ecart=pl.col(self.measure) - pl.col("avant")).sort(
            self.measure, self.axis, descending=[True, False], nulls_last=True
        )
        words = [_day(view, day) for day in moments]
        long = pl.concat(
            wide.head(_MOST_ROWS).select(
                pl.col(self.axis), pl.lit(word).alias("moment"), pl.col(column).alias("valeur")
            )
            for column, word in (("avant", words[0]), (self.measure, words[1]))
        )
        found = view.universe.measure(self.measure)
        return Chart(
            dots(long, self.axis, "valeur", "moment", scale(view, self.measure)),
            Table(
                wide,
                (
                    Column(self.axis, view.universe.axis(self.axis).label),
                    Column("avant", words[0].capitalize(), format=found.format, decimals=DECIMALS),
                    Column(self.measure, words[1].capitalize(), format=found.format, decimals=DECIMALS),
                    Column("ecart", "Écart", change=True, format=found.format, decimals=DECIMALS),
                ),
                key=code,
            ),
            title=self.title or f"{found.label}, {french.listing(words)}",
            reading=_furthest(wide.filter(pl.col(code) != NON_RENSEIGNE), self.axis, found),
            counted=f"{where(view, own(view, self.axis))}, {values_counted(view, self.axis, wide[code])}",
            measures=(self.measure,),
        )

    def _at(self, view: View, day: Any) -> pl.DataFrame:
        found = view.universe.axis(self.axis)
        by = [name for name in (found.code, self.axis) if name]
        selection = view.selection_apart(own(view, self.axis))
        selection = selection.at(None).during(day, day) if monthly(view) else selection.at(day)
        return in_words(view, view.data.query(view.universe, selection, [self.measure], by), self.axis)
