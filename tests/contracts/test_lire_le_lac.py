"""The analyst's recipes are run as they are written, on a real lake: three roads, one figure; the notebook too."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.demo_lake import ROOT

PAGE = ROOT / "docs" / "lire-le-lac.md"
NOTEBOOK = ROOT / "docs" / "carnets" / "premier-carnet.ipynb"


def run(sources: list[str], lake: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names left by pieces of code that are run one after the other, as a reader would."""
    monkeypatch.setenv("OBS_LAKE", str(lake))
    names: dict[str, Any] = {"__name__": "carnet"}
    for number, source in enumerate(sources, start=1):
        exec(compile(source, f"bloc {number}", "exec"), names)
    return names


def test_the_universe_polars_and_duckdb_give_one_figure(
    petit_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 3
    names = run(blocks, petit_lake, monkeypatch)
    columns = {"code_departement": pl.String, "professionnels": pl.Int64}
    answers = [names[name].cast(columns) for name in ("par_univers", "par_polars", "par_duckdb")]
    assert answers[0].height >= 10
    for other in answers[1:]:
        assert other.sort("code_departement").equals(answers[0].sort("code_departement"))


def test_the_page_warns_that_rights_are_passed_over() -> None:
    assert "passe outre les droits" in PAGE.read_text("utf-8")
    assert "passe outre les droits" in NOTEBOOK.read_text("utf-8")


def test_the_notebook_runs_and_says_its_answer(
    petit_lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    sentence = (
        r"^[A-ZÀ-Ý][\w’' -]+ : \d+,\d infirmiers pour 10 000 habitants, contre \d+,\d dans l'ensemble\.$"
    )
    names = run(code, petit_lake, monkeypatch)
    said = capsys.readouterr().out
    assert re.search(sentence, said, re.M)
    assert names["en_double"] >= 0
    assert f"{names['en_double']} de trop." in said
    assert names["dessin"].to_dict()["mark"]["type"] == "bar"


def test_the_notebook_is_kept_without_outputs() -> None:
    # Outputs would be figures of a day and a machine, shown as if they were the reader's.
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    assert [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []
