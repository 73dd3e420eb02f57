"""Heat map: one measure by two axes, darker for more; what is not observed stays blank."""

from __future__ import annotations

import polars as pl

from apps.kit.charts.charts import Chart
from apps.kit.charts.heat import heat
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.pieces import Piece
from apps.kit.style import french
from apps.kit.views.base import (
    AXIS,
    MEASURE,
    Drawing,
    Refusal,
    ask,
    in_words,
    measure_column,
    named,
    own_rank,
    scale,
    view_type,
)
from apps.kit.views.dates import dates_word, series
from apps.kit.views.tables import Values, explained
from apps.kit.views.words import label_of, moment, monthly, values_counted, where

MOST = 40


@view_type("chaleur")
class Heat(Drawing):
    """A measure by two axes, forty values each at most.

    Attributes:
        measure: what the cells say.
        axis: the rows.
        columns: the columns (time is possible).
        title: title of the view.
    """

    measure: str = named("mesure", MEASURE)
    axis: str = named("axe", AXIS)
    columns: str = named("colonnes", AXIS)
    title: str = named("titre", default="")

    def __call__(self, view: View) -> Piece:
        """The cells; the table where fewer than half are known."""
        time = view.universe.time
        measure, across = self.measure, view.universe.axis(self.columns)
        by = [
            name for one in (self.axis, self.columns) for name in (view.universe.axis(one).code, one) if name
        ]
        timed = across is time
        if timed:
            frame = series(view, [measure], [name for name in by if name != self.columns])
            frame = frame.drop_nulls(view.universe.axis(self.axis).code or self.axis)
        else:
            frame = in_words(view, ask(view, [measure], by), self.columns)
            frame = frame.drop("__code", strict=False)
        frame = in_words(view, frame, self.axis).drop_nulls(measure)
        rows, columns = (
            frame.select(pl.col(one).unique()).sort(own_rank(view, one)).to_series().to_list()
            for one in (self.axis, self.columns)
        )
        if not rows or 2 * frame.height < len(rows) * len(columns):
            values = Values((measure,), self.axis, self.title, more=(self.columns,))
            return explained(
                values, Refusal("Moins de la moitié des cases sont connues.", ("tableau",)), view
            )
        kept = frame.filter(pl.col(self.axis).is_in(rows[:MOST]), pl.col(self.columns).is_in(columns[-MOST:]))
        if timed:
            words = [french.month(d, short=True) if monthly(view) else french.long_date(d) for d in columns]
            kept = kept.with_columns(
                pl.col(self.columns).replace_strict(columns, words, return_dtype=pl.String)
            )
            columns = words
        one, many = label_of(view, self.axis)
        when = dates_word(view, len(columns)) if timed else moment(view, measure)
        hidden = ", ou n’est pas montrée" if any(found.small for _, found in view.data.told) else ""
        said = f"{MOST} {many} sur {len(rows)}. " if len(rows) > MOST else ""
        return Chart(
            heat(kept, self.axis, self.columns, measure, scale(view, measure), rows[:MOST], columns[-MOST:]),
            Table(
                frame.sort(own_rank(view, self.axis), own_rank(view, self.columns)),
                (
                    Column(self.axis, view.universe.axis(self.axis).label),
                    Column(self.columns, across.label, month=timed and monthly(view)),
                    measure_column(view, measure, timed=not timed),
                ),
            ),
            title=self.title or f"{view.universe.measure(measure).label} par {one}",
            reading=f"{said}Une case vide n’est pas observée{hidden}.",
            counted=f"{where(view)}, {values_counted(view, self.axis, rows)}, {when}",
            measures=(measure,),
        )
