"""The last version of many tables, by the names of their logs alone: opening them costs a hundred times as much."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from lake.contract import Table
from lake.objects import Objects, disk_error

AT_ONCE = 16
"""Listings asked of an S3 endpoint at the same time."""
_LOG = "_delta_log"


def last_versions(
    root: str, objects: Objects, tables: Iterable[Table], *, on_s3: bool
) -> dict[str, int | None]:
    """The number of the last version in each table's own log, by name; None where there is no log.

    Args:
        root: where the lake rests.
        objects: its object storage.
        tables: the tables.
        on_s3: whether it rests on an S3 endpoint.

    Raises:
        SourceUnavailable: the storage refuses or does not answer.
    """
    names = [table.name for table in tables]
    logs = [f"tables/{name}/{_LOG}" for name in names]
    if on_s3:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            listed = list(pool.map(objects.list, logs))
    else:
        listed = [_resting(f"{root}/{log}") for log in logs]
    return dict(zip(names, map(_last, listed), strict=True))


def _resting(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise disk_error(error, folder) from error


def _last(names: Iterable[str]) -> int | None:
    """The highest version among the names of a log (``00000000000000000012.json``)."""
    stems = (name.rpartition("/")[2].partition(".") for name in names)
    return max((int(stem) for stem, _, kind in stems if kind == "json" and stem.isdigit()), default=None)
