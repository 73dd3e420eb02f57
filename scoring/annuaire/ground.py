"""What a diagnosis looks at: the rows and the communes of the whole scope, and which of them are the territory."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

import polars as pl

from scoring.annuaire.changes import PERSON, PROFESSION
from scoring.annuaire.territory import MESHES, Territoire

COLUMNS = (
    PERSON,
    "nom_exercice",
    "prenom_exercice",
    PROFESSION,
    "libelle_profession",
    "code_mode_exercice",
    "id_site",
    "code_commune",
    "siren_epci",
    "code_departement",
)
"""Columns of ``annuaire__activites`` that a diagnosis reads."""
Counting = Callable[[], pl.DataFrame]
"""Counts something that is the same for every territory of the same rows."""
Keep = Callable[[Hashable, Counting], pl.DataFrame]
"""Gives what was counted once under a name, for these rows and these communes."""
NUMBER, SEVERAL = "_p", "_plusieurs"
HERE = "ici"
"""The territory, among others."""
PER = 10_000.0
"""Densities are said for so many inhabitants."""


@dataclass(frozen=True)
class Terrain:
    """What a diagnosis looks at, read once.

    Attributes:
        lignes: the :data:`COLUMNS` of the rows of the whole scope, numbered (:func:`numbered`), plus ``_ici``
            (Boolean: in the territory).
        communes: ``code_commune``, ``commune``, ``siren_epci``, ``code_departement``, ``code_region``,
            ``population``, ``longitude``, ``latitude`` of the scope, plus ``_ici``.
        territoire: the territory.
    """

    lignes: pl.DataFrame
    communes: pl.DataFrame
    territoire: Territoire

    @property
    def population(self) -> int:
        """Inhabitants of the territory."""
        return int(self.communes.filter("_ici")["population"].sum())


def numbered(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows that a diagnosis reads, with what every territory would make of them again.

    Args:
        rows: :data:`COLUMNS` of ``annuaire__activites``; rows already numbered are left as they are.

    Returns:
        LazyFrame: the same rows, plus ``_p`` (UInt32, the person's number: numbers compare several times faster than
        identifiers) and ``_plusieurs`` (Boolean: the person has several places in these rows).
    """
    known = rows.collect_schema().names()
    if NUMBER in known:
        return rows.select(*COLUMNS, NUMBER, SEVERAL)
    placed = rows.select(COLUMNS).with_columns(pl.col(PERSON).rank("dense").cast(pl.UInt32).alias(NUMBER))
    return placed.with_columns((PLACE.n_unique().over(NUMBER) > 1).alias(SEVERAL))


PLACE = pl.coalesce("id_site", "code_commune")
"""Where someone practises: a site, or a commune where an activity names no site."""


def terrain(
    activities: pl.LazyFrame,
    communes: pl.DataFrame,
    territoire: Territoire,
    *,
    departements: Iterable[str] | None = None,
) -> Terrain:
    """Read what a diagnosis looks at.

    Args:
        activities: rows of ``annuaire__activites`` of one extraction: the whole scope, not only the
            territory (comparisons and nearest places need it), under the reader's other filters.
        communes: ``territoires__communes``.
        territoire: the territory.
        departements: the départements that the extraction covers; those of its rows when None. Give them
            when filters may leave a département without any row. Communes elsewhere are left out: nothing is
            known of who practises there, so they are neither denominators nor communes without anyone.
    """
    read = numbered(activities).with_columns(_ici=inside_of(territoire, communes)).collect()
    scope = read["code_departement"].unique().to_list() if departements is None else list(departements)
    mine = list(territoire.communes)
    rows = communes.filter(pl.col("code_departement").is_in(scope))
    return Terrain(
        read,
        rows.with_columns(pl.col("population").fill_null(0), _ici=pl.col("code_commune").is_in(mine)),
        territoire,
    )


def inside_of(territoire: Territoire, communes: pl.DataFrame) -> pl.Expr:
    """Whether a row is in the territory, never null."""
    here = pl.col("code_commune").is_in(list(territoire.communes)).fill_null(False)
    if territoire.maille in ("departement", "region"):
        mine = communes.filter(pl.col(MESHES[territoire.maille]) == territoire.code)
        return here | pl.col("code_departement").is_in(mine["code_departement"].unique().to_list())
    return here


def anew(_name: Hashable, count: Counting) -> pl.DataFrame:
    """Keep nothing: count each time."""
    return count()
