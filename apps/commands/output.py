"""Printing frames on the command line: table for people, CSV, JSON and Parquet for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lake.errors import LakeError

if TYPE_CHECKING:
    import polars as pl  # commands that print no frame do without

FORMATS = ("table", "csv", "json", "parquet")
FORMATS_HELP = "Forme du résultat : table pour lire, csv, json ou parquet pour une machine."
_NARROW = "\u202f"


def written(value: object) -> str:
    """A value as a French reader expects it in a terminal: ``1 234``, ``0,987``, ``14/01/2025``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int):
        return f"{value:,}".replace(",", _NARROW).replace("-", "−")
    if isinstance(value, float):
        return f"{value:,.3f}".replace(",", _NARROW).replace(".", ",").replace("-", "−")
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(value)


def table(frame: pl.DataFrame, headers: dict[str, str] | None = None) -> str:
    """A frame as aligned text: numbers to the right, one line a row."""
    titles = [(headers or {}).get(name, name) for name in frame.columns]
    cells = [[written(value) for value in row] for row in frame.iter_rows()]
    widths = [max([len(title), *(len(row[i]) for row in cells)]) for i, title in enumerate(titles)]
    right = [dtype.is_numeric() for dtype in frame.dtypes]

    def line(values: list[str]) -> str:
        return "  ".join(
            value.rjust(width) if number else value.ljust(width)
            for value, width, number in zip(values, widths, right, strict=True)
        ).rstrip()

    return "\n".join([line(titles), line(["─" * width for width in widths]), *(line(row) for row in cells)])


def emit(
    frame: pl.DataFrame, form: str, output: Path | None = None, about: Mapping[str, str] | None = None
) -> None:
    """Print a frame, or write it to a file.

    Args:
        frame: what to print.
        form: one of :data:`FORMATS`.
        output: file to write; the standard output when None.
        about: what must be known of the rows; in JSON they then stand under ``lignes`` beside it.

    Raises:
        LakeError: Parquet asked on a terminal, or the file cannot be written.
    """
    if form == "parquet" and output is None and sys.stdout.isatty():
        raise LakeError(
            "Le format parquet ne s'affiche pas dans un terminal.",
            conseil="Redirigez la sortie (> fichier.parquet) ou donnez --sortie fichier.parquet.",
        )
    try:
        _write(frame, form, output, about or {})
    except OSError as error:
        if output is None:
            raise
        from lake.objects import disk_error

        raise disk_error(error, str(output)) from error


def _json(frame: pl.DataFrame, about: Mapping[str, str]) -> str:
    import polars as pl

    rows = frame.with_columns(pl.selectors.temporal().cast(pl.String)).write_json()
    if not about:
        return rows + "\n"
    said = json.dumps(dict(about), ensure_ascii=False)
    return f'{said[:-1]}, "lignes": {rows}}}\n'


def _write(frame: pl.DataFrame, form: str, output: Path | None, about: Mapping[str, str]) -> None:
    if form == "parquet":
        frame.write_parquet(output if output is not None else sys.stdout.buffer)
        return
    writers: dict[str, Callable[[], str]] = {
        "csv": frame.write_csv,
        "json": lambda: _json(frame, about),
        "table": lambda: table(frame) + "\n",
    }
    text = writers[form]()
    if output is not None:
        output.write_text(text, encoding="utf-8", newline="")
    elif form == "table":
        click.echo(text, nl=False)
    else:
        click.echo(text.encode("utf-8"), nl=False)  # UTF-8 whatever the terminal's own encoding


def progress(quiet: bool) -> Callable[[str, float | None], None]:
    """Say progress on the error stream: one rewritten line in a terminal, one line a step elsewhere."""
    terminal = sys.stderr.isatty()
    last = [""]

    def say(sentence: str, share: float | None) -> None:
        if quiet:
            return
        if terminal:
            mark = "" if share is None else f" {100 * share:3.0f} %"
            click.echo(f"\r\033[K  {sentence}{mark}", err=True, nl=False)
        elif sentence != last[0]:
            click.echo(f"  {sentence}", err=True)
        last[0] = sentence

    return say
