"""The selection and its URL codec."""

from __future__ import annotations

import pickle
import string
from datetime import date
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.errors import LakeError, RefusedCombination
from scoring.universes.selection import Selection
from scoring.universes.settle import Cadre

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
    emptied=st.sets(NAMES, max_size=2),
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
    read = Selection.from_params({"departement": "67", "date": "2025-01-14"})
    assert read == Selection({"departement": ("67",)}, date(2025, 1, 14))


def test_a_filter_emptied_is_not_a_filter_absent() -> None:
    absent, emptied = Selection(), Selection().emptying("region")
    assert absent != emptied
    assert absent.to_params() == {}
    assert emptied.to_params() == {"region": [""]}
    assert Selection.from_params({"region": [""], "kind": ["metier"]}) == Selection(
        {"kind": ("metier",)}, emptied=("region",)
    )
    chosen = emptied.with_filter("region", ("44",))
    assert chosen.emptied == frozenset()
    assert chosen.emptying("region").values("region") == ()
    assert emptied.without("region") == absent
    assert emptied.only(["kind"]) == absent
    assert emptied.at(date(2025, 1, 14)).emptied == {"region"}


def test_an_empty_intersection_is_never_no_filter() -> None:
    """{44} and {11} used to drop the filter: France was then shown for nothing."""
    grand_est = Selection({"region": ("44",)})
    with pytest.raises(RefusedCombination, match=r"Rien n'est à la fois dans 44 et dans 11 \(region\)"):
        grand_est.narrowed("region", ["11"])
    with pytest.raises(RefusedCombination, match="aucune valeur"):
        grand_est.narrowed("region", [])
    with pytest.raises(RefusedCombination):
        Selection().narrowed("region", [])
    assert Selection({"region": ("44", "28")}).narrowed("region", ["28", "11"]).values("region") == ("28",)
    assert Selection().narrowed("region", ["11"]).values("region") == ("11",)


VALUE_SETS = st.sets(st.sampled_from(["11", "28", "44", "75"]))


@given(proposes=VALUE_SETS, others=st.data(), chosen=st.none() | VALUE_SETS)
def test_a_frame_holds_whatever_is_asked(
    proposes: set[str], others: st.DataObject, chosen: set[str] | None
) -> None:
    """For any frame and any (hostile) choice: refused, or within what is proposed and never less than imposed."""
    selected = others.draw(st.sets(st.sampled_from(sorted(proposes))) if proposes else st.just(set()))
    imposed = others.draw(st.sets(st.sampled_from(sorted(selected))) if selected else st.just(set()))
    cadre = Cadre("region", frozenset(proposes), tuple(sorted(selected)), tuple(sorted(imposed)))
    said = Selection()
    if chosen is not None:
        said = said.with_filter("region", sorted(chosen)) if chosen else said.emptying("region")
    if chosen and not chosen <= proposes:
        with pytest.raises(RefusedCombination, match="Ici ne se propose pas"):
            cadre.settle(said)
        return
    found = set(cadre.settle(said).values("region"))
    assert found <= proposes
    assert imposed <= found
    assert found == (selected if chosen is None else chosen | imposed)
    if chosen is not None and not chosen and not imposed:
        assert cadre.settle(said).emptied == {"region"}, "no filter, and it is said"


def test_a_frame_that_contradicts_itself_is_no_frame() -> None:
    with pytest.raises(ValueError, match="preselected too"):
        Cadre("region", None, (), ("44",))
    with pytest.raises(ValueError, match="proposed too"):
        Cadre("region", frozenset({"44"}), ("11",), ())


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
