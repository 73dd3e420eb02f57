"""Accessibility with a demand standardised by age: a case worked by hand, and its properties."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.catalog.ages import POPULATION
from lake.catalog.territoires import COMMUNES, CONTOURS
from lake.contract import Table
from lake.errors import LakeError, MissingTable
from lake.geo import EARTH_KM
from scoring.reach.asked import AGES, TOTALE, terrain
from scoring.reach.floating import AGE_WEIGHTS, VALUE, Parametres, accessibility, demand, neighbourhood
from scoring.reach.proximity import Trajet

DEGREE_KM = math.radians(1) * EARTH_KM
MINUTE_A_KM = Parametres(Trajet(vitesse_km_h=60, detour=1, part_rayon_intra=0))
PLACES = pl.DataFrame(
    {
        "code_commune": ["A", "B", "C"],
        "longitude": [km / DEGREE_KM for km in (0, 8, 20)],
        "latitude": [0.0] * 3,
        "population": [1000, 2000, 500],
    }
)
OFFRE = pl.DataFrame({"code_commune": ["A", "B"], "offre": [2.0, 1.0]})
# The census is older: it gives the structure (half as many people in B), not the numbers.
CENSUS = pl.DataFrame(
    {
        "code_commune": ["A", "A", "B", "C", "C"],
        "age": [20, 84, 42, 2, 30],
        "population": [600.0, 400.0, 1000.0, 250.0, 250.0],
    }
)


def test_the_case_worked_by_hand() -> None:
    # Use of care: A 0.6 × 0.54 + 0.4 × 2.12 = 1.172; B 0.75; C (1.27 + 0.67) / 2 = 0.97.
    # Mean over the 3500 inhabitants: (1172 + 1500 + 485) / 3500 = 0.902.
    rows = demand(PLACES, CENSUS)
    assert rows["demande"].to_list() == pytest.approx([1172 / 0.902, 1500 / 0.902, 485 / 0.902])
    assert rows["demande"].sum() == pytest.approx(3500)
    assert rows["standardisee"].to_list() == [True] * 3
    result = accessibility(neighbourhood(PLACES, MINUTE_A_KM), rows, OFFRE)
    r_a = 2 / (1299.3348 + 0.3 * 1662.9712)
    r_b = 1 / (1662.9712 + 0.3 * 1299.3348 + 0.1 * 537.6940)
    expected = [10_000 * (r_a + 0.3 * r_b), 10_000 * (0.3 * r_a + r_b), 10_000 * 0.1 * r_b]
    assert result.communes[VALUE].to_list() == pytest.approx(expected, rel=1e-6)
    assert result.communes[VALUE].to_list() == pytest.approx([12.5462, 8.0837, 0.4747], abs=1e-4)
    assert float((result.communes["demande"] * result.communes[VALUE]).sum()) == pytest.approx(30_000)


def test_a_commune_without_ages_keeps_its_population_and_stays_out_of_the_mean() -> None:
    rows = demand(PLACES, CENSUS.filter(pl.col("code_commune") != "C"))
    mean = (1172 + 1500) / 3000
    assert rows["demande"].to_list() == pytest.approx([1172 / mean, 1500 / mean, 500.0])
    assert rows["standardisee"].to_list() == [True, True, False]
    nobody = demand(PLACES, CENSUS.with_columns(population=pl.lit(0.0)))
    assert nobody["demande"].to_list() == [1000.0, 2000.0, 500.0]
    assert not nobody["standardisee"].any()
    empty = demand(PLACES.with_columns(population=pl.lit(None, pl.Int64)), CENSUS)
    assert empty["demande"].to_list() == [0.0, 0.0, 0.0]


pyramids = st.lists(st.floats(0.5, 1_000), min_size=len(AGE_WEIGHTS), max_size=len(AGE_WEIGHTS))


def census(**structures: list[float]) -> pl.DataFrame:
    return pl.concat(
        pl.DataFrame({"code_commune": code, "age": [age for age, _ in AGE_WEIGHTS], "population": counts})
        for code, counts in structures.items()
    )


@settings(max_examples=40)
@given(pyramids, st.floats(0.1, 10), st.floats(0.1, 10))
def test_equal_age_structures_give_the_result_without_ages(counts: list[float], k: float, m: float) -> None:
    same = census(A=counts, B=[k * n for n in counts], C=[m * n for n in counts])
    rows = demand(PLACES, same)
    assert rows["demande"].to_list() == pytest.approx(PLACES["population"].to_list(), rel=1e-9)


@settings(max_examples=40)
@given(pyramids, pyramids, pyramids, st.integers(2, 50))
def test_it_closes_and_scaling_everyone_divides_it(
    a: list[float], b: list[float], c: list[float], k: int
) -> None:
    ages, near = census(A=a, B=b, C=c), neighbourhood(PLACES, MINUTE_A_KM)
    rows = demand(PLACES, ages)
    assert float(rows["demande"].sum()) == pytest.approx(3500)
    result = accessibility(near, rows, OFFRE)
    closed = float((result.communes["demande"] * result.communes[VALUE]).sum()) / 10_000
    assert closed == pytest.approx(result.offre_a_portee) == pytest.approx(3.0)
    more = demand(PLACES.with_columns(pl.col("population") * k), ages)
    after = accessibility(near, more, OFFRE).communes[VALUE].to_list()
    assert after == pytest.approx([value / k for value in result.communes[VALUE]], rel=1e-9)


# -- which population is used, and said ---------------------------------------------------------------


def scan(table: Table) -> pl.LazyFrame:
    if table is COMMUNES:
        return PLACES.lazy()
    if table is CONTOURS:
        return CONTOURS.empty().lazy()
    if table is POPULATION:
        return CENSUS.filter(pl.col("code_commune") != "C").with_columns(annee=pl.lit(2021)).lazy()
    raise AssertionError(table.name)


def without_ages(table: Table) -> pl.LazyFrame:
    if table is POPULATION:
        raise MissingTable("Jamais publiée.")
    return scan(table)


def test_ages_are_used_where_they_are_ingested_and_said() -> None:
    used = terrain(scan, MINUTE_A_KM)
    assert used.demande["demande"].to_list() == pytest.approx(
        [1172 / (2672 / 3000), 1500 / (2672 / 3000), 500]
    )
    assert (used.population.base, used.population.annee) == (AGES, 2021)
    words = used.population.words(generalistes=True)
    assert "standardisée par âge : âges du recensement 2021" in words
    assert "1 commune habitée sans âges connus, sur 3, garde leur population totale." in words
    assert "approximation" not in words
    assert "médecins généralistes : pour d'autres" in used.population.words(generalistes=False)


def test_the_total_population_is_used_by_choice_or_for_want_of_ages() -> None:
    chosen = terrain(scan, MINUTE_A_KM, TOTALE)
    assert chosen.demande["demande"].to_list() == [1000.0, 2000.0, 500.0]
    assert chosen.population.words(generalistes=True).endswith("totale (INSEE, 2023) : par choix.")
    forced = terrain(without_ages, MINUTE_A_KM)
    assert forced.population.base == TOTALE
    assert "aucune population par âge n'est ingérée" in forced.population.words(generalistes=True)
    with pytest.raises(LakeError, match="obs ingest ages"):
        terrain(without_ages, MINUTE_A_KM, AGES)
    with pytest.raises(LakeError, match="« jeunes » n'est pas une population"):
        terrain(scan, MINUTE_A_KM, "jeunes")
