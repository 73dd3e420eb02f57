"""Points cut into tiles: nobody added, nobody lost, at any scale."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kit.maps.point_set import (
    CELL,
    DEEPEST,
    INDIVIDUALS,
    LEVEL,
    PLACE,
    POINT,
    PointSet,
    codes,
    point_set,
)

STRASBOURG, METZ = (7.7521, 48.5734), (6.1757, 49.1193)


def made(points: list[tuple[float, float, int]], categories: int = 3) -> PointSet:
    frame = pl.DataFrame(
        [(str(i), f"texte {i}", lon, lat, kind) for i, (lon, lat, kind) in enumerate(points)],
        schema={"id": pl.String, "texte": pl.String, "longitude": pl.Float64, "latitude": pl.Float64,
                "categorie": pl.Int64},
        orient="row",
    )  # fmt: skip
    return point_set(frame, categories)


def total(points: PointSet, z: int) -> int:
    return sum(item[3] for x in range(1 << z) for y in range(1 << z) for item in points.tile(z, x, y))


def holds(lon: float, lat: float, z: int) -> tuple[int, int]:
    """The tile of a place, by the formula of web maps (OpenStreetMap, « Slippy map tilenames »)."""
    side = 2**z
    x = int((lon + 180) / 360 * side)
    y = int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * side)
    return x, y


def test_a_lonely_point_says_who_it_is() -> None:
    points = made([(*STRASBOURG, 2), (*METZ, 0)])
    assert points.tile(10, *holds(*STRASBOURG, 10)) == [[POINT, 7.7521, 48.5734, 1, 2, "0", "texte 0"]]
    assert points.tile(10, *holds(*METZ, 10)) == [[POINT, 6.1757, 49.1193, 1, 0, "1", "texte 1"]]
    assert points.tile(10, 0, 0) == []


def test_points_at_one_spot_are_a_place_of_their_most_frequent_category() -> None:
    points = made([(*METZ, 0), (*METZ, 1), (*METZ, 1), (*STRASBOURG, 2)])
    code = str(int(codes([METZ[0]], [METZ[1]])[0]))
    assert points.tile(12, *holds(*METZ, 12)) == [[PLACE, 6.1757, 49.1193, 3, 1, code]]
    assert made([(*METZ, 2), (*METZ, 1)]).tile(12, *holds(*METZ, 12))[0][4] == 1  # the first of equals


def test_a_crowded_tile_is_cells_until_points_are_told_apart() -> None:
    spread = [(7.75 + 0.0004 * (i % 30), 48.57 + 0.0004 * (i // 30), i % 2) for i in range(900)]
    points = made(spread)
    whole = points.tile(5, *holds(7.75, 48.57, 5))
    assert [(item[0], item[3]) for item in whole] == [(CELL, 900)]
    assert whole[0][1] == pytest.approx(np.mean([p[0] for p in spread]), abs=1e-6)
    assert whole[0][2] == pytest.approx(np.mean([p[1] for p in spread]), abs=1e-6)
    near = [
        item
        for x, y in {holds(lon, lat, DEEPEST) for lon, lat, _ in spread}
        for item in points.tile(DEEPEST, x, y)
    ]
    assert len(near) == 900
    assert {item[0] for item in near} == {POINT}


def test_a_tile_never_sends_more_than_its_cells_or_its_individuals() -> None:
    draw = np.random.default_rng(7)
    points = made(
        [(x, y, 0) for x, y in zip(draw.normal(6, 1, 20_000), draw.normal(48.5, 0.6, 20_000), strict=True)]
    )
    for z in range(4, 12):
        for x, y in {
            holds(lon, lat, z) for lon, lat in zip(points.longitude[::50], points.latitude[::50], strict=True)
        }:
            items = points.tile(z, x, y)
            assert len(items) <= (INDIVIDUALS if items[0][0] != CELL else 64)


def test_tiles_that_do_not_exist_are_empty() -> None:
    points = made([(*METZ, 0)])
    for z, x, y in ((-1, 0, 0), (3, 8, 0), (3, 0, 8), (3, -1, 0), (LEVEL + 1, 0, 0)):
        assert points.tile(z, x, y) == []
    assert made([]).tile(0, 0, 0) == []


def test_points_without_coordinates_are_left_out() -> None:
    frame = pl.DataFrame(
        {
            "id": ["a", "b"],
            "texte": ["", ""],
            "longitude": [6.0, None],
            "latitude": [48.0, None],
            "categorie": [0, 0],
        },
        schema_overrides={"longitude": pl.Float64, "latitude": pl.Float64},
    )
    assert point_set(frame, 1).rows["id"].to_list() == ["a"]


places = st.lists(
    st.tuples(
        st.floats(-180, 179.99, allow_nan=False), st.floats(-89.9, 89.9, allow_nan=False), st.integers(0, 2)
    ),
    max_size=60,
)


@given(places)
def test_every_scale_counts_the_same(points: list[tuple[float, float, int]]) -> None:
    found = made(points)
    assert [total(found, z) for z in range(4)] == [len(points)] * 4


@given(places, st.integers(0, 6))
def test_a_tile_is_the_sum_of_its_four(points: list[tuple[float, float, int]], z: int) -> None:
    found = made(points)

    def count(z: int, x: int, y: int) -> int:
        return sum(item[3] for item in found.tile(z, x, y))

    for lon, lat, _ in points:
        x, y = holds(lon, min(max(lat, -85), 85), z)
        children = [(2 * x, 2 * y), (2 * x + 1, 2 * y), (2 * x, 2 * y + 1), (2 * x + 1, 2 * y + 1)]
        assert count(z, x, y) == sum(count(z + 1, *child) for child in children)


@given(st.floats(-179.9, 179.9), st.floats(-84, 84), st.integers(0, 18))
def test_a_point_is_in_the_tile_of_web_maps(lon: float, lat: float, z: int) -> None:
    items = made([(lon, lat, 0)]).tile(z, *holds(lon, lat, z))
    assert [item[3] for item in items] == [1]
