"""What the report's pages say of a selection, in French."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from apps.kit.data.view import View
from apps.kit.style import french
from lake.catalog.segur import COUVERTURE
from lake.errors import MissingTable
from scoring.universes.rows import NON_RENSEIGNE

WHOLE = "France entière"
UNALLOCATED = "Non réparti"
"""Of a territory: what its larger one could not allocate."""
UNKNOWN = "Non renseigné"
"""Of any other axis: what was delivered without it."""
DECIMALS = 2
"""Digits of a rate: the national report prints two."""
_NAMED = 3
"""Beyond, territories are counted instead of named."""


def where(view: View, apart: Sequence[str] = ()) -> str:
    """The territory of the selection: ``Grand Est``, ``Bas-Rhin et Moselle``, ``France entière``.

    Args:
        view: what the page shows.
        apart: axes whose filter a view leaves out.
    """
    for axis, many in (("departement", "départements"), ("region", "régions")):
        if axis in apart:
            continue
        values = view.selection.values(axis)
        if len(values) > _NAMED:
            return f"{len(values)} {many}"
        if values:
            return french.listing(view.word(axis, value) for value in values)
    return WHOLE


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
    return f"{where(view)}, {period(view)}"


def write(view: View, measure: str, value: float | int | None) -> str:
    """A value of a measure: rates with two decimals, as the national report prints them."""
    return french.write(value, view.universe.measure(measure).format, DECIMALS)


def counted(view: View, measure: str, value: float | int | None) -> str:
    """A value and its unit: ``350 759 professionnels``; a rate alone."""
    unit = view.universe.measure(measure).unit
    text = write(view, measure, value)
    return f"{text} {unit}" if unit and value is not None else text


def territory(value: str | None) -> str:
    """The name of a territory of a table; rows that no territory is known for say so."""
    return UNALLOCATED if value in (None, NON_RENSEIGNE) else str(value)


def missing(view: View, measures: Sequence[str]) -> str:
    """What the last month lacks among these measures, as a sentence; empty when it is complete."""
    month = last_month(view)
    coverage = view.data.cached("couverture", [COUVERTURE], lambda: _coverage(view))
    rows = coverage.filter(
        (pl.col("mois") == month)
        & pl.col("indicateur").is_in(list(measures))
        & (pl.col("statut") != "complet")
    ).sort("indicateur")
    if month is None or not rows.height:
        return ""
    names = [
        f"{view.universe.measure(code).label} ({state})"
        for code, state in rows.select("indicateur", "statut").iter_rows()
    ]
    return f"{french.month(month).capitalize()} n’est pas complet : {french.listing(names)}."


def _coverage(view: View) -> pl.DataFrame:
    try:
        return view.data.scan(COUVERTURE).collect()
    except MissingTable:
        return COUVERTURE.empty()
