"""The counting bases as measures of the annuaire universe: worked by hand, and sums that close."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.catalog.annuaire import ACTIVITES
from scoring.annuaire.counting import Base
from scoring.annuaire.qualite import registre
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.engine import query
from scoring.universes.selection import Selection
from tests.sample_annuaire import NEW, OLD, TOWNS, activities, frames, scanner

SCAN = scanner(frames())
PRINCIPAL = "professionnels_principal"


def ask(
    measures: str, by: str = "", selection: Selection | None = None, *, total: bool = False
) -> list[tuple[object, ...]]:
    names = [name for name in by.split(",") if name]
    found = query(ANNUAIRE, SCAN, selection or Selection(), measures.split(","), names, total=total)
    return found.collect().rows()


def test_a_person_counts_in_one_territory_and_the_parts_are_the_total() -> None:
    # 8A practises twice in Strasbourg (67) and once in Buhl (68): the principal place is Strasbourg.
    assert ask(f"professionnels,{PRINCIPAL}", "code_departement", total=True) == [
        ("67", 4, 4),
        ("68", 2, 1),
        ("88", 1, 1),
        (None, 6, 6),
    ]


def test_measures_of_both_kinds_stand_side_by_side_in_the_order_asked() -> None:
    rows = ask(f"{PRINCIPAL},professionnels,activites", "commune,profession")
    # 8A is counted there, but it is not the principal place: empty, as the measure alone has no such row.
    assert ("Buhl", "Médecin", None, 1, 1) in rows
    assert (None, "Infirmier", 1, 1, 1) in rows  # 8E: commune unknown


def test_a_territorial_filter_keeps_those_whose_principal_place_it_is() -> None:
    assert ask(f"professionnels,{PRINCIPAL}", "", Selection({"departement": ["68"]})) == [(2, 1)]
    assert ask(PRINCIPAL, "", Selection({"region": ["44"]})) == [(6,)]
    assert ask(PRINCIPAL, "", Selection({"epci": ["non_renseigne"]})) == [(2,)]  # 8E and 8F


def test_the_principal_place_is_told_among_what_the_other_filters_keep() -> None:
    # As a salaried doctor 8A is only in Strasbourg; as a libéral, in both: the smallest code.
    assert ask(PRINCIPAL, "code_commune", Selection({"mode_exercice": ["L"], "profession": ["10"]})) == [
        ("67447", 1),
        ("67482", 1),
    ]


def test_each_extraction_has_its_own_principal_places() -> None:
    assert ask(PRINCIPAL, "date_extraction") == [(OLD, 5), (NEW, 6)]


def test_densities_and_shares_of_each_base() -> None:
    measures = (
        "densite_principal_pour_10000,part_localises_principal,activites_pour_10000,part_activites_localisees,"
        "sites_pour_10000,part_sites_localises"
    )
    bas_rhin, haut_rhin, vosges = ask(measures, "code_departement")
    people = 290_000 + 10_000 + 500
    assert bas_rhin == pytest.approx(("67", 4e4 / people, 3 / 4, 5e4 / people, 4 / 5, 3e4 / people, 1.0))
    assert haut_rhin == pytest.approx(("68", 1e4 / 3_000, 0.0, 2e4 / 3_000, 0.0, 1e4 / 3_000, 0.0))
    assert vosges == pytest.approx(("88", 1e4 / 80, 1.0, 1e4 / 80, 1.0, 1e4 / 80, 1.0))


def test_every_measure_has_its_type() -> None:
    wanted = [measure.name for measure in ANNUAIRE.measures]
    counts = {"professionnels", "activites", "sites", PRINCIPAL}
    for filters in ({}, {"profession": ["99"]}):
        schema = query(ANNUAIRE, SCAN, Selection(filters), wanted, ["epci"]).collect().schema
        assert list(schema) == ["epci", *wanted]
        assert all(schema[name] == (pl.Int64 if name in counts else pl.Float64) for name in wanted)


def test_an_empty_territory_completes_with_zero() -> None:
    full = query(
        ANNUAIRE,
        SCAN,
        Selection({"profession": ["70"]}),
        [PRINCIPAL, "professionnels", "densite_principal_pour_10000"],
        ["code_departement"],
        complete=True,
    ).collect()
    assert full.filter(pl.col("code_departement") == "67").rows() == [("67", 0, 0, 0.0)]


row = st.tuples(
    st.sampled_from(["8A", "8B", "8C"]),
    st.sampled_from([None, "67482", "67447", "68058", "88001"]),
    st.sampled_from(["67", "68", "88"]),
    st.sampled_from(["10", "60"]),
    st.none(),
    st.sampled_from(["L", "S"]),
    st.sampled_from(["numero"]),
    st.none(),
    st.sampled_from([None, "s1", "s2"]),
).map(lambda r: (*r[:2], TOWNS[r[1]][1] if r[1] else r[2], *r[3:]))


@settings(max_examples=40)
@given(rows=st.lists(row, min_size=1, max_size=12), profession=st.sampled_from([None, "10"]))
def test_sums_close_at_every_mesh_and_under_every_filter(
    rows: list[tuple[object, ...]], profession: str | None
) -> None:
    scan = scanner({**frames(), ACTIVITES.name: activities(rows, NEW)})
    filters = {"profession": [profession]} if profession else {}
    whole = query(ANNUAIRE, scan, Selection(filters, NEW), [PRINCIPAL]).collect().item()
    for mesh in ("code_commune", "siren_epci", "code_departement", "code_region"):
        parts = query(ANNUAIRE, scan, Selection(filters, NEW), [PRINCIPAL], [mesh]).collect()
        assert parts[PRINCIPAL].sum() == whole
    one_by_one = [
        query(ANNUAIRE, scan, Selection({**filters, "departement": [code]}, NEW), [PRINCIPAL])
        .collect()
        .item()
        for code in ("67", "68", "88")
    ]
    assert sum(one_by_one) == whole


@pytest.mark.parametrize(
    ("what", "measure"),
    [
        (Base.PERSONNES, "professionnels"),
        (Base.PERSONNES_PRINCIPAL, PRINCIPAL),
        (Base.ACTIVITES, "activites"),
        (Base.SITES, "sites"),
    ],
)
@pytest.mark.parametrize("filters", [{}, {"departement": ["68"]}, {"profession": ["10"]}])
def test_the_ledger_counts_as_the_measure_and_closes(
    what: Base, measure: str, filters: dict[str, list[str]]
) -> None:
    selection = Selection(filters, NEW)
    for mesh in ("commune", "epci", "departement", "region", None):
        found = registre(SCAN, selection, what, mesh)
        assert set(found["difference"]) <= {0}
        code = [] if mesh is None else [found.columns[0]]
        asked = query(ANNUAIRE, SCAN, selection, [measure], code).collect()
        counts = asked if mesh is None else asked.filter(pl.col(measure) > 0)
        mine = found.select(*code, "total").filter(pl.col("total") > 0) if mesh else found.select("total")
        assert sorted(mine.rows(), key=str) == sorted(counts.rows(), key=str)
