"""Tables: measures by one to three axes with the whole, and searchable lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from apps.kit.charts.tables import Column, Table, found
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.style import french
from apps.kit.views.base import (
    AXIS,
    MEASURE,
    OPTION,
    Drawing,
    Refusal,
    ask,
    chosen,
    in_words,
    known,
    measure_column,
    named,
    own,
    own_rank,
    view_type,
)
from apps.kit.views.words import label_of, last_month, moments, monthly, values_counted, where
from lake.errors import RefusedCombination
from scoring.analyses.petites_cellules import FOLDED
from scoring.universes.model import Rhythm, Universe

MOST_AXES = 3


@view_type("tableau")
class Values(Drawing):
    """Measures by an axis, with what has no value of it and the whole, asked on its own; rows filter the axis.

    Every figure counts over the same time as the page's key figures, and each heading says which.

    Attributes:
        measures: the columns, whatever their units.
        axis: the rows, or the option that says them (a mesh).
        title: title of the view.
        order: measure that orders the rows, highest first; the first one by default.
        more: other axes, each in its own column.
        natural: the rows in the axes' own order (weeks, hours, horizons), not by what they are worth.
    """

    measures: tuple[str, ...] = named("mesures", MEASURE)
    axis: str | Option = named("axe", AXIS)
    title: str = named("titre", default="")
    order: str = named("ordre", MEASURE, default="")
    more: tuple[str, ...] = named("autres_axes", AXIS, default=())
    natural: bool = named("ordre_naturel", default=False)

    def refused(self, universe: Universe) -> Refusal | None:
        """A fourth axis."""
        del universe
        if len(self.more) >= MOST_AXES:
            return Refusal("Un tableau se lit par trois axes au plus.", ("liste",))
        return None

    def __call__(self, view: View) -> Table:
        """The table."""
        axis, measures = chosen(view, self.axis), known(view, self.measures)
        axes = (axis, *self.more)[:MOST_AXES]
        by = [name for one in axes for name in (view.universe.axis(one).code, one) if name]
        apart = own(view, axis) if len(axes) == 1 else ()
        frame = view.marked(ask(view, measures, by, apart=apart))
        for one in axes:
            frame = in_words(view, frame, one)
        known_or_folded = [*measures, *(name for name in frame.columns if name.startswith(FOLDED))]
        rows = frame.filter(pl.any_horizontal(pl.col(known_or_folded).is_not_null()))
        order = self.order if self.order in measures else measures[0]
        rows = rows.sort(order, axis, descending=[True, False], nulls_last=True)
        if self.natural:
            rows = rows.sort([own_rank(view, one) for one in axes])
        if view.universe.axis(axis) is view.universe.time:
            rows = rows.sort(axis)
        key = view.universe.axis(axis).code or "__code"
        many = values_counted(view, axis, rows[view.universe.axis(axis).code or axis])
        # Where each row says its own time no heading says another, and no line is the whole of all of them.
        days = view.universe.rhythm is Rhythm.DAILY  # what adds up over a period of days has its whole
        timed = days or all(view.universe.axis(one) is not view.universe.time for one in axes)
        return Table(
            rows,
            (
                *(_named(view, one) for one in axes),
                *(measure_column(view, name, timed=timed) for name in measures),
            ),
            _whole(view, measures, apart) if timed else None,
            key=key if len(axes) == 1 else "",
            title=self.title or f"Par {label_of(view, axis)[0]}",
            picks=axis if len(axes) == 1 else "",
            counted=", ".join([where(view, apart), many, *([moments(view, measures)] if timed else [])]),
            measures=tuple(measures),
        )


def _whole(view: View, measures: Sequence[str], apart: Sequence[str]) -> Mapping[str, object] | None:
    """The whole, asked on its own; None where the measures have none (who is covered in 2 hours is in 4)."""
    try:
        return ask(view, measures, apart=apart).row(0, named=True)
    except RefusedCombination:
        return None


def _named(view: View, axis: str) -> Column:
    found = view.universe.axis(axis)
    return Column(axis, found.label, month=found is view.universe.time and monthly(view))


def explained(values: Values, refusal: Refusal, view: View) -> Table:
    """The table of what a view could not draw, with the reason."""
    table = values(view)
    others = [name for name in refusal.instead if name != values.type]  # the table is what stands here
    instead = french.listing((f"« {name} »" for name in others), "ou")
    said = f"{refusal.reason} Le tableau dit les mêmes chiffres" + (
        f" ; {instead} les dessine." if len(others) == 1 else f" ; {instead} les dessinent."
    )
    return replace(table, reading=said if instead else f"{refusal.reason} Voici le tableau.")


@view_type("liste")
class Listing(Drawing):
    """Entities one by one (services, structures, products), searched, with attributes and measures.

    Attributes:
        axis: the entity.
        measures: up to four figures of each.
        title: title of the view.
        attributes: up to three axes that describe each entity.
        search: the option that holds the words searched; the table's own search by default.
    """

    axis: str = named("axe", AXIS)
    measures: tuple[str, ...] = named("mesures", MEASURE, default=())
    title: str = named("titre", default="")
    attributes: tuple[str, ...] = named("attributs", AXIS, default=())
    search: str = named("recherche", OPTION, default="")

    def __call__(self, view: View) -> Table:
        """The list, in the order of names; entities of which nothing is known stay out."""
        names = view.universe.axis(self.axis)
        measures = known(view, self.measures) or [view.universe.measures[0].name]
        by = [
            name
            for one in (self.axis, *self.attributes)
            for name in (view.universe.axis(one).code, one)
            if name
        ]
        frame = ask(view, measures, by, apart=[self.axis])
        for one in self.attributes:
            frame = in_words(view, frame, one)
        key = names.code or self.axis
        rows = frame.drop_nulls(key).filter(pl.any_horizontal(pl.col(measures).is_not_null())).sort(self.axis)
        shown = known(view, self.measures)
        one, many = label_of(view, self.axis)
        table = Table(
            rows,
            (
                *(_named(view, name) for name in (self.axis, *self.attributes)),
                *(measure_column(view, name) for name in shown),
            ),
            key=key,
            title=self.title or names.plural or f"{names.label}s",
            picks=self.axis,
            measures=tuple(shown),
        )
        words = view.option(self.search) if self.search else ""
        kept = found(table, words) if words else rows
        count = french.counted(kept.height, one, many)
        when = french.month(last_month(view)) if monthly(view) else french.long_date(view.date)
        return replace(
            table,
            frame=kept,
            reading=f"« {words} » : {count}." if words else "",
            counted=f"{where(view)}, {count}, {when}",
        )
