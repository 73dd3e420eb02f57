"""One road to a figure: what Convergence shows is asked of a universe, by the reader's view."""

from __future__ import annotations

import ast
from pathlib import Path

APP = Path(__file__).resolve().parents[2] / "apps" / "convergence"
READS = {"scan", "frame", "whole", "lake"}
"""What reads a table, or leads to what does. (A file made on demand opens its own reads of the same lake.)"""


def test_no_page_of_convergence_scores_or_scans() -> None:
    found = []
    for path in sorted(APP.rglob("*.py")):
        name = str(path.relative_to(APP))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scoring.convergence"):
                found.append(f"{name}:{node.lineno} imports {node.module}")
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in READS
                and not _of_a_table_in_memory(node)
            ):
                found.append(f"{name}:{node.lineno} calls {node.func.attr}")
    assert found == []


def _of_a_table_in_memory(call: ast.Call) -> bool:
    """``view.data.frame(REGIONS)``: names of territories, open to all."""
    return [getattr(one, "id", "") for one in call.args] == ["REGIONS"]


def test_no_python_function_runs_inside_polars_there() -> None:
    for path in sorted(APP.rglob("*.py")):
        text = path.read_text("utf-8")
        assert not any(word in text for word in ("map_elements", "map_batches", "map_groups")), path.name
