"""How lines are rejected: the first reason against a line is kept with it, and counted.

:class:`Rules` holds the lines of the files and gathers the rejects; what answers and steps must respect is in
:mod:`scoring.convergence.rules`, for what is typed in respects it too.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ingest.source import REJECTS_SCHEMA
from ingest.sources.convergence.files import LAYOUTS, Lines
from scoring.convergence.rules import reason, unknown


class Rules:
    """The files of a campaign, and what is rejected of them.

    Args:
        lines: what was read, by name (``services``, ``reponses``…).
        names: file name on disk, by name.
    """

    def __init__(self, lines: Mapping[str, Lines], names: Mapping[str, str]) -> None:
        self.lines = lines
        self.names = names
        self.rejects = [part.rejects for part in lines.values()]
        self.warnings = [warning for part in lines.values() for warning in part.warnings]

    def frame(self, name: str) -> pl.DataFrame:
        """The readable lines of a file; none when it was not given."""
        return self.lines[name].frame if name in self.lines else _empty(name)

    def split(self, name: str, frame: pl.DataFrame, *reasons: pl.Expr) -> pl.DataFrame:
        """Keep the rows with no reason against them; the first reason of the others is kept with them."""
        return self.apart(name, frame.with_columns(motif=pl.coalesce(*reasons, pl.lit(None, pl.String))))

    def apart(self, name: str, judged: pl.DataFrame) -> pl.DataFrame:
        """Keep the rows without ``motif``; the others are rejected with it."""
        self.rejects.append(
            judged.filter(pl.col("motif").is_not_null())
            .select(
                fichier=pl.lit(self.names.get(name, name)), ligne="ligne", motif="motif", contenu="contenu"
            )
            .cast(REJECTS_SCHEMA)
        )
        return judged.filter(pl.col("motif").is_null()).drop("motif")

    def unique(self, name: str, frame: pl.DataFrame, key: list[str], words: str) -> pl.DataFrame:
        """Reject every row of a key that several rows dispute: nothing says which one is right."""
        disputed = pl.len().over(key) > 1
        return self.split(name, frame, reason(disputed, f"{words} : ", " / ".join("{}" for _ in key), key))


def orphan(services: pl.DataFrame, column: str = "service", words: str = "service orphelin") -> pl.Expr:
    """Against a service that is not among those of the campaign."""
    return unknown(column, services["service"], words)


def _empty(name: str) -> pl.DataFrame:
    """No line, with the columns and types that :func:`read` gives."""
    kinds = {
        "bool": pl.Boolean,
        "niveau": pl.Int64,
        "date": pl.Date,
        "nombre": pl.Float64,
    }
    layout = LAYOUTS[name]
    schema = {column: kinds.get(layout.readers.get(column, ""), pl.String) for column in layout.columns}
    return pl.DataFrame(schema={"ligne": pl.Int64, "contenu": pl.String, **schema})
