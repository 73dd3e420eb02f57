"""Potential accessibility: a case worked by hand, its properties, its summaries, what it refuses."""

from __future__ import annotations

import doctest
import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.errors import LakeError
from lake.geo import EARTH_KM, distance_km
from scoring.reach.asked import age_bands
from scoring.reach.floating import (
    AGE_WEIGHTS,
    VALUE,
    Parametres,
    accessibility,
    demand,
    neighbourhood,
    supply,
)
from scoring.reach.proximity import Trajet, areas, nearest, pairs_within
from scoring.reach.summary import (
    by_territory,
    distribution,
    mean,
    quantiles,
    under,
    worst_served,
)

METHODS = Path(__file__).parents[2] / "docs" / "methodes"
DEGREE_KM = math.radians(1) * EARTH_KM
# One kilometre of great circle is one minute, and journeys inside a commune are immediate.
MINUTE_A_KM = Parametres(Trajet(vitesse_km_h=60, detour=1, part_rayon_intra=0))


def communes(kilometres: dict[str, float], population: dict[str, int] | None = None) -> pl.DataFrame:
    """Communes along the equator, at these kilometres from Greenwich."""
    return pl.DataFrame(
        {
            "code_commune": list(kilometres),
            "longitude": [km / DEGREE_KM for km in kilometres.values()],
            "latitude": [0.0] * len(kilometres),
            "population": [(population or {}).get(code, 0) for code in kilometres],
        }
    )


def heads(**offre: float) -> pl.DataFrame:
    return pl.DataFrame(
        {"code_commune": list(offre), "offre": list(offre.values())},
        schema={"code_commune": pl.String, "offre": pl.Float64},
    )


PLACES = communes({"A": 0, "B": 8, "C": 20}, {"A": 1000, "B": 2000, "C": 500})


def test_the_case_worked_by_hand() -> None:
    result = accessibility(neighbourhood(PLACES, MINUTE_A_KM), demand(PLACES), heads(A=2, B=1))
    # R_A = 2 / (1000 + 0.3 × 2000) ; R_B = 1 / (2000 + 0.3 × 1000 + 0.1 × 500)
    r_a, r_b = 2 / 1600, 1 / 2350
    expected = [10_000 * (r_a + 0.3 * r_b), 10_000 * (0.3 * r_a + r_b), 10_000 * 0.1 * r_b]
    assert result.communes["code_commune"].to_list() == ["A", "B", "C"]
    assert result.communes[VALUE].to_list() == pytest.approx(expected, rel=1e-12)
    assert result.communes[VALUE].to_list() == pytest.approx([13.7766, 8.0053, 0.4255], abs=1e-4)
    assert (result.offre_totale, result.offre_a_portee) == (3.0, 3.0)
    assert (result.offre_sans_commune, result.offre_hors_portee) == (0.0, 0.0)


@pytest.mark.parametrize("name", ["accessibilite.md"])
def test_the_example_of_the_documentation_runs(name: str) -> None:
    outcome = doctest.testfile(str(METHODS / name), module_relative=False, encoding="utf-8")
    assert outcome.attempted >= 5
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("minutes", "weight"),
    [(0, 1), (4.99, 1), (5, 0.3), (9.99, 0.3), (10, 0.1), (14.99, 0.1), (15, 0), (99, 0)],
)
def test_a_bound_belongs_to_the_step_after_it(minutes: float, weight: float) -> None:
    assert Parametres().weights(np.array([float(minutes)])).tolist() == [weight]


def test_other_steps_reach_further() -> None:
    far = Parametres(MINUTE_A_KM.trajet, (10.0, 25.0), (1.0, 0.5))
    result = accessibility(neighbourhood(PLACES, far), demand(PLACES), heads(A=1))
    r_a = 1 / (1000 + 2000 + 0.5 * 500)  # B is at 8 min, C at 20
    assert result.communes[VALUE].to_list() == pytest.approx([10_000 * r_a, 10_000 * r_a, 5_000 * r_a])


def test_minutes_are_the_distance_lengthened_and_driven() -> None:
    trajet = Trajet(vitesse_km_h=40, detour=1.5)
    assert trajet.minutes(np.array([10.0])).tolist() == pytest.approx([10 * 1.5 / 40 * 60])
    assert trajet.km(22.5) == pytest.approx(10)


def test_journeys_inside_a_commune_come_from_its_area() -> None:
    places = communes({"A": 0, "B": 100}).with_columns(superficie_km2=pl.Series([math.pi * 9, None]))
    near = neighbourhood(places, Parametres(Trajet(vitesse_km_h=60, detour=1, part_rayon_intra=2 / 3)))
    own = dict(zip(near.depart.tolist(), near.temps_min.tolist(), strict=True))
    # The disc of A has a radius of 3 km. B's area is unknown and it has no neighbour within reach.
    assert own == pytest.approx({0: 2.0, 1: 0.0})


def test_an_unknown_area_is_read_from_the_nearest_centre() -> None:
    near = neighbourhood(PLACES, Parametres(Trajet(vitesse_km_h=60, detour=1, part_rayon_intra=0.5)))
    own = {int(i): t for i, j, t in zip(near.depart, near.arrivee, near.temps_min, strict=True) if i == j}
    assert own == pytest.approx({0: 2.0, 1: 2.0, 2: 3.0})  # half of 8, 8 and 12 km, then half of that


# -- population and supply ----------------------------------------------------------------------------


def test_the_age_bands_are_the_published_ones() -> None:
    assert [age for age, _ in AGE_WEIGHTS] == list(range(0, 95, 5))
    assert dict(AGE_WEIGHTS)[85] == 2.84


def test_a_person_in_several_communes_is_shared() -> None:
    rows = pl.LazyFrame(
        {
            "identification_nationale_pp": ["1", "1", "1", "2", "2", "3", "4"],
            "code_commune": ["A", "A", "B", "B", None, None, "B"],
        }
    )
    found = dict(supply(rows).iter_rows())
    # 1 is half in A and half in B (two rows in A count once); 2 is in B only; 3 is nowhere; 4 is in B.
    assert found == {None: 1.0, "A": 0.5, "B": 2.5}


def test_what_is_left_out_is_counted() -> None:
    places = pl.concat([PLACES, PLACES[:1].with_columns(code_commune=pl.lit("Z"), longitude=None)])
    offre = pl.concat([heads(A=2, Z=3, X=5), pl.DataFrame({"code_commune": [None], "offre": [7.0]})])
    desert = places.with_columns(population=pl.when(pl.col("code_commune") == "Z").then(40).otherwise(0))
    near = neighbourhood(places, MINUTE_A_KM)
    assert near.sans_centre == ("Z",)
    result = accessibility(near, demand(desert), offre)
    assert (result.offre_totale, result.offre_sans_commune) == (17.0, 15.0)
    assert (result.offre_hors_portee, result.offre_a_portee) == (2.0, 0.0)
    assert result.population_sans_centre == 40
    assert result.communes[VALUE].to_list() == [0.0, 0.0, 0.0]


# -- properties ---------------------------------------------------------------------------------------

sizes = st.integers(2, 12)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame]:
    count = draw(sizes)
    codes = [f"{rank:05d}" for rank in range(count)]
    degrees = st.floats(0, 0.4, allow_nan=False)
    places = pl.DataFrame(
        {
            "code_commune": codes,
            "longitude": [7 + draw(degrees) for _ in codes],
            "latitude": [48 + draw(degrees) for _ in codes],
            "population": [draw(st.integers(0, 50_000)) for _ in codes],
            "superficie_km2": [draw(st.one_of(st.none(), st.floats(1, 150))) for _ in codes],
        },
        schema_overrides={"superficie_km2": pl.Float64},
    )
    offre = heads(**{code: draw(st.floats(0, 300)) for code in codes})
    return places, offre


@given(worlds(), st.integers(0, 11), st.floats(0, 50))
def test_more_supply_never_lowers_it(
    world: tuple[pl.DataFrame, pl.DataFrame], rank: int, more: float
) -> None:
    places, offre = world
    near, people = neighbourhood(places), demand(places)
    code = offre["code_commune"][rank % offre.height]
    raised = offre.with_columns(offre=pl.col("offre") + more * (pl.col("code_commune") == code))
    before = accessibility(near, people, offre).communes[VALUE].to_numpy()
    after = accessibility(near, people, raised).communes[VALUE].to_numpy()
    assert (after >= before).all()


@given(worlds(), st.floats(0.01, 100))
def test_scaling_the_population_divides_it(world: tuple[pl.DataFrame, pl.DataFrame], k: float) -> None:
    places, offre = world
    near, people = neighbourhood(places), demand(places)
    scaled = people.with_columns(demande=pl.col("demande") * k)
    before = accessibility(near, people, offre).communes[VALUE].to_numpy()
    after = accessibility(near, scaled, offre).communes[VALUE].to_numpy()
    assert after == pytest.approx(before / k, rel=1e-9)


@given(worlds())
def test_demand_times_accessibility_closes_on_the_supply_within_reach(
    world: tuple[pl.DataFrame, pl.DataFrame],
) -> None:
    places, offre = world
    result = accessibility(neighbourhood(places), demand(places), offre)
    closed = float((result.communes["demande"] * result.communes[VALUE]).sum()) / 10_000
    assert closed == pytest.approx(result.offre_a_portee, rel=1e-9, abs=1e-9)
    parts = result.offre_a_portee + result.offre_hors_portee + result.offre_sans_commune
    assert parts == pytest.approx(result.offre_totale, rel=1e-9, abs=1e-9)


@given(worlds(), st.floats(0.1, 40))
def test_pairs_are_those_that_a_full_comparison_finds(
    world: tuple[pl.DataFrame, pl.DataFrame], km: float
) -> None:
    places, _ = world
    lon, lat = places["longitude"].to_numpy(), places["latitude"].to_numpy()
    i, j, d = pairs_within(lon, lat, km)
    full = distance_km(lon[:, None], lat[:, None], lon[None], lat[None])
    wanted = {(a, b) for a, b in zip(*np.nonzero(full < km), strict=True) if a != b}
    assert set(zip(i.tolist(), j.tolist(), strict=True)) == wanted
    assert d == pytest.approx(full[i, j])


# -- summaries ----------------------------------------------------------------------------------------

RESULT = pl.DataFrame(
    {
        "code_commune": ["A", "B", "C", "D"],
        "population": [100, 300, 0, 600],
        "demande": [100.0, 300.0, 0.0, 600.0],
        "offre": [1.0, 0.0, 2.0, 4.0],
        VALUE: [1.0, 2.0, 0.0, 4.0],
    }
)


def test_the_population_under_a_threshold() -> None:
    found = under(RESULT, 2.0)
    assert (found.communes, found.population, found.part_taux) == (2, 100, 0.1)
    assert under(RESULT.head(0), 2.0).part_taux is None


def test_territories_are_weighted_means_the_least_served_first() -> None:
    rows = RESULT.with_columns(territoire=pl.Series(["x", "x", "y", None]))
    assert by_territory(rows, "territoire", 2.0).rows() == [
        ("x", 2, 400, 1.0, (100 * 1.0 + 300 * 2.0) / 400, 1, 100, 0.25),
        ("y", 1, 0, 2.0, None, 1, 0, None),
    ]


def test_parameters_travel_in_a_link() -> None:
    own = Parametres(Trajet(40, 1.5, 0.5), (10.0, 20.0), (1.0, 0.5))
    assert Parametres.from_dict(json.loads(json.dumps(own.to_dict()))) == own
    assert Parametres.from_dict({}) == Parametres()
    for values in ({"detour": "1,3"}, {"poids": "1"}, {"poids": [True, 1, 1]}, {"bornes_min": [1.0]}):
        with pytest.raises(LakeError):
            Parametres.from_dict(values)


def test_quantiles_are_of_inhabitants_not_of_communes() -> None:
    assert quantiles(RESULT, (0.1, 0.25, 0.4, 0.5, 1.0))[VALUE].to_list() == [1.0, 2.0, 2.0, 4.0, 4.0]
    assert mean(RESULT) == pytest.approx((100 + 600 + 2400) / 1000)
    assert mean(RESULT.head(0)) is None


def test_distribution_counts_everyone_once() -> None:
    rows = distribution(RESULT, (1, 2, 3)).rows()
    assert rows == [(0.0, 1.0, 1, 0), (1.0, 2.0, 1, 100), (2.0, 3.0, 1, 300), (3.0, None, 1, 600)]


def test_the_worst_served_first() -> None:
    assert worst_served(RESULT, 2)["code_commune"].to_list() == ["C", "A"]
    assert worst_served(RESULT, 5, population_min=1)["code_commune"].to_list() == ["A", "B", "D"]


def test_the_nearest_is_itself_when_it_is_one() -> None:
    found = nearest(PLACES, PLACES.filter(pl.col("code_commune") != "A"), MINUTE_A_KM.trajet)
    assert found["code_commune_proche"].to_list() == ["B", "B", "C"]
    assert found["temps_min"].to_list() == pytest.approx([8, 0, 0])
    assert found["distance_km"].to_list() == pytest.approx([8, 0, 0])
    alone = nearest(PLACES, PLACES.head(0))
    assert alone["distance_km"].to_list() == [None] * 3


def test_the_area_of_a_quadrangle() -> None:
    ring = [[7, 48], [7, 48.1], [7.1, 48.1], [7.1, 48], [7, 48]]
    hole = [[7.02, 48.02], [7.04, 48.02], [7.04, 48.04], [7.02, 48.04], [7.02, 48.02]]
    text = f'{{"type":"Polygon","coordinates":[{ring}]}}'
    pierced = f'{{"type":"MultiPolygon","coordinates":[[{ring},{hole}]]}}'
    found = areas(pl.DataFrame({"code": ["A", "B"], "geojson": [text, pierced]}))["superficie_km2"].to_list()
    exact = EARTH_KM**2 * math.radians(0.1) * (math.sin(math.radians(48.1)) - math.sin(math.radians(48)))
    inner = EARTH_KM**2 * math.radians(0.02) * (math.sin(math.radians(48.04)) - math.sin(math.radians(48.02)))
    assert found == pytest.approx([exact, exact - inner], rel=1e-9)


def test_one_degree_of_latitude_is_111_km() -> None:
    one = distance_km(np.array([7.0]), np.array([48.0]), np.array([7.0]), np.array([49.0]))
    assert one.tolist() == pytest.approx([111.195], abs=0.001)


# -- refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Parametres(bornes_min=(5.0, 10.0)), "un poids par palier"),
        (lambda: Parametres(bornes_min=(5.0, 5.0, 10.0)), "doivent croître"),
        (lambda: Parametres(bornes_min=(5.0, 10.0, 500.0)), "120 minutes"),
        (lambda: Parametres(poids=(0.1, 0.3, 1.0)), "ne croissent pas"),
        (lambda: Trajet(vitesse_km_h=0), "vitesse"),
        (lambda: Trajet(detour=0.5), "détour"),
        (lambda: Trajet(part_rayon_intra=-1), "rayon"),
        (lambda: neighbourhood(PLACES.with_columns(latitude=pl.lit(None, pl.Float64))), "centre connu"),
        (lambda: neighbourhood(pl.concat([PLACES, PLACES])), "deux fois"),
        (lambda: accessibility(neighbourhood(PLACES), demand(PLACES), heads(A=-1)), "négative"),
        (
            lambda: demand(PLACES, pl.DataFrame({"code_commune": ["A"], "age": [-1], "population": [3]})),
            "négatif",
        ),
        (lambda: distribution(RESULT, (2, 1)), "croître"),
    ],
)
def test_what_has_no_meaning_is_refused_in_french(make: object, said: str) -> None:
    with pytest.raises(LakeError, match=said):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("seed", range(4))
def test_rows_in_another_order_give_the_same_digits(seed: int) -> None:
    """Communes that are equal stay equal: a difference in the last digit would order them at random."""
    rng = np.random.default_rng(7)
    names = [f"{rank:02d}" for rank in range(12)]
    places = communes(
        {name: 3.0 * rank for rank, name in enumerate(names)},
        dict(zip(names, rng.integers(1, 9_000, 12).tolist(), strict=True)),
    )
    activities = pl.DataFrame(
        {
            "identification_nationale_pp": rng.integers(0, 1_500, 4_000).astype(str),
            "code_commune": rng.choice(names, 4_000),
        }
    )
    census = pl.DataFrame(  # people are counted in fractions by a census of samples
        {
            "code_commune": names * 90,
            "age": np.repeat(np.arange(90), 12),
            "population": rng.random(12 * 90) * 300,
            "annee": 2021,
        }
    )

    def found(order: int | None) -> tuple[pl.DataFrame, pl.DataFrame]:
        def put(frame: pl.DataFrame) -> pl.DataFrame:
            return frame if order is None else frame.sample(fraction=1.0, shuffle=True, seed=order)

        ages = age_bands(put(census).lazy()).collect().drop("annee")
        asking = demand(put(places), put(ages))
        result = accessibility(
            neighbourhood(places, MINUTE_A_KM), asking, supply(put(activities).lazy())
        ).communes
        lots = put(result).with_columns(lot=pl.col("code_commune").cast(pl.Int64) % 3)
        return result, by_territory(lots, "lot", 5.0)

    for one, other in zip(found(None), found(seed), strict=True):
        assert one.equals(other)


def test_communes_that_differ_by_less_than_can_be_counted_are_ordered_by_their_inhabitants() -> None:
    rows = pl.DataFrame(
        {"code_commune": ["01", "02", "03"], "population": [10, 900, 50], VALUE: [0.1 + 0.2, 0.3, 0.2]}
    )
    assert rows[VALUE][0] > rows[VALUE][1]
    assert worst_served(rows, 3)["code_commune"].to_list() == ["03", "02", "01"]
    near = rows.with_columns(pl.Series(VALUE, [0.3, 0.1 + 0.2, 0.2]))
    assert worst_served(near, 3)["code_commune"].to_list() == ["03", "02", "01"]
