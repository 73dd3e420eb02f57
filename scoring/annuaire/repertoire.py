"""The directory under a selection: persons, establishments, and the index that finds both; for pages and commands."""

from __future__ import annotations

import polars as pl

from lake.catalog.annuaire import ACTIVITES
from lake.catalog.finess import ETABLISSEMENTS
from lake.catalog.territoires import COMMUNES
from lake.contract import Table
from scoring.annuaire import establishments
from scoring.annuaire.persons import COMMUNE, ETABLISSEMENT, PERSON, PERSONNE, entries, persons
from scoring.annuaire.search import Index, build, search
from scoring.universes import engine
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.model import Scan
from scoring.universes.rows import NON_RENSEIGNE
from scoring.universes.selection import Selection

TABLES: tuple[Table, ...] = (ACTIVITES, ETABLISSEMENTS, COMMUNES)
"""What everything here reads."""
TERRITORY = {"departement": "code_departement", "epci": "siren_epci", "commune": "code_commune"}
"""Axis of the territory -> column of an establishment."""


def activities(scan: Scan, selection: Selection, restrict: pl.Expr | None = None) -> pl.LazyFrame:
    """The activities that a selection keeps, its date said."""
    return engine.detail(ANNUAIRE, scan, selection, restrict=restrict)


def people(scan: Scan, selection: Selection, restrict: pl.Expr | None = None) -> pl.DataFrame:
    """The persons of a selection: see :func:`scoring.annuaire.persons.persons`."""
    return persons(activities(scan, selection, restrict), scan(COMMUNES)).collect()


def places(
    scan: Scan, selection: Selection, restrict: pl.Expr | None = None, *, registered: bool = True
) -> pl.DataFrame:
    """The open establishments of the territories chosen, with who of the selection practises there.

    A filter that is not territorial (a profession, a mode) keeps the establishments where someone answers it.

    Args:
        scan: reads a table of the lake.
        selection: filters, and the extraction.
        restrict: predicate on the activities that the reader may see.
        registered: whether the register was ever ingested; nothing is found when it was not.

    Returns:
        DataFrame: see :func:`scoring.annuaire.establishments.catalogue`.
    """
    who = selection
    for axis in TERRITORY:
        who = who.without(axis)
    every = scan(ETABLISSEMENTS) if registered else pl.LazyFrame(schema=ETABLISSEMENTS.dtypes())
    for axis, column in TERRITORY.items():
        if values := selection.values(axis):
            kept = pl.col(column).is_in([v for v in values if v != NON_RENSEIGNE]).fill_null(False)
            every = every.filter(kept | pl.col(column).is_null() if NON_RENSEIGNE in values else kept)
    found = establishments.catalogue(every, activities(scan, who, restrict), scan(COMMUNES)).collect()
    return found.filter(pl.col("professionnels") > 0) if who.filters else found


def index(scan: Scan, everyone: pl.DataFrame, *, registered: bool = True) -> Index:
    """The index of persons, of every establishment and of every commune.

    Args:
        scan: reads a table of the lake.
        everyone: result of :func:`people` without filter.
        registered: whether the register was ever ingested.
    """
    communes = scan(COMMUNES)
    parts = [entries(everyone.lazy())]
    if registered:
        parts.append(establishments.entries(scan(ETABLISSEMENTS), communes))
    return build(pl.concat([*parts, establishments.commune_entries(communes)]))


def answers(
    found: Index, words: str, persons_shown: pl.DataFrame, places_shown: pl.DataFrame
) -> pl.DataFrame:
    """What answers a search among the persons and establishments of a selection, best first.

    Args:
        found: see :func:`index`.
        words: what was typed.
        persons_shown: result of :func:`people` under the selection.
        places_shown: result of :func:`places` under the selection.

    Returns:
        DataFrame: ``genre``, ``code`` (String), ``note`` (Float32), ``proche`` (Boolean); communes whatever the
        selection.
    """
    kept = pl.concat(
        [
            persons_shown.select(genre=pl.lit(PERSONNE), code=PERSON),
            places_shown.select(genre=pl.lit(ETABLISSEMENT), code="finess"),
        ]
    )
    hits = search(found, words)
    known = hits.join(kept, on=["genre", "code"], how="semi", maintain_order="left")
    return pl.concat([known, hits.filter(pl.col("genre") == COMMUNE)])
