"""Addresses by kind of difficulty: each is found at the very address of the town, or at less, never at another."""

from __future__ import annotations

import pytest

from ingest.geocode.locate import locate
from lake.catalog.ban import ADRESSES
from tests.unit.geocode_borough import BOROUGH, BOROUGH_CASES
from tests.unit.geocode_judged import CITY, CITY_CASES
from tests.unit.geocode_kinds import BOURG, CASES, TOWN, VILLAGE, cases, point
from tests.unit.geocode_world import World, ban_rows, frame

EVERY = [
    *CASES,
    *(("judged", CITY, one) for one in cases(CITY_CASES)),
    *(("borough", BOROUGH, one) for one in cases(BOROUGH_CASES)),
]


@pytest.fixture(scope="module")
def placed() -> list[dict[str, object]]:
    """Every case, located in one go for each town."""
    found: list[dict[str, object]] = []
    for place in (TOWN, BOURG, VILLAGE, CITY, BOROUGH):
        world = World(**{ADRESSES.name: ban_rows(place)})
        rows = [one[1] for _, where, one in EVERY if where is place]
        found += locate(frame(rows), world.context()).frame.to_dicts()
    return found


@pytest.mark.parametrize("rank", range(len(EVERY)), ids=[f"{kind}: {one[0]}" for kind, _, one in EVERY])
def test_address_is_found_where_it_is(placed: list[dict[str, object]], rank: int) -> None:
    _, where, (text, _, precision, row) = EVERY[rank]
    found = placed[rank]
    assert found["geo_precision"] == precision, text
    if precision in ("numero", "lieu_dit"):
        assert (found["longitude"], found["latitude"]) == point(where, row), text


def test_every_kind_has_cases() -> None:
    kinds = [kind for kind, _, _ in EVERY]
    assert all(kinds.count(kind) >= 10 for kind in kinds)
