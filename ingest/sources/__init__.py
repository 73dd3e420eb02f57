"""One folder an official source; :func:`source` finds one by name."""

from __future__ import annotations

from importlib import import_module

from ingest.source import Source
from lake.errors import UnknownName

NAMES = (
    "territoires", "ages", "apl", "ban", "finess", "annuaire", "corrections", "segur", "referencement", "convergence",
)  # fmt: skip

PLACED = ("annuaire", "corrections")
"""Those whose addresses are looked for in the lake: the work that another engine may do."""


def source(name: str) -> Source:
    """A source by the name used on the command line.

    Raises:
        UnknownName: there is none; close names are suggested.
    """
    if name not in NAMES:
        raise UnknownName("source", name, NAMES)
    found: Source = import_module(f"ingest.sources.{name}.source").SOURCE
    return found
