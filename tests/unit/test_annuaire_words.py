"""French plurals of the professions' official labels."""

from __future__ import annotations

import pytest

from apps.annuaire.words import plural


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Médecin", "médecins"),
        ("Sage-Femme", "sages-femmes"),
        ("Masseur-Kinésithérapeute", "masseurs-kinésithérapeutes"),
        ("Technicien de laboratoire médical", "techniciens de laboratoire médical"),
        ("Manipulateur ERM", "manipulateurs ERM"),
        ("Assistant dentaire", "assistants dentaires"),
        ("Assistant médical", "assistants médicaux"),
        ("Préparateur en pharmacie", "préparateurs en pharmacie"),
    ],
)
def test_only_what_comes_before_a_preposition_agrees(label: str, said: str) -> None:
    assert plural(label) == said
