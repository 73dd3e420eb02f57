"""Charts, classes and maps: gaps stay gaps, breaks are round, clicks become codes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kit.charts import charts
from apps.kit.charts.charts import (
    HELD,
    PICK,
    Generation,
    bars,
    columns,
    lines,
    picked,
    with_selected,
)
from apps.kit.charts.distribution import distribution
from apps.kit.charts.scales import Scale, class_step, nice_step, with_gaps
from apps.kit.data.view import View
from apps.kit.maps.maps import choropleth, classify, diverging, legend_html, printable
from apps.kit.maps.outlines import Plane, cities, outlines, overlap, plane_of, projected
from apps.kit.style import theme
from apps.kit.views.prepared import prepare
from lake.catalog.territoires import COMMUNES
from scoring.universes.model import Format

MONTHS = pl.DataFrame(
    {"mois": [date(2022, 1, 1), date(2022, 2, 1), date(2022, 4, 1)], "valeur": [1.0, 2.0, 4.0]}
)


def rows_of(spec: dict[str, object]) -> list[dict[str, object]]:
    """The first dataset of a specification."""
    datasets = spec["datasets"]
    assert isinstance(datasets, dict)
    return next(iter(datasets.values()))


def test_a_missing_month_is_a_row_without_value() -> None:
    full = with_gaps(MONTHS, "mois", "valeur", months=True)
    assert full["mois"].to_list() == [date(2022, m, 1) for m in (1, 2, 3, 4)]
    assert full["valeur"].to_list() == [1.0, 2.0, None, 4.0]


def test_series_share_the_dates_of_one_another() -> None:
    frame = pl.DataFrame(
        {
            "jour": [date(2024, 12, 31), date(2025, 1, 14), date(2025, 1, 14)],
            "s": ["a", "a", "b"],
            "v": [1, 2, 3],
        }
    )
    full = with_gaps(frame, "jour", "v", "s")
    assert full.filter(pl.col("s") == "b")["v"].to_list() == [None, 3]


def test_columns_keep_the_place_of_a_missing_month() -> None:
    spec = columns(MONTHS, "mois", "valeur", Scale(), months=True)
    assert spec["encoding"]["x"]["scale"]["domain"] == ["janv. 2022", "févr. 2022", "mars 2022", "avr. 2022"]


def test_lines_break_at_gaps_and_are_labelled_at_their_end() -> None:
    spec = lines(MONTHS.with_columns(s=pl.lit("PSC")), "mois", "valeur", Scale(), series="s")
    line, _, words = spec["layer"]
    assert line["mark"]["invalid"] == "break-paths-show-domains"
    assert words["mark"]["type"] == "text"


def test_a_line_is_labelled_at_the_last_month_that_it_has() -> None:
    late = pl.DataFrame({"mois": [date(2022, 1, 1), date(2022, 2, 1)] * 2, "s": ["a", "a", "b", "b"]})
    frame = late.with_columns(valeur=pl.Series([1, 2, 3, None]))
    ends = lines(frame, "mois", "valeur", Scale(), series="s", months=True)["datasets"]["bouts"]
    assert [(row["serie"], row["nom"], row["texte"]) for row in ends] == [
        ("a", "février 2022", "2"),
        ("b", "janvier 2022", "3"),
    ]


def test_long_names_stand_below_the_lines_and_leave_them_their_room() -> None:
    for name, below in (("PSC", False), ("Toutes les régions", True), ("Logiciels Ségur commandés", True)):
        spec = lines(MONTHS.with_columns(s=pl.lit(name)), "mois", "valeur", Scale(), series="s")
        legends = [layer["encoding"]["color"]["legend"] for layer in spec["layer"]]
        assert [legend is not None for legend in legends] == [below] * len(legends)
        assert ("text" in {layer["mark"]["type"] for layer in spec["layer"]}) is not below
        # On a telephone one name a line: side by side, the last ones were cut.
        assert all(legend["columns"]["expr"] == "width < 520 ? 1 : 6" for legend in legends if legend)
        assert spec["padding"]["right"] <= 110


def test_seven_series_are_small_multiples_never_an_error() -> None:
    frame = pl.DataFrame({"mois": [date(2022, 1, 1)] * 7, "valeur": [1] * 7, "s": list("abcdefg")})
    spec = lines(frame, "mois", "valeur", Scale(), series="s", months=True)
    assert spec["facet"]["sort"] == list("abcdefg")
    assert {row["serie"] for row in rows_of(spec)} == set("abcdefg")


def test_bars_are_sorted_written_in_french_and_report_codes() -> None:
    frame = pl.DataFrame({"nom": ["a", None, "c"], "n": [1, 1234, None], "code": ["1", "2", "3"]})
    spec = bars(frame, "nom", "n", Scale(), code="code")
    rows = rows_of(spec)
    assert [row["nom"] for row in rows] == ["Non renseigné", "a", "c"]
    assert [row["texte"] for row in rows] == ["1\u202f234", "1", "—"]
    assert spec["params"][0]["name"] == PICK
    assert "params" not in bars(frame, "nom", "n", Scale())


def test_the_initial_selection_is_put_in_without_changing_the_cached_chart() -> None:
    frame = pl.DataFrame({"nom": ["a"], "n": [1], "code": ["1"]})
    spec = bars(frame, "nom", "n", Scale(), code="code")
    chosen = with_selected(spec, ["1"])
    assert chosen["params"][0]["value"] == [{"code": HELD}, {"code": "1"}]
    assert "value" not in spec["params"][0]
    assert with_selected(spec, []) is not spec


def test_picked_reads_what_the_browser_reports() -> None:
    state = {"selection": {PICK: [{"code": "67"}, {"code": "68"}, {"code": "67"}, {"autre": 1}]}}
    assert picked(state) == ("67", "68")
    assert picked(state, {"68"}.__contains__) == ("68",)
    assert picked(None) == ()
    assert picked({"selection": {PICK: {}}}) == ()
    assert picked({"selection": {PICK: [{"code": HELD}]}}) == ()


def test_a_chart_is_drawn_anew_only_when_its_filter_changed_elsewhere() -> None:
    first = Generation().follow([])
    assert first.number == 0
    reported = Generation(0, ("67",), ())
    assert reported.follow(["67"]) is reported
    elsewhere = reported.follow([])
    assert (elsewhere.number, elsewhere.initial) == (1, ())


def test_a_chart_emptied_of_what_it_started_with_is_drawn_anew() -> None:
    linked = Generation().follow(["67"])
    assert linked.told(["67", "68"]) == Generation(1, ("67", "68"), ("67",))
    assert linked.told([]) == Generation(2)
    assert Generation().told([]) == Generation()


def test_months_are_named_without_their_day() -> None:
    frame = pl.DataFrame({"m": [date(2022, 9, 1)], "n": [1]})
    assert rows_of(columns(frame, "m", "n", Scale(), months=True))[0]["nom"] == "septembre 2022"
    assert rows_of(columns(frame, "m", "n", Scale()))[0]["nom"] == "1er septembre 2022"


def test_distribution_counts_every_value_once() -> None:
    frame = pl.DataFrame({"v": [0.0, 0.9, 1.0, 5.0, None]})
    spec = distribution(frame, "v", Scale(Format.DECIMAL), noun="EPCI", classes=5)
    assert [(row["de"], row["a"], row["effectif"]) for row in rows_of(spec)] == [
        (0, 1, 2),
        (1, 2, 1),
        (5, 6, 1),
    ]


@given(st.floats(1e-6, 1e9))
def test_steps_are_round_and_not_smaller_than_asked(raw: float) -> None:
    step = nice_step(raw)
    assert step >= raw * 0.99
    assert step <= raw * 2.6
    assert f"{step:e}"[:3] in {"1.0", "2.0", "2.5", "5.0"}


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=40))
def test_every_value_falls_in_a_class(values: list[float]) -> None:
    series = pl.Series(values)
    step, start = class_step(series, 10)
    assert start <= min(values) + step
    classes = classify(series, Scale(Format.DECIMAL))
    assert len(classes.colours) == len(classes.breaks) + 1 == len(classes.labels)
    assert list(classes.breaks) == sorted(classes.breaks)
    assert all(classes.colour(value) in theme.QUANTITY for value in values)


def test_classes_of_densities_are_round_and_worded() -> None:
    classes = classify(pl.Series([4.0 + 0.08 * i for i in range(101)]), Scale(Format.DECIMAL))
    assert classes.breaks == (4.0, 6.0, 8.0, 10.0, 12.0) or len(classes.breaks) >= 4
    assert classes.labels[0].startswith("moins de ")
    assert classes.labels[-1].endswith(" et plus")
    assert classes.colour(classes.breaks[0]) == classes.colours[1]


def test_very_uneven_counts_get_ratios() -> None:
    classes = classify(pl.Series([0] * 50 + [1, 2, 3, 5, 8, 20, 60, 400, 2000]), Scale())
    assert all(str(int(b))[0] in "125" for b in classes.breaks)
    assert len(classes.breaks) == 6


def test_no_data_is_hatched_and_never_the_lightest_shade() -> None:
    classes = classify(pl.Series([1.0, 2.0]), Scale())
    assert classes.colour(None).startswith("url(#obs-hachures)")
    assert classes.colour(float("nan")) == classes.colour(None)
    assert classify(pl.Series([None], dtype=pl.Float64), Scale()).colours
    assert "pas de donnée" in legend_html(classes, "EPCI")


def test_changes_have_zero_in_the_middle() -> None:
    classes = diverging(pl.Series([-10.0, 0.0, 3.0]), Scale(Format.DECIMAL))
    assert classes.colour(0.0) == theme.DIVERGING[3]
    assert classes.colour(-100.0) == theme.DIVERGING[0]
    assert classes.colour(100.0) == theme.DIVERGING[6]
    assert theme.DIVERGING.index(classes.colour(0.5)) == 4


def test_outlines_are_planar_named_and_light(kit_view: Callable[..., View]) -> None:
    view = kit_view()
    shapes = outlines(view.data, "commune")
    assert [f["properties"]["code"] for f in shapes.features] == [
        "67001", "67002", "67003", "68001", "68002", "68003",
    ]  # fmt: skip
    assert shapes.features[0]["properties"]["nom"] == "Strasville"
    ring = shapes.features[0]["geometry"]["coordinates"][0][0]
    assert ring[0] == ring[-1]
    plane = plane_of(view.data)
    assert ring[0] == [plane.x(7.0), plane.y(48.5)]
    assert abs(ring[2][1] - ring[0][1]) == 200  # a tenth of a degree of latitude


def test_a_ring_that_shrinks_keeps_its_polygon_drawable() -> None:
    tiny = {"type": "Polygon", "coordinates": [[[7.0, 48.0], [7.00001, 48.0], [7.0, 48.00001], [7.0, 48.0]]]}
    ring = projected(tiny, Plane(7.0, 48.0))["coordinates"][0][0]
    assert len(ring) >= 4


def test_cities_are_the_largest_and_far_apart(kit_view: Callable[..., View]) -> None:
    view = kit_view()
    assert cities(view.data, 2, apart_km=5)["commune"].to_list() == ["Mulbourg", "Strasville"]
    assert cities(view.data, 9, apart_km=300)["commune"].to_list() == ["Mulbourg"]


def test_a_map_shades_each_territory_and_hatches_those_without_value(
    kit_view: Callable[..., View], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.kit.maps.maps.served", lambda: True)
    view = kit_view()
    frame = view.query(["densite_pour_10000"], ["code_commune"])
    spec, classes = choropleth(
        view, "commune", frame, "code_commune", "densite_pour_10000", Scale(Format.DECIMAL)
    )
    fills = {row["code"]: row["couleur"] for row in spec["datasets"]["valeurs"]}
    assert fills["67001"] == classes.colour(4.0)
    assert fills["68001"] == classes.colour(1.0)
    assert fills["67003"].startswith("url(#obs-hachures)")
    assert spec["layer"][0]["data"]["url"].startswith("./obs-contours/commune.json?v=")
    drawn = printable(view, spec, "commune")
    assert len(drawn["layer"][0]["data"]["values"]) == 6


def test_a_chosen_departement_fills_the_map(kit_view: Callable[..., View]) -> None:
    view = kit_view(departement=["67"])
    frame = view.query(["professionnels"], ["siren_epci"], complete=True)
    spec, _ = choropleth(view, "epci", frame, "siren_epci", "professionnels", Scale())
    assert [row["code"] for row in spec["datasets"]["valeurs"]] == ["200000001", "200000002"]
    assert [f["properties"]["code"] for f in spec["datasets"]["departements"]] == ["67"]


def test_without_the_outlines_route_a_map_carries_them(
    kit_view: Callable[..., View], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.kit.maps.maps.served", lambda: False)
    view = kit_view()
    frame = view.query(["professionnels"], ["siren_epci"])
    spec, _ = choropleth(view, "epci", frame, "siren_epci", "professionnels", Scale())
    assert [f["properties"]["nom"] for f in spec["layer"][0]["data"]["values"]] == [
        "CC de l’Est", "CC du Nord", "CA du Sud",
    ]  # fmt: skip


def test_classes_come_from_what_is_drawn(kit_view: Callable[..., View]) -> None:
    """A value outside the drawing makes no class of it: the map of one EPCI is not one colour."""
    view = kit_view(epci=["200000001"])
    communes = view.data.frame(COMMUNES)
    inside = communes.filter(pl.col("siren_epci") == "200000001")["code_commune"].to_list()
    rows = communes.select("code_commune").with_columns(
        valeur=pl.when(pl.col("code_commune").is_in(inside))
        .then(pl.col("code_commune").rank().cast(pl.Float64) / 100)
        .otherwise(1_000.0)
    )
    spec, classes = choropleth(view, "commune", rows, "code_commune", "valeur", Scale(Format.DECIMAL))
    drawn = spec["datasets"]["valeurs"]
    assert {row["code"] for row in drawn} == set(inside)
    assert len({row["couleur"] for row in drawn}) > 1
    assert max(classes.breaks) < 1


def test_labels_of_cities_never_collide() -> None:
    assert overlap(("Strasbourg", 0, 0), ("Schiltigheim", 60, 0), pixel=1.0)
    assert not overlap(("Strasbourg", 0, 0), ("Schiltigheim", 90, 0), pixel=1.0)
    assert not overlap(("Strasbourg", 0, 0), ("Schiltigheim", 0, 20), pixel=1.0)
    assert overlap(("Strasbourg", 0, 0), ("Schiltigheim", 0, 20), pixel=2.0)


def test_the_cities_named_on_a_map_are_clear_of_one_another(kit_view: Callable[..., View]) -> None:
    named = cities(kit_view().data, 9, apart_km=0.1)
    rows = list(named.iter_rows())
    height = (named["y"].max() - named["y"].min()) / 520 or 1.0
    assert len(rows) > 1
    assert not any(overlap(a, b, height * 0.5) for i, a in enumerate(rows) for b in rows[i + 1 :])


def test_a_template_gives_each_chart_its_own_values() -> None:
    frame = pl.DataFrame({"nom": ["a"], "n": [1], "code": ["1"]})
    first = bars(frame, "nom", "n", Scale(title="§titre"), code="code")
    assert first["layer"][0]["encoding"]["tooltip"][1]["title"] == "§titre"
    odd = pl.DataFrame({"mois": [date(2022, 1, 1)], "valeur": [1], "s": ["§couleurs"]})
    assert lines(odd, "mois", "valeur", Scale(), series="s")["layer"][0]["encoding"]["color"]["scale"][
        "domain"
    ] == ["§couleurs"]
    second = bars(frame, "nom", "n", Scale(title='guillemet " et § seul'), code="code")
    assert second["layer"][0]["encoding"]["tooltip"][1]["title"] == 'guillemet " et § seul'
    first["layer"].clear()
    assert bars(frame, "nom", "n", Scale(), code="code")["layer"]


@pytest.mark.parametrize(
    ("days", "written"),
    [
        ([date(2021, 3, 31), date(2021, 6, 30)], "%b %Y"),
        ([date(2021, 3, 1), date(2021, 6, 1)], "%b %Y"),
        ([date(2024, 12, 3), date(2024, 12, 31)], "%-d %b %Y"),
    ],
)
def test_ends_of_quarters_are_said_by_their_month(days: list[date], written: str) -> None:
    spec = lines(pl.DataFrame({"jour": days, "valeur": [1.0, 2.0]}), "jour", "valeur", Scale())
    assert spec["layer"][0]["encoding"]["x"]["axis"]["format"] == written


def test_what_most_pages_draw_is_built_before_the_first_reader() -> None:
    list(prepare())
    built = charts._bars.cache_info().misses
    frame = pl.DataFrame({"nom": ["a", "b"], "code": ["1", "2"], "v": [1.0, 2.0]})
    assert bars(frame, "nom", "v", Scale(), code="code")["datasets"]["barres"][0]["nom"] == "b"
    assert charts._bars.cache_info().misses == built
