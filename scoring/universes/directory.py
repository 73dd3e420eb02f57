"""What the universes made from the directory share: axes, extractions, values, the shape of a declaration."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

import polars as pl

from lake.contract import Table
from lake.errors import RefusedCombination
from scoring.universes import engine
from scoring.universes.annuaire import ANNUAIRE, DATE_EXTRACTION, TERRITOIRES
from scoring.universes.memory import remembered
from scoring.universes.model import Axis, Derived, Measure, Rhythm, Scan, Universe
from scoring.universes.parameters import Parameter
from scoring.universes.selection import Selection

PROFESSIONAL = tuple(ANNUAIRE.axis(name) for name in ("profession", "specialite", "mode_exercice"))
"""Axes that say who is counted."""
EVERY_FILTER = tuple(
    axis for axis in ANNUAIRE.axes if axis is not DATE_EXTRACTION and axis not in TERRITOIRES
)
"""All the axes of the directory that are not territories."""
NUMBER = r"[0-9]+([.,][0-9]+)?"
NUMBERS = rf"\s*{NUMBER}(\s*;\s*{NUMBER})*\s*"

Rows = Callable[[Scan, Selection, Sequence[Axis], "pl.Expr | None"], pl.LazyFrame]


def extractions(scan: Scan, _selection: Selection) -> list[date]:
    """The extractions published, oldest first."""

    def make() -> list[date]:
        found = scan(ANNUAIRE.table).select(DATE_EXTRACTION.key.unique().sort()).collect().to_series()
        return [day for day in found if isinstance(day, date)]

    return remembered(scan, "extractions", [ANNUAIRE.table], make)


def values(scan: Scan, axis: Axis, day: date | None) -> pl.LazyFrame:
    """The values of the directory's axes; an axis of the universe's own names its values by itself."""
    if axis in ANNUAIRE.axes:
        return engine.choices(ANNUAIRE, scan, axis, day).lazy()
    words = dict(axis.words)
    return pl.LazyFrame(
        {"code": list(words), "texte": list(words.values())}, schema={"code": pl.String, "texte": pl.String}
    )


def earlier(scan: Scan, selection: Selection, said: str) -> date | None:
    """The extraction compared with: the one said, else the one before; None where there is none."""
    if said:
        return date.fromisoformat(said)
    day = selection.date
    return max((one for one in extractions(scan, selection) if day is not None and one < day), default=None)


def refuse(axes: Sequence[Axis], allowed: Collection[str], noun: str) -> None:
    """Refuse to group by an axis that the rows do not tell apart.

    Raises:
        RefusedCombination: an axis of the groups is not one of those allowed.
    """
    for axis in axes:
        if axis.name not in allowed:
            raise RefusedCombination(
                f"{noun} ne se répartit pas par « {axis.label.lower()} » : cet axe dit qui l'on compte.",
                conseil=f"Répartissez par : {', '.join(sorted(allowed))}.",
            )


def mesh_of(axes: Sequence[Axis]) -> str | None:
    """The only territorial axis of the groups, None without any.

    Raises:
        RefusedCombination: there are several.
    """
    meshes = [axis.name for axis in axes if axis.territory]
    if len(meshes) > 1:
        raise RefusedCombination(
            f"Ces chiffres se calculent à une maille à la fois, pas à {len(meshes)} ({', '.join(meshes)}).",
            conseil="Demandez une question par maille.",
        )
    return meshes[0] if meshes else None


def declared(
    name: str,
    title: str,
    rows: Rows,
    axes: Sequence[Axis],
    measures: Sequence[Measure],
    tables: Sequence[Table],
    *,
    parameters: Sequence[Parameter] = (),
    source: str = ANNUAIRE.source,
    notes: Callable[[Scan, Selection], Mapping[str, str]] | None = None,
) -> Universe:
    """A universe whose rows are made from an extraction of the directory; the directory's rights open it."""
    return Universe(
        name=name,
        title=title,
        table=ANNUAIRE.table,
        time=DATE_EXTRACTION,
        rhythm=Rhythm.SNAPSHOT,
        axes=(DATE_EXTRACTION, *axes),
        measures=tuple(measures),
        source=source,
        derived=Derived(rows=rows, values=values, dates=extractions, tables=tuple(tables), notes=notes),
        parameters=tuple(parameters),
        opened_by=ANNUAIRE.name,
    )


def once(value: pl.Expr) -> pl.Expr:
    """A figure of the whole group (a quantile), carried by its first row: a sum over the group then says it."""
    return pl.when(pl.int_range(pl.len()) == 0).then(value)


def weighted_quantile(value: str, weight: str, share: float) -> pl.Expr:
    """The least value that at least this share of the weights reaches (null where nothing weighs)."""
    lived = pl.col(weight) > 0
    values = pl.col(value).filter(lived)
    weights = pl.col(weight).filter(lived).cast(pl.Float64)
    # A share of a whole number of people: rounding errors must not push it to the next row.
    reached = weights.sort_by(values).cum_sum() >= share * weights.sum() - 1e-6
    return values.sort().filter(reached).first()
