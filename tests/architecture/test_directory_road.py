"""One road to a figure: the directory's pages ask universes, and never score or read tables by themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "apps" / "annuaire").rglob("*.py"))
# What writes or reads a question, not an answer: actions of a scenario in an address, a pasted list of codes.
QUESTIONS = {"scoring.reach.scenario", "scoring.annuaire.territory"}
READS = {"scan", "frame", "collect", "kept"}


def imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_imports_universes_only(path: Path) -> None:
    scoring = {name for name in imported(ast.parse(path.read_text("utf-8"))) if name.startswith("scoring.")}
    strangers = {name for name in scoring if not name.startswith("scoring.universes.")} - QUESTIONS
    assert strangers == set()
    assert (
        "scoring.universes.engine" not in scoring
    )  # View.query and View.detail ask it, with the reader's rights


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_reads_no_table(path: Path) -> None:
    calls = [
        (node.func.attr, node.lineno)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READS
    ]
    # « Données » counts the lines of each table, whatever they hold; a frame of a question may be finished lazily.
    allowed = {"donnees": {"scan", "collect"}, "points": {"collect"}}.get(path.stem, set())
    assert [call for call in calls if call[0] not in allowed] == []
