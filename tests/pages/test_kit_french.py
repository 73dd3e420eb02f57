"""French wording: numbers, changes, dates, lists."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kit.style.french import (
    change,
    counted,
    listing,
    long_date,
    month,
    number,
    out_of,
    percent,
    period,
    plural,
    share,
    signed,
    typographic,
    write,
)
from apps.kit.views.words import singular
from scoring.universes.model import Format


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (123048, 0, "123\u202f048"),
        (1234567.891, 2, "1\u202f234\u202f567,89"),
        (-23, 0, "\u221223"),
        (-0.04, 1, "0,0"),
        (0, 0, "0"),
        (None, 0, "—"),
        (float("nan"), 1, "—"),
    ],
)
def test_number(value: float | None, decimals: int, text: str) -> None:
    assert number(value, decimals) == text


@given(st.integers(-(10**12), 10**12))
def test_a_written_number_reads_back(value: int) -> None:
    text = number(value).replace("\u202f", "").replace("\u2212", "-")
    assert int(text) == value


def test_rates_and_scales() -> None:
    assert percent(79.44) == "79,4\u202f%"
    assert share(0.794) == "79,4\u202f%"
    assert percent(None) == "—"
    assert out_of(1.77, 3) == "1,77\u00a0/\u00a03"
    assert write(8.84, Format.DECIMAL) == "8,8"
    assert write(4871, Format.INTEGER) == "4\u202f871"
    assert write(0.991, Format.SHARE) == "99,1\u202f%"
    assert write(99.1, Format.PERCENT) == "99,1\u202f%"
    assert signed(2) == "+2"
    assert signed(-0.5, Format.DECIMAL) == "\u22120,5"
    assert signed(0) == "0"


def test_a_fall_has_its_sign_its_share_and_its_words() -> None:
    found = change(4871, 4894, since="en 15 jours")
    assert found.text == "▼ \u221223 (\u22120,5\u202f%) en 15 jours"
    assert found.words == "baisse de 23 (0,5\u202f%) en 15 jours"
    assert found.direction == -1


def test_a_rate_changes_in_points() -> None:
    found = change(0.5, 0.475, Format.SHARE)
    assert found.text == "▲ +2,5\u202fpt"
    assert "(" not in found.words


def test_what_rounds_to_nothing_is_unchanged() -> None:
    assert change(0.5001, 0.5, Format.SHARE).text == "= inchangé"
    assert change(5, 5).direction == 0


def test_a_change_from_zero_has_no_share_and_an_unknown_has_no_direction() -> None:
    assert change(3, 0).text == "▲ +3"
    assert change(None, 4).direction is None
    assert change(4, None).text == "évolution non disponible"


def test_dates_and_periods() -> None:
    assert long_date(date(2025, 1, 14)) == "14 janvier 2025"
    assert long_date(date(2025, 3, 1), weekday=True) == "samedi 1er mars 2025"
    assert month(date(2022, 11, 1)) == "novembre 2022"
    assert month(date(2022, 11, 1), short=True) == "nov. 2022"
    assert period(date(2020, 12, 1), date(2022, 11, 1)) == "de décembre 2020 à novembre 2022"
    assert period(date(2021, 8, 1), date(2022, 11, 1)) == "d’août 2021 à novembre 2022"
    assert period(date(2022, 11, 1), date(2022, 11, 1)) == "novembre 2022"
    assert period(None, date(2022, 11, 1)) == "jusqu’à novembre 2022"
    assert period(date(2021, 8, 1), None) == "depuis août 2021"


def test_plurals_start_at_two() -> None:
    assert plural(0, "site") == plural(1.9, "site") == "site"
    assert plural(2, "EPCI", "EPCI") == "EPCI"
    assert counted(4871, "personne") == "4\u202f871 personnes"


def test_lists() -> None:
    assert listing([]) == ""
    assert listing(["a"]) == "a"
    assert listing(["a", "b", "c"]) == "a, b et c"
    assert listing(["a", "b"], "ou") == "a ou b"


def test_typographic_leaves_addresses_and_times_alone() -> None:
    assert typographic("Où ? « ici » : 5 %") == "Où\u202f? «\u202fici\u202f» : 5\u202f%".replace(
        " :", "\u202f:"
    )
    assert typographic("https://exemple.fr à 10:30") == "https://exemple.fr à 10:30"
    assert not re.search(r" [:;!?%]", typographic("a : b ; c ! d ? e %"))


@pytest.mark.parametrize(
    ("unit", "one"),
    [
        ("demandes", "demande"), ("créneaux offerts", "créneau offert"), ("e-CPS", "e-CPS"), ("mois", "mois"),
        ("professionnels à portée", "professionnel à portée"),
    ],
)  # fmt: skip
def test_a_unit_is_singular_after_one(unit: str, one: str) -> None:
    assert singular(unit) == one
