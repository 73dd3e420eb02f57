"""The annuaire universe on a handful of rows that can be counted by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.catalog.annuaire import ACTIVITES
from lake.catalog.territoires import DEPARTEMENTS
from lake.contract import Table
from lake.errors import LakeError, RefusedCombination, UnknownName
from lake.tables import Lake
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.engine import add_up, choices, detail, latest, query, resolve
from scoring.universes.selection import Selection
from tests.sample_annuaire import NEW, OLD, TOWNS, activities, frames, scanner

SCAN = scanner(frames())
FIRST_FIVE = ["professionnels", "activites", "sites", "densite_pour_10000", "part_localises"]


def ask(
    measures: str, by: str = "", filters: dict[str, tuple[str, ...]] | None = None, **options: object
) -> list[tuple[object, ...]]:
    day = options.pop("date", None)
    return (
        query(
            ANNUAIRE,
            SCAN,
            Selection(filters, day),  # type: ignore[arg-type]
            measures.split(","),
            [name for name in by.split(",") if name],
            **options,  # type: ignore[arg-type]
        )
        .collect()
        .rows()
    )


def test_a_person_in_two_territories_is_one_person() -> None:
    by = ask("professionnels", "code_departement", total=True)
    assert by == [("67", 4), ("68", 2), ("88", 1), (None, 6)]
    assert sum(row[1] for row in by[:-1]) == 7 != 6  # type: ignore[misc]


def test_measures_of_the_whole() -> None:
    assert ask("professionnels,activites,sites,part_localises") == [(6, 8, 5, pytest.approx(4 / 6))]
    # densities count the inhabitants of the départements ingested: 54 is not among them
    assert ask("densite_pour_10000") == [(pytest.approx(6 * 10_000 / 303_580),)]


def test_the_latest_extraction_is_the_default_and_others_can_be_asked() -> None:
    assert latest(ANNUAIRE, SCAN) == NEW
    assert ask("professionnels,activites", date=OLD) == [(5, 7)]
    assert ask("professionnels", "date_extraction") == [(OLD, 5), (NEW, 6)]


def test_two_extractions_never_add_up() -> None:
    with pytest.raises(RefusedCombination, match=r"ne s'additionne pas d'une extraction à l'autre.*--date"):
        query(ANNUAIRE, SCAN, Selection(du=OLD, au=NEW), ["activites"])
    with pytest.raises(RefusedCombination, match="Choisissez une date"):
        query(ANNUAIRE, SCAN, Selection(), ["activites"], ["date_extraction"], total=True)
    assert ask("activites", "date_extraction", date=NEW, total=True) == [(NEW, 8), (None, 8)]


def test_density_is_a_ratio_of_sums_at_every_mesh() -> None:
    assert ask("densite_pour_10000", "code_departement") == [
        ("67", pytest.approx(4 * 10_000 / 300_500)),
        ("68", pytest.approx(2 * 10_000 / 3_000)),
        ("88", pytest.approx(1 * 10_000 / 80)),
    ]
    assert ask("densite_pour_10000", "siren_epci", {"departement": ("67",)}) == [
        ("200067783", pytest.approx(1 * 10_000 / 500)),
        ("246700488", pytest.approx(2 * 10_000 / 300_000)),
        (None, None),  # a row without commune has no inhabitants to be divided by
    ]
    assert ask("densite_pour_10000", "region") == [("Grand Est", pytest.approx(6 * 10_000 / 303_580))]


def test_territorial_filters_narrow_the_inhabitants_other_filters_do_not() -> None:
    assert ask("densite_pour_10000", "", {"commune": ("67482",)}) == [(pytest.approx(1 * 10_000 / 290_000),)]
    assert ask("densite_pour_10000", "code_departement", {"epci": ("246700488",)}) == [
        ("67", pytest.approx(2 * 10_000 / 300_000))
    ]
    assert ask("densite_pour_10000", "", {"profession": ("60",)}) == [(pytest.approx(3 * 10_000 / 303_580),)]
    assert ask("densite_pour_10000", "code_profession", {"departement": ("67",)}) == [
        ("10", pytest.approx(2 * 10_000 / 300_500)),
        ("60", pytest.approx(2 * 10_000 / 300_500)),
    ]
    assert ask("densite_pour_10000", "", {"region": ("44",)}) == ask("densite_pour_10000")


def test_completing_adds_the_territories_where_nothing_occurs() -> None:
    rows = ask("professionnels,densite_pour_10000,part_localises", "code_commune", complete=True)
    assert rows == [
        ("67071", 1, pytest.approx(20.0), 1.0),
        ("67447", 1, pytest.approx(1.0), 1.0),
        ("67482", 1, pytest.approx(10_000 / 290_000), 1.0),
        ("68058", 2, pytest.approx(20_000 / 3_000), 0.0),
        ("88001", 1, pytest.approx(125.0), 1.0),
        (None, 1, None, 0.0),
    ]
    surgeons = ask(
        "professionnels,activites,densite_pour_10000,part_localises",
        "commune",
        {"specialite": ("SM05",), "departement": ("67",)},
        complete=True,
    )
    assert surgeons == [
        ("Buhl", 0, 0, 0.0, None),
        ("Schiltigheim", 1, 1, 1.0, 1.0),
        ("Strasbourg", 0, 0, 0.0, None),
    ]
    with pytest.raises(RefusedCombination, match="region, departement, epci, commune"):
        ask("professionnels", "profession", complete=True)


def test_homonymous_communes_stay_two() -> None:
    assert ask("professionnels", "commune,code_commune", {"profession": ("60",)}) == [
        ("Buhl", "67071", 1),
        ("Buhl", "68058", 1),
        (None, None, 1),
    ]
    assert ask("professionnels", "commune", {"profession": ("60",)}) == [("Buhl", 1), ("Buhl", 1), (None, 1)]


def test_label_and_code_come_in_the_order_asked() -> None:
    frame = query(
        ANNUAIRE, SCAN, Selection(), ["sites", "professionnels"], ["departement", "code_departement"]
    ).collect()
    assert frame.columns == ["departement", "code_departement", "sites", "professionnels"]
    assert frame.rows()[0] == ("Bas-Rhin", "67", 3, 4)
    assert frame.dtypes == [pl.String, pl.String, pl.Int64, pl.Int64]


def test_a_code_without_label_shows_its_code_and_no_value_stays_empty() -> None:
    assert ask("professionnels", "profession") == [("Médecin", 2), ("Infirmier", 3), ("70", 1)]
    assert ask("professionnels", "specialite") == [
        ("Chirurgie générale, digestive", 1),
        ("Médecine générale", 1),
        (None, 4),
    ]
    assert choices(ANNUAIRE, SCAN, ANNUAIRE.axis("profession")).rows() == [
        ("70", "70"),
        ("60", "Infirmier"),
        ("10", "Médecin"),
    ]


def test_a_join_does_not_multiply_rows() -> None:
    assert ask("activites", "code_region,code_profession") == [
        ("44", "10", 4),
        ("44", "60", 3),
        ("44", "70", 1),
    ]
    doubled = frames()
    doubled[DEPARTEMENTS.name] = pl.concat([doubled[DEPARTEMENTS.name]] * 2)
    with pytest.raises(pl.exceptions.ComputeError, match="m:1"):
        query(ANNUAIRE, scanner(doubled), Selection(), ["activites"], ["code_region"]).collect()


def test_nothing_found_is_zero_and_no_ratio() -> None:
    nobody = {"profession": ("60",), "specialite": ("SM05",)}
    assert ask("professionnels,activites,sites,part_localises", "", nobody) == [(0, 0, 0, None)]
    assert ask("professionnels", "epci", nobody) == []
    assert ask("professionnels", "epci", nobody, total=True) == [(None, 0)]
    empty = scanner({**frames(), ACTIVITES.name: ACTIVITES.empty()})
    assert query(ANNUAIRE, empty, Selection(), ["professionnels", "part_localises"]).collect().rows() == [
        (0, None)
    ]
    assert latest(ANNUAIRE, empty) is None


def test_dtypes_do_not_depend_on_the_data() -> None:
    wanted = FIRST_FIVE
    full = query(ANNUAIRE, SCAN, Selection(), wanted, ["date_extraction", "epci"])
    none = query(ANNUAIRE, SCAN, Selection({"profession": ("99",)}), wanted, ["date_extraction", "epci"])
    expected = {
        "date_extraction": pl.Date,
        "epci": pl.String,
        "professionnels": pl.Int64,
        "activites": pl.Int64,
        "sites": pl.Int64,
        "densite_pour_10000": pl.Float64,
        "part_localises": pl.Float64,
    }
    for lazily in (full, none):
        assert lazily.collect().schema == expected
        assert lazily.collect_schema() == expected


def resolved(**filters: str) -> dict[str, tuple[str, ...]]:
    selection = Selection({name: tuple(values.split("|")) for name, values in filters.items()})
    return dict(resolve(ANNUAIRE, SCAN, selection).filters)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"profession": "10"}, {"profession": ("10",)}),
        ({"code_profession": "10"}, {"profession": ("10",)}),
        ({"profession": "Médecin"}, {"profession": ("10",)}),
        ({"profession": "medecin|INFIRMIER"}, {"profession": ("10", "60")}),
        ({"profession": "10", "code_profession": "60"}, {"profession": ("60", "10")}),
        ({"specialite": "SM26|SM53|SM54"}, {"specialite": ("SM54",)}),
        ({"specialite": "Chirurgie générale, digestive"}, {"specialite": ("SM05",)}),
        ({"region": "Grand Est"}, {"region": ("44",)}),
        ({"departement": "Bas-Rhin|68"}, {"departement": ("67", "68")}),
        ({"departement": "bas rhin"}, {"departement": ("67",)}),
        ({"epci": "CC de l'Outre-Forêt"}, {"epci": ("200067783",)}),
        ({"geo_precision": "à la rue|numero"}, {"geo_precision": ("rue", "numero")}),
        ({"geo_motif": "introuvable"}, {"geo_motif": ("introuvable",)}),
        ({"specialite": "non_renseigne"}, {"specialite": ("non_renseigne",)}),
    ],
)
def test_filters_by_code_label_alias_or_word(
    asked: dict[str, str], expected: dict[str, tuple[str, ...]]
) -> None:
    assert resolved(**asked) == expected


def test_a_filter_that_names_nothing_suggests() -> None:
    with pytest.raises(UnknownName, match=r"valeur de « profession ».*« Medcin ».*Médecin"):
        resolved(profession="Medcin")
    with pytest.raises(UnknownName, match=r"dimension.*« profesion ».*profession"):
        resolved(profesion="10")
    with pytest.raises(LakeError, match=r"« Buhl » désigne 2 territoires.*67071, 68058"):
        resolved(commune="Buhl")
    with pytest.raises(LakeError, match="se filtre par la date"):
        resolved(date_extraction="2025-01-14")
    with pytest.raises(UnknownName, match=r"extraction.*2025-01-15.*2025-01-14"):
        resolve(ANNUAIRE, SCAN, Selection(date=date(2025, 1, 15)))
    with pytest.raises(UnknownName, match=r"mesure.*professionels.*professionnels"):
        ask("professionels")


def test_aliases_and_missing_values_filter_the_rows() -> None:
    assert ask("professionnels", "", {"specialite": ("SM26",)}) == [(1,)]
    assert ask("professionnels", "", {"specialite": ("non_renseigne",)}) == [(4,)]
    assert ask("professionnels", "", {"specialite": ("non_renseigne", "SM05")}) == [(5,)]
    assert ask("professionnels", "", {"epci": ("non_renseigne",)}) == [(2,)]
    assert ask("professionnels", "", {"region": ("non_renseigne",)}) == [(0,)]
    assert ask("densite_pour_10000", "", {"epci": ("non_renseigne",)}) == [(pytest.approx(2 * 10_000 / 80),)]


def test_not_located_by_reason() -> None:
    assert ask("professionnels", "geo_motif") == [
        ("adresse_absente", 1),
        ("commune_inconnue", 1),
        ("introuvable", 1),
        (None, 4),
    ]
    assert ask("professionnels", "", {"geo_precision": ("commune", "aucune")}) == [(3,)]
    assert ask("professionnels", "", {"geo_motif": ("introuvable", "adresse_absente")}) == [(2,)]


def test_sums_that_mean_nothing_are_refused_with_what_to_ask() -> None:
    frame = query(
        ANNUAIRE, SCAN, Selection(), [m.name for m in ANNUAIRE.measures], ["code_departement"]
    ).collect()
    assert add_up(ANNUAIRE, frame, "activites", ["code_departement"]) == 8
    for name in ("professionnels", "sites", "densite_pour_10000", "part_localises"):
        with pytest.raises(RefusedCombination) as refused:
            add_up(ANNUAIRE, frame, name, ["code_departement"])
        assert refused.value.conseil == ANNUAIRE.measure(name).alternative != ""
    with pytest.raises(RefusedCombination, match="d'une extraction à l'autre"):
        add_up(ANNUAIRE, frame, "activites", ["date_extraction"])


def test_rights_restrict_the_rows_and_the_inhabitants() -> None:
    mine = pl.col("code_departement") == "68"
    wanted = ["professionnels", "densite_pour_10000"]
    rows = query(ANNUAIRE, SCAN, Selection(), wanted, ["code_departement"], restrict=mine, total=True)
    assert rows.collect().rows() == [
        ("68", 2, pytest.approx(20_000 / 3_000)),
        (None, 2, pytest.approx(20_000 / 3_000)),
    ]
    everywhere = query(
        ANNUAIRE, SCAN, Selection(), wanted, ["code_commune"], restrict=mine, complete=True
    ).collect()
    assert everywhere["code_commune"].to_list() == ["68058"]
    nurses = query(ANNUAIRE, SCAN, Selection(), wanted, restrict=pl.col("code_profession") == "60")
    assert nurses.collect().rows() == [(3, pytest.approx(30_000 / 303_500))]
    assert detail(ANNUAIRE, SCAN, Selection(), restrict=mine).collect().height == 2


def test_the_detail_is_what_a_figure_is_made_of() -> None:
    rows = detail(ANNUAIRE, SCAN, Selection({"commune": ("67482",), "mode_exercice": ("S",)})).collect()
    assert rows.schema == ACTIVITES.dtypes()
    assert rows["identification_nationale_pp"].to_list() == ["8A"]
    assert rows["date_extraction"].to_list() == [NEW]


def test_a_query_reads_only_the_partitions_of_its_date_and_territory(lake: Lake) -> None:
    tables = frames()
    lake.publish(ACTIVITES, tables[ACTIVITES.name])

    def scan(table: Table) -> pl.LazyFrame:
        return lake.scan(table) if table is ACTIVITES else tables[table.name].lazy()

    for file in Path(lake.uri(ACTIVITES)).rglob("*.parquet"):
        if "date_extraction=2025-01-14/code_departement=68" not in str(file):
            file.unlink()
    wanted = ["professionnels", "activites", "densite_pour_10000"]
    selection = Selection({"departement": ("68",)}, NEW)
    read = query(ANNUAIRE, scan, selection, wanted, ["code_commune"]).collect()
    assert read.rows() == [("68058", 2, 2, pytest.approx(20_000 / 3_000))]
    reference = tables[DEPARTEMENTS.name]
    tables[DEPARTEMENTS.name] = reference.filter(pl.col("code_departement").is_in(["68", "75"]))
    by_region = query(ANNUAIRE, scan, Selection({"region": ("44",)}, NEW), ["professionnels"]).collect()
    assert by_region.item() == 2  # a region is its départements: their partitions alone are read


# -- against a recount row by row --------------------------------------------------------------------

PEOPLE = st.sampled_from(["8A", "8B", "8C", "8D"])
PLACES = st.sampled_from([*TOWNS, None])


@st.composite
def row(draw: st.DrawFn) -> tuple[object, ...]:
    place = draw(PLACES)
    department = TOWNS[place][1] if place else draw(st.sampled_from(["67", "68"]))
    located = draw(st.booleans()) and place is not None
    return (
        draw(PEOPLE),
        place,
        department,
        draw(st.sampled_from(["10", "60"])),
        draw(st.sampled_from(["SM54", "SM05", None])),
        draw(st.sampled_from(["L", "S", None])),
        "numero" if located else ("commune" if place else "aucune"),
        None if located else "introuvable",
        draw(st.sampled_from(["s1", "s2", None])),
    )


COLUMN = {"code_commune": 1, "code_departement": 2, "code_profession": 3, "code_specialite": 4}
AXIS = {"code_commune": "commune", "code_departement": "departement", "code_profession": "profession"}


@settings(max_examples=60)
@given(
    rows=st.lists(row(), max_size=14),
    by=st.lists(st.sampled_from(list(COLUMN)), max_size=2, unique=True),
    professions=st.lists(st.sampled_from(["10", "60"]), max_size=1),
    departments=st.lists(st.sampled_from(["67", "68", "88"]), max_size=2, unique=True),
)
def test_every_measure_agrees_with_a_recount_by_hand(
    rows: list[tuple[object, ...]], by: list[str], professions: list[str], departments: list[str]
) -> None:
    kept = [
        r
        for r in rows
        if (not professions or r[3] in professions) and (not departments or r[2] in departments)
    ]
    ingested = {r[2] for r in rows}
    groups: dict[tuple[object, ...], list[tuple[object, ...]]] = {} if by else {(): []}
    for r in kept:
        groups.setdefault(tuple(r[COLUMN[name]] for name in by), []).append(r)

    def inhabitants(key: tuple[object, ...]) -> int:
        asked = dict(zip(by, key, strict=True))
        return sum(
            people
            for code, (_, department, _, people) in TOWNS.items()
            if department in ingested
            and (not departments or department in departments)
            and asked.get("code_commune", code) == code
            and asked.get("code_departement", department) == department
        )

    expected = []
    for key, found in groups.items():
        persons = {r[0] for r in found}
        located = {r[0] for r in found if r[6] == "numero"}
        people = inhabitants(key)
        expected.append(
            (
                *key,
                len(persons),
                len(found),
                len({r[8] for r in found} - {None}),
                10_000 * len(persons) / people if people else None,
                len(located) / len(persons) if persons else None,
            )
        )
    tables = {**frames(), ACTIVITES.name: activities(rows, NEW)}
    selection = Selection({"profession": professions, "departement": departments}, NEW)
    read = query(ANNUAIRE, scanner(tables), selection, FIRST_FIVE, by).collect()
    by_key = {r[: len(by)]: r[len(by) :] for r in read.rows()}
    assert len(by_key) == read.height
    assert by_key == {r[: len(by)]: pytest.approx(r[len(by) :]) for r in expected}
