"""What the directory finds: persons, establishments and communes that answer what the reader typed."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from apps.kit.data.view import View
from lake.catalog.finess import ETABLISSEMENTS as REGISTER
from scoring.universes.repertoire import ETABLISSEMENTS, REPERTOIRE, SEARCH, VILLES, searched
from scoring.universes.selection import Selection


@dataclass(frozen=True)
class Answers:
    """What answers a search under the page's filters.

    Attributes:
        persons: the persons that answer, best first; all of them when nothing is searched.
        establishments: the establishments, likewise.
        communes: ``code_commune``, ``nom`` (String) of the communes whose name answers, at most four.
        near: whether everything found is only nearly what was typed.
    """

    persons: pl.DataFrame
    establishments: pl.DataFrame
    communes: pl.DataFrame
    near: bool


def asked(view: View) -> str:
    """What is searched; empty below two letters."""
    return searched(Selection(parameters={SEARCH.name: view.option("q")}))


def registered(view: View) -> bool:
    """Whether the register of establishments was ever ingested."""
    return view.data.version(REGISTER) is not None


def directory(view: View) -> pl.DataFrame:
    """The persons of the page's selection, whatever is searched."""
    return view.asking(REPERTOIRE).detail()


def places(view: View) -> pl.DataFrame:
    """The establishments of the page's selection, whatever is searched."""
    return view.asking(ETABLISSEMENTS).detail()


def answers(view: View) -> Answers:
    """What answers the search under the filters."""
    words = asked(view)
    persons, establishments, communes = (
        view.asking(universe, recherche=words).detail() for universe in (REPERTOIRE, ETABLISSEMENTS, VILLES)
    )
    near = pl.concat([persons["proche"], establishments["proche"]])
    return Answers(persons, establishments, communes, near=bool(len(near) and near.all()))
