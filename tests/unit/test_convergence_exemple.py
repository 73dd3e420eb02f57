"""The worked example of ``docs/methodes/convergence.md`` is executed: its files in, its results out."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from scoring.convergence.scores import score

PAGE = Path(__file__).parents[2] / "docs" / "methodes" / "convergence.md"
BLOCKS = re.findall(r"```csv ([^\n]*)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
TYPES = {
    "non_applicable": pl.Boolean,
    "non_planifiable": pl.Boolean,
    "converge": pl.Boolean,
    "region": pl.String,
    "zone_pos": pl.String,
}
REFERENTIEL = pl.LazyFrame(
    {
        "questionnaire": ["QU"] * 3,
        "axe": ["A05", "A05", "A11"],
        "critere": ["A05.1", "A05.2", "A11.1"],
        "niveau_attendu": [2, 2, 1],
    }
)


def frame(text: str) -> pl.DataFrame:
    return pl.read_csv(io.StringIO(text), schema_overrides=TYPES)


FILES = {name: frame(text).lazy() for name, text in BLOCKS if not name.startswith("resultat")}
RESULTS = [(name.removeprefix("resultat "), text) for name, text in BLOCKS if name.startswith("resultat")]


def test_the_page_has_its_files_and_five_results() -> None:
    assert set(FILES) == {"services", "reponses", "plans"}
    assert len(RESULTS) == 5


@pytest.mark.parametrize(("asked", "expected"), RESULTS, ids=[name for name, _ in RESULTS])
def test_each_result_of_the_page_is_what_scoring_gives(asked: str, expected: str) -> None:
    options = dict(option.split("=") for option in asked.split())
    got = score(
        FILES["services"],
        FILES["reponses"],
        REFERENTIEL,
        plans=FILES["plans"],
        par=options["par"],
        horizon=_horizon(options.get("horizon")),
    ).collect()
    assert_frame_equal(got, frame(expected), abs_tol=1e-12)


def _horizon(text: str | None) -> date | str | None:
    return text if text is None or "T" in text else date.fromisoformat(text)
