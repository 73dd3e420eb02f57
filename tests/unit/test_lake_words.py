"""Numbers that an address gives: those that a row can have, and no other."""

from __future__ import annotations

import pytest

from lake.words import number_in


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("007", 7), ("0", 0), ("999999999", 999_999_999), ("", None), ("-1", None), ("1.5", None), (" 1", None),
     ("1234567890", None), ("²", None), ("٣", None), ("abc", None)],
)  # fmt: skip
def test_an_address_gives_a_number_that_a_row_can_have_or_none(text: str, number: int | None) -> None:
    assert number_in(text) == number
