"""A table's contract: one frozen declaration from which validation, documentation and names all come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import dataframely as dy
import polars as pl

from lake.errors import ContractError
from lake.words import agreed


@dataclass(frozen=True)
class Conformed:
    """The outcome of checking a frame against a contract.

    Attributes:
        valid: the rows that keep every rule, in the contract's columns, order and dtypes.
        rejects: the other rows, same columns, plus ``motif`` (String: French reasons joined by " ; ") and
            ``regle`` (String: the names of the broken rules joined by ",").
    """

    valid: pl.DataFrame
    rejects: pl.DataFrame


@dataclass(frozen=True, eq=False)
class Table:
    """The contract of one lake table. Two tables are equal when they are the same declaration.

    Attributes:
        name: name of the table, ``domaine__objet``.
        title: short French title for screens and the dictionary.
        description: one or two French sentences: what a row is.
        schema: dataframely schema: columns with dtypes, nullability, French descriptions, primary key, rules.
        source: name of the source that feeds it.
        licence: licence and attribution of the data.
        partition_by: columns that partition the files (few, low cardinality, text or date).
        sort_by: order of the rows inside a partition, so that filters skip row groups; the key by default.
        unit: columns whose value one publication replaces (``("date_extraction",)``: publishing an extraction
            replaces that extraction only); empty when a publication replaces the whole table.
        freshness: after this age (from the newest publication) the table is said to be stale; None for
            tables that do not age.
        reasons: French sentence for each rule that can break, by rule name as dataframely gives it
            (``"code_postal|regex"`` for a column's check, the method's name for a row rule).
    """

    name: str
    title: str
    description: str
    schema: type[dy.Schema]
    source: str
    licence: str = "Licence Ouverte 2.0"
    partition_by: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    sort_by: tuple[str, ...] = ()
    freshness: timedelta | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = set(self.schema.column_names())
        for column in (*self.partition_by, *self.unit, *self.sort_by):
            if column not in known:
                raise ContractError(f"Table {self.name} : la colonne « {column} » n'est pas au contrat.")

    @property
    def key(self) -> tuple[str, ...]:
        """The primary key's columns."""
        return tuple(self.schema.primary_key())

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, in the contract's order."""
        return tuple(self.schema.column_names())

    def dtypes(self) -> pl.Schema:
        """The Polars schema of the table."""
        return pl.Schema({name: column.dtype for name, column in self.schema.columns().items()})

    def descriptions(self) -> dict[str, str]:
        """French description of each column."""
        return {name: column.description or "" for name, column in self.schema.columns().items()}

    def empty(self) -> pl.DataFrame:
        """An empty frame that keeps the contract."""
        return pl.DataFrame(schema=self.dtypes())

    def conform(self, frame: pl.LazyFrame | pl.DataFrame) -> Conformed:
        """Split a frame in rows that keep the contract and rows that break it; nothing is dropped silently.

        Args:
            frame: at least the contract's columns (others are ignored); values are cast to the contract's
                dtypes, a value that cannot be cast breaks the rule ``column|dtype``.

        Raises:
            ContractError: a column of the contract is missing from the frame.
        """
        eager = frame.collect() if isinstance(frame, pl.LazyFrame) else frame
        missing = [name for name in self.columns if name not in eager.columns]
        if missing:
            raise ContractError(
                agreed(len(missing), f"Table {self.name} : colonne(s) absente(s) : {', '.join(missing)}."),
                conseil="Vérifiez que le fichier est bien celui de cette source.",
            )
        eager = eager.select(self.columns)
        result = self.schema.filter(eager, cast=True)
        valid = pl.DataFrame(result.result).select(self.columns)
        if valid.height == eager.height:
            return Conformed(valid, self.empty().with_columns(motif=pl.lit(""), regle=pl.lit("")).clear())
        details = result.failure.details()
        rules = [c for c in details.columns if c not in self.columns]
        named = pl.concat_list(
            [pl.when(pl.col(rule) == "invalid").then(pl.lit(rule)) for rule in rules]
        ).list.drop_nulls()
        rejects = details.with_columns(regle=named).with_columns(
            motif=pl.col("regle")
            .list.eval(
                pl.element().replace_strict(
                    {rule: self.reason(rule) for rule in rules}, return_dtype=pl.String
                )
            )
            .list.join(" ; "),
            regle=pl.col("regle").list.join(","),
        )
        return Conformed(valid, rejects.select(*self.columns, "motif", "regle"))

    def reason(self, rule: str) -> str:
        """The French sentence for a broken rule."""
        if rule in self.reasons:
            return self.reasons[rule]
        column, _, check = rule.partition("|")
        if rule == "primary_key":
            return f"clé en double ({', '.join(self.key)})"
        wording = {
            "nullability": "valeur obligatoire absente",
            "dtype": "valeur illisible pour son type",
            "regex": "forme inattendue",
            "min": "valeur trop petite",
            "min_exclusive": "valeur trop petite",
            "max": "valeur trop grande",
            "is_in": "valeur hors de la liste permise",
            "min_length": "valeur trop courte",
            "max_length": "valeur trop longue",
            "nan": "valeur qui n'est pas un nombre",
            "inf": "valeur infinie",
            "resolution": "date qui n'est pas le début d'une période",
        }
        if not check:  # a rule over the whole row
            return f"règle « {rule} » non respectée"
        return f"{column} : {wording.get(check, check)}"


@dataclass(frozen=True)
class Agreement:
    """Two tables of one delivery that must say the same figures.

    Attributes:
        what: what is compared, in French ("la somme des valeurs").
        left: a table, and its figure as an aggregation.
        right: the other table, and its figure.
        by: columns that both have; figures are compared for each of their values.
    """

    what: str
    left: Table
    left_value: pl.Expr
    right: Table
    right_value: pl.Expr
    by: tuple[str, ...]

    def differences(self, left: pl.LazyFrame, right: pl.LazyFrame) -> pl.DataFrame:
        """Where the two disagree.

        Args:
            left: rows of :attr:`left`.
            right: rows of :attr:`right`.

        Returns:
            DataFrame: :attr:`by`, then ``gauche`` and ``droite``; one row a difference, sorted.
        """
        one = left.group_by(self.by).agg(gauche=self.left_value)
        other = right.group_by(self.by).agg(droite=self.right_value)
        both = one.join(other, on=list(self.by), how="full", coalesce=True, nulls_equal=True)
        apart = pl.col("gauche").fill_null(0) != pl.col("droite").fill_null(0)
        return both.filter(apart).sort(self.by).collect()


def text(description: str, **options: Any) -> dy.String:
    """A nullable text column with its French description (the common case in official files)."""
    return dy.String(nullable=True, description=description, **options)
