"""The demonstration's editors, asked by the real aggregator: slow, empty and failing are told apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps.sas import editeurs_demo
from lake.agendas.agregateur import Agregateur, Editeur, fenetre
from lake.errors import LakeError
from lake.settings import Settings

A, B = "810001234567", "810001234568"


def test_each_editor_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editeurs_demo, "LENT_S", 0.3)
    monkeypatch.setattr(editeurs_demo, "application", lambda made=editeurs_demo.application: made(0.3))
    named = Settings.from_env({"OBS_SAS_EDITEURS": editeurs_demo.demarrer()}).sas_editeurs
    assert [name for name, _ in named] == ["Agenda lent", "Agenda vide", "Agenda en panne"]
    editors = [Editeur(name, base, rythme=50) for name, base in named]
    first, last = fenetre(datetime.now(UTC))
    answers = [Agregateur().chercher([(one, {A: None, B: None})], first, last) for one in editors]
    states = [set(one.statuts.values()) for one in answers]
    assert states == [{"creneaux"}, {"aucun"}, {"muet"}]
    assert not answers[0].rejets
    again = Agregateur().chercher([(editors[0], {A: None, B: None})], first, last)
    assert again.creneaux == answers[0].creneaux
    assert again.duree_ms >= 300


def test_slots_stay_in_the_window() -> None:
    first = datetime.now(UTC)
    found = list(editeurs_demo.libres(A, first, first + timedelta(days=2)))
    assert found
    assert all(first <= one.debut <= first + timedelta(days=2) for one in found)


@pytest.mark.parametrize("text", ["sans-adresse", "=https://x", "nom="])
def test_editors_are_named_with_their_address(text: str) -> None:
    with pytest.raises(LakeError, match="OBS_SAS_EDITEURS ne se lit pas"):
        Settings.from_env({"OBS_SAS_EDITEURS": text})
