"""Named territories of the SAS in its universes: they close on the SAS, and tell no few."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.catalog.sas import COUVERTURE, OFFRE, RECHERCHES, RENDEZ_VOUS, TERRITOIRES
from lake.contract import Table
from lake.errors import MissingTable, UnknownName
from scoring.universes.engine import query, resolve
from scoring.universes.model import Scan, Universe
from scoring.universes.sas import SAS_COUVERTURE, SAS_DEMANDE, SAS_OFFRE, SAS_RENDEZ_VOUS
from scoring.universes.selection import Selection
from scoring.universes.values import choices
from tests.unit.test_universe_sas import LUNDI, demand, offer


def by_name(universe: Universe, table: Table, rows: list[dict[str, Any]], named: dict[str, str]) -> Scan:
    """A scan of rows and of the territories that SAS-54 names (commune -> name)."""
    frame = pl.DataFrame(rows, schema=table.dtypes())
    names = [
        {"sas": "SAS-54", "code_departement": "54", "code_commune": code, "territoire": name}
        for code, name in named.items()
    ]
    known = pl.DataFrame(names, schema=TERRITOIRES.dtypes())
    assert TERRITOIRES.conform(known).rejects.is_empty()
    assert universe.axis("territoire").label == "Territoire nommé"
    return lambda asked: (
        frame if asked is table else known if asked is TERRITOIRES else asked.empty()
    ).lazy()


def told(universe: Universe, scan: Scan, measure: str, by: list[str], **chosen: Any) -> dict[Any, Any]:
    said = resolve(universe, scan, Selection(**chosen))
    found = query(universe, scan, said, [measure], by).collect()
    return {row[:-1] if len(by) > 1 else row[0]: row[-1] for row in found.iter_rows()}


def test_named_territories_and_the_rest_close_on_the_sas() -> None:
    rows = [
        demand("54001", "A", 8), demand("54002", "A", 7), demand("54003", "B", 9), demand("54004", "B", 6),
        demand("", "", 3),
    ]  # fmt: skip
    scan = by_name(SAS_DEMANDE, RECHERCHES, rows, {"54001": "CPTS A", "54002": "CPTS A", "54003": "CPTS B"})
    assert told(SAS_DEMANDE, scan, "demandes", ["territoire"]) == {"CPTS A": 15, "CPTS B": 9, "hors": 9}
    assert told(SAS_DEMANDE, scan, "demandes", ["sas"], filters={"territoire": ["cpts a"]}) == {"SAS-54": 15}
    assert told(SAS_DEMANDE, scan, "demandes", ["commune"], filters={"territoire": ["CPTS A"]}) == {
        "54001": 8, "54002": 7,
    }  # fmt: skip
    with pytest.raises(UnknownName, match="CPTS Z"):
        resolve(SAS_DEMANDE, scan, Selection(filters={"territoire": ["CPTS Z"]}))
    labels = choices(SAS_DEMANDE, scan, SAS_DEMANDE.axis("territoire"))
    assert labels["texte"].to_list() == ["CPTS A", "CPTS B", "Hors territoires nommés"]


def test_a_territory_tells_no_few_nor_by_difference_with_an_epci() -> None:
    rows = [
        demand("54001", "A", 3),
        demand("54002", "A", 50),
        demand("54003", "B", 20),
        demand("54004", "C", 40),
    ]
    # All of the EPCI A but one commune of three: the territory and the EPCI together would tell the three.
    scan = by_name(SAS_DEMANDE, RECHERCHES, rows, {"54002": "CPTS A", "54003": "CPTS B"})
    assert told(SAS_DEMANDE, scan, "demandes", ["territoire"]) == {"CPTS B": 20, "hors": 93}
    # A territory of three demands is not told, nor is what is beside it alone.
    scan = by_name(SAS_DEMANDE, RECHERCHES, rows, {"54001": "Petit"})
    assert told(SAS_DEMANDE, scan, "demandes", ["territoire"]) == {"hors": 113}


NAMED = st.lists(
    st.tuples(st.integers(1, 6), st.integers(0, 9), st.sampled_from(["", "T1", "T2"]), st.booleans()),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(NAMED)
def test_of_any_territories_totals_close_and_no_few_is_told(cells: list[tuple[int, int, str, bool]]) -> None:
    rows = [
        demand(f"5400{place}", "A" if place < 4 else "B", count, "non_pourvue" if unmet else "pourvue", heure=rank)
        for rank, (place, count, _, unmet) in enumerate(cells)
    ]  # fmt: skip
    scan = by_name(
        SAS_DEMANDE, RECHERCHES, rows, {f"5400{place}": name for place, _, name, _ in cells if name}
    )
    for measure in ("demandes", "demandes_non_pourvues"):
        whole = told(SAS_DEMANDE, scan, measure, ["sas"])["SAS-54"]
        parts = told(SAS_DEMANDE, scan, measure, ["territoire"])
        assert sum(value or 0 for value in parts.values()) == (whole or 0)
        assert all(not value or value >= 5 for name, value in parts.items() if name != "hors")
        if len([value for value in parts.values() if value]) > 1:
            assert not 0 < (parts.get("hors") or 0) < 5


def test_seats_taken_of_few_are_told_outside_territories_and_the_offer_stays() -> None:
    rows = [
        offer("A", "lundi", 10, pris=2, disponibles=8),
        offer("B", "lundi", 10, pris=9, disponibles=1, code_commune="54547"),
    ]
    scan = by_name(SAS_OFFRE, OFFRE, rows, {"54395": "CPTS A"})
    assert told(SAS_OFFRE, scan, "creneaux_offerts", ["territoire"]) == {"CPTS A": 10, "hors": 10}
    assert told(SAS_OFFRE, scan, "creneaux_pris", ["territoire"]) == {"CPTS A": None, "hors": 11}
    assert told(SAS_OFFRE, scan, "effecteurs", ["territoire"]) == {"CPTS A": 1, "hors": 1}


def test_coverage_and_bookings_are_told_by_named_territory() -> None:
    place = {"sas": "SAS-54", "code_departement": "54", "siren_epci": "A"}
    base: dict[str, Any] = {"jour": LUNDI, "heure": 14, **place, "famille": "presentiel"}
    for name in ("2h", "4h", "6h", "12h"):
        base |= {f"places_{name}": 1, f"parts_{name}": 1.0}
    far = base | {"places_2h": 0}
    rows = [
        base | {"code_commune": "54001", "population": 100},
        far | {"code_commune": "54002", "population": 300},
    ]
    scan = by_name(SAS_COUVERTURE, COUVERTURE, rows, {"54001": "CPTS A"})
    chosen = {"filters": {"horizon": ["2h"]}}
    assert told(SAS_COUVERTURE, scan, "couverture", ["territoire"], **chosen) == {"CPTS A": 1.0, "hors": 0.0}
    chosen["filters"]["territoire"] = ["CPTS A"]
    assert told(SAS_COUVERTURE, scan, "couverture", ["horizon"], **chosen) == {"2h": 1.0}
    booked = {
        "jour": LUNDI, **place, "code_commune": "54001", "modalite": "AMB", "source": "saisie", "statut": "fulfilled",
        "classe_delai": "2h", "rendez_vous": 9, "delai_h": 9.0,
    }  # fmt: skip
    scan = by_name(SAS_RENDEZ_VOUS, RENDEZ_VOUS, [booked], {"54001": "CPTS A"})
    assert told(SAS_RENDEZ_VOUS, scan, "rendez_vous", ["territoire"]) == {"CPTS A": 9}


def test_a_lake_where_nothing_was_named_has_one_territory_alone() -> None:
    rows = pl.DataFrame([demand("54001", "A", 8)], schema=RECHERCHES.dtypes())

    def scan(asked: Table) -> pl.LazyFrame:
        if asked is TERRITOIRES:
            raise MissingTable("sas__territoires")
        return (rows if asked is RECHERCHES else asked.empty()).lazy()

    assert told(SAS_DEMANDE, scan, "demandes", ["territoire"]) == {"hors": 8}
