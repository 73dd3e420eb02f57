"""Search: what answers, in what order, and which slips are forgiven."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.annuaire.search import Index, build, search, slips, words_of

ENTRIES = (
    ("personne", "1", "LEFÈVRE Hélène", "Médecin Médecine générale Metz 81"),
    ("personne", "2", "MARTIN Lefevre", "Médecin Metz 82"),
    ("personne", "3", "N'DIAYE-KŒNIG Awa", "Infirmier 83"),
    ("personne", "4", "SCHMITT Jean-Luc", "Pharmacien Strasbourg 84"),
    ("personne", "5", "SCHMIDT Anne", "Pharmacien Saint-Avold 85"),
    ("personne", "6", "METZ Zoé", "Sage-Femme Nancy 86"),
    ("etablissement", "570000033", "CENTRE HOSPITALIER SAINTE-ANNE CH STE ANNE", "Centre Hospitalier Metz 570000033"),
    ("commune", "57463", "Metz", "57"),
    ("commune", "57606", "Saint-Avold", "57"),
)  # fmt: skip


def index(rows: tuple[tuple[str, ...], ...] = ENTRIES) -> Index:
    return build(pl.LazyFrame(rows, schema=["genre", "code", "nom", "reste"], orient="row"))


def found(typed: str, **options: int) -> list[str]:
    return search(index(), typed, **options)["code"].to_list()


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("lefevre", ["1", "2"]),  # the family name before the first name
        ("helene LEFEVRE", ["1"]),
        ("medecin metz", ["1", "2"]),
        (
            "metz",
            ["6", "57463", "1", "2", "570000033"],
        ),  # in a name before elsewhere, then in the given order
        ("koenig", ["3"]),
        ("n'diaye", ["3"]),
        ("ndiaye", ["3"]),
        ("jean luc", ["4"]),
        ("jeanluc", ["4"]),
        ("infirm", ["3"]),
        ("570000033", ["570000033"]),
        ("st avold", ["5", "57606"]),
        ("ste anne", ["570000033"]),
        ("", []),
        ("  ’ - ", []),
    ],
)
def test_exact_answers_whatever_accents_case_and_order(typed: str, codes: list[str]) -> None:
    exact = search(index(), typed, few=0)
    assert sorted(exact["code"]) == sorted(codes)
    assert not exact["proche"].any()
    if len(codes) == 2:
        assert exact["code"].to_list()[0] in codes


def test_a_name_comes_before_a_commune_and_a_family_name_before_a_first_name() -> None:
    assert found("lefevre")[:2] == ["1", "2"]
    assert found("metz")[:2] == ["6", "57463"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("lefvre", "1"),  # dropped
        ("lefeevre", "1"),  # added
        ("lefebre", "1"),  # replaced
        ("lefevre helnee", "1"),  # swapped
        ("strasbuorg", "4"),
        ("pharmacein strsbourg", "4"),
        ("hopsitalier", "570000033"),
        ("hospitlaeir", "570000033"),  # two slips in a long word
        ("kenig", "3"),
        ("schmit anne", "5"),  # two words, one of them only begun
    ],
)
def test_slips_are_forgiven_when_nothing_else_answers(typed: str, code: str) -> None:
    answer = search(index(), typed)
    assert code in answer["code"].to_list()


def test_near_answers_come_after_the_exact_ones_and_say_so() -> None:
    answer = search(index(), "schmitt")
    assert answer.select("code", "proche").rows() == [("4", False), ("5", True)]
    assert found("schmitt", few=1) == ["4"]


@pytest.mark.parametrize(
    ("word", "most"), [("met", 0), ("metz", 1), ("lefevre", 1), ("strasbourg", 2), ("570000034", 0)]
)
def test_short_words_and_numbers_forgive_nothing(word: str, most: int) -> None:
    assert slips(word) == most
    assert found("570000034") == []
    assert found("mtz") == []


def test_words_beyond_the_eighth_are_left_out() -> None:
    assert words_of("a b c d e f g h i j") == list("abcdefgh")


@given(st.sampled_from(ENTRIES), st.data())
def test_every_beginning_of_a_name_finds_it(entry: tuple[str, ...], data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(words_of(entry[2])))
    length = data.draw(st.integers(1, len(word)))
    assert entry[1] in found(word[:length])


@given(st.sampled_from(["lefevre", "strasbourg", "pharmacien", "hospitalier"]), st.data())
def test_one_slip_anywhere_still_finds_it(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    kind = data.draw(st.sampled_from(["drop", "add", "replace"]))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    tail = word[place:] if kind == "add" else word[place + 1 :]
    slipped = word[:place] + ("" if kind == "drop" else letter) + tail
    whole = set(found(word))
    assert whole <= set(found(slipped, few=100))
