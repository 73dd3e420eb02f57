"""Counting bases and the ledger of locations: hand-worked tables, and sums that close."""

from __future__ import annotations

import doctest
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.errors import UnknownName
from scoring.annuaire.counting import MESHES, Base, base, count, ledger, principal_places, unlocated_by

DEPARTEMENTS = pl.LazyFrame({"code_departement": ["54", "57", "67"], "code_region": ["44", "44", "44"]})
EPCI = {"54395": "E54", "57463": "E57", "57001": "E57", "67482": "E67"}
SCHEMA = {
    "identification_nationale_pp": pl.String,
    "code_commune": pl.String,
    "siren_epci": pl.String,
    "code_departement": pl.String,
    "code_mode_exercice": pl.String,
    "code_profession": pl.String,
    "id_site": pl.String,
    "geo_precision": pl.String,
    "geo_motif": pl.String,
}
Row = tuple[str, str | None, str, str | None, str, str | None]


def activities(*rows: Row) -> pl.LazyFrame:
    """(person, commune, mode, site, precision, reason) -> rows of the directory."""
    full = [
        (
            person,
            commune,
            EPCI.get(commune or ""),
            commune[:2] if commune else "67",
            mode,
            "10",
            site,
            where,
            why,
        )
        for person, commune, mode, site, where, why in rows
    ]
    return pl.LazyFrame(full, schema=SCHEMA, orient="row")


ROWS = activities(
    ("anne", "57463", "S", "s1", "numero", None),
    ("anne", "57463", "S", "s1", "numero", None),
    ("anne", "54395", "L", "s2", "rue", None),
    ("brice", "57463", "L", "s1", "numero", None),
    ("brice", "54395", "S", "s2", "rue", None),
    ("chloé", "57463", "S", "s3", "commune", "introuvable"),
    ("chloé", "54395", "S", "s4", "commune", "adresse_absente"),
    ("david", None, "L", None, "aucune", "commune_inconnue"),
    ("david", None, "L", None, "aucune", "adresse_absente"),
    ("david", "67482", "S", "s5", "lieu_dit", None),
)


def parts(what: Base, mesh: str = "commune") -> dict[str | None, int]:
    return dict(count(ROWS, DEPARTEMENTS, what, mesh).territoires.iter_rows())


def test_the_four_bases_worked_by_hand() -> None:
    assert parts(Base.PERSONNES) == {"54395": 3, "57463": 3, "67482": 1, None: 1}
    assert parts(Base.PERSONNES_PRINCIPAL) == {"54395": 1, "57463": 2, "67482": 1}
    assert parts(Base.ACTIVITES) == {"54395": 3, "57463": 4, "67482": 1, None: 2}
    assert parts(Base.SITES) == {"54395": 2, "57463": 2, "67482": 1}


def test_totals_are_counted_on_their_own() -> None:
    found = {what: count(ROWS, DEPARTEMENTS, what, "commune") for what in Base}
    assert {what.value: (one.total, one.somme, one.en_double) for what, one in found.items()} == {
        "personnes": (4, 8, 4),
        "personnes_principal": (4, 4, 0),
        "activites": (10, 10, 0),
        "sites": (5, 5, 0),
    }


def test_the_principal_place_follows_the_declared_rule() -> None:
    found = {row[0]: row[1] for row in principal_places(ROWS).collect().iter_rows()}
    assert found == {
        "anne": "57463",  # most activities, though libérale elsewhere
        "brice": "57463",  # as many: libéral first
        "chloé": "54395",  # as many, neither libéral: the smallest code
        "david": "67482",  # a known commune before an unknown one, though fewer activities
    }


def test_larger_meshes_follow_the_principal_commune() -> None:
    assert parts(Base.PERSONNES_PRINCIPAL, "epci") == {"E54": 1, "E57": 2, "E67": 1}
    assert parts(Base.PERSONNES_PRINCIPAL, "departement") == {"54": 1, "57": 2, "67": 1}
    assert parts(Base.PERSONNES, "region") == {"44": 4}


def test_by_another_column() -> None:
    modes = count(ROWS, DEPARTEMENTS, Base.PERSONNES, "region", by=["code_mode_exercice"])
    assert modes.territoires.rows() == [("44", "L", 3), ("44", "S", 4)]
    assert modes.total == 4


def test_the_ledger_of_activities() -> None:
    whole = ledger(ROWS, DEPARTEMENTS, Base.ACTIVITES).collect().row(0, named=True)
    assert whole == {
        "total": 10, "numero": 3, "rue": 2, "lieu_dit": 1,
        "adresse_absente": 2, "introuvable": 1, "commune_inconnue": 1,
        "non_localises": 4, "places_commune": 2, "non_places": 2, "difference": 0,
    }  # fmt: skip


def test_the_ledger_of_persons_takes_the_best_place() -> None:
    whole = ledger(ROWS, DEPARTEMENTS, Base.PERSONNES).collect().row(0, named=True)
    assert (whole["total"], whole["numero"], whole["rue"], whole["lieu_dit"]) == (4, 2, 0, 1)
    # chloé has two reasons at her communes: the address that is missing comes first.
    assert (whole["adresse_absente"], whole["introuvable"], whole["places_commune"]) == (1, 0, 1)
    by_commune = ledger(ROWS, DEPARTEMENTS, Base.PERSONNES, "commune").collect()
    assert by_commune.select("code_commune", "total", "numero", "rue", "non_localises").rows() == [
        ("54395", 3, 0, 2, 1),
        ("57463", 3, 2, 0, 1),
        ("67482", 1, 0, 0, 0),
        (None, 1, 0, 0, 1),
    ]


def test_the_ledger_of_sites_leaves_out_rows_without_site() -> None:
    whole = ledger(ROWS, DEPARTEMENTS, Base.SITES).collect().row(0, named=True)
    assert (whole["total"], whole["numero"], whole["rue"], whole["lieu_dit"]) == (5, 1, 1, 1)
    assert (whole["non_localises"], whole["difference"]) == (2, 0)


def test_territories_by_number_not_located() -> None:
    found = unlocated_by(ROWS, DEPARTEMENTS, Base.ACTIVITES).collect()
    assert found.select("siren_epci", "non_localises").rows() == [(None, 2), ("E54", 1), ("E57", 1)]


def test_unknown_names_are_refused() -> None:
    assert base("sites") is Base.SITES
    with pytest.raises(UnknownName, match="personne"):
        base("personne")
    with pytest.raises(UnknownName, match="canton"):
        count(ROWS, DEPARTEMENTS, Base.SITES, "canton")


located = st.sampled_from([("numero", None), ("rue", None), ("lieu_dit", None)])
lost = st.tuples(
    st.sampled_from(["commune", "aucune"]),
    st.sampled_from(["adresse_absente", "introuvable", "commune_inconnue"]),
)
anyone = st.builds(
    lambda person, commune, mode, site, where: (person, commune, mode, site, *where),
    st.sampled_from("abcde"),
    st.sampled_from([None, *EPCI]),
    st.sampled_from("LS"),
    st.sampled_from([None, "s1", "s2", "s3"]),
    st.one_of(located, lost),
)


@settings(max_examples=25)
@given(st.lists(anyone, max_size=15))
def test_sums_close_when_they_must_and_ledgers_always(drawn: list[Row]) -> None:
    rows = activities(*drawn)
    for what in Base:
        totals = set()
        for mesh in MESHES:
            found = count(rows, DEPARTEMENTS, what, mesh)
            totals.add(found.total)
            assert found.en_double >= 0
            assert found.en_double == 0 or not what.additive
            table = ledger(rows, DEPARTEMENTS, what, mesh).collect()
            assert table["difference"].to_list() == [0] * table.height
            assert dict(table.select(MESHES[mesh], "total").iter_rows()) == dict(
                found.territoires.iter_rows()
            )
            placed = table["places_commune"] + table["non_places"]
            assert placed.to_list() == table["non_localises"].to_list()
        whole = ledger(rows, DEPARTEMENTS, what).collect()
        assert totals == {whole["total"].item()}
        assert whole["difference"].item() == 0


def test_the_example_of_the_documentation_runs() -> None:
    path = Path(__file__).parents[2] / "docs" / "methodes" / "comptage.md"
    outcome = doctest.testfile(str(path), module_relative=False, encoding="utf-8")
    assert outcome.attempted >= 6
    assert outcome.failed == 0
