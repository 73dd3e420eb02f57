"""Milestones of Convergence: which steps hang on them, and what their delay does to the plans."""

from __future__ import annotations

import polars as pl
import pytest

from lake.errors import UnknownName
from scoring.convergence.dependencies import delayed, steps_of
from scoring.convergence.scores import projections

REF = pl.LazyFrame(
    {
        "questionnaire": ["Q"] * 3,
        "axe": ["A", "A", "B"],
        "critere": ["A1", "A2", "B1"],
        "niveau_attendu": [2, 2, 2],
    }
)
JALONS = pl.LazyFrame(
    {
        "jalon": ["J1", "J1", "J2", "J3"],
        "axe": ["A", "B", "A", "A"],
        "trimestre": ["2021-T3", "2021-T3", "2021-T1", "2021-T1"],
        "dependance": ["directe", "indirecte", "directe", "directe"],
        "service": ["", "", "y", ""],
        "critere": ["", "", "", "A2"],
    }
)
PLANS = pl.LazyFrame(
    [
        ("x", "A1", 1, "2021-T2", False),  # before J1: did not wait for it
        ("x", "A1", 2, "2021-T4", False),
        ("x", "B1", 2, "2021-T3", False),
        ("y", "A2", 2, "2021-T3", False),
        ("y", "B1", None, None, True),
    ],
    schema=["service", "critere", "niveau", "trimestre", "non_planifiable"],
    orient="row",
)


def moved(retards: dict[str, int], **options: bool) -> list[str | None]:
    return delayed(PLANS, JALONS, REF, retards, **options).collect()["trimestre"].to_list()


def test_what_hangs_on_each_milestone() -> None:
    rows = (
        steps_of(PLANS, JALONS, REF)
        .select("jalon", "dependance", "service", "critere", "niveau")
        .collect()
        .rows()
    )
    assert rows == [
        ("J1", "directe", "x", "A1", 2),
        ("J1", "directe", "y", "A2", 2),
        ("J1", "indirecte", "x", "B1", 2),
        ("J2", "directe", "y", "A2", 2),
        ("J3", "directe", "y", "A2", 2),
    ]


def test_a_delay_moves_what_hangs_on_it_and_nothing_else() -> None:
    assert moved({}) == ["2021-T2", "2021-T4", "2021-T3", "2021-T3", None]
    assert moved({"J1": 3}) == ["2021-T2", "2022-T3", "2022-T2", "2022-T2", None]
    assert moved({"J1": 3}, indirectes=False) == ["2021-T2", "2022-T3", "2021-T3", "2022-T2", None]
    assert moved({"J2": 1}) == ["2021-T2", "2021-T4", "2021-T3", "2021-T4", None]
    assert moved({"J1": 1, "J2": 5, "J3": 2}) == ["2021-T2", "2022-T1", "2021-T4", "2022-T4", None]
    assert moved({"J1": -2}) == moved({})
    with pytest.raises(UnknownName, match="J9"):
        moved({"J9": 1})


def test_the_curve_of_a_region_moves_and_ends_at_the_same_plateau() -> None:
    services = pl.LazyFrame({"service": ["x", "y"], "region": ["44", "11"]})
    answers = pl.LazyFrame({"service": ["x", "x", "y"], "critere": ["A1", "B1", "A2"], "niveau": [0, 0, 0]})
    quarters = ["2021-T2", "2021-T4", "2022-T2", "2022-T4"]

    def curve(plans: pl.LazyFrame) -> list[float]:
        found = projections(services, answers, REF, plans, quarters, par="region").collect()
        return found.filter(region="44")["taux_maturite_pct"].to_list()

    assert curve(PLANS) == [25.0, 100.0, 100.0, 100.0]
    assert curve(delayed(PLANS, JALONS, REF, {"J1": 4})) == [25.0, 25.0, 25.0, 100.0]
