"""Which point a pair of numbers means: projections against control points, and swapped or absurd pairs."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.finess.coordinates import place
from lake.geo import LAMBERT_93, to_degrees, to_metres


@pytest.mark.parametrize(
    ("x", "y", "longitude", "latitude"),
    [
        # Two addresses of the agency's own sample of the daily file, given in both systems.
        (873766.07, 6570414.61, 5.254203, 46.211257),
        (941342.52, 6589480.53, 6.139885, 46.362063),
        # Origin of the projection: 3° E, 46° 30' N.
        (700_000.0, 6_600_000.0, 3.0, 46.5),
    ],
)
def test_lambert_93_against_control_points(x: float, y: float, longitude: float, latitude: float) -> None:
    lon, lat = to_degrees(np.array([x]), np.array([y]), LAMBERT_93)
    assert lon[0] == pytest.approx(longitude, abs=1e-6)
    assert lat[0] == pytest.approx(latitude, abs=1e-6)


@given(st.floats(-5, 9.6), st.floats(41.3, 51.1))
def test_lambert_93_there_and_back(longitude: float, latitude: float) -> None:
    x, y = to_metres(np.array([longitude]), np.array([latitude]), LAMBERT_93)
    lon, lat = to_degrees(x, y, LAMBERT_93)
    assert (lon[0], lat[0]) == pytest.approx((longitude, latitude), abs=1e-9)  # a tenth of a millimetre


STRASBOURG = {"_lon": 7.7635, "_lat": 48.5713, "code_departement": "67"}
X, Y = 1_050_362.7, 6_840_899.7  # 7.7521° E, 48.5734° N
EMPTY = {"x1": None, "y1": None, "x2": None, "y2": None, "cle_ban": None}
SCHEMA = dict.fromkeys(["x1", "y1", "x2", "y2", "cle_ban", "code_departement"], pl.String) | {
    "_lon": pl.Float64,
    "_lat": pl.Float64,
}


def where(**values: object) -> tuple[float | None, float | None, str | None, str | None]:
    row = pl.DataFrame([EMPTY | STRASBOURG | values], schema=SCHEMA)
    found: tuple[float | None, float | None, str | None, str | None] = place(row).row(0)
    return found


@pytest.mark.parametrize(
    ("values", "source"),
    [
        ({"x1": str(X), "y1": str(Y)}, "finess"),
        ({"x1": str(Y), "y1": str(X)}, "finess_inverse"),
        ({"x1": str(X).replace(".", ","), "y1": str(Y).replace(".", ",")}, "finess"),
        ({"x1": "7.7521", "y1": "48.5734"}, "finess"),
        ({"x1": "48.5734", "y1": "7.7521"}, "finess_inverse"),
        # The daily file: northing called X, and degrees beside it.
        ({"x1": str(Y), "y1": str(X), "x2": "7.7521", "y2": "48.5734"}, "finess"),
        ({"x1": "7.7521", "y1": "48.5734", "x2": str(X), "y2": str(Y)}, "finess"),
        # One unusable pair does not hide the other.
        ({"x1": "12 RUE", "y1": "48.5", "x2": "7.7521", "y2": "48.5734"}, "finess"),
        ({"x1": "7.7521", "y1": "48.5734", "x2": "2.35", "y2": "48.85"}, "finess"),
    ],
)
def test_every_way_of_writing_leads_to_the_same_point(values: dict[str, object], source: str) -> None:
    longitude, latitude, found, reason = where(**values)
    assert (longitude, latitude) == pytest.approx((7.7521, 48.5734), abs=2e-3)
    assert (found, reason) == (source, None)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "absentes"),
        ({"x1": "inconnu", "y1": "inconnu"}, "illisibles"),
        ({"x1": str(X)}, "illisibles"),
        ({"x1": "0", "y1": "0"}, "hors_bornes"),
        ({"x1": "999999999", "y1": "1"}, "hors_bornes"),
        ({"x1": "652000", "y1": "6862000"}, "hors_commune"),  # Paris
        ({"x1": "7.75", "y1": "48.57", "cle_ban": "67482"}, "centre_commune"),
    ],
)
def test_what_is_not_believed_goes_to_the_commune(values: dict[str, object], reason: str) -> None:
    assert where(**values) == (7.7635, 48.5713, "commune", reason)


def test_a_street_key_is_a_point() -> None:
    assert where(x1="7.75", y1="48.57", cle_ban="67482_3170_00012")[2:] == ("finess", None)


def test_without_commune_the_register_is_believed_or_nothing_is() -> None:
    assert where(x1=str(X), y1=str(Y), _lon=None, _lat=None)[2:] == ("finess", None)
    assert where(_lon=None, _lat=None) == (None, None, None, "absentes")


def test_overseas_metres_are_utm() -> None:
    reunion = {"_lon": 55.4504, "_lat": -20.8789, "code_departement": "974"}  # Saint-Denis
    longitude, latitude, source, _ = where(x1="338724.2", y1="7690503.6", **reunion)
    assert (longitude, latitude) == pytest.approx((55.449, -20.878), abs=5e-3)
    assert source == "finess"
    assert where(x1="7690503.6", y1="338724.2", **reunion)[2] == "finess_inverse"
