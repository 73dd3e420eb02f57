"""Axes (dimensions): by what rows are grouped and filtered, how a value is named, what its nature is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from lake.contract import Table


class Order(StrEnum):
    """How the values of an axis follow one another by nature."""

    NONE = "aucun"
    """They do not: a drawing orders them by what they are worth."""
    CODE = "code"
    """By their codes: dates, the referential, the zones of the POS."""
    WORDS = "mots"
    """As the axis lists its words."""


@dataclass(frozen=True)
class Lookup:
    """Labels of an axis' codes, in a reference table: ``table[key] -> table[text]``."""

    table: Table
    key: str
    text: str


@dataclass(frozen=True)
class Join:
    """Columns brought to the rows from a reference table (many rows to one), only when an axis needs them."""

    table: Table
    on: str
    columns: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Axis:
    """A dimension: by what rows are grouped and filtered.

    Attributes:
        name: the dimension that shows the label (``departement``), and the URL's parameter.
        label: French label, singular ("Département").
        key: what rows are grouped by: the code where there is one (String or Date).
        code: the twin dimension that shows the code (``code_departement``); None without code.
        text: where a key's label is: a column of the rows, a reference table, or None (the key says it).
        requires: joins that bring the key's columns.
        aliases: other codes of the same value (``SM26`` -> ``SM54``).
        words: French words for the values of an axis without label (``numero`` -> "au numéro").
        code_pattern: form of the codes: values of another form are looked up as labels.
        territory: the mesh, for a territorial axis (``commune``, ``epci``, ``departement``, ``region``).
        plural: French plural label; ``label`` + "s" by default.
        bare: a shorter code that several values may bear (the axis A06 of two questionnaires): accepted in filters, it
            keeps them all.
        parent: the axis in whose values each of this one stands (département -> région); empty for none.
        with_parent: a value is only told from another with its parent: asked alone, it comes with it.
        order: how its values follow one another by nature.
        partitions: what stands in exactly one value (subjects of measures): their counts add up over this axis.
        cited: the column that holds its codes in exports, where ``words`` name what others cite by code (``SAS-67``).
    """

    name: str
    label: str
    key: pl.Expr
    code: str | None = None
    text: pl.Expr | Lookup | None = None
    requires: tuple[Join, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    code_pattern: str = r"^[0-9A-Z]{1,9}$"
    territory: str | None = None
    plural: str = ""
    bare: pl.Expr | None = None
    parent: str = ""
    with_parent: bool = False
    order: Order = Order.NONE
    partitions: frozenset[str] = frozenset()
    cited: str = ""

    def names(self) -> tuple[str, ...]:
        """The dimension names this axis answers to: its label's, its code's."""
        return (self.name,) if self.code is None else (self.name, self.code)

    def is_code(self, value: str) -> bool:
        """Whether a value has the form of this axis' codes."""
        return self.code is None or re.fullmatch(self.code_pattern, value) is not None

    def word(self, value: str | None) -> str:
        """A value in the reader's words."""
        return "" if value is None else self.words.get(value, value)
