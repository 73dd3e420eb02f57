"""How a list of Convergence is a universe: rows made from each campaign, counts over them, the same axes for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from lake.catalog.convergence import (
    AMELIORATIONS,
    CAMPAGNES,
    JALONS,
    NIVEAUX,
    PLANS,
    PRELIMINAIRES,
    REFERENTIEL,
    REPONSES,
    SERVICES,
    SOLUTIONS,
)
from lake.catalog.convergence_usages import USAGES
from lake.contract import Table
from scoring.universes.convergence_axes import AXES, CAMPAGNE, OF_SERVICE, OF_SOLUTION, UNITS, VOLET, axis
from scoring.universes.convergence_campaign import Campagne, chosen, dates, filters
from scoring.universes.convergence_rows import values as shared_values
from scoring.universes.model import Axis, Derived, Kind, Measure, Rhythm, Scan, Term, Universe
from scoring.universes.parameters import Parameter
from scoring.universes.selection import Selection

Build = Callable[[Campagne, set[str]], pl.LazyFrame]

_ONE = pl.col("un")


def _nothing(table: Table) -> pl.LazyFrame:
    return table.empty().lazy()


def shared(*names: str) -> tuple[Axis, ...]:
    """These axes of Convergence, with the campaign and the side.

    Where no questionnaire is known (what blocks an axis blocks it in every one), the code of an axis is all its name.
    """
    found = [one for one in AXES if one.name in (*names, "campagne", "volet")]
    bare = "questionnaire" not in names
    return tuple(axis(one.name, one.label) if bare and one.with_parent else one for one in found)


ON_SERVICES = (*OF_SERVICE, *OF_SOLUTION)
ON_CRITERIA = (*UNITS, "libelle_questionnaire", "libelle_axe", "libelle_critere")


def count_of(name: str, label: str, unit: str, definition: str, where: pl.Expr | None = None) -> Measure:
    """A number of rows: it adds up."""
    return Measure(name, label, unit, Kind.FLOW, definition, value=Term(_ONE, where=where))


def distinct_of(
    name: str, label: str, unit: str, definition: str, of: pl.Expr, where: pl.Expr | None = None
) -> Measure:
    """A number of distinct values: it never adds up."""
    return Measure(
        name, label, unit, Kind.DISTINCT, definition, value=Term(of, distinct=True, where=where),
        alternative="Demandez le total sans --par, ou avec --total.",
    )  # fmt: skip


def listing(
    name: str,
    title: str,
    table: Table,
    build: Build,
    axes: tuple[Axis, ...],
    measures: tuple[Measure, ...],
    parameters: tuple[Parameter, ...] = (),
) -> Universe:
    """A universe whose rows are made from each campaign, under the selection's filters on its axes."""

    def made(campagne: Campagne, asked: set[str]) -> pl.LazyFrame:
        found = build(campagne, asked).with_columns(
            un=pl.lit(1, pl.Int64), volet=pl.lit(campagne.volet), campagne=pl.lit(campagne.jour, pl.Date)
        )
        own = [one.name for one in axes if one.name not in (*ON_SERVICES, "campagne", "volet")]
        kept = filters(campagne.selection, own, axes)
        return found if kept is None else found.filter(kept)

    def rows(
        scan: Scan, selection: Selection, by: Sequence[Axis], restrict: pl.Expr | None = None
    ) -> pl.LazyFrame:
        asked = {one.name for one in by}
        parts = [made(one, asked) for one in chosen(scan, selection, by, restrict)]
        if parts:
            return pl.concat(parts)
        # The columns of no campaign at all.
        return made(Campagne(_nothing, VOLET, date(2000, 1, 1), "", selection), asked)

    def values(scan: Scan, one: Axis, day: date | None) -> pl.LazyFrame:
        if one in AXES:
            return shared_values(scan, one, day)
        known = rows(scan, Selection(date=day or max(dates(scan, Selection()), default=None)), ())
        code = one.key.cast(pl.String)
        return known.select(code=code, texte=code).drop_nulls("code").unique(maintain_order=True)

    return Universe(
        name=name,
        title=title,
        table=table,
        time=CAMPAGNE,
        rhythm=Rhythm.SNAPSHOT,
        axes=axes,
        measures=measures,
        source="Convergence, déclarations des régions et des éditeurs",
        opened_by="convergence",
        parameters=parameters,
        derived=Derived(
            rows=rows,
            values=values,
            dates=dates,
            tables=(
                CAMPAGNES, REFERENTIEL, NIVEAUX, SERVICES, SOLUTIONS, PRELIMINAIRES, PLANS, REPONSES, JALONS,
                AMELIORATIONS, USAGES,
            ),
        ),
    )  # fmt: skip
