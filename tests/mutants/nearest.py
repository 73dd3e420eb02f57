"""Which tests are the likeliest to see a fault: those that run the function it stands in, the quickest first."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.faults import Fault

BUDGET = 20.0
"""Seconds of tests, as the map counts them, that the first round may take."""


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

    def _near(self, fault: Fault, text: str) -> list[str]:
        """The tests that run the function of a fault, or anything of its module for what stands in none."""
        name = enclosing(text, fault.line)
        asked = f"{fault.path}:{name}"
        exact = [test for test, ran in self.runs.items() if name and asked in ran]
        return exact or [
            test for test, ran in self.runs.items() if any(one.startswith(f"{fault.path}:") for one in ran)
        ]

    def nearest(self, fault: Fault, text: str) -> list[str]:
        """The tests of the first round: approved readings, which see whole pages, then the quickest."""
        near = sorted(
            self._near(fault, text), key=lambda test: ("approved" not in test, self.seconds.get(test, 0.0))
        )
        readings = [test for test in near if "approved" in test][:6]
        kept, spent = [], 0.0
        for test in readings + [test for test in near if "approved" not in test]:
            spent += self.seconds.get(test, 0.0)
            if kept and spent > BUDGET:
                break
            kept.append(test)
        return kept

    def files(self, fault: Fault, text: str) -> list[str]:
        """The files of those tests, whole: a fixture they share may have run the function for another test."""
        return sorted({test.split("::")[0] for test in self._near(fault, text)})


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
