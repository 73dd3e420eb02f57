"""The universes of the ingestions' journal: how each went, and the lines refused, for the sources of the directory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from lake.catalog.journal import EXECUTIONS as RUNS
from lake.catalog.journal import REJETS as REFUSED
from lake.contract import Table
from lake.errors import MissingTable
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.model import Axis, Derived, Kind, Measure, Rhythm, Scan, Term, Universe
from scoring.universes.selection import Selection

SOURCE = Axis("source", "Source", pl.col("source"))
STATUT = Axis(
    "statut",
    "Issue",
    pl.col("statut"),
    words={
        "publiee": "publiée",
        "refusee": "refusée",
        "en_erreur": "en erreur",
        "deja_publiee": "déjà publiée",
    },
    plural="Issues",
)
JOUR = Axis("jour", "Jour de l'ingestion", pl.col("debut").dt.date())
MOTIF = Axis("motif", "Motif", pl.col("motif"))
FICHIER = Axis("fichier", "Fichier", pl.col("fichier"))
COUNTS = {
    "lues": "Lues",
    "publiees": "Publiées",
    "doublons": "Doublons",
    "hors_region": "Hors région",
    "rejetees": "Rejetées",
}
"""What became of the lines read: lues = publiees + doublons + hors_region + rejetees, to the unit."""


def _rows(table: Table, axes: Sequence[Axis]) -> Derived:
    known = {axis.name: axis for axis in axes}

    def rows(
        scan: Scan, selection: Selection, _axes: Sequence[Axis], _restrict: pl.Expr | None
    ) -> pl.LazyFrame:
        try:
            found = scan(table)
            found.collect_schema()
        except MissingTable:
            return table.empty().lazy()
        for name, values in selection.filters.items():
            found = found.filter(known[name].key.is_in(list(values)))
        return found

    def values(scan: Scan, axis: Axis, _day: date | None) -> pl.LazyFrame:
        found = rows(scan, Selection(), (), None).select(code=axis.key.cast(pl.String)).drop_nulls().unique()
        return found.with_columns(texte=pl.col("code"))

    return Derived(rows=rows, values=values, dates=lambda _scan, _selection: (), tables=(table,))


def _declared(
    name: str, title: str, table: Table, axes: tuple[Axis, ...], measures: Sequence[Measure]
) -> Universe:
    return Universe(
        name, title, table, JOUR, Rhythm.SNAPSHOT, axes, tuple(measures), source="Journal des ingestions",
        derived=_rows(table, axes), opened_by=ANNUAIRE.name,
    )  # fmt: skip


EXECUTIONS = _declared(
    "executions", "Ingestions", RUNS, (SOURCE, STATUT),
    (
        Measure("executions", "Ingestions", "ingestions", Kind.FLOW, "Ingestions inscrites au journal.",
                value=Term(pl.col("source").is_not_null().cast(pl.Int64))),
        *(Measure(name, label, "lignes", Kind.FLOW, f"Lignes {label.lower()}, selon les rapports d'ingestion.",
                  value=Term(pl.col(name))) for name, label in COUNTS.items()),
    ),
)  # fmt: skip
REJETS = _declared(
    "rejets", "Lignes refusées", REFUSED, (SOURCE, MOTIF, FICHIER),
    (
        Measure("lignes", "Lignes", "lignes", Kind.FLOW, "Lignes refusées, avec leur raison.",
                value=Term(pl.col("motif").is_not_null().cast(pl.Int64))),
    ),
)  # fmt: skip
