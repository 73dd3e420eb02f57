"""Addresses by kind of difficulty: each is found at the very address of the town, or at less, never at another."""

from __future__ import annotations

import pytest

from ingest.geocode.locate import locate
from lake.catalog.ban import ADRESSES
from tests.unit.geocode_kinds import CASES, TOWN, point
from tests.unit.geocode_world import World, ban_rows, frame

_FLAT = [(kind, *one) for kind, cases in CASES.items() for one in cases]


@pytest.fixture(scope="module")
def placed() -> list[dict[str, object]]:
    """Every case, located in one go."""
    world = World(**{ADRESSES.name: ban_rows(TOWN)})
    return locate(frame([one[2] for one in _FLAT]), world.context()).frame.to_dicts()


@pytest.mark.parametrize("rank", range(len(_FLAT)), ids=[f"{one[0]}: {one[1]}" for one in _FLAT])
def test_address_is_found_where_it_is(placed: list[dict[str, object]], rank: int) -> None:
    _, text, _, precision, row = _FLAT[rank]
    found = placed[rank]
    assert found["geo_precision"] == precision, text
    if precision in ("numero", "lieu_dit"):
        assert (found["longitude"], found["latitude"]) == point(TOWN, row), text


def test_every_kind_has_cases() -> None:
    assert all(len(cases) >= 10 for cases in CASES.values())
