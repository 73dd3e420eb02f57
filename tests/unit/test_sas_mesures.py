"""Coverage, forecast, demands: the examples of the method worked by hand, and what must hold whatever the figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.sas.mesures.couverture import HORIZONS_MIN, Offertes, Portee, atteignables, couverture, heures
from scoring.sas.mesures.demandes import demandes, levier, publiees
from scoring.sas.mesures.prevision import nettes, prevoir

POPULATION = np.array([10_000, 4000, 1000])
LIMIT = np.full(3, 30.0)
NOW = np.array([0.0])  # 14:00


@dataclass
class Site:
    """A place: minutes from each commune; when its seats begin, until when one may arrive, how many they are."""

    journeys: list[float]
    begins: list[float]
    lasts: list[float]
    seats: int = 1


def slots(journeys: list[float], *begins: float) -> Site:
    return Site(journeys, list(begins), list(begins))


def reached(
    *sites: Site, limit: np.ndarray = LIMIT, population: np.ndarray = POPULATION, instants: np.ndarray = NOW
) -> tuple[np.ndarray, np.ndarray]:
    near = [
        (commune, rank, minutes)
        for rank, site in enumerate(sites)
        for commune, minutes in enumerate(site.journeys)
        if minutes <= limit[commune]
    ]
    columns = [np.array(one) for one in zip(*near, strict=True)] if near else [np.zeros(0, int)] * 3
    seats = [
        (rank, *one, s.seats) for rank, s in enumerate(sites) for one in zip(s.begins, s.lasts, strict=True)
    ]
    offered = [np.array(one) for one in zip(*seats, strict=True)] if seats else [np.zeros(0, int)] * 4
    return atteignables(Portee.of(*columns, population), Offertes(*offered), population, instants)


X = slots([0, 20, 40], 90)  # in A, at 15:30
Y = slots([20, 0, 15], 330)  # in B, at 19:30


def covered(*sites: Site) -> list[float]:
    seats, _ = reached(*sites)
    return [round(float(one), 4) for one in couverture(seats, POPULATION)[0]]


def test_coverage_of_the_example() -> None:
    """A and B by X within 2 h: 93.3 %; C by Y within 6 h: 100 %; without Y, 93.3 % again."""
    assert list(HORIZONS_MIN) == ["2h", "4h", "6h", "12h"]
    assert covered(X, Y) == [0.9333, 0.9333, 1.0, 1.0]
    assert covered(X) == [0.9333] * 4
    assert covered() == [0.0] * 4


def test_who_leaves_now_must_arrive_in_time() -> None:
    assert covered(slots([0, 20, 40], 15)) == [0.6667] * 4  # B is 20 minutes away from a slot in 15
    # Open since 13:00, until 14:20: B arrives for the last consultation; until 14:19, no longer.
    assert covered(Site([0, 20, 40], [-60], [20], 3))[0] == 0.9333
    assert covered(Site([0, 20, 40], [-60], [19], 3))[0] == 0.6667


def test_each_commune_has_its_own_radius_and_nobody_lives_in_some() -> None:
    seats, shares = reached(
        slots([10, 10, 50], 90), limit=np.array([5.0, 30.0, 60.0]), population=np.array([10_000, 0, 1000])
    )
    assert seats[:, 0, 0].tolist() == [0, 1, 1]
    assert shares[:, 0, 0].tolist() == [0, 0, 1]


_minutes = st.integers(-100, 800)
_sites = st.lists(
    st.builds(
        lambda journeys, seats, count: Site(
            journeys, [a for a, _ in seats], [a + b for a, b in seats], count
        ),
        st.lists(st.integers(0, 60), min_size=3, max_size=3),
        st.lists(st.tuples(_minutes, st.sampled_from([0, 0, 30, 240])), max_size=4),
        st.integers(1, 3),
    ),
    max_size=4,
)


@given(_sites)
@settings(max_examples=80)
def test_coverage_is_the_definition_and_grows_with_the_horizon_and_with_seats(sites: list[Site]) -> None:
    instants = np.array([0.0, 60.0, 700.0])
    seats, shares = reached(*sites, instants=instants)
    ends = list(HORIZONS_MIN.values())
    expected, parted = np.zeros(seats.shape, int), np.zeros(seats.shape)
    for site in sites:
        for begin, last in zip(site.begins, site.lasts, strict=True):
            counts = np.array(
                [
                    [
                        [
                            site.seats * (minutes <= 30 and begin <= now + horizon and now + minutes <= last)
                            for horizon in ends
                        ]
                        for now in instants
                    ]
                    for minutes in site.journeys
                ]
            )
            expected += counts
    assert (seats == expected).all()
    for rank, site in enumerate(sites):
        # Each place's seats are shared among those of its inhabitants who reach one.
        alone, part = reached(site, instants=instants)
        parted += part
        people = np.where(alone > 0, POPULATION[:, None, None], 0).sum(axis=0)
        told = np.divide(
            alone * POPULATION[:, None, None], people, out=np.zeros(alone.shape), where=people[None] > 0
        )
        assert part == pytest.approx(told), rank
    assert shares == pytest.approx(parted)
    assert (np.diff(seats, axis=2) >= 0).all()
    assert (seats >= reached(*sites[:-1], instants=instants)[0]).all()


def test_hours_of_the_days() -> None:
    found = list(heures(date(2026, 11, 27), date(2026, 11, 30)))  # Friday to Monday
    assert [sum(day == one for day, _ in found) for one in sorted({day for day, _ in found})] == [12, 4, 12]


def test_forward_supply_of_the_example() -> None:
    assert nettes(12, 3, 2) == 7


def test_forecast_of_the_example() -> None:
    """200 announced; 1,600 announced and 1,360 held in the past: 170, between the weeks' own percentiles."""
    held = [160, 164, 168, 172, 176, 180, 156, 184]
    past = pl.DataFrame(
        {
            "jour": [date(2026, 9, 7) + timedelta(weeks=n) for n in range(8)],
            "annonces": [200] * 8,
            "realises": held,
        }
    )
    found = prevoir(200, past)
    assert found is not None
    assert (found.attendu, found.rapport, found.semaines) == (pytest.approx(170), pytest.approx(0.85), 8)
    assert (round(found.bas), round(found.haut)) == (159, 181)
    assert found.tenue == pytest.approx(4 / 8)  # two weeks at each end are outside what the others foretell
    assert prevoir(200, past.head(3)) is None
    older = pl.concat(
        [past.with_columns(pl.col("jour") - pl.duration(weeks=20), realises=pl.lit(0)), past],
        how="vertical_relaxed",
    )
    assert prevoir(200, older) == found


def search(minute: int, **changed: Any) -> dict[str, Any]:
    return {
        "recherche": minute, "moment": datetime(2026, 11, 30, 14, tzinfo=UTC) + timedelta(minutes=minute), "compte": 1,
        "sas": "SAS-54", "code_commune": "54395", "preset": "medecine_generale", "modalites": "", "demande": None,
        "elargie": False, "resultats": 3, "muettes": 0,
    } | changed  # fmt: skip


def outcomes(*rows: dict[str, Any]) -> list[tuple[int, str]]:
    found = demandes(pl.DataFrame(list(rows), schema_overrides={"demande": pl.String}))
    return list(found.select("recherches", "issue").iter_rows())


def test_reloading_and_enlarging_make_no_new_demand() -> None:
    assert outcomes(search(0), search(5), search(19)) == [(3, "pourvue")]
    assert outcomes(search(0), search(16)) == [(1, "pourvue"), (1, "pourvue")]
    assert outcomes(search(0, resultats=0), search(1, elargie=True)) == [(2, "elargie")]
    assert outcomes(search(0), search(1, code_commune="54547")) == [(1, "pourvue"), (1, "pourvue")]
    assert outcomes(search(0), search(1, compte=2)) == [(1, "pourvue"), (1, "pourvue")]
    assert outcomes(search(0, demande="d"), search(40, demande="d")) == [(2, "pourvue")]


def test_silence_is_uncertain_never_unmet() -> None:
    assert outcomes(search(0, resultats=0, muettes=1)) == [(1, "incertaine")]
    assert outcomes(search(0, resultats=0), search(2, resultats=0, elargie=True)) == [(2, "non_pourvue")]


def seat(km: float, *refused: str) -> dict[str, Any]:
    return {"distance_km": km} | {one: one in refused for one in ("rayon", "horizon", "modalite", "heure")}


def test_the_missing_lever_is_the_one_that_alone_refused_the_nearest_seat() -> None:
    seats = pl.DataFrame([seat(4, "horizon", "modalite"), seat(9, "horizon"), seat(22, "rayon")])
    assert levier(seats) == "horizon"
    assert levier(seats.tail(1)) == "rayon"
    assert levier(seats.head(1)) == "aucun"
    assert levier(seats.clear()) == "aucun"


def test_what_rests_in_the_lake_names_no_commune_of_four_in_a_month() -> None:
    def row(day: int, commune: str, count: int) -> dict[str, Any]:
        return {"jour": date(2026, 11, day), "heure": 9, "sas": "S", "siren_epci": "E", "code_commune": commune,
                "recherches": count, "demandes": count}  # fmt: skip

    found = publiees(
        pl.DataFrame([row(2, "A", 3), row(9, "A", 3), row(2, "B", 4), row(3, "C", 8)]), compte="demandes"
    )
    totals = dict(found.group_by("code_commune").agg(pl.col("demandes").sum()).iter_rows())
    assert totals == {"": 10, "C": 8}  # B has 4; alone it would be the difference: A goes with it
