"""What views say of a selection, in French: where, when, how much, what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl

from apps.kit.data.view import View
from apps.kit.style import french
from lake.contract import Table
from lake.errors import MissingTable
from scoring.universes.model import Kind, Rhythm
from scoring.universes.rows import NON_RENSEIGNE
from scoring.universes.selection import Selection

WHOLE = "France entière"
UNALLOCATED = "Non réparti"
"""Of a territory: what its larger one could not allocate."""
UNKNOWN = "Non renseigné"
"""Of any other axis: what was delivered without it."""
DECIMALS = 2
"""Digits of a rate: the national report prints two."""
_NAMED = 3
"""Beyond, territories are counted instead of named."""
WORDS = {
    "commune": ("commune", "communes"),
    "epci": ("EPCI", "EPCI"),
    "departement": ("département", "départements"),
    "region": ("région", "régions"),
}
"""Mesh -> singular and plural, as counts name it; the finest first: the finest one chosen names a place."""


def where(view: View, apart: Sequence[str] = ()) -> str:
    """The territory of the selection: ``Grand Est``, ``Bas-Rhin et Moselle``, ``France entière``.

    Args:
        view: what the page shows.
        apart: axes whose filter a view leaves out.
    """
    known = {axis.name for axis in view.universe.axes}
    for axis, (_, many) in WORDS.items():
        if axis not in known:
            continue
        # Of an axis set apart, what its author's frame leaves; nothing where there is no frame.
        values = view.selection_apart([axis]).values(axis) if axis in apart else view.selection.values(axis)
        if len(values) > _NAMED:
            return f"{len(values)} {many}"
        if values:
            return french.listing(view.word(axis, value) for value in values)
    if "sas" in known:  # a SAS is a territory of its own, and what is published of them is not the country
        own = [view.word("territoire", one) for one in view.selection.values("territoire")]
        if own or view.selection.values("sas"):
            return french.listing(
                own or [f"SAS {view.word('sas', one)}" for one in view.selection.values("sas")]
            )
        narrowed = view.portee([view.universe.measures[0].name])
        return narrowed.seulement if narrowed else "Tous les SAS"
    return _whole(view) if "region" in known else WHOLE


YOURS = ", votre périmètre"
"""What a title adds where the reader's rights bound it."""


def place(view: View) -> str:
    """:func:`where` in a title: « Meurthe-et-Moselle, votre périmètre » where the reader's rights bound it."""
    narrowed = view.portee([view.universe.measures[0].name])
    return f"{where(view)}{YOURS if narrowed else ''}"


def _whole(view: View) -> str:
    """The whole of what is published: a lake of one region is not the country.

    The national report (monthly) and made universes hold every region, or say themselves what they hold.
    """
    universe = view.universe
    if universe.rhythm is Rhythm.MONTHLY or universe.derived is not None:
        return WHOLE
    rows = view.data.query(universe, Selection({}, view.date), [universe.measures[0].name], ["region"])
    regions = rows["region"].drop_nulls().to_list()
    return str(regions[0]) if len(regions) == 1 else WHOLE


def last_month(view: View) -> date | None:
    """The last month of the period: what stocks and the summary show. None when nothing is published."""
    newest = view.dates[0] if view.dates else None
    asked = view.selection.date or view.selection.au
    if asked is None or newest is None:
        return newest
    return min(asked.replace(day=1), newest)


def period(view: View) -> str:
    """The period in words, the whole of what is published when none is chosen."""
    first = view.selection.du or (view.dates[-1] if view.dates else None)
    return french.period(first, last_month(view))


def over(view: View) -> str:
    """Where and when: ``France entière, de décembre 2020 à novembre 2022``."""
    return f"{where(view)}, {period(view) if monthly(view) else french.long_date(view.date)}"


def monthly(view: View) -> bool:
    """Whether time is months here, of which a period can be asked."""
    return view.universe.rhythm is Rhythm.MONTHLY


def write(view: View, measure: str, value: float | int | None) -> str:
    """A value of a measure: rates with two decimals, as the national report prints them."""
    return french.write(value, view.universe.measure(measure).format, DECIMALS)


def counted(view: View, measure: str, value: float | int | None) -> str:
    """A value and its unit: ``350 759 professionnels``; a rate alone."""
    unit = view.universe.measure(measure).unit
    text = write(view, measure, value)
    if unit in ("", "%") or value is None:
        return text
    return f"{text} {unit if abs(value) >= 2 else singular(unit)}"


def singular(unit: str) -> str:
    """A unit after a number under two: ``demandes`` → ``demande``, ``créneaux offerts`` → ``créneau offert``."""
    words = (
        word if word in _INVARIABLE else re.sub(r"(?<=eau)x$|(?<=[a-zéèêîïç]{3})s$", "", word)
        for word in unit.split()
    )
    return " ".join(words)


_INVARIABLE = frozenset(
    {"accès", "cas", "dans", "fois", "moins", "mois", "plus", "rendez-vous", "sans", "sous"}
)


def moment(view: View, measure: str) -> str:
    """When a value of a measure is counted (see :func:`apps.kit.views.base.ask`).

    The last month, as key figures do; what adds up over time counts over the period once the reader chose its start.
    """
    if not monthly(view):
        return view.date_in_words()
    if view.universe.measure(measure).kind is Kind.FLOW and view.selection.du is not None:
        return period(view)
    return french.month(last_month(view))


def moments(view: View, measures: Sequence[str]) -> str:
    """When these measures are counted, each moment once: ``novembre 2022``."""
    return french.listing(dict.fromkeys(moment(view, name) for name in measures))


def label_of(view: View, axis: str) -> tuple[str, str]:
    """Singular and plural of an axis, as counts name its values: ``("région", "régions")``."""
    found = view.universe.axis(axis)
    if axis in WORDS:
        return WORDS[axis]
    return lowered(found.label), lowered(found.plural or f"{found.label}s")


def values_counted(view: View, axis: str, values: Iterable[object]) -> str:
    """How many values of an axis there are; what has none is told apart: « 45 éditeurs et « Non renseigné » ».

    Args:
        view: what is asked.
        axis: the axis.
        values: their codes, or their names where the axis has no code; again where one comes twice.
    """
    unknown = UNALLOCATED if view.universe.axis(axis).territory else UNKNOWN
    found = set(values)
    known = found - {NON_RENSEIGNE, unknown, None}
    said = french.counted(len(known), *label_of(view, axis))
    return said if known == found else f"{said} et « {unknown} »"


def lowered(label: str) -> str:
    """A label within a sentence: acronyms stay (« Zone du POS » → « zone du POS »)."""
    return " ".join(word if len(word) > 1 and word.isupper() else word.lower() for word in label.split(" "))


def territory(value: str | None) -> str:
    """The name of a territory of a table; rows that no territory is known for say so."""
    return UNALLOCATED if value in (None, NON_RENSEIGNE) else str(value)


def missing(view: View, measures: Sequence[str]) -> str:
    """What the last month lacks among these measures, as a sentence; empty when it is complete.

    Told by the universe's calendar, where it says a state by indicator and month.
    """
    month, calendar = last_month(view), view.universe.calendar
    if month is None or calendar is None or "statut" not in calendar.columns:
        return ""
    coverage = view.data.cached("couverture", [calendar], lambda: _coverage(view, calendar))
    rows = coverage.filter(
        (pl.col("mois") == month)
        & pl.col("indicateur").is_in(list(measures))
        & (pl.col("statut") != "complet")
    ).sort("indicateur")
    if not rows.height:
        return ""
    names = [
        f"{view.universe.measure(code).label} ({state})"
        for code, state in rows.select("indicateur", "statut").iter_rows()
    ]
    return f"{french.month(month).capitalize()} n’est pas complet : {french.listing(names)}."


def last_complete(view: View, measures: Sequence[str]) -> date | None:
    """The last date for which every one of these measures that is published is complete; None when there is none.

    Told by the universe's calendar, where it says a state by indicator and month; else the newest date.

    Args:
        view: what the reader may read.
        measures: names of measures; those that the calendar does not know (ratios) follow their terms.
    """
    newest, calendar = (view.dates[0] if view.dates else None), view.universe.calendar
    if newest is None or calendar is None or "statut" not in calendar.columns:
        return newest
    coverage = view.data.cached("couverture", [calendar], lambda: _coverage(view, calendar))
    known = coverage.filter(pl.col("indicateur").is_in(list(measures)) & pl.col("mois").is_in(view.dates))
    states = known.group_by("mois").agg(entier=(pl.col("statut") == "complet").all()).filter("entier")
    found = states["mois"].max() if known.height else newest
    return found if isinstance(found, date) else None


def _coverage(view: View, calendar: Table) -> pl.DataFrame:
    try:
        return view.data.scan(calendar).collect()
    except MissingTable:
        return calendar.empty()
