"""A value that is computed once: whoever asks meanwhile waits, what fails or is forgotten is computed again."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from apps import registry
from apps.kit.data.kept import Kept


def test_a_value_is_computed_once_none_included() -> None:
    kept: Kept[tuple[Any]] = Kept(4)
    made: list[str] = []

    def nothing() -> None:
        made.append("made")

    assert [kept.computed("k", nothing), kept.computed("k", nothing)] == [None, None]
    assert made == ["made"]
    kept.clear()
    kept.computed("k", nothing)
    assert len(made) == 2


def test_one_that_fails_is_not_held_and_leaves_no_lock() -> None:
    kept: Kept[tuple[Any]] = Kept(4)
    with pytest.raises(ZeroDivisionError):
        kept.computed("k", lambda: 1 // 0)
    assert kept.computed("k", lambda: 3) == 3
    assert not kept._makers


def test_a_value_may_ask_for_others_of_the_same_memory() -> None:
    kept: Kept[tuple[Any]] = Kept(4)
    assert kept.computed("a", lambda: kept.computed("b", lambda: 1) + 1) == 2
    assert kept.computed("b", lambda: 9) == 1


def test_two_who_ask_for_the_same_compute_it_once() -> None:
    kept: Kept[tuple[Any]] = Kept(4)
    begun, go, made, found = Event(), Event(), [], []

    def slow() -> int:
        begun.set()
        assert go.wait(30)
        made.append(1)
        return len(made)

    readers = [Thread(target=lambda: found.append(kept.computed("k", slow))) for _ in range(3)]
    for reader in readers:
        reader.start()
    assert begun.wait(30)
    assert kept.computed("other", lambda: 7) == 7  # another key does not wait
    go.set()
    for reader in readers:
        reader.join(30)
    assert found == [1, 1, 1]
    assert not kept._makers


def test_the_oldest_goes_when_there_is_no_more_room() -> None:
    kept: Kept[tuple[Any]] = Kept(1)
    kept.computed("a", lambda: 1)
    kept.computed("b", lambda: 2)
    assert kept.computed("a", lambda: 5) == 5


@pytest.mark.parametrize(("asked", "left_out"), [("annuaire", {"apps.segur.declaration"}), ("", set())])
def test_a_server_imports_before_its_first_visitor_the_pages_that_it_shows(
    asked: str, left_out: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBS_APP", asked)
    imported: list[str] = []
    monkeypatch.setattr(importlib, "import_module", lambda name: imported.append(name) or sys)
    registry.declare()
    everything = {registry.FRONT, registry.UPKEEP, *(known.module for known in registry.APPS)}
    assert "apps.annuaire.declaration" in imported
    assert set(imported) <= everything
    assert not left_out & set(imported)
    if not asked:
        assert set(imported) == everything


def test_importing_the_pages_in_advance_writes_nothing_in_the_operators_terminal() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from apps.registry import declare; declare()"],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "ScriptRunContext" not in done.stdout + done.stderr
