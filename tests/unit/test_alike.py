"""Neighbours and peers of a territory: those that touch it, those of the same classes; the rule in words."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.annuaire.alike import MOST, classes, neighbours, peers, rule, sizes, touching


def square(x: float, y: float) -> str:
    """A square of a tenth of a degree whose lower left corner is there."""
    ring = [[x, y], [x + 0.1, y], [x + 0.1, y + 0.1], [x, y + 0.1], [x, y]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


# Four communes in a row, one apart: A and B make the EPCI 1, C is the EPCI 2, D the EPCI 3, E (far) the EPCI 4.
PLACES = {"A": (0.0, 0.0), "B": (0.1, 0.0), "C": (0.2, 0.0), "D": (0.3, 0.0), "E": (2.0, 0.0)}
OUTLINES = pl.DataFrame({"code": list(PLACES), "geojson": [square(*place) for place in PLACES.values()]})
COMMUNES = pl.DataFrame(
    {
        "code_commune": list(PLACES),
        "siren_epci": ["1", "1", "2", "3", "4"],
        "code_departement": ["67", "67", "67", "68", "68"],
        "population": [6_000, 6_000, 15_000, 900, 18_000],
        "superficie_km2": [100.0, 100.0, 200.0, 100.0, 250.0],
    }
)


@pytest.mark.parametrize(
    ("own", "mesh", "expected"),
    [
        (["A", "B"], "epci", ["2"]),
        (["C"], "epci", ["1", "3"]),
        (["C"], "commune", ["B", "D"]),
        (["A", "B", "C"], "departement", ["68"]),
        (["E"], "epci", []),
    ],
)
def test_neighbours_touch(own: list[str], mesh: str, expected: list[str]) -> None:
    assert neighbours(COMMUNES, touching(OUTLINES), own, mesh) == expected


def test_sizes_are_sums_over_sums() -> None:
    found = sizes(COMMUNES, "epci").rows()
    assert found == [("1", 12_000, 60.0), ("2", 15_000, 75.0), ("3", 900, 9.0), ("4", 18_000, 72.0)]
    unknown = COMMUNES.with_columns(superficie_km2=pl.lit(None, pl.Float64))
    assert sizes(unknown, "epci")["densite_km2"].null_count() == 4


def test_peers_share_both_classes_the_closest_density_first() -> None:
    known = sizes(COMMUNES, "epci")
    # 12,000 inhabitants at 60 a km²: the classes 60-120 and 10,000-20,000, as the EPCI 4 (72) and 2 (75).
    assert peers(known, 12_000, 60.0, "epci", {"1"}) == ["4", "2"]
    assert peers(known, 900, 9.0, "epci", {"3"}) == []
    assert peers(known, 12_000, None, "epci", {"1"}) == []


def test_the_rule_says_the_classes_of_the_territory() -> None:
    said = rule(12_000, 60.0, "epci")
    assert "de 60 à 120 habitants au km²" in said
    assert "de 10 000 à 20 000 habitants" in said
    assert f"au plus {MOST}" in said
    assert "moins de 30 habitants au km²" in rule(900, 9.0, "epci")
    assert "300 habitants au km² et plus" in rule(200_000, 500.0, "epci")
    assert rule(900, None, "epci") == ""


@given(
    st.lists(st.tuples(st.integers(1, 300_000), st.floats(1, 5_000)), min_size=1, max_size=40),
    st.integers(1, 300_000),
    st.floats(1, 5_000),
)
def test_a_peer_is_always_of_the_same_classes_and_never_too_many(
    others: list[tuple[int, float]], population: int, density: float
) -> None:
    known = pl.DataFrame(
        [(str(rank), people, each) for rank, (people, each) in enumerate(others)],
        schema={"code": pl.String, "population": pl.Int64, "densite_km2": pl.Float64},
        orient="row",
    )
    found = peers(known, population, density, "epci", {"0"})
    assert len(found) <= MOST
    assert "0" not in found
    for code in found:
        people, each = others[int(code)]
        assert classes(people, each, "epci") == classes(population, density, "epci")
