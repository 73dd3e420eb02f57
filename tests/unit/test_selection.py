"""The selection and its URL codec."""

from __future__ import annotations

import pickle
import string
from datetime import date
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.errors import LakeError
from scoring.universes.selection import Selection

NAMES = st.text(string.ascii_lowercase + "_", min_size=1, max_size=20).filter(
    lambda name: name not in {"date", "du", "au"}
)
VALUES = st.text(
    st.characters(blacklist_categories=("Cs",)) | st.sampled_from("&=%+;,#?/ é\u202f'\"<>|\n"), max_size=12
)
SELECTIONS = st.builds(
    Selection,
    st.dictionaries(NAMES, st.lists(VALUES, max_size=4), max_size=4),
    st.none() | st.dates(),
).flatmap(
    lambda selection: st.tuples(st.none() | st.dates(), st.none() | st.dates()).map(
        lambda days: selection.during(*(days if None in days else sorted(days)))  # type: ignore[type-var]
    )
)


@given(SELECTIONS)
def test_any_selection_survives_the_url(selection: Selection) -> None:
    url = urlencode(selection.to_params(), doseq=True)
    again = Selection.from_params(parse_qs(url, keep_blank_values=True))
    assert again == selection
    assert hash(again) == hash(selection)
    assert pickle.loads(pickle.dumps(selection)) == selection


@given(SELECTIONS, NAMES, VALUES.filter(bool))
def test_toggling_twice_gives_the_selection_back(selection: Selection, name: str, value: str) -> None:
    there = value in selection.values(name)
    once = selection.toggled(name, value)
    assert (value in once.values(name)) is not there
    assert set(once.toggled(name, value).values(name)) == set(selection.values(name))


def test_parameters_are_one_key_an_axis_and_iso_dates() -> None:
    selection = Selection({"epci": ("200066751", "246700488"), "commune": ()}, date=date(2025, 1, 14))
    assert selection.to_params() == {"epci": ["200066751", "246700488"], "date": ["2025-01-14"]}


def test_order_of_the_axes_does_not_matter() -> None:
    one = Selection({"epci": ("1",), "commune": ("2",)})
    other = Selection({"commune": ("2",), "epci": ("1",)})
    assert one == other
    assert hash(one) == hash(other)


def test_one_text_is_one_value_and_empty_texts_are_none() -> None:
    assert Selection({"departement": "67"}).values("departement") == ("67",)
    assert Selection({"departement": ("", "67", "67")}).values("departement") == ("67",)
    read = Selection.from_params({"departement": "67", "commune": [""], "date": "2025-01-14"})
    assert read == Selection({"departement": ("67",)}, date(2025, 1, 14))


def test_other_parameters_are_left_out() -> None:
    read = Selection.from_params({"epci": ["1"], "onglet": ["carte"]}, axes=["epci"])
    assert read == Selection({"epci": ("1",)})


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"date": ["14/01/2025"]}, "« 14/01/2025 » n'est pas une date (date). Écrivez-la AAAA-MM-JJ"),
        (
            {"du": ["2025-02-01"], "au": ["2025-01-01"]},
            "commence le 01/02/2025 et finit avant, le 01/01/2025",
        ),
    ],
)
def test_a_date_that_cannot_be_is_refused(params: dict[str, list[str]], message: str) -> None:
    with pytest.raises(LakeError) as refused:
        Selection.from_params(params)
    assert message in str(refused.value)


def test_narrowing_a_selection() -> None:
    selection = Selection({"epci": ("1", "2"), "profession": ("10",)}, date(2025, 1, 14))
    assert selection.without("epci", "1").values("epci") == ("2",)
    assert selection.without("epci").filters == {"profession": ("10",)}
    assert selection.only(["profession"]) == Selection({"profession": ("10",)}, date(2025, 1, 14))
    assert selection.at(None).date is None
    assert selection.with_filter("epci", []).values("epci") == ()
    with pytest.raises(TypeError):
        selection.filters["epci"] = ("3",)  # type: ignore[index]
