"""Which tests are the likeliest to see a fault: those that run the function it stands in, the quickest first."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.faults import Fault

FIRST = 20.0
"""Seconds of tests, as the map counts them, of the first round."""
READINGS = 3
"""Tests tried whatever they take: the approved reading of a whole publication is one of the longest."""
WHOLE = 100.0
"""Seconds of tests of both rounds: a function that every page runs is shown to the quickest of its tests."""


@dataclass(frozen=True)
class Map:
    """What each test took and ran.

    Attributes:
        seconds: test → seconds.
        runs: test → functions, as ``path:qualified.name``.
    """

    seconds: dict[str, float]
    runs: dict[str, frozenset[str]]

    @classmethod
    def read(cls, path: Path) -> Map:
        """The map that :mod:`tests.mutants.seen` wrote."""
        found = json.loads(path.read_text("utf-8"))
        return cls(
            {test: float(one.get("seconds", 0)) for test, one in found.items()},
            {test: frozenset(one.get("functions", ())) for test, one in found.items()},
        )

    def near(self, fault: Fault, text: str) -> list[str]:
        """The tests that can see a fault.

        They run its function; for what stands in none (columns, a page's declaration), anything of its module, or of
        its room where the module only declares.
        """
        name = enclosing(text, fault.line)
        room = "/".join(fault.path.split("/")[:2])
        for asked in (f"{fault.path}:{name}" if name else "", f"{fault.path}:", f"{room}/"):
            whole = asked == f"{fault.path}:{name}"
            if asked and (
                found := [
                    test
                    for test, ran in self.runs.items()
                    if (asked in ran if whole else any(one.startswith(asked) for one in ran))
                ]
            ):
                return found
        return []

    def rounds(self, fault: Fault, text: str) -> list[list[str]]:
        """Those tests, approved readings first (they see whole pages), then the quickest: two rounds of them."""
        near = sorted(
            self.near(fault, text), key=lambda test: ("approved" not in test, self.seconds.get(test, 0.0))
        )
        rounds: list[list[str]] = [[], []]
        spent = 0.0
        for rank, test in enumerate(near):
            spent += self.seconds.get(test, 0.0)
            if spent > WHOLE and rank >= READINGS:
                break
            rounds[spent > FIRST and bool(rounds[0])].append(test)
        return [one for one in rounds if one]


def enclosing(text: str, line: int) -> str:
    """The qualified name of the innermost named function around a line; nothing for a module's own code."""
    found = ""

    def walk(node: ast.AST, prefix: str) -> None:
        nonlocal found
        for child in ast.iter_child_nodes(node):
            within = prefix
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                if not child.lineno <= line <= (child.end_lineno or child.lineno):
                    continue
                name = prefix + child.name
                if isinstance(child, ast.ClassDef):
                    within = f"{name}."
                else:
                    found, within = name, f"{name}.<locals>."
            walk(child, within)

    walk(ast.parse(text), "")
    return found
