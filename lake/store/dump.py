"""Rows of any table as plain values and back, and the order in which they can be put back.

Nothing here knows a table of ours: types and references are those that the database tells.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from lake.errors import ContractError


def plain(row: sa.RowMapping) -> dict[str, Any]:
    """A row as JSON can hold it: ISO text for dates and moments, base64 for bytes."""
    return {name: _written(value) for name, value in row.items()}


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value).astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value


_READERS: tuple[tuple[type[sa.types.TypeEngine[Any]], Callable[[Any], Any]], ...] = (
    (sa.DateTime, datetime.fromisoformat),
    (sa.Date, date.fromisoformat),
    (sa.Time, time.fromisoformat),
    (sa.Interval, lambda value: timedelta(seconds=value)),
    (sa.LargeBinary, lambda value: base64.b64decode(value, validate=True)),
    (sa.Uuid, UUID),
    (sa.Float, float),
    (sa.Numeric, Decimal),
)


def read_back(table: sa.Table, row: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A row as the database takes it.

    Args:
        table: the table as the database describes it.
        row: plain values.
        number: the row's place in the backup, for the message.

    Raises:
        ContractError: a column is unknown, or a value is not of its column's type.
    """
    read: dict[str, Any] = {}
    for name, value in row.items():
        if name not in table.columns:
            raise ContractError(f"Sauvegarde : ligne {number} de {table.name}, colonne « {name} » inconnue.")
        reader = next((act for kind, act in _READERS if isinstance(table.c[name].type, kind)), None)
        try:
            read[name] = value if value is None or reader is None else reader(value)
        except (ValueError, TypeError, InvalidOperation, binascii.Error) as error:
            raise ContractError(
                f"Sauvegarde : ligne {number} de {table.name}, colonne « {name} » : valeur illisible."
            ) from error
    return read


def own_references(table: sa.Table) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Columns of a table that point to another of its rows: (columns, columns pointed to)."""
    return [
        (
            tuple(column.name for column in one.columns),
            tuple(element.column.name for element in one.elements),
        )
        for one in table.foreign_key_constraints
        if one.referred_table is table
    ]


def parents_first(
    table: sa.Table, rows: Sequence[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows in an order in which each comes after those it points to in its own table.

    Returns:
        tuple: (ordered rows, rows that point to one another in a circle: they have no such order).
    """
    references = own_references(table)
    if not references:
        return list(rows), []

    def pointed(row: dict[str, Any]) -> list[tuple[int, tuple[Any, ...]]]:
        return [
            (rank, values)
            for rank, (columns, _) in enumerate(references)
            if None not in (values := tuple(row.get(name) for name in columns))
        ]

    def names(row: dict[str, Any]) -> list[tuple[int, tuple[Any, ...]]]:
        return [(rank, tuple(row.get(n) for n in target)) for rank, (_, target) in enumerate(references)]

    known = {name for row in rows for name in names(row)}
    placed: set[tuple[int, tuple[Any, ...]]] = set()
    ordered: list[dict[str, Any]] = []
    left = list(rows)
    while left:
        ready: list[dict[str, Any]] = []
        waiting: list[dict[str, Any]] = []
        for row in left:
            own = set(names(row))
            # A row may point to itself; to one that is not there, the database will say so.
            after = all(one in placed or one not in known or one in own for one in pointed(row))
            (ready if after else waiting).append(row)
        if not ready:
            return ordered, waiting
        ordered += ready
        placed |= {name for row in ready for name in names(row)}
        left = waiting
    return ordered, []
