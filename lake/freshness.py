"""How fresh a table is: one definition, for commands and pages alike.

A promise of freshness runs from what the data say of: the newest extraction, the end of the newest month; from the
publication when the table bears no date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from lake.contract import Table
from lake.snapshot import Snapshot
from lake.words import grouped


@dataclass(frozen=True)
class Freshness:
    """How fresh a table is today.

    Attributes:
        since: the date from which it ages.
        promise: days that its contract promises; None for a table that does not age.
        overdue: days beyond the promise; 0 when it is kept.
    """

    since: date
    promise: int | None
    overdue: int

    @property
    def late(self) -> bool:
        """Whether the promise is overdue."""
        return self.overdue > 0

    @property
    def words(self) -> str:
        """The state in words, the same wherever it is told."""
        if self.promise is None:
            return "sans échéance"
        return f"en retard de {grouped(self.overdue)} j" if self.late else "à jour"


def freshness(table: Table, state: Snapshot, today: date | None = None) -> Freshness:
    """How fresh a published table is.

    Args:
        table: the contract.
        state: what readers see.
        today: the day it is asked (UTC).

    Raises:
        MissingTable: it is not published.
    """
    return aged(table, since(table, state), today)


def since(table: Table, state: Snapshot) -> date:
    """The date from which a published table ages; a version's own, read from the log alone.

    Raises:
        MissingTable: it is not published.
    """
    return _said_of(table, state) or state.published(table).moment.date()


def aged(table: Table, since: date, today: date | None = None) -> Freshness:
    """How fresh a table is that ages from a day. Arguments as in :func:`freshness`."""
    if table.freshness is None:
        return Freshness(since, None, 0)
    age = ((today or datetime.now(UTC).date()) - since).days
    return Freshness(since, table.freshness.days, max(0, age - table.freshness.days))


def _said_of(table: Table, state: Snapshot) -> date | None:
    """The newest date that the rows say something of; read from the log alone."""
    dtypes = table.dtypes()
    column = next((n for n in table.unit if n in table.partition_by and dtypes[n] == pl.Date), None)
    if column is None:
        return None
    newest = max(state.values(table, column), default=None)
    if newest is None:
        return None
    said = date.fromisoformat(newest)
    if getattr(table.schema.columns()[column], "resolution", None) == "1mo":
        return (said.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return said
