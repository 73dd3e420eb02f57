"""One version of a table, as its log tells it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from lake.contract import Table
from lake.errors import ContractError

WRITE_MARK = "ecriture"
"""The note that tells one's own commit from another writer's."""


@dataclass(frozen=True)
class Version:
    """One version of a table.

    Attributes:
        number: its number, from 0.
        moment: when it was written (UTC).
        operation: what was done (WRITE, RESTORE, …).
        info: what the publisher noted (source, run, file hash…), text by text.
        files_added: data files the commit added, when the log says it.
        rows: rows the commit wrote, when the log says it.
    """

    number: int
    moment: datetime
    operation: str
    info: Mapping[str, str]
    files_added: int | None
    rows: int | None


_OWN_KEYS = {"timestamp", "operation", "version", "operationParameters", "operationMetrics"}


def version_of(entry: Mapping[str, Any]) -> Version:
    """An entry of the log's history."""
    metrics = entry.get("operationMetrics") or {}
    if isinstance(metrics, str):
        metrics = json.loads(metrics)

    def count(*names: str) -> int | None:
        for name in names:
            if name in metrics:
                return int(metrics[name])
        return None

    return Version(
        number=int(entry["version"]),
        moment=datetime.fromtimestamp(entry["timestamp"] / 1000, tz=UTC),
        operation=str(entry.get("operation", "")),
        info={key: str(value) for key, value in entry.items() if key not in _OWN_KEYS},
        files_added=count("num_added_files", "numAddedFiles", "numOutputFiles"),
        rows=count("num_added_rows", "numOutputRows"),
    )


def check_replaced(table: Table, frame: pl.DataFrame, replace: Mapping[str, Sequence[object]]) -> None:
    """Refuse rows that lie outside what their publication replaces.

    Raises:
        ContractError: some do, or a column is no unit of publication.
    """
    for column, values in replace.items():
        if column not in table.unit:
            raise ContractError(
                f"La colonne « {column} » n'est pas une unité de publication de {table.name}."
            )
        if not frame.get_column(column).is_in(list(values)).all():
            raise ContractError(
                f"Des lignes de {table.name} sortent de ce que la publication remplace ({column})."
            )


def predicate(replace: Mapping[str, Sequence[object]]) -> str:
    """A Delta predicate for the values that a publication replaces."""

    def literal(value: object) -> str:
        text = value.isoformat() if isinstance(value, date) else str(value)
        return "'" + text.replace("'", "''") + "'"

    return " AND ".join(
        f"{column} IN ({', '.join(literal(value) for value in values)})" for column, values in replace.items()
    )
