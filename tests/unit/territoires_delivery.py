"""What the tests of the territories share: a delivery parsed, and what it changed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ingest.source import Context, Parsed, Snapshot, SourceFile
from ingest.sources.territoires.reference import Territoires
from ingest.sources.territoires.source import SOURCE
from lake.contract import Table
from lake.errors import MissingTable


def _no_table(table: Table) -> pl.LazyFrame:
    raise MissingTable(f"{table.name} n'est pas publiée.")


def parse(paths: Sequence[Path], region: str = "44") -> dict[str, Parsed]:
    files = tuple(SourceFile(path=p, name=p.name, sha256="", size=p.stat().st_size) for p in paths)
    snapshot = Snapshot(source="territoires", files=files, sha256="", date=None)
    context = Context(scan=_no_table, region=region, geocodeur="aucun", budget=0.01)
    out = {
        parsed.table.name.removeprefix("territoires__"): parsed for parsed in SOURCE.parse(snapshot, context)
    }
    for name, parsed in out.items():
        counted = parsed.frame.height + parsed.doublons + parsed.hors_region + parsed.rejects.height
        assert parsed.lues == counted, name
        assert parsed.table.conform(parsed.frame).rejects.height == 0, name
    assert tuple(parsed.table for parsed in out.values()) == SOURCE.tables
    return out


def changed(out: dict[str, Parsed], reference: Territoires) -> dict[str, list[dict[str, Any]]]:
    """Rows of each table that the reference does not hold as they are."""
    found = {}
    for table, frame in reference.items():
        name = table.name.removeprefix("territoires__")
        rows = out[name].frame.join(frame, on=frame.columns, how="anti", nulls_equal=True)
        lost = frame.join(out[name].frame, on=list(table.key), how="anti")
        if rows.height or lost.height:
            found[name] = rows.sort(list(table.key)).to_dicts()
    return found


def edit(path: Path, target: Path, change: Callable[[str], str], encoding: str = "utf-8") -> Path:
    target.write_text(change(path.read_text(encoding=encoding)), encoding=encoding)
    return target


def features_of(path: Path) -> dict[str, Any]:
    content = json.loads(gzip.decompress(path.read_bytes()))
    assert isinstance(content, dict)
    return content
