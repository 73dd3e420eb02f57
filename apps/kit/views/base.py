"""A view as data: a frozen, named value that draws itself from what the reader selected.

``Ranked(measure="psc_e_cps", axis="region", title="…")`` is a value: it is compared, saved as JSON
(:mod:`apps.kit.views.codec`), checked against a universe, and called with a :class:`~apps.kit.data.view.View` to give
the piece that screen, CSV and PDF render. A page's block takes it where it takes a function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, TypeVar, dataclass_transform

import polars as pl

from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.pages.pieces import Piece
from apps.kit.views.words import DECIMALS, UNALLOCATED, UNKNOWN, last_month, moment, monthly
from lake.text import folded
from scoring.universes.axis import Axis, Order
from scoring.universes.model import Rhythm, Universe
from scoring.universes.rows import NON_RENSEIGNE

MEASURE, AXIS, OPTION = "mesure", "axe", "option"
"""What the names of a field are names of."""
GALLERY: dict[str, type[Drawing]] = {}
"""Type in JSON -> the view's class; filled by :func:`view_type`."""
OWN: dict[str, type[Drawing]] = {}
"""The same of views that pages alone are declared with: what they name is an application's own, and nobody composes
an analysis with them (:mod:`apps.kit.views.own`)."""


@dataclass(frozen=True)
class Refusal:
    """Why a view does not suit what it is asked to show.

    Attributes:
        reason: one French sentence.
        instead: types of views that suit.
    """

    reason: str
    instead: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drawing:
    """What every view is: callable, named in JSON by its ``type``."""

    type: ClassVar[str] = ""

    def __call__(self, view: View) -> Piece:
        """The piece that shows it to the reader at hand."""
        raise NotImplementedError

    def refused(self, universe: Universe) -> Refusal | None:
        """Why this view cannot show these measures by these axes; None when it can.

        A refused view is never an error on a page: it shows its table and says why.
        """
        del universe
        return None


def named(json: str, of: str = "", *, among: Mapping[str, Any] | None = None, default: Any = MISSING) -> Any:
    """A field of a view: its name in JSON, and what its values are names of.

    Args:
        json: name in JSON.
        of: :data:`MEASURE`, :data:`AXIS`, :data:`OPTION`, or empty for words and numbers.
        among: what the field names of an application (:class:`apps.kit.views.own.Named`); None for nothing.
        default: value when JSON does not say; none makes the field required.
    """
    return field(default=default, metadata={"json": json, "of": of, "among": among})


_View = TypeVar("_View", bound=Drawing)


@dataclass_transform(frozen_default=True, field_specifiers=(named,))
def view_type(name: str, *, own: bool = False) -> Callable[[type[_View]], type[_View]]:
    """Decorator: a frozen view known to the codec under this type; ``own`` keeps it for declared pages."""

    def known(cls: type[_View]) -> type[_View]:
        made = dataclass(frozen=True)(cls)
        made.type = name
        (OWN if own else GALLERY)[name] = made
        return made

    return known


def names_of(drawing: Drawing, of: str) -> Iterator[str]:
    """The measures or axes that a view names, those of its options included."""
    for each in fields(drawing):
        if each.metadata["of"] == of:
            value = getattr(drawing, each.name)
            yield from _flat(value)


def _flat(value: object) -> Iterator[str]:
    if isinstance(value, Option):
        yield from value.values
    elif isinstance(value, tuple):
        for one in value:
            yield from _flat(one)
    elif isinstance(value, str) and value:
        yield value


def known(view: View, measures: Sequence[str]) -> list[str]:
    """Those of these measures that the lake's catalogue still has: a view lives on without the others."""
    names = {measure.name for measure in view.universe.measures}
    return [name for name in measures if name in names]


def chosen(view: View, value: str | Option) -> str:
    """A name, or the one that the reader chose among an option's."""
    return view.option(value.name) or next(iter(value.values)) if isinstance(value, Option) else value


# -- what is asked -----------------------------------------------------------------------------------


def ask(
    view: View,
    measures: Sequence[str],
    by: Sequence[str] = (),
    *,
    apart: Sequence[str] = (),
    total: bool = False,
) -> pl.DataFrame:
    """Figures of a view: those of the last month until the reader chooses the start of a period.

    Key figures are those of the last month; what stands under them counts over the same time, so that no table sets
    a sum of two years beside the state of a month. Once a start is chosen, flows add up over the period, and each
    heading says its own time (:func:`apps.kit.views.words.moment`).
    """
    selection = view.selection_apart(apart)
    over_time = any(view.universe.axis(name) is view.universe.time for name in by)
    if monthly(view) and not over_time and view.selection.du is None and (month := last_month(view)):
        selection = selection.at(None).during(month, month)
    return view.data.query(view.universe, selection, measures, by, total=total)


def own(view: View, axis: str) -> list[str]:
    """The axes whose filter a view by this axis leaves out: a territory is shown whole, whatever is chosen in it."""
    meshes = [one.name for one in view.universe.meshes()]
    larger = ["region", "departement", "epci", "commune"]
    if axis not in meshes or axis not in larger:
        return [axis]
    return [name for name in larger[larger.index(axis) :] if name in meshes]


def by_axis(
    view: View, measures: Sequence[str], axis: str, *, apart: Sequence[str] | None = None
) -> tuple[pl.DataFrame, str, str]:
    """Measures by an axis, its own filter left out.

    Returns:
        tuple: the rows that have a value, in the words of readers (what no territory is known for is « Non
        réparti », what has no value of another axis « Non renseigné »); the column of codes; the column of names.
    """
    found = view.universe.axis(axis)
    code = found.code or "__code"
    by = [found.code, axis] if found.code else [axis]
    frame = ask(view, measures, by, apart=own(view, axis) if apart is None else apart)
    return (
        in_words(view, frame, axis).filter(pl.any_horizontal(pl.col(list(measures)).is_not_null())),
        code,
        axis,
    )


def in_words(view: View, frame: pl.DataFrame, axis: str) -> pl.DataFrame:
    """Rows by an axis with its code (``__code`` where the axis has none) and its name as readers read it."""
    found = view.universe.axis(axis)
    code = found.code or "__code"
    if found is view.universe.time:
        return frame.with_columns(pl.col(axis).cast(pl.String).alias(code))
    if not found.code:
        frame = frame.with_columns(pl.col(axis).alias(one) for one in (code, found.cited) if one)
    if texts := _texts(view, found):
        named = pl.col(code).cast(pl.String).replace_strict(texts, default=None)
        frame = frame.with_columns(pl.coalesce(named, axis).alias(axis))
    return frame.with_columns(
        pl.col(code).fill_null(NON_RENSEIGNE),
        pl.col(axis)
        .replace({**dict(found.words), NON_RENSEIGNE: None})
        .fill_null(UNALLOCATED if found.territory else UNKNOWN),
    )


def _texts(view: View, axis: Axis) -> dict[str, str]:
    """Codes of a referential -> code and name, as lists of choices say them: « A05 · Moyens d’authentification »."""
    if axis.order is not Order.CODE or axis.words:
        return {}
    choices = view.data.every_choice(view.universe, axis.name)
    return {code: text for code, text in choices.select("code", "texte").iter_rows() if " · " in str(text)}


def in_order(view: View, frame: pl.DataFrame, axis: str, measure: str) -> pl.DataFrame:
    """Rows by an axis in its own order; by what they are worth where it has none (see :func:`by_axis`)."""
    found = view.universe.axis(axis)
    code = found.code or "__code"
    if found.order is Order.NONE:
        return frame.sort(measure, axis, descending=[True, False], nulls_last=True)
    if found.order is Order.CODE:
        return frame.sort(code)
    ranks = {word: rank for rank, word in enumerate(found.words)}
    rank = pl.col(code).replace_strict(ranks, default=len(ranks), return_dtype=pl.Int64)
    return frame.sort(rank, code)


def own_rank(view: View, axis: str) -> pl.Expr:
    """What sorts the names of an axis (as :func:`in_words` leaves them): by its words' order, else as French does."""
    found = view.universe.axis(axis)
    if found is view.universe.time:
        return pl.col(axis)
    if found.order is Order.NONE or not found.words:
        return folded(pl.col(axis).cast(pl.String))
    ranks = {word: rank for rank, word in enumerate(found.words.values())}
    return pl.col(axis).replace_strict(ranks, default=len(ranks), return_dtype=pl.Int64)


def scale(view: View, measure: str, title: str | None = None) -> Scale:
    """How a measure's values are written on charts."""
    found = view.universe.measure(measure)
    return Scale(found.format, found.unit if title is None else title, DECIMALS)


def measure_column(view: View, measure: str, *, timed: bool = True) -> Column:
    """A measure as a column: rates with two decimals; its heading says when it is counted.

    Args:
        view: what the page shows.
        measure: its name.
        timed: whether the heading says the time (not where each row is a month).
    """
    found = view.universe.measure(measure)
    # A period of days is long, one for the page, and told under every table: headings would repeat it, and be cut.
    dated = timed and view.universe.rhythm is not Rhythm.DAILY
    label = f"{found.label}, {moment(view, measure)}" if dated else found.label
    return Column(measure, label, found.format, decimals=DECIMALS, help=found.definition)
