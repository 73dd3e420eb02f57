"""CSV of administration tables, with the same care as the exports of views."""

from __future__ import annotations

import csv
import io

import polars as pl

from apps.kit.charts.tables import Column
from apps.kit.pages.export import BOM, cell
from lake.cellules import inerte


def plain_csv(frame: pl.DataFrame) -> bytes:
    """A frame as a French spreadsheet opens it: ``;``, UTF-8 with BOM, text that would be a formula neutralised."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([inerte(name) for name in frame.columns])
    columns = [Column(name, name) for name in frame.columns]
    for row in frame.iter_rows():
        writer.writerow([cell(value, column) for value, column in zip(row, columns, strict=True)])
    return (BOM + out.getvalue()).encode("utf-8")
