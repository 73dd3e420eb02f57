"""The commune in force from a register's four clues: hand-worked cases."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.geocode.communes import (
    CLUES,
    attach_communes,
    clean_postal_code,
    departement_of_commune,
    departement_of_postal_code,
)
from tests.examples import examples
from tests.unit.geocode_world import codes_postaux, communes, fusions

# code, label, postal code, CEDEX office -> commune in force
CASES: list[tuple[str, tuple[str | None, str | None, str | None, str | None], str | None]] = [
    ("code in force", ("67482", None, None, None), "67482"),
    ("code wins over the label", ("67482", "HAGUENAU", "67500", None), "67482"),
    ("code in lower case, spaces", (" 2a004 ", None, None, None), "2A004"),
    ("code of a merged commune", ("67402", None, None, None), "67372"),
    ("merged twice", ("67015", None, None, None), "67418"),
    ("district of Paris", ("75112", None, "75012", None), "75056"),
    ("last district of Paris", ("75120", None, None, None), "75056"),
    ("no 21st district", ("75121", None, None, None), None),
    ("unknown code, known label", ("99999", "STRASBOURG", "67000", None), "67482"),
    ("empty code", ("", "STRASBOURG", "67000", None), "67482"),
    ("postal code and label", (None, "STRASBOURG", "67000", None), "67482"),
    ("label with accents and hyphens", (None, "Épinal", "88000", None), "88160"),
    ("label without accents", (None, "EPINAL", "88000", None), "88160"),
    ("ST for SAINT", (None, "ST NABORD", "88200", None), "88447"),
    ("article and ST", (None, "LE BAN ST MARTIN", "57050", None), "57049"),
    ("article left out", (None, "Ban-Saint-Martin", "57050", None), "57049"),
    ("label chooses within a postal code", (None, "METZ", "57050", None), "57463"),
    ("name of a former commune", (None, "RINGELDORF", "67350", None), "67372"),
    ("former name, postal code unknown", (None, "Auenheim", "67999", None), "67418"),
    ("district in the label", (None, "PARIS 12", "75012", None), "75056"),
    ("district in words", (None, "Paris 12e Arrondissement", "75612", None), "75056"),
    ("CEDEX in the label", (None, "STRASBOURG CEDEX 09", "67091", None), "67482"),
    ("CEDEX office", (None, None, "67091", "67091 STRASBOURG CEDEX"), "67482"),
    ("CEDEX office without CEDEX", (None, None, "88099", "88000 EPINAL"), "88160"),
    ("CEDEX office, postal code in it", (None, None, None, "67091 STRASBOURG CEDEX 9"), "67482"),
    ("office of another department", (None, None, "67091", "57000 METZ CEDEX"), None),
    ("postal code alone", (None, None, "67480", None), "67418"),
    ("postal code with several communes", (None, None, "57050", None), None),
    ("lost zero", (None, None, "8000", None), None),
    ("label unique in the department", (None, "MARLY", "57999", None), "57447"),
    ("label of another department", (None, "MARLY", "67999", None), None),
    ("label without postal code", (None, "MARLY", None, None), None),
    ("label and another commune's postal code", (None, "STRASBOURG", "67500", None), "67482"),
    ("former name and another commune's postal code", (None, "RINGELDORF", "67480", None), "67372"),
    ("label of two communes, postal code of a third", (None, "MARLY", "67480", None), "67418"),
    ("typing error, within the postal code", (None, "LE BAN ST MARTN", "57050", None), "57049"),
    ("letters swapped, within the postal code", (None, "MEZT", "57050", None), "57463"),
    ("short name, within the postal code", (None, "MEZ", "57050", None), "57463"),
    ("typing error in a former name", (None, "RINGELDORFF", "67350", None), "67372"),
    ("typing error, CEDEX", (None, "STRASBOUG CEDEX 9", "67091", None), "67482"),
    ("nothing alike, postal code of one commune", (None, "PARIS", "67480", None), "67418"),
    ("nothing alike, postal code of several", (None, "TOUL", "57050", None), None),
    ("short name, too far for the department", (None, "MTZ", "57999", None), None),
    ("foreign postal code", (None, "STRASBOURG", "D-67000", None), None),
    ("Corse-du-Sud", (None, "AJACCIO", "20090", None), "2A004"),
    ("Haute-Corse", (None, "BASTIA", "20290", None), "2B033"),
    ("Corsica, wrong half", (None, "BASTIA", "20090", None), None),
    ("nothing", (None, None, None, None), None),
]


def _attached(rows: list[tuple[str | None, ...]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(CLUES, pl.String), orient="row")
    return attach_communes(frame, communes(), codes_postaux(), fusions())


@pytest.mark.parametrize(("clues", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_clues_lead_to_the_commune(
    clues: tuple[str | None, str | None, str | None, str | None], expected: str | None
) -> None:
    assert _attached([clues])["code_commune"].to_list() == [expected]


def test_all_cases_together_keep_order() -> None:
    attached = _attached([case[1] for case in CASES])
    assert attached["code_commune"].to_list() == [case[2] for case in CASES]
    assert attached.select(CLUES).rows() == [case[1] for case in CASES]


def test_other_columns_and_an_old_commune_code_are_handled() -> None:
    frame = pl.DataFrame(
        {
            "ligne": [3, 2],
            "code_commune": ["00000", "00000"],
            "code_commune_source": ["67402", None],
            "libelle_commune_source": [None, "METZ"],
            "code_postal": [None, "57000"],
            "bureau_cedex": [None, None],
        },
        schema_overrides=dict.fromkeys(CLUES, pl.String),
    )
    attached = attach_communes(frame, communes(), codes_postaux(), fusions())
    assert attached["ligne"].to_list() == [3, 2]
    assert attached["code_commune"].to_list() == ["67372", "57463"]


def test_districts_stay_where_they_are_communes_of_the_table() -> None:
    district = communes().head(1).with_columns(code_commune=pl.lit("75112"), commune=pl.lit("Paris 12"))
    known = pl.concat([communes(), district])
    frame = pl.DataFrame([("75112", None, None, None)], schema=dict.fromkeys(CLUES, pl.String), orient="row")
    attached = attach_communes(frame, known, codes_postaux(), fusions())
    assert attached["code_commune"].to_list() == ["75112"]


def test_a_commune_wins_over_a_former_commune_of_the_same_name() -> None:
    homonym = pl.DataFrame(
        [("67777", "Haguenau", "67482")],
        schema=["ancien_code_commune", "ancienne_commune", "code_commune"],
        orient="row",
    )
    frame = pl.DataFrame(
        [(None, "HAGUENAU", "67999", None)], schema=dict.fromkeys(CLUES, pl.String), orient="row"
    )
    attached = attach_communes(frame, communes(), codes_postaux(), pl.concat([fusions(), homonym]))
    assert attached["code_commune"].to_list() == ["67180"]


def test_empty_reference_gives_no_commune() -> None:
    frame = pl.DataFrame(
        [("67482", "STRASBOURG", "67000", None)], schema=dict.fromkeys(CLUES, pl.String), orient="row"
    )
    attached = attach_communes(frame, communes().clear(), codes_postaux().clear(), fusions().clear())
    assert attached["code_commune"].to_list() == [None]


def test_a_label_as_near_to_two_communes_says_nothing() -> None:
    twins = communes().head(2).with_columns(commune=pl.Series(["Oberhaslach", "Oberhasbach"]))
    postal = pl.DataFrame(
        [("67999", "67482"), ("67999", "67180")], schema=codes_postaux().schema, orient="row"
    )
    frame = pl.DataFrame(
        [(None, "OBERHASACH", "67999", None), (None, "OBERHASLACH", "67999", None)],
        schema=dict.fromkeys(CLUES, pl.String),
        orient="row",
    )
    attached = attach_communes(frame, twins, postal, fusions().clear())
    assert attached["code_commune"].to_list() == [None, "67482"]


def test_one_letter_from_a_commune_of_the_postal_code_it_is_that_one() -> None:
    twins = communes().head(2).with_columns(commune=pl.Series(["Rott", "Roth"]))
    postal = pl.DataFrame(
        [("67160", "67482"), ("67999", "67180")], schema=codes_postaux().schema, orient="row"
    )
    frame = pl.DataFrame(
        [(None, "ROTH", "67160", None), (None, "ROTH", "67999", None), (None, "ROTH", "67001", None)],
        schema=dict.fromkeys(CLUES, pl.String),
        orient="row",
    )
    attached = attach_communes(frame, twins, postal, fusions().clear())
    assert attached["code_commune"].to_list() == ["67482", "67180", "67180"]


def test_a_name_that_two_communes_bear_is_not_decided_by_a_strange_postal_code() -> None:
    homonyms = communes().head(3).with_columns(commune=pl.Series(["Marly", "Marly", "Autre"]))
    frame = pl.DataFrame(
        [(None, "MARLY", "67350", None)], schema=dict.fromkeys(CLUES, pl.String), orient="row"
    )
    attached = attach_communes(frame, homonyms, codes_postaux(), fusions().clear())
    assert attached["code_commune"].to_list() == [None]


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("67000", "67000"),
        ("8000", "08000"),
        (" 67 000 ", "67000"),
        ("670", None),
        ("D-67000", None),
        ("670001", None),
        ("", None),
        (None, None),
    ],
)
def test_postal_code_is_cleaned(written: str | None, clean: str | None) -> None:
    frame = pl.DataFrame({"a": [written]}, schema={"a": pl.String})
    assert frame.select(clean_postal_code(pl.col("a"))).item() == clean


@pytest.mark.parametrize(
    ("postal", "departement"),
    [
        ("67091", "67"),
        ("01000", "01"),
        ("20000", "2A"),
        ("20167", "2A"),
        ("20200", "2B"),
        ("20620", "2B"),
        ("97400", "974"),
        ("97133", "977"),
        ("97150", "978"),
        ("98800", "988"),
    ],
)
def test_departement_of_a_postal_code(postal: str, departement: str) -> None:
    frame = pl.DataFrame({"a": [postal]})
    assert frame.select(departement_of_postal_code(pl.col("a"))).item() == departement


def test_departement_of_a_commune() -> None:
    frame = pl.DataFrame({"a": ["67482", "2A004", "97411", "98818", None]})
    found = frame.select(departement_of_commune(pl.col("a")))["a"].to_list()
    assert found == ["67", "2A", "974", "988", None]


_CODES = st.sampled_from([None, "", "67482", "67402", "75112", "99999", "57463"])
_LABELS = st.sampled_from([None, "", "METZ", "Strasbourg", "MARLY", "Le Ban-Saint-Martin", "BASTIA"])
_POSTALS = st.sampled_from([None, "67000", "67091", "57050", "57155", "20200", "8000", "abc"])
_OFFICES = st.sampled_from([None, "67091 STRASBOURG CEDEX", "57000 METZ", "CEDEX"])


@settings(max_examples=examples(30, 60), deadline=None)
@given(st.lists(st.tuples(_CODES, _LABELS, _POSTALS, _OFFICES), max_size=12))
def test_height_order_and_departement_always_hold(rows: list[tuple[str | None, ...]]) -> None:
    attached = _attached(rows)
    assert attached.select(CLUES).rows() == rows
    known = set(communes()["code_commune"])
    for row in attached.iter_rows(named=True):
        assert row["code_commune"] is None or row["code_commune"] in known
        translated = row["code_commune_source"] in {"67482", "67402", "75112", "57463"}
        if row["code_commune"] is not None and not translated:
            postal = (
                row["code_postal"] if row["code_postal"] not in (None, "abc") else row["bureau_cedex"][:5]
            )
            frame = pl.DataFrame({"p": [postal.zfill(5)]})
            departement = frame.select(departement_of_postal_code(pl.col("p"))).item()
            assert row["code_commune"].startswith(departement)
