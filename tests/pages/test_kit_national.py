"""The whole country on a map, months chosen by clicks, rings, and what labels take away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from math import hypot
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kit.charts.ring import OTHERS, ring
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column
from apps.kit.data.data import Data
from apps.kit.data.state import Scope, State
from apps.kit.data.view import View
from apps.kit.maps.france import KM, MESHES, Conic, Inset, ground, outlines_of
from apps.kit.maps.maps import choropleth, printable
from apps.kit.pages.picking import applied, period_of, selected
from apps.kit.style import french
from apps.kit.views.parts import folded
from lake.catalog.territoires import DEPARTEMENTS, REGIONS
from lake.settings import Settings
from lake.tables import Lake
from scoring.universes.model import Format
from scoring.universes.segur import SEGUR
from scoring.universes.selection import Selection

JANUARY, FEBRUARY, MARCH, APRIL = (date(2022, month, 1) for month in (1, 2, 3, 4))


@pytest.fixture
def segur_view(petit_lake: Path) -> Callable[..., View]:
    """``segur_view(region=["44"])``: what a page of the universe reads."""
    data = Data(Lake(Settings(lake=str(petit_lake))))

    def see(du: date | None = None, au: date | None = None, **filters: list[str]) -> View:
        scope = Scope("essai", ("region", "departement"), monthly=True)
        return View("Essai", data.universe(SEGUR), State(Selection(filters, None, du, au)), data, scope)

    return see


def corners(features: list[dict[str, object]]) -> tuple[list[int], list[int]]:
    points = [
        point
        for feature in features
        for polygon in feature["geometry"]["coordinates"]  # type: ignore[index]
        for ring_ in polygon
        for point in ring_
    ]
    return [x for x, _ in points], [y for _, y in points]


def test_distances_on_the_national_map_are_those_of_the_ground() -> None:
    conic = Conic()
    paris, marseille = conic.point(2.3522, 48.8566), conic.point(5.3698, 43.2965)
    assert hypot(paris[0] - marseille[0], paris[1] - marseille[1]) / KM == pytest.approx(661, rel=0.01)
    assert conic.point(3.0, 46.5) == (0, 0)
    assert conic.point(3.0, 48.0)[0] == 0


def test_an_inset_fills_its_box() -> None:
    inset = Inset.fitting([(55.2, -21.4), (55.8, -20.8)], -900.0, 100.0, 150.0)
    top, bottom = inset.point(55.5, -20.8), inset.point(55.5, -21.4)
    assert (top[1], bottom[1]) == (100 * KM, -50 * KM)
    assert top[0] == pytest.approx((-900 + 75) * KM, abs=2)


@pytest.mark.parametrize(
    ("mesh", "table", "code"),
    [("region", REGIONS, "code_region"), ("departement", DEPARTEMENTS, "code_departement")],
)
def test_every_territory_of_the_country_is_drawn(
    segur_view: Callable[..., View], mesh: str, table: object, code: str
) -> None:
    view = segur_view()
    shown = ground(view, mesh)
    assert set(shown.codes) == set(view.data.frame(table)[code])  # type: ignore[arg-type]
    assert {"Mayotte", "Polynésie fr.", "Nlle-Calédonie"} <= {inset["nom"] for inset in shown.insets}
    overseas = {"region": ["01", "02", "03", "04", "06"], "departement": ["971", "972", "973", "974", "976"]}
    outlines = outlines_of(view.data, f"france-{mesh}")
    west, _ = corners(outlines.of(overseas[mesh]))
    mainland = [c for c in shown.codes if c not in overseas[mesh] and len(c) == 2]
    east, _ = corners(outlines.of(mainland))
    assert max(west) < min(east), "overseas stand beside metropolitan France, not on it"


def test_a_chosen_region_fills_the_map_of_departements(segur_view: Callable[..., View]) -> None:
    shown = ground(segur_view(region=["44"]), "departement")
    assert shown.codes == ["08", "10", "51", "52", "54", "55", "57", "67", "68", "88"]
    assert (shown.insets, shown.places) == ([], [])
    assert [f["properties"]["nom"] for f in shown.borders] == ["Grand Est"]


def test_a_national_map_prints_with_its_own_outlines(segur_view: Callable[..., View]) -> None:
    view = segur_view()
    values = pl.DataFrame({"code": ["44", "988", "06"], "taux": [0.3, None, 0.1]})
    spec, classes = choropleth(
        view, "region", values, "code", "taux", Scale(Format.SHARE), ground=ground(view, "region")
    )
    fills = {row["code"]: row for row in spec["datasets"]["valeurs"]}
    assert fills["44"]["couleur"] == classes.colour(0.3)
    assert fills["988"]["texte"] == "pas de donnée"
    inside = printable(view, spec, MESHES[0])["layer"][0]["data"]["values"]
    assert {feature["properties"]["code"] for feature in inside} == set(fills)


def test_clicks_on_months_make_a_period() -> None:
    assert period_of([], [MARCH]) == (MARCH, MARCH)
    assert period_of([JANUARY], [JANUARY, APRIL]) == (JANUARY, APRIL)
    assert period_of([JANUARY], []) == (None, None)
    whole = [JANUARY, FEBRUARY, MARCH, APRIL]
    assert period_of(whole, [FEBRUARY, MARCH, APRIL]) == (FEBRUARY, APRIL)
    assert period_of(whole, [JANUARY, FEBRUARY, MARCH]) == (JANUARY, MARCH)
    assert period_of(whole, [JANUARY, MARCH, APRIL]) == (MARCH, APRIL)
    assert period_of(whole, [JANUARY, MARCH]) == (
        JANUARY,
        JANUARY,
    )  # cut in two places, none left after the last


@given(st.lists(st.dates(date(2020, 1, 1), date(2023, 1, 1)), min_size=1, unique=True))
def test_added_months_are_all_in_the_period(months: list[date]) -> None:
    start, end = period_of([], months)
    assert start is not None
    assert end is not None
    assert all(start <= month <= end for month in months)


def test_a_chosen_period_shows_on_its_histogram(segur_view: Callable[..., View]) -> None:
    view = segur_view(date(2022, 2, 1), date(2022, 4, 1))
    assert selected(view, "mois") == ("2022-02-01", "2022-03-01", "2022-04-01")
    assert selected(segur_view(), "mois") == ()
    narrowed = applied(view, view.selection, "mois", ["2022-02-01", "2022-03-01"])
    assert (narrowed.du, narrowed.au) == (FEBRUARY, MARCH)
    assert view.filters_in_words() == [("Période", "de février 2022 à avril 2022")]


def test_a_click_on_another_region_drops_the_departements_outside(segur_view: Callable[..., View]) -> None:
    view = segur_view(region=["44"], departement=["67"])
    assert applied(view, view.selection, "region", ["11"]) == Selection({"region": ["11"]})
    both = applied(view, view.selection, "region", ["11", "44"])
    assert both == Selection({"region": ["11", "44"], "departement": ["67"]})


def test_a_view_apart_from_time_leaves_the_period_out(segur_view: Callable[..., View]) -> None:
    view = segur_view(MARCH, APRIL, region=["44"])
    assert view.selection_apart(["mois"]) == Selection({"region": ["44"]})
    months = view.query(["psc_connexions"], ["mois"], apart=["mois"])["mois"]
    assert (months.min(), months.max(), len(months)) == (date(2020, 12, 1), date(2022, 11, 1), 24)


def test_a_ring_names_six_parts_at_most() -> None:
    frame = pl.DataFrame({"type": list("abcdefgh"), "valeur": [40, 20, 10, 10, 8, 6, 4, 2]})
    parts = folded(frame, "type", "type", "valeur", 100)
    shades = dict.fromkeys(parts["code"].to_list(), "#000000")
    rows = ring(parts, Scale(), total=100.0, colours=shades)["datasets"]["parts"]
    assert [row["nom"] for row in rows] == ["a", "b", "c", "d", "e", OTHERS]
    assert rows[0]["mots"] == "a (40\u202f%)"
    assert rows[-1]["valeur"] == 12
    assert rows[-1]["code"] == ""


def test_a_relative_change_has_arrow_word_and_sign() -> None:
    assert french.movement(0.032) == "▲ hausse +3,2\u202f%"
    assert french.movement(-0.5) == "▼ baisse −50,0\u202f%"
    assert french.movement(0.0002) == "= stable"
    column = Column("e", "Évolution", Format.SHARE, change=True, relative=True)
    assert column.write(0.25) == "▲ hausse +25,0\u202f%"
    assert column.write(None) == french.ABSENT
