"""Distances on the sphere and projections, against control points."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.geo import EARTH_KM, OVERSEAS, distance, distance_km, to_degrees, to_metres

LON, LAT = st.floats(-179, 179), st.floats(-89, 89)


def test_a_degree_of_meridian_and_a_quarter_of_the_equator() -> None:
    assert distance_km(7.0, 48.0, 7.0, 49.0) == pytest.approx(math.radians(1) * EARTH_KM)
    assert distance_km(0.0, 0.0, 90.0, 0.0) == pytest.approx(math.pi / 2 * EARTH_KM)
    assert np.isnan(distance_km(np.nan, 48.0, 7.0, 48.0))


@given(LON, LAT, LON, LAT)
def test_numbers_and_expressions_agree(lon_1: float, lat_1: float, lon_2: float, lat_2: float) -> None:
    frame = pl.DataFrame({"a": [lon_1], "b": [lat_1], "c": [lon_2], "d": [lat_2]})
    found = frame.select(distance(*(pl.col(name) for name in "abcd"))).item()
    assert found == pytest.approx(float(distance_km(lon_1, lat_1, lon_2, lat_2)), abs=1e-6)
    assert 0 <= found <= math.pi * EARTH_KM + 1e-9


@pytest.mark.parametrize(
    ("code", "longitude", "latitude"),
    [
        ("971", -61.534, 16.241),
        ("973", -52.326, 4.937),
        ("974", 55.448, -20.879),
        ("975", -56.173, 46.778),
        ("976", 45.228, -12.78),
        ("978", -63.083, 18.068),
        ("986", -176.17, -13.28),
        ("987", -149.566, -17.535),
        ("988", 166.447, -22.271),
    ],
)
def test_metres_overseas_come_back_to_their_place(code: str, longitude: float, latitude: float) -> None:
    x, y = to_metres(np.array([longitude]), np.array([latitude]), OVERSEAS[code])
    assert 100_000 < x[0] < 900_000
    assert 0 < y[0] < 10_000_000
    lon, lat = to_degrees(x, y, OVERSEAS[code])
    assert (lon[0], lat[0]) == pytest.approx((longitude, latitude), abs=1e-8)
