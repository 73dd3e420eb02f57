"""Untouched files, on a folder and on an S3 server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lake.errors import SourceUnavailable
from lake.objects import LocalObjects, Objects, open_objects
from lake.tables import Lake


@pytest.fixture
def objects(any_lake: Lake) -> Objects:
    return open_objects(any_lake.settings)


def test_a_file_comes_back_as_it_was(objects: Objects, tmp_path: Path) -> None:
    source, copy = tmp_path / "a.bin", tmp_path / "b.bin"
    source.write_bytes(bytes(range(256)) * 50_000)  # large enough for several parts
    objects.put("raw/annuaire/2025-01-14-abc/été à Sainte-Ruffine.zip", source)
    objects.get("raw/annuaire/2025-01-14-abc/été à Sainte-Ruffine.zip", copy)
    assert copy.read_bytes() == source.read_bytes()


def test_keys_are_listed_replaced_and_removed(objects: Objects, tmp_path: Path) -> None:
    file, copy = tmp_path / "a", tmp_path / "b"
    for content, key in (("1", "raw/x/1"), ("2", "raw/x/2"), ("3", "raw/xy/3"), ("un", "raw/x/1")):
        file.write_text(content)
        objects.put(key, file)
    assert objects.list("raw") == ["raw/x/1", "raw/x/2", "raw/xy/3"]
    assert objects.list("raw/x") == ["raw/x/1", "raw/x/2"]
    assert objects.exists("raw/x/2")
    objects.get("raw/x/1", copy)
    assert copy.read_text() == "un"
    objects.remove("raw/x")
    assert not objects.exists("raw/x/2")
    assert objects.list("raw") == ["raw/xy/3"]
    objects.remove("raw/jamais")
    assert objects.list("jamais") == []


def test_a_missing_object_is_said_so(objects: Objects, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="raw/absent"):
        objects.get("raw/absent", tmp_path / "copie")


def test_an_interrupted_copy_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = LocalObjects(tmp_path / "lac")
    file = tmp_path / "a"
    file.write_text("contenu")

    def interrupted(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lake.objects.shutil.copyfileobj", interrupted)
    with pytest.raises(KeyboardInterrupt):
        objects.put("raw/x", file)
    assert list((tmp_path / "lac").rglob("*.*")) == []
    assert not objects.exists("raw/x")


@pytest.mark.parametrize("links", [True, False], ids=["avec liens", "sans liens"])
def test_an_object_is_created_once_and_read_whole(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not links:

        def refused(_source: str, _target: Path) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", refused)
    objects = LocalObjects(tmp_path)
    assert objects.create("_publications/1.json", b"premier")
    assert not objects.create("_publications/1.json", b"second")
    assert objects.create("_publications/2.json", b"second")
    assert objects.read("_publications/1.json") == b"premier"
    assert objects.read("_publications/3.json") is None
    assert [name for name, _ in objects.after("_publications", "1.json")] == ["2.json"]
    assert objects.after("_rien", "") == []
    assert sorted(path.name for path in (tmp_path / "_publications").iterdir()) == ["1.json", "2.json"]
