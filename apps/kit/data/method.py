"""How a figure is counted, when no universe declares it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """A method, as the measures of a universe give theirs.

    Attributes:
        label: name of the figure.
        definition: how it is counted, in one or two sentences.
        ne_mesure_pas: what it does not measure.
    """

    label: str
    definition: str
    ne_mesure_pas: str = ""


Methods = tuple[str | Method, ...]
"""What explains the figures of a view: names of measures, and methods."""
