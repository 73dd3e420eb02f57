"""The official indicator beside ours: read as published, aggregated as the DREES does, compared by positions."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.catalog.apl import COMMUNES_APL
from lake.contract import Table
from lake.errors import LakeError, MissingTable
from scoring.reach.floating import VALUE
from scoring.reach.official import (
    APL,
    GAP,
    OURS,
    THEIRS,
    agreement,
    compared,
    crossed,
    official,
    profession,
    years,
)
from scoring.universes.selection import Selection

# Two former communes of the file are one today (M); D is not in the file; E has no value in it.
FILE = [
    ("2022", "10", "A", "A", 2.0, 100.0),
    ("2023", "10", "A", "A", 3.0, 100.0),
    ("2023", "10", "B", "B", 1.0, 300.0),
    ("2023", "10", "M1", "M", 4.0, 100.0),
    ("2023", "10", "M2", "M", 2.0, 300.0),
    ("2023", "10", "E", "E", None, 50.0),
    ("2023", "60", "A", "A", 120.0, 90.0),
]
ROWS = pl.DataFrame(
    {
        "code_commune": ["A", "B", "M", "D", "E"],
        "siren_epci": ["x", "x", "y", "y", None],
        "population": [100, 300, 400, 50, 50],
        "demande": [100.0, 300.0, 400.0, 50.0, 50.0],
        VALUE: [5.0, 20.0, 10.0, 1.0, 2.0],
    }
)


def scan(table: Table) -> pl.LazyFrame:
    assert table is COMMUNES_APL
    names = [
        "annee",
        "code_profession",
        "code_commune_source",
        "code_commune",
        "apl",
        "population_standardisee",
    ]
    return (
        pl.DataFrame(FILE, schema=names, orient="row")
        .with_columns(
            unite=pl.when(pl.col("code_profession") == "10")
            .then(pl.lit("consultations"))
            .otherwise(pl.lit("etp")),
            titre=pl.lit("Titre"),
            population=pl.lit(None, pl.Float64),
        )
        .lazy()
    )


def nothing(_table: Table) -> pl.LazyFrame:
    raise MissingTable("Jamais publiée.")


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        ({"profession": ["60"]}, "60"),
        ({"profession": ["10"], "specialite": ["SM54"]}, "10"),
        ({"profession": ["10"]}, ""),
        ({"profession": ["10"], "specialite": ["SM05"]}, ""),
        ({"profession": ["60", "70"]}, ""),
        ({"profession": ["21"]}, ""),
        ({}, ""),
    ],
)
def test_only_the_same_people_are_compared(filters: dict[str, list[str]], code: str) -> None:
    assert profession(Selection(filters)) == code


def test_years_stand_side_by_side_and_the_newest_is_read() -> None:
    assert years(scan, "10") == ["2023", "2022"]
    assert years(nothing, "10") == []
    found = official(scan, "10")
    assert (found.annee, found.unite) == ("2023", "consultations")
    # Merged: (100 × 4 + 300 × 2) / 400
    assert dict(found.communes.select("code_commune", APL).iter_rows()) == {
        "A": 3.0,
        "B": 1.0,
        "E": None,
        "M": 2.5,
    }
    assert official(scan, "10", "2022").communes.rows() == [("A", 2.0, 100.0)]
    with pytest.raises(LakeError, match="Millésimes ingérés : 2023, 2022"):
        official(scan, "10", "2019")
    with pytest.raises(LakeError, match="sages-femmes n'est pas ingéré"):
        official(scan, "50")


def test_positions_are_shares_of_inhabitants_less_well_served() -> None:
    rows = compared(ROWS, official(scan, "10"), "code_commune")
    assert rows["code_commune"].to_list() == ["A", "B", "D", "E", "M"]
    by = {row["code_commune"]: row for row in rows.iter_rows(named=True)}
    # Comparable: A (100), B (300), M (400). Ours: A, M, B; the DREES's: B, M, A.
    assert [by[c][OURS] for c in "ABM"] == pytest.approx([50 / 800, 650 / 800, 300 / 800])
    assert [by[c][THEIRS] for c in "ABM"] == pytest.approx([750 / 800, 150 / 800, 500 / 800])
    assert [by[c][GAP] for c in "ABM"] == pytest.approx([-700 / 800, 500 / 800, -200 / 800])
    assert [by[c][GAP] for c in "DE"] == [None, None]
    found = agreement(rows)
    assert (found.territoires, found.sans) == (3, 2)
    assert found.correlation_rangs == pytest.approx(-1.0)
    assert agreement(rows.head(2)).correlation_rangs is None


def test_larger_territories_are_means_by_each_one_s_own_weights() -> None:
    rows = compared(ROWS, official(scan, "10"), "siren_epci")
    assert rows["siren_epci"].to_list() == ["x", "y"]
    assert rows[VALUE].to_list() == pytest.approx([(100 * 5 + 300 * 20) / 400, (400 * 10 + 50 * 1) / 450])
    assert rows[APL].to_list() == pytest.approx([(100 * 3 + 300 * 1) / 400, 2.5])  # D weighs nothing
    assert rows[OURS].to_list() == pytest.approx([(450 + 200) / 850, 225 / 850])


def test_fifths_count_everyone_once() -> None:
    rows = crossed(compared(ROWS, official(scan, "10"), "code_commune"))
    assert rows.height == 25
    kept = rows.filter(pl.col("population") > 0).select(
        "part_potentielle", "part_apl", "territoires", "population"
    )
    assert kept.rows() == [(1, 5, 1, 100), (2, 4, 1, 400), (5, 1, 1, 300)]


values = st.lists(
    st.tuples(st.integers(1, 900), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12
)


@settings(max_examples=40)
@given(values)
def test_gaps_cancel_out_over_the_inhabitants(drawn: list[tuple[int, int, int]]) -> None:
    codes = [f"{rank:05d}" for rank in range(len(drawn))]
    people = [one[0] for one in drawn]
    ours = pl.DataFrame(
        {
            "code_commune": codes,
            "population": people,
            "demande": [float(n) for n in people],
            VALUE: [float(one[1]) for one in drawn],
        }
    )
    found = official(scan, "10")
    theirs = pl.DataFrame(
        {"code_commune": codes, APL: [float(one[2]) for one in drawn], "poids": [1.0] * len(drawn)}
    )
    rows = compared(ours, type(found)("2023", "10", "consultations", "", theirs), "code_commune")
    mean = float((rows["population"] * rows[OURS]).sum()) / sum(people)
    assert mean == pytest.approx(0.5)
    assert float((rows["population"] * rows[GAP]).sum()) == pytest.approx(0, abs=1e-6)
    assert int(crossed(rows)["population"].sum()) == sum(people)
