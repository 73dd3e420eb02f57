"""The analyst's guide is followed to the letter, on a copy of the code: what it promises must happen."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.demo_lake import ROOT

GUIDE = ROOT / "docs" / "ajouter-une-vue.md"
STEP = re.compile(
    r"<!-- (?P<kind>[^:\n]+?)(?:: (?P<target>[^|\n]+?)(?: \| (?P<line>[^\n]+?))?)? -->\n"
    r"```\w+\n(?P<code>.*?)```",
    re.DOTALL,
)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which every step of the guide was done."""
    copy = tmp_path_factory.mktemp("guide") / "projet"
    for folder in ("apps", "scoring", "lake", "demo", "ingest", "tests", ".streamlit"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for step in steps():
        if step["kind"] == "fichier":
            (copy / step["target"]).write_text(step["code"], encoding="utf-8")
        elif step["kind"] in {"après", "remplace"}:
            path = copy / step["target"]
            text = path.read_text(encoding="utf-8")
            line = step["line"] + "\n"
            assert text.count(line) == 1, f"{step['target']} no longer has the line {step['line']!r}"
            new = line + step["code"] if step["kind"] == "après" else step["code"]
            path.write_text(text.replace(line, new), encoding="utf-8")
    return copy


def steps() -> list[dict[str, str]]:
    return [match.groupdict() for match in STEP.finditer(GUIDE.read_text(encoding="utf-8"))]


def run(copy: Path, lake: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "OBS_LAKE": str(lake)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_guide_has_every_kind_of_step() -> None:
    assert [step["kind"] for step in steps()] == [
        "fichier", "après", "après", "remplace", "commande", "fichier", "après", "commande",
    ]  # fmt: skip


def test_the_new_page_is_in_the_menu_and_shows_the_figures_of_the_command(
    followed: Path, petit_lake: Path
) -> None:
    script = (
        "from tests.pages.drawing import draw_page; from pathlib import Path; import sys\n"
        "page = draw_page('annuaire', 'modes', Path(sys.argv[1]), profession=['60'])\n"
        "print(page.title, page.figures['Professionnels'], page.reading, sep='|')"
    )
    title, count, reading = run(followed, petit_lake, "-c", script, str(petit_lake)).strip().split("|")
    assert title == "Comment exercent les infirmiers\u202f?"
    [whole] = commanded(
        followed, petit_lake, "obs query annuaire --mesure professionnels --filtre profession=60"
    )
    assert count.replace("\u202f", "") == whole
    assert reading.startswith("Grand Est\u202f:")


def test_every_command_of_the_guide_answers(followed: Path, petit_lake: Path) -> None:
    for step in steps():
        if step["kind"] == "commande":
            assert len(commanded(followed, petit_lake, step["code"].strip())) >= 1


def test_the_new_measure_counts_the_communes_served(followed: Path, petit_lake: Path) -> None:
    [total] = commanded(followed, petit_lake, "obs query annuaire --mesure communes_desservies")
    served = commanded(followed, petit_lake, "obs query annuaire --mesure activites --par code_commune")
    assert int(total) == len([line for line in served if not line.startswith(",")])


def test_the_test_that_the_guide_gives_passes(followed: Path, petit_lake: Path) -> None:
    base = petit_lake.parent.parent / "guide-pytest"
    said = run(
        followed, petit_lake, "-m", "pytest", "-q", "tests/pages/test_annuaire_modes.py", f"--basetemp={base}"
    )
    assert "1 passed" in said


def test_what_a_newcomer_runs_next_passes(followed: Path, petit_lake: Path) -> None:
    base = petit_lake.parent.parent / "guide-suites"
    suites = (
        "tests/pages/test_acces_table.py",
        "tests/pages/test_kit_page.py",
        "tests/architecture/test_imports.py",
    )
    said = run(
        followed,
        petit_lake,
        "-m",
        "pytest",
        "-q",
        *suites,
        f"--basetemp={base}",
        f"--lacs={petit_lake.parent}",
    )
    assert " passed" in said
    run(followed, petit_lake, "-m", "ruff", "check", "apps/annuaire", "tests/pages")


def commanded(copy: Path, lake: Path, command: str) -> list[str]:
    """The data lines of an ``obs query`` command, as CSV."""
    arguments = command.split()
    assert arguments[0] == "obs"
    text = run(copy, lake, "-m", "apps.cli", *arguments[1:], "--format", "csv")
    return text.splitlines()[1:]
