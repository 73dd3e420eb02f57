"""The planter of faults plants what it says, and nothing that would not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.faults import faults

PAGE = '''"""A page."""
import polars as pl
from kit import Column, french


def reading(rows):
    """« le plus haut » in a docstring is no sentence of the page."""
    top = rows.sort("v", descending=True).row(0, named=True)
    kept = rows.filter(pl.col("v") > 0).head(20)
    gap = kept.with_columns(ecart=pl.col("projete") - pl.col("taux"))
    count = french.counted(kept.height, "région")
    return f"Le plus haut : {top['nom']}, {count}.", gap, "psc_e_cps", "psc_connexions"


COLUMNS = (Column("bas", "Borne basse"), Column("haut", "Borne haute"))
'''


@pytest.fixture
def planted(tmp_path: Path) -> dict[str, list[str]]:
    """Kind of fault -> the lines that it makes."""
    (tmp_path / "page.py").write_text(PAGE, "utf-8")
    found: dict[str, list[str]] = {}
    for fault in faults(tmp_path, "page.py"):
        lines = fault.planted(PAGE).splitlines()
        changed = [
            line.strip() for line, before in zip(lines, PAGE.splitlines(), strict=True) if line != before
        ]
        found.setdefault(fault.kind, []).extend(changed)
    return found


def test_each_kind_is_planted_as_a_hurried_hand_would(planted: dict[str, list[str]]) -> None:
    assert planted["ordre"] == ['top = rows.sort("v", descending=False).row(0, named=True)']
    assert planted["rang"] == ['top = rows.sort("v", descending=True).row(-1, named=True)']
    assert planted["bouts"] == ['kept = rows.filter(pl.col("v") > 0).tail(20)']
    assert planted["signe"] == ['gap = kept.with_columns(ecart=pl.col("taux") - pl.col("projete"))']
    assert planted["compte"] == ['count = french.counted(kept.height + 1, "région")']
    assert planted["sens"] == ['kept = rows.filter(pl.col("v") < 0).head(20)']
    assert planted["filtre"] == ["kept = rows.head(20)"]
    assert planted["en-têtes"] == ['COLUMNS = (Column("bas", "Borne haute"), Column("haut", "Borne basse"))']
    assert [line.split('", "')[-1] for line in planted["mesure"]] == ['psc_connexions"', 'psc_e_cps"']


def test_documentation_is_not_a_sentence_of_the_page(planted: dict[str, list[str]]) -> None:
    assert not any(line.startswith('"""') for lines in planted.values() for line in lines)


def test_words_are_exchanged_whole(tmp_path: Path) -> None:
    text = 'A = "la plus forte hausse"\nB = "avantage"\n'
    (tmp_path / "mots.py").write_text(text, "utf-8")
    made = {fault.planted(text).splitlines()[0] for fault in faults(tmp_path, "mots.py") if fault.line == 1}
    assert made == {'A = "la plus faible hausse"', 'A = "la plus forte baisse"'}
