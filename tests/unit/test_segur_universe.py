"""The segur universe: how flows, stocks, distinct counts and ratios combine, whatever table answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources.segur import totals
from lake.catalog import segur as catalog
from lake.catalog.territoires import DEPARTEMENTS, REGIONS
from lake.contract import Table
from lake.errors import MissingTable, RefusedCombination
from scoring.universes.engine import add_up, choices, latest, query, resolve
from scoring.universes.model import Scan, Universe
from scoring.universes.segur import SEGUR, segur_of_lake, segur_universe
from scoring.universes.selection import Selection
from tests.examples import examples

JANUARY, FEBRUARY, MARCH, APRIL = (date(2022, month, 1) for month in (1, 2, 3, 4))
MONTHS = (JANUARY, FEBRUARY, MARCH)
PLACES = (("44", "67"), ("44", "68"), ("44", None), ("11", "75"), ("975", "975"), (None, None))
# A structure stands in one place: the source refuses the rest.
STRUCTURES = {
    "670000001": ("44", "67", "ES"),
    "670000002": ("44", "67", "EMS"),
    "680000001": ("44", "68", "ES"),
    "750000001": ("11", "75", "ES"),
}
OPAQUE = "dmp_patients"
"""A distinct count that is delivered already made."""

_OWN = pl.DataFrame(
    [
        {
            "code": OPAQUE,
            "libelle": "Patients",
            "service": "DMP",
            "combinaison": "distinct",
            "definition": "P.",
        }
    ],
    schema=catalog.INDICATEURS.dtypes(),
)
CATALOGUE = pl.concat([catalog.indicateurs_de_base(), _OWN])
# Whatever is delivered, the engine counts it right: here the catalogue leaves every axis open to every indicator.
UNIVERSE = segur_universe(CATALOGUE.with_columns(axes=pl.lit(None, pl.String)))
SERVICE = dict(CATALOGUE.select("code", "service").iter_rows())


def row(month: date, code: str, value: int, **dimensions: str | None) -> dict[str, Any]:
    empty = dict.fromkeys(catalog.DIMENSIONS)
    return {
        "mois": month,
        "service": SERVICE[code],
        "indicateur": code,
        **empty,
        **dimensions,
        "valeur": value,
    }


def place(region: str | None, departement: str | None, **others: str | None) -> dict[str, str | None]:
    return {"code_region": region, "code_departement": departement, **others}


def lake_of(rows: list[dict[str, Any]]) -> Scan:
    frame = catalog.MESURES.conform(pl.DataFrame(rows, schema=catalog.MESURES.dtypes())).valid
    assert frame.height == len(rows)
    months = frame["mois"].unique()
    tables: dict[str, pl.DataFrame] = {
        catalog.MESURES.name: frame,
        catalog.CUMULS_TERRITOIRES.name: totals.by_territory(frame),
        catalog.CUMULS_EDITEURS.name: totals.by_editor(frame),
        catalog.COUVERTURE.name: pl.DataFrame({"mois": months}),
        REGIONS.name: pl.DataFrame({"code_region": ["44", "11"], "region": ["Grand Est", "Île-de-France"]}),
        DEPARTEMENTS.name: pl.DataFrame(
            {"code_departement": ["67", "68"], "departement": ["Bas-Rhin", "Haut-Rhin"]}
        ),
        catalog.INDICATEURS.name: CATALOGUE,
    }

    def scan(table: Table) -> pl.LazyFrame:
        if table.name not in tables:
            raise MissingTable(table.name)
        return tables[table.name].lazy()

    return scan


HAND = [
    row(JANUARY, "psc_professionnels", 100, **place("44", "67", profession="10")),
    row(JANUARY, "psc_professionnels", 50, **place("44", "68", profession="60")),
    row(JANUARY, "psc_e_cps", 10, **place("44", "67", profession="10")),
    row(JANUARY, "psc_e_cps", 30, **place("44", "68", profession="60")),
    row(JANUARY, "psc_connexions", 5, **place("44", "67")),
    row(MARCH, "psc_professionnels", 120, **place("44", "67", profession="10")),
    row(MARCH, "psc_professionnels", 60, **place("44", "68", profession="60")),
    row(MARCH, "psc_professionnels", 20, **place("44", None, profession="60")),
    row(MARCH, "psc_e_cps", 30, **place("44", "67", profession="10")),
    row(MARCH, "psc_e_cps", 45, **place("44", "68", profession="60")),
    row(MARCH, "psc_connexions", 7, **place("44", "67")),
    row(
        JANUARY,
        "dmp_structures_alimentantes",
        1,
        **place("44", "67", type_acteur="ES", editeur="A", structure="670000001"),
    ),
    row(
        MARCH,
        "dmp_structures_alimentantes",
        1,
        **place("44", "67", type_acteur="ES", editeur="A", structure="670000001"),
    ),
    row(
        MARCH,
        "dmp_structures_alimentantes",
        3,
        **place("44", "67", type_acteur="ES", editeur="B", structure="670000001"),
    ),
    row(
        MARCH,
        "dmp_structures_alimentantes",
        0,
        **place("44", "68", type_acteur="ES", editeur="B", structure="680000001"),
    ),
]


def ask(
    rows: list[dict[str, Any]],
    measures: list[str],
    by: list[str] | None = None,
    selection: Selection | None = None,
    *,
    total: bool = False,
) -> list[tuple[Any, ...]]:
    found = query(UNIVERSE, lake_of(rows), selection or Selection(), measures, by or [], total=total)
    return found.collect().rows()


def test_a_stock_takes_the_last_month_and_a_flow_adds() -> None:
    assert ask(HAND, ["psc_professionnels", "psc_connexions"]) == [(200, 12)]


def test_a_rate_is_a_ratio_of_sums_at_the_mesh_shown() -> None:
    # Not the mean of 30/120 and 45/60; the 20 professionals without department count below.
    assert ask(HAND, ["psc_taux_adoption"]) == [(pytest.approx(75 / 200),)]
    assert ask(HAND, ["psc_taux_adoption"], ["departement"]) == [
        ("Bas-Rhin", 0.25),
        ("Haut-Rhin", 0.75),
        (None, None),
    ]


def test_a_month_without_data_is_a_gap() -> None:
    assert ask(HAND, ["psc_professionnels", "psc_connexions"], ["mois"]) == [
        (JANUARY, 150, 5),
        (FEBRUARY, None, None),
        (MARCH, 200, 7),
    ]


def test_a_stock_is_null_when_the_last_month_was_not_delivered() -> None:
    rows = [*HAND, row(APRIL, "psc_connexions", 1, **place("44", "67"))]
    assert ask(rows, ["psc_professionnels", "psc_connexions"]) == [(None, 13)]


def test_a_period_is_read_in_whole_months_and_stops_at_the_newest() -> None:
    assert ask(HAND, ["psc_professionnels"], selection=Selection(au=date(2022, 1, 31))) == [(150,)]
    assert ask(HAND, ["psc_connexions"], selection=Selection(date=date(2022, 1, 31))) == [(5,)]
    assert ask(HAND, ["psc_professionnels"], selection=Selection(au=date(2023, 12, 31))) == [(200,)]


def test_distinct_structures_count_once_and_zero_is_not_active() -> None:
    name = "dmp_structures_alimentantes"
    assert ask(HAND, [name]) == [(1,)]
    assert ask(HAND, [name], ["editeur"]) == [("A", 1), ("B", 1)]
    assert ask(HAND, [name], ["code_departement"]) == [("67", 1), ("68", 0)]
    assert ask(HAND, [name], ["mois"]) == [(JANUARY, 1), (FEBRUARY, None), (MARCH, 1)]


def test_a_distinct_count_delivered_made_is_known_only_where_one_row_says_it() -> None:
    rows = [
        row(MARCH, OPAQUE, 10, **place("44", "67", editeur="A")),
        row(MARCH, OPAQUE, 12, **place("44", "68", editeur="A")),
        row(MARCH, OPAQUE, 5, **place("44", "68", editeur="B")),
    ]
    assert ask(rows, [OPAQUE]) == [(None,)]
    assert ask(rows, [OPAQUE], ["code_departement"]) == [("67", 10), ("68", None)]
    assert ask(rows, [OPAQUE], ["code_departement", "editeur"]) == [
        ("67", "A", 10),
        ("68", "A", 12),
        ("68", "B", 5),
    ]


def test_the_total_row_is_computed_on_its_own() -> None:
    found = ask(HAND, ["psc_taux_adoption"], ["code_departement"], total=True)
    assert found[-1] == (None, pytest.approx(75 / 200))


@pytest.mark.parametrize(
    ("measure", "over", "allowed"),
    [
        ("psc_connexions", "mois", True),
        ("psc_connexions", "departement", True),
        ("psc_professionnels", "departement", True),
        ("psc_professionnels", "mois", False),
        ("psc_taux_adoption", "departement", False),
        ("dmp_structures_alimentantes", "departement", True),  # a structure stands in one
        ("dmp_structures_alimentantes", "editeur", False),  # and has several editors
        ("dmp_structures_alimentantes", "mois", False),
    ],
)
def test_what_may_be_added(measure: str, over: str, allowed: bool) -> None:
    frame = query(UNIVERSE, lake_of(HAND), Selection(), [measure], [over]).collect()
    if allowed:
        assert add_up(UNIVERSE, frame, measure, [over]) == frame[measure].sum()
    else:
        with pytest.raises(RefusedCombination):
            add_up(UNIVERSE, frame, measure, [over])


def test_names_promised_exist() -> None:
    assert {"psc_professionnels", "psc_e_cps", "psc_taux_adoption"} <= {m.name for m in SEGUR.measures}
    assert {m.name for m in SEGUR.measures} == set(catalog.indicateurs_de_base()["code"])
    for name in (
        "mois",
        "region",
        "departement",
        "service",
        "type_acteur",
        "profession",
        "editeur",
        "structure",
    ):
        assert SEGUR.axis(name).name == name
    for name in ("code_region", "code_departement", "code_profession"):
        SEGUR.axis(name)


def test_a_lake_without_catalogue_has_the_packaged_one() -> None:
    def scan(table: Table) -> pl.LazyFrame:
        raise MissingTable(table.name)

    assert segur_of_lake(scan) is SEGUR
    assert OPAQUE in {m.name for m in segur_of_lake(lake_of(HAND)).measures}


def test_questions_go_to_the_smallest_table() -> None:
    def table(measures: list[str], axes: list[str], columns: tuple[str, ...] = ()) -> Table:
        return UNIVERSE.answering(measures, axes, columns).table

    assert table(["psc_taux_adoption"], ["code_region", "mois"]) is catalog.CUMULS_TERRITOIRES
    assert table(["dmp_documents"], ["editeur"]) is catalog.CUMULS_EDITEURS
    assert table(["dmp_documents"], ["structure"]) is catalog.MESURES
    assert table(["dmp_structures_alimentantes"], ["mois"]) is catalog.CUMULS_TERRITOIRES
    assert table(["dmp_structures_alimentantes"], ["editeur"]) is catalog.MESURES
    assert table(["dmp_documents"], ["mois"], ("code_region",)) is catalog.CUMULS_TERRITOIRES
    assert table(["dmp_documents"], ["mois"], ("structure",)) is catalog.MESURES


def test_a_restriction_applies_whatever_table_answers() -> None:
    for restriction in (pl.col("code_departement") == "67", pl.col("structure").is_not_null()):
        for by in ([], ["editeur"]):
            asked = query(
                UNIVERSE,
                lake_of(HAND),
                Selection(),
                ["psc_connexions", "psc_e_cps"],
                by,
                restrict=restriction,
            )
            seen = asked.collect().select("psc_connexions", "psc_e_cps").rows()
            expected = [(12, 30)] if "departement" in str(restriction) else [(None, None)]
            assert seen == (expected if seen else [])


def test_filters_by_label_and_choices() -> None:
    scan = lake_of(HAND)
    selection = resolve(UNIVERSE, scan, Selection({"region": ["Grand Est"], "departement": ["67"]}))
    assert selection.values("region") == ("44",)
    assert query(UNIVERSE, scan, selection, ["psc_e_cps"]).collect().item() == 30
    assert choices(UNIVERSE, scan, UNIVERSE.axis("editeur"))["code"].to_list() == ["A", "B"]
    assert latest(UNIVERSE, scan) == MARCH


# -- on random data ----------------------------------------------------------------------------------

SUMS = ("psc_professionnels", "psc_e_cps", "psc_connexions", "dmp_documents")
COUNTED = "dmp_structures_alimentantes"
MEASURES = (*SUMS, "psc_taux_adoption", COUNTED, OPAQUE)
FILTERS: Mapping[str, tuple[str, ...]] = {
    "region": ("44", "11", "975"),
    "departement": ("67", "68", "75"),
    "type_acteur": ("ES", "EMS"),
    "profession": ("10", "60"),
    "editeur": ("A", "B"),
    "structure": tuple(STRUCTURES),
    "service": ("PSC", "DMP"),
}


@st.composite
def deliveries(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of three months, keys all different, at least one a month in some of them."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for _ in range(draw(st.integers(1, 40))):
        month, code = draw(st.sampled_from(MONTHS)), draw(st.sampled_from((*SUMS, COUNTED, OPAQUE)))
        editor, value = draw(st.sampled_from(("A", "B", None))), draw(st.integers(0, 50))
        if code == COUNTED or draw(st.booleans()):
            structure = draw(st.sampled_from(sorted(STRUCTURES)))
            region, departement, actor = STRUCTURES[structure]
            dimensions = place(region, departement, type_acteur=actor, structure=structure, profession=None)
        else:
            region, departement = draw(st.sampled_from(PLACES))  # type: ignore[assignment]
            profession, actor = draw(st.sampled_from(("10", "60", None))), draw(st.sampled_from(("ES", None)))  # type: ignore[assignment]
            dimensions = place(region, departement, profession=profession, type_acteur=actor, structure=None)
        found = row(month, code, value, **dimensions, editeur=editor)
        rows[tuple(found[name] for name in catalog.KEY)] = found
    return list(rows.values())


selections = st.builds(
    lambda chosen, period: Selection(chosen, du=period[0], au=period[-1]),
    st.dictionaries(st.sampled_from(sorted(FILTERS)), st.just(()), max_size=2).flatmap(
        lambda names: st.fixed_dictionaries(
            {name: st.lists(st.sampled_from(FILTERS[name]), min_size=1, max_size=2) for name in names}
        )
    ),
    st.sampled_from([(None, None), (JANUARY, FEBRUARY), (FEBRUARY, MARCH), (None, FEBRUARY), (MARCH, MARCH)]),
)

COLUMN = {"region": "code_region", "departement": "code_departement"}


def by_hand(rows: list[dict[str, Any]], selection: Selection, measure: str) -> float | int | None:
    """The measure computed from the rules, row by row."""
    newest = max(one["mois"] for one in rows)
    last = (
        min(selection.au, newest)
        if selection.au and (not selection.du or selection.du <= newest)
        else (selection.au or newest)
    )
    kept = [
        one
        for one in rows
        if (selection.du is None or one["mois"] >= selection.du)
        and one["mois"] <= last
        and all(one[COLUMN.get(name, name)] in values for name, values in selection.filters.items())
    ]

    def total(code: str) -> int | None:
        stock = code in ("psc_professionnels", "psc_e_cps")
        values = [
            one["valeur"] for one in kept if one["indicateur"] == code and (not stock or one["mois"] == last)
        ]
        return sum(values) if values else None

    if measure in SUMS:
        return total(measure)
    if measure == "psc_taux_adoption":
        above, below = total("psc_e_cps"), total("psc_professionnels")
        return above / below if above is not None and below else None
    here = [one for one in kept if one["indicateur"] == measure and one["mois"] == last]
    if measure == OPAQUE:
        return here[0]["valeur"] if len(here) == 1 else None
    return len({one["structure"] for one in here if one["valeur"] > 0}) if here else None


@settings(max_examples=examples(30, 100), deadline=None)
@given(rows=deliveries(), selection=selections)
def test_every_measure_keeps_its_rule(rows: list[dict[str, Any]], selection: Selection) -> None:
    for measure in MEASURES:
        found = query(UNIVERSE, lake_of(rows), selection, [measure]).collect().item()
        expected = by_hand(rows, selection, measure)
        assert found == (pytest.approx(expected) if isinstance(expected, float) else expected), measure


@settings(max_examples=examples(30, 100), deadline=None)
@given(
    rows=deliveries(),
    selection=selections,
    measure=st.sampled_from(MEASURES),
    by=st.lists(st.sampled_from(["mois", "code_region", "code_departement", "type_acteur", "editeur"]),
                unique=True, max_size=2),
)  # fmt: skip
def test_summaries_answer_as_the_rows_do(
    rows: list[dict[str, Any]], selection: Selection, measure: str, by: list[str]
) -> None:
    alone: Universe = replace(UNIVERSE, summaries=())
    scan = lake_of(rows)
    small = query(UNIVERSE, scan, selection, [measure], by).collect()
    whole = query(alone, scan, selection, [measure], by).collect()
    assert small.rows() == whole.rows()


@settings(max_examples=examples(30, 100), deadline=None)
@given(rows=deliveries(), measure=st.sampled_from(SUMS))
def test_a_region_is_its_departments_and_what_is_not_allocated(
    rows: list[dict[str, Any]], measure: str
) -> None:
    scan = lake_of(rows)
    regions = query(UNIVERSE, scan, Selection(), [measure], ["code_region"]).collect()
    split = query(UNIVERSE, scan, Selection(), [measure], ["code_region", "code_departement"]).collect()
    parts: dict[str | None, int] = {}
    for region, _, value in split.iter_rows():
        parts[region] = parts.get(region, 0) + value
    assert dict(regions.iter_rows()) == parts
    whole = query(UNIVERSE, scan, Selection(), [measure]).collect().item()
    assert (whole or 0) == sum(parts.values())
