"""Outlines on hand-worked squares: shared borders, dissolving, islets, edges drawn up to finer ones."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources.territoires import geometry
from ingest.sources.territoires.reading import OBJECTS, Reading, decimal, nature_of, whole
from ingest.sources.territoires.settle import rows_of, settle


def polygons(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array([*shapes, None], dtype=object)[:-1]


def test_a_shared_border_is_straightened_once_for_both_neighbours() -> None:
    # The border x = 1 has a bend of 0.01 × 0.1 / 2 = 0.0005 square degrees at half height.
    left = shapely.Polygon([(0, 0), (1, 0), (1, 0.45), (1.01, 0.5), (1, 0.55), (1, 1), (0, 1)])
    right = shapely.Polygon([(1, 0), (2, 0), (2, 1), (1, 1), (1, 0.55), (1.01, 0.5), (1, 0.45)])
    out = geometry.simplify(polygons(left, right), tolerance=0.05)
    assert shapely.coverage_is_valid(out)
    assert shapely.area(out).tolist() == [1.0, 1.0]
    kept = geometry.simplify(polygons(left, right), tolerance=0.01)
    assert shapely.area(kept).tolist() == pytest.approx([1.0005, 0.9995])


def test_simplifying_twice_changes_nothing() -> None:
    rng = np.random.default_rng(7)
    x = np.linspace(0, 1, 60)
    border = [(float(a), 0.5 + float(b)) for a, b in zip(x, rng.normal(0, 0.004, 60), strict=True)]
    low = shapely.Polygon([(0, 0), (1, 0), *reversed(border)])
    high = shapely.Polygon([(1, 1), (0, 1), *border])
    once = geometry.simplify(polygons(low, high), tolerance=0.02)
    twice = geometry.simplify(once, tolerance=0.02)
    assert all(geometry.same(one, other) for one, other in zip(once, twice, strict=True))
    assert shapely.coverage_is_valid(once)


def test_overlapping_outlines_are_cleaned_before_being_simplified() -> None:
    out = geometry.simplify(polygons(shapely.box(0, 0, 1.0, 1), shapely.box(0.99, 0, 2, 1)), tolerance=0.001)
    assert shapely.coverage_is_valid(out)
    assert float(shapely.area(out).sum()) == pytest.approx(2.0)


def test_rounding_keeps_more_decimals_where_fewer_would_break_a_polygon() -> None:
    sliver = shapely.Polygon([(0, 0), (1, 0), (1, 0.00003), (0, 0.00003)])
    out = geometry.rounded(polygons(sliver))
    assert out[0].is_valid
    assert out[0].area == pytest.approx(0.00003)


def test_dissolving_gives_the_exact_union_by_group() -> None:
    cells = {"a": shapely.box(0, 0, 1, 1), "b": shapely.box(1, 0, 2, 1), "c": shapely.box(2, 0, 3, 1)}
    out = geometry.dissolve(cells, {"a": "x", "b": "x", "c": "y"})
    assert {group: shape.bounds for group, shape in out.items()} == {"x": (0, 0, 2, 1), "y": (2, 0, 3, 1)}
    assert out["x"].area == 2.0


def test_islets_go_but_exclaves_within_another_territory_stay() -> None:
    main, islet, exclave = (
        shapely.box(0, 0, 1, 1),
        shapely.box(-1, 0, -0.99, 0.01),
        shapely.box(2, 0.4, 2.01, 0.41),
    )
    around = shapely.box(1, 0, 3, 1).difference(exclave)
    out = geometry.without_islets({"a": shapely.MultiPolygon([main, islet, exclave]), "b": around})
    assert out["a"].area == pytest.approx(1 + 0.0001)
    assert out["a"].bounds == (0, 0, 2.01, 1)
    small = {"c": shapely.MultiPolygon([shapely.box(0, 0, 0.01, 0.01), shapely.box(5, 5, 5.02, 5.02)])}
    assert geometry.without_islets(small)["c"].bounds == (5, 5, 5.02, 5.02)


def test_a_coarse_neighbour_loses_overlaps_and_gains_the_gaps() -> None:
    """The fine edge runs at x = 1.1 below y = 1 and x = 0.9 above; the coarse drawing had it at x = 1."""
    fine = shapely.Polygon([(0, 0), (1.1, 0), (1.1, 1), (0.9, 1), (0.9, 2), (0, 2)])
    former, neighbour, far = shapely.box(0, 0, 1, 2), shapely.box(1, 0, 2, 2), shapely.box(2, 0, 3, 2)
    outlines = {"fine": fine, "near": neighbour, "far": far}
    changed = geometry.fit_around(outlines, frozenset(["fine"]), [former])
    assert set(changed) == {"near"}
    expected = shapely.Polygon([(1.1, 0), (2, 0), (2, 2), (0.9, 2), (0.9, 1), (1.1, 1)])
    assert changed["near"].symmetric_difference(expected).area < 1e-9


def test_gaps_narrower_than_a_sliver_are_closed() -> None:
    out = geometry.closed(
        {"a": shapely.box(0, 0, 1, 1), "b": shapely.box(1.001, 0, 2, 1), "c": shapely.box(0, 1, 2, 2)}
    )
    assert geometry.fits(out)
    assert sum(shape.area for shape in out.values()) == pytest.approx(4.0, abs=0.0011)


def test_repair_keeps_surfaces_only() -> None:
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    line = shapely.LineString([(0, 0), (1, 1)])
    out, repaired = geometry.polygonal(polygons(bow, line, shapely.box(0, 0, 1, 1)))
    assert repaired.tolist() == [True, False, False]
    assert out[0].is_valid
    assert out[0].area == pytest.approx(0.5)
    assert out[1] is None
    assert out[2].area == 1.0


def test_geojson_text_goes_there_and_back() -> None:
    frame = geometry.to_frame("commune", {"b": shapely.box(1, 0, 2, 1), "a": shapely.box(0, 0, 1, 1)})
    assert frame["code"].to_list() == ["a", "b"]
    ring = json.loads(frame["geojson"][0])["coordinates"][0]
    assert ring == [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
    back = geometry.from_frame(frame, "commune")
    assert geometry.same(back["b"], shapely.box(1, 0, 2, 1))
    assert geometry.to_frame("epci", {}).height == 0


@pytest.mark.parametrize(
    ("kind", "name", "nature"),
    [
        ("METRO", "Metz Métropole", "ME"),
        ("MET69", "Métropole de Lyon", "ME"),
        ("CU", "CU du Grand Reims", "CU"),
        (None, "CC du Pays Rethélois", "CC"),
        (None, "CA Ardenne Métropole", "CA"),
        (None, "Eurométropole de Strasbourg", "ME"),
        (None, "Syndicat de la vallée", None),
    ],
)
def test_the_nature_of_an_epci(kind: str | None, name: str, nature: str | None) -> None:
    assert nature_of(kind, name) == nature


def test_numbers_as_official_files_write_them() -> None:
    assert whole("1 234") == 1234
    assert whole("1\u202f234") == 1234
    assert whole("12.0") == 12
    assert whole("") is None
    assert decimal("4,32754") == 4.32754
    assert decimal("n.d.") is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["08000", "8000", "51100", None]),
            st.sampled_from(["08001", "08002", "51001", "x", None]),
        ),
        max_size=30,
    )
)
def test_counts_close_whatever_the_lines(lines: list[tuple[str | None, str | None]]) -> None:
    reading = Reading("f.csv", "codes postaux")
    for number, (code_postal, code_commune) in enumerate(lines, 2):
        reading.add("codes_postaux", number, "", code_postal=code_postal, code_commune=code_commune)
    reading.reject("codes_postaux", 99, "1 champs au lieu de 2", "?")
    rows = rows_of([reading], "codes_postaux")
    assert set(OBJECTS["codes_postaux"]) <= set(rows.columns)
    code = pl.col("code_commune")
    settled = settle(
        rows,
        ["code_postal", "code_commune"],
        malformed=[
            (~code.str.contains(r"^\d{5}$"), "commune"),
            (~pl.col("code_postal").str.contains(r"^\d{5}$"), "postal"),
        ],
        outside=code.str.starts_with("51"),
        unfit=[(code == "08002", "inconnue")],
        broken=pl.DataFrame(reading.rejects["codes_postaux"]).select("fichier", "ligne", "motif", "contenu"),
    )
    assert settled.lues == len(lines) + 1
    assert (
        settled.lues == settled.kept.height + settled.doublons + settled.hors_region + settled.rejects.height
    )
    # By hand: what is well formed, inside and known.
    good = [line for line in lines if line[0] in ("08000", "51100") and line[1] == "08001"]
    assert settled.kept.height == len(set(good))
    assert settled.doublons == len(good) - len(set(good))
    assert settled.hors_region == sum(a in ("08000", "51100") and b == "51001" for a, b in lines)
