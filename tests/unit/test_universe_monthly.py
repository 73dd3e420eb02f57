"""A monthly universe over a small long table: flows, stocks, ratios, and months nobody published."""

from __future__ import annotations

from datetime import date
from typing import Any

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.contract import Table
from lake.errors import RefusedCombination
from scoring.universes.engine import add_up, query
from scoring.universes.model import Axis, Kind, Measure, Rhythm, Term, Universe
from scoring.universes.selection import Selection


class MoisSchema(dy.Schema):
    """One row per month × region × indicator."""

    mois = dy.Date(primary_key=True, description="Mois")
    region = dy.String(primary_key=True, description="Région")
    indicateur = dy.String(primary_key=True, description="Indicateur")
    valeur = dy.Int64(nullable=True, description="Valeur")


TABLE = Table("essai__mois", "Mois", "Une ligne par mois.", MoisSchema, "essai", partition_by=("mois",))
MOIS = Axis("mois", "Mois", pl.col("mois"))
REGION = Axis("region", "Région", pl.col("region"))


def term(name: str, *, stock: bool = False) -> Term:
    return Term(pl.col("valeur"), where=pl.col("indicateur") == name, stock=stock)


UNIVERSE = Universe(
    "essai",
    "Essai",
    TABLE,
    MOIS,
    Rhythm.MONTHLY,
    (MOIS, REGION),
    (
        Measure("envois", "Envois", "envois", Kind.FLOW, "Envois du mois.", value=term("envois")),
        Measure(
            "inscrits", "Inscrits", "inscrits", Kind.STOCK, "Inscrits en fin de mois.",
            value=term("inscrits", stock=True), alternative="Prenez le dernier mois.",
        ),
        Measure(
            "taux", "Taux", "", Kind.RATIO, "Inscrits rapportés à la cible.",
            numerator=term("inscrits", stock=True), denominator=term("cible", stock=True),
        ),
        Measure(
            "par_inscrit", "Envois par inscrit", "", Kind.RATIO, "Envois de la période par inscrit.",
            numerator=term("envois"), denominator=term("inscrits", stock=True),
        ),
        Measure(
            "actives", "Régions actives", "régions", Kind.DISTINCT, "Régions qui ont envoyé.",
            value=Term(
                pl.col("region"), distinct=True,
                where=(pl.col("indicateur") == "envois") & (pl.col("valeur") > 0),
            ),
        ),
    ),
)  # fmt: skip

OCTOBRE, NOVEMBRE, DECEMBRE, JANVIER = (
    date(2024, 10, 1),
    date(2024, 11, 1),
    date(2024, 12, 1),
    date(2025, 1, 1),
)
# November has no "inscrits" at all; December has no row of the Alsace region; January is the last month.
ROWS: list[tuple[date, str, str, int | None]] = [
    (OCTOBRE, "A", "envois", 10),
    (OCTOBRE, "A", "inscrits", 100),
    (OCTOBRE, "A", "cible", 200),
    (OCTOBRE, "L", "envois", 5),
    (OCTOBRE, "L", "inscrits", 50),
    (OCTOBRE, "L", "cible", 50),
    (NOVEMBRE, "A", "envois", 7),
    (NOVEMBRE, "L", "envois", 0),
    (DECEMBRE, "L", "envois", 3),
    (DECEMBRE, "L", "inscrits", 60),
    (DECEMBRE, "L", "cible", 60),
    (JANVIER, "A", "envois", 4),
    (JANVIER, "A", "inscrits", 120),
    (JANVIER, "A", "cible", 200),
    (JANVIER, "L", "inscrits", 80),
    (JANVIER, "L", "cible", 200),
]


def scanner(rows: list[tuple[date, str, str, int | None]]) -> Any:
    frame = pl.DataFrame(rows, schema=TABLE.dtypes(), orient="row")
    return lambda _table: frame.lazy()


def ask(measures: str, by: str = "", selection: Selection | None = None, **options: Any) -> list[Any]:
    names = [name for name in by.split(",") if name]
    lazily = query(UNIVERSE, scanner(ROWS), selection or Selection(), measures.split(","), names, **options)
    return lazily.collect().rows()


def test_flows_add_up_stocks_take_the_last_month() -> None:
    assert ask("envois,inscrits") == [(29, 200)]
    assert ask("envois,inscrits", "region") == [("A", 21, 120), ("L", 8, 80)]


def test_a_ratio_is_a_ratio_of_sums() -> None:
    assert ask("taux") == [(0.5,)]  # 200 / 400, not the mean of 0.6 and 0.4
    assert ask("taux", "region") == [("A", 0.6), ("L", 0.4)]
    assert ask("taux", "", Selection(au=OCTOBRE)) == [(150 / 250,)]  # the mean would be 0.75
    assert ask("par_inscrit") == [(29 / 200,)]


def test_a_month_nobody_published_is_a_gap_not_a_zero() -> None:
    assert ask("envois,inscrits,taux", "mois") == [
        (OCTOBRE, 15, 150, 0.6),
        (NOVEMBRE, 7, None, None),
        (DECEMBRE, 3, 60, 1.0),
        (JANVIER, 4, 200, 0.5),
    ]
    assert ask("envois,inscrits", "mois", Selection({"region": ("A",)})) == [
        (OCTOBRE, 10, 100),
        (NOVEMBRE, 7, None),
        (JANVIER, 4, 120),
    ]
    assert ask("inscrits", "", Selection(au=NOVEMBRE)) == [(None,)]
    # A territory where none of the measures asked was published is not a row; with another one, it is a gap.
    assert ask("envois", "region", Selection(du=JANVIER)) == [("A", 4)]
    assert ask("envois,inscrits", "region", Selection(du=JANVIER)) == [("A", 4, 120), ("L", None, 80)]


def test_a_published_zero_stays_a_zero() -> None:
    assert ask("envois", "region", Selection(date=NOVEMBRE)) == [("A", 7), ("L", 0)]


def test_distinct_counts_over_a_period_and_in_a_gap() -> None:
    assert ask("actives") == [(2,)]
    assert ask("actives", "mois") == [(OCTOBRE, 2), (NOVEMBRE, 1), (DECEMBRE, 1), (JANVIER, 1)]
    assert ask("actives", "", Selection(du=date(2030, 1, 1))) == [(None,)]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(du=OCTOBRE, au=OCTOBRE), (15, 150)),
        (Selection(du=date(2024, 10, 20), au=date(2024, 10, 31)), (15, 150)),  # any day names its month
        (Selection(date=date(2024, 12, 25)), (3, 60)),
        (Selection(du=DECEMBRE), (7, 200)),
        (Selection(au=date(2030, 6, 1)), (29, 200)),  # no later than the last month published
        (Selection(du=DECEMBRE, au=date(2030, 6, 1)), (7, 200)),
        (Selection(du=date(2030, 1, 1)), (None, None)),
        (Selection(au=date(2020, 1, 1)), (None, None)),
    ],
)
def test_periods_are_whole_months(selection: Selection, expected: tuple[int | None, int | None]) -> None:
    assert ask("envois,inscrits", "", selection) == [expected]


def test_the_total_of_months_follows_each_measure_s_kind() -> None:
    assert ask("envois,inscrits,taux,actives", "mois", total=True)[-1] == (None, 29, 200, 0.5, 2)


def test_sums_over_time() -> None:
    frame = query(
        UNIVERSE, scanner(ROWS), Selection(), ["envois", "inscrits", "taux"], ["mois", "region"]
    ).collect()
    assert add_up(UNIVERSE, frame, "envois", ["mois", "region"]) == 29
    assert add_up(UNIVERSE, frame.filter(pl.col("mois") == OCTOBRE), "inscrits", ["region"]) == 150
    with pytest.raises(RefusedCombination, match=r"« Inscrits » ne s'additionne pas.*Prenez le dernier mois"):
        add_up(UNIVERSE, frame, "inscrits", ["mois"])
    with pytest.raises(RefusedCombination, match="« Taux » ne s'additionne pas"):
        add_up(UNIVERSE, frame, "taux", ["region"])


def test_a_measure_that_contradicts_its_kind_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="a ratio has two terms"):
        Measure("x", "X", "", Kind.RATIO, "X.", value=term("envois"))
    with pytest.raises(ValueError, match="does not count as its kind says"):
        Measure("x", "X", "", Kind.DISTINCT, "X.", value=term("envois"))


MONTHS = [OCTOBRE, NOVEMBRE, DECEMBRE, JANVIER]


@settings(max_examples=60)
@given(
    cells=st.dictionaries(
        st.tuples(
            st.sampled_from(MONTHS),
            st.sampled_from(["A", "L"]),
            st.sampled_from(["envois", "inscrits", "cible"]),
        ),
        st.integers(0, 500),
        min_size=1,
    ),
    bounds=st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS)).map(sorted),
    region=st.sampled_from([None, "A", "L"]),
)
def test_every_kind_agrees_with_a_recount_by_hand(
    cells: dict[tuple[date, str, str], int], bounds: list[date], region: str | None
) -> None:
    newest = max(month for month, _, _ in cells)
    first, last = bounds
    # A period that starts after the last month published is left as asked: nothing can be in it.
    end = min(last, newest) if first <= newest else last

    def total(name: str, months: list[date]) -> int | None:
        found = [
            value
            for (month, place, indicator), value in cells.items()
            if indicator == name and month in months and region in (None, place)
        ]
        return sum(found) if found else None

    period = [month for month in MONTHS if first <= month <= last]
    stock, target = total("inscrits", [end]), total("cible", [end])
    expected = (
        total("envois", period),
        stock,
        stock / target if stock is not None and target else None,
    )
    rows: list[tuple[date, str, str, int | None]] = [(*key, value) for key, value in cells.items()]
    selection = Selection({"region": (region,)} if region else {}, du=first, au=last)
    read = query(UNIVERSE, scanner(rows), selection, ["envois", "inscrits", "taux"]).collect().row(0)
    assert read == pytest.approx(expected)
