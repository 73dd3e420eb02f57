"""What the directory finds: persons, establishments and communes that answer what the reader typed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
import streamlit as st

from apps.annuaire.points import LAYER
from apps.kit.data.data import data
from apps.kit.data.state import State
from apps.kit.data.view import View
from lake.catalog.finess import ETABLISSEMENTS
from lake.catalog.territoires import COMMUNES
from scoring.annuaire import repertoire as asked_of
from scoring.annuaire import search as recherche
from scoring.annuaire.persons import COMMUNE, ETABLISSEMENT, PERSON, PERSONNE
from scoring.annuaire.search import Index
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.selection import Selection

FEWEST = 2
"""Letters from which a search begins: one letter would only list the alphabet."""
COMMUNES_OFFERED = 4


@dataclass(frozen=True)
class Answers:
    """What answers a search under the page's filters.

    Attributes:
        persons: the rows of :func:`directory` that answer, best first; all of them when nothing is searched.
        establishments: those of :func:`places`, likewise.
        communes: ``code``, ``nom`` (String) of the communes whose name answers, at most four.
        near: whether everything found is only nearly what was typed.
    """

    persons: pl.DataFrame
    establishments: pl.DataFrame
    communes: pl.DataFrame
    near: bool


@st.cache_resource(show_spinner=False, max_entries=32)
def _answered(key: str, _compute: Callable[[], Answers]) -> Answers:
    # Few are kept: a page asks several times in one run, and each letter typed is another question.
    return _compute()


def asked(view: View) -> str:
    """What is searched; empty below two letters."""
    words = view.option("q")
    return words if len("".join(recherche.words_of(words))) >= FEWEST else ""


def registered(view: View) -> bool:
    """Whether the register of establishments was ever ingested."""
    return view.data.version(ETABLISSEMENTS) is not None


def activities(view: View, selection: Selection) -> pl.LazyFrame:
    """The activities that a selection keeps, for this reader."""
    return asked_of.activities(view.data.scan, selection, view.data.access.restrict)


def directory(view: View, selection: Selection | None = None) -> pl.DataFrame:
    """The persons of a selection, the page's by default (cached): see :func:`scoring.annuaire.persons.persons`."""
    wanted = view.data.dated(view.universe, view.selection if selection is None else selection)
    found: pl.DataFrame = view.data.cached(
        ("repertoire", view.universe.name, wanted),
        [view.universe.table, COMMUNES],
        lambda: asked_of.people(view.data.scan, wanted, view.data.access.restrict),
    )
    return found


def places(view: View) -> pl.DataFrame:
    """The establishments of the page (cached): see :func:`scoring.annuaire.repertoire.places`."""
    selection = view.data.dated(view.universe, view.selection)
    found: pl.DataFrame = view.data.cached(
        ("etablissements", view.universe.name, selection),
        asked_of.TABLES,
        lambda: asked_of.places(
            view.data.scan, selection, view.data.access.restrict, registered=registered(view)
        ),
    )
    return found


def index(view: View) -> Index:
    """The index of everyone, every establishment and every commune at the date shown (kept)."""
    selection = view.data.dated(view.universe, Selection(date=view.date))
    found: Index = view.data.kept(
        ("recherche", view.universe.name, selection),
        asked_of.TABLES,
        lambda: asked_of.index(view.data.scan, directory(view, selection), registered=registered(view)),
    )
    return found


def warm() -> None:
    """Make what the first reader would wait for: the index of the latest extraction, and the points of its map."""
    if os.environ.get("OBS_APP", "") not in ("", "portail", "annuaire"):
        return
    reads = data()
    if reads.version(ANNUAIRE.table) is not None:
        index(View("", ANNUAIRE, State(), reads))
        LAYER.points(reads, reads.dated(ANNUAIRE, Selection()))


def answers(view: View) -> Answers:
    """What answers the search under the filters (cached)."""
    words = asked(view)
    people, sites = directory(view), places(view)
    if not words:
        none = pl.DataFrame(schema={"code": pl.String, "nom": pl.String})
        return Answers(people, sites, none, near=False)

    def compute() -> Answers:
        found = asked_of.answers(index(view), words, people, sites)
        communes = found.filter(pl.col("genre") == COMMUNE).join(
            view.data.frame(COMMUNES).select(
                code="code_commune", nom=pl.format("{} ({})", "commune", "code_departement")
            ),
            on="code",
            maintain_order="left",
        )
        kept_people = _kept(found, PERSONNE, people, PERSON)
        kept_sites = _kept(found, ETABLISSEMENT, sites, "finess")
        shown = pl.concat([kept_people["proche"], kept_sites["proche"]])
        return Answers(
            kept_people.drop("proche"),
            kept_sites.drop("proche"),
            communes.select("code", "nom").head(COMMUNES_OFFERED),
            near=bool(len(shown) and shown.all()),
        )

    versions = view.data.key(*asked_of.TABLES)
    return _answered(
        repr((view.universe.name, view.data.dated(view.universe, view.selection), words, versions)), compute
    )


def _kept(found: pl.DataFrame, kind: str, rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """The rows that answer, best first, with ``proche``."""
    order = found.filter(pl.col("genre") == kind).select(pl.col("code").alias(key), "proche")
    return order.join(rows, on=key, how="inner", maintain_order="left")
