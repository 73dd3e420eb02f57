"""What became of a criterion from one version to the other: each case has one class."""

from __future__ import annotations

from typing import Any

import pytest

from apps.saisie.comparaison import CLASSES, classe

ATTENDUS = ({"A": 2, "B": 2}, {"A": 2, "B": 3})


def answer(
    niveau: int | None = 1, nature: str = "niveau", porte_par: str = "", valeur: Any = None
) -> dict[str, Any]:
    return {"nature": nature, "niveau": niveau, "porte_par": porte_par, "valeur": valeur}


CASES: tuple[tuple[str, str, dict[str, Any] | None, dict[str, Any] | None], ...] = (
    ("monte", "A", answer(1), answer(2)),
    ("baisse", "A", answer(2), answer(1)),
    ("nouveau", "A", None, answer()),
    ("retire", "A", answer(), None),
    ("ajoute", "C", None, answer()),
    ("ote", "C", answer(), None),
    ("na_niveau", "A", answer(None, "na"), answer()),
    ("niveau_na", "A", answer(), answer(None, "na")),
    ("porteur", "A", answer(None, "porte", "x"), answer(None, "porte", "y")),
    ("valeur", "A", answer(None, "valeur", valeur=3), answer(None, "valeur", valeur=4)),
    ("attendu", "B", answer(), answer()),
    ("inchange", "A", answer(), answer()),
)


@pytest.mark.parametrize(("expected", "code", "before", "after"), CASES)
def test_each_case_has_its_class(
    expected: str, code: str, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> None:
    assert classe(code, before, after, ATTENDUS) == expected


def test_every_class_is_reached() -> None:
    assert {expected for expected, *_ in CASES} == set(CLASSES)
