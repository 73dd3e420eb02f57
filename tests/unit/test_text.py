"""One folding of French text: the same by Python and by Polars, ligatures included."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.text import column_name, fold, folded, folded_words, words

TEXTS = st.text(
    alphabet=st.sampled_from("aZéÈçœŒæÆßøŁ ÿñÏ'’‑–-.,;/()0123456789№ﬁẞİıſ\u00a0\u202f\u0301"), max_size=30
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cœur", "coeur"),
        ("CŒUR", "coeur"),
        ("Sacré-Cœur", "sacre coeur"),
        ("L’Haÿ-les-Roses", "l hay les roses"),
        ("Lætitia", "laetitia"),
        ("Weißenburg", "weissenburg"),
        ("Łódź", "lodz"),
        ("  N° 12 – bis ", "n 12 bis"),
        ("", ""),
    ],
)
def test_words_are_what_a_reader_types(text: str, expected: str) -> None:
    assert words(text) == expected


def test_punctuation_stays_in_a_folded_text() -> None:
    assert fold("Cœur d’Été – 100 %") == "coeur d'ete - 100 %"
    assert column_name("Non applicable (motif)") == "non_applicable_motif"


@given(TEXTS)
def test_python_and_polars_fold_alike(text: str) -> None:
    both = pl.select(one=folded(pl.lit(text)), other=folded_words(pl.lit(text))).row(0)
    assert both == (fold(text), words(text))


@given(TEXTS)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert words(words(text)) == words(text)
